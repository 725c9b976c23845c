"""What a search is called."""

from __future__ import annotations

from feeds.facts import Kind, Search
from feeds.model import Channel, Portal, Recipe
from feeds.render.search import name_search

BASE = "http://linjiang.test/"
PORTAL = Portal("linjiang", "临江市人大", BASE, (Channel("linjiang", "tzgg", "通知公告", BASE, Recipe()),))
PORTALS = {"linjiang": PORTAL}


def test_a_search_is_called_by_everything_it_asks_for() -> None:
    search = Search(("旁听", "第7号"), "linjiang", "tzgg", Kind.MEETING, "尹明", "绿化条例", reprints=False)
    assert name_search(search, PORTALS) == "“旁听”“第7号” · 会议 · 尹明 · 《绿化条例》 · 临江市人大 通知公告 · 不含转载"
    english = "“旁听”“第7号” · Meeting · 尹明 · 《绿化条例》 · 临江市人大 通知公告 · no reprints"
    assert name_search(search, PORTALS, english=True) == english


def test_a_search_for_nothing_has_no_name() -> None:
    assert name_search(Search(), PORTALS) == ""


def test_a_portal_that_left_is_called_by_its_name() -> None:
    assert name_search(Search(portal="gone", channel="tzgg"), PORTALS) == "gone tzgg"
    assert name_search(Search(portal="linjiang"), PORTALS) == "临江市人大"
