"""What a subscriber was sent, and the answer to "was I sent this?": for its owner alone, and only to be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from feeds.model import DeliveryState, EventKind, Frequency, Subscription
from feeds.serve import sent
from feeds.store import deliveries, events
from feeds.store.deliveries import AttemptOutcome
from feeds.store.events import NewAlertItem
from feeds.store.schema import alert_item, delivery
from tests.serve.conftest import Visit
from tests.serve.test_unsubscribe import ADDRESS, read_everything, subscribe
from tests.serve.town import Town

LEASE = timedelta(minutes=20)


async def tell(town: Town, notice_id: int, *wanted: Subscription, frequency: Frequency = Frequency.IMMEDIATE) -> None:
    """Fan a notice out to the subscriber of these subscriptions; to nobody without any."""
    async with town.database.write() as tx:
        await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, town.now)
        (claim,) = await events.claim_events(tx, town.now, LEASE, 1)
        subscriptions = tuple(one.id for one in wanted)
        rows = [NewAlertItem(claim.event.id, one.subscriber_id, "mail", frequency, subscriptions) for one in wanted[:1]]
        items = await events.add_alert_items(tx, rows, town.now)
        await events.advance_fanout(tx, claim, 99, len(items), True, town.now)


async def send(town: Town, outcome: AttemptOutcome) -> None:
    """Record what the relay said of the mail that is due."""
    over = outcome.state in (DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.EXPIRED)
    async with town.database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, town.now, LEASE, 1)
        begun = await deliveries.begin_attempt(tx, claimed, town.now)
        assert begun is not None
        await deliveries.finish_attempt(tx, begun, outcome, None if over else town.now + LEASE, town.now)


ACCEPTED = AttemptOutcome(DeliveryState.ACCEPTED, "data", 250, "queued as 4F2")


async def test_an_accepted_mail_is_shown_with_its_time_and_its_subscription(town: Town, visit: Visit) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    await send(town, ACCEPTED)
    async with visit() as client:
        manage = await client.get(town.sign("manage", wanted.subscriber_id))
        page = await client.get(f"{town.sign('manage', wanted.subscriber_id)}/sent")
    assert f"{town.sign('manage', wanted.subscriber_id)}/sent" in manage.text
    assert ADDRESS in page.text
    assert 'href="/n/n1">关于旁听的公告' in page.text
    assert "邮件服务器已接收，2026-03-02 09:30" in page.text
    assert "queued as 4F2" not in page.text
    assert "临江市人大 · 通知公告" in page.text.partition("因为订阅了")[2]


@pytest.mark.parametrize(
    ("outcome", "said", "words"),
    [
        (AttemptOutcome(DeliveryState.FAILED, "rcpt", 550, "<b>no</b> such user"), "拒收", "550 &lt;b&gt;no"),
        (
            AttemptOutcome(DeliveryState.DEFERRED, "rcpt", 450, "try later"),
            "等待重发，最早 2026-03-02 09:50",
            "450 try",
        ),
        (AttemptOutcome(DeliveryState.IN_DOUBT, "data", None, "no answer from 10.1.2.3"), "可能已经送到", None),
        (AttemptOutcome(DeliveryState.EXPIRED, "connect", 554, "10.1.2.3 says no"), "已停止", None),
    ],
)
async def test_every_fate_is_told_in_plain_words_and_our_own_troubles_stay_ours(
    town: Town, visit: Visit, outcome: AttemptOutcome, said: str, words: str | None
) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    await send(town, outcome)
    async with visit() as client:
        page = (await client.get(f"{town.sign('manage', wanted.subscriber_id)}/sent")).text
    assert said in page
    assert ("邮件服务器的原话" in page) is bool(words)
    assert words is None or words in page
    assert "10.1.2.3" not in page


@pytest.mark.parametrize(
    ("frequency", "state", "said"),
    [
        (Frequency.DAILY, None, "等待下一封每天摘要，2026-03-03 08:00"),
        (Frequency.WEEKLY, None, "等待下一封每周摘要，2026-03-09 08:00"),
        (Frequency.IMMEDIATE, "queued", "即将发出"),
        (Frequency.IMMEDIATE, "sending", "正在发送"),
        (Frequency.IMMEDIATE, "suppressed", "没有发"),
    ],
)
async def test_what_was_not_sent_yet_or_never_is_says_so(
    town: Town, visit: Visit, frequency: Frequency, state: str | None, said: str
) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted, frequency=frequency)
    async with town.database.write() as tx:
        await tx.execute(update(delivery).values(state=state or "queued"))
    async with visit() as client:
        assert said in (await client.get(f"{town.sign('manage', wanted.subscriber_id)}/sent")).text


async def test_was_i_sent_this_is_answered_by_title_id_and_address(town: Town, visit: Visit) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    await tell(town, await town.publish(2, "关于听证的公告"), wanted)
    path = f"{town.sign('manage', wanted.subscriber_id)}/sent"
    async with visit() as client:
        for sought in ("旁听", "n1", "https://feeds.example.com/n/n1"):
            page = (await client.get(path, params={"q": sought})).text
            assert "是的，有记录" in page
            assert "关于旁听的公告" in page
            assert "关于听证的公告" not in page
        assert "没有这样的标题或编号" in (await client.get(path, params={"q": "100%"})).text
        assert "没有这样的标题或编号" in (await client.get(path, params={"q": "%"})).text


async def test_why_something_was_not_sent_is_said(town: Town, visit: Visit) -> None:
    """Before our time, not yet, before the subscription, or not asked for."""
    notice_id = await town.publish(1, "关于旁听的公告")
    other = await subscribe(town, address="other@example.com")
    town.now += timedelta(hours=1)
    wanted = await subscribe(town)

    async def ask(who: Subscription) -> str:
        async with visit() as client:
            path = f"{town.sign('manage', who.subscriber_id)}/sent"
            return (await client.get(path, params={"q": "n1"})).text

    assert "开始收录以前" in await ask(wanted)
    async with town.database.write() as tx:
        await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, town.now)
    assert "还没有发给任何人" in await ask(wanted)
    async with town.database.write() as tx:
        (claim,) = await events.claim_events(tx, town.now, LEASE, 1)
        await events.advance_fanout(tx, claim, 99, 0, True, town.now)
    assert "您还没有确认订阅" in await ask(wanted)
    assert "没有选中它" in await ask(other)


async def test_nobody_sees_what_others_were_sent(town: Town, visit: Visit) -> None:
    wanted, other = await subscribe(town), await subscribe(town, address="other@example.com")
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    async with visit() as client:
        theirs = await client.get(f"{town.sign('manage', other.subscriber_id)}/sent")
        forged = await client.get(f"/manage/{'x' * 30}/sent")
        crossed = await client.get(f"{town.sign('unsubscribe', wanted.id).replace('unsubscribe', 'manage')}/sent")
        gone = await client.get(f"{town.sign('manage', 999)}/sent")
    assert "关于旁听的公告" not in theirs.text
    assert "还没有发过" in theirs.text
    assert [answer.status_code for answer in (forged, crossed, gone)] == [404, 404, 404]


async def test_the_page_is_private_and_only_read(town: Town, visit: Visit) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    path = f"{town.sign('manage', wanted.subscriber_id)}/sent"
    before = await read_everything(town)
    async with visit() as client:
        page, head = await client.get(path), await client.head(path)
        refused = await client.post(path)
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "no-store"
    assert 'name="robots" content="noindex,nofollow"' in page.text
    assert (head.status_code, refused.status_code) == (200, 405)
    assert await read_everything(town) == before


async def test_a_long_history_is_paged_without_gap_or_repetition(
    town: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "_PAGE", 2)
    wanted = await subscribe(town)
    for number in range(1, 6):
        await tell(town, await town.publish(number, f"关于第{number}号事项的公告"), wanted)
    path = f"{town.sign('manage', wanted.subscriber_id)}/sent?q=%E4%BA%8B%E9%A1%B9"
    seen: list[str] = []
    async with visit() as client:
        while path:
            page = (await client.get(path)).text
            seen += [f"n{number}" for number in range(5, 0, -1) if f'href="/n/n{number}"' in page]
            path = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert (await client.get(f"{town.sign('manage', wanted.subscriber_id)}/sent?before=x")).status_code == 200
    assert seen == ["n5", "n4", "n3", "n2", "n1"]


async def test_a_subscription_that_has_ended_is_marked(town: Town, visit: Visit) -> None:
    wanted = await subscribe(town)
    await tell(town, await town.publish(1, "关于旁听的公告"), wanted)
    path = town.sign("manage", wanted.subscriber_id)
    async with visit() as client:
        await client.post(path, data={"action": "end", "subscription": str(wanted.id)})
        assert "已退订" in (await client.get(f"{path}/sent")).text.partition("因为订阅了")[2]
        async with town.database.write() as tx:
            await tx.execute(update(alert_item).values(subscriptions=[99]))
        assert "一项已不存在的订阅" in (await client.get(f"{path}/sent")).text
