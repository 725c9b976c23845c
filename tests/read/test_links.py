from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.read import links
from feeds.read.links import (
    file_ending,
    file_name,
    file_type,
    find_call,
    keep_category,
    read_address,
    resolve_call,
    resolve_link,
)

BASE = "http://portal.test/a/list.jsp?cid=1"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("info.jsp?id=1", "http://portal.test/a/info.jsp?id=1"),
        ("../content_1.html#top", "http://portal.test/content_1.html"),
        ("info.jsp;jsessionid=AB12?id=1", "http://portal.test/a/info.jsp?id=1"),
        ("info.jsp?jsessionid=AB12&id=1", "http://portal.test/a/info.jsp?id=1"),
        ("info.jsp?id=1&jsessionid=AB12", "http://portal.test/a/info.jsp?id=1"),
        ("//www.npc.test/x", "http://www.npc.test/x"),
        ("https://www.npc.test/x", "https://www.npc.test/x"),
        (" info.jsp\n?id=1 ", "http://portal.test/a/info.jsp?id=1"),
        ("/up/%B8%BD%BC%FE.doc", "http://portal.test/up/%B8%BD%BC%FE.doc"),
        ("/up/附件 1.doc", "http://portal.test/up/%E9%99%84%E4%BB%B6%201.doc"),
        ('/up/"><x', "http://portal.test/up/%22%3E%3Cx"),
    ],
)
def test_a_link_becomes_absolute_without_session_and_fragment(href: str, url: str) -> None:
    assert resolve_link(href, BASE) == url


@pytest.mark.parametrize(
    "href",
    [
        None,
        "",
        "#top",
        "javascript:goPage(2)",
        "JavaScript:x",
        "java\nscript:x",
        "data:text/html,x",
        "mailto:a@b.test",
        "http://[x",
        "http://a:port/",
        "../" * 3_000,
    ],
)
def test_what_leads_nowhere_is_no_link(href: str | None) -> None:
    assert resolve_link(href, BASE) is None


@given(st.text(max_size=50))
def test_no_href_raises_and_every_result_is_safe(href: str) -> None:
    url = resolve_link(href, BASE)
    assert url is None or (url.startswith(("http://", "https://")) and not set(url) & set(" <>\"'\n\t\x08"[:4]))


_SIGNS = "http: https: HTTP: javascript: / // . .. ./ ../ ../../ a/b/ ? & = # ; : @ [ ~-_ %B8 附件".split()
_WORDS = "portal.test Portal.test //portal.test:80/ 80 99999 a t1_2.jsp ?id=1&x=, PHPSESSID=2& ;jsessionid=1".split()
_PIECES = st.lists(st.sampled_from([" ", "\n", "\x00", *_SIGNS, *_WORDS]), max_size=8).map("".join)


@given(_PIECES, st.one_of(st.just(BASE), _PIECES.map("http://portal.test".__add__), _PIECES))
@settings(max_examples=1_000)
def test_a_plain_address_is_joined_as_the_standard_library_joins_it(href: str, base: str) -> None:
    with patch.object(links, "_join_plain", lambda _href, _base: None):
        joined = resolve_link(href, base)
    assert resolve_link(href, base) == joined


def test_an_address_inside_a_call_is_found() -> None:
    assert resolve_call("jumpToDetail('./202605/t1.html')", BASE) == "http://portal.test/a/202605/t1.html"
    assert resolve_call("void(0)", BASE) is None
    assert resolve_call(None, BASE) is None


@pytest.mark.parametrize(
    ("script", "address"),
    [
        ("location.href='t1.html'", "t1.html"),
        ("window.open('/info?id=3')", "/info?id=3"),
        ('go("./a/b")', "./a/b"),
        ("open('http://portal.test/x')", "http://portal.test/x"),
        ("count('news', 3)", None),
        ("goPage(2)", None),
    ],
)
def test_a_call_names_an_address_where_its_text_looks_like_one(script: str, address: str | None) -> None:
    assert find_call(script) == address


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ({"href": " t1.html "}, "t1.html"),
        ({"href": "javascript:;", "data-href": "t1.html"}, "t1.html"),
        ({"href": "#", "onclick": "go('t1.html')"}, "t1.html"),
        ({"href": "javascript:go('t1.html')"}, "t1.html"),
        ({"href": "JavaScript:void(0)"}, None),
        ({"href": "mailto:a@portal.test"}, None),
        ({"href": None}, None),
        ({"href": "../" * 3_000}, None),
        ({}, None),
    ],
)
def test_the_address_of_a_link_is_its_own_or_one_beside_it(
    attributes: dict[str, str | None], address: str | None
) -> None:
    assert read_address(attributes) == address


@pytest.mark.parametrize(
    ("url", "name", "kind"),
    [
        ("http://p.test/%C5%D4%CC%FD.doc", "旁听.doc", "application/msword"),
        ("http://p.test/%E6%97%81%E5%90%AC.PDF", "旁听.PDF", "application/pdf"),
        ("http://p.test/down.jsp?a=1&file=%C5%D4%CC%FD.rar", "旁听.rar", "application/vnd.rar"),
        ("http://p.test/down.jsp?a=1", "down.jsp", "application/octet-stream"),
        ("http://p.test/a.xls", "a.xls", "application/vnd.ms-excel"),
    ],
)
def test_a_file_has_its_human_name_and_type(url: str, name: str, kind: str) -> None:
    assert (file_name(url), file_type(url)) == (name, kind)


def test_only_endings_of_files_count() -> None:
    assert file_ending("http://p.test/a.html") == ""
    assert file_ending("http://p.test/a.docx?x=1") == "docx"
    assert file_type("http://p.test/download?id=1", "名单.xlsx").endswith("sheet")


@pytest.mark.parametrize(
    ("path", "asked", "kept"),
    [
        ("/gkmlpt/index", "/gkmlpt/index#3155", "#3155"),
        ("/a/gkmlpt/", "#3155", "#3155"),
        ("/gkmlpt", "index#3155 ", "#3155"),
        ("/gkmlpt/index", "/gkmlpt/index", ""),
        ("/gkmlpt/index", "/gkmlpt/index#top", ""),
        ("/gkmlpt/index", "/gkmlpt/index#1234567890", ""),
        ("/gkmlpt/index#3155", "/gkmlpt/index#3155", ""),
        ("/gkmlpt/api/all/3155?page=1", "/gkmlpt/index#3155", ""),
        ("/gkmlpt/content/0/63/post_63.html", "#3155", ""),
        ("/tzgg/", "/tzgg/#3155", ""),
    ],
)
def test_only_a_page_of_the_catalogue_keeps_the_number_of_its_category(path: str, asked: str, kept: str) -> None:
    assert keep_category(f"http://portal.test{path}", asked) == f"http://portal.test{path}{kept}"
