"""News tells of other people's deadlines and rules; none of them is its own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from feeds.facts import Kind, Role
from feeds.read.facts.reading import read_facts

NEWS = [
    notice
    for file in sorted(Path(__file__).parent.glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
    if (notice := json.loads(line))["kind"][0] == "news" and "appointments" not in notice["kind"]
]
TRAPS = [
    "据悉，征求意见的截止日期为7月15日。",
    "市民可于6月30日前将意见反馈至市人大常委会法工委。",
    "该条例将于2026年9月1日起施行。",
    "公开征求意见的时间为6月1日至6月30日。",
    "截至6月30日，共收到意见建议212条。",
    "会议要求，有关部门于10月底前、最迟12月31日前完成整改。",
    "报名截止到6月20日，目前已有30人报名。",
    "新修订的条例自公布之日起施行，原条例同时废止。",
    "意见征集活动从6月1日开始，到7月1日结束。",
    "“请大家在6月25日17:00前提交建议。”市人大常委会有关负责人说。",
    "条例草案7月31日前可在网上提出修改意见。",
    "办法已于2026年5月1日起施行。",
    "草案全文即日起向社会公布，截止时间为7月20日。",
    "代表议案的截止时间是1月16日12时。",
    "寄送意见请在信封上注明，至8月1日止。",
    "决定自通过之日起施行。",
    "听证会报名时间为6月19日至20日。",
    "该制度自2027年1月1日零时起正式实施。",
    "各区县要在6月28日前报送名单。",
    "征集期不晚于6月30日。",
]
PLACES = 2


def test_there_are_five_hundred_texts() -> None:
    assert len(NEWS) * len(TRAPS) * PLACES >= 500


@pytest.mark.parametrize("trap", TRAPS)
def test_no_news_has_a_deadline_or_enters_into_force_whatever_it_tells(trap: str) -> None:
    for notice in NEWS:
        for text in (f"{notice['text']}\n{trap}", notice["text"].replace("。", f"。{trap}", 1)):
            facts = read_facts(notice["title"], text, date.fromisoformat(notice["published"]), notice["channel"])
            wrong = [fact for fact in facts.dates if fact.role in {Role.DEADLINE, Role.IN_FORCE}]
            assert (facts.kind, wrong) == (Kind.NEWS, []), notice["id"]
