"""Words for people, and what they choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.serve.forms import read_feeds
from feeds.serve.wording import link_contact, link_images, name_file_icon, name_file_kind


@given(st.sets(st.sampled_from(["all", "a", "b", "a/x", "a/y", "b/x", "other"])))
def test_chosen_feeds_never_overlap(chosen: set[str]) -> None:
    """One notice matched by two feeds of one subscription would look like a mistake of ours."""
    kept = read_feeds(chosen, ["all", "a", "a/x", "a/y", "b", "b/x"])
    assert set(kept) <= chosen
    assert not any(one != two and (one == "all" or two.startswith(f"{one}/")) for one in kept for two in kept)
    assert bool(kept) == bool(chosen - {"other"})


def test_a_picture_becomes_a_link_whatever_stands_in_its_attributes() -> None:
    html = '<p><img alt="a > b" src="http://x.example.com/1.jpg?a=1&amp;b=2" width="9"><img alt="none"></p>'
    assert link_images(html) == (
        '<p><a class="picture" href="http://x.example.com/1.jpg?a=1&amp;b=2" rel="noreferrer">查看图片 picture</a></p>'
    )
    assert '><span lang="en">picture</span></a>' in link_images(html, "en")


@pytest.mark.parametrize(
    ("name", "address", "icon", "kind"),
    [
        ("报名表.DOCX", "http://x.example.com/1", "text", "DOCX"),
        ("名单", "http://x.example.com/1.xls?v=2", "sheet", "XLS"),
        ("说明.pdf ", "http://x.example.com/1.doc", "pdf", "PDF"),
        ("听证会视频", "http://x.example.com/1.mp4", "film", "MP4"),
        ("图.et", "", "sheet", "ET"),
        ("草案", "http://x.example.com/download?id=7", "file", ""),
        ("第7.号文件", "", "file", ""),
    ],
)
def test_a_file_is_known_by_its_name_or_its_address(name: str, address: str, icon: str, kind: str) -> None:
    assert (name_file_icon(name, address), name_file_kind(name, address)) == (icon, kind)


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("webmaster@linjiang.example", "mailto:webmaster@linjiang.example"),
        ("https://linjiang.example/contact", "https://linjiang.example/contact"),
        ("请致电 84650001", None),
        ("写信到 webmaster@linjiang.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_contact_is_a_link_only_where_it_is_an_address(contact: str, link: str | None) -> None:
    assert link_contact(contact) == link
