"""What the portal holds while it runs, and everything that can happen to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.demo.archive import content_number, write_fresh
from feeds.demo.pages import BOX_ROWS, HOME_ROWS, PER_PAGE, SMALL_ROWS, Boxes, Shelf
from feeds.demo.paper import CHANNELS, CIDS, ZONE, Archive, Draft, Paper
from feeds.demo.pen import write_paragraphs


class Stock:
    """The papers of a running portal. Every change is at once on the pages; ids of papers never change.

    Methods that take an id raise KeyError when there is no such paper.
    """

    def __init__(self, content: Archive, clock: Callable[[], datetime], scheme: str = "jsp") -> None:
        self.content = content
        self.scheme = scheme
        """Of its addresses."""
        self.former_scheme: str | None = None
        """Of its addresses before they were switched. None: they never were."""
        self.moods: set[str] = set()
        """Keys of MOODS: how it answers for now. Empty: it is well."""
        self.turned_at: datetime | None = None
        """When it last began to answer otherwise; its pages are no older. None: it never did."""
        self.https = "https://127.0.0.1"
        """Origin that the mood `https` sends to."""
        self.requests = 0
        """Answered so far."""
        self.ahead = timedelta(0)
        """How far its time was moved ahead of its clock."""
        self.started_at = content.start
        self._clock = clock
        self._moment: datetime | None = None
        self._papers = {paper.id: paper for paper in content.papers}
        self._fresh = 0
        self._changed: dict[int, datetime] = {}
        for paper in content.papers:
            self._touch(paper.cids, paper.modified)

    # ---- reading ----

    def now(self) -> datetime:
        """Return the portal's time: that of the event being played, else the clock's. In the portal's zone."""
        return ((self._moment or self._clock()) + self.ahead).astimezone(ZONE)

    def papers(self) -> list[Paper]:
        """Return every paper that is on the portal, newest first."""
        shown = (paper for paper in self._papers.values() if not paper.withdrawn)
        return sorted(shown, key=lambda paper: (paper.published, paper.id), reverse=True)

    def find(self, paper_id: int) -> Paper:
        """Return a paper, withdrawn or not."""
        return self._papers[paper_id]

    def shelf(self, cid: int, page: int) -> Shelf:
        """Return a page of a list; a page past the end is the last one, as the portal's JSP does it."""
        papers = [paper for paper in self.papers() if cid in paper.cids]
        papers.sort(key=lambda paper: not (paper.draft.pinned and paper.cids[0] == cid))
        pages = max(-(-len(papers) // PER_PAGE), 1)
        page = min(max(page, 1), pages)
        return Shelf(cid, page, pages, len(papers), papers[(page - 1) * PER_PAGE : page * PER_PAGE])

    def boxes(self) -> Boxes:
        """Return what the home page and the sides of articles show."""
        papers = self.papers()

        def newest(cid: int) -> list[Paper]:
            return [paper for paper in papers if cid in paper.cids]

        central = [paper for paper in papers if paper.draft.central]
        news = [paper for paper in newest(CIDS["gzdt"]) if not paper.draft.central]
        others = [(CIDS[slug], newest(CIDS[slug])[:SMALL_ROWS]) for slug in ("lfgz", "jdgz", "dbgz", "xjrm")]
        return Boxes(newest(CIDS["tzgg"])[:BOX_ROWS], central[:BOX_ROWS], news[:HOME_ROWS], others)

    def changed_at(self, cid: int) -> datetime:
        """Return when the list of a channel last changed."""
        return self._changed[cid]

    def home_changed_at(self) -> datetime:
        """Return when anything last changed: the home page shows most of it."""
        return max(self._changed.values())

    def boxes_changed_at(self) -> datetime:
        """Return when a box beside the articles last changed."""
        return max(self._changed[CIDS["tzgg"]], self._changed[CIDS["gzdt"]])

    # ---- what happens ----

    def go_to(self, then: datetime) -> None:
        """Let time pass until then; nothing happens meanwhile."""
        self.ahead += max(then - self.now(), timedelta(0))

    def publish(self, channel: str, title: str, body: Sequence[str] = (), at: datetime | None = None) -> Paper:
        """Publish a plain paper in the channel of that slug, dated now or `at`."""
        return self.publish_draft(Draft(title, write_paragraphs(*(body or (title,))), (channel,)), at)

    def publish_draft(self, draft: Draft, at: datetime | None = None) -> Paper:
        """Publish a draft, dated now or `at`; its numbers follow the moment of entering, not its date."""
        entered = self.now()
        number = max(self._papers) + 1 + (entered.minute + len(self._papers)) % 7
        content = max(max(paper.content_id for paper in self._papers.values()) + 1, content_number(entered))
        published = (at or entered).astimezone(ZONE).replace(second=0, microsecond=0)
        paper = Paper(number, content, draft, published, entered)
        self._put(paper)
        return paper

    def publish_fresh(self, at: datetime | None = None) -> Paper:
        """Publish the next paper of the portal's own writers."""
        draft = write_fresh(self.content, self._fresh, at or self.now())
        self._fresh += 1
        return self.publish_draft(draft, at)

    def publish_beside(self, cid: int) -> Paper:
        """Publish the next paper of the portal's own writers, but in the channel of that number."""
        draft = write_fresh(self.content, self._fresh, self.now())
        self._fresh += 1
        return self.publish_draft(replace(draft, channels=(CHANNELS[cid - 1][0],)))

    def publish_backdated(self, channel: str, title: str, body: Sequence[str] = (), days: int = 7) -> Paper:
        """Publish a paper today under a date of some days ago: it stands between older ones."""
        return self.publish(channel, title, body, self.now() - timedelta(days=days))

    def correct_title(self, paper_id: int, title: str) -> None:
        """Give a paper another title; its date stays."""
        self._redraft(paper_id, title=title)

    def correct_body(self, paper_id: int, old: str, new: str) -> None:
        """Replace words of a body, silently. Raises ValueError if they are not there."""
        blocks = self.find(paper_id).draft.blocks
        corrected = tuple(replace(block, text=block.text.replace(old, new)) for block in blocks)
        if corrected == blocks:
            raise ValueError(f"paper {paper_id} does not say {old!r}")
        self._redraft(paper_id, blocks=corrected)

    def withdraw(self, paper_id: int) -> None:
        """Take a paper away: off the lists, and 404 at its address."""
        self._put(replace(self.find(paper_id), withdrawn=True, modified=self.now()))

    def restore(self, paper_id: int) -> None:
        """Bring a withdrawn paper back as it was."""
        self._put(replace(self.find(paper_id), withdrawn=False, modified=self.now()))

    def add_to_channel(self, paper_id: int, cid: int) -> None:
        """List a paper in one more channel, there under its second address."""
        channels = self.find(paper_id).draft.channels
        slug = CHANNELS[cid - 1][0]
        if slug not in channels:
            self._redraft(paper_id, channels=(*channels, slug))

    def pin(self, paper_id: int) -> None:
        """Put a paper on top of the channel where it was filed, with its old date and a red 置顶."""
        self._redraft(paper_id, pinned=True)

    def unpin(self, paper_id: int) -> None:
        """Take a pin off."""
        self._redraft(paper_id, pinned=False)

    def republish(self, cid: int) -> None:
        """Write every page of a channel anew, as it was: only their times of change are others."""
        for paper in self._papers.values():
            if cid in paper.cids:
                self._put(replace(paper, modified=self.now()))

    def renumber(self, cid: int) -> None:
        """Enter the papers of a channel anew, oldest first: what they say and their dates stay, their ids are new."""
        for paper in [paper for paper in self.papers()[::-1] if cid in paper.cids]:
            self.withdraw(paper.id)
            self.publish_draft(paper.draft, paper.published)

    def reuse(self, paper_id: int) -> Paper:
        """Give a paper's numbers and channels to another paper, which is published now."""
        old, entered = self.find(paper_id), self.now()
        draft = replace(write_fresh(self.content, self._fresh, entered), channels=old.draft.channels)
        self._fresh += 1
        at = entered.replace(second=0, microsecond=0)
        self._put(replace(old, draft=draft, published=at, modified=entered, withdrawn=False))
        return self.find(paper_id)

    # ---- how it answers ----

    def begin_mood(self, name: str) -> None:
        """Answer by a mood, a key of MOODS, beside those it is in."""
        self.moods.add(name)
        self.turned_at = self.now()

    def end_mood(self, name: str) -> None:
        """Answer by a mood no more."""
        self.moods.discard(name)
        self.turned_at = self.now()

    def switch_scheme(self, scheme: str) -> None:
        """Give every page another address; lists are found under the former one too, articles are not."""
        self.former_scheme, self.scheme = self.scheme, scheme
        self.turned_at = self.now()

    def _redraft(self, paper_id: int, **changes: object) -> None:
        paper = self.find(paper_id)
        # Callers name fields of Draft; replace() refuses others.
        self._put(replace(paper, draft=replace(paper.draft, **changes), modified=self.now()))  # type: ignore[arg-type]

    def _put(self, paper: Paper) -> None:
        self._papers[paper.id] = paper
        self._touch(paper.cids, paper.modified)

    def _touch(self, cids: Sequence[int], at: datetime) -> None:
        for cid in cids:
            self._changed[cid] = max(at, self._changed.get(cid, at))
