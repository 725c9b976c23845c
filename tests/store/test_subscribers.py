from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from feeds.model import DeliveryKind, DeliveryState, Frequency, Subscription, Wish
from feeds.store import audience, deliveries, digests, events, outcomes, subscribers
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.subscribers import SignUp
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, publish_event, stock, subscribe

ADDRESS = "zhang.wei@Mail.Example"


async def sign_up(database: Database, now: datetime = NOW, feeds: tuple[str, ...] = ("songbei",)) -> SignUp:
    async with database.write() as tx:
        return await subscribers.sign_up(tx, ADDRESS, Wish(feeds, ("基金",), Frequency.DAILY), now)


async def confirmed(database: Database) -> Subscription:
    asked = await sign_up(database)
    async with database.write() as tx:
        found = await subscribers.confirm_subscription(tx, asked.subscription_id, NOW)
    assert found is not None
    return found


async def walk_audience(database: Database, feeds: list[str], limit: int) -> list[list[Subscription]]:
    """Return the pages that are not empty."""
    last: int | None = 0
    pages = []
    async with database.read() as tx:
        while last is not None:
            page, last = await audience.load_audience(tx, feeds, last, limit)
            pages.append(page)
    return [page for page in pages if page]


async def count_live(database: Database) -> int:
    async with database.read() as tx:
        live, _ = await audience.load_audience(tx, ["all", "songbei", "songbei/tzgg"], 0, 99)
        return len(live)


async def test_a_sign_up_waits_for_its_confirmation_and_queues_the_mail(database: Database) -> None:
    asked = await sign_up(database)
    async with database.write() as tx:
        (mail,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        subscription = await subscribers.load_subscription(tx, asked.subscription_id)
        person = await subscribers.load_subscriber(tx, asked.subscriber_id)
    assert (mail.id, mail.kind, mail.address) == (
        asked.delivery_id,
        DeliveryKind.CONFIRMATION,
        "zhang.wei@mail.example",
    )
    assert mail.subscription_id == asked.subscription_id
    assert subscription == Subscription(
        asked.subscription_id, asked.subscriber_id, Wish(("songbei",), ("基金",), Frequency.DAILY), NOW, asked_at=NOW
    )
    assert person is not None
    assert person.confirmed_at is None
    assert await count_live(database) == 0


async def test_the_same_wish_twice_is_one_subscription_and_one_mail_a_day(database: Database) -> None:
    first = await sign_up(database)
    assert await sign_up(database, NOW + HOUR) == first
    later = await sign_up(database, NOW + DAY + MINUTE)
    assert later.subscription_id == first.subscription_id
    assert later.delivery_id != first.delivery_id
    other = await sign_up(database, feeds=("all",))
    assert (other.subscriber_id, other.subscription_id != first.subscription_id) == (first.subscriber_id, True)


async def count_mails(database: Database) -> int:
    async with database.read() as tx:
        return len(await outcomes.list_recent(tx, 99))


async def test_an_address_gets_one_mail_a_day_whatever_strangers_wish_for_it(database: Database) -> None:
    first = await sign_up(database)
    asked = [await sign_up(database, NOW + n * MINUTE, (f"songbei-{n}",)) for n in range(15)]
    assert {one.delivery_id for one in asked} == {first.delivery_id}
    assert await count_mails(database) == 1
    async with database.write() as tx:
        waiting = await subscribers.list_subscriptions(tx, first.subscriber_id)
        assert await subscribers.confirm_subscription(tx, asked[0].subscription_id, NOW + HOUR) is None
    kept = [one.wish.feeds[0] for one in waiting]
    assert kept == ["songbei", "songbei-13", "songbei-14"], "the mailed one and the newest"
    await sign_up(database, NOW + DAY + MINUTE, ("all",))
    assert await count_mails(database) == 2
    async with database.read() as tx:
        assert len(await subscribers.list_subscriptions(tx, first.subscriber_id)) == 3


async def test_sign_ups_for_one_address_at_once_queue_one_mail(database: Database) -> None:
    await asyncio.gather(*(sign_up(database, feeds=(f"songbei-{n}",)) for n in range(8)))
    assert await count_mails(database) == 1
    async with database.read() as tx:
        (person,) = await subscribers.list_subscribers(tx, 9)
        assert len(await subscribers.list_subscriptions(tx, person.id)) == 3


async def test_who_confirms_one_wish_is_asked_about_the_next(database: Database) -> None:
    """Nothing is confirmed that its own mail did not name."""
    first, second = await sign_up(database), await sign_up(database, NOW + MINUTE, ("all",))
    async with database.write() as tx:
        for _ in range(2):
            assert await subscribers.confirm_subscription(tx, first.subscription_id, NOW + HOUR)
        mails = await deliveries.claim_deliveries(tx, NOW + HOUR, LEASE, 9)
        await subscribers.confirm_subscription(tx, second.subscription_id, NOW + HOUR)
    assert [mail.subscription_id for mail in mails] == [first.subscription_id, second.subscription_id]
    assert await count_live(database) == 2
    assert await count_mails(database) == 2
    await sign_up(database, NOW + 2 * HOUR, ("songbei",))
    assert await count_mails(database) == 3, "whoever confirmed is asked at once"


async def test_a_sign_up_after_a_mail_that_failed_gets_another(database: Database) -> None:
    first = await sign_up(database)
    async with database.write() as tx:
        (mail,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        begun = await deliveries.begin_attempt(tx, mail, NOW)
        assert begun is not None
        refused = AttemptOutcome(DeliveryState.FAILED, "rcpt", 550, "5.1.1 user unknown")
        assert await deliveries.finish_attempt(tx, begun, refused, None, NOW)
    assert (await sign_up(database, NOW + HOUR)).delivery_id != first.delivery_id


async def sign_up_spelled(database: Database, spelling: str, now: datetime = NOW) -> SignUp:
    async with database.write() as tx:
        return await subscribers.sign_up(tx, f"{spelling}@mail.example", Wish(("all",)), now, mailbox="c" * 64)


async def test_all_spellings_of_a_mailbox_share_what_it_may_be_asked(database: Database) -> None:
    spellings = ("zhang.wei", "zhang.weI", "zhang.wEi", "zhang.wei+1", "zhang.wei+2", "Zhang.wei")
    made = await asyncio.gather(*(sign_up_spelled(database, spelling) for spelling in spellings))
    assert len({one.subscriber_id for one in made}) == len(spellings)
    assert await count_mails(database) == 1
    for day in range(1, 6):
        await sign_up_spelled(database, f"zhang.wei+day{day}", NOW + day * (DAY + MINUTE))
    assert await count_mails(database) == 3, "three in its life"
    async with database.write() as tx:
        (mail, *_) = await deliveries.claim_deliveries(tx, NOW + 9 * DAY, LEASE, 9)
        assert mail.address in {f"{spelling}@mail.example" for spelling in spellings}, "as it was typed"
        await subscribers.sign_up(tx, "zhang.wei@other.example", Wish(("all",)), NOW, mailbox="d" * 64)
    assert await count_mails(database) == 4


async def test_two_sign_ups_of_one_address_at_once_are_one_person(database: Database) -> None:
    first, second = await asyncio.gather(sign_up(database, feeds=("all",)), sign_up(database, feeds=("songbei",)))
    assert first.subscriber_id == second.subscriber_id
    async with database.read() as tx:
        assert len(await subscribers.list_subscribers(tx, 9)) == 1


async def test_confirming_twice_changes_nothing(database: Database) -> None:
    first = await confirmed(database)
    assert first.confirmed_at == NOW
    async with database.write() as tx:
        assert await subscribers.confirm_subscription(tx, first.id, NOW + DAY) == first
        person = await subscribers.find_subscriber(tx, ADDRESS)
    assert person is not None
    assert (person.id, person.confirmed_at) == (first.subscriber_id, NOW)
    assert await count_live(database) == 1


async def test_what_ended_or_never_was_cannot_be_confirmed(database: Database) -> None:
    asked = await sign_up(database)
    async with database.write() as tx:
        await subscribers.end_subscription(tx, asked.subscription_id, "unsubscribed", NOW)
        assert await subscribers.confirm_subscription(tx, asked.subscription_id, NOW) is None
        assert await subscribers.confirm_subscription(tx, 999, NOW) is None
        assert await subscribers.end_subscription(tx, 999, "unsubscribed", NOW) is None
        assert await subscribers.load_subscription(tx, 999) is None
        assert await subscribers.load_subscriber(tx, 999) is None
        assert await subscribers.find_subscriber(tx, "nobody@mail.example") is None


async def test_unsubscribing_twice_changes_nothing_and_may_be_undone(database: Database) -> None:
    live = await confirmed(database)
    async with database.write() as tx:
        ended = await subscribers.end_subscription(tx, live.id, "unsubscribed", NOW + HOUR)
        assert ended is not None
        assert (ended.ended_at, ended.ended_reason) == (NOW + HOUR, "unsubscribed")
        assert await subscribers.end_subscription(tx, live.id, "operator", NOW + DAY) == ended
    assert await count_live(database) == 0
    async with database.write() as tx:
        assert await subscribers.resume_subscription(tx, live.id, NOW + 28 * DAY) == live
        assert await subscribers.resume_subscription(tx, live.id, NOW + 28 * DAY) is None
    assert await count_live(database) == 1


async def test_an_old_a_foreign_or_an_unconfirmed_ending_cannot_be_undone(database: Database) -> None:
    live = await confirmed(database)
    pending = await sign_up(database, feeds=("all",))
    async with database.write() as tx:
        await subscribers.end_subscription(tx, live.id, "unsubscribed", NOW)
        assert await subscribers.resume_subscription(tx, live.id, NOW + 29 * DAY) is None
        await subscribers.end_subscription(tx, pending.subscription_id, "unsubscribed", NOW)
        assert await subscribers.resume_subscription(tx, pending.subscription_id, NOW) is None
        _, barred = await subscribe(tx, 7)
        await subscribers.end_subscription(tx, barred, "operator", NOW)
        assert await subscribers.resume_subscription(tx, barred, NOW) is None


async def test_leaving_altogether_ends_everything_and_undo_brings_the_person_back(database: Database) -> None:
    live = await confirmed(database)
    await sign_up(database, feeds=("all",))
    async with database.write() as tx:
        await subscribers.end_subscriber(tx, live.subscriber_id, "unsubscribed", NOW)
        await subscribers.end_subscriber(tx, live.subscriber_id, "operator", NOW + DAY)
        person = await subscribers.load_subscriber(tx, live.subscriber_id)
        assert person is not None
        assert (person.ended_at, person.ended_reason) == (NOW, "unsubscribed")
        assert await subscribers.list_subscriptions(tx, live.subscriber_id) == []
        assert len(await subscribers.list_subscriptions(tx, live.subscriber_id, live_only=False)) == 2
        assert await subscribers.resume_subscription(tx, live.id, NOW) == live
        person = await subscribers.load_subscriber(tx, live.subscriber_id)
    assert person is not None
    assert (person.ended_at, person.ended_reason) == (None, None)


async def test_the_operator_adds_without_a_mail_and_only_once(database: Database) -> None:
    async with database.write() as tx:
        wish = Wish(("all",), ("基金",), Frequency.WEEKLY, False, ("report",), ("王川",), ("供水",), False, (3,))
        first = await subscribers.add_confirmed(tx, ADDRESS, wish, NOW)
        assert await subscribers.add_confirmed(tx, ADDRESS.lower(), wish, NOW) == first
        assert await subscribers.add_confirmed(tx, ADDRESS, replace(wish, remind=()), NOW) != first
        kept = await subscribers.load_subscription(tx, first)
        assert await deliveries.claim_deliveries(tx, NOW, LEASE, 9) == []
    assert kept is not None
    assert kept.wish == wish
    assert await count_live(database) == 2


async def test_a_live_subscription_may_have_another_wish(database: Database) -> None:
    live = await confirmed(database)
    wish = Wish(("all",), ("公告",), Frequency.WEEKLY, False, kinds=("consultation",), remind=())
    async with database.write() as tx:
        changed = await subscribers.change_subscription(tx, live.id, wish, NOW)
        assert changed == replace(live, wish=wish)
        assert await subscribers.load_subscription(tx, live.id) == changed
        assert await subscribers.change_subscription(tx, 999, wish, NOW) is None
        await subscribers.end_subscription(tx, live.id, "unsubscribed", NOW)
        assert await subscribers.change_subscription(tx, live.id, live.wish, NOW) is None


async def test_another_frequency_sends_what_waits_at_once(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        person, subscription = await subscribe(tx, 1, Frequency.WEEKLY)
        row = NewAlertItem(event_id, person, "mail", Frequency.WEEKLY, (subscription,))
        (item,) = await events.add_alert_items(tx, [row], NOW)
        await subscribers.change_subscription(tx, subscription, Wish(("all",), frequency=Frequency.WEEKLY), NOW)
        assert await deliveries.claim_deliveries(tx, NOW, LEASE, 9) == []
        await subscribers.change_subscription(tx, subscription, Wish(("all",)), NOW)
        await digests.flush_pending(tx, person, NOW)
        (digest,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        assert (digest.kind, digest.subscriber_id) == (DeliveryKind.DIGEST, person)
        assert [one.item.id for one in await events.load_event_material(tx, digest.id)] == [item]


async def test_pages_of_people_hold_all_of_each_persons_subscriptions(database: Database) -> None:
    async with database.write() as tx:
        for person in range(5):
            for feed in ("all", "songbei"):
                await subscribe(tx, person, feeds=(feed,))
        _, gone = await subscribe(tx, 5)
        await subscribers.end_subscription(tx, gone, "unsubscribed", NOW)
        other, _ = await subscribe(tx, 6, feeds=("elsewhere",))
    await sign_up(database)
    pages = await walk_audience(database, ["all", "songbei", "songbei/tzgg"], 4)
    assert [[one.wish.feeds[0] for one in page] for page in pages] == [["all", "songbei"] * 2] * 2 + [
        ["all", "songbei"]
    ]
    assert [[one.subscriber_id for one in page] for page in await walk_audience(database, ["elsewhere"], 1)] == [
        [other]
    ]


async def test_subscribers_are_listed_in_pages(database: Database) -> None:
    async with database.write() as tx:
        ids = [(await subscribe(tx, person))[0] for person in range(3)]
    async with database.read() as tx:
        first = await subscribers.list_subscribers(tx, 2)
        rest = await subscribers.list_subscribers(tx, 2, after=first[-1].id)
    assert [one.id for one in first + rest] == ids
