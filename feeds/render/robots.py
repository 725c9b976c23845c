"""Bulletins in the native JSON of each chat robot, within what it takes. What a portal wrote stays text there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from feeds.render.bulletin import Bulletin, Line, Span, head_bulletin, write_lines
from feeds.targets import TargetKind

MOST_SHOWN = 20
"""Events of a digest that a chat is shown."""
_SUMMARIES = (300, 120, 0)
"""Characters of each notice's text, tried in this order."""
_LONGEST_URL = 1_000
_MARKUP = str.maketrans("<>[]*`_", "＜＞［］＊｀＿")
"""Look the same and mean nothing: a title must not mention everybody, nor end a link."""

Write = Callable[[str, Sequence[Line], Mapping[str, str]], dict[str, object]]


def render_robot(kind: TargetKind, bulletin: Bulletin, signed: Mapping[str, str] | None = None) -> bytes:
    """Return the body for a robot, JSON in UTF-8; `signed` is what Feishu wants beside the message.

    As many events as fit, with as much of their text as fits.
    """
    write, most = _WAYS[kind]
    for count in range(min(len(bulletin.told), MOST_SHOWN), 0, -1):
        for summary in _SUMMARIES:
            body = _dump(write(head_bulletin(bulletin), write_lines(bulletin, count, summary), signed or {}))
            if len(body) <= most:
                return body
    return _dump(write(head_bulletin(bulletin, 100), _leave_out(bulletin), signed or {}))


def write_plain(bulletin: Bulletin) -> tuple[str, str]:
    """Return title and text for a service of which we know nothing: plain, addresses behind their words."""
    count = min(len(bulletin.told), MOST_SHOWN)
    lines = write_lines(bulletin, count, _SUMMARIES[0 if bulletin.digest is None else 1])
    return head_bulletin(bulletin), "\n".join("".join(map(_write_plain_span, line)) for line in lines)


def _leave_out(bulletin: Bulletin) -> list[Line]:
    """Return the one line that always fits."""
    return [(Span("本站 details", bulletin.told[0].entry.page_url),)]


def _write_plain_span(span: Span) -> str:
    return f"{span.text} {span.url}" if span.url else span.text


def _write_wecom(title: str, lines: Sequence[Line], _: Mapping[str, str]) -> dict[str, object]:
    text = "\n".join([f"**{title.translate(_MARKUP)}**", *("".join(map(_mark, line)) for line in lines)])
    return {"msgtype": "markdown", "markdown": {"content": text}}


def _write_dingtalk(title: str, lines: Sequence[Line], _: Mapping[str, str]) -> dict[str, object]:
    shown = title.translate(_MARKUP)
    text = "\n\n".join([f"#### {shown}", *("".join(map(_mark, line)) for line in lines)])
    return {"msgtype": "markdown", "markdown": {"title": shown, "text": text}}


def _write_feishu(title: str, lines: Sequence[Line], signed: Mapping[str, str]) -> dict[str, object]:
    content = [[_tag(span) for span in line] for line in lines]
    return {**signed, "msg_type": "post", "content": {"post": {"zh_cn": {"title": title, "content": content}}}}


def _mark(span: Span) -> str:
    """Return a span in Markdown."""
    text = span.text.translate(_MARKUP)
    if _is_linkable(span):
        text = f"[{text}]({_close(span.url or '')})"
    return f"**{text}**" if span.strong else text


def _tag(span: Span) -> dict[str, object]:
    """Return a span as an element of Feishu's rich text, in which nothing is markup."""
    if _is_linkable(span):
        return {"tag": "a", "text": span.text, "href": span.url}
    return {"tag": "text", "text": span.text}


def _is_linkable(span: Span) -> bool:
    return span.url is not None and len(span.url) <= _LONGEST_URL


def _close(url: str) -> str:
    """Return an address that does not end the link around it."""
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def _dump(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


_WAYS: Mapping[TargetKind, tuple[Write, int]] = {
    TargetKind.WECOM: (_write_wecom, 4_000),  # 4,096 bytes of content
    TargetKind.DINGTALK: (_write_dingtalk, 18_000),  # 20,000 bytes
    TargetKind.FEISHU: (_write_feishu, 18_000),  # 20 kB of body
}
"""How each kind is written to, and the bytes of a body that it surely takes."""
