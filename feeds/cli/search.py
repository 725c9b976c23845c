"""`feeds search WORDS...`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_USAGE, ConfigOption, JsonOption, fail, open_configuration, print_json, run_async

if TYPE_CHECKING:
    from feeds.config import Settings
    from feeds.decide.excerpts import Piece
    from feeds.facts import Search
    from feeds.model import Notice, Portal
    from feeds.store.engine import Database
    from feeds.store.search import Hits


_FILTERS = {
    "portal": "Name of a portal.",
    "channel": "A channel: its slug, or PORTAL/SLUG.",
    "kind": "What the notice is: consultation, appointments ...",
    "person": "Who is appointed, removed, elected ... in it.",
    "law": "A rule that it names, by its whole name.",
}


def _with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each filter: Typer reads them off the signature, which has a budget."""
    own = inspect.signature(command, eval_str=True)
    named = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    kind = inspect.Parameter.KEYWORD_ONLY
    more = [
        inspect.Parameter(name, kind, default="", annotation=Annotated[str, typer.Option(help=said)])
        for name, said in _FILTERS.items()
    ]
    command.__signature__ = own.replace(parameters=[*named, *more])  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in (*named, *more)}
    return command


@_with_filters
def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="All must be there; quotes hold words together.")
    ] = None,
    no_reprints: Annotated[bool, typer.Option("--no-reprints", help="Leave out copies of others' texts.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Notices at most.")] = 20,
    as_json: JsonOption = False,
    reindex: Annotated[bool, typer.Option("--reindex", help="Make the index anew first.")] = False,
    config: ConfigOption = None,
    **filters: str,
) -> None:
    """Find notices by words of their titles and texts, and by what they say; the newest first.

    What the daemon did not index yet is indexed first. Examples: feeds search 旁听 报名; feeds search '"第7号"';
    feeds search --kind consultation --portal harbin-renda; feeds search --reindex
    """
    from feeds.decide.searching import Misasked, read_search, write_query

    settings, portals = open_configuration(config)
    asked = {"q": " ".join(words or ()), "reprints": "no" if no_reprints else "yes", **filters}
    wanted = read_search(asked, {one.name: [each.slug for each in one.channels] for one in portals})
    if isinstance(wanted, Misasked):
        fail(f"{wanted.zh} {wanted.en}", EXIT_USAGE)
    if not write_query(wanted) and not reindex:
        fail("say what to search for: words, or an option such as --kind", EXIT_USAGE)
    hits, found = run_async(_search(settings, portals, wanted, limit, reindex=reindex))
    if not write_query(wanted):
        return
    if as_json:
        print_json(_describe(settings, portals, hits, found))
    else:
        _show(wanted, hits, found, {one.name: one for one in portals})


async def _search(
    settings: Settings, portals: Sequence[Portal], wanted: Search, limit: int, *, reindex: bool
) -> tuple[Hits, list[Notice]]:
    from feeds.decide.searching import write_query
    from feeds.store.engine import open_database
    from feeds.store.search import Hits, find_hits
    from feeds.store.shelf import load_notices

    database = await open_database(settings.store.url)
    try:
        await _index(database, portals, reindex=reindex)
        if not write_query(wanted):
            return Hits((), None), []
        async with database.read() as tx:
            hits = await find_hits(tx, wanted, limit)
            return hits, await load_notices(tx, [one.notice_id for one in hits.found])
    finally:
        await database.close()


async def _index(database: Database, portals: Sequence[Portal], *, reindex: bool) -> None:
    """Index what waits, telling how far it is: on one line of a terminal, else on a line now and then."""
    from feeds.flows.indexing import index_some
    from feeds.store.indexing import empty_index
    from feeds.store.search import count_unindexed

    if reindex:
        async with database.write() as tx:
            await empty_index(tx)
    async with database.read() as tx:
        waiting = await count_unindexed(tx)
    named, done, told = {one.name: one for one in portals}, 0, 0
    while some := await index_some(database, named):
        done += some
        if done - told >= (20 if sys.stderr.isatty() else 1_000):
            told = done
            typer.echo(f"indexed: {done} of {max(done, waiting)}", err=True)
    if done:
        typer.echo(f"indexed: {done}", err=True)


def _describe(settings: Settings, portals: Sequence[Portal], hits: Hits, found: Sequence[Notice]) -> dict[str, object]:
    from feeds.decide.titles import title_notice

    zones = {one.name: one.time_zone for one in portals}
    notices = [
        {
            "id": one.public_id,
            "title": title_notice(one),
            "url": one.url,
            "page": f"{settings.site.base_url.rstrip('/')}/n/{one.public_id}",
            "portal": one.portal,
            "channels": list(one.channels),
            "published": _show_day(one, zones.get(one.portal, settings.site.time_zone)) or None,
            "withdrawn": one.withdrawn_at is not None,
        }
        for one in found
    ]
    return {"notices": notices, "more": hits.behind is not None, "partial": hits.partial}


def _show_day(notice: Notice, zone: str) -> str:
    """The day as the portal says it; nothing where it does not."""
    return notice.published.at.astimezone(ZoneInfo(zone)).date().isoformat() if notice.published else ""


def _show(wanted: Search, hits: Hits, found: Sequence[Notice], portals: dict[str, Portal]) -> None:
    from feeds.decide.excerpts import excerpt_text, mark_words
    from feeds.decide.titles import title_notice

    for one in found:
        portal = portals.get(one.portal)
        day = _show_day(one, portal.time_zone if portal else "Asia/Shanghai")
        gone = "（已撤下 withdrawn）" if one.withdrawn_at else ""
        title = _emphasise(mark_words(title_notice(one), wanted.phrases))
        typer.echo(f"{day or '----------'}  {one.public_id}  {title}{gone}")
        if excerpt := excerpt_text(one.article.body if one.article else "", wanted.phrases):
            typer.echo(f"            {_emphasise(excerpt)}")
    if not found:
        typer.echo("没有找到 nothing found")
    elif hits.behind is not None:
        typer.echo("还有更早的 there are older ones: --limit", err=True)


def _emphasise(pieces: Sequence[Piece]) -> str:
    """Words in bold; Typer drops that where nobody could see it."""
    return "".join(typer.style(one.text, bold=True) if one.marked else one.text for one in pieces)
