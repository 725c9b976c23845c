"""One file brings every feed into a reader."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from feeds.render.opml import OpmlGroup, OpmlOutline, render_opml
from tests.render.samples import OUTLINE
from tests.specs import check_opml


def test_a_portal_is_a_folder_with_its_feeds() -> None:
    root = etree.fromstring(
        render_opml("某市公告", [OpmlGroup("某市人大", (OUTLINE,)), OpmlGroup("某市政府", (OUTLINE,))])
    )
    assert root.findtext("head/title") == "某市公告"
    assert [folder.get("text") for folder in root.iterfind("body/outline")] == ["某市人大", "某市政府"]
    assert dict(root.find("body/outline/outline").attrib) == {
        "type": "rss",
        "text": "通知公告",
        "title": "通知公告",
        "xmlUrl": OUTLINE.xml_url,
        "htmlUrl": OUTLINE.html_url,
        "language": "zh-cn",
        "category": "/portal/tzgg",
    }


def test_writing_twice_gives_the_same_bytes() -> None:
    assert render_opml("甲", [OpmlGroup("乙", (OUTLINE,))]) == render_opml("甲", [OpmlGroup("乙", (OUTLINE,))])


@settings(deadline=None)
@given(st.text(st.characters()))
def test_whatever_a_channel_is_called_the_file_keeps_the_rules(text: str) -> None:
    outline = OpmlOutline(text, "https://feeds.example/x.atom", "https://feeds.example/", "zh-CN", "/portal/x")
    assert check_opml(render_opml(text, [OpmlGroup(text, (outline,))])) == []
