"""The nouns of the replica portal: a paper is one of its articles, a block is one piece of a paper's body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""The replica shows this zone's clock, as its original does."""

CHANNELS: tuple[tuple[str, str], ...] = (
    ("rdjj", "人大简介"),
    ("jgsz", "机构设置"),
    ("jgjs", "机关建设"),
    ("lczg", "历程展馆"),
    ("rdh", "人代会"),
    ("cwh", "常委"),
    ("zrhy", "主任会议"),
    ("gzdt", "工作动态"),
    ("lfgz", "立法工作"),
    ("jdgz", "监督工作"),
    ("dbgz", "代表工作"),
    ("xjrm", "选举任免"),
    ("tzgg", "通知公告"),
    ("jyjd", "决议决定"),
    ("gzbg", "工作报告"),
    ("dcyj", "调查研究"),
)
"""Slug and navigation label of each channel; a channel's cid is its place here, from 1."""

CIDS: dict[str, int] = {slug: place for place, (slug, _) in enumerate(CHANNELS, 1)}


@dataclass(frozen=True)
class Block:
    """A block is one piece of a body."""

    kind: str
    """`p`, `heading`, `center`, `right`, `table`, `picture` or `file`."""
    text: str = ""
    """Plain text; the caption of a picture, the label of a file."""
    url: str = ""
    """Path of a picture or a file on the portal, percent-encoded in GBK."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Cells of a table, its head first."""


@dataclass(frozen=True)
class Draft:
    """A draft is what somebody at the portal wrote, before it has a number and a date."""

    title: str
    blocks: tuple[Block, ...]
    channels: tuple[str, ...]
    """Slugs; the first is where it was filed."""
    editor: str = "市人大研究室新闻宣传处"
    style: str = "plain"
    """How the body was typed: `plain` paragraphs, `word` paste or `br` lines."""
    central: bool = False
    """A reprint of national news: it stands in the box 要闻."""
    external: str | None = None
    """The list links there instead of to a page of the portal."""
    pinned: bool = False


@dataclass(frozen=True)
class Paper:
    """A paper is one article of the portal."""

    id: int
    """Six digits, rising with gaps in the order in which papers were entered."""
    content_id: int
    """Seven digits: the same paper's number under the founder scheme."""
    draft: Draft
    published: datetime
    """As shown, to the minute; aware."""
    modified: datetime
    """When its page last changed; aware."""
    withdrawn: bool = False

    @property
    def cids(self) -> tuple[int, ...]:
        """Numbers of its channels, the first being where it was filed."""
        return tuple(CIDS[slug] for slug in self.draft.channels)


@dataclass(frozen=True)
class Archive:
    """An archive is everything that the portal holds when it starts, oldest paper first."""

    seed: int
    start: datetime
    papers: tuple[Paper, ...]
