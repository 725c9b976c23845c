"""What changed between a list and what we know."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.changes import (
    Keyed,
    changed_fields,
    compare_listing,
    fingerprint,
    keep_whole,
    key_items,
    reaches_known,
)
from feeds.model import Article, Attachment, Item, Verdict


@dataclass(frozen=True)
class Row:
    """A known notice, as the store tells it."""

    title: str
    has_title: bool = True
    channels: frozenset[str] = frozenset({"tzgg"})
    vanished_from: frozenset[str] = field(default_factory=frozenset)

    @property
    def item_titles(self) -> dict[str, str]:
        """Every channel shows it under one title."""
        return dict.fromkeys(self.channels, self.title)


def _list(*titles: str, pinned: tuple[str, ...] = ()) -> tuple[Keyed, ...]:
    items = [Item(f"http://p.example/{title}", title, title_complete=True, pinned=title in pinned) for title in titles]
    return key_items(items, list(titles))


ARTICLE = Article("http://p.example/1", Verdict.ARTICLE, title="公告", body="自5月1日起施行。\n浏览次数：12次")


def test_a_row_nobody_knows_is_new_in_page_order() -> None:
    changes = compare_listing("tzgg", _list("c", "b", "a"), {"a": Row("a")}, ["a"])
    assert [keyed.key for keyed in changes.new] == ["c", "b"]
    assert changes.unchanged == 1


def test_a_notice_of_another_channel_joins_instead_of_being_new() -> None:
    changes = compare_listing("cwh", _list("a"), {"a": Row("a")}, [])
    assert [keyed.key for keyed in changes.joined] == ["a"]
    assert not changes.new


def test_a_notice_that_comes_back_to_its_list_joins_again() -> None:
    back = Row("a", vanished_from=frozenset({"tzgg"}))
    assert [keyed.key for keyed in compare_listing("tzgg", _list("a"), {"a": back}, []).joined] == ["a"]


def test_another_title_on_the_list_is_told() -> None:
    assert [keyed.key for keyed in compare_listing("tzgg", _list("a"), {"a": Row("A")}, ["a"]).retitled] == ["a"]


@pytest.mark.parametrize("shown", ["关于公布规章 ...", "关于公布规章清理…", "关于公布规章清理结果的公告"])
def test_a_title_cut_at_another_place_is_the_same_title(shown: str) -> None:
    """Two channels may cut one notice's title differently; that is no news at every poll."""
    items = [Item("http://p.example/a", shown, title_complete=False)]
    for known in ("关于公布规章清理结果的公告", "关于公布 ..."):
        assert not compare_listing("tzgg", key_items(items, ["a"]), {"a": Row(known)}, ["a"]).retitled


def test_a_row_gone_from_between_vanished_but_one_that_slid_off_did_not() -> None:
    known = {key: Row(key) for key in "abcde"}
    changes = compare_listing("tzgg", _list("e", "c"), known, ["e", "d", "c", "b", "a"])
    assert changes.vanished == ("d",)


def test_a_list_without_a_known_row_makes_nothing_vanish() -> None:
    assert compare_listing("tzgg", _list("z"), {}, ["b", "a"]).vanished == ()


def test_a_pinned_row_that_also_stands_in_place_counts_once_and_unpinned() -> None:
    items = [
        Item("http://p.example/a", "a", title_complete=True, pinned=True),
        Item("http://p.example/b", "b", title_complete=True),
        Item("http://p.example/a", "a", title_complete=True),
        Item("http://p.example/a", "a", title_complete=True),
    ]
    keyed = key_items(items, ["a", "b", "a", "a"], first_rank=30)
    assert [(one.key, one.rank, one.item.pinned) for one in keyed] == [("b", 31, False), ("a", 32, False)]


def test_a_walk_is_at_known_ground_after_enough_unpinned_known_rows() -> None:
    rows = _list("p", "b", "a", pinned=("p",))
    assert not reaches_known(rows, {"p", "a"})
    assert reaches_known(rows, {"a", "b"})
    assert reaches_known(rows, {"a"}, wanted=1)


def test_a_view_counter_and_white_space_and_width_are_no_change() -> None:
    later = replace(ARTICLE, body="自５月１日起施行。  浏览次数：4,711次")
    assert changed_fields(ARTICLE, later) == ()
    assert fingerprint(ARTICLE) == fingerprint(later)


def test_one_digit_of_a_date_is_a_change() -> None:
    later = replace(ARTICLE, body="自6月1日起施行。")
    assert changed_fields(ARTICLE, later) == ("body",)
    assert fingerprint(ARTICLE) != fingerprint(later)


def test_title_and_attachments_are_told_by_name() -> None:
    later = replace(
        ARTICLE, title="公告（更正）", attachments=(Attachment("http://p.example/a.pdf", "a", "application/pdf"),)
    )
    assert changed_fields(ARTICLE, later) == ("title", "attachments")
    assert changed_fields(replace(ARTICLE, title=None), replace(ARTICLE, title=None)) == ()


@given(st.text(), st.text())
def test_equal_fingerprints_and_no_changed_field_are_the_same_thing(one: str, other: str) -> None:
    before, after = replace(ARTICLE, body=one), replace(ARTICLE, body=other)
    assert (fingerprint(before) == fingerprint(after)) == (changed_fields(before, after) == ())


def test_a_title_that_was_cut_and_is_whole_now_is_another() -> None:
    """It is the only way to learn the title of what stands on another host."""
    items = _list("关于举行听证会的公告")
    known = {"关于举行听证会的公告": Row("关于举行...", has_title=False)}
    assert compare_listing("tzgg", items, known, []).retitled == items


@pytest.mark.parametrize("after", ["关于举行\ufffd证会的公告", "\ufffd\ufffd举行听证会的公\ufffd"])
def test_a_title_that_lost_characters_is_kept_as_it_was(after: str) -> None:
    assert keep_whole("关于举行听证会的公告", after) == "关于举行听证会的公告"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("关于举行听证会的公告", "关于取消\ufffd证会的公告"),
        ("关于举行听证会的公告", "关于举行听证会的通知"),
        ("关于举行\ufffd证会的公告", "关于举行听证\ufffd的公告"),
        ("关于举行听证会的公告", "\ufffd于\ufffd行\ufffd证\ufffd的\ufffd告"),
        ("关于举行听证会的公告", None),
        (None, "关于举行\ufffd证会的公告"),
    ],
)
def test_another_title_is_taken_though_characters_of_it_are_lost(before: str | None, after: str | None) -> None:
    assert keep_whole(before, after) == after
