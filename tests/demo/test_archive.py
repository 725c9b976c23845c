"""What the replica holds at its start."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from feeds.demo.archive import WINDOW, make_archive, read_seed_article
from feeds.demo.calendar import is_workday
from feeds.demo.cut import BOX_BYTES, cut_title
from feeds.demo.paper import CHANNELS, ZONE, Archive
from feeds.demo.portal import ReplicaPortal
from tests.demo.conftest import START, HandClock


def test_the_same_seed_and_start_give_the_same_bytes(archive: Archive) -> None:
    again = make_archive(2022, START)
    assert again == archive
    pages = [
        [portal.answer("/list.jsp", f"cid={cid}").body for cid in range(1, 17)]
        + [portal.answer("/info.jsp", f"id={paper.id}").body for paper in archive.papers]
        for portal in (ReplicaPortal(archive, HandClock()), ReplicaPortal(again, HandClock()))
    ]
    assert pages[0] == pages[1]


def test_another_seed_gives_another_archive(archive: Archive) -> None:
    assert make_archive(2023, START).papers != archive.papers


def test_eighteen_months_hold_more_than_120_papers_and_the_time_before_fewer(archive: Archive) -> None:
    recent = [paper for paper in archive.papers if paper.published >= START - WINDOW]
    assert len(recent) >= 120
    assert 20 <= len(archive.papers) - len(recent) < 60


def test_every_channel_has_at_least_three_papers(archive: Archive) -> None:
    counts = Counter(slug for paper in archive.papers for slug in paper.draft.channels)
    assert {slug for slug, _ in CHANNELS if counts[slug] >= 3} == {slug for slug, _ in CHANNELS}


def test_numbers_rise_with_gaps_in_order_of_time(archive: Archive) -> None:
    for numbers, digits in (([p.id for p in archive.papers], 6), ([p.content_id for p in archive.papers], 7)):
        assert numbers == sorted(set(numbers))
        assert {len(str(number)) for number in numbers} == {digits}
        assert numbers[-1] - numbers[0] > 2 * len(numbers)


def test_everything_was_published_before_the_start_on_workdays_in_office_hours(archive: Archive) -> None:
    for paper in archive.papers:
        assert paper.published < START
        assert paper.published.utcoffset() == timedelta(hours=8)
        assert is_workday(paper.published.date())
        assert "08:30" <= f"{paper.published:%H:%M}" <= "17:30"


def test_three_notices_share_one_title_and_two_of_them_one_day(archive: Archive) -> None:
    same = [paper for paper in archive.papers if paper.draft.title == "哈尔滨市人大常委会公告"]
    texts = ["\n".join(block.text for block in paper.draft.blocks) for paper in same]
    numbers = [int(found[1]) for text in texts if (found := re.match(r"第(\d+)号\n", text))]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert [same[0].published.date(), same[1].published.date()] == [same[1].published.date()] * 2
    assert "起施行" in texts[0]
    assert "旁听席10个" in texts[1]
    assert "代表资格终止" in texts[2]


def test_the_box_of_notices_looks_as_the_known_one(replica: ReplicaPortal) -> None:
    shown = [cut_title(paper.draft.title, BOX_BYTES) for paper in replica.boxes().own]
    assert shown == [
        "哈尔滨市第十六届人民代表大 ...",
        "哈尔滨市人大常委会公告",
        "哈尔滨市人民代表大会常务委 ...",
        "哈尔滨市第十六届人民代表大 ...",
        "哈尔滨市人大常委会公告",
        "哈尔滨市人大常委会公告",
    ]


def test_the_seed_article_keeps_its_date_and_full_width_punctuation(archive: Archive) -> None:
    at, draft = read_seed_article()
    (paper,) = [paper for paper in archive.papers if paper.draft == draft]
    assert paper.published == at == datetime(2022, 9, 15, 10, 12, tzinfo=ZONE)
    text = "".join(block.text for block in draft.blocks)
    assert text.count("，") == 130
    assert not re.search(r"[,:;()]", text)
    assert [block.kind for block in draft.blocks].count("heading") == 8


def test_reprints_come_with_and_without_a_dateline_and_one_is_a_link_elsewhere(archive: Archive) -> None:
    central = [paper.draft for paper in archive.papers if paper.draft.central]
    with_line = [draft for draft in central if draft.blocks and draft.blocks[0].text.startswith("新华社北京")]
    links = [draft.external for draft in central if draft.external]
    assert len(central) >= 6
    assert 2 <= len(with_line) < len(central) - len(links)
    assert [link.startswith("http://www.npc.gov.cn/") for link in links] == [True]


def test_pages_hold_characters_that_gb2312_lacks(archive: Archive) -> None:
    text = "".join(block.text for paper in archive.papers for block in paper.draft.blocks)
    assert {character for character in "喆堃·〇—" if character in text} == set("喆堃·〇—")
    with pytest.raises(UnicodeEncodeError):
        "喆".encode("gb2312")


def test_bodies_are_typed_in_three_ways_with_tables_files_and_pictures(archive: Archive) -> None:
    assert {paper.draft.style for paper in archive.papers} == {"plain", "word", "br"}
    kinds = Counter(block.kind for paper in archive.papers for block in paper.draft.blocks)
    assert min(kinds[kind] for kind in ("table", "file", "picture", "heading", "right")) >= 3


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2032])
@pytest.mark.parametrize("month", [1, 3, 5, 10])
def test_an_archive_can_be_made_for_any_day(year: int, month: int) -> None:
    """The demo starts at the visitor's own date, holidays and new congress terms included."""
    start = datetime(year, month, 5, 23, 59, tzinfo=UTC)
    made = make_archive(1, start)
    assert len(made.papers) > 200
    assert made.papers[-1].published < start
