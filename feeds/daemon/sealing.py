"""The keys that sign this installation's mails, from the configuration."""

from __future__ import annotations

from pathlib import Path

from feeds.config import MailSettings
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
    if faults:
        raise ConfigError(tuple(faults))
    return tuple(keys)


def _name_fault(name: str, file: Path, sentence: str) -> Fault:
    return Fault("feeds.toml", f"mail.dkim.{name}", repr(str(file)), f"a key that mails can be signed with: {sentence}")
