"""What is told to be plain by counting and by the order of tags alone, beside what the parser makes of it."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.read import bounds
from feeds.read.bounds import MOST_ATTRIBUTES, is_plain
from tests.read.test_nesting import NAMES, parse_depth

ROOMS = "form select svg table tr td template button b a span div li p title".split()
PIECES = st.one_of(
    st.sampled_from([f"<{name}>" for name in (*NAMES, *ROOMS * 2)]),
    st.sampled_from([f"<{name} class=c{{0}}>" for name in NAMES]),
    st.sampled_from([f"</{name}>" for name in (*NAMES, *ROOMS * 4)]),
    st.sampled_from(["字", "<path/>", "<g />", "<g a=x/>", "<g a= />", "<g a/>", '<g a="x"/>', "<font color='c{0}'/>"]),
    st.sampled_from(["<script>'<div>'</script>", "<title>x</title>", "<style>a<b", "<!-- <div> -->", '<li a=""">']),
    st.sampled_from(["<select/>", "<svg/>", "<input>", "<a/>", "<body>", "<form></form>", "<col>", "<b></b>"]),
)
SOUPS = st.lists(PIECES, min_size=1, max_size=9)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=3), SOUPS, st.integers(5, 160))
@example([], ["<form>", "<table>", "<tr>", "<td>", "<form>", "</form>", "</td>", "</tr>", "</table>", "</form>"], 20)
@example([], ["<span>", "<form>", "<table>", "<p>", "</form>", "</p>", "</table>", "</form>", "</span>"], 20)
@example([], ["<svg>", "<g a= />", "</svg>"], 20)
@example(["<select>"], ["<title>", "<div>", "</title>"], 20)
@example(["<select>", "<svg>"], ["<input>", "<path/>"], 20)
def test_a_page_told_to_be_plain_is_no_deeper_and_no_larger_for_the_parser(
    before: list[str], unit: list[str], most: int
) -> None:
    repeated = "".join("".join(unit).replace("{0}", str(number)) for number in range(60))
    text = "".join(before).replace("{0}", "x") + repeated
    with patch.object(bounds, "MOST_DEPTH", most), patch.object(bounds, "_COPIES_AT_ALL", 20 * most):
        told = is_plain(text)
    depth, nodes = parse_depth(text)
    if told:
        assert depth <= most + 3  # the page, its body and a text
        assert nodes <= 3 * text.count("<") + 20 * most + 10


SIGNS = st.sampled_from(["<br", "<br", " a", "=", '"', "'", ">", ">", "/", " ", "x", "<", "<!--", "-->", "<br a='"])


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(SIGNS, max_size=14).map("".join))
@example('<br">')
@example('<br ="><br>"><br>')
@example('<br a="x"="><br>">')
@example("<br a=x'><br>'>")
def test_the_tags_of_a_plain_page_are_those_the_parser_sees(text: str) -> None:
    if is_plain(f"{text}>"):
        seen = [name for name in bounds._PLAIN.split(f"{text}>")[2::5] if name == "br"]
        assert len(seen) == len(LexborHTMLParser(f"<body>{text}>").css("br"))


@pytest.mark.parametrize(
    "text",
    [
        "<p>\0</p>",
        '<p a="<div>',
        "<p a='<div>",
        '<p =">" b>',
        "<svg><style>a<b></style></svg>",
        "<svg><p>x</p></svg>",
        "<svg><g></svg>",
        "<select><title><div></title></select>",
        "<select><svg></svg></select>",
        f"<select><title><p{' a' * (MOST_ATTRIBUTES + 1)}></title></select>",
        f"<svg><script><p{' a' * (MOST_ATTRIBUTES + 1)}></script></svg>",
        "<math></math>",
        "<frameset></frameset>",
        f"<p{' a' * (MOST_ATTRIBUTES + 1)}>",
        "<div>" * 1_001,
        "<b>" * 600 + "<p></p>" * 200,
        "<p>" + "x" * 2_000_000,
        ("<p" + " a" * 900 + ">") * 450,
    ],
)
def test_a_page_that_only_its_tags_one_by_one_can_tell_about_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "<div><p>x</p></div>" * 1_001,
        "<svg><title>x</title><path d=''/><g><path></path></g></svg>" * 1_001,
        "<select><option>x</option></select>" * 1_001,
        "<select><option>x</select><style><!-- p{} --></style><script>a<b</script>",
        "<table><tr><td><form><b>x</b></form></td></tr></table>" * 1_001,
        '<li class="a"">x</li>' * 1_001,
        "<p>unclosed" * 3_000,
        "<p>a line of a long text without an end" * 39_000,
        f"<img src='{'x' * 500_000}'>",
    ],
)
def test_a_page_whose_tags_close_in_order_is_plain(text: str) -> None:
    assert is_plain(text)
