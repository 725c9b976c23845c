"""Kinds of values that a configuration holds, each refusing what cannot work with a sentence on what can.

A kind raises `refuse(...)`; `feeds.config.faults` turns that into a `Fault` with file and key.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import zoneinfo
from collections.abc import Iterable
from datetime import datetime, time
from typing import Annotated
from urllib.parse import SplitResult, quote, urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

RESERVED_SLUGS = ("all", "search", "changes", "archive", "people", "rules")
"""Names that addresses of our own already use under /feeds/."""

RELAY_SCHEMES = ("smtp", "smtps", "smtp+starttls", "spool", "sink")
MAILBOX_SCHEMES = ("maildir", "imaps", "imap")

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@([^\s@<>]+)")
# `名称 <address>` or an address alone; nothing before, between or behind, or the header would be no address.
_MAILBOX = re.compile(r'(?:(?:"[^"<>@]*"\s*|[^<>@,;]*)<([^<>]*)>|([^<>]*))')
_EMPTY_PAGE = LexborHTMLParser("<html></html>")


def refuse(allowed: str, nearest: str | None = None) -> PydanticCustomError:
    """An error whose text is what would have been allowed; the caller raises it."""
    return PydanticCustomError("refused", "{allowed}", {"allowed": allowed, "nearest": nearest})


def find_nearest(found: str, allowed: Iterable[str]) -> str | None:
    """The allowed spelling that `found` was probably meant to be, or nothing; letter case does not count."""
    by_folded = {name.casefold(): name for name in allowed}
    close = difflib.get_close_matches(found.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def _check_number(value: object) -> object:
    # Python counts True as 1, an operator does not.
    if isinstance(value, bool):
        raise refuse("a number")
    return value


def _check_text(value: str) -> str:
    if not value.strip():
        raise refuse("a text that is not empty")
    if any(ord(mark) < 0x20 or ord(mark) == 0x7F for mark in value):
        raise refuse("one line of text without control characters")
    return value


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        plain = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        raise refuse("lower-case letters, digits and single hyphens between them", plain or None)
    if value in RESERVED_SLUGS:
        raise refuse(f"any name but the reserved {', '.join(RESERVED_SLUGS)}")
    return value


def _check_zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse(
            "an IANA time zone such as Asia/Shanghai", find_nearest(value, zoneinfo.available_timezones())
        ) from None
    return value


def _check_language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise refuse("a language tag such as zh-CN", value.replace("_", "-") if "_" in value else None)
    return value


def split_url(value: str) -> SplitResult | None:
    """The parts of an address, or nothing where it has no readable host and port."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _check_web_url(value: str) -> str:
    allowed = "an absolute address such as https://example.org/"
    parts = split_url(value)
    if parts is None or any(mark.isspace() for mark in value):
        raise refuse(allowed)
    if not parts.scheme and _DOMAIN.fullmatch(value.split("/", maxsplit=1)[0]) and "." in value:
        raise refuse(allowed, f"https://{value}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse(allowed)
    if parts.username or parts.password:
        raise refuse("an address without a user name or password in it")
    if not value.isascii():
        # It goes into headers (Link, List-Unsubscribe), which carry nothing else.
        raise refuse("an address in its ASCII spelling: xn-- for the host, %XX for the path", _spell_ascii(parts))
    return value


def _spell_ascii(parts: SplitResult) -> str | None:
    """The same address in ASCII (RFC 3987, section 3.1), or nothing where its host has no such form."""
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    netloc = f"[{host}]" if ":" in host else host
    kept = "%/:@!$&'()*+,;=?"
    path, query, fragment = (quote(part, safe=kept) for part in (parts.path, parts.query, parts.fragment))
    return parts._replace(
        netloc=f"{netloc}:{parts.port}" if parts.port is not None else netloc, path=path, query=query, fragment=fragment
    ).geturl()


def _check_base_url(value: str) -> str:
    parts = split_url(_check_web_url(value))
    if parts is not None and (parts.query or parts.fragment):
        raise refuse(
            "an address without a query and without a #fragment",
            value.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0],
        )
    return value.rstrip("/")


def _check_portal_url(value: str) -> str:
    return f"{_check_base_url(value)}/"


def _check_host(value: str) -> str:
    parts = split_url(f"//{value}")
    if parts is None or not parts.hostname or parts.netloc != value or "@" in value:
        hint = split_url(value)
        raise refuse("a host or host:port without a scheme and path", hint.netloc or None if hint else None)
    return value.lower()


def _check_proxy(value: str) -> str:
    parts = split_url(value)
    if parts is None or parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or not value.isascii():
        raise refuse("http://host:port or http://user:password@host:port")
    return value


def _check_quiet(value: str) -> str:
    try:
        since, until = read_quiet(value)
    except ValueError:
        raise refuse("hours of the portal's zone such as 23:00-06:00") from None
    if since == until:
        raise refuse("two different hours such as 23:00-06:00")
    return value


def read_quiet(value: str) -> tuple[time, time]:
    """The two times of day of `23:00-06:00`; a ValueError where it is nothing of the kind."""
    since, until = (datetime.strptime(part.strip(), "%H:%M").time() for part in value.split("-"))  # noqa: DTZ007 -- a time of day has no zone
    return since, until


def _check_domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        raise refuse("a domain name such as bounces.example.org")
    return value.lower()


def _check_address(value: str) -> str:
    matched = _ADDRESS.fullmatch(value)
    if matched is None or not _DOMAIN.fullmatch(matched[1]):
        raise refuse("a mail address such as alerts@example.org")
    return value


def _check_mailbox(value: str) -> str:
    parts = _MAILBOX.fullmatch(_check_text(value).strip())
    matched = _ADDRESS.fullmatch(parts[1] or parts[2] or "") if parts else None
    if matched is None or not _DOMAIN.fullmatch(matched[1]):
        raise refuse("a mail address, with or without a name: 公告订阅 <alerts@example.org>")
    return value


def _check_relay(value: str) -> str:
    scheme, _, rest = value.partition(":")
    if scheme not in RELAY_SCHEMES:
        allowed = "smtp://host:port, smtps://..., smtp+starttls://..., spool:DIR or sink:DIR"
        raise refuse(allowed, find_nearest(scheme, RELAY_SCHEMES))
    parts = split_url(value)
    if scheme in {"spool", "sink"}:
        if not rest.strip("/ "):
            raise refuse(f"{scheme}:DIR with a folder")
    elif parts is None or not parts.hostname or not rest.startswith("//") or parts.path.strip("/"):
        raise refuse(f"{scheme}://host:port or {scheme}://user:password@host:port")
    return value


def _check_mailbox_url(value: str) -> str:
    scheme, _, rest = value.partition(":")
    if scheme not in MAILBOX_SCHEMES:
        allowed = "maildir:DIR or imaps://user:password@host/INBOX"
        raise refuse(allowed, find_nearest(scheme, MAILBOX_SCHEMES))
    if scheme == "maildir":
        if not rest.strip("/ "):
            raise refuse("maildir:DIR with a folder")
        return value
    parts = split_url(value)
    named = parts is not None and parts.hostname and parts.username and parts.password and value.isascii()
    if parts is None or not named or parts.query or parts.fragment:
        raise refuse(f"{scheme}://user:password@host/INBOX; %XX for what is no ASCII letter or digit")
    if scheme == "imap" and not _is_loopback(parts.hostname or ""):
        raise refuse("imaps:// for any host but this machine: imap:// sends the password in the clear", "imaps")
    return value


def _check_imap_url(value: str) -> str:
    if not value.startswith(("imaps:", "imap:")):
        raise refuse("imaps://user:password@host/Folder")
    return _check_mailbox_url(value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_name_server(value: str) -> str:
    parts = split_url(f"//{value}")
    try:
        ipaddress.ip_address(parts.hostname or "" if parts else "")
    except ValueError:
        raise refuse("an IP address, ADDRESS or ADDRESS:PORT, such as 223.5.5.5 or [2400:3200::1]:53") from None
    return value


def _check_store_url(value: str) -> str:
    scheme, _, rest = value.partition("://")
    allowed = "sqlite:///path/of/feeds.db or postgresql://user:password@host/database"
    if scheme not in {"sqlite", "postgresql"}:
        nearest = "postgresql" if scheme.startswith("postgres") else find_nearest(scheme, ("sqlite", "postgresql"))
        raise refuse(allowed, nearest)
    if scheme == "sqlite" and (not rest.startswith("/") or not rest.strip("/") or rest.endswith("/")):
        raise refuse("sqlite:/// and the path of the database file")
    if scheme == "postgresql" and (split_url(value) is None or not rest):
        raise refuse("postgresql://user:password@host/database")
    return value


def _check_network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise refuse("an IP address or network such as 127.0.0.1 or 10.0.0.0/8") from None
    return str(network) if "/" in value else value


def _check_selector(value: str) -> str:
    try:
        _EMPTY_PAGE.css(value)
    except SelectolaxError:
        raise refuse("a CSS selector that can be parsed, such as table.list tr") from None
    return value


def _check_pattern(value: str) -> str:
    if not value:
        raise refuse("a regular expression that is not empty")
    try:
        re.compile(value)
    except re.error as fault:
        raise refuse(f"a regular expression (this one: {fault})") from None
    return value


def _check_key_pattern(value: str) -> str:
    if re.compile(_check_pattern(value)).groups < 1:
        raise refuse("a regular expression with a group around the article's own id, such as id=([0-9a-f]{32})")
    return value


NUMBER = BeforeValidator(_check_number)
"""Stands last in a number's annotation, behind its bounds: before them it would hide them from the JSON Schema."""
Text = Annotated[str, AfterValidator(_check_text)]
Slug = Annotated[str, AfterValidator(_check_slug)]
ZoneName = Annotated[str, AfterValidator(_check_zone)]
LanguageTag = Annotated[str, AfterValidator(_check_language)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]
BaseUrl = Annotated[str, AfterValidator(_check_base_url)]
"""Without a slash at its end: paths are put behind it."""
PortalUrl = Annotated[str, AfterValidator(_check_portal_url)]
"""With a slash at its end: the addresses of channels are relative to it."""
Host = Annotated[str, AfterValidator(_check_host)]
ProxyUrl = Annotated[str, AfterValidator(_check_proxy)]
QuietHours = Annotated[str, AfterValidator(_check_quiet)]
Domain = Annotated[str, AfterValidator(_check_domain)]
MailAddress = Annotated[str, AfterValidator(_check_address)]
Mailbox = Annotated[str, AfterValidator(_check_mailbox)]
RelayUrl = Annotated[str, AfterValidator(_check_relay)]
ImapUrl = Annotated[str, AfterValidator(_check_imap_url)]
MailboxUrl = Annotated[str, AfterValidator(_check_mailbox_url)]
NameServerAddress = Annotated[str, AfterValidator(_check_name_server)]
StoreUrl = Annotated[str, AfterValidator(_check_store_url)]
Network = Annotated[str, AfterValidator(_check_network)]
Selector = Annotated[str, AfterValidator(_check_selector)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
KeyPattern = Annotated[str, AfterValidator(_check_key_pattern)]
