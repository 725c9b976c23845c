"""Mail providers: who keeps a mailbox, and how many connections at once it takes without complaint. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

RELAY = "relay"
"""What stands for all providers at once: the relay itself. No address has such a domain."""


@dataclass(frozen=True)
class Provider:
    """A mail provider we know: the domains of its mailboxes and relays."""

    name: str
    domains: tuple[str, ...]
    connections: int
    """Mails under way to it at once. What it allows is published nowhere; this offended none so far."""


PROVIDERS = (
    Provider("qq", ("qq.com", "vip.qq.com", "foxmail.com", "exmail.qq.com"), 5),
    Provider("netease", ("163.com", "vip.163.com", "126.com", "vip.126.com", "yeah.net", "188.com"), 5),
    Provider("outlook", ("outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com", "office365.com"), 10),
    Provider("gmail", ("gmail.com", "googlemail.com", "google.com"), 10),
)

_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_BY_DOMAIN = {domain: provider.name for provider in PROVIDERS for domain in provider.domains}


def find_provider(address: str) -> str:
    """Return who keeps an address: a name of PROVIDERS, else its own domain."""
    domain = address.rpartition("@")[2].lower()
    return _BY_DOMAIN.get(domain, domain)


@lru_cache(maxsize=16)
def find_carrier(relay_host: str) -> str | None:
    """Return the provider whose submission server a relay is (smtp.exmail.qq.com): all mail goes at its pace.

    None: the relay is nobody's that we know, and each recipient's provider has a pace of its own.
    """
    labels = relay_host.lower().split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((_BY_DOMAIN[parent] for parent in parents if parent in _BY_DOMAIN), None)


def list_domains(provider: str) -> tuple[str, ...]:
    """Return the domains whose addresses a provider keeps."""
    return _BY_NAME[provider].domains if provider in _BY_NAME else (provider,)


def count_connections(provider: str) -> int | None:
    """Return how many mails may be under way to a provider at once. None: no limit is known."""
    return _BY_NAME[provider].connections if provider in _BY_NAME else None
