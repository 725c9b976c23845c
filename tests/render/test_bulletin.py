"""What webhooks and robots are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.facts import Reminder, Role
from feeds.model import EventKind, Frequency
from feeds.render.bulletin import LARGEST, Bulletin, Told, head_bulletin, render_webhook, write_sample
from feeds.render.entry import EntryFacts
from feeds.render.legal import make_entry_legal
from feeds.render.robots import render_robot, write_plain
from feeds.targets import TargetKind

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
ROBOTS = (TargetKind.WECOM, TargetKind.DINGTALK, TargetKind.FEISHU)
LIMITS = {TargetKind.WECOM: 4_096, TargetKind.DINGTALK: 20_000, TargetKind.FEISHU: 20_000}
ENTRY = EntryFacts(
    urn="urn:uuid:00000000-0000-0000-0000-000000000001",
    url="http://renda.example.cn/a/1.html",
    page_url="https://feeds.example.org/n/abc",
    title="关于立法听证会的公告",
    original_title="关于立法听证会的公告",
    summary="征求意见。12月15日截止。",
    content_html="<p>各有关单位：</p>",
    published=AT,
    updated=AT,
    extension={"id": "abc"},
)
TOLD = Told(12, EventKind.PUBLISHED, AT, 1, ENTRY, ("2026-03-02 09:30", "临江市人大", "通知公告"))
ALL = "https://feeds.example.org/?page=1"
ALERT = Bulletin((TOLD,), AT, ALL)


def digest(count: int, **different: Any) -> Bulletin:
    told = tuple(
        replace(TOLD, event_id=number, entry=replace(ENTRY, title=f"第{number}号公告")) for number in range(count)
    )
    return replace(Bulletin(told, AT, ALL, Frequency.DAILY), **different)


def read_text(kind: TargetKind, body: bytes) -> str:
    """Return what a robot shows, title first."""
    said = json.loads(body)
    if kind is TargetKind.FEISHU:
        post = said["content"]["post"]["zh_cn"]
        return "\n".join([post["title"], *("".join(one["text"] for one in line) for line in post["content"])])
    return str(said["markdown"].get("content") or said["markdown"]["text"])


def test_a_webhook_is_told_the_notice_as_its_json_feed_item() -> None:
    said = json.loads(render_webhook(ALERT))
    assert (said["type"], said["timestamp"]) == ("notice.published", "2026-03-02T09:30:00+08:00")
    assert said["data"]["all_url"] == ALL
    (event,) = said["data"]["events"]
    assert (event["id"], event["kind"], event["revision"], "reminder" in event) == (12, "published", 1, False)
    assert event["notice"]["content_html"] == "<p>各有关单位：</p>"
    assert event["notice"]["_noticefeeds"] == {"page_url": ENTRY.page_url, "id": "abc"}


def test_a_webhook_is_told_how_many_days_are_left() -> None:
    told = replace(TOLD, reminder=Reminder(Role.DEADLINE, date(2026, 3, 9), 7), today=date(2026, 3, 2))
    (event,) = json.loads(render_webhook(replace(ALERT, told=(told,))))["data"]["events"]
    assert event["reminder"] == {"role": "deadline", "day": "2026-03-09", "days_left": 7}


def test_a_digest_says_what_it_leaves_out() -> None:
    said = json.loads(render_webhook(digest(3, left=4)))
    assert (said["type"], said["data"]["frequency"], said["data"]["more"]) == ("digest", "daily", 4)
    assert [event["id"] for event in said["data"]["events"]] == [0, 1, 2]


def test_a_body_that_would_be_too_large_goes_without_the_text() -> None:
    long = replace(TOLD, entry=replace(ENTRY, content_html="x" * LARGEST))
    body = render_webhook(replace(ALERT, told=(long,)))
    (event,) = json.loads(body)["data"]["events"]
    assert len(body) < LARGEST
    assert "content_html" not in event["notice"]
    assert event["notice"]["title"] == ENTRY.title


def test_a_sample_is_no_notice() -> None:
    sample = write_sample("https://feeds.example.org", datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert json.loads(render_webhook(sample))["type"] == "test"
    assert "测试" in read_text(TargetKind.WECOM, render_robot(TargetKind.WECOM, sample))


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_shows_title_place_text_and_links(kind: TargetKind) -> None:
    body = render_robot(kind, ALERT)
    text = read_text(kind, body)
    for part in (ENTRY.title, "2026-03-02 09:30 · 临江市人大 · 通知公告", ENTRY.summary, "原文 original"):
        assert part in text
    assert ENTRY.url in body.decode()
    assert ENTRY.page_url in body.decode()


@pytest.mark.parametrize(
    ("told", "head"),
    [
        (replace(TOLD, kind=EventKind.REVISED), "【更正】"),
        (replace(TOLD, kind=EventKind.PUBLISHED, entry=replace(ENTRY, withdrawn=AT)), "【撤下】"),
        (
            replace(
                TOLD,
                kind=EventKind.REMINDER,
                reminder=Reminder(Role.DEADLINE, date(2026, 3, 9), 7),
                today=date(2026, 3, 2),
            ),
            "【3月9日截止（还有 7 天）】",
        ),
    ],
)
def test_what_happened_stands_before_the_title(told: Told, head: str) -> None:
    text = read_text(TargetKind.FEISHU, render_robot(TargetKind.FEISHU, replace(ALERT, told=(told,))))
    assert text.startswith(f"{head}{ENTRY.title}")


def test_a_moved_deadline_is_said() -> None:
    told = replace(TOLD, kind=EventKind.REVISED, moved=("截止日期由 3月9日 改为 3月16日",), where=())
    assert "改为 3月16日" in read_text(TargetKind.WECOM, render_robot(TargetKind.WECOM, replace(ALERT, told=(told,))))


@pytest.mark.parametrize(("frequency", "word"), [(Frequency.DAILY, "每日"), (Frequency.WEEKLY, "每周")])
def test_a_digest_is_one_message_with_a_link_to_the_rest(frequency: Frequency, word: str) -> None:
    bulletin = digest(60, digest=frequency)
    text = read_text(TargetKind.DINGTALK, render_robot(TargetKind.DINGTALK, bulletin))
    assert word in text
    assert "60 条" in text
    assert text.count("号公告") == 20
    assert f"另有 40 条 40 more: [全部 all]({ALL})" in text


@pytest.mark.parametrize("kind", ROBOTS)
def test_what_does_not_fit_is_cut_and_says_so(kind: TargetKind) -> None:
    long = replace(ENTRY, title="长" * 3_000, summary="文" * 5_000, url=f"http://renda.example.cn/{'a' * 9_000}")
    for bulletin in (
        replace(ALERT, told=(replace(TOLD, entry=long),)),
        digest(30, told=tuple(replace(TOLD, entry=long) for _ in range(30))),
        replace(ALERT, told=(replace(TOLD, entry=long, where=("地" * 9_000,)),)),
    ):
        body = render_robot(kind, bulletin)
        assert len(body) <= LIMITS[kind]
        assert ENTRY.page_url in body.decode()
        assert "……" in read_text(kind, body)


def test_markup_of_a_portal_stays_text() -> None:
    nasty = replace(ENTRY, title="<@all> [点我](http://x.example) **急**", url="http://renda.example.cn/a(1).html")
    text = read_text(
        TargetKind.WECOM, render_robot(TargetKind.WECOM, replace(ALERT, told=(replace(TOLD, entry=nasty),)))
    )
    assert text.splitlines()[0] == "**＜@all＞ ［点我］(http://x.example) ＊＊急＊＊**"
    assert "(http://renda.example.cn/a%281%29.html)" in text


def test_feishu_has_its_signature_beside_the_message() -> None:
    body = json.loads(render_robot(TargetKind.FEISHU, ALERT, {"timestamp": "1", "sign": "s"}))
    assert (body["timestamp"], body["sign"], body["msg_type"]) == ("1", "s", "post")


def test_a_service_we_know_nothing_of_gets_plain_text() -> None:
    title, text = write_plain(ALERT)
    assert title == ENTRY.title
    assert text.endswith(f"原文 original {ENTRY.url} · 本站 details {ENTRY.page_url}")
    assert len(write_plain(digest(60))[1].splitlines()) == 61


@given(title=st.text(max_size=400), summary=st.text(max_size=400), count=st.integers(1, 25))
def test_whatever_a_portal_writes_a_robot_gets_json_that_fits(title: str, summary: str, count: int) -> None:
    entry = make_entry_legal(replace(ENTRY, title=title, summary=summary))
    bulletin = digest(count, told=tuple(replace(TOLD, entry=entry) for _ in range(count)))
    for kind in ROBOTS:
        body = render_robot(kind, bulletin)
        assert len(body) <= LIMITS[kind]
        assert head_bulletin(bulletin) in read_text(kind, body)
    assert json.loads(render_webhook(bulletin))["data"]["events"]
