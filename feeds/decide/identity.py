"""Who is who: the key of an article, and the permanent ids made from it. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

from feeds.model import Portal

_NAMESPACE = uuid.UUID("6f0d3b0e-6a57-5d0c-9b8e-0f6f3c1f7a11")
"""Ours, for uuid5; a changed value would give every entry of every feed a new id."""

_NOISE = frozenset({"jsessionid", "phpsessid", "utm_source", "utm_medium", "utm_campaign", "spm", "_t", "timestamp"})
_LONGEST_KEY = 300
"""A longer address keeps this beginning and gets a hash; the store has room for 512 characters."""
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def article_key(url: str, portal: Portal) -> str:
    """Return the identity of the article at an absolute address within its portal.

    `id:NUMBER` where a pattern of the recipe finds the article's own id; else the address without scheme, session id,
    fragment and noise parameters, its query sorted (both orders occur in the field). Addresses on a foreign host keep
    the host. http and https, and all hosts of one portal, give the same key.
    """
    parts = urlsplit(url)
    foreign = parts.netloc.lower() not in portal_hosts(portal)
    if not foreign:
        for pattern in _key_patterns(portal):
            if found := re.search(pattern, url):
                return f"id:{found.group(1)}"
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = sorted((name, value) for name, value in pairs if name.lower() not in _NOISE)
    host = parts.netloc.lower().removeprefix("www.") if foreign else ""
    key = f"{host}{path}{'?' + urlencode(query) if query else ''}"
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}#{hashlib.sha256(key.encode()).hexdigest()}"


def portal_hosts(portal: Portal) -> frozenset[str]:
    """Return every `host` or `host:port` that is this portal, in lower case."""
    return frozenset({urlsplit(portal.base_url).netloc.lower(), *(host.lower() for host in portal.hosts)})


def is_own_address(url: str, portal: Portal) -> bool:
    """Tell whether an address is on one of the portal's own hosts, so that we may read it."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.netloc.lower() in portal_hosts(portal)


def public_id(portal: str, key: str) -> str:
    """Return the 13 characters that name a notice in addresses (`/n/ID`): the same on every machine, for ever."""
    digest = uuid.uuid5(_NAMESPACE, f"{portal}\n{key}").bytes
    return base64.b32encode(digest).decode("ascii").lower()[:13]


def entry_urn(name: str) -> str:
    """Return the Atom id and RSS guid of a notice's public id or of a feed's name (RFC 4122, `urn:uuid:`)."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"


def _key_patterns(portal: Portal) -> tuple[str, ...]:
    """Every key pattern of the portal once, in order: recipes of all channels name the same articles."""
    return tuple(dict.fromkeys(pattern for channel in portal.channels for pattern in channel.recipe.key))
