"""Signing up and confirming: nothing happens by looking, and nothing is told about who is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from feeds.decide.sign_ups import sign_stamp
from feeds.model import Frequency, Subscription, Wish
from feeds.store import schema
from feeds.store.subscribers import end_subscription, find_subscriber, list_subscriptions
from tests.serve.conftest import Visit
from tests.serve.town import KEYRING, NOW, Town, make_portal

HERE = {"sec-fetch-site": "same-origin"}
FORM: dict[str, str | Sequence[str]] = {
    "address": "su.kun@example.com",
    "feed": ["linjiang/tzgg", "linjiang/gzdt"],
    "keywords": "预算，旁听 预算",
    "frequency": "daily",
    "changes": "yes",
    "stamp": sign_stamp(KEYRING, NOW - timedelta(seconds=30), 0.5),
}


async def sign_up(client: httpx.AsyncClient, **other: str | Sequence[str]) -> httpx.Response:
    """Send the form as a browser on our page does."""
    return await client.post("/subscribe", data={**FORM, **other}, headers=HERE)


async def subscriptions_of(town: Town, address: str) -> list[Subscription]:
    """Everything an address is or was subscribed to."""
    async with town.database.read() as tx:
        subscriber = await find_subscriber(tx, address)
        return await list_subscriptions(tx, subscriber.id, live_only=False) if subscriber else []


async def count_rows(town: Town) -> int:
    """Rows of everything that a sign-up may write."""
    tables = (schema.subscriber, schema.subscription, schema.delivery)
    async with town.database.read() as tx:
        return sum([len((await tx.execute(select(table.c.id))).all()) for table in tables])


async def test_a_sign_up_waits_for_its_confirmation(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client)
    assert answer.status_code == 200
    assert "su.kun@example.com" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    (made,) = await subscriptions_of(town, "su.kun@example.com")
    assert made.wish.feeds == ("linjiang/tzgg", "linjiang/gzdt")
    assert made.wish.keywords == ("预算", "旁听")
    assert (made.wish.frequency, made.wish.changes, made.confirmed_at) == (Frequency.DAILY, True, None)
    async with town.database.read() as tx:
        (delivery,) = (await tx.execute(select(schema.delivery))).all()
    assert (delivery.kind, delivery.subscription_id) == ("confirmation", made.id)


MORE: dict[str, str | Sequence[str]] = {
    "more": "yes",
    "kind": ["consultation", "promulgation", "nonsense"],
    "people": "王川、李四",
    "laws": "《供水条例》 供热 《》",
    "skip_reprints": "yes",
    "remind": ["1", "3", "99"],
}


async def test_more_conditions_are_kept_and_told_before_they_are_confirmed(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client, **MORE)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        confirm = await client.get(town.sign("confirm", made.id))
    assert made.wish == Wish(
        ("linjiang/tzgg", "linjiang/gzdt"),
        ("预算", "旁听"),
        Frequency.DAILY,
        kinds=("promulgation", "consultation"),
        people=("王川", "李四"),
        laws=("供水条例", "供热"),
        reprints=False,
        remind=(3, 1),
    )
    for page in (answer, confirm):
        wish = LexborHTMLParser(page.text).css_first(".wish")
        assert wish is not None
        said = " ".join(wish.text().split())
        for words in ("法规公布 Promulgation、征求意见 Consultation", "王川、李四", "供水条例、供热", "前 3 天"):
            assert words in said
        assert "Reprints" in said


async def test_a_digests_hour_and_zone_are_asked_for_kept_and_told_before_they_are_confirmed(
    town: Town, visit: Visit
) -> None:
    async with visit() as client:
        form = LexborHTMLParser((await client.get("/subscribe")).text)
        answer = await sign_up(client, more="yes", hour="20", time_zone="Europe/Berlin")
    hours, zones = (form.css(f"select[name={name}] option") for name in ("hour", "time_zone"))
    assert [option.attributes["value"] for option in hours] == ["", *map(str, range(24))]
    assert "早上 8 点 08:00（默认 as usual）" in hours[0].text()
    assert zones[0].attributes["value"] == ""
    assert {"Asia/Shanghai", "Asia/Urumqi", "UTC"} <= {option.attributes["value"] for option in zones}
    (made,) = await subscriptions_of(town, "su.kun@example.com")
    assert (made.wish.hour, made.wish.time_zone) == (20, "Europe/Berlin")
    assert "每天一封摘要，晚上 8 点（Europe/Berlin）" in answer.text


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"hour": "0"}, (0, None)),
        ({"hour": ""}, (None, None)),
        ({"hour": "24"}, (None, None)),
        ({"hour": "8 "}, (None, None)),
        ({"hour": "7", "time_zone": "Asia/Kolkata"}, (7, "Asia/Kolkata")),
        ({"hour": "7", "time_zone": "", "more": "yes"}, (7, None)),
        ({"hour": "7", "time_zone": "UTC", "frequency": "immediate"}, (None, None)),
    ],
)
async def test_an_hour_is_kept_for_digests_only(
    town: Town, visit: Visit, form: dict[str, str], kept: tuple[int | None, str | None]
) -> None:
    """A list without an answer is the site's hour; a browser without scripts sends it beside “at once” as well."""
    async with visit() as client:
        await sign_up(client, **form)
    (made,) = await subscriptions_of(town, "su.kun@example.com")
    assert (made.wish.hour, made.wish.time_zone) == kept


@pytest.mark.parametrize("zone", ["Asia/Shanhai", "../../etc/passwd", "Asia", "x" * 9_000, "a\0b"])
async def test_a_zone_that_is_none_is_refused_beside_its_field(town: Town, visit: Visit, zone: str) -> None:
    async with visit() as client:
        answer = await sign_up(client, more="yes", time_zone=zone)
    assert answer.status_code == 422
    more = LexborHTMLParser(answer.text).css_first("details.more")
    assert more is not None
    assert "open" in more.attributes
    assert "没有这个时区" in more.text()
    assert await count_rows(town) == 0


async def test_who_ticks_no_reminder_gets_none_and_who_was_not_asked_the_usual(town: Town, visit: Visit) -> None:
    async with visit() as client:
        await sign_up(client, more="yes")
        await sign_up(client, keywords="另一项")
    first, second = await subscriptions_of(town, "su.kun@example.com")
    assert (first.wish.remind, second.wish.remind) == ((), (7, 1))


async def test_too_long_a_name_is_refused_beside_its_field(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client, more="yes", people="王" * 99, laws="法" * 99)
    assert answer.status_code == 422
    more = LexborHTMLParser(answer.text).css_first("details.more")
    assert more is not None
    assert "open" in more.attributes
    assert len(more.css(".fault")) == 2
    assert await count_rows(town) == 0


async def test_the_answer_does_not_tell_whether_an_address_is_known(town: Town, visit: Visit) -> None:
    async with visit() as client:
        unknown = await sign_up(client)
        waiting = await sign_up(client)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        await client.post(town.sign("confirm", made.id))
        confirmed = await sign_up(client)
        await client.post(town.sign("unsubscribe", made.id))
        ended = await sign_up(client)
    answers = (unknown, waiting, confirmed, ended)
    assert len({answer.text for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    names = [sorted(set(answer.headers) - {"date"}) for answer in answers]
    assert all(one == names[0] for one in names)
    cookies = [answer.headers["set-cookie"] for answer in answers]
    assert len({cookie.partition(";")[2] for cookie in cookies}) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b",
        "a b@example.com",
        "<a@example.com>",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\n",
        "a@example.com\x00",
        "a@example.com, b@example.com",
        "苏坤@example.com",
        f"{'a' * 400}@example.com",
    ],
)
async def test_what_is_no_address_is_refused_with_a_sentence_and_the_form_stays_filled(
    town: Town, visit: Visit, address: str
) -> None:
    async with visit() as client:
        answer = await sign_up(client, address=address)
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.text)
    fault = page.css_first("#address-fault")
    assert fault is not None
    assert "邮箱" in fault.text()
    assert "e-mail" in fault.text()
    ticked = [node.attributes["value"] for node in page.css("input[checked]")]
    assert ticked == ["linjiang/tzgg", "linjiang/gzdt", "daily", "yes", "7", "1"]
    keywords = page.css_first("#keywords")
    assert keywords is not None
    assert keywords.attributes["value"] == "预算 旁听"
    assert await count_rows(town) == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Su.Kun@EXAMPLE.com ", "Su.Kun@example.com"),
        ("su.kun＠example.com", "su.kun@example.com"),
        ("su.kun@例子.com", "su.kun@xn--fsqu00a.com"),
    ],
)
async def test_an_address_is_tidied_but_its_owners_part_is_not_touched(
    town: Town, visit: Visit, typed: str, kept: str
) -> None:
    async with visit() as client:
        assert (await sign_up(client, address=typed)).status_code == 200
    assert len(await subscriptions_of(town, kept)) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("feed", "linjiang/none", "请至少选择一个栏目"),
        ("keywords", " ".join(f"词{n}" for n in range(21)), "关键词最多"),
        ("keywords", "词" * 51, "每个关键词最多"),
    ],
)
async def test_a_wish_that_cannot_be_kept_is_refused(
    town: Town, visit: Visit, field: str, value: str, sentence: str
) -> None:
    async with visit() as client:
        answer = await sign_up(client, **{field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await count_rows(town) == 0


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (["all", "linjiang/tzgg"], ("all",)),
        (["linjiang/tzgg", "linjiang"], ("linjiang",)),
        (["yunhe/gzdt", "linjiang/tzgg"], ("linjiang/tzgg", "yunhe/gzdt")),
        (["yunhe", "linjiang/tzgg", "none"], ("linjiang/tzgg", "yunhe")),
    ],
)
async def test_the_wide_choice_swallows_the_narrow(
    town: Town, visit: Visit, chosen: list[str], kept: tuple[str, ...]
) -> None:
    town.portals = (make_portal(), make_portal("yunhe", "云河市人民政府"))
    async with visit() as client:
        await sign_up(client, feed=chosen)
    (made,) = await subscriptions_of(town, "su.kun@example.com")
    assert made.wish.feeds == kept


async def test_coming_from_a_channel_ticks_it(visit: Visit) -> None:
    async with visit() as client:
        page = LexborHTMLParser((await client.get("/subscribe?feed=linjiang/gzdt&feed=none")).text)
        plain = LexborHTMLParser((await client.get("/subscribe")).text)
    assert [node.attributes["value"] for node in page.css("input[name=feed][checked]")] == ["linjiang/gzdt"]
    assert plain.css("input[name=feed][checked]") == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://feeds.example.com"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://feeds.example.com"}, 200),
        ({"origin": "https://evil.example.net"}, 403),
        ({"origin": "null"}, 403),
        ({"referer": "https://feeds.example.com/subscribe"}, 200),
        ({"referer": "https://evil.example.net/feeds.example.com"}, 403),
        ({}, 403),
    ],
)
async def test_only_a_form_of_ours_signs_anybody_up(
    town: Town, visit: Visit, headers: Mapping[str, str], status: int
) -> None:
    async with visit() as client:
        answer = await client.post("/subscribe", data=FORM, headers=headers)
    assert answer.status_code == status
    assert (await count_rows(town) > 0) is (status == 200)


async def test_a_robot_that_fills_every_field_is_answered_and_forgotten(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client, leave_empty="https://example.net")
    assert answer.status_code == 200
    assert await count_rows(town) == 0


async def test_a_flood_of_a_form_is_refused(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client, keywords="词" * 100_000)
    assert answer.status_code == 413
    assert await count_rows(town) == 0


async def test_the_sign_up_browser_is_recognised_and_nobody_else(town: Town, visit: Visit) -> None:
    """The cookie spares its owner a click; a scanner of mails has none and only ever sees the button."""
    async with visit() as client:
        answer = await sign_up(client)
        cookie = answer.headers["set-cookie"]
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        link = town.sign("confirm", made.id)
        own = {"cookie": cookie.partition(";")[0]}
        client.cookies.clear()
        mine = (await client.get(link, headers=own)).text
        ahead = (await client.get(link, headers={**own, "sec-purpose": "prefetch;prerender"})).text
        other = (await client.get(link)).text
        forged = (await client.get(link, headers={"cookie": "signed_up_here=1.a.aaaa"})).text
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/confirm"} <= {part.strip() for part in cookie.split(";")}
    assert "confirm.js" in mine
    for page in (ahead, other, forged):
        assert "confirm.js" not in page
        assert "<button" in page
    assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is None


async def test_confirming_takes_a_post_and_doing_it_twice_changes_nothing(town: Town, visit: Visit) -> None:
    async with visit() as client:
        await sign_up(client)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        link = town.sign("confirm", made.id)
        shown = await client.get(link)
        assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is None
        first = await client.post(link)
        (once,) = await subscriptions_of(town, "su.kun@example.com")
        second = await client.post(link)
        (twice,) = await subscriptions_of(town, "su.kun@example.com")
        later = await client.get(link)
    assert shown.headers["cache-control"] == "no-store"
    assert "noindex" in shown.headers["x-robots-tag"]
    assert once.confirmed_at == town.now
    assert once == twice
    assert town.sign("manage", made.subscriber_id) in first.text
    assert first.status_code == second.status_code == later.status_code == 200
    assert "订阅成功" in later.text


@pytest.mark.parametrize("purpose", ["manage", "unsubscribe", "signup"])
async def test_a_token_of_another_purpose_confirms_nothing(town: Town, visit: Visit, purpose: str) -> None:
    async with visit() as client:
        await sign_up(client)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        token = town.sign(purpose, made.id).rpartition("/")[2]
        for answer in (await client.get(f"/confirm/{token}"), await client.post(f"/confirm/{token}")):
            assert answer.status_code == 404
            assert "这个链接无效" in answer.text
    assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is None


async def test_a_subscription_that_ended_cannot_be_confirmed_again(town: Town, visit: Visit) -> None:
    async with visit() as client:
        await sign_up(client)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        async with town.database.write() as tx:
            await end_subscription(tx, made.id, "operator", town.now)
        link = town.sign("confirm", made.id)
        assert (await client.get(link)).status_code == 404
        assert (await client.post(link)).status_code == 404


async def test_other_peoples_templates_never_reach_the_page(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await sign_up(client, address='"><script>alert(1)</script>', keywords="{{7*7}}<b>")
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text
    assert "{{7*7}}" in answer.text
