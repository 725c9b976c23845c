"""A change of address: asked first, moved whole, told to the old address, and undone for a week."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.model import DeliveryKind, Frequency, Wish
from feeds.store import deliveries, events, relocations, retention, subscribers
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.relocations import NewAddress
from tests.store.builders import DAY, HOUR, LEASE, NOW, publish_event, stock, subscribe

NEW = NewAddress("su.kun@new.example", "e" * 64, "f" * 64)


async def request(database: Database, person: int, new: NewAddress = NEW) -> int:
    async with database.write() as tx:
        asked = await relocations.request_relocation(tx, person, new, NOW)
    assert asked is not None
    return asked


async def move(database: Database, person: int) -> int:
    """Move somebody's subscriptions; return the new subscriber."""
    asked = await request(database, person)
    async with database.write() as tx:
        moved = await subscribers.confirm_subscription(tx, asked, NOW + HOUR)
    assert moved is not None
    return moved.subscriber_id


async def list_feeds(database: Database, person: int) -> list[str]:
    """The feeds of somebody's confirmed live subscriptions."""
    async with database.read() as tx:
        every = await subscribers.list_subscriptions(tx, person)
    return [feed for one in every if one.confirmed_at for feed in one.wish.feeds]


async def test_subscriptions_move_when_the_new_address_confirms_and_the_old_one_is_told(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
        await subscribe(tx, 1, Frequency.WEEKLY, ("songbei",))
    asked = await request(database, person)
    async with database.read() as tx:
        waiting = await relocations.find_relocation(tx, person, NOW)
    assert waiting == relocations.Relocation("su.kun@new.example", None)
    assert await list_feeds(database, person) == ["all", "songbei"]
    async with database.write() as tx:
        moved = await subscribers.confirm_subscription(tx, asked, NOW + HOUR)
        assert moved is not None
        assert await subscribers.confirm_subscription(tx, asked, NOW + HOUR) == moved
        mails = await deliveries.claim_deliveries(tx, NOW + HOUR, LEASE, 9)
        old = await subscribers.load_subscriber(tx, person)
        found = await relocations.find_relocation(tx, person, NOW + HOUR)
    assert [(mail.kind, mail.address) for mail in mails] == [
        (DeliveryKind.CONFIRMATION, "su.kun@new.example"),
        (DeliveryKind.RELOCATION, "reader1@mail.example"),
    ]
    assert await list_feeds(database, person) == []
    assert await list_feeds(database, moved.subscriber_id) == ["all", "songbei"]
    assert old is not None
    assert old.ended_reason == "moved"
    assert found == relocations.Relocation("su.kun@new.example", NOW + HOUR)


async def test_what_changed_meanwhile_moves_as_it_is(database: Database) -> None:
    async with database.write() as tx:
        person, first = await subscribe(tx, 1)
        _, second = await subscribe(tx, 1, feeds=("songbei",))
    asked = await request(database, person)
    async with database.write() as tx:
        await subscribers.end_subscription(tx, first, "unsubscribed", NOW)
        await subscribers.change_subscription(tx, second, Wish(("songbei/tzgg",)), NOW)
        moved = await subscribers.confirm_subscription(tx, asked, NOW + HOUR)
    assert moved is not None
    assert await list_feeds(database, moved.subscriber_id) == ["songbei/tzgg"]


async def test_nothing_moves_from_who_left_meanwhile(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
    asked = await request(database, person)
    async with database.write() as tx:
        await subscribers.end_subscriber(tx, person, "unsubscribed", NOW)
        assert await subscribers.confirm_subscription(tx, asked, NOW + HOUR) is None
        assert await relocations.request_relocation(tx, person, NEW, NOW) is None
        assert await relocations.find_relocation(tx, person, NOW) is None
        assert not await relocations.undo_relocation(tx, person, NOW)


async def test_another_wish_for_the_same_address_is_withdrawn_and_the_same_one_stays(database: Database) -> None:
    async with database.write() as tx:
        person, number = await subscribe(tx, 1)
    first = await request(database, person)
    async with database.write() as tx:
        await subscribers.change_subscription(tx, number, Wish(("songbei",)), NOW)
    assert await request(database, person, replace(NEW, address="su.kun@NEW.example")) == first
    await request(database, person, NewAddress("su.kun@third.example", "c" * 64, "d" * 64))
    async with database.write() as tx:
        assert await subscribers.confirm_subscription(tx, first, NOW + HOUR) is None
        found = await relocations.find_relocation(tx, person, NOW)
        assert found is not None
        assert found.address == "su.kun@third.example"
        await relocations.cancel_relocation(tx, person, NOW)
        assert await relocations.find_relocation(tx, person, NOW) is None


async def test_the_old_address_takes_everything_back_within_a_week(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
        other = await subscribers.add_confirmed(tx, NEW.address, Wish(("songbei",)), NOW)
    new = await move(database, person)
    assert await list_feeds(database, new) == ["songbei", "all"]
    async with database.write() as tx:
        assert await relocations.undo_relocation(tx, person, NOW + 7 * DAY)
        assert not await relocations.undo_relocation(tx, person, NOW + 7 * DAY)
        kept = await subscribers.load_subscription(tx, other)
        back = await subscribers.load_subscriber(tx, person)
    assert await list_feeds(database, person) == ["all"]
    assert await list_feeds(database, new) == ["songbei"]
    assert kept is not None
    assert kept.ended_at is None
    assert back is not None
    assert back.ended_at is None


async def test_who_was_erased_takes_nothing_back_not_even_when_its_address_is_there_again(database: Database) -> None:
    async with database.write() as tx:
        person, first = await subscribe(tx, 1)
        _, second = await subscribe(tx, 1, feeds=("songbei",))
        await subscribers.end_subscription(tx, first, "unsubscribed", NOW)
    await move(database, person)
    async with database.write() as tx:
        await retention.erase_subscriber(tx, person, "o" * 64, NOW + HOUR)
        assert not await relocations.undo_relocation(tx, person, NOW + HOUR)
        assert await subscribers.resume_subscription(tx, first, NOW + HOUR) is None
        ended = [await subscribers.load_subscription(tx, number) for number in (first, second)]
        await subscribers.sign_up(tx, "reader1@mail.example", Wish(("all",)), NOW + HOUR, "o" * 64)
        assert not await relocations.undo_relocation(tx, person, NOW + HOUR)
        assert await subscribers.resume_subscription(tx, first, NOW + HOUR) is None
    assert [one and one.ended_reason for one in ended] == ["erased", "erased"]
    assert await list_feeds(database, person) == []


@pytest.mark.parametrize("reason", ["unsubscribed", "complained", "erased"])
async def test_whatever_the_new_address_does_the_old_one_sees_where_it_went_and_takes_it_back(
    database: Database, reason: str
) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
    new = await move(database, person)
    async with database.write() as tx:
        await subscribers.end_subscriber(tx, new, reason, NOW + HOUR)
        assert await relocations.find_relocation(tx, person, NOW + HOUR) == relocations.Relocation(
            NEW.address, NOW + HOUR
        )
        assert await relocations.has_moved(tx, person)
        assert await relocations.undo_relocation(tx, person, NOW + HOUR)
        assert await relocations.find_relocation(tx, person, NOW + HOUR) is None
        assert not await relocations.has_moved(tx, person)
    assert await list_feeds(database, person) == ["all"]


async def test_after_a_week_it_stays_where_it_is(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
    new = await move(database, person)
    async with database.write() as tx:
        assert not await relocations.undo_relocation(tx, person, NOW + 7 * DAY + HOUR)
        assert await relocations.find_relocation(tx, person, NOW + 7 * DAY + HOUR) is None
    assert await list_feeds(database, new) == ["all"]


async def test_what_was_matched_before_the_move_is_still_told_to_the_old_address(database: Database) -> None:
    """No notice falls between two addresses."""
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        person, number = await subscribe(tx, 1, Frequency.WEEKLY)
        row = NewAlertItem(event_id, person, "mail", Frequency.WEEKLY, (number,))
        (item,) = await events.add_alert_items(tx, [row], NOW)
    await move(database, person)
    async with database.write() as tx:
        mails = await deliveries.claim_deliveries(tx, NOW + HOUR, LEASE, 9)
        (digest,) = [mail for mail in mails if mail.kind is DeliveryKind.DIGEST]
        live = await subscribers.list_live(tx, [person])
        assert [one.item.id for one in await events.load_event_material(tx, digest.id)] == [item]
    assert [one.id for one in live[person]] == [number]


async def test_three_other_addresses_are_asked_within_a_day_whatever_moved_with_them(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
        await subscribe(tx, 1, Frequency.WEEKLY, ("songbei",))
    await move(database, person)
    async with database.write() as tx:
        assert await relocations.undo_relocation(tx, person, NOW + HOUR)
    for number in range(2):
        async with database.write() as tx:
            assert await relocations.may_move(tx, person, NOW + HOUR)
        other = f"reader{number}@new.example"
        await request(database, person, NewAddress(other, f"{number}" * 64, f"a{number}" * 32))
    async with database.write() as tx:
        assert not await relocations.may_move(tx, person, NOW + HOUR)
        assert await relocations.may_move(tx, person, NOW + DAY + HOUR)
