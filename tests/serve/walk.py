"""A town that shows something on every page, and a walk through all of them."""

from __future__ import annotations

import httpx

from feeds.decide.tokens import NOBODY
from feeds.facts import Kind
from feeds.flows.recording import record_facts
from feeds.model import Attachment, Frequency, Verdict, Wish
from feeds.store.notices import set_withdrawn
from feeds.store.subscribers import add_confirmed, load_subscription
from tests.serve.post import HERE, collect_mails, find_code, sign_up
from tests.serve.town import NOW, Town, make_portal

CONTACT = {"contact": "站长信箱，请致电 84650001", "icp": "临ICP备1号"}
CALL = "《临江市供水条例（草案）》现公开征求意见。请于2026年3月31日前将意见反馈至市人大办公室。"
RULE = (
    "《临江市养犬条例》已由临江市第九届人民代表大会常务委员会第五次会议于2026年1月20日通过，"
    "现予公布，自2026年5月1日起施行。"
)
NAMES = (
    "（2026年1月20日临江市第九届人民代表大会常务委员会第五次会议通过）\n"
    "任命尹明为临江市财政局局长。\n任命田小禾、钱塘、周岚、王川为临江市人民法院审判员。"
)
WIDE = "<table><tr><th>姓名</th><th>职务</th><th>备注</th></tr><tr><td>周岚</td><td>主任</td><td></td></tr></table>"
PUBLIC = (
    "/",
    "/?page=1",
    "/?page=2",
    "/p/linjiang",
    "/p/linjiang/tzgg",
    "/p/linjiang/tzgg?page=2",
    "/p/linjiang/tzgg?year=2026&show=withdrawn",
    "/p/linjiang/gzdt?kind=report",
    "/p/shangpo/xjrm",
    "/n/n1",
    "/n/n1?at=l0",
    "/n/n2",
    "/n/n3",
    "/n/n60",
    "/n/n61",
    "/search",
    "/search?q=征求意见&kind=consultation&channel=linjiang/tzgg&reprints=no",
    "/search?q=没有这样的词&person=尹明&law=养犬条例",
    "/search?kind=nothing",
    "/people",
    "/people?name=尹明",
    "/people?name=无此人",
    "/p/linjiang/people",
    "/rules",
    "/rules?name=临江市养犬条例",
    "/rules?name=无此条例",
    "/p/linjiang/rules",
    "/subscribe",
    "/subscribe?feed=linjiang/tzgg&keywords=预算",
    "/confirm",
    "/privacy",
    "/about",
    "/status",
    "/status?token=open-sesame",
    "/api",
    "/p/linjiang/tzg",
    "/feeds/all.rss",
    "/feeds/linjiang/tzg.rss",
    "/confirm/1.wrong",
)
"""The addresses that anybody can ask for, those included that are refused."""


async def stock(town: Town) -> None:
    """Notices of every sort, two portals, a channel in trouble; every polling has been done."""
    town.portals = (*town.portals, make_portal("shangpo", "上坡市人大"))
    town.configure(site=CONTACT, admin={"token": "open-sesame"})
    await town.settle()
    file = Attachment("http://linjiang.example.com/f/1.pdf", "草案", "application/pdf")
    title = "关于公开征求《临江市供水条例（草案）》意见的公告"
    call = await town.publish(1, title, text=CALL, attachments=(file,), article_number="第8号")
    await town.revise(call, "关于公开征求意见的公告", CALL.replace("31日", "30日"), ("title", "body", "attachments"))
    html = f'<p>　　正文。</p><p><img src="/1.jpg"></p>{WIDE}'
    gone = await town.publish(2, "临江市人大常委会公告", html=html, article_number="第7号", slugs=("tzgg", "gzdt"))
    await town.publish(3, "没有日期的公告", precision=None, text="", html="")
    for number in range(4, 60):
        await town.publish(number, f"公告之{number}")
    rule = await town.publish(60, "临江市人大常委会公告", text=f"第9号\n{RULE}", html=f"<p>{RULE}</p>")
    names = await town.publish(61, "临江市人大常委会任免名单", text=NAMES, slugs=("xjrm",))
    async with town.database.write() as tx:
        await set_withdrawn(tx, gone, NOW)
        await record_facts(tx, [call, rule, names], {one.name: one for one in town.portals}, town.now)
    await town.index()
    await town.poll("linjiang/tzgg")
    for _ in range(9):
        await town.poll("linjiang/gzdt", Verdict.CHALLENGE, "a script")


async def walk(town: Town, client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """Every page as this client sees it, by its name here: the public ones, then a subscriber's from form to end."""
    seen = {path: await client.get(path) for path in PUBLIC}
    wrong = {"address": "nobody at all", "keywords": "字" * 60, "time_zone": "Mars/Base"}
    seen["refused form"] = await sign_up(town, client, **wrong)
    seen["foreign form"] = await client.post("/subscribe", headers={"sec-fetch-site": "cross-site"})
    asked = {"remind": "7", "kind": "meeting", "people": "王川", "laws": "供水条例", "keywords": "预算"}
    seen["sent"] = await sign_up(town, client, skip_reprints="yes", more="yes", **asked)
    mail = (await collect_mails(town))[-1]
    link = next(word for word in mail.text.split() if "/confirm/" in word).partition("/confirm/")[2]
    seen["confirm"] = await client.get(f"/confirm/{link}")
    seen["wrong code"] = await client.post("/confirm", data={"code": "1"}, headers=HERE)
    seen["confirmed"] = await client.post("/confirm", data={"code": find_code(mail)}, headers=HERE)
    return seen | await _walk_own(town, client)


async def _walk_own(town: Town, client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """The pages of somebody who is subscribed."""
    wish = Wish(
        ("linjiang/tzgg", "gone"),
        ("预算", "旁听"),
        Frequency.WEEKLY,
        kinds=(Kind.MEETING.value, Kind.REPORT.value),
        people=("王川", "周岚"),
        laws=("供水条例",),
        reprints=False,
        remind=(7, 0),
        hour=20,
        time_zone="Asia/Kolkata",
    )
    async with town.database.write() as tx:
        mine = await load_subscription(tx, await add_confirmed(tx, "lin.zhe@example.com", wish, town.now))
    assert mine is not None
    manage, leave = town.sign("manage", mine.subscriber_id), town.sign("unsubscribe", mine.id)
    seen = {
        "manage": await client.get(manage),
        "sent mails": await client.get(f"{manage}/sent"),
        "not sent": await client.get(f"{manage}/sent", params={"q": "n1"}),
        "never sent": await client.get(f"{manage}/sent", params={"q": "无此公告"}),
        "move": await client.post(manage, data={"action": "move", "address": "b@example.com"}, headers=HERE),
        "moving": await client.get(manage),
        "not moved": await client.post(manage, data={"action": "move", "address": "b"}, headers=HERE),
        "erase": await client.get(f"{manage}/erase"),
        "erasing": await client.post(f"{manage}/erase", data={"action": "ask"}, headers=HERE),
        "leave": await client.get(leave),
        "left": await client.post(leave, data={"action": "end"}, headers=HERE),
        "back": await client.post(leave, data={"action": "undo"}, headers=HERE),
        "left all": await client.post(leave, data={"action": "all"}, headers=HERE),
        "ended": await client.get(manage),
        "sample": await client.get(town.sign("unsubscribe", NOBODY)),
    }
    mails = [mail for mail in await collect_mails(town) if "/erase/" in mail.text]
    link = next(word for word in mails[-1].text.split() if "/erase/" in word).partition("/erase/")[2]
    seen["erasure"] = await client.get(f"/erase/{link}")
    seen["erased"] = await client.post(f"/erase/{link}", data={"action": "erase"}, headers=HERE)
    return seen
