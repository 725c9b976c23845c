"""A backup is restored: what may have been told in the lost time waits for the operator, what is new does not."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from feeds.daemon.epoch import beat_epoch, meet_epoch, read_epoch
from feeds.flows import alert
from feeds.flows.restored import HELD, release_restored
from feeds.store import deliveries, epochs, status
from tests.flows.conftest import World

KEY = "secret.key"


def key(world: World) -> Path:
    return world.folder / KEY


async def restore(world: World, *, told: bool = True) -> None:
    """Tell of a notice, lose an hour that the file beside the key knows of, and start on the older database."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await meet_epoch(world.database, key(world), world.clock)
    if told:
        world.replica.publish("tzgg", "关于旁听的公告")
        await world.poll()
        for event in await alert.claim_due(world.alerting, 20):
            await alert.fan_out(world.alerting, event)
    world.wait(hours=1)
    seen = read_epoch(key(world))
    assert seen is not None
    (world.folder / "epoch").write_text(f"{seen.name} {world.now.isoformat()}\n", encoding="ascii")
    world.wait(minutes=5)
    with capture_logs() as logs:
        await meet_epoch(world.database, key(world), world.clock)
    assert [entry["log_level"] for entry in logs] == ["error"]


async def count(world: World) -> dict[str, int]:
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).unaccounted == 0
        return await deliveries.count_deliveries(tx)


async def count_held(world: World) -> int:
    async with world.database.read() as tx:
        epoch = await epochs.load_epoch(tx)
        assert epoch is not None
        return await epochs.count_held(tx, epoch)


async def test_what_may_have_been_told_waits_and_what_is_new_goes(world: World) -> None:
    await restore(world)
    assert await world.tell() == []
    assert await count_held(world) == 1
    world.wait(hours=2)
    world.replica.publish("tzgg", "关于听证的公告")
    await world.poll()
    assert ["听证" in mail.subject for mail in await world.tell()] == [True]
    assert await count(world) == {"accepted": 1, "deferred": 1}


async def test_what_a_poll_finds_again_waits_as_well(world: World) -> None:
    world.replica.publish("tzgg", "关于旁听的公告")
    await restore(world, told=False)
    world.replica.publish("tzgg", "关于立法的公告", at=world.now - timedelta(hours=1))
    await world.poll()
    assert await world.tell() == []
    assert await count_held(world) == 1


async def test_the_operator_lets_them_go(world: World) -> None:
    await restore(world)
    await world.tell()
    assert await release_restored(world.database, world.now, discard=False) == 1
    assert len(await world.tell()) == 1
    assert await release_restored(world.database, world.now, discard=False) is None


async def test_the_operator_drops_them_and_what_is_found_again_meanwhile(world: World) -> None:
    await restore(world)
    await world.tell()
    assert await release_restored(world.database, world.now, discard=True) == 1
    assert await world.tell() == []
    assert await count(world) == {"suppressed": 1}
    world.wait(hours=2)
    world.replica.publish("tzgg", "关于听证的公告")
    await world.poll()
    assert len(await world.tell()) == 1


async def test_without_a_word_they_go_a_day_later_for_late_is_better_than_never(world: World) -> None:
    await restore(world)
    await world.tell()
    world.wait(hours=HELD.total_seconds() / 3600)
    assert len(await world.tell()) == 1


async def test_a_database_that_goes_on_holds_nothing(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await meet_epoch(world.database, key(world), world.clock)
    world.wait(days=3)
    await beat_epoch(world.database, key(world), world.clock)
    world.wait(days=3)
    with capture_logs() as logs:
        await meet_epoch(world.database, key(world), world.clock)
    assert logs == []
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    assert len(await world.tell()) == 1


async def test_a_sign_of_life_never_goes_back(world: World) -> None:
    """Clocks of two machines differ."""
    await meet_epoch(world.database, key(world), world.clock)
    before = read_epoch(key(world))
    world.wait(seconds=-5)
    await beat_epoch(world.database, key(world), world.clock)
    await meet_epoch(world.database, key(world), world.clock)
    assert read_epoch(key(world)) == before


@pytest.mark.parametrize("text", ["", "a", "a yesterday", "a 2026-03-02T09:30:00", "甲 2026-03-02T09:30:00+08:00"])
async def test_a_file_that_says_nothing_is_written_anew(world: World, text: str) -> None:
    (world.folder / "epoch").write_text(text, encoding="utf-8")
    assert read_epoch(key(world)) is None
    await meet_epoch(world.database, key(world), world.clock)
    assert read_epoch(key(world)) is not None


async def test_a_folder_that_cannot_be_written_stops_no_mail(world: World) -> None:
    lost = world.folder / "gone" / KEY
    with capture_logs() as logs:
        await meet_epoch(world.database, lost, world.clock)
    (told,) = logs
    assert (told["log_level"], told["file"]) == ("warning", str(world.folder / "gone" / "epoch"))
    assert "mails wait for a day" in told["otherwise"]
    shutil.rmtree(world.folder / "gone", ignore_errors=True)
