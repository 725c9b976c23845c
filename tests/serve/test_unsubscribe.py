"""The way out: one click from a mail program, a button for people, an undo, and a page to manage it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from feeds.decide.tokens import NOBODY
from feeds.model import Frequency, Subscription, Wish
from feeds.store import schema
from feeds.store.subscribers import add_confirmed, list_subscriptions, load_subscription, sign_up
from tests.serve.conftest import Visit
from tests.serve.town import Town

ADDRESS = "lin.zhe@example.com"


async def subscribe(town: Town, feed: str = "linjiang/tzgg", address: str = ADDRESS) -> Subscription:
    """A confirmed subscription."""
    async with town.database.write() as tx:
        number = await add_confirmed(tx, address, Wish((feed,), changes=False), town.now)
    return await load(town, number)


async def load(town: Town, number: int) -> Subscription:
    """A subscription as it is now."""
    async with town.database.read() as tx:
        found = await load_subscription(tx, number)
    assert found is not None
    return found


async def read_everything(town: Town) -> list[object]:
    """Every row that a visitor could change."""
    tables = (schema.subscriber, schema.subscription, schema.delivery, schema.feed, schema.channel)
    async with town.database.read() as tx:
        return [tuple(row) for table in tables for row in await tx.execute(select(table).order_by(table.c[0]))]


ONE_CLICK: list[dict[str, object]] = [
    {"data": {"List-Unsubscribe": "One-Click"}},
    {"files": {"List-Unsubscribe": (None, "One-Click")}},
    {"content": b""},
    {"content": b"List-Unsubscribe=One-Click"},
    {"content": b"--broken", "headers": {"content-type": "multipart/form-data; boundary=b"}},
    {"content": b"--broken", "headers": {"content-type": "multipart/form-data"}},
]


@pytest.mark.parametrize("body", ONE_CLICK)
async def test_the_link_of_a_sample_mail_is_answered_like_any_and_changes_nothing(
    town: Town, visit: Visit, body: dict[str, object]
) -> None:
    await subscribe(town)
    before = await read_everything(town)
    path = town.sign("unsubscribe", NOBODY)
    async with visit() as client:
        client.cookies.clear()
        posted, shown = await client.post(path, **body), await client.get(path)  # type: ignore[arg-type]
    assert (posted.status_code, shown.status_code) == (200, 200)
    assert "set-cookie" not in posted.headers
    assert await read_everything(town) == before


@pytest.mark.parametrize("body", ONE_CLICK)
async def test_one_click_ends_the_subscription_on_the_spot_rfc_8058(
    town: Town, visit: Visit, body: dict[str, object]
) -> None:
    """Section 3.2: a POST without cookies or context; the answer must not be a redirect."""
    kept, ended = await subscribe(town, "linjiang/gzdt"), await subscribe(town)
    async with visit() as client:
        answer = await client.post(town.sign("unsubscribe", ended.id), **body)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert (await load(town, ended.id)).ended_reason == "unsubscribed"
    assert (await load(town, kept.id)).ended_at is None


@pytest.mark.parametrize("body", ONE_CLICK)
async def test_one_click_on_a_mail_that_several_subscriptions_brought_ends_them_all(
    town: Town, visit: Visit, body: dict[str, object]
) -> None:
    """Otherwise the next mail comes all the same, and is reported as spam."""
    one, other = await subscribe(town, "linjiang/gzdt"), await subscribe(town)
    async with visit() as client:
        answer = await client.post(f"{town.sign('unsubscribe', one.id)}?action=all", **body)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert (await load(town, other.id)).ended_reason == "unsubscribed"


async def test_the_page_of_such_a_link_still_ends_one_when_asked_for_one(town: Town, visit: Visit) -> None:
    one, other = await subscribe(town, "linjiang/gzdt"), await subscribe(town)
    async with visit() as client:
        await client.post(f"{town.sign('unsubscribe', one.id)}?action=all", data={"action": "end"})
    assert (await load(town, one.id)).ended_at is not None
    assert (await load(town, other.id)).ended_at is None


async def test_a_slash_behind_the_link_does_not_lead_elsewhere(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    async with visit() as client:
        answer = await client.post(f"{town.sign('unsubscribe', one.id)}/", headers={"host": "evil.example.net"})
    assert answer.status_code == 200
    assert (await load(town, one.id)).ended_at is not None


async def test_the_page_of_such_a_link_names_all_that_ends_and_its_button_ends_all(town: Town, visit: Visit) -> None:
    one, other = await subscribe(town, "linjiang/gzdt"), await subscribe(town)
    link = f"{town.sign('unsubscribe', one.id)}?action=all"
    async with visit() as client:
        await client.post(town.sign("unsubscribe", one.id))
        rest = LexborHTMLParser((await client.get(link)).text)
        await client.post(town.sign("unsubscribe", one.id), data={"action": "undo"})
        page = LexborHTMLParser((await client.get(link)).text)
        button = page.css_first("main form button")
        assert button is not None
        await client.post(link, data={"action": button.attributes["value"]})
    assert ["工作动态" in node.text() for node in page.css("main .wish")] == [True, False]
    assert ["通知公告" in node.text() for node in page.css("main .wish")] == [False, True]
    assert ["通知公告" in node.text() for node in rest.css("main .wish")] == [True], "what ended already is not named"
    assert all([(await load(town, each.id)).ended_at for each in (one, other)])


@pytest.mark.parametrize("query", ["", "?action=all"])
async def test_taking_all_back_takes_back_what_ended_at_that_moment(town: Town, visit: Visit, query: str) -> None:
    before, *mine = [await subscribe(town, feed) for feed in ("all", "linjiang/gzdt", "linjiang/tzgg")]
    other = await subscribe(town, "all", "su.kun@example.com")
    link = town.sign("unsubscribe", mine[0].id) + query
    async with visit() as client:
        await client.post(town.sign("unsubscribe", before.id))
        await client.post(town.sign("unsubscribe", other.id))
        town.now += timedelta(hours=1)
        page = LexborHTMLParser((await client.post(link, data={"action": "all"})).text)
        town.now += timedelta(days=27)
        answer = await client.post(link, data={"action": "undo"})
    assert len(page.css("main .wish")) == 2
    assert "已恢复" in answer.text
    assert [(await load(town, one.id)).ended_at for one in mine] == [None, None]
    assert all([(await load(town, one.id)).ended_at for one in (before, other)])


async def test_one_click_again_changes_nothing(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    async with visit() as client:
        for _ in range(2):
            assert (await client.post(town.sign("unsubscribe", one.id))).status_code == 200
            town.now += timedelta(hours=1)
    assert (await load(town, one.id)).ended_at == town.now - timedelta(hours=2)


async def test_the_link_works_for_ever(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    town.now += timedelta(days=4000)
    async with visit() as client:
        assert (await client.post(town.sign("unsubscribe", one.id))).status_code == 200
    assert (await load(town, one.id)).ended_at == town.now


async def test_an_unsubscription_can_be_taken_back_for_four_weeks(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    link = town.sign("unsubscribe", one.id)
    async with visit() as client:
        assert 'value="undo"' in (await client.post(link)).text
        town.now += timedelta(days=27)
        assert (await client.post(link, data={"action": "undo"})).status_code == 200
        assert (await load(town, one.id)).ended_at is None
        await client.post(link)
        town.now += timedelta(days=29)
        assert 'value="undo"' not in (await client.get(link)).text
        await client.post(link, data={"action": "undo"})
    assert (await load(town, one.id)).ended_at is not None


async def test_everything_of_an_address_can_end_at_once_and_nobody_elses(town: Town, visit: Visit) -> None:
    mine = [await subscribe(town), await subscribe(town, "all")]
    other = await subscribe(town, "all", "su.kun@example.com")
    async with visit() as client:
        answer = await client.post(town.sign("unsubscribe", mine[0].id), data={"action": "all"})
    assert answer.status_code == 200
    assert all([(await load(town, one.id)).ended_at for one in mine])
    assert (await load(town, other.id)).ended_at is None


async def test_the_page_shows_what_would_end_but_not_the_whole_address(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    async with visit() as client:
        answer = await client.get(town.sign("unsubscribe", one.id))
    assert "通知公告" in answer.text
    assert "l…e@example.com" in answer.text
    assert ADDRESS not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_looking_at_links_changes_nothing(town: Town, visit: Visit) -> None:
    """Mail scanners follow every link of a mail, with GET and HEAD; browsers read ahead."""
    one = await subscribe(town)
    async with town.database.write() as tx:
        await sign_up(tx, "su.kun@example.com", Wish(("all",)), town.now)
    ids = {"confirm": 2, "unsubscribe": one.id, "manage": one.subscriber_id}
    links = [town.sign(purpose, number) for purpose, number in ids.items()]
    public = ["/", "/p/linjiang", "/p/linjiang/tzgg", "/subscribe", "/opml", "/status", "/readyz", "/metrics"]
    before = await read_everything(town)
    async with visit() as client:
        for path in [*links, *public]:
            for query in ("", "?action=end_all", "?done=end"):
                for method in ("GET", "HEAD"):
                    answer = await client.request(method, path + query, headers={"sec-purpose": "prefetch"})
                    assert answer.status_code in {200, 404, 503}, path
    assert await read_everything(town) == before


@pytest.mark.parametrize("purpose", ["confirm", "manage", "unsubscribe"])
@pytest.mark.parametrize("token", ["x", "1.a.aaaaaaaaaaaaaaaaaaaaaaaa", "a..b", "%00", "1.b.x", "é.a.b"])
async def test_a_forged_or_cut_link_does_nothing(town: Town, visit: Visit, purpose: str, token: str) -> None:
    await subscribe(town)
    before = await read_everything(town)
    async with visit() as client:
        for method in ("GET", "POST"):
            answer = await client.request(method, f"/{purpose}/{token}", data={"action": "end_all"})
            assert answer.status_code in {404, 405}
    assert await read_everything(town) == before


async def manage(client: httpx.AsyncClient, link: str, **form: str) -> httpx.Response:
    """Press a button on the manage page and see what it says then."""
    return await client.post(link, data=form, follow_redirects=True)


async def test_the_manage_page_lists_and_changes(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    link = town.sign("manage", one.subscriber_id)
    async with visit() as client:
        page = await client.get(link)
        assert ADDRESS in page.text
        assert "通知公告" in page.text
        form = {"action": "change", "frequency": "weekly", "keywords": "预算、旁听", "changes": "yes"}
        answer = await manage(client, link, subscription=str(one.id), **form)
    assert "已保存" in answer.text
    after = await load(town, one.id)
    assert after.wish == Wish(one.wish.feeds, ("预算", "旁听"), Frequency.WEEKLY), "what the form does not have stays"


async def test_the_manage_page_shows_and_changes_more_conditions(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    link = town.sign("manage", one.subscriber_id)
    form = {"action": "change", "subscription": str(one.id), "more": "yes"}
    async with visit() as client:
        await manage(client, link, **form, kind="report", people="王川", skip_reprints="yes", remind="14")
        more = LexborHTMLParser((await client.get(link)).text).css_first("details.more")
        changed = await load(town, one.id)
        refused = await manage(client, link, **form, laws="法" * 99)
        kept = await load(town, one.id)
        await manage(client, link, **form)
    assert changed.wish == replace(one.wish, kinds=("report",), people=("王川",), reprints=False, remind=(14,))
    assert more is not None
    assert "open" in more.attributes
    assert [node.attributes["value"] for node in more.css("input[checked]")] == ["report", "yes", "14"]
    assert [node.attributes["value"] for node in more.css("input[name=people]")] == ["王川"]
    assert (refused.status_code, kept) == (422, changed)
    assert (await load(town, one.id)).wish == replace(one.wish, remind=())


async def test_the_manage_page_moves_the_hour_and_keeps_a_zone_that_is_on_no_list(town: Town, visit: Visit) -> None:
    one = await subscribe(town)
    link = town.sign("manage", one.subscriber_id)
    form = {"action": "change", "subscription": str(one.id), "frequency": "daily"}
    async with visit() as client:
        await manage(client, link, **form, hour="20", time_zone="Asia/Kolkata")
        page = LexborHTMLParser((await client.get(link)).text)
        chosen = {
            select.attributes["name"]: [option.attributes["value"] for option in select.css("option[selected]")]
            for select in page.css("select")
        }
        moved = (await load(town, one.id)).wish
        refused = await manage(client, link, **form, time_zone="Asia/Nowhere")
        kept = (await load(town, one.id)).wish
        await manage(client, link, **form, hour="")
        back = (await load(town, one.id)).wish
        await manage(client, link, **(form | {"frequency": "immediate"}), hour="20", time_zone="Asia/Kolkata")
    assert (moved.hour, moved.time_zone) == (20, "Asia/Kolkata")
    assert chosen == {"hour": ["20"], "time_zone": ["Asia/Kolkata"]}
    assert (refused.status_code, kept) == (422, moved)
    assert (back.hour, back.time_zone) == (None, "Asia/Kolkata")
    at_once = (await load(town, one.id)).wish
    assert (at_once.hour, at_once.time_zone) == (None, None)


async def test_the_manage_page_ends_one_takes_it_back_and_ends_all(town: Town, visit: Visit) -> None:
    one, two = await subscribe(town), await subscribe(town, "all")
    link = town.sign("manage", one.subscriber_id)
    async with visit() as client:
        answer = await manage(client, link, action="end", subscription=str(one.id))
        assert "已退订" in answer.text
        assert (await load(town, one.id)).ended_at
        assert (await load(town, two.id)).ended_at is None
        await manage(client, link, action="resume", subscription=str(one.id))
        assert (await load(town, one.id)).ended_at is None
        await manage(client, link, action="end_all")
    async with town.database.read() as tx:
        assert await list_subscriptions(tx, one.subscriber_id) == []


async def test_one_subscriber_cannot_touch_another(town: Town, visit: Visit) -> None:
    mine, other = await subscribe(town), await subscribe(town, "all", "su.kun@example.com")
    async with visit() as client:
        for action in ("end", "change", "resume"):
            answer = await manage(
                client, town.sign("manage", mine.subscriber_id), action=action, subscription=str(other.id)
            )
            assert answer.status_code == 404
    assert await load(town, other.id) == other


@pytest.mark.parametrize(
    ("form", "status"), [({"action": "dance"}, 400), ({"action": "change", "keywords": "词" * 60}, 422)]
)
async def test_a_wish_that_makes_no_sense_changes_nothing(
    town: Town, visit: Visit, form: dict[str, str], status: int
) -> None:
    one = await subscribe(town)
    async with visit() as client:
        answer = await manage(client, town.sign("manage", one.subscriber_id), subscription=str(one.id), **form)
    assert answer.status_code == status
    assert await load(town, one.id) == one
