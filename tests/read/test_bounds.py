from __future__ import annotations

import pytest

from feeds.read.bounds import MOST_ATTRIBUTES, MOST_BYTES, MOST_TAGS, MOST_TEXT, measure_page, measure_tags


def test_a_page_over_five_megabytes_is_too_large() -> None:
    assert measure_page(b"x" * MOST_BYTES) is None
    assert "too large" in (measure_page(b"x" * (MOST_BYTES + 1)) or "")


@pytest.mark.parametrize("tag", ["<div>", "<DIV CLASS='>'>", "<table><tr><td>", "<ul><li>", '<span a="</span>">'])
def test_tags_nested_deeper_than_a_thousand_are_too_deep(tag: str) -> None:
    assert "deeper" in (measure_tags(tag * 1100) or "")


@pytest.mark.parametrize(
    "piece",
    [
        "<div>x</div>",
        "<br>",
        "<p>unclosed",
        "<tr><td>unclosed",
        "<!-- <div> -->",
        "<script>'<div>'</script>",
        "</b>",
        "<svg><path d='M0'/></svg>",
    ],
)
def test_many_pieces_beside_each_other_are_not_deep(piece: str) -> None:
    assert measure_tags(piece * 3000) is None


def test_a_page_of_nothing_but_tags_is_too_large() -> None:
    """A page of five megabytes holds more than a million elements, each of which costs every reader its time."""
    assert measure_tags("<p>" * MOST_TAGS) is None
    assert "tags" in (measure_tags("<p>" * (MOST_TAGS + 1)) or "")


@pytest.mark.parametrize("attribute", [" a{}=1", " a{}", "/a{}", " a{}='x'", ' a{}="x>"', "\n=a{}=1"])
@pytest.mark.parametrize("tag", ["<p", "</p", "<script", "<script></script"])
def test_a_tag_with_very_many_attributes_is_too_long(tag: str, attribute: str) -> None:
    """The parser compares each attribute of a tag with all before it: 100,000 took 22 s."""
    whole = tag + "".join(attribute.format(number) for number in range(MOST_ATTRIBUTES))
    assert measure_tags(f"{whole}>") is None
    assert "attributes" in (measure_tags(f"{whole} b>") or "")


def test_a_picture_written_into_its_tag_is_one_attribute() -> None:
    data = "data:image/png;base64," + "iVBOR/w0KGgo+AAA" * 20_000
    assert measure_tags(f'<img src="{data}"><img src={data}>') is None


@pytest.mark.parametrize("hiding", ['<p a==">', "<p a=x='>", "<!x <script>", "</ <script>"])
def test_no_quote_hides_tags_that_the_parser_sees(hiding: str) -> None:
    assert "deeper" in (measure_tags(hiding + "<div>" * 1100) or "")


def test_text_between_tags_has_a_bound_and_what_stands_inside_them_has_none() -> None:
    assert "characters" in (measure_tags("<p>" + "x" * MOST_TEXT + "</p>x") or "")
    assert measure_tags(f"<script>{'x' * MOST_TEXT}</script><img src='{'x' * MOST_TEXT}'>" + "x" * 1000) is None


def test_a_tag_is_a_tag_with_zeros_inside() -> None:
    assert "deeper" in (measure_tags("<\0div>" * 1100) or "")


def test_a_script_neither_opens_nor_closes_a_level() -> None:
    assert "deeper" in (measure_tags("<div><script>x</script>" * 1100) or "")


@pytest.mark.parametrize(
    "piece", ["<a ", '<a b="', "<!--", "<script>", "<a b='", "= " * 9 + "<x", "<x" + " " * 20, "<p a" + "= " * 9]
)
def test_hostile_pages_are_measured_in_one_pass(piece: str) -> None:
    """Many unclosed beginnings: a scan that looked back would take minutes, not a moment."""
    measure_tags(piece * (MOST_TAGS - 1))
