"""The script: what happens by the clock after the start."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from feeds.demo.paper import Archive
from feeds.demo.portal import ReplicaPortal
from feeds.demo.script import PLAYS, Event, default_script, plan_events
from tests.demo.conftest import START, HandClock


def script_of(*kinds: str) -> list[Event]:
    return [Event(timedelta(seconds=30 * place), kind) for place, kind in enumerate(kinds, 1)]


def test_the_default_script_publishes_after_25_seconds_and_goes_on_for_hours_through_every_kind() -> None:
    events = default_script()
    assert (events[0].after, events[0].kind) == (timedelta(seconds=25), "new")
    gaps = [(later.after - event.after).total_seconds() for event, later in pairwise(events)]
    assert 20 <= min(gaps) <= max(gaps) <= 40
    assert events[-1].after > timedelta(hours=7)
    assert {event.kind for event in events} == {
        "new",
        "title",
        "body",
        "second",
        "withdraw",
        "restore",
        "backdated",
        "pin",
        "unpin",
    }
    assert [event.after for event in default_script(10)] == [event.after / 10 for event in events]


def test_events_are_played_once_when_they_are_due_and_told(archive: Archive, clock: HandClock) -> None:
    told: list[str] = []
    replica = ReplicaPortal(archive, clock, script=script_of("new", "title"), on_event=told.append)
    assert replica.advance(START + timedelta(seconds=29)) == []
    lines = replica.advance(START + timedelta(seconds=61))
    assert [line.partition("：")[0].split(" · ")[1].split(":")[0] for line in lines] == ["new", "title corrected"]
    assert replica.advance(START + timedelta(hours=1)) == []
    assert told == lines


def test_a_first_notice_of_the_default_script_is_in_the_notices(replica: ReplicaPortal) -> None:
    before = {paper.id for paper in replica.papers()}
    replica.advance(START + timedelta(seconds=25))
    (paper,) = [paper for paper in replica.papers() if paper.id not in before]
    assert paper.draft.channels[0] == "tzgg"


def test_it_is_the_same_however_often_the_clock_is_looked_at(archive: Archive, clock: HandClock) -> None:
    often, once = ReplicaPortal(archive, clock), ReplicaPortal(archive, clock)
    for second in range(0, 900, 7):
        often.advance(START + timedelta(seconds=second))
    once.advance(START + timedelta(seconds=896))
    assert often.papers() == once.papers()


@pytest.mark.parametrize("kind", sorted(PLAYS))
def test_every_kind_can_come_first(archive: Archive, clock: HandClock, kind: str) -> None:
    replica = ReplicaPortal(archive, clock, script=script_of(kind))
    (line,) = replica.advance(START + timedelta(minutes=1))
    assert " · " in line


def test_each_kind_does_what_it_says(archive: Archive, clock: HandClock) -> None:
    kinds = "new title body second pin unpin withdraw restore backdated".split()
    replica = ReplicaPortal(archive, clock, script=script_of(*kinds))
    known = {paper.id for paper in archive.papers}

    def step(place: int) -> None:
        replica.advance(START + timedelta(seconds=30 * place))

    step(1)
    (first,) = [paper for paper in replica.papers() if paper.id not in known]
    step(2)
    assert replica.find(first.id).draft.title != first.draft.title
    step(3)
    assert replica.find(first.id).draft.blocks != first.draft.blocks
    step(4)
    assert len(replica.find(first.id).draft.channels) == len(first.draft.channels) + 1
    step(5)
    assert replica.find(first.id).draft.pinned
    step(6)
    assert not replica.find(first.id).draft.pinned
    step(7)
    assert replica.find(first.id).withdrawn
    step(8)
    assert not replica.find(first.id).withdrawn
    step(9)
    (late,) = [paper for paper in replica.papers() if paper.id not in {*known, first.id}]
    assert late.published < START - timedelta(days=4)
    assert late.id > first.id


def test_the_whole_script_plays_without_a_stop_and_the_portal_stays_small(archive: Archive, clock: HandClock) -> None:
    """Eight hours of a demo: bounded, every page still written."""
    replica = ReplicaPortal(archive, clock)
    lines = replica.advance(START + timedelta(hours=9))
    assert len(lines) == len(default_script())
    assert len(replica.papers()) < 1_000
    for paper in replica.papers()[:40]:
        assert replica.answer("/info.jsp", f"id={paper.id}").status == 200


def test_what_is_asked_for_is_played_a_minute_apart_and_ends_by_itself() -> None:
    events = plan_events(["takeover", "founder"], 10)
    assert [(event.kind, event.after.total_seconds()) for event in events] == [
        ("takeover", 6.0),
        ("well", 10.0),
        ("founder", 12.0),
        ("well", 16.0),
    ]


@pytest.mark.parametrize("kind", ["takeover", "utf8", "founder", "empty", "hang", "sessions"])
def test_when_it_is_well_again_it_answers_as_before(archive: Archive, clock: HandClock, kind: str) -> None:
    replica = ReplicaPortal(archive, clock, script=())
    before = replica.answer("/list.jsp", "cid=13&page=1")
    replica.play(kind)
    assert replica.answer("/list.jsp", "cid=13&page=1") != before
    replica.play("well")
    assert replica.answer("/list.jsp", "cid=13&page=1") == before


def test_links_with_a_session_lead_to_the_same_pages(replica: ReplicaPortal) -> None:
    paper = replica.papers()[0]
    query = f"id={paper.id}"
    session = f"/info.jsp;jsessionid={'0A' * 16}"
    assert replica.answer(session, query) == replica.answer("/info.jsp", query)


def test_a_consultation_is_played_to_its_end_while_its_clock_moves_on(archive: Archive, clock: HandClock) -> None:
    script = plan_events(["consultation", "takeover"])
    kinds = [event.kind for event in script]
    assert kinds == ["consult", "week", "extend", "eve", "week", "revoke", "eve", "takeover", "well"]
    assert [event.after for event in script] == sorted(event.after for event in script)
    replica = ReplicaPortal(archive, clock, script=script)
    days = []
    for event in script[:7]:
        replica.advance(START + event.after)
        days.append((replica.now().date() - START.astimezone(replica.now().tzinfo).date()).days)
    assert days == [0, 13, 13, 19, 27, 27, 33], "days before 20, then 34"
    assert replica.papers()[0].published < replica.now()


def test_time_never_goes_back(replica: ReplicaPortal) -> None:
    before = replica.now()
    replica.go_to(before - timedelta(days=1))
    assert replica.now() == before
