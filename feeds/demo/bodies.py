"""Typing a body as its three kinds of typists do: plain paragraphs, a paste from Word, and lines with breaks."""

from __future__ import annotations

import re
from html import escape

from feeds.demo.paper import Block, Draft

_INDENT = "\u3000\u3000"
_FAR = "\u3000" * 18
_LATIN = re.compile(r"[0-9A-Za-z%.@]+")
_SONG = "font-size:16.0pt;mso-bidi-font-size:12.0pt;font-family:仿宋_GB2312;mso-hansi-font-family:宋体"


def type_body(draft: Draft, base: str) -> str:
    """Return the inside of the body cell."""
    write = {"plain": _type_plain, "word": _type_word, "br": _type_break}[draft.style]
    return "\n".join(_type_thing(block, base) or write(block) for block in draft.blocks)


def _type_thing(block: Block, base: str) -> str | None:
    """Return pictures, files and tables, which look alike whoever typed."""
    text = escape(block.text, quote=False)
    if block.kind == "picture":
        picture = f'<p align="center"><img src="{base}{block.url}" width="420" height="280" border="0"></p>'
        return f'{picture}\n<p align="center"><font color="#666666">{text}</font></p>'
    if block.kind == "file":
        return f'<p><a href="{base}{block.url}">{text}</a></p>'
    if block.kind == "table":
        return _type_table(block.rows)
    return None


def _type_table(rows: tuple[tuple[str, ...], ...]) -> str:
    """Return a table as editors of that time write it: cells are not closed."""
    lines = ['<TABLE width="90%" border="1" align="center" cellpadding="3" cellspacing="0" bordercolor="#CCB999">']
    for place, row in enumerate(rows):
        mark = ' bgcolor="#F8E3C8"' if place == 0 else ""
        lines.append(f"<tr{mark}>" + "".join(f'<td align="center">{escape(cell)}' for cell in row))
    return "\n".join([*lines, "</TABLE>"])


def _type_plain(block: Block) -> str:
    text = escape(block.text, quote=False)
    if block.kind == "heading":
        return f'<p align="center"><strong>{text}</strong></p>'
    if block.kind == "center":
        return f'<p align="center">{text}</p>'
    return f"<p>{_FAR if block.kind == 'right' else _INDENT}{text}</p>"


def _type_word(block: Block) -> str:
    text = _LATIN.sub(lambda run: f'<span lang="EN-US">{run.group()}</span>', escape(block.text, quote=False))
    if block.kind == "heading":
        text = f'<b style="mso-bidi-font-weight:normal">{text}</b>'
    place = {
        "p": "text-indent:32.0pt;mso-char-indent-count:2.0;line-height:28.0pt;mso-line-height-rule:exactly",
        "right": "text-align:right;mso-pagination:widow-orphan",
    }.get(block.kind, "text-align:center")
    return (
        f'<p class="MsoNormal" style="{place}"><span style="{_SONG}">{text}'
        '<span lang="EN-US"><o:p></o:p></span></span></p>'
    )


def _type_break(block: Block) -> str:
    text = escape(block.text, quote=False)
    if block.kind == "heading":
        return f"<center><b>{text}</b></center>"
    if block.kind in {"center", "right"}:
        return f'<div align="{block.kind}">{text}</div>'
    return f'<font face="宋体" size="3">{_INDENT}{text}</font><br><br>'
