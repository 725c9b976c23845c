"""What a subscription asks for, in words: a line for each condition, Chinese first."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.facts import Kind
from feeds.model import Frequency, Wish
from feeds.render.facts import KIND_WORDS

_FREQUENCIES = {
    Frequency.IMMEDIATE: "即时 · at once",
    Frequency.DAILY: "每日汇总 · daily digest",
    Frequency.WEEKLY: "每周汇总 · weekly digest",
}


def describe_wish(wish: Wish, feeds: Sequence[str]) -> list[str]:
    """Say what is chosen of what we offer; `feeds` are the names of its feeds for people.

    The subscriber's own words are left out: a confirmation goes to an address that somebody typed, and must not carry
    text that somebody typed.
    """
    lines = [*feeds, _FREQUENCIES[wish.frequency]]
    if wish.kinds:
        words = [KIND_WORDS[Kind(kind)] for kind in wish.kinds]
        lines.append(f"种类 {'、'.join(zh for zh, _ in words)} · kinds: {', '.join(en for _, en in words)}")
    if not wish.reprints:
        lines.append("不要转载 · no reprints")
    if wish.remind:
        lines.append(f"截止提醒 {say_leads(wish.remind)} · reminders {name_leads(wish.remind)} a deadline")
    return lines


def list_words(wish: Wish) -> list[str]:
    """Say the subscriber's own words: only to who confirmed them."""
    told = (("关键词", wish.keywords), ("人名", wish.people), ("法规", wish.laws))
    return [f"{label} {'、'.join(words)}" for label, words in told if words]


def say_leads(leads: Sequence[int]) -> str:
    """Say on which days before a deadline: `前 7 天、前 1 天`."""
    return "、".join(f"前 {lead} 天" if lead else "当天" for lead in leads)


def name_leads(leads: Sequence[int]) -> str:
    """Say the same in English: `7 and 1 days before`."""
    named = [str(lead) for lead in leads if lead]
    days = f"{' and '.join(named)} {'day' if named == ['1'] else 'days'} before" if named else ""
    return " and ".join(part for part in (days, "" if 0 not in leads else "on the day of") if part)


def mask_address(address: str) -> str:
    """`r…r@example.com`: enough for its owner to know it, too little for somebody who looks over a shoulder.

    An address that was blanked is `…`.
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 1 else ''}@{domain}" if address else "…"
