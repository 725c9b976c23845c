"""Publishing by several processes: each stale feed is written by one at a time, and none is left behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from feeds.flows import publish
from feeds.flows.rendering import EntryCache, Publishing
from feeds.store import feeds
from tests.flows.conftest import World


def _open_another(world: World, written: Counter[str]) -> Publishing:
    """Return what another process publishes with; `written` counts its feeds."""

    def count(step: str) -> None:
        written[step] += 1

    return replace(world.publishing, trace=count, cache=EntryCache())


async def _list_stale(world: World) -> list[str]:
    async with world.database.read() as tx:
        return [name for name, _ in await feeds.stale_feeds(tx)]


async def test_a_burst_of_changes_is_rendered_once_however_many_publish(world: World) -> None:
    await world.poll()
    expected = len(await _list_stale(world))
    written: Counter[str] = Counter()
    found = await asyncio.gather(*(publish.publish_stale(_open_another(world, written)) for _ in range(4)))
    assert written["publish.rendered"] == expected
    assert sorted(name for names in found for name in names) == sorted({name for names in found for name in names})
    assert await _list_stale(world) == []


async def test_a_feed_that_moves_on_while_it_is_written_is_written_again_at_the_next_look(world: World) -> None:
    await world.poll()
    publishing = world.publishing
    titles = iter(["关于旁听的公告"])

    async def poll_more() -> None:
        world.replica.publish("tzgg", next(titles))
        await world.poll()

    going: list[asyncio.Task[None]] = []

    def trace(step: str) -> None:
        if step == "publish.rendered" and not going:
            going.append(asyncio.create_task(poll_more()))

    await publish.publish_stale(replace(publishing, trace=trace))
    await going[0]
    while await publish.is_due(publishing):
        await publish.publish_stale(publishing)
    assert await _list_stale(world) == []
    assert "关于旁听的公告".encode() in world.feed("all")
    assert "关于旁听的公告".encode() in world.feed()


async def test_a_crash_at_one_feed_leaves_the_others_to_be_written(world: World) -> None:
    await world.poll()

    def crash(step: str) -> None:
        if step == "publish.rendered":
            raise ZeroDivisionError

    broken = replace(world.publishing, trace=crash)
    for _ in range(2):
        try:
            await publish.publish_stale(broken)
        except ZeroDivisionError:
            continue
        raise AssertionError("it does not crash")
    left = await _list_stale(world)
    await world.publish()
    assert len(await _list_stale(world)) == 2, "each look left one to its lease, and went on with the next"
    world.wait(seconds=publish.LEASE.total_seconds())
    assert await publish.is_due(world.publishing)
    await world.publish()
    assert left
    assert await _list_stale(world) == []


async def test_a_command_writes_what_a_dead_process_has_claimed(world: World) -> None:
    await world.poll()
    async with world.database.write() as tx:
        dead = await feeds.claim_next(tx, world.now, publish.LEASE)
    assert dead
    await world.publish()
    assert await _list_stale(world) == [dead.name]
    assert not await publish.is_due(world.publishing), "it is left to whoever has it"
    await publish.publish_stale(world.publishing, seize=True)
    assert await _list_stale(world) == []
    assert world.feed(dead.name)


async def test_a_feed_asked_for_by_name_is_written_until_it_is_up_to_date(world: World) -> None:
    await world.poll()
    async with world.database.write() as tx:
        await feeds.claim_next(tx, world.now, publish.LEASE)
    assert await publish.publish_wholly(world.publishing, "all")
    assert "all" not in await _list_stale(world)
    assert not await publish.publish_wholly(world.publishing, "all"), "the same rows give the same bytes"
    assert not await publish.publish_wholly(world.publishing, "nowhere")
