"""People who move or are erased while notices are on their way: nothing is lost, nothing goes where it should not."""

from __future__ import annotations

from feeds.decide.addresses import hash_address, hash_mailbox
from feeds.flows.retention import forget_people
from feeds.model import Frequency
from feeds.store import relocations, retention, subscribers
from feeds.store.status import load_ledger
from tests.flows.conftest import World

OLD, NEW = "old@example.com", "new@example.net"


async def subscribe_daily(world: World) -> int:
    """A subscriber whose digest has something in it; returns its id."""
    number = await world.subscribe(OLD, frequency=Frequency.DAILY)
    await world.poll()
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    await world.read_articles()
    await world.tell()
    async with world.database.read() as tx:
        found = await subscribers.load_subscription(tx, number)
    assert found is not None
    return found.subscriber_id


async def test_who_is_erased_gets_not_even_the_digest_that_was_waiting_and_the_ledger_adds_up(world: World) -> None:
    person = await subscribe_daily(world)
    keyring = world.delivering.composing.keyring
    async with world.database.write() as tx:
        await retention.erase_subscriber(tx, person, hash_address(keyring, OLD), world.now)
    world.wait(days=2)
    assert await world.tell() == []
    async with world.database.read() as tx:
        ledger = await load_ledger(tx)
    assert ledger.unaccounted == 0
    assert await forget_people(world.database, keyring, world.clock) == 0


async def test_what_waits_goes_to_the_old_address_and_what_comes_later_to_the_new_one(world: World) -> None:
    person = await subscribe_daily(world)
    keyring = world.delivering.composing.keyring
    new = relocations.NewAddress(NEW, hash_address(keyring, NEW), hash_mailbox(keyring, NEW))
    async with world.database.write() as tx:
        asked = await relocations.request_relocation(tx, person, new, world.now)
        assert asked is not None
        assert await subscribers.confirm_subscription(tx, asked, world.now)
    first = await world.tell()
    assert sorted((mail.to, "听证会" in mail.text) for mail in first) == [(OLD, False), (OLD, True)]
    world.replica.publish("tzgg", "关于绿化条例的通知")
    await world.poll()
    await world.read_articles()
    await world.tell()
    world.wait(days=1)
    (later,) = [mail for mail in await world.tell() if mail.path not in {one.path for one in first}]
    assert (later.to, "绿化条例" in later.text, "听证会" in later.text) == (NEW, True, False)
