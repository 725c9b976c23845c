"""Documents that machines share: one publishes into the database, every other one copies and serves the same bytes."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from feeds.config import PublishSettings, Site
from feeds.errors import PublishError
from feeds.flows import copying
from feeds.flows.copying import Copying, Progress, copy_all, copy_later, keep_copies
from feeds.flows.documents import COPIED, RENDERED_WITH, SUFFIXES, compress_variants, write_document
from feeds.flows.places import drop_archives, find_absent, put_documents, read_stamp, write_stamp
from feeds.flows.publish import publish_stale, renew_feeds
from feeds.flows.rendering import Publishing
from feeds.serve.feeds import FeedServer
from feeds.store import documents
from feeds.store.engine import Database, open_database
from feeds.store.schema import document, document_version
from tests.flows.conftest import World

NOW = datetime(2026, 9, 16, 2, 0, 0, 250_001, tzinfo=UTC)
FEED, ARCHIVE, CALENDAR = "feeds/all.atom", "feeds/harbin/tzgg/archive/1.atom", "calendar/all.ics"
BODY, OTHER = b"<feed>" + b"1" * 500 + b"</feed>", b"<feed>" + b"2" * 500 + b"</feed>"
PATIENCE = 20.0
FAR = 3600.0


@dataclass
class Machines:
    """A machine that publishes, and one that copies; they share a database and nothing else."""

    publishing: Publishing
    copying: Copying

    @property
    def folder(self) -> Path:
        """Where copies are."""
        return self.copying.directory

    async def publish(self, path: str, body: bytes) -> bool:
        """Publish a document."""
        return await put_documents(self.publishing, {path: body}, self.publishing.clock())


def make_machines(database: Database, folder: Path) -> Machines:
    settings = PublishSettings(dir=folder / "workshop", share=True)
    publishing = Publishing(database, {}, Site(), settings, lambda: NOW)
    return Machines(publishing, Copying(database, folder / "copies", lambda: NOW, Progress(NOW - timedelta(days=1))))


@pytest.fixture
def machines(database: Database, tmp_path: Path) -> Machines:
    """Two machines, on each database in turn."""
    return make_machines(database, tmp_path)


def list_files(folder: Path) -> set[str]:
    """Documents and variants below a folder."""
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and file.name[0] != "."}


def list_variants(path: str) -> set[str]:
    return {path + suffix for suffix in ("", *SUFFIXES)}


async def wait_until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 -- files have no events
            await asyncio.sleep(0.02)


@asynccontextmanager
async def copying_goes_on(copying: Copying) -> AsyncIterator[None]:
    task = asyncio.ensure_future(keep_copies(copying))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_copy_is_the_same_to_every_reader(machines: Machines, tmp_path: Path) -> None:
    """Bytes, entity tags and Last-Modified agree, whichever machine answers."""
    assert await machines.publish(FEED, BODY)
    assert list_files(tmp_path / "workshop") == set()
    await copy_all(machines.copying)
    write_document(tmp_path / "local" / FEED, BODY, NOW)
    here, there = (
        FeedServer(folder, "https://feeds.example.com", (), None).find_document(f"/{FEED}")  # type: ignore[arg-type]  # nothing beyond is asked
        for folder in (tmp_path / "local", machines.folder)
    )
    assert here == there is not None
    assert list_files(machines.folder) == list_variants(FEED)
    for suffix, body in compress_variants(BODY).items():
        assert (machines.folder / (FEED + suffix)).read_bytes() == body


async def test_later_documents_and_removals_are_followed(machines: Machines) -> None:
    await machines.publish(FEED, BODY)
    await put_documents(machines.publishing, {ARCHIVE: BODY}, NOW, (".gz",))
    seen = await copy_all(machines.copying)
    assert list_files(machines.folder) == {*list_variants(FEED), ARCHIVE, f"{ARCHIVE}.gz"}
    await machines.publish(CALENDAR, BODY)
    await machines.publish(FEED, OTHER)
    await drop_archives(machines.publishing)
    later = await copy_later(machines.copying, seen)
    assert list_files(machines.folder) == list_variants(FEED) | list_variants(CALENDAR)
    assert (machines.folder / FEED).read_bytes() == OTHER
    assert await copy_later(machines.copying, later) == later
    assert await find_absent(machines.publishing, [FEED, ARCHIVE]) == [ARCHIVE]


async def test_a_variant_that_is_no_more_is_not_served_beside_new_bytes(machines: Machines) -> None:
    """A web server would hand it out without asking what is in it."""
    await machines.publish(ARCHIVE, BODY)
    seen = await copy_all(machines.copying)
    await put_documents(machines.publishing, {ARCHIVE: OTHER}, NOW, (".gz",))
    await copy_later(machines.copying, seen)
    assert list_files(machines.folder) == {ARCHIVE, f"{ARCHIVE}.gz"}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def replace_bytes(file: Path) -> None:
    """As after a power failure: the size and the time are there, the bytes are not."""
    stat = file.stat()
    file.write_bytes(bytes(stat.st_size))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("suffix", ["", ".gz", ".br", ".zst"])
@pytest.mark.parametrize("damage", [Path.unlink, cut, replace_bytes])
async def test_a_damaged_file_is_fetched_again(
    tmp_path: Path, sqlite_url: str, suffix: str, damage: Callable[[Path], None]
) -> None:
    database = await open_database(sqlite_url)
    machines = make_machines(database, tmp_path)
    await machines.publish(FEED, BODY)
    await copy_all(machines.copying)
    damage(machines.folder / (FEED + suffix))
    await copy_all(replace(machines.copying, progress=Progress(NOW)))
    assert (machines.folder / (FEED + suffix)).read_bytes() == compress_variants(BODY)[suffix]
    await database.close()


async def test_what_is_right_is_left_alone(machines: Machines) -> None:
    await machines.publish(FEED, BODY)
    await copy_all(machines.copying)
    before = (machines.folder / FEED).stat()
    await copy_all(replace(machines.copying, progress=Progress(NOW)))
    assert (machines.folder / FEED).stat().st_ino == before.st_ino


async def test_a_database_that_lost_everything_takes_nothing_from_readers(machines: Machines) -> None:
    """A restore without documents: they are published anew, and what is there is served until then."""
    await machines.publish(FEED, BODY)
    await machines.publish(CALENDAR, BODY)
    seen = await copy_all(machines.copying)
    async with machines.copying.database.write() as tx:
        await tx.execute(delete(document))
        await tx.execute(delete(document_version))
    seen = await copy_later(machines.copying, seen)
    assert (seen, (machines.folder / FEED).read_bytes()) == (0, BODY)
    await machines.publish(FEED, OTHER)
    await copy_later(machines.copying, seen)
    assert (machines.folder / FEED).read_bytes() == OTHER


async def test_damage_in_the_database_is_not_served(machines: Machines) -> None:
    await machines.publish(FEED, BODY)
    await machines.publish(CALENDAR, BODY)
    async with machines.copying.database.write() as tx:
        await tx.execute(update(document).where(document.c.path == CALENDAR).values(gz=b"nonsense"))
    await copy_all(machines.copying)
    assert list_files(machines.folder) == list_variants(FEED)


async def test_processes_of_one_folder_copy_one_after_the_other(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one would lay old bytes over new ones."""
    await machines.publish(FEED, BODY)
    machines.folder.mkdir()
    with (machines.folder / ".copying").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = asyncio.create_task(copy_all(machines.copying))
        await asyncio.wait([waiting], timeout=0.2)
        assert list_files(machines.folder) == set()
        monkeypatch.setattr(copying, "_PATIENCE", 0.1)
        with pytest.raises(PublishError, match="another process"):
            await copy_all(machines.copying)
    await waiting
    assert list_files(machines.folder) == list_variants(FEED)


async def test_copies_are_fetched_in_portions(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_PAGE", 2)
    monkeypatch.setattr(copying, "_MOST_BYTES", 1)
    paths = [f"feeds/harbin/c{number}.atom" for number in range(5)]
    seen = await copy_all(machines.copying)
    for path in paths[:3]:
        await machines.publish(path, BODY)
    seen = await copy_later(machines.copying, seen)
    for path in paths:
        await machines.publish(path, OTHER)
    await copy_all(replace(machines.copying, directory=machines.folder / "second"))
    assert list_files(machines.folder / "second") == {file for path in paths for file in list_variants(path)}


async def test_who_publishes_into_a_folder_of_copies_begins_anew(machines: Machines) -> None:
    """Its stamp would say that all is rendered; copies may be older."""
    machines.folder.mkdir()
    (machines.folder / RENDERED_WITH).write_text("as ever")
    await copy_all(machines.copying)
    own = replace(machines.publishing, settings=PublishSettings(dir=machines.folder))
    assert await read_stamp(own, RENDERED_WITH) is None
    await write_stamp(machines.publishing, RENDERED_WITH, "shared")
    assert await read_stamp(machines.publishing, RENDERED_WITH) == "shared"
    assert not (machines.folder / RENDERED_WITH).exists()


async def test_a_change_is_copied_at_once(postgres_url: str, tmp_path: Path) -> None:
    """Long before it is looked for."""
    database = await open_database(postgres_url)
    machines = make_machines(database, tmp_path)
    async with copying_goes_on(replace(machines.copying, poll=FAR, whole=FAR)):
        await wait_until((machines.folder / COPIED).is_file)
        await machines.publish(FEED, BODY)
        await wait_until((machines.folder / FEED).is_file)
        await machines.publish(FEED, OTHER)
        await wait_until(lambda: (machines.folder / FEED).read_bytes() == OTHER)
    await database.close()


async def test_without_tidings_changes_are_found_by_looking(sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(sqlite_url)
    machines = make_machines(database, tmp_path)
    async with copying_goes_on(replace(machines.copying, poll=0.02)):
        await wait_until((machines.folder / COPIED).is_file)
        await machines.publish(FEED, BODY)
        await wait_until((machines.folder / FEED).is_file)
    async with copying_goes_on(replace(machines.copying, poll=0.02, whole=0.0)):
        cut(machines.folder / FEED)
        await wait_until(lambda: (machines.folder / FEED).read_bytes() == BODY)
    await database.close()


async def test_a_disk_that_cannot_be_written_is_told_and_tried_again(sqlite_url: str, tmp_path: Path) -> None:
    database = await open_database(sqlite_url)
    machines = make_machines(database, tmp_path)
    await machines.publish(FEED, BODY)
    (machines.folder.parent / "copies").write_text("in the way")
    async with copying_goes_on(machines.copying):
        await wait_until(lambda: machines.copying.progress.problem is not None)
        assert str(machines.folder) in (machines.copying.progress.problem or "")
        machines.folder.unlink()
        await wait_until((machines.folder / FEED).is_file)
        await wait_until(lambda: machines.copying.progress.problem is None)
    await database.close()


async def test_a_whole_site_is_shared(world: World, tmp_path: Path) -> None:
    """Feeds, calendars and what comes later, byte by byte as a machine alone has them."""
    sharing = replace(world.publishing, settings=world.publishing.settings.model_copy(update={"share": True}))
    copies = Copying(world.database, tmp_path / "copies", world.clock, Progress(world.now))
    await world.poll("tzgg")
    await publish_stale(world.publishing)
    alone = world.publishing.settings.dir
    await renew_feeds(sharing)
    assert await publish_stale(sharing)
    await renew_feeds(replace(sharing, settings=sharing.settings.model_copy(update={"dir": tmp_path / "other"})))
    assert await publish_stale(sharing) == [], "another machine with another folder renders nothing anew"
    await copy_all(copies)
    files = list_files(alone)
    assert {"feeds/all.atom", "feeds/harbin-renda/tzgg.rss.br", "calendar/harbin-renda/tzgg.ics"} <= files
    assert list_files(copies.directory) == files
    assert [name for name in files if (copies.directory / name).read_bytes() != (alone / name).read_bytes()] == []
    async with world.database.read() as tx:
        assert await documents.load_last_version(tx) > 0
