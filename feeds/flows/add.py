"""Walking through a portal that nothing is known of, politely, to propose what to follow.

home      the home page of any page given
  | lists     the pages that its short links lead to, and the ones that those lead to beside them
  | judge     which of them people would follow
  | check     an older page and an article of each
  | propose   slugs, recipes, identity
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from feeds.decide.identity import article_key
from feeds.decide.overviews import find_shown
from feeds.fetch.client import PortalClient
from feeds.model import Article, Fetched, FetchFailure, Listing, Politeness, Portal, Verdict
from feeds.read.bare import read_article_page, read_listing_page
from feeds.read.channel import agrees_with_row
from feeds.read.charset import decode_page
from feeds.read.dom import parse_page
from feeds.read.links import keep_category
from feeds.read.overview import read_overview
from feeds.read.propose import Checked, Proposal, make_proposal, propose_overview
from feeds.read.propose_channels import Sample, count_pictures, find_article_shapes, judge_samples
from feeds.read.propose_links import (
    Candidate,
    choose_names,
    find_candidates,
    find_home,
    find_names,
    find_orphans,
    find_redirect,
    rank_candidate,
)
from feeds.read.propose_names import (
    NameKind,
    fold_address,
    is_front,
    is_within,
    judge_name,
    keep_own_folder,
    make_portal_name,
    shape_of,
    stands_beside,
)
from feeds.read.propose_portal import choose_identity, find_identity, find_title, find_zone
from feeds.read.verdict import judge_page

MOST_LISTS = 48
"""Pages that may be lists, of both depths."""
MOST_OLDER, MOST_ARTICLES = 6, 14
"""Pages that check what was found."""
LEAST_ARTICLES = 3
MOST_UNLIKELY = 10
"""Pages that are visited although their names speak against them, or they have none."""
MOST_ORPHANS = 4
"""Articles that no list shows, which are asked what list they are from."""
MOST_HOSTS = 8
MOST_UNKNOWN = 6
"""Links beside one list that are followed although their names say nothing."""
SPACING = 0.8
"""Seconds between two requests: a walk is made once, by somebody who waits for it."""
DEADLINE = 15.0
"""Seconds that one page may take: a page that is slower is no loss to a walk."""
PATIENCE = 120.0
"""Seconds that a whole walk may take; then what was seen has to do."""
_LISTS = 0.75
"""Share of them after which no further lists are looked for, so that those that were found can be checked."""
_HOPS = 3
_SHELL = 200
"""Characters of visible text up to which a page may be nothing but a door to another."""


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
    patience: float = PATIENCE
    """Seconds."""
    unseen: int = 0
    """Pages that there was no time for."""
    _started: float | None = None
    _share: float = _LISTS

    @property
    def host(self) -> str:
        """The portal's host, without www."""
        return urlsplit(self.portal.base_url).netloc.lower().removeprefix("www.")

    def admit(self, candidates: Iterable[Candidate]) -> None:
        """Let hosts below the portal's be asked as well, a few."""
        named = dict.fromkeys((*self.portal.hosts, *(urlsplit(one.url).netloc.lower() for one in candidates)))
        self.portal = replace(self.portal, hosts=tuple(named)[:MOST_HOSTS])

    async def fetch(self, url: str) -> Fetched | FetchFailure:
        """Return a page or why there is none: the time of the walk may be over while the page waits for its turn."""
        if self._started is None:
            self._started = asyncio.get_running_loop().time()
        self.progress(url)
        try:
            async with asyncio.timeout_at(self._started + self.patience * self._share):
                return await self.client.get(self.portal, url)
        except TimeoutError:
            self.unseen += 1
            return FetchFailure(url, "timeout", f"{url}: the walk through {self.host} was ended")

    def check_lists(self) -> None:
        """Go on to the time that is left for checking the lists that were found."""
        self._share = 1.0


async def explore_portal(walk: Walk, url: str) -> Proposal | FetchFailure:
    """Walk from any page of a portal; return what to follow, or why its home page cannot be had."""
    home = await _open_home(walk, url)
    if isinstance(home, FetchFailure):
        return home
    tree = await asyncio.to_thread(_parse, home)
    title = await asyncio.to_thread(_find_title, tree) or urlsplit(home.url).netloc
    base = urljoin(home.url, urlsplit(home.url).path.rpartition("/")[0] + "/")
    walk.portal = replace(walk.portal, title=title, base_url=base, time_zone=find_zone(base))
    seen = await _see_lists(walk, home, tree)
    names = choose_names([(one.names, one.candidate.title) for one in seen])
    named = [replace(one.sample, title=name) for one, name in zip(seen, names, strict=True)]
    judged = await asyncio.to_thread(judge_samples, named)
    chosen = [(one, sample) for one, sample in zip(seen, judged, strict=True) if sample.refused is None]
    walk.check_lists()
    checked = await _check_all(walk, [replace(one, sample=sample) for one, sample in chosen])
    pages = [home, *(page for one in checked for page in (*one.older, *(page for page, _ in one.articles)))]
    identity = await asyncio.to_thread(_find_identity, tree, title, [one.text for one, _ in chosen], pages)
    if walk.unseen:
        walk.notes.append(f"the walk was ended after {walk.patience:g} s: {walk.unseen} pages were not seen")
    if not identity:
        walk.notes.append("no string stands on every page that could prove whose they are: name one in `identity`")
    walk.portal = replace(walk.portal, identity=identity, hosts=_find_hosts(walk, checked), politeness=Politeness())
    refused = [one for one in judged if one.refused]
    proposal = await asyncio.to_thread(make_proposal, walk.portal, checked, refused, walk.notes)
    return propose_overview(proposal, home.url, await asyncio.to_thread(_find_shown, home, proposal))


async def _see_lists(walk: Walk, home: Fetched, tree: LexborHTMLParser) -> list[Seen]:
    """Return the pages that may be lists: linked at home, or beside those, or by an article that none of them shows."""
    first = await asyncio.to_thread(find_candidates, tree, home.url, walk.host, "the home page")
    own = keep_own_folder([one.url for one in first], home.url)
    first = tuple(one for one in first if one.url in own)
    walk.admit(first)
    known = {fold_address(home.url)}
    seen = await _see_all(walk, first, known, MOST_LISTS)
    known |= {fold_address(one.url) for one in first}
    known |= {fold_address(item.url) for one in seen for item in one.listing.items}
    shapes = find_article_shapes([one.listing for one in seen])
    leads = [lead for one in seen for lead in _choose_leads(one, shapes)]
    rows = [item.url for one in seen for item in one.listing.items]
    orphans = await asyncio.to_thread(find_orphans, tree, home.url, walk.host, rows)
    for address in orphans[:MOST_ORPHANS]:
        article = await _see(walk, Candidate("", address, "an article on the home page"))
        leads += _choose_leads(article, shapes) if article else []
    return seen + await _see_all(walk, leads, known, MOST_LISTS - len(seen))


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
        politeness=Politeness(spacing_seconds=0.0 if allow_private else SPACING, deadline_seconds=DEADLINE),
    )


async def _open_home(walk: Walk, url: str) -> Fetched | FetchFailure:
    """Return the portal's home page: where a bare page sends browsers, and where its link 首页 leads, or the root."""
    page = await walk.fetch(url)
    if isinstance(page, FetchFailure) and page.reason == "tls":
        walk.portal = replace(walk.portal, tls="legacy")
        walk.notes.append("its server speaks only old TLS, which is less safe")
        page = await walk.fetch(url)
    page = await _follow_shell(walk, page)
    if isinstance(page, FetchFailure) or not urlsplit(page.url).path.strip("/"):
        return page
    home = find_home((await asyncio.to_thread(judge_page, page)).tree, page.url, walk.host)
    if home is None and not is_front(page.url):
        home = urljoin(page.url, "/")
    if home is None or fold_address(home) == fold_address(page.url):
        return page
    found = await _follow_shell(walk, await walk.fetch(home))
    return page if isinstance(found, FetchFailure) else found


async def _follow_shell(walk: Walk, page: Fetched | FetchFailure) -> Fetched | FetchFailure:
    """Return the page that a page without content of its own leads to; a page that is no good is a failure."""
    for _ in range(_HOPS):
        if isinstance(page, FetchFailure):
            return page
        opened = await asyncio.to_thread(judge_page, page)
        bare = opened.verdict is Verdict.MOVED or (opened.verdict is None and len(opened.visible) < _SHELL)
        target = find_redirect(opened.tree, opened.decoded.text, page.url) if bare else None
        if target is None:
            problem = f"{page.url}: {opened.problem}"
            return page if opened.verdict is None else FetchFailure(page.url, "protocol", problem)
        page = await walk.fetch(target)
    return page


def _choose_leads(seen: Seen, shapes: frozenset[str]) -> list[Candidate]:
    """Return the links of a page that may be further lists: of a telling name, or beside the page itself."""
    fresh = [lead for lead in seen.leads if shape_of(lead.url) not in shapes]
    beside = [lead for lead in fresh if stands_beside(lead.url, seen.page.url)]
    telling = [lead for lead in fresh if judge_name(lead.title) is NameKind.FOLLOWED]
    return telling + [lead for lead in beside if judge_name(lead.title) is NameKind.UNKNOWN][:MOST_UNKNOWN]


async def _see_all(walk: Walk, candidates: Iterable[Candidate], known: Collection[str], most: int) -> list[Seen]:
    """See candidates, the likeliest first, each address once; return those that answered, in their own order."""
    fresh = {fold_address(one.url): one for one in candidates if fold_address(one.url) not in known}
    places = {key: place for place, key in enumerate(fresh)}
    unlikely = [key for key in fresh if rank_candidate(fresh[key]) > 1]
    fresh = {key: one for key, one in fresh.items() if key not in unlikely[MOST_UNLIKELY:]}
    wanted = sorted(fresh, key=lambda key: (rank_candidate(fresh[key]), places[key]))[: max(0, most)]
    seen = await asyncio.gather(*(_see(walk, fresh[key]) for key in sorted(wanted, key=lambda key: places[key])))
    return [one for one in seen if one is not None]


async def _see(walk: Walk, candidate: Candidate) -> Seen | None:
    """Fetch one candidate and read it as a list, with the rows that a shell fetches from elsewhere."""
    page = await walk.fetch(candidate.url)
    if isinstance(page, FetchFailure):
        return None
    followed = await _follow_shell(walk, page)
    page = followed if isinstance(followed, Fetched) else page
    page = replace(page, url=keep_category(page.url, candidate.url))
    seen = await asyncio.to_thread(_look, walk, candidate, page)
    if seen.listing.verdict is Verdict.LISTING or not seen.listing.data_url:
        return seen
    rows = await walk.fetch(seen.listing.data_url)
    listing = await asyncio.to_thread(read_listing_page, rows) if isinstance(rows, Fetched) else seen.listing
    listing = replace(listing, data_url=seen.listing.data_url)
    return replace(seen, listing=listing, sample=replace(seen.sample, listing=listing))


def _look(walk: Walk, candidate: Candidate, page: Fetched) -> Seen:
    opened = judge_page(page)
    listing = read_listing_page(page)
    # A page of several lists has one name for all of them.
    shared = candidate.title and urlsplit(page.url).fragment
    names = () if opened.verdict or shared else find_names(opened.tree, walk.portal.title)
    sample = Sample(candidate.title, page.url, listing, count_pictures(opened.tree, listing))
    leads = find_candidates(opened.tree, page.url, walk.host, candidate.title)
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
        second = await asyncio.to_thread(read_listing_page, page) if isinstance(page, Fetched) else None
        if isinstance(page, Fetched) and second and second.verdict is Verdict.LISTING:
            pages.append(page)
        else:
            doubts.append("the older page could not be read")
    read: list[tuple[Fetched, Article]] = []
    own = [item for item in listing.items if is_within(item.url, walk.host)]
    for item in [item for item in own if not item.pinned][:articles]:
        answer = await walk.fetch(item.url)
        article = await asyncio.to_thread(read_article_page, answer) if isinstance(answer, Fetched) else None
        if isinstance(answer, Fetched) and article and article.verdict is Verdict.ARTICLE:
            read.append((answer, article))
            if not agrees_with_row(item.title, article.title or ""):
                doubts.append(f"an article has another title than its row: {article.title or 'none'}")
        else:
            doubts.append("an article could not be read")
    return Checked(seen.sample, seen.page, tuple(pages), tuple(read), tuple(dict.fromkeys(doubts)))


def _find_shown(home: Fetched, proposal: Proposal) -> tuple[str, ...]:
    """Return the slugs of the channels of which the home page shows rows."""
    portal = proposal.portal
    places: dict[str, set[str]] = {}
    for channel, sample in zip(portal.channels, proposal.samples, strict=True):
        for item in sample.listing.items:
            places.setdefault(article_key(item.url, portal), set()).add(channel.slug)
    return find_shown([article_key(url, portal) for url in read_overview(home, portal).addresses], places)


def _find_hosts(walk: Walk, checked: Sequence[Checked]) -> tuple[str, ...]:
    """Return the portal's further hosts, its twin with or without www and those below it, that its lists use."""
    own = urlsplit(walk.portal.base_url).netloc.lower()
    used = {urlsplit(url).netloc.lower() for one in checked for url in _addresses(one) if is_within(url, walk.host)}
    return tuple(sorted(used - {own}))


def _addresses(one: Checked) -> list[str]:
    return [one.sample.url, *(item.url for item in one.sample.listing.items)]


def _find_identity(
    tree: LexborHTMLParser, title: str, texts: Sequence[str], pages: Sequence[Fetched]
) -> tuple[str, ...]:
    """Return what stands on all texts and pages of those that the home page may be known by."""
    return choose_identity(find_identity(tree, title), [*(_text_of(page) for page in pages), *texts])


def _find_title(tree: LexborHTMLParser) -> str | None:
    return find_title(tree) or next(iter(find_identity(tree, "")), None)


def _parse(page: Fetched) -> LexborHTMLParser:
    return parse_page(_text_of(page))


def _text_of(page: Fetched) -> str:
    return decode_page(page.body, page.content_type).text
