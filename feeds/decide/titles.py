"""The title a notice is shown with: generic ones are told apart by number and first clause. Pure."""

from __future__ import annotations

import re

from feeds.model import Notice

_ISSUER = (
    r"[一-鿿·（）()第届]{0,40}?"
    r"(?:人大常委会|人民代表大会常务委员会|人民代表大会|常务委员会|人大|政府|委员会|办公室|办公厅|主席团|法院|检察院|局|厅|部)"
)
_GENERIC = re.compile(rf"^(?:{_ISSUER})?\s*(?:公告|通知|通告|决定|决议)$")
_NUMBER_LINE = re.compile(
    r"^[\s　〔（(【\[]*[^。；]{0,20}?第\s*[0-9０-９一二三四五六七八九十百零〇○]+\s*号[\s　〕）)】\]]*$"
)
_CLAUSE_END = re.compile(r"[，,。；;：:！!？?\n]")
_LEAST_CLAUSE = 6
"""Characters under which a clause says nothing by itself (`现公告如下`), so that the next one is added."""


def is_generic(title: str) -> bool:
    """Tell whether a title is an issuer with 公告, 通知, 通告, 决定 or 决议 and nothing else."""
    return _GENERIC.match(title.strip()) is not None


def title_notice(notice: Notice) -> str:
    """Return the title that a notice is shown with in feeds, pages and mails."""
    article = notice.article
    return shown_title(notice.title, article.number if article else None, article.body if article else "")


def shown_title(title: str, number: str | None, body: str) -> str:
    """Return the title for feeds, pages and mail subjects: never cut, decided from the notice alone.

    哈尔滨市人大常委会公告 with 第7号 becomes 哈尔滨市人大常委会公告(第7号) · first clause of the text. Other titles are
    returned as they are.
    """
    if not is_generic(title):
        return title
    told = f"{title}({number})" if number else title
    clause = first_clause(body, title)
    return f"{told} · {clause}" if clause else told


def first_clause(body: str, title: str = "") -> str:
    """Return the text's first clause that says something, skipping the title, the number and a salutation."""
    for written in body.splitlines():
        line = written.strip("　 \t\xa0")
        if not line or line == title or _NUMBER_LINE.match(line) or line.endswith(("：", ":")):
            continue
        ends = [found.start() for found in _CLAUSE_END.finditer(line)]
        end = next((end for end in ends if end >= _LEAST_CLAUSE), len(line))
        return line[:end].strip("　 \t\xa0，,。；;：:！!？?")
    return ""
