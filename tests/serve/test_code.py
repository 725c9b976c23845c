"""The six digits of a confirmation mail: good in the browser that signed up, for a week and five mistakes."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.serve.post import HERE, collect_mails, find_code, sign_up, subscriptions_of, visit_from
from tests.serve.town import Town

ADDRESS = "su.kun@example.com"
OFFICE = "203.0.113.7"


async def type_code(client: httpx.AsyncClient, code: str, **headers: str) -> httpx.Response:
    """Type a code into the page that a sign-up was answered with."""
    return await client.post("/confirm", data={"code": code}, headers={**HERE, **headers})


def mistype(code: str, by: int = 1) -> str:
    """Another code."""
    return f"{(int(code) + by) % 1_000_000:06d}"


async def is_confirmed(town: Town) -> list[bool]:
    """Which of the address's subscriptions are confirmed."""
    return [one.confirmed_at is not None for one in await subscriptions_of(town, ADDRESS)]


async def test_the_code_of_the_mail_confirms_in_the_browser_that_signed_up(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        sent = await sign_up(town, client)
        assert 'action="/confirm"' in sent.text
        (mail,) = await collect_mails(town)
        answer = await type_code(client, f" {find_code(mail)[:3]} {find_code(mail)[3:]}")
        assert answer.status_code == 200
        assert "订阅成功" in answer.text
        assert await is_confirmed(town) == [True]
        assert (await type_code(client, find_code(mail))).status_code == 422, "nothing waits any more"
    assert answer.headers["cache-control"] == "no-store"


async def test_looking_at_the_field_again_changes_nothing(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        answer = await client.get("/confirm")
    assert answer.status_code == 200
    assert 'name="code"' in answer.text
    assert await is_confirmed(town) == [False]


async def test_the_code_is_worth_nothing_elsewhere(town: Town) -> None:
    """A mail read over a shoulder, a page of another site, a made-up cookie."""
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        (mail,) = await collect_mails(town)
        code = find_code(mail)
        foreign = await type_code(
            client, code, **{"sec-fetch-site": "cross-site", "origin": "https://evil.example.net"}
        )
        silent = await client.post("/confirm", data={"code": code})
        assert (foreign.status_code, silent.status_code) == (403, 403)
    async with visit_from(town, OFFICE) as other:
        assert (await type_code(other, code)).status_code == 422
        assert (await type_code(other, code, cookie="signed_up_here=1.a.aaaaaaaaaaaaaaaaaaaaaaaa")).status_code == 422
        await sign_up(town, other, address="lin.zhe@example.com")
        assert (await type_code(other, code)).status_code == 422, "it is another address's"
    assert await is_confirmed(town) == [False]


async def test_five_mistakes_kill_the_code_but_not_the_link(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        (mail,) = await collect_mails(town)
        code = find_code(mail)
        wrong = [await type_code(client, mistype(code, by)) for by in range(1, 6)]
        right = await type_code(client, code)
        assert {(one.status_code, one.text) for one in [*wrong, right]} == {(422, right.text)}
        assert await is_confirmed(town) == [False]
        (made,) = await subscriptions_of(town, ADDRESS)
        assert (await client.post(town.sign("confirm", made.id))).status_code == 200
    assert await is_confirmed(town) == [True]


async def test_four_mistakes_are_forgiven(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        (mail,) = await collect_mails(town)
        for by in range(1, 5):
            await type_code(client, mistype(find_code(mail), by))
        assert (await type_code(client, find_code(mail))).status_code == 200


async def test_code_and_link_die_after_seven_days(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        (mail,) = await collect_mails(town)
        (made,) = await subscriptions_of(town, ADDRESS)
        town.now += timedelta(days=7)
        assert (await type_code(client, find_code(mail))).status_code == 422
        for answer in (
            await client.get(town.sign("confirm", made.id)),
            await client.post(town.sign("confirm", made.id)),
        ):
            assert answer.status_code == 404
    assert await is_confirmed(town) == [False]


async def test_another_mail_has_another_code_and_five_tries_of_its_own(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        (first,) = await collect_mails(town)
        for by in range(1, 6):
            await type_code(client, mistype(find_code(first), by))
        town.now += timedelta(days=1)
        await sign_up(town, client)
        first, second = await collect_mails(town)
        assert find_code(first) != find_code(second)
        assert (await type_code(client, find_code(first))).status_code == 422
        assert (await type_code(client, find_code(second))).status_code == 200
    assert await is_confirmed(town) == [True]


async def test_who_signs_up_for_more_confirms_what_the_mail_named_and_is_asked_about_the_rest(town: Town) -> None:
    async with visit_from(town, OFFICE) as client:
        await sign_up(town, client)
        await sign_up(town, client, feed="linjiang/gzdt")
        (mail,) = await collect_mails(town)
        assert (await type_code(client, find_code(mail))).status_code == 200
        assert await is_confirmed(town) == [True, False]
        _, next_mail = await collect_mails(town)
        assert (await type_code(client, find_code(next_mail))).status_code == 200
    assert await is_confirmed(town) == [True, True]
