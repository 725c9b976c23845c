"""Copies of what notices link to, over real HTTP, on both databases."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
from dataclasses import replace
from datetime import timedelta
from html import escape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from feeds.config import FileSettings
from feeds.demo.files import make_file
from feeds.demo.reply import Reply
from feeds.files import KeptFile
from feeds.flows import keeping as flow
from feeds.flows.keeping import Keeping
from feeds.flows.upkeep import recall_stray
from feeds.model import Attachment, Notice
from feeds.store import copies, files, notices
from feeds.store.copies import FileTally
from feeds.store.schema import notice
from feeds.store.vault import PARTS, Vault
from tests.flows.conftest import World

PDF = "/upload/20260907/2026090714461879.pdf"
RAR = "/upload/20260602/2026060211455714.rar"
NEWER = b"%PDF-1.5 another text"


@pytest.fixture
def keeping(world: World) -> Keeping:
    """What keeps the copies of the world's portal."""
    vault = Vault(world.folder / "files")
    limits, poll, clock = FileSettings(), world.settings.poll, world.clock
    return Keeping(world.database, world.polling.client, world.polling.portals, limits, poll, vault, clock)


async def keep_all(keeping: Keeping, world: World) -> list[str | None]:
    """Keep whatever is due, as time goes by; return what each one came to."""
    outcomes: list[str | None] = []
    idle = 0
    while idle < 5:
        claimed = await flow.claim_due(keeping, 1)
        idle = 0 if claimed else idle + 1
        outcomes += [await flow.keep_file(keeping, claim) for claim in claimed]
        world.wait(seconds=10)
    return outcomes


async def read_channel(world: World, slug: str = "tzgg") -> None:
    await world.poll(slug)
    await world.read_articles()


async def load_all(world: World) -> list[tuple[Notice, list[KeptFile]]]:
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "all", 100)
        found = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
        kept = await copies.load_copies(tx, [one.id for one in found])
    return [(one, kept.get(one.id, [])) for one in found]


async def find_file(world: World, path: str = PDF) -> tuple[Notice, list[KeptFile]]:
    """Return the notice that links to a file, and its copies of that, newest first."""
    (found,) = [one for one in await load_all(world) if path in {path_of(a.url) for a in files_of(one[0])}]
    return found[0], [file for file in found[1] if path_of(file.url) == path]


async def find_problem(world: World, path: str = PDF) -> str | None:
    async with world.database.read() as tx:
        refused = await copies.list_refused(tx, 100)
    return next((one.problem for one in refused if path_of(one.url) == path), None)


def files_of(told: Notice) -> list[Attachment]:
    return list(told.article.attachments) if told.article else []


def path_of(url: str) -> str:
    return urlsplit(url).path


async def tally(world: World) -> FileTally:
    async with world.database.read() as tx:
        return await copies.tally_files(tx)


def list_vault(keeping: Keeping) -> set[str]:
    return {path.name for path in keeping.vault.folder.rglob("*") if path.is_file() and path.name[0] != "."}


def bytes_of(keeping: Keeping, file: KeptFile) -> bytes:
    place = keeping.vault.find(file.sha256)
    assert place is not None
    return place.read_bytes()


def without_files(keeping: Keeping) -> Keeping:
    portals = {name: replace(portal, files=False) for name, portal in keeping.portals.items()}
    return replace(keeping, portals=portals)


# ---- what is kept ----


async def test_every_attachment_is_kept_as_the_portal_has_it(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    outcomes = await keep_all(keeping, world)
    assert outcomes == [None] * 7
    told, (pdf,) = await find_file(world)
    assert bytes_of(keeping, pdf) == make_file(PDF)[1]
    assert (pdf.type, pdf.size) == ("application/pdf", len(make_file(PDF)[1]))
    assert pdf.sha256 == hashlib.sha256(make_file(PDF)[1]).hexdigest()
    assert pdf.name in {file.name for file in files_of(told)}
    found = await tally(world)
    assert (found.files, found.refused, found.wanted) == (6, 0, 7), "two are the same; each is looked at once more"


async def test_the_pictures_of_a_text_are_kept_after_the_attachments(world: World, keeping: Keeping) -> None:
    await read_channel(world, "gzdt")
    await read_channel(world)
    outcomes = await keep_all(keeping, world)
    assert set(outcomes) == {None}
    found = [(told, file) for told, kept in await load_all(world) for file in kept if file.type.startswith("image/")]
    pictures = [file for _, file in found]
    assert pictures
    shown = [f'src="{escape(file.url)}"' in told.article.body_html for told, file in found if told.article]
    assert all(shown), "they are found by how the text names them"
    order = [path for path in world.replica.asked if "/upload/" in path or path.endswith(".jpg")]
    assert order.index(PDF) < min(order.index(path_of(file.url)) for file in pictures)


async def test_files_wait_until_the_articles_are_read(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    world.replica.publish("tzgg", "关于旁听的公告")
    world.replica.article_trouble = 500
    await world.poll()
    world.wait(minutes=30)
    assert await flow.claim_due(keeping, 4) == []
    world.replica.article_trouble = None
    await world.read_articles()
    assert len(await flow.claim_due(keeping, 4)) == 1


async def test_a_day_of_files_keeps_to_an_eighth_of_the_budget(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await read_channel(world, "gzdt")
    portals = {name: replace(portal, budget=24.0) for name, portal in keeping.portals.items()}
    poor = replace(keeping, portals=portals)
    fetched = 0
    for _ in range(2 * 24 * 4):
        world.wait(minutes=15)
        for claim in await flow.claim_due(poor, 4):
            await flow.keep_file(poor, claim)
            fetched += 1
    assert 5 <= fetched <= 7, "three a day, for two days"


async def test_nothing_is_fetched_in_the_quiet_hours_of_a_portal(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    local = (world.now + timedelta(hours=8)).time().replace(microsecond=0)
    until = (world.now + timedelta(hours=9)).time().replace(microsecond=0)
    portals = {name: replace(portal, quiet=(local, until)) for name, portal in keeping.portals.items()}
    quiet = replace(keeping, portals=portals)
    assert await flow.claim_due(quiet, 4) == []
    world.wait(hours=2)
    assert len(await flow.claim_due(quiet, 4)) == 1


async def test_a_file_that_two_ask_for_goes_to_one(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    (first,) = await flow.claim_due(keeping, 1)
    world.wait(seconds=10)
    (second,) = await flow.claim_due(keeping, 1)
    assert first.id != second.id
    world.wait(minutes=11)
    again = {claim.id for _ in range(7) for claim in await flow.claim_due(keeping, 1)}
    assert first.id in again, "a claim that came to nothing comes due again"
    await flow.keep_file(keeping, first)
    assert (await tally(world)).files == 0, "a late worker changes nothing"


# ---- what changes ----


async def test_a_file_that_was_replaced_is_kept_beside_the_earlier_one(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    world.replica.swapped[PDF] = Reply(200, NEWER, "application/pdf")
    world.wait(days=8)
    await keep_all(keeping, world)
    _, kept = await find_file(world)
    assert [bytes_of(keeping, file) for file in kept] == [NEWER, make_file(PDF)[1]]
    asked = world.replica.asked.count(PDF)
    world.wait(days=60)
    await keep_all(keeping, world)
    assert world.replica.asked.count(PDF) == asked == 2, "after the second look it rests"


async def test_a_revised_notice_has_its_files_fetched_again(world: World, keeping: Keeping) -> None:
    paper = next(
        one
        for one in world.replica.papers()
        if any(f"/{b.url}".replace("//", "/") == PDF for b in one.draft.blocks if b.url)
    )
    await read_channel(world)
    await keep_all(keeping, world)
    world.wait(days=8)
    await keep_all(keeping, world)
    world.replica.swapped[PDF] = Reply(200, NEWER, "application/pdf")
    text = next(block.text for block in paper.draft.blocks if block.text and not block.url)
    world.replica.correct_body(paper.id, text, text + "更正。")
    async with world.database.write() as tx:
        await tx.execute(update(notice).values(article_due=world.now))
    await world.read_articles()
    await keep_all(keeping, world)
    _, kept = await find_file(world)
    assert len(kept) == 2


async def test_an_unchanged_file_is_asked_for_conditionally(world: World, keeping: Keeping) -> None:
    """The founder kind of portal gives validators: the second look costs it an empty answer."""
    world.replica.swapped[PDF] = Reply(200, make_file(PDF)[1], "application/pdf", world.now)
    await read_channel(world)
    await keep_all(keeping, world)
    world.wait(days=8)
    (claim,) = [one for one in await claim_each(keeping, world) if path_of(one.url) == PDF]
    assert claim.validators.etag
    assert await flow.keep_file(keeping, claim) is None
    _, kept = await find_file(world)
    assert len(kept) == 1


async def claim_each(keeping: Keeping, world: World) -> list[files.FileClaim]:
    claimed = []
    while some := await flow.claim_due(keeping, 1):
        claimed += some
        world.wait(seconds=10)
    return claimed


# ---- what is refused ----


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(200, b"<html><body>404</body></html>"), "a web page"),
        (Reply(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/pdf"), "SVG"),
        (Reply(200, b"MZ\x90\0\3\0\0\0\4\0", "application/pdf"), "a program"),
        (Reply(200, b"", "application/pdf"), "empty"),
        (Reply(404, b"gone"), "404"),
        (Reply(302, b"", location="http://203.0.113.9/a.pdf"), "not on a host"),
        (Reply(302, b"", location="file:///etc/passwd"), "without an address to follow"),
    ],
)
async def test_what_is_no_document_is_not_kept_and_the_reason_is(
    world: World, keeping: Keeping, reply: Reply, why: str
) -> None:
    world.replica.swapped[PDF] = reply
    await read_channel(world)
    await keep_all(keeping, world)
    _, kept = await find_file(world)
    assert kept == []
    assert why in (await find_problem(world) or "")
    assert (await tally(world)).files == 5, "one bad file holds up no other"


async def test_an_error_page_that_gives_way_to_the_file_is_forgotten(world: World, keeping: Keeping) -> None:
    world.replica.swapped[PDF] = Reply(200, b"<html>busy</html>")
    await read_channel(world)
    await keep_all(keeping, world)
    del world.replica.swapped[PDF]
    world.wait(hours=1)
    await keep_all(keeping, world)
    assert await find_problem(world) is None
    assert len((await find_file(world))[1]) == 1


async def test_a_file_that_never_comes_is_left_alone_after_some_tries(world: World, keeping: Keeping) -> None:
    world.replica.swapped[PDF] = Reply(404, b"gone")
    await read_channel(world)
    for _ in range(40):
        world.wait(hours=12)
        await keep_all(keeping, world)
    assert world.replica.asked.count(PDF) == 6


async def test_a_file_over_the_cap_is_not_kept_nor_asked_for_again(world: World, keeping: Keeping) -> None:
    small = replace(keeping, files=FileSettings(most_bytes=5_000))
    world.replica.swapped[PDF] = Reply(200, b"%PDF-1.4" + bytes(6_000), "application/pdf")
    await read_channel(world)
    await keep_all(small, world)
    assert "6,008 bytes long, more than 5,000" in (await find_problem(world) or "")
    world.wait(days=2)
    await keep_all(small, world)
    assert world.replica.asked.count(PDF) == 1


async def test_a_file_larger_than_any_page_is_kept(world: World, keeping: Keeping) -> None:
    """The portal's politeness bounds pages at five megabytes; files have a cap of their own."""
    world.replica.swapped[PDF] = Reply(200, b"%PDF-1.4" + bytes(6_000_000), "application/pdf")
    await read_channel(world)
    await keep_all(keeping, world)
    assert [file.size for file in (await find_file(world))[1]] == [6_000_008]


async def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(world: World, keeping: Keeping) -> None:
    keeping.vault.folder.write_text("a file where the folder should be")
    await read_channel(world)
    outcomes = await keep_all(keeping, world)
    assert len(outcomes) == 7
    assert all("the copy cannot be written" in (why or "") for why in outcomes)
    await flow.tidy_files(keeping)
    keeping.vault.folder.unlink()
    world.wait(hours=1)
    assert await keep_all(keeping, world) == [None] * 7


# ---- budget, opting out, what was lost ----


async def test_what_was_kept_longest_goes_first_where_the_budget_is_full(world: World, keeping: Keeping) -> None:
    poor = replace(keeping, files=FileSettings(most_bytes=5_000, budget=5_000))
    world.replica.swapped[RAR] = Reply(200, b"Rar!\x1a\x07\x00" + bytes(3_993), "application/x-rar")
    await read_channel(world)
    await keep_all(poor, world)
    assert world.replica.asked.index(RAR) < world.replica.asked.index(PDF)
    found = await tally(world)
    assert (found.files, found.dropped) == (5, 1)
    assert list_vault(keeping) == {file.sha256 for _, kept in await load_all(world) for file in kept}
    assert sum(path.stat().st_size for path in keeping.vault.folder.rglob("*") if path.is_file()) == found.bytes
    assert (await find_file(world, RAR))[1] == []
    assert "newer ones needed its place" in (await find_problem(world, RAR) or "")
    world.wait(days=8)
    await keep_all(poor, world)
    assert world.replica.asked.count(RAR) == 1, "what there is no place for is not fetched again and again"


async def test_a_budget_that_was_lowered_is_kept_to_within_a_minute(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    await flow.tidy_files(replace(keeping, files=FileSettings(most_bytes=2_000, budget=2_000)))
    found = await tally(world)
    assert 0 < found.bytes <= 2_000
    assert len(list_vault(keeping)) == found.files


async def test_a_full_disk_costs_the_copy_and_nothing_else(world: World, keeping: Keeping) -> None:
    """No file may grow beyond three megabytes: what a full disk does, without filling one."""
    world.replica.swapped[PDF] = Reply(200, b"%PDF-1.4" + bytes(4_000_000), "application/pdf")
    await read_channel(world)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, most[1]))
    try:
        await keep_all(keeping, world)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert "the copy cannot be written: File too large" in (await find_problem(world) or "")
    assert (await tally(world)).files == len(list_vault(keeping)) == 5
    world.wait(hours=1)
    await keep_all(keeping, world)
    assert [file.size for file in (await find_file(world))[1]] == [4_000_008]


async def test_a_portal_that_opts_out_has_its_copies_deleted(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    opted_out = without_files(keeping)
    await flow.tidy_files(opted_out)
    assert list_vault(keeping) == set()
    assert await tally(world) == FileTally(0, 0, 0, 0, 0)
    assert await keep_all(opted_out, world) == []
    assert await keep_all(keeping, world) == [None] * 7, "and has them again if it comes back"


async def test_nothing_is_fetched_where_the_archive_is_off_and_what_is_there_stays(
    world: World, keeping: Keeping
) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    off = replace(keeping, files=FileSettings(keep=False))
    world.wait(days=8)
    await flow.tidy_files(off)
    assert await keep_all(off, world) == []
    assert (await tally(world)).files == 6


async def test_the_copies_of_a_withdrawn_notice_stay(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    told, before = await find_file(world)
    async with world.database.write() as tx:
        await notices.set_withdrawn(tx, told.id, world.now)
    await compare_all(keeping)
    assert (await find_file(world))[1] == before
    assert (await tally(world)).files == 6


async def compare_all(keeping: Keeping) -> tuple[int, int]:
    sums = [await flow.compare_part(keeping, part) for part in PARTS]
    return sum(lost for lost, _ in sums), sum(swept for _, swept in sums)


async def test_a_copy_that_was_lost_is_fetched_again(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    _, (pdf,) = await find_file(world)
    place = keeping.vault.find(pdf.sha256)
    assert place is not None
    place.unlink()
    assert await compare_all(keeping) == (1, 0)
    assert "the copy was lost" in (await find_problem(world) or "")
    await keep_all(keeping, world)
    assert bytes_of(keeping, (await find_file(world))[1][0]) == make_file(PDF)[1]


async def test_a_copy_that_was_cut_is_fetched_again(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    _, (pdf,) = await find_file(world)
    place = keeping.vault.find(pdf.sha256)
    assert place is not None
    os.truncate(place, 10)
    assert (await compare_all(keeping))[0] == 1
    await keep_all(keeping, world)
    assert bytes_of(keeping, pdf) == make_file(PDF)[1]


async def test_an_empty_folder_where_the_disk_was_is_not_taken_for_the_vault(world: World, keeping: Keeping) -> None:
    """A disk that is not mounted: nothing is lost, nothing is kept beside it, and nothing is swept once it is back."""
    await read_channel(world)
    (first,) = await flow.claim_due(keeping, 1)
    assert await flow.keep_file(keeping, first) is None
    mount_point = world.folder / "away"
    mount_point.mkdir()
    unmounted = replace(keeping, vault=Vault(mount_point))
    world.wait(hours=3)
    (second,) = await flow.claim_due(keeping, 1)
    assert "is its disk mounted?" in (await flow.keep_file(unmounted, second) or "")
    world.wait(days=8)
    assert await compare_all(unmounted) == (0, 0)
    assert list(mount_point.iterdir()) == []
    assert await compare_all(keeping) == (0, 0)
    assert (await tally(world)).files == 1


async def test_two_that_keep_to_the_budget_at_once_drop_no_more_than_one_would(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    await keep_all(keeping, world)
    before = await tally(world)

    async def drop() -> None:
        async with world.database.write() as tx:
            await copies.drop_oldest(tx, before.bytes - 1, world.now)
            await asyncio.sleep(0.1)

    await asyncio.gather(drop(), drop())
    assert (await tally(world)).files == before.files - 1


async def test_the_whole_vault_is_looked_through_within_some_hours(world: World, keeping: Keeping) -> None:
    keeping.vault.open_new()
    stray = keeping.vault.put(b"%PDF-1.4 of nobody", world.now)
    world.wait(days=8)
    for _ in range(256):
        await flow.tidy_files(keeping)
        world.wait(minutes=1)
    assert keeping.vault.find(stray) is None


class KilledError(Exception):
    """The process died."""


@pytest.mark.parametrize("step", flow.STEPS)
async def test_dying_between_any_two_steps_loses_nothing(world: World, keeping: Keeping, step: str) -> None:
    def die(at: str) -> None:
        if at == step:
            raise KilledError

    await read_channel(world)
    dying = replace(keeping, trace=die)
    (claim,) = await flow.claim_due(dying, 1)
    with pytest.raises(KilledError):
        await flow.keep_file(dying, claim)
    world.wait(minutes=11)
    assert set(await keep_all(keeping, world)) == {None}
    found = await tally(world)
    assert (found.files, found.refused) == (6, 0)
    world.wait(days=8)
    await compare_all(keeping)
    assert len(list_vault(keeping)) == 6


async def test_bytes_that_no_row_came_to_name_are_swept(world: World, keeping: Keeping) -> None:
    def die(at: str) -> None:
        if at == "file.put":
            raise KilledError

    await read_channel(world)
    dying = replace(keeping, trace=die)
    (claim,) = await flow.claim_due(dying, 1)
    with pytest.raises(KilledError):
        await flow.keep_file(dying, claim)
    await flow.tidy_files(without_files(keeping))
    assert await compare_all(keeping) == (0, 0), "it may be about to be named"
    world.wait(days=8)
    assert await compare_all(keeping) == (0, 1)
    assert list_vault(keeping) == set()


async def test_a_file_put_off_by_a_wrong_clock_is_due_soon(world: World, keeping: Keeping) -> None:
    await read_channel(world)
    world.wait(days=3650)
    assert len(await flow.claim_due(keeping, 1)) == 1
    world.wait(days=-3650)
    assert await recall_stray(world.polling) >= 1
    world.wait(minutes=11)
    assert len(await keep_all(keeping, world)) == 7
