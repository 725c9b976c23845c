"""What a domain publishes about its mail, judged as receivers judge it: SPF, DKIM, DMARC, PTR, MTA-STS. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network

from feeds.decide.checks import Check, State
from feeds.mailboxes import DnsAnswer

MOST_LOOKUPS = 10
"""RFC 7208, section 4.6.4: a record that needs more is no record."""
_TXT_BYTES = 255
"""One string of a TXT record (RFC 1035, section 3.3)."""


@dataclass(frozen=True)
class SpfWalk:
    """An SPF walk is everything that a domain's SPF record leads to."""

    domain: str
    answer: DnsAnswer
    lookups: int = 0
    """Terms that make a receiver ask again (RFC 7208, section 4.6.4)."""
    networks: tuple[str, ...] = ()
    """Addresses and networks that may send."""
    whole: bool = True
    """False: a term could not be followed, so `networks` may lack some."""
    unread: tuple[str, ...] = ()
    """Terms that are written wrong: receivers take such a record for none (RFC 7208, section 4.6)."""


def write_record(name: str, text: str) -> str:
    """Return a TXT record as a line of a zone file, its text in strings of at most 255 bytes."""
    strings = (f'"{text[at : at + _TXT_BYTES]}"' for at in range(0, len(text), _TXT_BYTES))
    return f"{name}. IN TXT {' '.join(strings)}"


def find_spf(answer: DnsAnswer) -> list[str]:
    """Return the SPF records among a domain's texts (RFC 7208, section 4.5); more than one are none."""
    return [text for text in answer.values if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def judge_spf(walk: SpfWalk, senders: Sequence[str]) -> Check:
    """Judge the record of the domain of envelope senders. `senders`: addresses that the relay is reached at."""
    name, records = f"SPF {walk.domain}", find_spf(walk.answer)
    terms = [f"ip{ip_address(one).version}:{one}" for one in senders if is_public(one)]
    record = write_record(walk.domain, " ".join(["v=spf1", *(terms or ["ip4:发信服务器的地址"]), "-all"]))
    if walk.answer.problem:
        return _unknown(name, walk.answer)
    if not records:
        return Check(name, State.FAILED, "没有 SPF 记录，请发布 no SPF record: publish one", record)
    if len(records) > 1:
        said = f"有 {len(records)} 条 SPF 记录，等于没有，请合并 several SPF records count as none: join them"
        return Check(name, State.FAILED, said)
    if walk.unread:
        said = f"读不懂，收信方会当作没有，请改正 cannot be read and counts as none, correct it: {walk.unread[0]}"
        return Check(name, State.FAILED, said)
    if walk.lookups > MOST_LOOKUPS:
        said = f"要查询 {walk.lookups} 次，超过 {MOST_LOOKUPS} 次即无效，请减少 include needs too many lookups"
        return Check(name, State.FAILED, said)
    ending = re.findall(r"(?:^|\s)([-~?+]?)all(?=\s|$)", records[0], re.IGNORECASE)
    if not re.search(r"\sredirect=", records[0], re.IGNORECASE) and (not ending or ending[-1] not in ("-", "~")):
        said = f"允许任何人发信，请以 -all 或 ~all 结尾 lets anybody send: end it with -all or ~all: {records[0]}"
        return Check(name, State.WARNING, said)
    missing = [one for one in senders if is_public(one) and not _is_within(one, walk.networks)]
    if missing and walk.whole:
        said = f"不含中继的地址 {missing[0]}，如由它对外发信请补上 lacks the relay's address: add it if that sends"
        return Check(name, State.WARNING, f"{said}: {records[0]}")
    return Check(name, State.GOOD, records[0])


def is_public(address: str) -> bool:
    """Whether an address can be seen by receivers."""
    return ip_address(address).is_global


def is_network(text: str) -> bool:
    """Whether a text is an address or a network, as SPF writes them."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_within(address: str, networks: Sequence[str]) -> bool:
    one = ip_address(address)
    spaces = [ip_network(network, strict=False) for network in networks]
    return any(one.version == space.version and one in space for space in spaces)


def judge_dkim(record_name: str, record: str, answer: DnsAnswer) -> Check:
    """Judge what is published for one of our keys: `record` is what should be."""
    name, line = f"DKIM {record_name}", write_record(record_name, record)
    if answer.problem:
        return replace(_unknown(name, answer), record=line)
    if not answer.values:
        return Check(name, State.FAILED, "没有发布公钥，请发布 the key is not published: publish it", line)
    if len(answer.values) > 1:
        return Check(name, State.FAILED, "有多条记录，请只留一条 several records: keep this one", line)
    found, wanted = _read_tags(answer.values[0]), _read_tags(record)
    if found.get("p") != wanted["p"] or found.get("k", "rsa") != wanted["k"]:
        said = "发布的不是签名用的密钥，签名会被判为伪造 another key is published: our signatures count as forged"
        return Check(name, State.FAILED, said, line)
    if "y" in found.get("t", "").split(":"):
        return Check(name, State.WARNING, "记录写着 t=y（试验），请去掉 it says t=y (testing): take that out", line)
    return Check(name, State.GOOD, f"{found.get('k', 'rsa')} 公钥已发布 the key is published")


def judge_dmarc(domain: str, answers: Sequence[DnsAnswer]) -> Check:
    """Judge the policy of From's domain; `answers` of `_dmarc` under it and then under its parents (RFC 7489)."""
    name, line = f"DMARC {domain}", write_record(f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}")
    for answer in answers:
        if answer.problem:
            return _unknown(name, answer)
        records = _find_dmarc(answer)
        if len(records) > 1:
            said = "有多条 DMARC 记录，等于没有，请只留一条 several DMARC records count as none: keep one"
            return Check(name, State.FAILED, said)
        if records:
            policy = _read_tags(records[0]).get("p", "").lower()
            if policy not in {"none", "quarantine", "reject"}:
                said = f"p= 须为 none、quarantine 或 reject p= must be one of these: {records[0]}"
                return Check(name, State.FAILED, said)
            return Check(name, State.GOOD, f"{answer.name}: {records[0]}")
    said = "没有 DMARC 记录，Gmail、Yahoo、Outlook 会拒收大量发信，请发布 no DMARC record, which big receivers ask for"
    return Check(name, State.FAILED, said, line)


def judge_alignment(
    from_domain: str, signing: Sequence[str], bounce_domain: str, answers: Sequence[DnsAnswer] = ()
) -> Check:
    """Judge whether DMARC can pass: a signing domain or the envelope's belongs to From's.

    `answers` as for `judge_dmarc`: the record there says whether it must be the very same (`adkim=s`, `aspf=s`).
    """
    name = f"DMARC 对齐 alignment {from_domain}"
    tags = _read_tags(next((text for answer in answers for text in _find_dmarc(answer)), ""))
    keys = {one: judge_relation(one, from_domain, strict=tags.get("adkim", "").lower() == "s") for one in signing}
    envelope = judge_relation(bounce_domain, from_domain, strict=tags.get("aspf", "").lower() == "s")
    for one, state in keys.items():
        if state is State.GOOD:
            return Check(name, State.GOOD, f"DKIM 签名域 the signing domain: {one}")
    if envelope is State.GOOD and State.WARNING not in keys.values():
        said = "只有 SPF 对齐，一经转发即失效，请设置 [mail.dkim] only SPF is aligned, which forwarding breaks"
        return Check(name, State.WARNING, said)
    for one, state in {bounce_domain: envelope, **keys}.items():
        if state is State.WARNING:
            said = (
                "与发件域同属一个机构时才算对齐，请核对 aligned only if one organisation has it and From's: make sure"
            )
            return Check(name, State.WARNING, f"{one} {said}")
    said = "签名域和退信域都与发件域不符，DMARC 必败；请改 mail.dkim.domain 或 mail.bounce_domain"
    strict = "（记录要求完全相同 the record asks for the very same: adkim=s, aspf=s）" if "s" in tags.values() else ""
    return Check(name, State.FAILED, f"{said} neither domain is aligned with From's: change one of them{strict}")


def judge_relation(one: str, from_domain: str, *, strict: bool = False) -> State:
    """Judge whether a domain is aligned with From's (RFC 7489, section 3.1). Warning: only if of one organisation.

    Where an organisation's domain begins (`example.org`, but `example.com.cn`) only a list could tell: what shares two
    labels may be one. `strict`: it must be the same.
    """
    if one == from_domain:
        return State.GOOD
    if strict:
        return State.FAILED
    if one.endswith(f".{from_domain}") or (from_domain.endswith(f".{one}") and "." in one):
        return State.GOOD
    return State.WARNING if one.split(".")[-2:] == from_domain.split(".")[-2:] else State.FAILED


def _find_dmarc(answer: DnsAnswer) -> list[str]:
    return [text for text in answer.values if text.replace(" ", "").lower().startswith("v=dmarc1")]


def judge_ptr(address: str, names: DnsAnswer, forward: Sequence[DnsAnswer]) -> Check:
    """Judge whether an address has a name that leads back to it; `forward`: the addresses of `names`."""
    name = f"PTR {address}"
    if not is_public(address):
        said = "中继在内网或本机，对外的地址请自行核对 the relay is on this network: check the address that others see"
        return Check(name, State.WARNING, said)
    if names.problem:
        return _unknown(name, names)
    if not names.values:
        said = f"没有反向解析，常被拒收，请地址的提供者设置 {names.name} no PTR record: ask the address's provider"
        return Check(name, State.FAILED, said)
    if not any(address in answer.values for answer in forward):
        said = f"{names.values[0]} 不指回 {address} the name does not lead back: give it an address record"
        return Check(name, State.FAILED, said)
    return Check(name, State.GOOD, names.values[0])


def judge_mta_sts(domain: str, answer: DnsAnswer, hosts: DnsAnswer, policy: str | None) -> Check:
    """Judge MTA-STS (RFC 8461) of a domain that gets mail; `hosts`: its MX, `policy`: the file, None: there is none."""
    name = f"MTA-STS {domain}"
    if answer.problem:
        return _unknown(name, answer)
    records = [text for text in answer.values if text.replace(" ", "").lower().startswith("v=stsv1;id=")]
    where = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    if not records:
        return Check(name, State.GOOD, "未发布，可不发布 not published, which is allowed")
    if policy is None:
        return Check(name, State.FAILED, f"有记录，但取不到策略文件 a record without a policy at {where}")
    lines = [line.partition(":")[::2] for line in policy.splitlines() if ":" in line]
    keys = {key.strip(): value.strip() for key, value in lines}
    if (
        keys.get("version") != "STSv1"
        or keys.get("mode") not in {"enforce", "testing", "none"}
        or not keys.get("max_age", "").isdigit()
    ):
        return Check(name, State.FAILED, f"策略缺 version、mode 或 max_age the policy at {where} lacks one of these")
    patterns = [value.strip().lower() for key, value in lines if key.strip() == "mx"]
    lost = [host for host in hosts.values if not any(fnmatch(host.lower(), pattern) for pattern in patterns)]
    if lost and keys["mode"] != "none":
        return Check(name, State.FAILED, f"策略不含 MX {lost[0]}，退信会丢失 the policy at {where} lacks that MX host")
    return Check(name, State.GOOD, f"mode: {keys['mode']}")


def _read_tags(record: str) -> dict[str, str]:
    """Return the tags of `a=b; c=d` (RFC 6376, section 3.2), white space taken out."""
    pairs = (part.partition("=") for part in re.sub(r"\s+", "", record).split(";"))
    return {key.lower(): value for key, _, value in pairs if key}


def _unknown(name: str, answer: DnsAnswer) -> Check:
    said = f"查询 {answer.name} 未果，请稍后再试 could not be looked up, try again later: {answer.problem}"
    return Check(name, State.WARNING, said)
