from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.read.bounds import MOST_TAGS, _find_tags, measure_tags
from feeds.read.nesting import Nesting

NAMES = (
    "div p span b i a font table tr td th tbody caption li ul ol dd dl dt h1 h2 svg math desc title mi path g button "
    "select option optgroup object template rt ruby blockquote section nobr br img x-y form center script style body "
    "frameset iframe textarea marquee pre em foreignObject noscript"
).split()

TAGS = st.one_of(
    st.sampled_from([f"<{name}>" for name in NAMES]),
    st.sampled_from([f"<{name} class=c{{0}}>" for name in NAMES]),
    st.sampled_from([f"</{name}>" for name in NAMES]),
    st.sampled_from(["字", "<path/>", "<g />", "<font color='c{0}'/>"]),
)


def parse_depth(text: str) -> tuple[int, int]:
    """How deep the parser's own tree is, and how many nodes it has."""
    root = LexborHTMLParser(text).root
    assert root is not None
    deepest = count = 0
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest, count = max(deepest, depth), count + 1
        if node is not root and node.next is not None:
            stack.append((node.next, depth))
        if node.child is not None:
            stack.append((node.child, depth + 1))
    return deepest, count


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(TAGS, max_size=3), st.lists(TAGS, min_size=1, max_size=7))
@example([], ["<p>", "<svg>", "<font color='c{0}'/>"])
@example([], ["<div>", "</i>"])
@example([], ["<rt>"])
@example([], ["<optgroup>"])
@example(["<svg>"], ["<title>", "<div>"])
@example([], ["<svg>", "<option>", "<title>"])
@example(["<select>", "<title>", "</select>"], ["<div>"])
@example([], ["<p>", "<b class=c{0}>", "</p>", "字"])
@example([], ["<form>", "<div>", "</form>"])
@example([], ["<li>", "<ul>", "</li>"])
@example(["<template>", "<script></script>", "<col>", "<table>", "<textarea>", "</template>"], ["<div>"])
@example(["<template>", "<col>", "</div>", "</template>"], ["<div>"])
@example(["<template>", "<p>", "<col>", "</template>"], ["<script>", "<div>", "</script>", "<b>"])
@example([], ["<span>", "<div>", "</span>"])
@example(["<math>"], ["<td>"])
@example([], ["</h1>", "<pre>", "<pre>", "</h1>", "<h1>", "<pre>", "<math>"])
def test_no_soup_of_tags_is_deeper_or_larger_than_it_was_measured(before: list[str], unit: list[str]) -> None:
    """Nothing interrupts the parser's C code: a thousand deep is a moment, 50,000 half a minute."""
    text = "".join(before).replace("{0}", "x") + "".join("".join(unit).replace("{0}", str(n)) for n in range(150))
    nesting = Nesting()
    measured = max((nesting.depth for _ in _find_tags(text, nesting)), default=0)
    deepest, count = parse_depth(text)
    assert deepest <= 2 * measured + 20 or "<frameset" in text
    assert count <= 4 * text.count("<") + text.count("字") + nesting.copies + 200


@pytest.mark.parametrize(
    "row",
    [
        "<tr><td>·<a href=t.html>某公告</a><td>2022-09-15",
        "<tr><td><font color=red><b>某公告</td><td><div>2022-09-15</tr>",
        "<li><span>某公告</span><ul><li>甲<li>乙</ul></li>",
        "<p><span>某公告</p>",
        "<dl><dt>甲<dd>乙</dl>",
        "<select><option>一<option>二</select>",
        "<select><option>一</option></select><td>",
        "<h2>标题</h3><p>字",
        "<form><input name=a></form>",
        "<svg viewBox='0 0 1 1'><title>图</title><g><path d='M0'/></g></svg><p>字",
        "<svg><path d=M0></path><p>字",
        "<div><svg><g></div>",
        "<math><mi>x</mi><mo/></math>",
        "<object><param name=a><embed src=b></object>",
        "<button>甲<button>乙</button>",
        "<table><caption>表<tbody><tr><th>甲<td>乙</table>",
        "<template><tr><td>甲</template>",
        "<ruby>字<rt>zi</ruby>",
        "<a href=1>甲<a href=2>乙</a>",
        "<b>甲<i>乙</b>丙</i>",
        "<b><div>甲</b></div>",
        "<center><font><p>甲</p></font></center>",
        "</td></tr></table></div>",
    ],
)
def test_the_careless_rows_of_real_pages_are_not_deep(row: str) -> None:
    assert measure_tags(f"<html><body><table>{row * 1500}") is None


def test_a_format_that_blocks_are_moved_into_stays_open() -> None:
    """One end tag moves it into eight blocks: half a thousand of them cost the parser more than a minute."""
    page = "".join(f"<b class=c{number}><div>" for number in range(300)) + "</b>" * 20_000
    assert "never closed" in (measure_tags(page) or "")


def test_bold_that_is_never_closed_is_opened_again_in_each_block() -> None:
    opened = "<p>" + "".join(f"<b class=c{number}>" for number in range(300)) + "</p>"
    assert "never closed" in (measure_tags(opened + "<p>字" * 3000) or "")
    assert measure_tags(opened + "<p>字" * 100) is None


def test_bold_does_not_reach_into_an_object_and_ends_with_its_cell() -> None:
    bold = "".join(f"<b class=c{number}>" for number in range(300))
    assert measure_tags(f"{bold}<object>{'<p>字' * 9000}</object>") is None
    assert measure_tags(f"<table><tr><td>{bold}<td>{'<p>字' * 9000}</table>") is None
    assert measure_tags(f"<table><tr><td>{bold}{'<p>字' * 9000}</table>") is not None


def test_a_form_whose_end_stands_elsewhere_stays_open() -> None:
    assert "deeper" in (measure_tags("<form><object></form></object>" * 1100) or "")
    assert measure_tags("<form><div></div></form>" * 1100) is None


def test_an_element_far_out_counts_as_open_still() -> None:
    """Looking for it anew at each end tag would take the square of the page's time."""
    assert "deeper" in (measure_tags(("<form>" + "<x>" * 60 + "</form>") * 30) or "")


def test_a_row_ends_the_select_before_it() -> None:
    assert measure_tags("<table>" + "<tr><td><select><option>一" * 1100) is None


def test_a_page_of_frames_has_a_bound_of_its_own() -> None:
    assert "frames" in (measure_tags("<frameset><script>" * 1100) or "")


def test_the_tags_of_a_page_have_a_bound_on_all_their_attributes() -> None:
    attributes = " ".join(f"a{number}" for number in range(600))
    assert measure_tags(f"<p {attributes}>" * 600) is None
    assert "attributes" in (measure_tags(f"<p {attributes}>" * 700) or "")
    assert MOST_TAGS > 1400


def test_a_format_with_many_blocks_inside_needs_many_end_tags() -> None:
    """Eight blocks further in with each: what comes behind is bold until it has left the innermost."""
    page = "<b>" + "<div>" * 100 + "</b>{}" + "<p>字" * 60
    few, many = Nesting(), Nesting()
    for nesting, text in ((few, page.format("</b>" * 3)), (many, page.format("</b>" * 30))):
        assert list(_find_tags(text, nesting))
    assert few.depth > many.depth
