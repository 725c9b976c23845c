from __future__ import annotations

from feeds.read.dom import ancestors, first_text, inline_text, lines_of, loose_text, parse_page, short_text


def test_only_the_nearest_elements_around_a_node_are_walked() -> None:
    """A page may nest a thousand deep; walking all of it for each of its links would take minutes."""
    node = parse_page("<div>" * 200 + "<a>x</a>").css_first("a")
    assert node is not None
    assert len(list(ancestors(node))) == 60


def test_the_walk_outwards_ends_at_the_page() -> None:
    node = parse_page("<p><b>x</b></p>").css_first("b")
    assert node is not None
    assert [around.tag for around in ancestors(node)] == ["p", "body", "html"]


def test_text_of_scripts_is_no_text_of_the_page() -> None:
    body = parse_page("<p>甲<script>x</script><!-- y -->乙</p><style>z</style>").body
    assert body is not None
    assert inline_text(body) == "甲乙"


def test_a_line_broken_in_the_source_is_one_line_of_chinese() -> None:
    body = parse_page("<p>甲乙\n  丙丁 english\n words</p>").body
    assert body is not None
    assert lines_of(body) == ["甲乙丙丁 english words"]


def test_loose_text_keeps_runs_of_hard_spaces_and_leaves_out_what_it_is_told_to() -> None:
    tree = parse_page("<p>编辑：甲&nbsp;&nbsp;　\n时间：乙</p><div id=zoom>正文</div>")
    assert tree.body is not None
    assert loose_text(tree.body, without=tree.css_first("#zoom")).strip() == "编辑：甲\xa0\xa0　 时间：乙"


def test_the_text_of_a_link_or_a_row_is_read_to_a_bound() -> None:
    """Rows may hold rows, a thousand deep: each of them read to its end would be the page a thousand times."""
    body = parse_page("<i>字</i>" * 5_000).body
    assert body is not None
    assert len(inline_text(body)) == 5_000
    assert 200 < len(short_text(body)) < 1_000


def test_tabs_and_blanks_between_cells_are_one_tab() -> None:
    body = parse_page("<table><tr><td>甲\u3000</td><td></td><td> 乙" + "\u3000" * 200_000 + "丙</table>").body
    assert body is not None
    assert lines_of(body) == ["甲\t乙" + "\u3000" * 200_000 + "丙"]


def test_the_first_text_of_a_page_is_all_of_a_short_one() -> None:
    body = parse_page("<p>甲</p>" * 50).body
    assert body is not None
    assert first_text(body, 1_000) == inline_text(body)
    assert inline_text(body).startswith(first_text(body, 10))
    assert len(first_text(body, 10)) < 30
