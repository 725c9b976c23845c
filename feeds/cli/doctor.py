"""`feeds doctor`: what keeps an installation from working, or soon will."""

from __future__ import annotations

import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, JsonOption, open_configuration, print_json, run_async
from feeds.decide.checks import Check, State

if TYPE_CHECKING:
    from feeds.config import Settings
    from feeds.model import Portal
    from feeds.store.engine import Transaction

_Answer = TypeVar("_Answer")
_MEGABYTE = 1024 * 1024
_FULL, _NEARLY_FULL = 50 * _MEGABYTE, 500 * _MEGABYTE
_SKEW = timedelta(minutes=2)
_ANNOUNCED = (11, 15)
"""Month and day by which the next year's holidays are usually announced."""


_MARKS = {State.GOOD: "✓", State.WARNING: "!", State.FAILED: "✗"}


def doctor(
    config: ConfigOption = None,
    mail: Annotated[
        bool,
        typer.Option(
            "--mail",
            help="也检查发信：DNS 记录、样信、中继、一键退订 · mail too: DNS, samples, relay, unsubscribing",
        ),
    ] = False,
    canary: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="另寄一封样信 · send a sample mail as well (with --mail)")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """检查数据库、磁盘、密钥、日历、时钟和各门户。 Looks at database, disk, key, calendar, clock and every portal.

    Exit code 0: nothing is broken, there may be warnings. 1: something is. 2: the configuration has faults.

    Example: feeds doctor --mail --canary me@example.org --config /srv/noticefeeds/feeds.toml
    """
    from feeds.daemon.parts import read_clock

    settings, portals = open_configuration(config)
    now = read_clock()
    checks = [
        *check_database(settings),
        *check_disk((_find_data(settings), settings.publish.dir, settings.files.dir)),
        check_secret(settings.site.secret_file),
        *run_async(check_epoch(settings, now)),
        *run_async(check_hubs(settings)),
        *check_calendar(now.astimezone(ZoneInfo(settings.site.time_zone))),
        *check_budgets(settings, portals),
        *run_async(_gather(visit_portals(settings, portals))),
    ]
    if mail or canary:
        from feeds.cli.doctor_mail import check_mail

        checks += run_async(_gather(check_mail(settings, portals, canary)))
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            typer.echo(f"{_MARKS[check.state]} {check.name}: {check.said}")
            if check.record:
                typer.echo(f"    {check.record}")
    if any(check.state is State.FAILED for check in checks):
        raise typer.Exit(EXIT_FAILED)


def check_database(settings: Settings) -> Iterator[Check]:
    """Yield what is wrong with the database, or that nothing is."""
    from feeds.errors import StoreError
    from feeds.store import migrate

    try:
        findings = migrate.check(settings.store.url)
    except StoreError as fault:
        findings = [str(fault)]
    yield from (Check("数据库 database", State.FAILED, finding) for finding in findings)
    if not findings:
        yield Check("数据库 database", State.GOOD, "whole, and at this program's schema")


async def check_epoch(settings: Settings, now: datetime) -> list[Check]:
    """Return whether mails wait because the database was restored from a backup, or that this would go unnoticed."""
    from feeds.daemon.epoch import find_file, read_epoch
    from feeds.decide.epochs import find_gap
    from feeds.store.epochs import load_epoch

    epoch = await _ask_store(settings, load_epoch)
    name, key = "备份 backup", settings.site.secret_file
    if epoch is None:
        return []  # no daemon worked on it so far
    checks = []
    if epoch.holds(now) and not epoch.discards:
        said = f"restored from a backup: mails wait until {epoch.held_until}; `feeds deliveries release --restored`"
        checks.append(Check(name, State.WARNING, said))
    if gap := find_gap(epoch, read_epoch(key)):
        said = f"{find_file(key)} is not kept up: {gap}; let the daemon write into that folder"
        checks.append(Check(name, State.WARNING, said))
    return checks


async def check_hubs(settings: Settings) -> list[Check]:
    """Return the WebSub hubs that could not be told what is new when it was tried last."""
    from feeds.store.hubs import list_hubs

    checks = []
    for one in await _ask_store(settings, list_hubs) or ():
        again = f"; tried again {one.next_at:%Y-%m-%d %H:%M} UTC" if one.failures else ""
        if one.problem:
            checks.append(Check("中心 hub", State.WARNING, f"{one.url}: {one.problem}{again}"))
    return checks


async def _ask_store(settings: Settings, ask: Callable[[Transaction], Awaitable[_Answer]]) -> _Answer | None:
    """Return what the store answers; None: it cannot be opened, which the check of the database tells."""
    from feeds.errors import FeedsError
    from feeds.store.engine import open_database

    try:
        database = await open_database(settings.store.url)
    except FeedsError:
        return None
    try:
        async with database.read() as tx:
            return await ask(tx)
    finally:
        await database.close()


def _find_data(settings: Settings) -> Path:
    """Return the folder where the data is, as far as it is on this machine."""
    kind, _, path = settings.store.url.partition(":///")
    return Path(path).parent if kind == "sqlite" and path else settings.site.secret_file.parent


def check_disk(folders: Sequence[Path]) -> Iterator[Check]:
    """Yield how much room each folder's disk has; a folder that is not there yet counts as the one around it."""
    seen: set[int] = set()
    for folder in folders:
        place = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        if (device := place.stat().st_dev) in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(place).free
        state = State.FAILED if free < _FULL else State.WARNING if free < _NEARLY_FULL else State.GOOD
        yield Check("磁盘 disk", state, f"{free // _MEGABYTE:,} MB free at {place}")


def check_secret(file: Path) -> Check:
    """Return whether the signing key is there, and nobody else's to read."""
    name = "密钥 key"
    if not file.exists():
        return Check(name, State.WARNING, f"{file} is not there yet: the first start makes it")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Check(name, State.FAILED, f"{file} can be read by others (mode {mode:04o}): chmod 600 {file}")
    return Check(name, State.GOOD, f"{file}; keep it with the backups, unsubscribe links need it")


def check_calendar(now: datetime) -> Iterator[Check]:
    """Yield whether the holidays of this year are known, and of the next one once they are announced."""
    from feeds.decide.workdays import knows_year

    name = "日历 calendar"
    years = [now.year, now.year + 1] if (now.month, now.day) >= _ANNOUNCED else [now.year]
    for year in years:
        if knows_year(year):
            yield Check(name, State.GOOD, f"holidays and worked weekends of {year} are known")
        else:
            said = f"holidays of {year} are not known, polls keep to plain weekdays: pip install -U chinesecalendar"
            yield Check(name, State.WARNING, said)


def check_budgets(settings: Settings, portals: Sequence[Portal]) -> Iterator[Check]:
    """Yield the budgets that cannot be kept."""
    from feeds.flows.habits import explain_overspending

    for portal in portals:
        if said := explain_overspending(portal, settings.poll):
            yield Check("预算 budget", State.WARNING, said)


async def _gather(checks: AsyncIterator[Check]) -> list[Check]:
    return [check async for check in checks]


async def visit_portals(settings: Settings, portals: Sequence[Portal]) -> AsyncIterator[Check]:
    """Yield whether each portal's home page answers, and whether our clock is that of the portals."""
    from feeds.daemon.parts import read_clock
    from feeds.daemon.visitor import open_client
    from feeds.model import FetchFailure

    lags: list[tuple[timedelta, str]] = []
    async with open_client(settings) as client:
        for portal in portals:
            name = f"门户 portal {portal.name}"
            answer = await client.get(portal, portal.base_url)
            if isinstance(answer, FetchFailure):
                yield Check(name, State.FAILED, f"{portal.base_url}: {answer.problem}")
                continue
            lags += [(lag, portal.name) for lag in [read_lag(answer.headers, read_clock())] if lag is not None]
            state = State.GOOD if answer.status < 400 else State.FAILED
            yield Check(name, state, f"{portal.base_url} answers {answer.status}, {len(answer.body):,} bytes")
            other = await client.get(portal, portal.channels[0].url)  # a home page is what caches keep longest
            if not isinstance(other, FetchFailure) and (lag := read_lag(other.headers, read_clock())) is not None:
                lags.append((lag, portal.name))
    if lags:
        yield check_clock(*min(lags))


def read_lag(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how far a server's clock is behind ours by its Date and, from a cache, its Age; None: it does not say."""
    try:
        sent = parsedate_to_datetime(headers.get("date", ""))
        return now - sent - timedelta(seconds=int(headers.get("age", "0")))
    except (ValueError, TypeError, OverflowError):
        return None


def check_clock(lag: timedelta, portal: str) -> Check:
    """Return how our clock is beside the one that is least behind it: an old Date may be that of a cache."""
    said = f"{abs(lag).total_seconds():.0f} s {'ahead of' if lag > timedelta() else 'behind'} that of {portal}"
    if abs(lag) > _SKEW:
        return Check("时钟 clock", State.WARNING, f"{said}: one of the two is wrong; is NTP running here?")
    return Check("时钟 clock", State.GOOD, said)
