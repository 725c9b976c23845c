"""What the law gives people over their data, on pages that work without a script."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from feeds.decide.addresses import hash_address
from feeds.model import Frequency, Wish
from feeds.store.relocations import NewAddress, request_relocation
from feeds.store.retention import erase_subscriber
from feeds.store.subscribers import add_confirmed, confirm_subscription, load_subscription
from tests.serve.post import HERE, collect_mails, find_erasure_link, read_tables, sign_up, subscriptions_of, visit_from
from tests.serve.town import KEYRING, Town

ADDRESS = "su.kun@example.com"
HOST = "203.0.113.7"


async def subscribe(town: Town, address: str = ADDRESS, feed: str = "all") -> int:
    """A confirmed subscription; returns its subscriber."""
    async with town.database.write() as tx:
        wish = Wish((feed,), ("预算",), Frequency.DAILY, people=("王川",))
        found = await load_subscription(tx, await add_confirmed(tx, address, wish, town.now))
    assert found is not None
    return found.subscriber_id


async def erase(town: Town, subscriber_id: int) -> None:
    async with town.database.write() as tx:
        await erase_subscriber(tx, subscriber_id, hash_address(KEYRING, ADDRESS), town.now)


async def press(client: httpx.AsyncClient, link: str, **form: str) -> httpx.Response:
    """Press a button on the manage page and see what it says then."""
    return await client.post(link, data=form, headers=HERE, follow_redirects=True)


async def test_the_privacy_page_says_what_is_kept_how_long_and_whom_to_ask(town: Town) -> None:
    town.configure(site={"contact": "站长信箱 desk@example.com"})
    async with visit_from(town, HOST) as client:
        answer = await client.get("/privacy")
        for path in ("/", "/subscribe", "/status"):
            links = LexborHTMLParser((await client.get(path)).text).css('footer a[href="/privacy"]')
            assert len(links) == 1, path
        form = LexborHTMLParser((await client.get("/subscribe")).text)
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.text).css_first("main")
    assert page is not None
    for words in ("7 天", "28 天", "7 days", "28 days", "desk@example.com", "个人信息保护法", "Cookie", "JSON"):
        assert words in page.text(), words
    assert form.css('main form a[href="/privacy"]')


async def test_a_copy_holds_everything_about_its_owner_and_nothing_of_others(town: Town) -> None:
    mine = await subscribe(town)
    await subscribe(town, "lin.zhe@example.com")
    async with visit_from(town, HOST) as client:
        await sign_up(town, client, feed="linjiang/gzdt")
        await collect_mails(town)
        answer = await client.get(f"{town.sign('manage', mine)}/export.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="noticefeeds.json"'
    assert answer.headers["cache-control"] == "no-store"
    kept = json.loads(answer.content)
    assert kept["subscriber"]["address"] == ADDRESS
    assert [one["feeds"] for one in kept["subscriptions"]] == [["all"], ["linjiang/gzdt"]]
    assert kept["subscriptions"][0]["people"] == ["王川"]
    assert [one["kind"] for one in kept["mails"]] == ["confirmation"]
    assert kept["attempts"][0]["reply_code"] == 250
    assert set(kept) >= {"told", "suppression", "exported"}
    assert "lin.zhe" not in answer.text
    names = {name for rows in kept.values() if isinstance(rows, list) for row in rows for name in row}
    names |= set(kept["subscriber"])
    ours = {"taken_from", "fence", "next_at", "code_tries", "address_hash", "mailbox_hash", "digest_run_id", "provider"}
    assert names & ours == set()


async def test_a_copy_of_what_moved_here_says_nothing_of_whose_it_was_or_of_how_mails_are_queued(town: Town) -> None:
    mine = await subscribe(town)
    await subscribe(town, "third@example.net")
    carrier = await move(town, mine)
    async with town.database.read() as tx:
        moved = await load_subscription(tx, carrier)
    assert moved is not None
    await collect_mails(town)
    async with visit_from(town, HOST) as client:
        new, old = [
            (await client.get(f"{town.sign('manage', one)}/export.json")).json() for one in (moved.subscriber_id, mine)
        ]
    assert [one["people"] for one in new["subscriptions"]] == [["王川"]]
    assert [one["kind"] for one in old["mails"]] == ["relocation"]
    assert not {"taken_from", "code_tries"} & set(new["subscriptions"][0])
    assert not {"fence", "next_at", "subscriber_id", "subscription_id", "digest_run_id"} & set(old["mails"][0])
    assert not {"provider", "repeats"} & set(old["attempts"][0])


async def test_erasing_asks_the_address_by_mail_and_then_nothing_is_left_but_a_fingerprint(town: Town) -> None:
    mine = await subscribe(town)
    other = await subscribe(town, "lin.zhe@example.com")
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        shown = await client.get(f"{link}/erase")
        assert "不能恢复" in shown.text
        asked = await client.post(f"{link}/erase", headers=HERE)
        assert (asked.status_code, "确认信正在发往这个邮箱" in asked.text) == (200, True)
        (mail,) = await collect_mails(town)
        assert mail.to == ADDRESS
        path = find_erasure_link(mail)
        assert 'value="erase"' in (await client.get(path)).text
        assert ADDRESS in repr(await read_tables(town)), "nothing happens by looking"
        answer = await client.post(path, headers=HERE)
        assert answer.status_code == 200
        assert "已删除" in answer.text
        for gone in (link, f"{link}/export.json", f"{link}/erase", path):
            assert (await client.get(gone)).status_code == 404, gone
        for gone in (f"{link}/erase", path):
            assert (await client.post(gone, headers=HERE)).status_code == 404, gone
        assert (await client.post(town.sign("unsubscribe", 1))).status_code == 200, "old links still answer"
        assert (await client.get(town.sign("manage", other))).status_code == 200
    left = repr(await read_tables(town))
    assert not [words for words in (ADDRESS, "su.kun") if words in left]
    assert "lin.zhe@example.com" in left


async def test_a_link_of_a_forwarded_mail_erases_nothing(town: Town) -> None:
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        for _ in range(3):
            answer = await client.post(f"{link}/erase", headers=HERE)
            assert town.sign("erase", 1) not in answer.text
        assert len(await collect_mails(town)) == 1, "one mail a day, however often somebody asks"
        token = link.rpartition("/")[2]
        for path in (f"/erase/{token}", town.sign("erase", 77)):
            assert (await client.post(path, headers=HERE)).status_code == 404
    assert (await subscriptions_of(town, ADDRESS))[0].ended_at is None


async def test_the_link_that_erases_is_good_for_a_day_and_then_another_may_be_had(town: Town) -> None:
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        await client.post(f"{link}/erase", headers=HERE)
        (first,) = await collect_mails(town)
        town.now += timedelta(days=1)
        assert (await client.get(find_erasure_link(first))).status_code == 404
        assert (await client.post(find_erasure_link(first), headers=HERE)).status_code == 404
        await client.post(f"{link}/erase", headers=HERE)
        _, second = await collect_mails(town)
        assert (await client.post(find_erasure_link(second), headers=HERE)).status_code == 200
    assert await subscriptions_of(town, ADDRESS) == []


async def test_a_link_that_only_unsubscribes_leads_to_nothing_else(town: Town) -> None:
    """Machines on the way read the header that it stands in."""
    mine = await subscribe(town)
    link = town.sign("unsubscribe", 1)
    async with visit_from(town, HOST) as client:
        pages = [await client.get(link), await client.post(link), await client.get(link)]
        pages.append(await client.post(link, data={"action": "undo"}))
    for page in pages:
        assert page.status_code == 200
        assert town.sign("manage", mine) not in page.text
        assert ADDRESS not in page.text


async def test_no_old_link_brings_anything_back_to_who_was_erased(town: Town) -> None:
    mine = await subscribe(town)
    await subscribe(town, feed="linjiang/tzgg")
    manage, unsubscribe = town.sign("manage", mine), town.sign("unsubscribe", 1)
    async with visit_from(town, HOST) as client:
        await client.post(unsubscribe)
        await erase(town, mine)
        before = await read_tables(town)
        for action in ("resume", "undo_move", "end_all", "move"):
            answer = await client.post(manage, data={"action": action, "subscription": "1"}, headers=HERE)
            assert answer.status_code == 404, action
        undone = await client.post(unsubscribe, data={"action": "undo"})
        assert (undone.status_code, 'value="undo"' in undone.text) == (200, False)
        assert (await client.get(f"{manage}/sent")).status_code == 404
    assert await read_tables(town) == before


async def test_who_was_erased_may_come_back(town: Town) -> None:
    mine = await subscribe(town)
    async with visit_from(town, HOST) as client:
        await erase(town, mine)
        await sign_up(town, client)
    (mail,) = await collect_mails(town)
    assert mail.to == ADDRESS
    assert [one.subscriber_id for one in await subscriptions_of(town, ADDRESS)] == [mine, mine]


async def test_subscriptions_move_by_the_code_of_the_mail_and_come_back_by_the_old_link(town: Town) -> None:
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        asked = await press(client, link, action="move", address="Su.Kun@NEW.example.net")
        assert "确认信正在发往新邮箱" in asked.text
        assert 'action="/confirm"' in asked.text
        (mail,) = await collect_mails(town)
        assert mail.to == "Su.Kun@new.example.net"
        assert ADDRESS not in mail.text
        code = next(line for line in mail.text.split() if line.isdigit() and len(line) == 6)
        done = await client.post("/confirm", data={"code": code}, headers=HERE)
        assert "订阅成功" in done.text
        _, told = await collect_mails(town)
        assert (told.to, "S…n@new.example.net" in told.text, link in told.text) == (ADDRESS, True, True)
        old = await client.get(link)
        assert "S…n@new.example.net" in old.text
        assert "现在没有订阅" in old.text
        assert town.sign("manage", mine + 1) not in old.text
        back = await press(client, link, action="undo_move")
        assert "订阅已回到这个邮箱" in back.text
        assert (await press(client, link, action="undo_move")).status_code == 400
    (kept,) = await subscriptions_of(town, ADDRESS)
    assert kept.ended_at is None
    assert [one.ended_reason for one in await subscriptions_of(town, "Su.Kun@new.example.net")] == ["undone"]


async def move(town: Town, subscriber_id: int) -> int:
    """Move everything to another address, which confirms; return the subscription that carried it."""
    async with town.database.write() as tx:
        carrier = await request_relocation(
            tx, subscriber_id, NewAddress("other@example.net", "d" * 64, "c" * 64), town.now
        )
        assert carrier is not None
        assert await confirm_subscription(tx, carrier, town.now)
    return carrier


async def test_nobody_erases_an_address_while_a_change_of_it_may_be_taken_back(town: Town) -> None:
    """A link in a forwarded mail must not be enough to take subscriptions away unseen."""
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    await move(town, mine)
    async with visit_from(town, HOST) as client:
        shown = await client.get(f"{link}/erase")
        refused = await client.post(f"{link}/erase", headers=HERE)
        assert (shown.status_code, refused.status_code) == (200, 409)
        for answer in (shown, refused):
            assert "2026-03-09 09:30" in answer.text
            assert 'value="ask"' not in answer.text
        assert [mail.to for mail in await collect_mails(town)] == [ADDRESS]
        back = await press(client, link, action="undo_move")
        assert "订阅已回到这个邮箱" in back.text
        assert 'value="ask"' in (await client.get(f"{link}/erase")).text


async def test_a_link_that_erases_waits_as_well_while_a_change_of_address_may_be_taken_back(town: Town) -> None:
    mine = await subscribe(town)
    async with visit_from(town, HOST) as client:
        await client.post(f"{town.sign('manage', mine)}/erase", headers=HERE)
        (mail,) = await collect_mails(town)
        await move(town, mine)
        path = find_erasure_link(mail)
        assert 'value="erase"' not in (await client.get(path)).text
        assert (await client.post(path, headers=HERE)).status_code == 409
    assert await subscriptions_of(town, ADDRESS)


async def test_the_old_address_is_told_even_if_the_new_one_ends_at_once_what_came_there(town: Town) -> None:
    mine = await subscribe(town)
    carrier = await move(town, mine)
    async with visit_from(town, HOST) as client:
        await client.post(town.sign("unsubscribe", carrier))
        (told,) = await collect_mails(town)
        assert (told.to, "o…r@example.net" in told.text) == (ADDRESS, True)
        assert 'value="undo_move"' in (await client.get(town.sign("manage", mine))).text


async def test_who_took_everything_back_already_is_not_told(town: Town) -> None:
    mine = await subscribe(town)
    carrier = await move(town, mine)
    async with visit_from(town, HOST) as client:
        await client.post(town.sign("unsubscribe", carrier))
        await press(client, town.sign("manage", mine), action="undo_move")
    assert await collect_mails(town) == []


async def test_a_change_of_address_can_be_left(town: Town) -> None:
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        await press(client, link, action="move", address="new@example.net")
        left = await press(client, link, action="cancel_move")
        assert "一切照旧" in left.text
        assert 'name="address"' in left.text
    assert await collect_mails(town) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [("", "请填写邮箱地址"), ("nobody", "不像一个邮箱地址"), (ADDRESS, "现在的邮箱")],
)
async def test_an_address_that_cannot_be_moved_to_is_refused(town: Town, address: str, said: str) -> None:
    mine = await subscribe(town)
    async with visit_from(town, HOST) as client:
        answer = await press(client, town.sign("manage", mine), action="move", address=address)
    assert answer.status_code == 422
    assert said in answer.text
    assert len(await subscriptions_of(town, ADDRESS)) == 1


async def test_who_is_subscribed_to_nothing_has_nothing_to_move(town: Town) -> None:
    mine = await subscribe(town)
    link = town.sign("manage", mine)
    async with visit_from(town, HOST) as client:
        await press(client, link, action="end_all")
        answer = await press(client, link, action="move", address="new@example.net")
    assert answer.status_code == 422


async def test_a_change_of_address_does_not_tell_who_is_known(town: Town) -> None:
    await subscribe(town, "known@example.net")
    link = town.sign("manage", await subscribe(town))
    async with visit_from(town, HOST) as client:
        known = await press(client, link, action="move", address="known@example.net")
        await press(client, link, action="cancel_move")
        unknown = await press(client, link, action="move", address="other@example.net")
    assert "k…n@example.net" in known.text
    assert known.text.replace("k…n@", "o…r@") == unknown.text


async def test_mails_to_new_addresses_count_for_the_network_too(town: Town) -> None:
    people = [await subscribe(town, f"reader{n}@example.com") for n in range(11)]
    async with visit_from(town, HOST) as client:
        codes = [
            (await press(client, town.sign("manage", one), action="move", address=f"x{one}@example.net")).status_code
            for one in people
        ]
    assert codes == [200] * 10 + [429]


async def test_a_subscriber_has_three_new_addresses_asked_a_day_from_wherever(town: Town) -> None:
    link = town.sign("manage", await subscribe(town))
    answers = []
    for number in range(4):
        async with visit_from(town, f"203.0.{number}.7") as client:
            answers.append(await press(client, link, action="move", address=f"x{number}@example.net"))
            await collect_mails(town)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 422]
    assert "一天最多向 3 个新邮箱发确认信" in answers[3].text
    town.now += timedelta(days=1)
    async with visit_from(town, HOST) as client:
        assert (await press(client, link, action="move", address="x3@example.net")).status_code == 200
    assert [mail.to for mail in await collect_mails(town)] == [f"x{number}@example.net" for number in range(4)]


async def test_a_flood_of_moves_to_one_mailbox_is_looked_at_ten_times_an_hour(town: Town) -> None:
    people = [await subscribe(town, f"reader{n}@example.com") for n in range(12)]
    async with visit_from(town, "") as client:
        for number, one in enumerate(people):
            new = f"lin.zhe+{number}@example.net"
            assert (await press(client, town.sign("manage", one), action="move", address=new)).status_code == 200
    asked = [await subscriptions_of(town, f"lin.zhe+{number}@example.net") for number in range(12)]
    assert [len(one) for one in asked] == [1] * 10 + [0] * 2
    assert len(await collect_mails(town)) == 1


@pytest.mark.parametrize("path", ["{}", "{}/erase", "/erase/1.a.x"])
async def test_a_page_of_another_site_presses_no_button(town: Town, path: str) -> None:
    manage = town.sign("manage", await subscribe(town))
    before = await read_tables(town)
    async with visit_from(town, HOST) as client:
        for headers in (
            {"origin": "https://evil.example.net"},
            {"sec-fetch-site": "cross-site"},
            {"referer": "https://evil.example.net/feeds.example.com"},
            {"origin": "null"},
        ):
            answer = await client.post(path.format(manage), data={"action": "end_all"}, headers=headers)
            assert answer.status_code == 403
    assert await read_tables(town) == before


@pytest.mark.parametrize("token", ["x", "1.a.aaaaaaaaaaaaaaaaaaaaaaaa", "1.b.x"])
async def test_a_forged_link_shows_and_erases_nothing(town: Town, token: str) -> None:
    await subscribe(town)
    before = await read_tables(town)
    async with visit_from(town, HOST) as client:
        for path in (f"/manage/{token}", f"/manage/{token}/erase", f"/manage/{token}/export.json"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert ADDRESS not in answer.text
        assert (await client.get(f"/erase/{token}")).status_code == 404
        for path in (f"/manage/{token}/erase", f"/erase/{token}"):
            assert (await client.post(path, headers=HERE)).status_code == 404
    assert await read_tables(town) == before


async def test_an_address_that_was_never_there_cannot_be_looked_at(town: Town) -> None:
    async with visit_from(town, HOST) as client:
        assert (await client.get(f"{town.sign('manage', 77)}/export.json")).status_code == 404


async def test_a_sign_up_on_the_manage_page_of_somebody_who_left_can_be_resumed_for_28_days(town: Town) -> None:
    mine = await subscribe(town)
    async with visit_from(town, HOST) as client:
        await press(client, town.sign("manage", mine), action="end_all")
        town.now += timedelta(days=28)
        assert 'value="resume"' in (await client.get(town.sign("manage", mine))).text
        town.now += timedelta(minutes=1)
        assert 'value="resume"' not in (await client.get(town.sign("manage", mine))).text
