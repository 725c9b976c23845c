"""The pages anybody may read."""

from __future__ import annotations

import re

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from feeds.model import Attachment, Precision, Verdict, Wish
from feeds.store.notices import set_withdrawn
from feeds.store.subscribers import add_confirmed
from tests.serve.conftest import Visit
from tests.serve.town import NOW, Town, make_portal

ASIDE = ("/changes", "/people", "/rules")


def read_page(answer: httpx.Response) -> LexborHTMLParser:
    """The page of an answer that should be one."""
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def list_titles(page: LexborHTMLParser) -> list[str]:
    """The titles in a list of notices, in page order."""
    return [node.text(strip=True) for node in page.css(".notices .title")]


async def test_the_front_page_shows_portals_channels_and_what_is_newest(town: Town, visit: Visit) -> None:
    await town.publish(2, "关于绿化条例的通知")
    await town.publish(1, "关于召开会议的公告")
    async with visit() as client:
        page = read_page(await client.get("/"))
    assert list_titles(page) == ["关于召开会议的公告", "关于绿化条例的通知"]
    assert [node.text(strip=True) for node in page.css(".channels li a")] == ["通知公告", "工作动态", "选举任免"]


async def test_a_fresh_installation_says_that_it_waits(visit: Visit) -> None:
    async with visit() as client:
        assert "还没有公告" in (await client.get("/")).text


async def test_a_channel_lists_only_its_own_notices(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告", slugs=("tzgg",))
    await town.publish(2, "调研动态", slugs=("gzdt",))
    async with visit() as client:
        assert list_titles(read_page(await client.get("/p/linjiang/gzdt"))) == ["调研动态"]
        assert list_titles(read_page(await client.get("/p/linjiang"))) == ["会议公告", "调研动态"]


@pytest.mark.parametrize(
    ("precision", "shown", "mark"),
    [
        (Precision.MINUTE, "2026-03-02 08:30", "2026-03-02T08:30:00+08:00"),
        (Precision.DAY, "2026-03-03", "2026-03-03"),
        (None, "未注明", None),
    ],
)
async def test_a_time_is_shown_as_exactly_as_the_portal_said_it(
    town: Town, visit: Visit, precision: Precision | None, shown: str, mark: str | None
) -> None:
    """A day is never given an hour, and a missing date is never made up."""
    await town.publish(1, "会议公告", precision=precision)
    async with visit() as client:
        page = read_page(await client.get("/p/linjiang/tzgg"))
    row = page.css_first(".notices li")
    assert row is not None
    moment = row.css_first("time") or row.css_first(".undated")
    assert moment is not None
    assert " ".join(moment.text().split()) == shown
    assert moment.attributes.get("datetime") == mark


async def test_older_notices_are_pages_of_fifty(town: Town, visit: Visit) -> None:
    for number in range(1, 53):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        first = read_page(await client.get("/p/linjiang/tzgg"))
        assert list_titles(first) == [f"公告之{number}" for number in range(1, 51)]
        older = first.css_first("a[rel=next]")
        assert older is not None
        second = read_page(await client.get(older.attributes["href"] or ""))
        assert list_titles(second) == ["公告之51", "公告之52"]
        newer = second.css_first("a[rel=prev]")
        assert newer is not None
        assert newer.attributes["href"] == "/p/linjiang/tzgg"
        assert second.css_first("a[rel=next]") is None
        for wrong in ("3", "0", "-1", "x", "²", "9999999999"):
            assert (await client.get(f"/p/linjiang/tzgg?page={wrong}")).status_code == 404


async def test_everything_can_be_walked_from_the_front_page_and_back(town: Town, visit: Visit) -> None:
    for number in range(1, 53):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        home = read_page(await client.get("/"))
        link = home.css_first(".more a")
        assert link is not None
        first = read_page(await client.get(link.attributes["href"] or ""))
        older = first.css_first("a[rel=next]")
        assert older is not None
        second = read_page(await client.get(older.attributes["href"] or ""))
        assert list_titles(second) == ["公告之51", "公告之52"]
        newer = second.css_first("a[rel=prev]")
        assert newer is not None
        assert list_titles(read_page(await client.get(newer.attributes["href"] or "")))[0] == "公告之1"


async def test_every_page_announces_its_feeds(town: Town, visit: Visit) -> None:
    """A reader given the address of a page finds the feed by itself."""
    await town.publish(1, "会议公告", slugs=("tzgg", "gzdt"))
    expected = {
        "/": ["/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json"],
        "/p/linjiang/tzgg": [f"/feeds/linjiang{x}.{f}" for x in ("/tzgg", "") for f in ("rss", "atom", "json")],
        "/p/linjiang": [f"/feeds/linjiang{x}.{f}" for x in ("", *ASIDE) for f in ("rss", "atom", "json")],
        "/n/n1": [f"/feeds/linjiang{x}.{f}" for x in ("/tzgg", "/gzdt", "") for f in ("rss", "atom", "json")],
    }
    async with visit() as client:
        for path, feeds in expected.items():
            links = read_page(await client.get(path)).css("link[rel=alternate]")
            assert [link.attributes["href"] for link in links] == feeds
            assert {link.attributes["type"] for link in links} == {
                "application/atom+xml",
                "application/rss+xml",
                "application/feed+json",
            }


async def test_a_list_gives_its_addresses_to_copy_and_a_way_to_mail(town: Town, visit: Visit) -> None:
    async with visit() as client:
        page = read_page(await client.get("/p/linjiang/tzgg"))
    copied = [node.attributes["value"] for node in page.css("input[data-copy]")]
    feeds = [f"https://feeds.example.com/feeds/linjiang/tzgg.{fmt}" for fmt in ("rss", "atom", "json")]
    assert copied == [*feeds, "https://feeds.example.com/calendar/linjiang/tzgg.ics"]
    assert page.css_first('a[href="/subscribe?feed=linjiang%2Ftzgg"]') is not None


async def test_a_notice_page_tells_everything_that_is_known(town: Town, visit: Visit) -> None:
    file = Attachment("http://linjiang.example.com/f/1.pdf", "草案.pdf", "application/pdf")
    html = "<h3>一、时间</h3><p>三月。</p>"
    await town.publish(1, "会议公告", slugs=("tzgg", "gzdt"), html=html, attachments=(file,))
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    text = " ".join((page.body.text() if page.body else "").split())
    for fact in ("会议公告", "临江市人大办公室", "2026-03-02 08:30", "通知公告", "工作动态", "草案.pdf"):
        assert fact in text
    assert page.css_first(".body h2") is not None
    assert page.css_first('a[href="http://linjiang.example.com/content/1.html"]') is not None
    assert page.css_first('a[href="http://linjiang.example.com/f/1.pdf"]') is not None


CALL = "《临江市供水条例（草案）》现公开征求意见。请于2026年3月31日前将意见反馈至<b>市人大</b>办公室。"


async def test_a_notice_page_has_its_key_facts_each_with_its_sentence(town: Town, visit: Visit) -> None:
    await town.publish(1, "关于公开征求《临江市供水条例（草案）》意见的公告", text=CALL)
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    rows = {head.text().split()[0]: head.parent for head in page.css('.keys th[scope="row"]')}
    assert list(rows) == ["截止日期", "法规"]
    deadline = rows["截止日期"]
    assert deadline is not None
    assert [node.text() for node in deadline.css("summary")] == ["2026-03-31"]
    assert [node.text() for node in deadline.css("blockquote")] == [CALL.partition("。")[2]]


async def test_a_notice_that_says_nothing_has_no_key_facts(town: Town, visit: Visit) -> None:
    await town.publish(1, "温馨提示")
    async with visit() as client:
        page, listed = read_page(await client.get("/n/n1")), read_page(await client.get("/p/linjiang"))
    assert page.css_first(".keys") is None
    assert listed.css_first(".line") is None


@pytest.mark.parametrize("path", ["/", "/p/linjiang", "/p/linjiang/tzgg"])
async def test_lists_say_under_a_title_what_the_notice_says(town: Town, visit: Visit, path: str) -> None:
    await town.publish(1, "关于公开征求《临江市供水条例（草案）》意见的公告", text=CALL)
    async with visit() as client:
        for _ in range(2):
            page = read_page(await client.get(path))
            assert [node.text() for node in page.css(".notices .line")] == ["征求意见 · 3月31日截止"]


async def test_a_notice_page_says_how_to_find_out_what_one_was_sent_and_nothing_of_anybody(
    town: Town, visit: Visit
) -> None:
    await town.publish(1, "会议公告")
    async with town.database.write() as tx:
        await add_confirmed(tx, "su.kun@example.com", Wish(("all",)), NOW)
    async with visit() as client:
        answer = await client.get("/n/n1")
    told = read_page(answer).css_first(".told")
    assert told is not None
    assert "我收到提醒了吗" in told.text()
    assert told.css_first('input[data-copy][value="https://feeds.example.com/n/n1"]') is not None
    assert told.css_first('a[href="/subscribe?feed=linjiang%2Ftzgg"]') is not None
    assert "su.kun" not in answer.text


async def test_attachments_have_an_icon_and_say_their_kind_where_the_name_does_not(town: Town, visit: Visit) -> None:
    named = Attachment("http://linjiang.example.com/f/1.pdf", "草案.pdf", "application/pdf")
    bare = Attachment("http://linjiang.example.com/f/2.xlsx", "名单", "application/vnd.ms-excel")
    await town.publish(1, "会议公告", attachments=(named, bare))
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    rows = page.css(".attachments li")
    assert [" ".join(row.text().split()) for row in rows] == ["草案.pdf", "名单 XLSX"]
    assert len(page.css(".attachments svg.icon")) == 2


async def test_paragraphs_are_indented_where_the_portal_means_it(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告", html="<p>\u3000\u3000现公告如下。</p><p>附件：</p>")
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    assert [node.attributes.get("class") for node in page.css(".body p")] == ["indent", None]


async def test_a_generic_title_stays_on_the_page_beside_the_telling_one(town: Town, visit: Visit) -> None:
    await town.publish(1, "临江市人大常委会公告", article_number="第7号")
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    heading = page.css_first("h1")
    assert heading is not None
    assert heading.text(strip=True) == "临江市人大常委会公告"
    title = page.css_first("title")
    assert title is not None
    assert title.text().startswith("临江市人大常委会公告(第7号) · 正文第一段")


async def test_revisions_show_what_changed(town: Town, visit: Visit) -> None:
    notice_id = await town.publish(1, "会议公告")
    await town.revise(notice_id, "会议公告（更正）", "正文第二段。\n又一段。", ("title", "body"))
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    assert [node.text() for node in page.css(".diff del")] == ["会议公告", "一"]
    assert [node.text() for node in page.css(".diff ins")] == ["会议公告（更正）", "二", "又一段。"]


async def test_a_revision_says_in_words_which_day_moved(town: Town, visit: Visit) -> None:
    notice_id = await town.publish(1, "会议公告", text="请于2026年7月15日前报送意见。")
    for day in ("7月15日", "7月20日", "7月31日"):
        await town.revise(notice_id, "会议公告", f"请于2026年{day}前报送意见。", ("body",))
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    assert [node.text() for node in page.css(".revisions .moved")] == [
        "截止日期由7月20日改为7月31日 · deadline moved from 2026-07-20 to 2026-07-31",
        "截止日期由7月15日改为7月20日 · deadline moved from 2026-07-15 to 2026-07-20",
    ]


async def test_of_a_long_history_only_the_newest_revisions_are_read(
    town: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.serve.pages.MOST_READ", 2)
    notice_id = await town.publish(1, "会议公告", text="请于2026年7月1日前报送意见。")
    for day in range(2, 6):
        await town.revise(notice_id, "会议公告", f"请于2026年7月{day}日前报送意见。", ("body",))
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
    (newest, *_) = page.css(".revisions li")
    assert [node.text().partition(" · ")[0] for node in newest.css(".moved")] == ["截止日期由7月4日改为7月5日"]
    assert len(page.css(".revisions .moved")) == 1


async def test_a_withdrawn_notice_is_marked_and_keeps_its_text(town: Town, visit: Visit) -> None:
    notice_id = await town.publish(1, "会议公告")
    async with town.database.write() as tx:
        await set_withdrawn(tx, notice_id, NOW)
    async with visit() as client:
        notice, listed = await client.get("/n/n1"), await client.get("/p/linjiang")
    assert "已撤下" in notice.text
    assert "正文第一段" in notice.text
    assert read_page(listed).css_first("li.withdrawn") is not None


async def test_nothing_on_a_page_comes_from_elsewhere(town: Town, visit: Visit) -> None:
    """Not the portal's pictures either: who reads a notice here is nobody else's business."""
    await town.publish(1, "会议公告", html='<p><img src="http://linjiang.example.com/a.jpg" alt="a > b"></p>')
    async with visit() as client:
        answer = await client.get("/n/n1")
        page = read_page(answer)
        assert page.css_first("img") is None
        assert page.css_first('a.picture[href="http://linjiang.example.com/a.jpg"]') is not None
        loaded = [node.attributes.get("src") or node.attributes.get("href") or "" for node in page.css("script, link")]
        for address in loaded:
            assert address.startswith("/") or node_is_canonical(page, address)
            if address.startswith("/static/"):
                assert (await client.get(address)).status_code == 200
        assert not [node for node in page.css("script") if node.text(strip=True)]
        assert not page.css("[style], [onclick]")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def node_is_canonical(page: LexborHTMLParser, address: str) -> bool:
    """Whether an address is only named, not loaded."""
    node = page.css_first("link[rel=canonical]")
    return node is not None and node.attributes["href"] == address


async def test_words_of_a_portal_are_text_and_never_markup(town: Town, visit: Visit) -> None:
    await town.publish(1, "<script>alert(1)</script>公告")
    async with visit() as client:
        for path in ("/", "/n/n1", "/p/linjiang"):
            answer = await client.get(path)
            assert "<script>alert" not in answer.text
            assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("path", ["/n/none", "/n/%00", "/n/a'b", "/p/none", "/p/linjiang/none", "/x", "/static/x"])
async def test_an_unknown_page_is_a_helpful_404(visit: Visit, path: str) -> None:
    async with visit() as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/feeds/linjiang/tzg.atom", "/feeds/linjiang/tzgg.atom"),
        ("/feeds/linjian.rss", "/feeds/linjiang.rss"),
        ("/feeds/linjiang/tzgg.xml", "/feeds/linjiang/tzgg.atom"),
        ("/feeds/tzgg.atom", "/feeds/linjiang/tzgg.atom"),
        ("/feeds/linjiang/通知公告.atom", "/feeds/linjiang/tzgg.atom"),
        ("/p/linjiang/gzd", "/feeds/linjiang/gzdt.json"),
        ("/feeds/zzzzzzzz.atom", "/feeds/all.atom"),
    ],
)
async def test_an_unknown_feed_names_the_nearest(visit: Visit, path: str, near: str) -> None:
    async with visit() as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert f'href="{near}"' in answer.text


async def test_a_feed_that_is_not_published_yet_asks_for_patience(visit: Visit) -> None:
    """A 404 would make some readers forget the feed for good."""
    async with visit() as client:
        answer = await client.get("/feeds/linjiang/tzgg.atom")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_published_feed_comes_through_the_whole_application(town: Town, visit: Visit) -> None:
    file = town.folder / "public" / "feeds" / "linjiang" / "tzgg.atom"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"<feed/>")
    async with visit() as client:
        answer = await client.get("/feeds/linjiang/tzgg.atom")
    assert (answer.status_code, answer.content) == (200, b"<feed/>")


async def test_a_site_may_live_under_a_path(town: Town, visit: Visit) -> None:
    """Whether the proxy in front strips the path or passes it on."""
    await town.publish(1, "会议公告")
    town.base_url = "https://town.example.com/notices"
    town.configure()
    async with visit() as client:
        for path in ("/notices/p/linjiang", "/p/linjiang"):
            page = read_page(await client.get(path))
            own = [str(node.attributes["href"]) for node in page.css("a[href], link[href]")]
            inside = [link for link in own if not re.match(r"https?:|feed:|webcal:|#|\?", link)]
            assert inside
            assert all(link.startswith("/notices/") for link in inside)


async def test_a_channel_in_trouble_says_so_and_keeps_its_notices(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告")
    await town.poll("linjiang/tzgg", Verdict.CHALLENGE, "a script instead of a list")
    async with visit() as client:
        answer = await client.get("/p/linjiang/tzgg")
    assert "最近一次读取没有成功" in answer.text
    assert list_titles(read_page(answer)) == ["会议公告"]


async def test_opml_has_every_feed(town: Town, visit: Visit) -> None:
    town.portals = (make_portal(), make_portal("yunhe", "云河市人民政府"))
    await town.settle()
    async with visit() as client:
        answer = await client.get("/opml")
        assert answer.headers["content-type"].startswith("text/x-opml")
        found = re.findall(r'xmlUrl="([^"]+)"', answer.text)
        names = ["all", *(f"{p}{c}" for p in ("linjiang", "yunhe") for c in ("", "/tzgg", "/gzdt", "/xjrm"))]
        assert found == [f"https://feeds.example.com/feeds/{name}.atom" for name in names]
        assert ".json" in (await client.get("/opml?json")).text
        assert ".rss" in (await client.get("/opml?format=rss")).text
        assert '.atom"' in (await client.get("/opml?utm_source=letter&from=x")).raise_for_status().text
        assert '.rss"' in (await client.get("/opml?utm_source=letter&rss")).raise_for_status().text
        assert (await client.get("/opml?format=doc")).status_code == 404


@pytest.mark.parametrize("path", ["/p/linjiang/", "/p/linjiang/tzgg//", "/n/n1/", "/subscribe/", "/status/"])
async def test_a_slash_behind_a_page_is_answered_and_never_redirected(town: Town, visit: Visit, path: str) -> None:
    """A redirect would go to whatever host the request claims to be for."""
    await town.publish(1, "会议公告")
    async with visit() as client:
        answer = await client.get(path, headers={"host": "evil.example.net"})
        plain = await client.get(path.rstrip("/"))
        none = await client.get("/nothing/", headers={"host": "evil.example.net"})
    assert answer.status_code == 200
    pages = [re.sub(r'name="stamp" value="[^"]+"', "", one.text) for one in (answer, plain)]
    assert pages[0] == pages[1]
    assert none.status_code == 404
    assert "location" not in none.headers


@pytest.mark.parametrize("path", ["/", "/p/linjiang", "/n/n1", "/subscribe", "/opml", "/status", "/robots.txt"])
async def test_head_works_on_every_page(town: Town, visit: Visit, path: str) -> None:
    await town.publish(1, "会议公告")
    async with visit() as client:
        answer = await client.head(path)
    assert answer.status_code == 200
    assert answer.content == b""


async def test_a_bug_is_a_page_without_a_traceback(town: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("a secret detail")

    monkeypatch.setattr(town, "database", Broken())
    async with visit() as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert "本站出了差错" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_did_not_change_is_not_sent_again(visit: Visit) -> None:
    async with visit() as client:
        for path in ("/", "/p/linjiang", "/privacy", "/opml", "/favicon.ico", "/static/site.css"):
            first = await client.get(path)
            again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
            other = await client.get(path, headers={"if-none-match": '"another"'})
            assert (other.status_code, other.content) == (200, first.content), path
            assert "cache-control" in first.headers, path


async def test_forms_with_a_stamp_and_pages_that_say_no_have_no_tag(visit: Visit) -> None:
    async with visit() as client:
        for path, status in (("/subscribe", 200), ("/nowhere", 404)):
            answer = await client.get(path, headers={"if-none-match": "*"})
            assert answer.status_code == status
            assert "etag" not in answer.headers
