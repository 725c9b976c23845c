"""The pages of people and of rules, and the way from their lines to the sentence in the notice."""

from __future__ import annotations

from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.flows.recording import record_facts
from feeds.store.notices import set_withdrawn
from feeds.store.register import PAGE, STATIONS, list_rules
from tests.serve.conftest import Visit
from tests.serve.test_pages import read_page
from tests.serve.town import NOW, Town, make_portal

HEAD = "（2026年{}临江市第九届人民代表大会常务委员会第{}次会议通过）\n"
RULE = (
    "《临江市养犬条例》已由临江市第九届人民代表大会常务委员会第五次会议于2026年1月20日通过，"
    "现予公布，自2026年5月1日起施行。"
)


async def tell(town: Town, number: int, title: str, text: str, portal: str = "linjiang") -> int:
    """Record a notice with what it says."""
    html = "".join(f"<p>　　{line}</p>" for line in text.split("\n"))
    notice_id = await town.publish(number, title, text=text, html=html, portal=portal)
    async with town.database.write() as tx:
        await record_facts(tx, [notice_id], {one.name: one for one in town.portals}, town.now)
    return notice_id


async def tell_lists(town: Town) -> int:
    """Two meetings, the first of which is told twice."""
    earlier = HEAD.format("1月20日", "五") + "任命尹明为临江市财政局局长。\n任命田小禾、钱塘为临江市人民法院审判员。"
    first = await tell(town, 50, "临江市人大常委会任免名单", earlier)
    await tell(town, 49, "临江市人大常委会人事任免名单", HEAD.format("1月20日", "五") + "任命尹明为财政局局长。")
    later = HEAD.format("2月25日", "六") + "免去尹明的临江市财政局局长职务。"
    await tell(town, 3, "临江市人大常委会任免名单", later)
    return first


def say(nodes: list[LexborNode]) -> list[str]:
    return ["".join(node.text().split()) for node in nodes]


async def test_people_stand_by_day_and_meeting_the_newest_first(town: Town, visit: Visit) -> None:
    await tell_lists(town)
    async with visit() as client:
        for path in ("/people", "/p/linjiang/people"):
            page = read_page(await client.get(path))
            heads = say(page.css(".sitting h2"))
            assert [head[:10] for head in heads] == ["2026-02-25", "2026-01-20"]
            assert "第九届人民代表大会常务委员会第六次会议" in heads[0]
            assert [node.text() for node in page.css(".who")] == ["尹明", "尹明", "田小禾", "钱塘"]
            assert len(page.css(".acts li")[1].css(".source")) == 2, "two notices of one act are one line"


async def test_a_name_has_a_career_over_all_portals(town: Town, visit: Visit) -> None:
    town.portals = (*town.portals, make_portal("shangpo", "上坡市人大"))
    await town.settle()
    await tell_lists(town)
    await tell(town, 1, "上坡市人大常委会任免名单", "决定任命尹明为上坡市副市长。", "shangpo")
    async with visit() as client:
        page = read_page(await client.get("/people", params={"name": "尹　明"}))
        assert len(page.css(".acts li")) == 3
        assert "上坡市人大" in page.css(".sitting h2")[0].text()
        own = read_page(await client.get("/p/linjiang/people", params={"name": "尹明"}))
        assert len(own.css(".acts li")) == 2
        nobody = await client.get("/people", params={"name": "无此人"})
    assert (nobody.status_code, "没有这个人的任免记录" in nobody.text) == (404, True)


async def test_a_line_leads_to_its_sentence_in_the_notice(town: Town, visit: Visit) -> None:
    await tell_lists(town)
    async with visit() as client:
        page = read_page(await client.get("/people"))
        link = page.css(".acts li")[2].css_first(".source")
        assert link is not None
        address, _, anchor = (link.attributes["href"] or "").partition("#")
        notice = read_page(await client.get(address))
        mark = notice.css_first(f".body mark#{anchor}")
        assert mark is not None
        assert mark.text() == "任命田小禾、钱塘为临江市人民法院审判员。"
        assert len(notice.css(f"#{anchor}")) == 1
        assert not read_page(await client.get("/n/n50")).css("mark")


async def test_a_sentence_in_pieces_is_shown_among_the_key_facts(town: Town, visit: Visit) -> None:
    html = "<p>任命<b>尹明</b>为临江市财政局局长。</p>"
    text = "任命尹明为临江市财政局局长。"
    await town.publish(1, "临江市人大常委会任免名单", text=text, html=html)
    async with visit() as client:
        page = read_page(await client.get("/n/n1?at=p0"))
        row = page.css_first("tr#said details[open] blockquote")
        assert row is not None
        assert row.text() == text
        for strange in ("p9", "x1", "p", "l0", '"><script>', "p99999"):
            answer = await client.get("/n/n1", params={"at": strange})
            assert not read_page(answer).css("#said")
            assert "<script>" not in answer.text.replace('<script src="', "")


async def test_facts_of_a_notice_lead_to_the_register(town: Town, visit: Visit) -> None:
    await tell_lists(town)
    await tell(town, 2, "关于公布《临江市养犬条例》的公告", RULE)
    async with visit() as client:
        links = [node.attributes["href"] or "" for node in read_page(await client.get("/n/n3")).css(".keys .source")]
        assert len(read_page(await client.get(links[0])).css(".acts li")) == 2
        links = [node.attributes["href"] or "" for node in read_page(await client.get("/n/n2")).css(".keys .source")]
        assert "临江市养犬条例" in read_page(await client.get(links[0])).css_first("h1").text()  # type: ignore[union-attr]


async def test_what_the_register_has_not_leads_nowhere(town: Town, visit: Visit) -> None:
    text = "新华社北京2月1日电 全国人大常委会决定任命尹明为某部部长。依照《中华人民共和国立法法》办理。"
    await tell(town, 1, "全国人大常委会任免人员", text)
    async with visit() as client:
        page = read_page(await client.get("/n/n1"))
        assert page.css(".keys tr")
        assert page.css(".keys .source") == []
        assert (await client.get("/people", params={"name": "尹明"})).status_code == 404


async def test_a_rule_is_a_line_with_its_stations(town: Town, visit: Visit) -> None:
    draft = "现就《临江市养犬条例（草案）》公开征求意见。"
    await tell(town, 2_000, "关于公开征求《临江市养犬条例（草案）》意见的公告", draft)
    await tell(town, 900, "关于公布《临江市养犬条例》的公告", RULE)
    await tell(town, 5, "临江市人大常委会关于修改《临江市养犬条例》的决定", HEAD.format("2月25日", "六") + "决定修改。")
    await tell(town, 4, "临江市人大常委会关于废止《临江市旧规定》的决定", HEAD.format("2月26日", "七") + "决定废止。")
    async with visit() as client:
        for path in ("/rules", "/p/linjiang/rules"):
            page = read_page(await client.get(path))
            assert say(page.css(".sitting h2")) == ["《临江市旧规定》", "《临江市养犬条例》"]
            stations = say(page.css(".sitting")[1].css(".acts .act"))
            assert stations == ["草案Draft", "通过Adopted", "修改Amended"]
        whole = read_page(await client.get("/rules", params={"name": "《临江市养犬条例》"}))
        assert "2026-01-20，2026-05-01施行" in say(whole.css(".acts li"))[1]
        assert (await client.get("/rules", params={"name": "无此条例"})).status_code == 404


async def test_what_only_withdrawn_notices_told_is_struck(town: Town, visit: Visit) -> None:
    first = await tell_lists(town)
    async with town.database.write() as tx:
        await set_withdrawn(tx, first, NOW)
    async with visit() as client:
        lines = read_page(await client.get("/people")).css(".acts li")
    struck = ["struck" in (line.attributes.get("class") or "") for line in lines]
    assert struck == [False, False, True, True], "another notice still tells of the second"


async def test_older_days_are_further_pages_and_no_day_is_cut(town: Town, visit: Visit) -> None:
    for number, day in ((70, 5), (60, 6), (50, 7)):
        names = "\n".join(
            f"任命{first}{second}为临江市监察官。" for first in "赵钱孙李周吴郑王" for second in "一二三四五六七八"
        )
        await tell(town, number, "临江市人大常委会任免名单", HEAD.format(f"1月{day}日", "五") + names)
    async with visit() as client:
        address, seen = "/p/linjiang/people", []
        while address:
            page = read_page(await client.get(address))
            seen += [date.fromisoformat(node.text()[:10]) for node in page.css(".sitting time")]
            assert len(page.css(".acts li")) <= PAGE + 64
            older = page.css_first("a[rel=next]")
            address = (older.attributes["href"] or "") if older else ""
        assert seen == [date(2026, 1, day) for day in (7, 6, 5)]


async def test_what_nobody_can_mean_is_no_page(town: Town, visit: Visit) -> None:
    async with visit() as client:
        for address in (
            "/people?before=x",
            "/rules?before=2026-13-01",
            "/p/nowhere/people",
            f"/people?name={'名' * 200}",
        ):
            assert (await client.get(address)).status_code == 404
        assert (await client.get("/people?name=%00a")).status_code == 404
        assert "还没有任免记录" in (await client.get("/people")).text
        assert "还没有法规记录" in (await client.get("/rules")).text


async def test_pages_of_the_register_are_announced_with_their_feeds(town: Town, visit: Visit) -> None:
    async with visit() as client:
        for slug in ("people", "rules"):
            page = read_page(await client.get(f"/p/linjiang/{slug}"))
            links = [link.attributes["href"] for link in page.css("link[rel=alternate]")]
            assert links == [f"/feeds/linjiang/{slug}.{fmt}" for fmt in ("rss", "atom", "json")]
            portal = read_page(await client.get("/p/linjiang"))
            assert f"/p/linjiang/{slug}" in [link.attributes["href"] for link in portal.css("a")]


async def test_a_name_cannot_break_out_of_a_page(town: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await client.get("/people", params={"name": '"><b>x</b>'})
    assert not LexborHTMLParser(answer.text).css("main b")


async def test_a_list_of_rules_has_the_newest_of_each_and_its_own_page_has_all(town: Town, visit: Visit) -> None:
    for number in range(STATIONS + 2):
        text = f"现将《临江市养犬条例（草案）》公布，征求意见，请于2026年12月1日前反馈。\n2026年3月{number + 1}日"
        await tell(town, 60 + number, "关于征求《临江市养犬条例（草案）》意见的公告", text)
    async with town.database.read() as tx:
        told, _ = await list_rules(tx)
    days = [line.day for line, _ in told]
    assert (days[0], days[-1], len(days)) == (date(2026, 3, 3), date(2026, 3, STATIONS + 2), STATIONS)
    async with visit() as client:
        page = read_page(await client.get("/rules", params={"name": "临江市养犬条例"}))
    assert len(page.css(".acts li")) == STATIONS + 2
