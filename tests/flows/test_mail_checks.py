"""Trying what mail needs, against real servers on this machine: names, relay, one click, canary."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import quote, unquote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.config import AlertSettings, MailSettings, Site
from feeds.daemon.templates import load_templates
from feeds.decide.checks import Check, State
from feeds.decide.tokens import Keyring, verify_token
from feeds.fetch.names import NameServer
from feeds.flows.compose import Composing
from feeds.flows.mail_checks import check_one_click, check_relay, check_samples, send_canary
from feeds.flows.mail_names import check_names, walk_spf
from feeds.render.dkim import DkimKey
from feeds.send.relay import open_relay
from tests.fetch.name_server import SILENT, Table, serve_names
from tests.fetch.servers import CERTIFICATES, certificate_context
from tests.send.servers import PASSWORD, USER, check_login, post_office, stage

NOW = datetime(2026, 11, 3, 1, 31, tzinfo=UTC)
KEYRING = Keyring("k1", {"k1": b"x" * 32})
KEY = DkimKey("feeds.example", "n1", "rsa", "QUJD", lambda data: data[:32])
RELAY = "93.184.216.34"
WELL: Table = {
    ("bounce.feeds.example", "TXT"): ['"v=spf1 include:relays.example mx -all"'],
    ("bounce.feeds.example", "MX"): ["10 mx.feeds.example."],
    ("mx.feeds.example", "A"): ["93.184.216.40"],
    ("relays.example", "TXT"): ['"v=spf1 ip4:93.184.216.0/26 ~all"'],
    ("n1._domainkey.feeds.example", "TXT"): ['"v=DKIM1; k=rsa; p=QUJD"'],
    ("_dmarc.feeds.example", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("relay.example", "A"): [RELAY],
    ("34.216.184.93.in-addr.arpa", "PTR"): ["relay.example."],
}
MAIL = MailSettings(
    relay="smtp+starttls://relay.example:587",
    from_="公告订阅 <alerts@feeds.example>",
    account_from="公告订阅 <account@mail.feeds.example>",
    bounce_domain="bounce.feeds.example",
)


def make_composing(base_url: str = "https://feeds.example", mail: MailSettings = MAIL) -> Composing:
    """Return what sample mails are made with."""
    return Composing(Site(base_url=base_url), mail, AlertSettings(), {}, KEYRING, load_templates(), [KEY])


async def ask(table: Table, mail: MailSettings = MAIL, keys: tuple[DkimKey, ...] = (KEY,)) -> dict[str, Check]:
    """Check the names of an installation against a table, by the first word of each check."""
    async with serve_names(table) as where:
        checks = [check async for check in check_names(NameServer(where, seconds=1.0), mail, keys)]
    return {check.name: check for check in checks}


async def test_domains_that_publish_everything_are_well() -> None:
    found = await ask(WELL)
    assert {name: check.said for name, check in found.items() if check.state is not State.GOOD} == {}
    assert list(found) == [
        "SPF bounce.feeds.example",
        "DKIM n1._domainkey.feeds.example",
        "DMARC feeds.example",
        "DMARC 对齐 alignment feeds.example",
        "DMARC mail.feeds.example",
        "DMARC 对齐 alignment mail.feeds.example",
        f"PTR {RELAY}",
        "MTA-STS bounce.feeds.example",
    ]


async def test_domains_that_publish_nothing_are_told_what_to_publish() -> None:
    found = await ask({("relay.example", "A"): [RELAY]})
    failed = {name.split()[0]: check.record for name, check in found.items() if check.state is State.FAILED}
    assert failed["SPF"] == f'bounce.feeds.example. IN TXT "v=spf1 ip4:{RELAY} -all"'
    assert failed["DKIM"] == 'n1._domainkey.feeds.example. IN TXT "v=DKIM1; k=rsa; p=QUJD"'
    assert str(failed["DMARC"]).startswith('_dmarc.mail.feeds.example. IN TXT "v=DMARC1; p=none;')
    assert "PTR" in failed


async def test_a_policy_that_cannot_be_fetched_is_broken() -> None:
    table = {**WELL, ("_mta-sts.bounce.feeds.example", "TXT"): ['"v=STSv1; id=20261103"']}
    assert (await ask(table))["MTA-STS bounce.feeds.example"].state is State.FAILED


async def test_mails_that_nobody_signs_here_are_a_warning() -> None:
    found = await ask(WELL, MAIL.model_copy(update={"relay": "sink:/tmp/x"}), ())
    assert found["DKIM"].state is State.WARNING
    assert not any(name.startswith("PTR") for name in found), "there is no relay with an address"


async def test_a_short_key_is_a_warning_beside_what_is_published() -> None:
    found = await ask(WELL, keys=(replace(KEY, bits=1024),))
    assert found["DKIM n1._domainkey.feeds.example"].state is State.GOOD
    assert (found["DKIM n1"].state, "1024" in found["DKIM n1"].said) == (State.WARNING, True)


async def test_a_domain_of_this_machine_cannot_be_checked() -> None:
    (check,) = (await ask(WELL, MailSettings())).values()
    assert (check.state, "mail.from" in check.said) == (State.FAILED, True)


@pytest.mark.parametrize(
    ("record", "lookups", "networks", "whole"),
    [
        ("v=spf1 -all", 0, (), True),
        ("v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -ip4:192.0.2.2 ~all", 0, ("192.0.2.1", "2001:db8::/32"), True),
        ("v=spf1 a/24 -all", 1, ("192.0.2.9/24",), True),
        ("v=spf1 A:mx.loop.example MX -all", 2, ("192.0.2.25", "192.0.2.25"), True),
        ("v=spf1 exists:%{i}.loop.example include:%{d}.example ptr -all", 3, (), False),
        ("v=spf1 include:nothing.example -all", 1, (), False),
        ("v=spf1 redirect=silent.example", 1, (), False),
        ("v=spf1 include:start.example -all", 11, (), True),
    ],
)
async def test_spf_is_followed_as_receivers_follow_it(
    record: str, lookups: int, networks: tuple[str, ...], whole: bool
) -> None:
    table: Table = {
        ("start.example", "TXT"): [f'"{record}"'],
        ("start.example", "A"): ["192.0.2.9"],
        ("start.example", "MX"): ["10 mx.loop.example."],
        ("mx.loop.example", "A"): ["192.0.2.25"],
        ("silent.example", "TXT"): SILENT,
    }
    async with serve_names(table) as where:
        walk = await walk_spf(NameServer(where, seconds=0.3), "start.example")
    assert (walk.lookups, walk.networks, walk.whole) == (lookups, networks, whole)


@pytest.mark.parametrize(
    "term",
    [
        *(
            "ip4:203.0.113.300",
            "ip4",
            "ip4:",
            "ip4:192.0.2.1/33",
            "ip4:2001:db8::1",
            "-ip6:192.0.2.1",
            "a/64",
            "mx//129",
        ),
        *("include", "include:", "ipv4:192.0.2.1", "mx,a"),
    ],
)
async def test_a_mistyped_spf_term_is_named(term: str) -> None:
    table: Table = {
        **WELL,
        ("bounce.feeds.example", "TXT"): [f'"v=spf1 mx exp=why.feeds.example {term} -all"'],
        ("bounce.feeds.example", "A"): ["192.0.2.9"],
    }
    found = (await ask(table))["SPF bounce.feeds.example"]
    assert (found.state, found.said.rpartition(" ")[2]) == (State.FAILED, term)


async def test_a_prefix_holds_for_the_addresses_of_its_family() -> None:
    table: Table = {
        ("start.example", "TXT"): ['"v=spf1 -a:no.example a/24//64 mx//48 -all"'],
        ("start.example", "A"): ["192.0.2.9"],
        ("start.example", "AAAA"): ["2001:db8::9"],
        ("start.example", "MX"): ["10 start.example."],
        ("no.example", "A"): ["192.0.2.77"],
    }
    async with serve_names(table) as where:
        walk = await walk_spf(NameServer(where, seconds=1.0), "start.example")
    assert (walk.lookups, walk.unread) == (3, ())
    assert walk.networks == ("192.0.2.9/24", "2001:db8::9/64", "192.0.2.9", "2001:db8::9/48")


@pytest.mark.parametrize(("host", "name"), [(RELAY, RELAY), ("[2606:4700::1]", "2606:4700::1")])
async def test_a_relay_may_be_named_by_its_address(host: str, name: str) -> None:
    found = await ask(WELL, MAIL.model_copy(update={"relay": f"smtp+starttls://{host}:587"}))
    assert found[f"PTR {name}"].state is (State.GOOD if name == RELAY else State.FAILED)


async def test_a_relay_whose_address_nobody_knows_is_said() -> None:
    found = await ask(WELL, MAIL.model_copy(update={"relay": "smtp://lost.example:587"}))
    assert found["PTR lost.example"].state is State.WARNING


async def test_what_the_policy_asks_of_alignment_is_held_to_it() -> None:
    strict: Table = {**WELL, ("_dmarc.feeds.example", "TXT"): ['"v=DMARC1; p=reject; adkim=s; aspf=s"']}
    found = await ask(strict)
    assert found["DMARC 对齐 alignment feeds.example"].state is State.GOOD
    assert found["DMARC 对齐 alignment mail.feeds.example"].state is State.FAILED, "From's is below the one that signs"
    assert "adkim=s" in found["DMARC 对齐 alignment mail.feeds.example"].said


def test_sample_mails_have_nothing_that_receivers_mind() -> None:
    checks = list(check_samples(make_composing(), NOW))
    assert [check.state for check in checks] == [State.GOOD] * 3


def test_an_address_without_https_is_what_is_wrong_with_a_sample() -> None:
    failed = [check for check in check_samples(make_composing("http://feeds.example"), NOW) if check.state != "good"]
    assert [check.name for check in failed] == ["邮件 mail 提醒 alert", "邮件 mail 汇总 digest"]
    assert all("site.base_url" in check.said for check in failed)


async def test_a_relay_is_greeted_and_logged_in_to_without_a_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))
    demands: dict[str, Any] = {"authenticator": check_login, "auth_required": True, "require_starttls": True}
    async with post_office(tls_context=certificate_context("localhost"), **demands) as office:
        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        good = await check_relay(f"smtp+starttls://{login}@localhost:{office.port}")
        bad = await check_relay(f"smtp+starttls://u:wrong@localhost:{office.port}")
    assert (good.state, "log in" in good.said, office.mails) == (State.GOOD, True, [])
    assert (bad.state, "535" in bad.said, "wrong" in bad.said) == (State.FAILED, True, False)


@pytest.mark.parametrize(
    ("url", "state", "words"),
    [
        ("smtp://127.0.0.1:9", State.FAILED, "127.0.0.1:9"),
        ("smtp://user@127.0.0.1:9", State.FAILED, "mail.relay: "),
        ("sink:/tmp/mails", State.WARNING, "go nowhere"),
        ("spool:/tmp/mails", State.GOOD, "mail system"),
    ],
)
async def test_what_is_no_server_that_answers_is_said(url: str, state: State, words: str) -> None:
    check = await check_relay(url)
    assert (check.state, words in check.said) == (state, True)


async def test_a_relay_that_could_encrypt_and_is_not_asked_to_is_a_warning() -> None:
    async with stage(EHLO=b"250-mx.linjiang.example\r\n250 STARTTLS\r\n") as actor:
        check = await check_relay(f"smtp://127.0.0.1:{actor.port}")
    assert (check.state, "smtp+starttls://" in check.said) == (State.WARNING, True)


def answer_as_we_do(request: Request) -> Response:
    """Answer links of ours with 200, and forged ones with 404."""
    known = request.path.removeprefix("/unsubscribe/")
    try:
        verify_token(KEYRING, "unsubscribe", unquote(known))
    except Exception:  # noqa: BLE001
        return Response("", 404)
    return Response("ok")


async def test_one_click_is_tried_in_both_forms_and_with_a_forged_link(httpserver: HTTPServer) -> None:
    heard: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data(cache=True)
        heard.append(request)
        return answer_as_we_do(request)

    httpserver.expect_request(re.compile("/unsubscribe/.*")).respond_with_handler(answer)
    check = await check_one_click(httpserver.url_for("").rstrip("/"), KEYRING)
    assert check.state is State.GOOD
    assert [one.method for one in heard] == ["POST"] * 3
    assert [one.form.get("List-Unsubscribe") for one in heard] == ["One-Click"] * 3
    assert {one.mimetype for one in heard} == {"application/x-www-form-urlencoded", "multipart/form-data"}
    assert all("Cookie" not in one.headers for one in heard)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response("", 302, {"Location": "https://www.feeds.example/"}), "redirected"),
        (Response("", 404), "another key"),
        (Response("", 403), "without cookies"),
        (Response("welcome", 200), "forged"),
    ],
)
async def test_whatever_stands_in_the_way_of_one_click_is_named(
    httpserver: HTTPServer, answer: Response, words: str
) -> None:
    httpserver.expect_request(re.compile("/unsubscribe/.*")).respond_with_response(answer)
    check = await check_one_click(httpserver.url_for("").rstrip("/"), KEYRING)
    assert (check.state, words in check.said) == (State.FAILED, True), check


async def test_without_a_daemon_one_click_fails() -> None:
    check = await check_one_click("http://127.0.0.1:9", KEYRING)
    assert (check.state, "daemon running" in check.said) == (State.FAILED, True)


async def test_a_canary_is_a_mail_like_any_other_and_its_reply_is_told() -> None:
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}")
        check = await send_canary(make_composing(), relay, "me@mail.example", NOW)
        await relay.close()
    (taken,) = office.mails
    assert isinstance(taken.content, bytes)
    mail = message_from_bytes(taken.content, policy=policy.default)
    assert (check.state, "250 2.0.0 taken" in check.said, mail["Message-ID"] in check.said) == (State.GOOD, True, True)
    assert str(taken.mail_from).endswith("@bounce.feeds.example")
    assert "样信" in mail["Subject"]
    assert "DKIM-Signature" in mail


async def test_a_canary_that_is_refused_is_broken() -> None:
    async with stage(RCPT=b"550 5.1.1 no such user\r\n") as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}")
        check = await send_canary(make_composing(), relay, "me@mail.example", NOW)
        await relay.close()
    assert (check.state, "rcpt: 550 5.1.1 no such user" in check.said) == (State.FAILED, True)
