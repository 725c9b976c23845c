"""TLS modes: verified in each of them, and never switched in silence."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from feeds.fetch.client import PortalClient
from feeds.fetch.tls import make_context
from feeds.model import Fetched, FetchFailure, Portal
from tests.fetch.servers import CERTIFICATES, certificate_context, make_portal, page, redirect, serving


@pytest.fixture
def _trust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Trust both test certificates, the way an operator adds an authority: OpenSSL's own variable."""
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(b"".join((CERTIFICATES / f"{name}.pem").read_bytes() for name in ("localhost", "elsewhere")))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))


@pytest.mark.usefixtures("_trust")
@pytest.mark.parametrize("mode", ["strict", "legacy"])
async def test_a_good_certificate_is_accepted_and_its_connection_kept(client: PortalClient, mode: str) -> None:
    async with serving(page(), certificate_context("localhost")) as server:
        outcomes = [await client.get(make_portal(server, tls=mode), server.url) for _ in range(2)]
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert server.connections == 1


@pytest.mark.parametrize("mode", ["strict", "legacy"])
async def test_a_certificate_from_nobody_we_know_is_a_tls_failure(client: PortalClient, mode: str) -> None:
    async with serving(page(), certificate_context("localhost")) as server:
        failure = await client.get(make_portal(server, tls=mode), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.requests) == ("tls", [])
    assert "self-signed certificate" in failure.problem


@pytest.mark.usefixtures("_trust")
@pytest.mark.parametrize("mode", ["strict", "legacy"])
async def test_a_certificate_for_another_name_is_a_tls_failure(client: PortalClient, mode: str) -> None:
    async with serving(page(), certificate_context("elsewhere")) as server:
        failure = await client.get(make_portal(server, tls=mode), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.requests) == ("tls", [])
    assert "not valid for '127.0.0.1'" in failure.problem


async def test_a_redirect_to_https_with_a_bad_certificate_does_not_fall_back(client: PortalClient) -> None:
    async with (
        serving(page(), certificate_context("localhost")) as secure,
        serving(redirect(f"{secure.url}/list.jsp")) as server,
    ):
        portal = make_portal(server, tls="strict", hosts=(f"127.0.0.1:{secure.port}",))
        failure = await client.get(portal, server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, len(server.requests), secure.requests) == ("tls", 1, [])


async def test_a_portal_set_to_http_never_speaks_tls(client: PortalClient) -> None:
    async with serving(page(), certificate_context("localhost")) as server:
        failure = await client.get(make_portal(server, tls="http"), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.connections) == ("tls", 0)


async def test_a_portal_set_to_http_is_read_over_http(client: PortalClient) -> None:
    async with serving(page()) as server:
        fetched = await client.get(make_portal(server, tls="http"), server.url)
    assert isinstance(fetched, Fetched)


@pytest.mark.usefixtures("_trust")
async def test_a_redirect_from_https_to_http_is_not_followed(client: PortalClient) -> None:
    async with (
        serving(page()) as plain,
        serving(redirect(f"{plain.url}/"), certificate_context("localhost")) as server,
    ):
        failure = await client.get(make_portal(server, tls="strict", hosts=(f"127.0.0.1:{plain.port}",)), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, plain.connections) == ("redirect", 0)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
async def test_a_server_that_knows_no_tls_is_a_tls_failure(client: PortalClient, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2_000)
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        portal = Portal("linjiang", "", url, (), allow_private=True)
        failure = await client.get(portal, url)
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "tls"


@pytest.mark.usefixtures("_trust")
async def test_an_old_server_is_read_in_legacy_mode_only(client: PortalClient) -> None:
    old = certificate_context("localhost")
    old.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    async with serving(page(), old) as server:
        strict = await client.get(make_portal(server, name="a", tls="strict"), server.url)
        legacy = await client.get(make_portal(server, name="b", tls="legacy"), server.url)
    assert isinstance(strict, FetchFailure)
    assert strict.reason == "tls", strict
    assert isinstance(legacy, Fetched)


def test_legacy_mode_talks_to_servers_without_secure_renegotiation() -> None:
    """OP_LEGACY_SERVER_CONNECT, what OpenSSL 3 takes away by default."""
    assert make_context("legacy").options & 0x4
    assert not make_context("strict").options & 0x4


@pytest.mark.parametrize("mode", ["strict", "legacy", "http"])
def test_every_mode_verifies_certificates_and_names(mode: str) -> None:
    context = make_context(mode)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
