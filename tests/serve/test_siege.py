"""Sign-ups that nobody meant: robots, floods, and attempts to learn who is known here."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event, func, select

from feeds.decide.addresses import hash_address
from feeds.decide.sign_ups import sign_stamp
from feeds.decide.tokens import open_token
from feeds.model import Wish
from feeds.serve.gate import Budget, Gate
from feeds.store import schema
from feeds.store.retention import erase_subscriber
from feeds.store.subscribers import add_confirmed, confirm_subscription, end_subscription, find_subscriber
from feeds.store.subscribers import sign_up as record_sign_up
from tests.decide.test_work import solve
from tests.serve.post import collect_mails, sign_up, subscriptions_of, visit_from
from tests.serve.town import KEYRING, NOW, Town

ADDRESS = "su.kun@example.com"


async def count_mails(town: Town) -> int:
    """Deliveries there ever were."""
    async with town.database.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(schema.delivery)) or 0)


def name_host(number: int) -> str:
    """An IP address of a network of its own."""
    return f"10.{number // 256}.{number % 256}.7"


@pytest.mark.parametrize(
    "stamp",
    [
        "",
        "1.a.aaaaaaaaaaaaaaaaaaaaaaaa",
        sign_stamp(KEYRING, NOW + timedelta(seconds=11), 0.5),
        sign_stamp(KEYRING, NOW + timedelta(hours=1), 0.5),
        sign_stamp(KEYRING, NOW - timedelta(hours=13), 0.5),
    ],
)
async def test_a_form_that_nobody_looked_at_is_taken_in_peace_and_shown_again_in_a_siege(
    town: Town, stamp: str
) -> None:
    async with visit_from(town, "203.0.113.7") as client:
        assert (await sign_up(town, client, stamp=stamp, address="lin.zhe@example.com")).status_code == 200
        await besiege(town)
        town.now += timedelta(seconds=11)
        mails = await count_mails(town)
        answer = await sign_up(town, client, stamp=stamp)
        assert answer.status_code == 422
        assert "请再按一次" in answer.text
        assert await count_mails(town) == mails
        page = LexborHTMLParser(answer.text)
        form = {str(node.attributes["name"]): str(node.attributes["value"]) for node in page.css("main input[value]")}
        assert form["address"] == ADDRESS
        town.now += timedelta(seconds=5)
        work = solve(form["stamp"].rpartition(".")[2])
        assert (await sign_up(town, client, stamp=form["stamp"], work=work)).status_code == 200
    assert await count_mails(town) == mails + 1


async def test_a_network_signs_up_ten_times_an_hour_and_others_are_not_held_up(town: Town) -> None:
    town.configure(site={"contact": "站长信箱 desk@example.com"})
    app_hosts = ("203.0.113.7", "203.0.113.200")
    async with visit_from(town, app_hosts[0]) as client:
        codes = [(await sign_up(town, client, address=f"reader{n}@example.com")).status_code for n in range(11)]
        refused = await sign_up(town, client, address="reader11@example.com")
        neighbour = httpx.ASGITransport(client._transport.app, client=(app_hosts[1], 1))  # type: ignore[attr-defined]
        stranger = httpx.ASGITransport(client._transport.app, client=("198.51.100.1", 1))  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=neighbour, base_url=town.base_url) as other:
            assert (await sign_up(town, other)).status_code == 429
        async with httpx.AsyncClient(transport=stranger, base_url=town.base_url) as other:
            assert (await sign_up(town, other)).status_code == 200
        town.now += timedelta(hours=1)
        assert (await sign_up(town, client, address="reader11@example.com")).status_code == 200
    assert codes == [200] * 10 + [429]
    assert refused.headers["retry-after"] == "3600"
    assert "desk@example.com" in refused.text
    assert "一小时后再试" in refused.text
    assert await count_mails(town) == 12


@pytest.mark.parametrize("host", ["", "127.0.0.1", "::1"])
async def test_a_socket_without_addresses_and_a_proxy_that_says_nothing_are_no_network(town: Town, host: str) -> None:
    """A proxy that was forgotten to be told must not shut out everybody behind it."""
    async with visit_from(town, host) as client:
        codes = {(await sign_up(town, client, address=f"reader{n}@example.com")).status_code for n in range(12)}
    assert codes == {200}


def test_the_gate_forgets_what_is_longest_ago_when_it_is_full() -> None:
    gate = Gate(most=2)
    for host in ("10.0.0.1", "10.0.1.1", "10.0.2.1"):
        assert gate.find_wait(host, 1, NOW) is None
    assert gate.find_wait("10.0.2.1", 1, NOW) == timedelta(hours=1)
    assert gate.find_wait("10.0.0.1", 1, NOW) is None
    for number, hashed in enumerate(("x", "y", "z")):
        assert gate.find_answered(hashed, NOW) is None
        gate.keep_answered(hashed, number)
    assert {gate.find_answered("z", NOW) for _ in range(9)} == {None}
    assert gate.find_answered("z", NOW) == 2
    assert gate.find_answered("x", NOW) is None
    assert [gate.spend(one) for one in ("a", "b", "c", "a", "a")] == [True, True, True, True, False]


def test_a_budget_keeps_nobody_who_came_more_than_an_hour_ago() -> None:
    budget, minute = Budget(most_keys=9), timedelta(minutes=1)
    for minutes, host in enumerate(("10.0.0.1", "10.0.1.1", "10.0.2.1")):
        assert budget.take(host, 1, NOW + minutes * minute) is None
    assert budget.take("10.0.0.1", 1, NOW + 3 * minute) == timedelta(minutes=57)
    assert budget.take("10.0.3.1", 1, NOW + 61 * minute) is None
    assert list(budget._came) == ["10.0.2.1", "10.0.3.1"], "asking in vain keeps nobody"
    assert budget.take("10.0.4.1", 1, NOW) is None, "the clock was set back"
    assert list(budget._came) == ["10.0.4.1"]


async def besiege(town: Town, confirmed: int = 0) -> None:
    """Have fifty addresses asked, of which so many confirm."""
    async with town.database.write() as tx:
        for number in range(50):
            made = await record_sign_up(tx, f"victim{number}@example.com", Wish(("all",)), town.now)
            if number < confirmed:
                await confirm_subscription(tx, made.subscription_id, town.now)


async def test_while_nobody_confirms_a_sign_up_costs_work_and_each_work_is_good_once(town: Town) -> None:
    await besiege(town, confirmed=9)
    async with visit_from(town, "203.0.113.7") as client:
        form = LexborHTMLParser((await client.get("/subscribe")).text)
        stamp = str(form.css("input[name=stamp]")[0].attributes["value"])
        assert form.css("form[data-work]")
        assert form.css("noscript")
        town.now += timedelta(seconds=5)
        idle = await sign_up(town, client, stamp=stamp)
        wrong = await sign_up(town, client, stamp=stamp, work=solve("something else"))
        assert await subscriptions_of(town, ADDRESS) == []
        work = solve(stamp.rpartition(".")[2])
        done = await sign_up(town, client, stamp=stamp, work=work)
        again = await sign_up(town, client, stamp=stamp, work=work, address="lin.zhe@example.com")
    assert [one.status_code for one in (idle, wrong, done, again)] == [422, 422, 200, 422]
    assert "浏览器要先做一两秒计算" in idle.text
    assert len(await subscriptions_of(town, ADDRESS)) == 1
    assert await subscriptions_of(town, "lin.zhe@example.com") == []


async def test_a_siege_is_over_when_people_confirm_or_a_week_has_gone(town: Town) -> None:
    await besiege(town, confirmed=10)
    async with visit_from(town, "203.0.113.7") as client:
        assert "data-work" not in (await client.get("/subscribe")).text
        await besiege(town)
        town.now += timedelta(days=1)
        await besiege(town)
        assert "data-work" in (await client.get("/subscribe")).text
        town.now += timedelta(days=7)
        assert "data-work" not in (await client.get("/subscribe")).text
        assert (await sign_up(town, client)).status_code == 200


@pytest.mark.slow
async def test_a_flood_of_ten_thousand_sign_ups_for_one_address_sends_one_mail(town: Town) -> None:
    """From ten thousand networks, with as many wishes as there are words."""
    transport = httpx.ASGITransport(town.build())
    answers = set()
    async with httpx.AsyncClient(transport=transport, base_url=town.base_url) as client:
        for number in range(10_000):
            transport.client = (name_host(number), 1)
            answers.add((await sign_up(town, client, keywords=f"词{number % 7}")).status_code)
    assert answers == {200}
    assert len(await collect_mails(town)) == 1
    assert await count_mails(town) == 1
    assert len([one for one in await subscriptions_of(town, ADDRESS) if one.ended_at is None]) == 3


async def test_spellings_of_a_mailbox_are_no_way_around_its_limits(town: Town) -> None:
    spellings = [f"Su.Kun+{n}@example.com" for n in range(8)] + [
        ADDRESS,
        ADDRESS.upper(),
        ADDRESS.title(),
        "sU.kun@x.com",
    ]
    async with visit_from(town, "") as client:
        assert {(await sign_up(town, client, address=one)).status_code for one in spellings} == {200}
    assert [mail.to for mail in await collect_mails(town)] == ["Su.Kun+0@example.com", "sU.kun@x.com"]
    assert await subscriptions_of(town, spellings[10]) == [], "more than ten in an hour reach no database"


async def test_an_address_that_never_confirms_gets_three_mails_in_its_life(town: Town) -> None:
    async with visit_from(town, "203.0.113.7") as client:
        for day in range(30):
            assert (await sign_up(town, client, keywords=f"词{day}")).status_code == 200
            await collect_mails(town)
            town.now += timedelta(days=1)
    assert len(await collect_mails(town)) == 3


async def _make_known(town: Town) -> dict[str, str]:
    """Addresses in every state that one can be in, by the state."""
    kinds = ("waiting", "confirmed", "ended", "erased", "worn out")
    addresses = {kind: f"{kind.replace(' ', '.')}@example.com" for kind in kinds}
    async with town.database.write() as tx:
        for kind, address in addresses.items():
            if kind == "waiting":
                await record_sign_up(tx, address, Wish(("all",)), town.now)
                continue
            if kind == "worn out":
                for day in (9, 8, 7):
                    await record_sign_up(tx, address, Wish(("all",)), town.now - timedelta(days=day))
                continue
            number = await add_confirmed(tx, address, Wish(("all",)), town.now)
            if kind == "ended":
                await end_subscription(tx, number, "unsubscribed", town.now)
            if kind == "erased":
                who = await find_subscriber(tx, address)
                assert who is not None
                await erase_subscriber(tx, who.id, hash_address(KEYRING, address), town.now)
    return addresses


async def test_an_answer_and_the_work_behind_it_tell_nobody_who_is_known(town: Town) -> None:
    """The same bytes, the same statements in the same order: neither the eye nor a stopwatch learns anything."""
    addresses = await _make_known(town) | {"unknown": "nobody@example.com"}
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    seen = {}
    for engine in (town.database._writer, town.database._reader):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    for kind, address in addresses.items():
        async with visit_from(town, "203.0.113.7") as client:
            statements.clear()
            answer = await sign_up(town, client, address=address)
        page = answer.text.replace(address, "ADDRESS")
        cookie = re.sub(r"signed_up_here=[^;]*", "signed_up_here=TOKEN", answer.headers["set-cookie"])
        headers = {
            name: value for name, value in answer.headers.items() if name not in {"set-cookie", "content-length"}
        }
        seen[kind] = (answer.status_code, page, cookie, headers, tuple(statements))
    assert len(statements) > 8
    for kind, what in seen.items():
        assert what == seen["unknown"], kind


async def test_a_cookie_does_not_tell_that_somebody_waits_for_the_same(town: Town) -> None:
    async with visit_from(town, "203.0.113.7") as client:
        await sign_up(town, client)
        for number in range(3):
            await sign_up(town, client, address=f"reader{number}@example.com")
        client.cookies.clear()
        cookie = (await sign_up(town, client)).headers["set-cookie"]
    (waiting,) = await subscriptions_of(town, ADDRESS)
    token = cookie.partition("=")[2].partition(";")[0]
    assert open_token(KEYRING, "signup", token) == waiting.id
    assert len(token.split(".")[0]) == 16
    assert int(token.split(".")[0], 16) > 2**32, "what was not hidden would be a small number"


async def test_a_form_of_another_site_signs_nobody_up(town: Town) -> None:
    async with visit_from(town, "203.0.113.7") as client:
        foreign = {"headers": {"origin": "https://evil.example.net"}}
        for path in ("/subscribe", "/confirm"):
            assert (await client.post(path, data={"address": ADDRESS}, **foreign)).status_code == 403  # type: ignore[arg-type]
    assert await count_mails(town) == 0
