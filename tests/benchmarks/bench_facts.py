"""Reading what notices say: notices a second on one core, and what hostile texts of 200 kB cost.

    LABELLED=DIR python -m tests.benchmarks.bench_facts

DIR holds labelled notices (*.jsonl); without it those of the suite are read.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import process_time

from feeds.read.facts.reading import read_facts

WANTED = 300
"""Notices a second, at least."""
SLOWEST = 0.5
"""Seconds for a text of 200 kB, at most."""
_LABELLED = Path(__file__).parents[1] / "read" / "facts"
_DAY = date(2026, 6, 18)
_BYTES = 200_000
_PIECES = (
    "任命",
    "免去张三、李四的",
    "张三、",
    "张三 ",
    "张 ",
    "（",
    "）",
    "《",
    "》",
    "2026年6月18日",
    "6月18日至",
    "第十六届人民代表大会",
    "常务委员会第三十次会议",
    "通过",
    "，",
    "。",
    "\n",
    "、",
    "：",
    "代表",
    "选出的",
    "截止时间",
    "意见",
    "十",
    "公告",
    "第",
    "号",
    "	",
    "1",
    " ",
    "·",
    "新华社",
    "人",
    "电话：0451-1234567、",
    "地址",
    "寄",
    "路",
    "a@b.",
    "旁听",
    "公告第7号\n",
    "某市人大常委会公告（第7号）\n正文。\n",
    "接受",
    "辞去",
    "被任命为",
    "某县的",
    "调离",
    "终止",
    "辞去代表职务的1名，即",
    "东县选举的张三、",
    "新当选的",
    "副主任李四、",
    "任命张三等5名同志为",
    "6月18日9:00、",
    "报名",
    "现将《",
    "（2026年4月28日某市人大常委会会议通过）\n",
)


def main() -> None:
    """Print the rate on real-looking notices, and the slowest hostile text."""
    folder = Path(os.environ.get("LABELLED") or _LABELLED)
    notices = [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    began = process_time()
    for _ in range(3):
        for notice in notices:
            read_facts(notice["title"], notice["text"], _DAY, notice.get("channel") or "")
    rate = 3 * len(notices) / (process_time() - began)
    print(f"{len(notices)} notices: {rate:.0f} a second   asked: at least {WANTED}")
    slowest = max(make_hostile(), key=time_text)
    print(
        f"slowest of the hostile texts of 200 kB: {time_text(slowest):.2f} s ({slowest[:30]!r} ...)   asked: at most"
        f" {SLOWEST} s"
    )


def time_text(text: str) -> float:
    """Return the seconds of reading a text under a title of every kind that matters."""
    slowest = 0.0
    for title in ("某市人大常委会公告", "某市人大常委会任免名单", "关于公开征求意见的公告", "人大代表资格公告"):
        began = process_time()
        read_facts(title, text, _DAY, "")
        slowest = max(slowest, process_time() - began)
    return slowest


def make_hostile() -> Iterator[str]:
    """Yield texts of 200 kB that repeat one piece, a pair of pieces, or many at random."""
    for piece in _PIECES:
        yield _fill(piece)
    chance = random.Random(7)
    for _ in range(60):
        yield _fill("".join(chance.choices(_PIECES, k=chance.randint(2, 4))))
    for _ in range(20):
        yield "".join(chance.choices(_PIECES, k=60_000))[: _BYTES // 3]


def _fill(piece: str) -> str:
    count = _BYTES // len(piece.encode())
    return piece * count


if __name__ == "__main__":
    main()
