"""What went wrong on the wire, in a reason and a sentence."""

from __future__ import annotations

import ssl

import aiohttp

from feeds.fetch.resolver import PrivateAddressError
from feeds.model import FetchFailure

WIRE_ERRORS = (aiohttp.ClientError, OSError)
"""What a request raises because of the other side."""

_CONNECTING = aiohttp.ClientConnectorError
_NO_HTTP = "{url} answers what is not HTTP: {why}"
_KINDS: tuple[tuple[type[BaseException], str, str], ...] = (
    (PrivateAddressError, "private address", "{url} is not asked: {why}"),
    (aiohttp.ClientConnectorDNSError, "dns", "the name in {url} cannot be resolved: {why}"),
    (ssl.SSLCertVerificationError, "tls", "the certificate of {url} is not good: {why}"),
    (ssl.SSLError, "tls", "no TLS with {url}: {why}"),
    (aiohttp.ClientSSLError, "tls", "no TLS with {url}: {why}"),
    (aiohttp.ClientPayloadError, "truncated", "{url} was cut: {why}"),
    (aiohttp.InvalidURL, "protocol", "{url} is no address that can be asked: {why}"),
    (aiohttp.ServerDisconnectedError, "connect", "{url} hung up without an answer"),
    (_CONNECTING, "connect", "no connection to {url}: {why}"),
    (aiohttp.ClientResponseError, "protocol", _NO_HTTP),
    (OSError, "connect", "the connection to {url} broke: {why}"),
    (BaseException, "protocol", _NO_HTTP),
)
"""The first that is found among an error and its causes."""


def explain_error(url: str, error: BaseException) -> FetchFailure:
    """Return the failure that an error of the wire means for a request to `url`."""
    chain = _unroll(error)
    reason, sentence, found = next(
        (reason, sentence, link) for kind, reason, sentence in _KINDS for link in chain if isinstance(link, kind)
    )
    if (
        reason == "connect"
        and url.startswith("https:")
        and _has(chain, ConnectionResetError)
        and _has(chain, _CONNECTING)
    ):
        reason, sentence = "tls", "{url} hung up while TLS was agreed on; an old server may want tls 'legacy'"
    return FetchFailure(url, reason, sentence.format(url=url, why=_say(found)))


def _has(chain: list[BaseException], kind: type[BaseException]) -> bool:
    return any(isinstance(link, kind) for link in chain)


def _unroll(error: BaseException | None) -> list[BaseException]:
    """Return an error, what it was made from, and what that was made from."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def _say(error: BaseException) -> str:
    """Return an error's own words in one line of a bearable length."""
    if isinstance(error, aiohttp.ClientPayloadError) and error.__cause__ is not None:
        error = error.__cause__  # says the same without Python's own punctuation
    told = (getattr(error, name, None) for name in ("verify_message", "message", "strerror"))
    words = next((word for word in told if word), None) or str(error) or type(error).__name__
    return " ".join(str(words).split())[:300]
