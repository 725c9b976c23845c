"""The keys that sign this installation's mails, from the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feeds.config import MailSettings
from feeds.decide.checks import State
from feeds.decide.mail_records import judge_relation
from feeds.errors import ConfigError, Fault
from feeds.render.dkim import DkimKey
from feeds.render.message import find_address


def open_dkim_keys(mail: MailSettings) -> tuple[DkimKey, ...]:
    """Return the keys of `[mail.dkim]`; without that table none. Raises ConfigError with every fault of them."""
    if mail.dkim is None:
        return ()
    from feeds.send.dkim_keys import load_dkim_key

    domain = mail.dkim.domain or find_address(mail.from_).rpartition("@")[2].lower()
    named = [("key_file", mail.dkim.key_file, mail.dkim.selector)]
    if mail.dkim.second_key_file and mail.dkim.second_selector:
        named.append(("second_key_file", mail.dkim.second_key_file, mail.dkim.second_selector))
    keys: list[DkimKey] = []
    faults: list[Fault] = []
    for name, file, selector in named:
        try:
            keys.append(load_dkim_key(file, domain, selector))
        except ValueError as fault:
            faults.append(_name_fault(name, file, str(fault)))
    faults += _find_kind_fault(keys, mail.dkim.second_key_file)
    faults += _find_domain_fault(mail, domain)
    if faults:
        raise ConfigError(tuple(faults))
    return tuple(keys)


def _find_kind_fault(keys: Sequence[DkimKey], file: Path | None) -> list[Fault]:
    """Two keys of one kind say the same twice: receivers that lack a kind are what the second is for (RFC 8463)."""
    if len(keys) < 2 or keys[0].kind != keys[1].kind:
        return []
    other = "ed25519" if keys[0].kind == "rsa" else "rsa"
    return [
        _name_fault("second_key_file", Path(file or ""), f"one of the other kind, {other}; both are {keys[0].kind}")
    ]


def _find_domain_fault(mail: MailSettings, domain: str) -> list[Fault]:
    """A domain that is aligned with no From of ours signs for nobody: DMARC fails for every mail."""
    senders = [find_address(box).rpartition("@")[2].lower() for box in (mail.from_, mail.account_from) if box]
    if any(judge_relation(domain, sender) is not State.FAILED for sender in senders):
        return []
    return [
        Fault(
            "feeds.toml",
            "mail.dkim.domain",
            repr(domain),
            f"the domain of From ({senders[0]}), or one above or below it",
        )
    ]


def _name_fault(name: str, file: Path, sentence: str) -> Fault:
    return Fault("feeds.toml", f"mail.dkim.{name}", repr(str(file)), f"a key that mails can be signed with: {sentence}")
