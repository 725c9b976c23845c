"""Mail gateways open every link of a mail before its reader does, and every link on the pages behind them."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from feeds.config import AlertSettings
from feeds.flows.alert import Alerting, claim_due, fan_out, gather_digests, open_due_digests
from feeds.model import EventKind, Frequency, Wish
from feeds.store.events import add_event
from feeds.store.relocations import NewAddress, request_relocation
from feeds.store.subscribers import add_confirmed, confirm_subscription, load_subscription
from tests.serve.post import collect_mails, read_tables, sign_up, visit_from
from tests.serve.town import Town

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


async def _fill_mailboxes(town: Town) -> None:
    """Have every kind of mail sent: an alert, a digest, a confirmation, and word to an old address."""
    notice_id = await town.publish(1, "关于召开会议的公告")
    async with town.database.write() as tx:
        await add_confirmed(tx, "at.once@example.com", Wish(("all",)), town.now)
        await add_confirmed(tx, "daily@example.com", Wish(("all",), frequency=Frequency.DAILY), town.now)
        number = await add_confirmed(tx, "old@example.com", Wish(("linjiang/gzdt",)), town.now)
        old = await load_subscription(tx, number)
        assert old is not None
        asked = await request_relocation(
            tx, old.subscriber_id, NewAddress("new@example.com", "e" * 64, "f" * 64), town.now
        )
        assert asked is not None
        assert await confirm_subscription(tx, asked, town.now)
        await add_event(tx, notice_id, EventKind.PUBLISHED, 1, town.now)
    portals = {portal.name: portal for portal in town.portals}
    alerting = Alerting(town.database, portals, town.settings.site, AlertSettings(), lambda: town.now)
    for claimed in await claim_due(alerting, 9):
        await fan_out(alerting, claimed)
    town.now += timedelta(days=1)
    await open_due_digests(alerting)
    await gather_digests(alerting)
    async with visit_from(town, "198.51.100.1") as client:
        await sign_up(town, client)


async def test_a_scanner_that_opens_every_link_of_every_mail_and_page_changes_nothing(town: Town) -> None:
    await _fill_mailboxes(town)
    mails = await collect_mails(town)
    subjects = " ".join(mail.subject for mail in mails)
    for words in ("请确认订阅", "已改到新邮箱", "会议的公告", "每日汇总"):
        assert words in subjects
    links = {link.rstrip(".,") for mail in mails for link in _ADDRESS.findall(mail.text + mail.html)}
    todo = sorted(link for link in links if link.startswith(town.base_url))
    assert {urlsplit(link).path.split("/")[1] for link in todo} >= {"confirm", "manage", "unsubscribe", "n"}
    before = await read_tables(town)
    seen: set[str] = set()
    async with visit_from(town, "203.0.113.7") as client:
        while todo:
            link = todo.pop()
            if link in seen or not link.startswith(town.base_url) or len(seen) > 300:
                continue
            seen.add(link)
            await client.head(link)
            answer = await client.get(link)
            assert answer.status_code in {200, 404, 503}, link
            if answer.headers["content-type"].startswith("text/html"):
                page = LexborHTMLParser(answer.text)
                found = [node.attributes.get("href") or "" for node in page.css("a[href], link[href]")]
                found += [node.attributes.get("action") or link for node in page.css("form")]
                todo += [urljoin(link, path).partition("#")[0] for path in found]
    assert len(seen) > 40
    assert any(link.endswith("/erase") for link in seen)
    assert any(link.endswith("/export.json") for link in seen)
    assert await read_tables(town) == before
