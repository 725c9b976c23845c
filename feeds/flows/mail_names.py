"""What the domains of our mails publish: asked of a name server, judged as receivers do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

from feeds.config import MailSettings
from feeds.decide.checks import Check, State
from feeds.decide.mail_records import (
    MOST_LOOKUPS,
    SpfWalk,
    find_spf,
    is_network,
    is_public,
    judge_alignment,
    judge_dkim,
    judge_dmarc,
    judge_mta_sts,
    judge_ptr,
    judge_spf,
)
from feeds.fetch.names import NameServer
from feeds.fetch.plain import ask_plainly
from feeds.model import FetchFailure
from feeds.render.dkim import DkimKey
from feeds.render.message import find_address

_SPF_TERM = re.compile(
    r"(?P<sign>[-+~?]?)(?P<term>include|a|mx|ptr|exists|redirect|ip4|ip6)"
    r"(?:[:=](?P<value>.*?))?(?P<prefix>/\d+)?(?:/(?P<prefix6>/\d+))?",
    re.IGNORECASE,
)
_OTHER_TERM = re.compile(r"[-+~?]?all|[a-z][\w.-]*=.*", re.IGNORECASE)
"""`all`, and modifiers that say nothing about who may send (RFC 7208, section 6)."""


async def check_names(names: NameServer, mail: MailSettings, keys: Sequence[DkimKey]) -> AsyncIterator[Check]:
    """Yield how each record of our domains is: those of From, of the envelope senders, and of the relay's addresses."""
    boxes = [mail.from_, *([mail.account_from] if mail.account_from else [])]
    domains = list(dict.fromkeys(find_address(box).rpartition("@")[2].lower() for box in boxes))
    if local := [domain for domain in domains if "." not in domain]:
        said = "不是公网上的域名，请改 mail.from 和 mail.account_from is no domain of the Internet: change these keys"
        yield Check(f"发件域 domain {local[0]}", State.FAILED, said)
        return
    bounce_domain = mail.bounce_domain or domains[0]
    host = urlsplit(mail.relay).hostname
    senders = await _ask_senders(names, host) if host else ()
    yield judge_spf(await walk_spf(names, bounce_domain), senders)
    for key in keys:
        yield judge_dkim(key.record_name, key.record, await names.ask(key.record_name, "TXT"))
        if key.is_short:
            yield Check(f"DKIM {key.selector}", State.WARNING, explain_short_key(key))
    if not keys:
        said = "本程序不签名；如中继也不签，请设置 [mail.dkim] mails are not signed here: do so unless the relay does"
        yield Check("DKIM", State.WARNING, said)
    for domain in domains:
        policies = [await names.ask(f"_dmarc.{one}", "TXT") for one in _list_parents(domain)]
        yield judge_dmarc(domain, policies)
        yield judge_alignment(domain, [key.domain for key in keys], bounce_domain, policies)
    for address in senders:
        yield await _check_ptr(names, address)
    if host and not senders:
        said = (
            "查不到中继的地址，反向解析和 SPF 未核对 the relay's address is not known: PTR and SPF were not held to it"
        )
        yield Check(f"PTR {host}", State.WARNING, said)
    yield await _check_mta_sts(names, bounce_domain)


def explain_short_key(key: DkimKey) -> str:
    """Say what is to be done about a key that is too short."""
    return f"密钥只有 {key.bits} 位，请换成 2048 位 {key.selector} is a short key, make one of 2048 bits"


async def _ask_senders(names: NameServer, host: str) -> tuple[str, ...]:
    """Return the addresses of a relay, which may be named by one."""
    return (host,) if is_network(host) else await names.ask_addresses(host)


def _list_parents(domain: str) -> list[str]:
    """Return a domain and those that it ends with, without the last label alone."""
    labels = domain.split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]


async def walk_spf(names: NameServer, domain: str) -> SpfWalk:
    """Follow a domain's SPF record as far as a receiver would."""
    answer = await names.ask(domain, "TXT")
    lookups, whole = 0, True
    networks: list[str] = []
    unread: list[str] = []
    waiting = [(domain, answer)]
    while waiting and lookups <= MOST_LOOKUPS:
        here, said = waiting.pop()
        records = find_spf(said)
        whole = whole and len(records) == 1
        for text in records[0].split()[1:] if len(records) == 1 else ():
            term = _SPF_TERM.fullmatch(text)
            if term is None or not _is_right(term):
                unread += [text] if term or not _OTHER_TERM.fullmatch(text) else []
                continue
            kind, value, passes = term["term"].lower(), term["value"] or here, term["sign"] != "-"
            if kind in {"ip4", "ip6"}:
                networks += [value + (term["prefix"] or "")] if passes else []
                continue
            lookups += 1
            if "%" in value or kind in {"ptr", "exists"}:
                whole = False
            elif kind in {"include", "redirect"}:
                waiting.append((value, await names.ask(value, "TXT")))
            elif passes:
                networks += await _ask_hosts(names, kind, value, (term["prefix"] or "", term["prefix6"] or ""))
    return SpfWalk(domain, answer, lookups, tuple(networks), whole, tuple(unread))


def _is_right(term: re.Match[str]) -> bool:
    """Whether a term has what its kind needs: a name, or a network of its family, and prefixes that fit."""
    kind, value = term["term"].lower(), term["value"] or ""
    if kind in {"ip4", "ip6"}:
        return is_network(value + (term["prefix"] or "")) and (":" in value) == (kind == "ip6")
    fits = int((term["prefix"] or "/0")[1:]) <= 32 and int((term["prefix6"] or "/0")[1:]) <= 128
    return fits and (bool(value) or kind in {"a", "mx", "ptr"})


async def _ask_hosts(names: NameServer, kind: str, name: str, prefixes: tuple[str, str]) -> list[str]:
    """Return the networks of `a` or `mx`; `prefixes` of IPv4 and of IPv6, each may be empty."""
    hosts = (await names.ask(name, "MX")).values if kind == "mx" else (name,)
    addresses = [one for host in hosts for one in await names.ask_addresses(host)]
    return [f"{one}{prefixes[':' in one]}" for one in addresses]


async def _check_ptr(names: NameServer, address: str) -> Check:
    found = await names.ask_name_of(address)
    kind = "AAAA" if ":" in address else "A"
    forward = [await names.ask(name, kind) for name in found.values] if is_public(address) else []
    return judge_ptr(address, found, forward)


async def _check_mta_sts(names: NameServer, domain: str) -> Check:
    answer, hosts = await names.ask(f"_mta-sts.{domain}", "TXT"), await names.ask(domain, "MX")
    policy = None
    if answer.values:
        found = await ask_plainly("GET", f"https://mta-sts.{domain}/.well-known/mta-sts.txt")
        if not isinstance(found, FetchFailure) and found.status == 200:
            policy = found.body.decode("utf-8", "replace")
    return judge_mta_sts(domain, answer, hosts, policy)
