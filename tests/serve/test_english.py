"""Pages in English alone, for who prefers or chose it, and as ever for everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.serve.languages import choose_language, prefer_language
from feeds.serve.wording import ZONES, Words, name_move, part_scripts, show_feed
from tests.serve.conftest import Visit
from tests.serve.post import collect_mails, sign_up, visit_from
from tests.serve.town import Town
from tests.serve.walk import NAMES, PUBLIC, stock, walk

HOST = "203.0.113.7"
ENGLISH = {"accept-language": "en-GB,en;q=0.9,zh-CN;q=0.8"}
HAN = re.compile(r"[\u2e80-\u2fdf\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+")
SAID = ("aria-label", "title", "placeholder", "alt", "content", "data-name")
"""Attributes that people see or hear."""
DATA = (
    "临江公告 临江市人大 上坡市人大 通知公告 工作动态 选举任免 "
    "没有这样的词 征求意见 养犬条例 《养犬条例》 临江市养犬条例 无此人 无此条例"
)
"""What titles may hold that is not ours."""
LINK = re.compile(r' <a href="\?[^"]*" rel="nofollow" hreflang="en" lang="en">English</a>')


def strip_link(page: str) -> str:
    """A default page without the one link that leads to English."""
    stripped, count = LINK.subn("", page)
    assert count == 1
    return stripped


def find(page: LexborHTMLParser, selector: str) -> LexborNode:
    """The first node that a selector matches."""
    node = page.css_first(selector)
    assert node is not None, selector
    return node


def find_lang(node: LexborNode | None) -> str:
    """The language that a node is marked with."""
    while node is not None:
        if lang := node.attributes.get("lang"):
            return lang
        node = node.parent
    return ""


def list_words(page: LexborHTMLParser) -> Iterator[tuple[str, LexborNode]]:
    """Everything that a page says, with what says it; its title is looked at apart."""
    assert page.root is not None
    for node in page.root.traverse(include_text=True):
        if node.tag == "-text" and node.parent and node.parent.tag not in {"script", "style", "title"}:
            yield node.text(), node.parent
        for name in SAID if node.tag != "-text" else ():
            if said := node.attributes.get(name):
                yield said, node


def find_han(text: str) -> list[str]:
    """What a page says in Han characters where it should be English."""
    page = LexborHTMLParser(text)
    found = [words for words, node in list_words(page) if HAN.search(words) and not find_lang(node).startswith("zh")]
    title = find(page, "title")
    known = [DATA, NAMES, *(node.text() for node in page.css("h1[lang], .subtitle[lang]"))]
    return found + [run for run in HAN.findall(title.text()) if not any(run in one for one in known)]


async def test_no_page_says_anything_chinese_to_who_reads_english(town: Town) -> None:
    await stock(town)
    async with visit_from(town, HOST) as client:
        client.headers.update(ENGLISH)
        pages = await walk(town, client)
    shown = {name: answer.text for name, answer in pages.items() if answer.text}
    assert len(shown) > len(PUBLIC) + 15
    assert {name: found for name, page in shown.items() if (found := find_han(page))} == {}
    assert {find(LexborHTMLParser(page), "html").attributes["lang"] for page in shown.values()} == {"en"}


async def test_a_chinese_word_would_be_found(town: Town, visit: Visit) -> None:
    """Or the test above could not fail."""
    async with visit() as client:
        page = (await client.get("/about")).text
    assert "关于本站" in find_han(page)
    assert find_han('<title>页</title><p lang="en" title="中">文<b lang="zh-CN">好</b></p>') == ["中", "文", "页"]


async def test_names_and_texts_stay_as_they_are_and_are_marked(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        client.headers.update(ENGLISH)
        home, notice = [LexborHTMLParser((await client.get(path)).text) for path in ("/", "/n/n1")]
    titles = home.css(".notices .title")
    assert titles[0].text() == "关于公开征求《临江市供水条例（草案）》意见的公告"
    assert {node.attributes["lang"] for node in titles} == {"zh-CN"}
    assert [node.text() for node in home.css(".portal-box h2 a[lang=zh-CN]")] == ["临江市人大", "上坡市人大"]
    assert find(home, ".group .when").text() == "TodayMon 2 March"
    assert find(home, ".notices .line").text() == "Consultation · closes 31 March"
    assert notice.css_first(".body[lang=zh-CN]") is not None
    assert find(notice, ".keys th").text() == "Deadline"
    assert find(notice, ".moved").text() == "deadline moved from 2026-03-31 to 2026-03-30"


async def test_default_pages_say_everything_in_both_languages(town: Town) -> None:
    await stock(town)
    async with visit_from(town, HOST) as client:
        for path in PUBLIC:
            page = (await client.get(path)).text
            assert '<html lang="zh-CN">' in page, path
            assert "关于本站" in page, path
            assert "About" in page, path


@pytest.mark.parametrize(
    "said", ["zh-CN,zh;q=0.9,en;q=0.8", "*", "fr-FR, de;q=0.7", "en;q=nonsense", "zh;q=0.5, en;q=0.5"]
)
async def test_who_does_not_prefer_english_gets_the_same_bytes(town: Town, visit: Visit, said: str) -> None:
    async with visit() as client:
        for path in ("/", "/p/linjiang/tzgg", "/nowhere"):
            default = await client.get(path)
            assert (await client.get(path, headers={"accept-language": said})).content == default.content


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-CN", "zh"),
        ("zh, en", "zh"),
        ("en, zh;q=0.9", "en"),
        ("en;q=0.8, zh-Hant-TW;q=0.9", "zh"),
        ("en;q=0.2, en-GB;q=0.9, zh;q=0.5", "en"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0", "zh"),
        ("*", "zh"),
        ("*;q=0.5, en;q=0.4", "zh"),
        ("zh;q=0, *", "en"),
        ("enough, zh;q=0.1", "zh"),
        ("en;q=2, zh;q=0.1", "zh"),
        (";;,,q=1,\u4e2d", "zh"),
    ],
)
def test_a_browser_prefers_english_where_it_weighs_more_than_chinese(header: str, language: str) -> None:
    assert prefer_language(header) == language


@pytest.mark.parametrize(
    ("asked", "kept", "header", "language"),
    [
        ("en", "zh", "zh", "en"),
        ("zh", "en", "en", "zh"),
        (None, "en", "zh", "en"),
        (None, "zh", "en", "zh"),
        ("fr", "en", "zh", "en"),
        ("", "", "en", "en"),
        ("EN", "1", "", "zh"),
    ],
)
def test_a_choice_counts_before_what_is_kept_and_that_before_the_browser(
    asked: str | None, kept: str | None, header: str, language: str
) -> None:
    assert choose_language(asked, kept, header) == language


def read_cookie(answer: httpx.Response) -> dict[str, str | bool]:
    """The one cookie of an answer: its value and its attributes."""
    (header,) = answer.headers.get_list("set-cookie")
    ((name, morsel),) = SimpleCookie(header).items()
    return {"name": name, "value": morsel.value} | {key: said for key, said in morsel.items() if said}


async def test_a_choice_is_kept_in_a_cookie_that_says_nothing_else(town: Town) -> None:
    async with visit_from(town, HOST) as client:
        chosen = await client.get("/about", params={"lang": "en"})
        kept = read_cookie(chosen)
        assert {kept.pop("expires", ""), kept.pop("secure"), kept.pop("httponly")} == {"", True}
        assert kept == {"name": "lang", "value": "en", "max-age": "31536000", "path": "/", "samesite": "lax"}
        later = await client.get("/status")
        assert ('<html lang="en">' in later.text, "set-cookie" in later.headers) == (True, False)
        link = find(LexborHTMLParser(later.text), "footer a[hreflang=zh-CN]").attributes["href"]
        back = await client.get(f"/status{link}")
        assert read_cookie(back)["value"] == "zh"
        assert '<html lang="zh-CN">' in (await client.get("/status", headers=ENGLISH)).text


async def test_a_site_under_a_path_without_tls_keeps_its_choice_there(town: Town) -> None:
    town.base_url = "http://town.example.com/notices"
    town.configure()
    async with visit_from(town, HOST) as client:
        kept = read_cookie(await client.get("/", params={"lang": "en"}))
        link = find(LexborHTMLParser((await client.get("/notices/about")).text), "footer a[hreflang=zh-CN]")
    assert (kept["path"], "secure" in kept) == ("/notices", False)
    assert link.attributes["href"] == "?lang=zh"


@pytest.mark.parametrize("wrong", ["fr", "", "EN", "en en", "en\r\nset-cookie: a=b"])
async def test_a_language_that_is_none_of_ours_is_passed_over(town: Town, visit: Visit, wrong: str) -> None:
    async with visit() as client:
        answer = await client.get("/about", params={"lang": wrong}, headers={"cookie": "lang=xx"})
    assert (answer.status_code, '<html lang="zh-CN">' in answer.text) == (200, True)
    assert "set-cookie" not in answer.headers


async def test_the_link_keeps_what_the_page_was_asked_for_but_no_token(town: Town, visit: Visit) -> None:
    async with visit() as client:
        for path, link in {
            "/search?q=旁听 会议&kind=meeting": "?q=%E6%97%81%E5%90%AC+%E4%BC%9A%E8%AE%AE&kind=meeting&lang=en",
            "/subscribe?feed=a&feed=b&lang=zh": "?feed=a&feed=b&lang=en",
            "/status?token=secret": "?lang=en",
            "//other.example.com/": "?lang=en",
            "/about?a=%22%3E%3Cb%3E": "?a=%22%3E%3Cb%3E&lang=en",
        }.items():
            page = LexborHTMLParser((await client.get(str(client.base_url) + path)).text)
            assert find(page, "footer a[hreflang=en]").attributes["href"] == link


async def test_every_page_says_that_it_differs_by_language_and_choice(town: Town) -> None:
    await stock(town)
    async with visit_from(town, HOST) as client:
        pages = await walk(town, client)
        files = [await client.get(path) for path in ("/static/site.css", "/opml", "/healthz", "/api/notices")]
    assert {answer.headers["vary"] for answer in pages.values() if answer.text} == {"Accept-Language, Cookie"}
    assert not any("Cookie" in answer.headers.get("vary", "") for answer in files)


async def test_a_subscriber_is_mailed_as_ever(town: Town) -> None:
    async with visit_from(town, HOST) as client:
        client.headers.update(ENGLISH)
        assert "Check your mail" in (await sign_up(town, client)).text
        (mail,) = await collect_mails(town)
    assert "请确认订阅" in mail.subject


def test_a_line_of_both_is_parted_where_the_script_changes() -> None:
    assert [(one.text, one.is_han) for one in part_scripts("closes 31 March · 第7号（草案）, 张三 and 2 more")] == [
        ("closes 31 March · ", False),
        ("第7号（草案）", True),
        (", ", False),
        ("张三", True),
        (" and 2 more", False),
    ]
    assert part_scripts("") == ()


def test_words_of_ours_in_english_are_english() -> None:
    assert [words for words in ZONES.values() if HAN.search(words.en)] == []
    assert show_feed("gone", {}, "en") == "gone (retired)"
    assert show_feed("gone", {}) == "gone（已停用 retired）"
    assert name_move("截止日期由7月15日改为7月31日 · deadline moved") == "deadline moved"
    assert Words("中", "a").en == "a"
