"""The pages as bytes and as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html as lxml_html  # type: ignore[import-untyped]

from feeds.demo.archive import read_seed_article
from feeds.demo.paper import CHANNELS, Archive, Paper
from feeds.demo.portal import ReplicaPortal
from tests.demo.conftest import HandClock

_BREAKS = {"p", "tr", "table", "br", "div", "center"}
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _pieces(node: lxml_html.HtmlElement) -> Iterator[str]:
    """Give the text of a page as a browser copies it: blocks end lines, cells stand a space apart."""
    if not isinstance(node.tag, str) or node.tag in {"script", "style", "title"}:
        yield node.tail or ""
        return
    edge = "\n" if node.tag in _BREAKS else " " if node.tag == "td" else ""
    yield edge
    yield re.sub(r"\s+", " ", node.text or "", flags=re.ASCII)
    for child in node:
        yield from _pieces(child)
    yield edge
    yield re.sub(r"\s+", " ", node.tail or "", flags=re.ASCII)


def text_lines(body: bytes) -> list[str]:
    """Lines of a page's text, blank ones left out, width folded as in the text that is known."""
    tree = lxml_html.document_fromstring(body.decode("gbk"))
    lines = "".join(_pieces(tree)).split("\n")
    return [line for raw in lines if (line := re.sub(" +", " ", raw).strip(" ").translate(_FOLD))]


def find_seed(archive: Archive) -> Paper:
    _, draft = read_seed_article()
    return next(paper for paper in archive.papers if paper.draft == draft)


@pytest.mark.parametrize("scheme", ["jsp", "founder"])
def test_the_article_page_gives_the_known_page_line_by_line(archive: Archive, scheme: str) -> None:
    """Boxes move with the days, but box A begins as the known one; all else is the same to the last space."""
    replica = ReplicaPortal(archive, HandClock(), scheme)
    path, _, query = replica.address(find_seed(archive)).partition("?")
    lines = text_lines(replica.answer(path, query).body)
    labels = [label for _, label in CHANNELS]
    _, draft = read_seed_article()
    body = [("  " if block.kind == "p" else "") + block.text.translate(_FOLD) for block in draft.blocks]
    assert lines[:8] == [f"{labels[place]} {labels[place + 1]}" for place in range(0, 16, 2)]
    assert lines[8:14] == [
        "哈尔滨市第十六届人民代表大 ...",
        "哈尔滨市人大常委会公告",
        "哈尔滨市人民代表大会常务委 ...",
        "哈尔滨市第十六届人民代表大 ...",
        "哈尔滨市人大常委会公告",
        "哈尔滨市人大常委会公告",
    ]
    assert [line[-3:] for line in lines[14:20]] == ["..."] * 6
    assert lines[20:] == [
        "\u00a0 哈尔滨市人大常委会 / 信息页面 返回首页",
        "聚焦“四个重点” 提升监督实效",
        "责任编辑: 市人大研究室新闻宣传处\u00a0\u00a0 \u00a0\u00a0\u00a0\u00a0\u00a0时间: 2022-09-15 10:12",
        *body,
        *["\u00a0"] * 3,
        "网站声明 | 网站导航 | 关于我们",
        "版权所有:哈尔滨市人民代表大会常务委员会",
        "备案编号:黑ICP备05002054号",
    ]


def test_paragraphs_are_indented_by_two_wide_spaces_and_headings_are_centred_pairs(
    archive: Archive, replica: ReplicaPortal
) -> None:
    page = replica.answer("/info.jsp", f"id={find_seed(archive).id}").body.decode("gbk")
    assert page.count("<p>\u3000\u3000") == 14
    pair = '<p align="center"><strong>聚焦政治属性</strong></p>\n<p align="center"><strong>把准监督方向</strong></p>'
    assert pair in page
    assert page.count('<p align="center"><strong>') == 8
    assert page.count("&nbsp;") == 11 + 2  # and two in the script that writes the day


def test_pages_are_gbk_bytes_under_a_gb2312_label(archive: Archive, replica: ReplicaPortal) -> None:
    pages = [replica.answer("/info.jsp", f"id={paper.id}").body for paper in archive.papers if not paper.draft.external]
    assert all(b"charset=gb2312" in page for page in pages)
    assert all(page.decode("gbk") for page in pages)
    with pytest.raises(UnicodeDecodeError):
        b"".join(pages).decode("gb2312")


def test_the_home_page_shows_boxes_news_and_no_whole_titles(archive: Archive, replica: ReplicaPortal) -> None:
    page = replica.answer("/").body.decode("gbk")
    assert ' title="' not in page
    assert len(re.findall(r"\[\d\d-\d\d\]", page)) == 8
    assert "·" in page
    assert "photo.jpg" in page
    whole = ReplicaPortal(archive, HandClock(), full_titles=True).answer("/").body.decode("gbk")
    assert 'title="哈尔滨市人大常委会公告" target="_blank"' in whole


def test_the_list_of_notices_begins_with_two_pinned_rows_of_old_dates(replica: ReplicaPortal) -> None:
    lines = text_lines(replica.answer("/list.jsp", "cid=13&page=1").body)[9:]
    assert [line.startswith("·[置顶]") for line in lines[:15]] == [True, True] + [False] * 13
    dates = [line[-10:] for line in lines[:15]]
    assert max(dates[:2]) < min(dates[2:])
    assert dates[2:] == sorted(dates[2:], reverse=True)
    assert all(len(line[1:-11].encode("gbk")) <= 60 + len("[置顶]".encode("gbk")) for line in lines[:15])
    page = replica.answer("/list.jsp", "cid=13").body.decode("gbk")
    assert '<td class="xh">·<font color="#FF0000">[置顶]</font><a href="info.jsp?id=' in page


def test_the_pager_counts_and_offers_a_jump(replica: ReplicaPortal) -> None:
    shelf = replica.shelf(8, 2)
    page = replica.answer("/list.jsp", "cid=8&page=2").body
    (line,) = [line for line in text_lines(page) if line.startswith("共 ")]
    assert line.startswith(f"共 {shelf.total} 条 每页 15 条 第 2/{shelf.pages} 页 首页 上一页 下一页 尾页")
    assert "javascript:goPage(3)" in page.decode("gbk")
    last = replica.answer("/list.jsp", f"cid=8&page={shelf.pages}").body.decode("gbk")
    assert ">下一页</a>" not in last
    assert ">上一页</a>" in last


def walk_channel(replica: ReplicaPortal, address: str) -> list[str]:
    """Follow 下一页 to the end; return the addresses of all rows."""
    found: list[str] = []
    while address:
        parts = urlsplit(address)
        tree = lxml_html.document_fromstring(replica.answer(parts.path, parts.query).body.decode("gbk"))
        rows = tree.xpath('//tr[td[2]]/td/a[@target="_blank"]/@href')
        found += [urljoin(address, str(link)) for link in rows]
        following = tree.xpath('//a[text()="下一页"]/@href')
        address = urljoin(address, str(following[0])) if following else ""
    return found


@pytest.mark.parametrize("scheme", ["jsp", "founder"])
def test_every_paper_is_reached_by_the_next_page_and_has_a_page(archive: Archive, scheme: str) -> None:
    replica = ReplicaPortal(archive, HandClock(), scheme, "/rd")
    links: set[str] = set()
    for cid in range(1, 17):
        first = f"/rd/list.jsp?cid={cid}&page=1" if scheme == "jsp" else f"/rd/node_{cid}.html"
        rows = walk_channel(replica, f"http://portal.example{first}")
        assert len(rows) == len(set(rows)) == replica.shelf(cid, 1).total
        links |= set(rows)
    own = {link for link in links if link.startswith("http://portal.example/rd/")}
    assert len(links - own) == 1
    statuses = {replica.answer(urlsplit(link).path, urlsplit(link).query).status for link in own}
    assert statuses == {200}


def test_a_paper_of_two_channels_has_two_addresses_and_one_page(archive: Archive, replica: ReplicaPortal) -> None:
    paper = next(paper for paper in reversed(archive.papers) if paper.draft.channels == ("tzgg", "lfgz"))
    assert replica.address(paper, 13) == f"/info.jsp?id={paper.id}"
    assert replica.address(paper, 9) == f"/info.jsp?cid=9&id={paper.id}"
    assert replica.answer("/info.jsp", f"cid=9&id={paper.id}") == replica.answer("/info.jsp", f"id={paper.id}")


def test_links_between_founder_articles_climb_out_of_their_folders(archive: Archive) -> None:
    replica = ReplicaPortal(archive, HandClock(), "founder")
    path = replica.address(find_seed(archive))
    assert re.fullmatch(r"/content/2022-09/15/content_\d{7}\.html", path)
    page = replica.answer(path).body.decode("gbk")
    links = re.findall(r'href="(\.\./[^"]*content_\d{7}\.html)"', page)
    assert len(links) >= 10
    assert {replica.answer(urlsplit(urljoin(f"http://x{path}", link)).path).status for link in links} == {200}


def test_founder_pages_tell_their_facts_in_a_comment(archive: Archive) -> None:
    paper = find_seed(archive)
    replica = ReplicaPortal(archive, HandClock(), "founder")
    page = replica.answer(replica.address(paper)).body.decode("gbk")
    block = page[page.index("<!--enpproperty") : page.index("/enpproperty-->")]
    assert f"<articleid>{paper.content_id}</articleid><date>2022-09-15 10:12:" in block
    assert "<nodename>监督工作</nodename>" in block
    assert page.index("<!--enpcontent-->") < page.index("加强人大司法监督工作") < page.index("<!--/enpcontent-->")


@pytest.mark.parametrize("style", ["word", "br", "plain"])
def test_a_body_reads_the_same_however_it_was_typed(replica: ReplicaPortal, archive: Archive, style: str) -> None:
    paper = next(paper for paper in archive.papers if paper.draft.style == style and len(paper.draft.blocks) > 3)
    lines = text_lines(replica.answer("/info.jsp", f"id={paper.id}").body)
    wanted = [block.text.translate(_FOLD) for block in paper.draft.blocks if block.kind == "p"]
    assert [text for text in wanted if text not in {line.strip(" ") for line in lines}] == []


def test_files_have_the_magic_and_type_of_their_kind(archive: Archive, replica: ReplicaPortal) -> None:
    magic = {
        "doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
        "xls": (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
        "pdf": (b"%PDF-", "application/pdf"),
        "docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "rar": (b"Rar!", "application/x-rar-compressed"),
        "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    }
    paths = [block.url for paper in archive.papers for block in paper.draft.blocks if block.url]
    assert {path.rpartition(".")[2] for path in paths} >= {"doc", "pdf", "xls", "jpg"}
    assert any("%B9%FE%B6%FB%B1%F5" in path for path in paths), "a Chinese name percent-encoded in GBK"
    for path in paths:
        start, kind = magic[path.rpartition(".")[2]]
        reply = replica.answer(path)
        assert (reply.status, reply.type, reply.body[: len(start)]) == (200, kind, start)
        assert replica.answer(path) == reply


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/info.jsp", "id=999999"),
        ("/info.jsp", "id=x"),
        ("/info.jsp", ""),
        ("/list.jsp", "cid=17"),
        ("/list.jsp", ""),
        ("/node_13.html", ""),
        ("/upload/20220101/none.doc", ""),
        ("/images/../words.toml", ""),
        ("/images/none.gif", ""),
        ("/robots.txt", ""),
    ],
)
def test_what_is_not_there_is_404(replica: ReplicaPortal, path: str, query: str) -> None:
    assert replica.answer(path, query).status == 404


def test_a_page_past_the_end_is_the_last_under_jsp_and_missing_under_founder(archive: Archive) -> None:
    jsp, founder = ReplicaPortal(archive, HandClock()), ReplicaPortal(archive, HandClock(), "founder")
    assert jsp.answer("/list.jsp", "cid=1&page=99") == jsp.answer("/list.jsp", "cid=1&page=1")
    assert founder.answer("/node_1_99.html").status == 404


def test_an_unknown_scheme_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="jsp, founder"):
        ReplicaPortal(archive, HandClock(), "asp")
