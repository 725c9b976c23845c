"""The register in words, Chinese first: what was done to somebody in an office, or to a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feeds.facts import Act, Effect, PersonLine, RuleLine

EFFECT_WORDS = {
    Effect.DRAFTED: ("草案", "Draft"),
    Effect.ADOPTED: ("通过", "Adopted"),
    Effect.APPROVED: ("批准", "Approved"),
    Effect.AMENDED: ("修改", "Amended"),
    Effect.REPEALED: ("废止", "Repealed"),
    Effect.CHECKED: ("检查", "Checked"),
}
_DEEDS = {
    Act.APPOINTED: ("任命{name}为{post}", "任命{name}"),
    Act.REMOVED: ("免去{name}的{post}职务", "免去{name}的职务"),
    Act.RESIGNED: ("{name}辞去{post}", "{name}辞职"),
    Act.ELECTED: ("{name}当选{post}", "{name}当选"),
    Act.ACTING: ("{name}代理{post}", "{name}代理职务"),
    Act.RECALLED: ("罢免{name}的{post}", "罢免{name}"),
    Act.TERMINATED: ("{name}（{post}）资格终止", "{name}资格终止"),
    Act.DECEASED: ("{name}（{post}）去世", "{name}去世"),
}
"""With an office, and without."""
_MOST_TITLED = 3
"""Lines that a title says."""
_MOST_LISTED = 200


@dataclass(frozen=True)
class RegisterRow:
    """A register row is a line of the register in words, with its sentence and our page at it."""

    words: str
    sentence: str
    page_url: str


def say_act(line: PersonLine) -> str:
    """Say what was done to somebody: 任命张三为市财政局局长."""
    with_post, without = _DEEDS[line.act]
    return (with_post if line.post else without).format(name=line.name, post=line.post)


def say_effect(line: RuleLine) -> str:
    """Say what was done to a rule, and from when on: 通过《某条例》，2027-05-01施行."""
    return f"{EFFECT_WORDS[line.effect][0]}《{line.name}》{f'（{line.stage}）' if line.stage else ''}{say_begin(line)}"


def say_begin(line: RuleLine) -> str:
    """Say from when on it holds: ，2027-05-01施行; nothing where that is not said."""
    if line.in_force is None:
        return ""
    return f"，{line.in_force}{'起' if line.effect is Effect.REPEALED else '施行'}"


def name_begin(line: RuleLine) -> str:
    """Say the same in English: `, in force 2027-05-01`."""
    if line.in_force is None:
        return ""
    return f", {'from' if line.effect is Effect.REPEALED else 'in force'} {line.in_force}"


def title_rows(rows: Sequence[RegisterRow]) -> str:
    """Return a title of what the first rows say, and how many there are."""
    said = "；".join(row.words for row in rows[:_MOST_TITLED])
    return f"{said}（共{len(rows)}项）" if len(rows) > _MOST_TITLED else said


def list_rows(rows: Sequence[RegisterRow], notice_title: str, notice_url: str, *, withdrawn: bool) -> str:
    """Return rows as clean HTML, each with its sentence, and the notice that they come from."""
    parts = ["<p><strong>原网站已撤下此件。Withdrawn by the portal.</strong></p>"] if withdrawn else []
    listed = (
        f'<li><a href="{escape(row.page_url)}">{escape(row.words)}</a><br>{escape(row.sentence)}</li>'
        for row in rows[:_MOST_LISTED]
    )
    parts.append(f"<ul>{''.join(listed)}</ul>")
    if (rest := len(rows) - _MOST_LISTED) > 0:
        parts.append(f"<p>……另有 {rest} 项。{rest} more.</p>")
    parts.append(f'<p>原文 The notice: <a href="{escape(notice_url)}">{escape(notice_title)}</a></p>')
    return "".join(parts)
