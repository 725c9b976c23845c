"""What is too strange to be told at once."""

from datetime import UTC, date, datetime, timedelta

from feeds.decide.changes import Keyed
from feeds.decide.guard import (
    ChannelHabits,
    Move,
    Place,
    Suspicion,
    agrees,
    find_moves,
    find_peak,
    find_slid,
    is_recent,
    prove_moves,
    suspect,
)
from feeds.model import Item, Moment, Precision

NOW = datetime(2026, 3, 9, 2, tzinfo=UTC)
DAY = timedelta(days=1)
HABITS = ChannelHabits(listed_rows=15, peak=2, listed_at=NOW - timedelta(hours=1))


def _row(number: int, age: timedelta | None = None, title: str | None = None) -> Keyed:
    published = None if age is None else Moment(NOW - age, Precision.DAY)
    item = Item(f"http://p.example/{number}", title or f"第{number}号公告", title_complete=True, published=published)
    return Keyed(f"k{number}", item, number)


def _suspect(
    fresh: int, age: timedelta | None, overlap: int = 10, habits: ChannelHabits = HABITS, rows: int = 15
) -> Suspicion | None:
    seen = [_row(number, age) for number in range(fresh + overlap)]
    return suspect(seen, seen[:fresh], overlap, habits, NOW, rows)


def test_a_few_new_rows_are_nothing_strange() -> None:
    assert _suspect(8, 100 * DAY) is None


def test_many_old_rows_at_once_are_a_flood() -> None:
    assert _suspect(9, 100 * DAY) is Suspicion.FLOOD
    assert _suspect(9, None) is Suspicion.FLOOD


def test_the_burst_after_a_session_is_no_flood() -> None:
    assert _suspect(40, timedelta()) is None


def test_what_came_while_we_were_away_is_no_flood() -> None:
    away = ChannelHabits(listed_rows=15, peak=2, listed_at=NOW - 7 * DAY)
    assert _suspect(40, 5 * DAY, habits=away) is None


def test_a_busy_channel_may_have_more_at_once() -> None:
    busy = ChannelHabits(listed_rows=15, peak=10, listed_at=NOW - timedelta(hours=1))
    assert _suspect(30, 100 * DAY, habits=busy) is None
    assert _suspect(31, 100 * DAY, habits=busy) is Suspicion.FLOOD


def test_a_list_without_a_known_row_is_another_list() -> None:
    assert _suspect(3, timedelta(), overlap=0) is Suspicion.NO_OVERLAP
    assert _suspect(0, timedelta(), overlap=0) is None


def test_half_a_list_is_not_believed() -> None:
    assert _suspect(0, timedelta(), rows=7) is Suspicion.SHRUNK
    assert _suspect(0, timedelta(), rows=8) is None
    unknown = ChannelHabits(listed_rows=None, peak=0, listed_at=None)
    assert _suspect(0, timedelta(), habits=unknown, rows=1) is None


def test_only_what_a_second_poll_cannot_prove_waits_for_the_operator() -> None:
    assert {one for one in Suspicion if one.waits} == {Suspicion.NO_OVERLAP, Suspicion.MOVED}


def test_new_rows_below_the_last_known_one_slid_up() -> None:
    rows = [_row(number) for number in range(5)]
    assert find_slid(rows, {"k0", "k3", "k4"}, 2) == {"k3", "k4"}
    assert find_slid(rows, {"k0", "k3", "k4"}, 1) == {"k3"}
    assert find_slid(rows, {"k0"}, 9) == frozenset()
    assert find_slid(rows, {f"k{number}" for number in range(5)}, 9) == frozenset()


def test_a_row_that_is_newer_than_the_last_known_one_did_not_slide() -> None:
    rows = [_row(1, 5 * DAY), _row(2, 2 * DAY), _row(3, 6 * DAY)]
    assert find_slid(rows, {"k2", "k3"}, 9) == {"k3"}


def test_a_second_poll_agrees_if_it_shows_most_of_what_was_held() -> None:
    rows = [_row(number) for number in range(8)]
    assert agrees({f"k{number}" for number in range(10)}, rows)
    assert not agrees({f"k{number}" for number in range(11)}, rows)


def test_lately_dated_rows_are_told_once_confirmed() -> None:
    assert is_recent(_row(1, 7 * DAY), NOW)
    assert is_recent(_row(1, None), NOW)
    assert not is_recent(_row(1, 9 * DAY), NOW)


def test_the_busiest_day_is_the_peak() -> None:
    assert find_peak([NOW, NOW, NOW - DAY]) == 2
    assert find_peak([]) == 0


TODAY = date(2026, 3, 9)


def test_a_row_with_title_and_day_of_one_that_is_gone_may_have_moved() -> None:
    rows = [_row(1, title="关于任免的决定"), _row(2, title="别的公告"), _row(3, title="关于任免的决定")]
    gone = [Place(7, "old", "关于任免的 决定", TODAY), Place(8, "undated", "别的公告", None)]
    days = {"k1": TODAY, "k2": TODAY, "k3": TODAY}
    assert find_moves(rows, gone, days) == (Move(rows[0], gone[0]),)  # each known one once
    assert find_moves(rows, gone, {"k1": TODAY - DAY, "k2": None}) == ()


def test_moves_are_proven_by_their_text() -> None:
    moves = [Move(_row(number), Place(number, f"old{number}", "公告", TODAY)) for number in range(8)]
    assert prove_moves(moves[:2], {"k0": True, "k1": False}) == ((moves[0],), ())
    assert prove_moves(moves, {"k0": True, "k1": True, "k2": True}) == (tuple(moves), ())
    assert prove_moves(moves[:5], {}) == ((), tuple(moves[:5]))
    refuted = {"k0": True, "k1": True, "k2": True, "k3": False}
    assert prove_moves(moves, refuted) == (tuple(moves[:3]), tuple(moves[4:]))
