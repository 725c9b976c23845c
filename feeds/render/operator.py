"""The mail that tells the operator of channels that are ill, or well again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feeds.model import Health
from feeds.render.message import MailContent

ADVICE = {
    Health.HEALTHY: ("恢复正常", "well again", "无需处理。", "Nothing to do."),
    Health.SILENT: (
        "久未更新",
        "silent",
        "请打开栏目页核对：若有新内容，说明地址或结构变了。",
        "Open the list: if it shows news, its page changed.",
    ),
    Health.FAILING: (
        "读取失败",
        "failing",
        "请打开网站看能否访问；恢复后会自动继续。",
        "See whether the portal answers; it heals by itself when it does.",
    ),
    Health.BLOCKED: (
        "被拦截",
        "blocked",
        "请降低请求预算，或联系网站。",
        "Lower the budget of requests, or write to the portal.",
    ),
    Health.HELD: ("等待确认", "held", "请查看并决定放行与否。", "Look at what is held, and release it or not."),
    Health.BROKEN_RECIPE: (
        "读取规则失效",
        "broken recipe",
        "请运行 feeds add --repair PORTAL。",
        "Run feeds add --repair PORTAL.",
    ),
}
"""What each health is called in Chinese and in English, and what to do about it in both."""


_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
</head>
<body>
<div style="max-width: 600px; margin: 0 auto; padding: 12px; font-family: 'PingFang SC', 'Microsoft YaHei',
 'Noto Sans CJK SC', 'Noto Sans SC', Arial, sans-serif; font-size: 15px; line-height: 1.7; word-break: break-word">
{}</div>
</body>
</html>
"""


@dataclass(frozen=True)
class HealthNews:
    """Health news is that a channel is ill, or well again."""

    channel: str
    title: str
    health: Health
    problem: str | None
    """The last poll's. None: it had none."""


def write_health(portal: str, news: Sequence[HealthNews], status_url: str) -> MailContent:
    """Return the mail on one portal's channels; what is well again needs no advice."""
    ill = [one for one in news if one.health is not Health.HEALTHY]
    words = f"{len(ill)} 个栏目异常" if ill else f"{len(news)} 个栏目恢复正常"
    english = f"{len(ill)} ill" if ill else f"{len(news)} well again"
    lines = [line for one in news for line in _describe(one)]
    text = "\n".join([*lines, f"运行状态 · status: {status_url}"]) + "\n"
    shown = "".join(_show_block(*map(escape, block.splitlines())) for block in text.strip().split("\n\n"))
    shown = shown.replace(escape(status_url), f'<a href="{escape(status_url)}">{escape(status_url)}</a>')
    return MailContent(f"[{portal}] {words} · {english}", text, _PAGE.format(shown))


def _show_block(first: str, *others: str) -> str:
    return "<br>".join([f"<p><b>{first}</b>", *others]) + "</p>\n"


def _describe(one: HealthNews) -> list[str]:
    chinese, english, *advice = ADVICE[one.health]
    lines = [f"{one.title}({one.channel}): {chinese} · {english}"]
    if one.health is not Health.HEALTHY:
        lines += [f"  {one.problem}"] if one.problem else []
        lines += [f"  {' '.join(advice).replace('PORTAL', one.channel.partition('/')[0])}"]
    return [*lines, ""]
