"""Walking through a portal that nothing is known of, politely, to propose what to follow.

home      the home page of any page given
  | lists     the pages that its short links lead to, and the ones that those lead to beside them
  | judge     which of them people would follow
  | check     an older page and an article of each
  | propose   slugs, recipes, identity
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from feeds.fetch.client import PortalClient
from feeds.model import Article, Fetched, FetchFailure, Listing, Politeness, Portal, Verdict
from feeds.read.bare import read_article_page, read_listing_page
from feeds.read.charset import decode_page
from feeds.read.dom import parse_page
from feeds.read.propose import Checked, Proposal, agrees_with_row, make_proposal
from feeds.read.propose_channels import Sample, count_pictures, find_article_shapes, judge_samples
from feeds.read.propose_links import (
    Candidate,
    choose_names,
    find_candidates,
    find_home,
    find_names,
    find_redirect,
    rank_candidate,
)
from feeds.read.propose_names import NameKind, fold_address, judge_name, make_portal_name, shape_of, stands_beside
from feeds.read.propose_portal import choose_identity, find_identity, find_title, find_zone
from feeds.read.verdict import judge_page

MOST_LISTS = 48
"""Pages that may be lists, of both depths."""
MOST_OLDER, MOST_ARTICLES = 6, 14
"""Pages that check what was found."""
LEAST_ARTICLES = 3
MOST_UNKNOWN = 6
"""Links beside one list that are followed although their names say nothing."""
SPACING = 0.8
"""Seconds between two requests: a walk is made once, by somebody who waits for it."""
_HOPS = 3


@dataclass(frozen=True)
class Seen:
    """A page seen on the walk, with what its links and its rows say."""

    candidate: Candidate
    names: tuple[str, ...]
    page: Fetched
    listing: Listing
    sample: Sample
    leads: tuple[Candidate, ...]
    text: str


@dataclass
class Walk:
    """A walk through one portal: what it may fetch, and what it has."""

    client: PortalClient
    portal: Portal
    progress: Callable[[str], None] = lambda _: None
    notes: list[str] = field(default_factory=list)

    @property
    def hosts(self) -> frozenset[str]:
        """The portal's hosts, without www."""
        return frozenset({urlsplit(self.portal.base_url).netloc.lower().removeprefix("www.")})

    async def fetch(self, url: str) -> Fetched | FetchFailure:
        """Return a page or why there is none."""
        self.progress(url)
        return await self.client.get(self.portal, url)


async def explore_portal(walk: Walk, url: str) -> Proposal | FetchFailure:
    """Walk from any page of a portal; return what to follow, or why its home page cannot be had."""
    home = await _open_home(walk, url)
    if isinstance(home, FetchFailure):
        return home
    tree = parse_page(decode_page(home.body, home.content_type).text)
    title = find_title(tree) or urlsplit(home.url).netloc
    base = home.url.partition("?")[0].rpartition("/")[0] + "/"
    walk.portal = replace(walk.portal, title=title, base_url=base, time_zone=find_zone(base))
    first = find_candidates(tree, home.url, walk.hosts, "the home page")
    seen = await _see_all(walk, first, frozenset({fold_address(home.url)}), MOST_LISTS)
    known = {fold_address(home.url), *(fold_address(one.url) for one in first)}
    known |= {fold_address(item.url) for one in seen for item in one.listing.items}
    seen += await _see_all(walk, _choose_leads(seen), frozenset(known), MOST_LISTS - len(seen))
    names = choose_names([(one.names, one.candidate.title) for one in seen])
    judged = judge_samples([replace(one.sample, title=name) for one, name in zip(seen, names, strict=True)])
    chosen = [(one, sample) for one, sample in zip(seen, judged, strict=True) if sample.refused is None]
    checked = await _check_all(walk, [replace(one, sample=sample) for one, sample in chosen])
    texts = [one.text for one, _ in chosen] + [_text_of(page) for one in checked for page, _ in one.articles]
    identity = choose_identity(find_identity(tree, title), [_text_of(home), *texts])
    if not identity:
        walk.notes.append("no string stands on every page that could prove whose they are: name one in `identity`")
    walk.portal = replace(walk.portal, identity=identity, hosts=_find_hosts(walk, checked))
    return make_proposal(walk.portal, checked, [one for one in judged if one.refused], walk.notes)


def start_portal(url: str, name: str | None, *, allow_private: bool) -> Portal:
    """Return the portal that a walk starts with: its host, with and without www, and a spacing for one walk."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    return Portal(
        name=name or make_portal_name(url),
        title=host,
        base_url=f"{parts.scheme}://{host}/",
        channels=(),
        hosts=(twin,),
        allow_private=allow_private,
        politeness=Politeness(spacing_seconds=0.0 if allow_private else SPACING),
    )


async def _open_home(walk: Walk, url: str) -> Fetched | FetchFailure:
    """Return the portal's home page: where a bare page sends browsers, and where its link 首页 leads."""
    page = await walk.fetch(url)
    for _ in range(_HOPS):
        if isinstance(page, FetchFailure):
            return page
        opened = judge_page(page)
        target = find_redirect(opened.tree, opened.decoded.text, page.url) if len(opened.visible) < 200 else None
        if target is None and urlsplit(page.url).path.strip("/"):
            target = find_home(opened.tree, page.url, walk.hosts)
        if target is None:
            if opened.verdict is not None:
                return FetchFailure(page.url, "protocol", f"{page.url}: {opened.problem}")
            return page
        page = await walk.fetch(target)
    return page


def _choose_leads(seen: Sequence[Seen]) -> list[Candidate]:
    """Return the links beside lists that may be further lists: of a telling name, or beside the page itself."""
    shapes = find_article_shapes([one.listing for one in seen])
    leads: list[Candidate] = []
    for one in seen:
        fresh = [lead for lead in one.leads if shape_of(lead.url) not in shapes]
        beside = [lead for lead in fresh if stands_beside(lead.url, one.page.url)]
        leads += [lead for lead in fresh if judge_name(lead.title) is NameKind.FOLLOWED]
        leads += [lead for lead in beside if judge_name(lead.title) is NameKind.UNKNOWN][:MOST_UNKNOWN]
    return leads


async def _see_all(walk: Walk, candidates: Iterable[Candidate], known: frozenset[str], most: int) -> list[Seen]:
    """See candidates, the likeliest first, each address once; return those that answered, in their own order."""
    fresh = {fold_address(one.url): one for one in candidates if fold_address(one.url) not in known}
    places = {key: place for place, key in enumerate(fresh)}
    wanted = sorted(fresh, key=lambda key: (rank_candidate(fresh[key]), places[key]))[: max(0, most)]
    seen = await asyncio.gather(*(_see(walk, fresh[key]) for key in sorted(wanted, key=lambda key: places[key])))
    return [one for one in seen if one is not None]


async def _see(walk: Walk, candidate: Candidate) -> Seen | None:
    """Fetch one candidate and read it as a list."""
    page = await walk.fetch(candidate.url)
    return None if isinstance(page, FetchFailure) else await asyncio.to_thread(_look, walk, candidate, page)


def _look(walk: Walk, candidate: Candidate, page: Fetched) -> Seen:
    opened = judge_page(page)
    listing = read_listing_page(page)
    names = () if opened.verdict else find_names(opened.tree, walk.portal.title)
    sample = Sample(candidate.title, page.url, listing, count_pictures(opened.tree, listing))
    leads = find_candidates(opened.tree, page.url, walk.hosts, candidate.title)
    return Seen(candidate, names, page, listing, sample, leads, opened.decoded.text)


async def _check_all(walk: Walk, chosen: Sequence[Seen]) -> list[Checked]:
    """Read an older page and an article of every channel, as far as the walk may; three articles at least."""
    each = max(1, -(-LEAST_ARTICLES // max(1, len(chosen))))
    checks = [
        _check(walk, one, older=place < MOST_OLDER, articles=each if place * each < MOST_ARTICLES else 0)
        for place, one in enumerate(chosen)
    ]
    return list(await asyncio.gather(*checks))


async def _check(walk: Walk, seen: Seen, *, older: bool, articles: int) -> Checked:
    doubts: list[str] = []
    pages: list[Fetched] = []
    listing = seen.listing
    if older and listing.next_page:
        page = await walk.fetch(listing.next_page)
        second = read_listing_page(page) if isinstance(page, Fetched) else None
        if isinstance(page, Fetched) and second and second.verdict is Verdict.LISTING:
            pages.append(page)
        else:
            doubts.append("the older page could not be read")
    read: list[tuple[Fetched, Article]] = []
    own = [item for item in listing.items if urlsplit(item.url).netloc.lower().removeprefix("www.") in walk.hosts]
    for item in [item for item in own if not item.pinned][:articles]:
        answer = await walk.fetch(item.url)
        article = read_article_page(answer) if isinstance(answer, Fetched) else None
        if isinstance(answer, Fetched) and article and article.verdict is Verdict.ARTICLE:
            read.append((answer, article))
            if not agrees_with_row(item.title, article):
                doubts.append(f"an article has another title than its row: {article.title or 'none'}")
        else:
            doubts.append(f"an article could not be read: {item.url}")
    return Checked(seen.sample, seen.page, tuple(pages), tuple(read), tuple(doubts))


def _find_hosts(walk: Walk, checked: Sequence[Checked]) -> tuple[str, ...]:
    """Return the twin of the portal's host, with or without www, where its pages use it."""
    own = urlsplit(walk.portal.base_url).netloc.lower()
    used = {urlsplit(url).netloc.lower() for one in checked for url in _addresses(one)}
    return tuple(sorted(host for host in used - {own} if host.removeprefix("www.") == own.removeprefix("www.")))


def _addresses(one: Checked) -> list[str]:
    return [one.sample.url, *(item.url for item in one.sample.listing.items)]


def _text_of(page: Fetched) -> str:
    return decode_page(page.body, page.content_type).text
