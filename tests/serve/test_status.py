"""How it stands: for people, for watchers, for Prometheus; and for nobody what would help an attacker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from feeds.flows.ledger import check_ledger
from feeds.mailboxes import Bounce, Pace
from feeds.model import Epoch, EventKind, Health, Verdict, Wish
from feeds.serve.standing import Standing
from feeds.store.engine import connect, parse_url
from feeds.store.epochs import save_epoch
from feeds.store.events import add_event
from feeds.store.feeds import mark_published
from feeds.store.health import save_health
from feeds.store.paces import save_pace
from feeds.store.portals import load_channel
from feeds.store.returned import record_bounce
from feeds.store.schema import event
from feeds.store.subscribers import sign_up
from tests.serve.conftest import Visit
from tests.serve.town import Town

ADMIN = {"admin": {"token": "operator-token"}, "mail": {"relay": "smtp://feeds:hunter2@relay.example.com:25"}}


async def publish_everything(town: Town) -> Path:
    """As if the publisher had been here."""
    file = town.folder / "public" / "feeds" / "all.rss"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"<rss/>")
    async with town.database.write() as tx:
        await mark_published(tx, "all", 1, town.now)
    return file


async def test_people_see_every_channels_health(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告")
    await town.poll("linjiang/tzgg")
    await town.poll("linjiang/gzdt", Verdict.CONTAINER_MISSING, "no list where ul.list was expected")
    async with visit() as client:
        text = (await client.get("/status")).text
    assert "所有栏目状况正常" in text  # a single failed poll is no illness
    assert "找不到列表" in text
    assert "还没有读过" in text
    assert "2026-03-02 09:30" in text


async def test_the_headline_follows_health(town: Town, visit: Visit) -> None:
    await town.poll("linjiang/tzgg")
    await town.poll("linjiang/gzdt", Verdict.FAILED, "no answer")
    async with town.database.write() as tx:
        state = await load_channel(tx, "linjiang/tzgg")
        assert state is not None
        await save_health(tx, state.id, Health.SILENT, town.now)
    async with visit() as client:
        assert "1 个栏目状况不好" in (await client.get("/status")).text


async def test_what_came_back_is_told_once_something_did(town: Town, visit: Visit) -> None:
    async with town.database.write() as tx:
        asked = await sign_up(tx, "reader@mail.example", Wish(("all",)), town.now)
    async with visit() as client:
        assert "came back" not in (await client.get("/status")).text
        async with town.database.write() as tx:
            assert asked.delivery_id is not None
            assert await record_bounce(tx, asked.delivery_id, Bounce.HARD, "550 5.1.1 no such user", town.now)
        assert "退回：地址失效" in (await client.get("/status")).text
        assert 'noticefeeds_returned{what="hard"} 1.0' in (await client.get("/metrics")).text


async def test_details_are_for_the_operator_alone(town: Town, visit: Visit) -> None:
    await town.poll("linjiang/gzdt", Verdict.FAILED, "connect to 10.1.2.3 failed")
    town.configure(**ADMIN)
    async with visit() as client:
        stranger = await client.get("/status")
        guesser = await client.get("/status?token=guess")
        by_query = await client.get("/status?token=operator-token")
        by_header = await client.get("/status", headers={"authorization": "Bearer operator-token"})
    for answer in (stranger, guesser):
        assert "10.1.2.3" not in answer.text
        assert "relay.example.com" not in answer.text
    for answer in (by_query, by_header):
        assert "10.1.2.3" in answer.text
        assert "relay.example.com" in answer.text
        assert "hunter2" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


async def test_without_a_token_configured_nobody_is_the_operator(town: Town, visit: Visit) -> None:
    await town.poll("linjiang/gzdt", Verdict.FAILED, "connect to 10.1.2.3 failed")
    async with visit() as client:
        for query in ("", "?token=", "?token=None"):
            assert "10.1.2.3" not in (await client.get(f"/status{query}")).text


async def test_alive_is_alive_even_when_not_ready(town: Town, visit: Visit) -> None:
    async with visit() as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "problem": "the feeds have not been published yet"}


async def test_ready_means_that_feeds_can_be_served(town: Town, visit: Visit) -> None:
    file = await publish_everything(town)
    async with visit() as client:
        assert (await client.get("/readyz")).json() == {"ready": True}
        file.unlink()
        gone = await client.get("/readyz")
    assert gone.status_code == 503
    assert "publish directory" in gone.json()["problem"]


@pytest.mark.parametrize(("fact", "value"), [("stopping", True), ("failure", "disk full at /srv/secret")])
async def test_a_process_that_ends_is_not_ready(town: Town, visit: Visit, fact: str, value: object) -> None:
    await publish_everything(town)
    town.health[fact] = value
    async with visit() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.text


async def test_copies_say_since_when_they_are_what_they_are(town: Town, visit: Visit) -> None:
    await publish_everything(town)
    town.configure(**ADMIN)
    async with visit() as client:
        assert "documents" not in (await client.get("/readyz")).json()
        town.standing = Standing(town.now - timedelta(seconds=20), complete=True, problem=None)
        assert (await client.get("/readyz")).json() == {"ready": True, "documents": "as published"}
        assert "此后没有更新" not in (await client.get("/status")).text
        metrics = (await client.get("/metrics?token=operator-token")).text
        assert "\nnoticefeeds_documents_lag_seconds 20.0\n" in metrics
        town.standing = Standing(town.now - timedelta(hours=2), complete=True, problem="connection to 10.1.2.3 lost")
        assert (await client.get("/healthz")).json() == {"alive": True, "documents": "stale since 2026-03-01T23:30:00Z"}
        told, known = await client.get("/status"), await client.get("/status?token=operator-token")
    assert "订阅源文件截至 2026-03-02 07:30" in told.text
    assert "10.1.2.3" not in told.text
    assert "connection to 10.1.2.3 lost" in known.text


async def test_a_machine_that_never_had_all_copies_gets_no_visitors(town: Town, visit: Visit) -> None:
    await publish_everything(town)
    town.standing = Standing(town.now, complete=False, problem=None)
    async with visit() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "copied" in answer.json()["problem"]


@pytest.mark.parametrize(("standing", "statuses"), [(True, (200, 503, 200)), (False, (503, 503, 503))])
async def test_copies_are_worth_a_visit_without_the_database(
    town: Town, visit: Visit, standing: bool, statuses: tuple[int, ...]
) -> None:
    await publish_everything(town)
    town.standing = Standing(town.now - timedelta(hours=2), complete=True, problem="away") if standing else None
    town.database = connect(parse_url("postgresql://nobody@127.0.0.1:9/none"))
    async with visit() as client:
        answers = [await client.get(path) for path in ("/readyz", "/status", "/metrics")]
    await town.database.close()
    assert tuple(answer.status_code for answer in answers) == statuses
    assert answers[0].json()["ready"] is standing
    assert ("订阅源照常提供，内容截至 2026-03-02 07:30" in answers[1].text) is standing


async def test_metrics_can_be_read_by_prometheus(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告")
    await town.poll("linjiang/tzgg")
    await town.poll("linjiang/gzdt", Verdict.FAILED, "no answer")
    async with town.database.write() as tx:
        await save_pace(tx, Pace("qq", town.now, town.now, "550 Domain frequency limited"))
    async with visit() as client:
        answer = await client.get("/metrics")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["noticefeeds_channel_up", "linjiang/tzgg"] == 1
    assert samples["noticefeeds_channel_up", "linjiang/gzdt"] == 0
    assert samples["noticefeeds_channel_up", "linjiang/xjrm"] == 0
    assert samples["noticefeeds_channel_notices", "linjiang/tzgg"] == 1
    assert samples["noticefeeds_channel_failures", "linjiang/gzdt"] == 1
    assert samples["noticefeeds_channel_time_seconds", "linjiang/tzgg", "polled"] == town.now.timestamp()
    assert samples["noticefeeds_alert_items", "unaccounted"] == 0
    assert samples["alerts_unaccounted",] == 0
    assert samples["alerts_duplicate_possible_total",] == 0
    assert samples["alerts_oldest_due_seconds",] == 0
    assert ("alerts_checked_time_seconds",) not in samples
    assert samples["noticefeeds_mail_paused_until_time_seconds", "qq"] == town.now.timestamp()


async def test_what_does_not_add_up_is_on_the_status_page_and_in_the_metrics(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告")
    town.configure(**ADMIN)
    by_token = "?token=operator-token"
    async with visit() as client:
        assert "还没有核对过账目" in (await client.get("/status")).text
        await check_ledger(town.database, lambda: town.now)
        assert "账目相符，2026-03-02 09:30 核对" in (await client.get("/status")).text
        async with town.database.write() as tx:
            await add_event(tx, 1, EventKind.REVISED, 2, town.now)
            await tx.execute(update(event).values(expected=3))
        await check_ledger(town.database, lambda: town.now)
        told, known = await client.get("/status"), await client.get(f"/status{by_token}")
        metrics = (await client.get(f"/metrics{by_token}")).text
    assert "3 条通知去向不明" in told.text
    assert "账目不符的事件" not in told.text
    assert "账目不符的事件" in known.text
    assert "\nalerts_unaccounted 3.0\n" in metrics
    assert "\nalerts_checked_time_seconds " in metrics


async def test_a_restored_database_is_told_loudly(town: Town, visit: Visit) -> None:
    later = town.now + timedelta(hours=5)
    held = Epoch("a", town.now, told_until=town.now, held_until=later)
    async with visit() as client:
        assert "从备份恢复" not in (await client.get("/status")).text
        for discards, said in ((False, "0 封邮件等管理员决定，最晚 2026-03-02 14:30 发出"), (True, "不再发信")):
            async with town.database.write() as tx:
                await save_epoch(tx, replace(held, discards=discards))
            page = (await client.get("/status")).text
            assert "数据库是从备份恢复的：2026-03-02 09:30 以前的公告" in page
            assert said in page
        town.now = later
        assert "从备份恢复" not in (await client.get("/status")).text


async def test_metrics_are_guarded_once_a_token_is_configured(town: Town, visit: Visit) -> None:
    town.configure(**ADMIN)
    async with visit() as client:
        refused = await client.get("/metrics")
        wrong = await client.get("/metrics", headers={"authorization": "Basic operator-token"})
        opened = await client.get("/metrics", headers={"authorization": "Bearer operator-token"})
    assert refused.status_code == wrong.status_code == 401
    assert "Bearer" in refused.headers["www-authenticate"]
    assert opened.status_code == 200


async def test_robots_keep_out_of_peoples_links(visit: Visit) -> None:
    async with visit() as client:
        text = (await client.get("/robots.txt")).text
    for path in ("/confirm/", "/manage/", "/unsubscribe/", "/search", "/feeds/search", "/api/"):
        assert f"Disallow: {path}\n" in text
