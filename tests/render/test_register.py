"""The register in words."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.facts import Act, Effect, PersonLine, RuleLine
from feeds.render.register import EFFECT_WORDS, RegisterRow, list_rows, name_begin, say_act, say_effect, title_rows

DAY = date(2026, 5, 1)


@pytest.mark.parametrize("act", list(Act))
def test_every_act_is_said_with_and_without_an_office(act: Act) -> None:
    with_post = say_act(PersonLine(0, "尹明", act, "副市长", None, None, ""))
    without = say_act(PersonLine(0, "尹明", act, None, None, None, ""))
    assert "尹明" in with_post
    assert "副市长" in with_post
    assert "None" not in without
    assert "{" not in with_post + without


@pytest.mark.parametrize(
    ("effect", "stage", "day", "said", "english"),
    [
        (Effect.ADOPTED, None, DAY, "通过《养犬条例》，2026-05-01施行", ", in force 2026-05-01"),
        (Effect.REPEALED, None, DAY, "废止《养犬条例》，2026-05-01起", ", from 2026-05-01"),
        (Effect.DRAFTED, "草案", None, "草案《养犬条例》（草案）", ""),
    ],
)
def test_an_effect_is_said_with_the_day_from_which_it_holds(
    effect: Effect, stage: str | None, day: date | None, said: str, english: str
) -> None:
    line = RuleLine(0, "养犬条例", stage, effect, DAY, None, None, day, "")
    assert (say_effect(line), name_begin(line)) == (said, english)
    assert set(EFFECT_WORDS) == set(Effect)


def rows(count: int) -> list[RegisterRow]:
    return [RegisterRow(f"任命<{n}>", f"任命<{n}>。", f"http://feeds.test/n/a?at=p{n}#said") for n in range(count)]


def test_a_title_says_the_first_and_how_many_there_are() -> None:
    assert title_rows(rows(2)) == "任命<0>；任命<1>"
    assert title_rows(rows(4)) == "任命<0>；任命<1>；任命<2>（共4项）"


def test_a_list_is_clean_html_that_says_what_it_leaves_out() -> None:
    html = list_rows(rows(201), "名单 & 公告", "http://town.test/?a=1&b=2", withdrawn=True)
    assert html.count("<li>") == 200
    assert "1 more." in html
    assert "任命&lt;0&gt;。" in html
    assert "Withdrawn by the portal" in html
    assert 'href="http://town.test/?a=1&amp;b=2">名单 &amp; 公告' in html
    short = list_rows(rows(1), "名单", "http://town.test/", withdrawn=False)
    assert "Withdrawn" not in short
    assert "more." not in short
