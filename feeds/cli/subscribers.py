"""`feeds subscribers list|show|add|remove|unsuppress|import|export`: the operator's view of who is told what."""

from __future__ import annotations

import csv
import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feeds.cli import wishes
from feeds.cli.context import (
    EXIT_USAGE,
    NO_ADDRESS,
    ConfigOption,
    JsonOption,
    fail,
    open_configuration,
    print_json,
    with_database,
)
from feeds.mailboxes import Suppression
from feeds.model import Frequency, Portal, Subscriber, Subscription, Wish

if TYPE_CHECKING:
    from feeds.store.engine import Database

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Who is told what.")

COLUMNS = ("address", *wishes.COLUMNS)
"""Of the CSV that `import` takes and `export` gives."""

AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


@app.command("list")
def list_all(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List subscribers and their live subscriptions. Example: feeds subscribers list --json."""
    rows = with_database(config, _load_all)
    if as_json:
        print_json([_as_json(who, wanted) for who, wanted in rows])
        return
    for who, wanted in rows:
        _show(who, wanted)
    typer.echo(f"subscribers: {len(rows)}")


@app.command()
def show(address: AddressArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one subscriber with everything ever asked for, and why mails to it are stopped, if they are.

    Example: feeds subscribers show reader@example.com
    """
    hashed = _read_hash(config)(address)

    async def work(database: Database) -> tuple[Subscriber, list[Subscription], Suppression | None] | None:
        from feeds.store import subscribers, suppressions

        async with database.read() as tx:
            who = await subscribers.find_subscriber(tx, address, hashed)
            if who is None:
                return None
            wanted = await subscribers.list_subscriptions(tx, who.id, live_only=False)
            return who, wanted, await suppressions.find_suppression(tx, who.id)

    found = with_database(config, work)
    if found is None:
        fail(f"{address}: no such subscriber")
    who, wanted, against = found
    if as_json:
        print_json(_as_json(who, wanted) | {"suppression": _as_reason(against) if against else None})
        return
    _show(who, wanted)
    if against:
        typer.echo(f"  {_tell_reason(against)}: {against.evidence}")


@app.command()
def add(
    address: AddressArgument,
    feed: Annotated[list[str] | None, typer.Option(help="all, PORTAL or PORTAL/CHANNEL; may be repeated.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="Only with this word; may be repeated.")] = None,
    frequency: Annotated[Frequency, typer.Option(help="How often.")] = Frequency.IMMEDIATE,
    changes: Annotated[bool, typer.Option(help="Corrections and withdrawals too.")] = True,
    more: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="COLUMN=VALUE", help=f"{', '.join(wishes.FURTHER)}; may be repeated."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Add a subscription that you vouch for: it needs no confirmation.

    Example: feeds subscribers add lawyer@example.com --feed harbin-renda/tzgg --keyword 条例 --with "remind=7 1"
    """
    row = {"address": address, "feeds": " ".join(feed or ["all"]), "keywords": " ".join(keyword or [])}
    row |= {"frequency": frequency.value, "changes": "yes" if changes else "no"}
    for given in more or []:
        name, equals, value = given.partition("=")
        if name not in wishes.FURTHER or not equals:
            fail(f"--with {given!r}: allowed: COLUMN=VALUE for {', '.join(wishes.FURTHER)}", EXIT_USAGE)
        row[name] = f"{row.get(name, '')} {value}".strip()
    _add_rows(config, [row])
    typer.echo(f"{address}: subscribed")


@app.command()
def remove(address: AddressArgument, config: ConfigOption = None) -> None:
    """End every subscription of an address. Example: feeds subscribers remove reader@example.com."""
    hashed = _read_hash(config)(address)

    async def work(database: Database) -> bool:
        from feeds.daemon.parts import read_clock
        from feeds.store import subscribers

        async with database.write() as tx:
            who = await subscribers.find_subscriber(tx, address, hashed)
            if who is not None:
                await subscribers.end_subscriber(tx, who.id, "operator", read_clock())
            return who is not None

    if not with_database(config, work):
        fail(f"{address}: no such subscriber")
    typer.echo(f"{address}: ended")


@app.command()
def unsuppress(address: AddressArgument, config: ConfigOption = None) -> None:
    """Send to an address again whose mailbox was found dead or full, or whose owner complained; forget its strikes.

    Example: feeds subscribers unsuppress reader@example.com
    """
    hashed = _read_hash(config)(address)

    async def work(database: Database) -> bool | None:
        from feeds.daemon.parts import read_clock
        from feeds.store import subscribers, suppressions

        async with database.write() as tx:
            who = await subscribers.find_subscriber(tx, address, hashed)
            return await suppressions.lift_suppression(tx, who.id, "operator", read_clock()) if who else None

    lifted = with_database(config, work)
    if lifted is None:
        fail(f"{address}: no such subscriber")
    if not lifted:
        fail(f"{address}: nothing stands against it")
    typer.echo(f"{address}: is sent mails again")


@app.command("import")
def import_csv(
    file: Annotated[Path, typer.Argument(help=f"CSV with a header: {', '.join(COLUMNS)}; only address is needed.")],
    config: ConfigOption = None,
) -> None:
    """Add subscriptions from a CSV: all of it or, with a fault in any line, none.

    Example: feeds subscribers import subscribers.csv
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = list(reader)
    except OSError as fault:
        fail(f"{file}: {fault.strerror}", EXIT_USAGE)
    except (UnicodeDecodeError, csv.Error) as fault:
        fail(f"{file}: not a CSV in UTF-8: {fault}", EXIT_USAGE)
    _refuse_columns(file, reader.fieldnames or ())
    _add_rows(config, rows)
    typer.echo(f"{len(rows)} subscriptions imported")


@app.command("export")
def export_csv(config: ConfigOption = None) -> None:
    """Print live subscriptions as the CSV that `import` takes; of mailboxes: targets have secrets.

    Example: feeds subscribers export > subscribers.csv
    """
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for who, wanted in with_database(config, _load_mailboxes):
        for one in wanted:
            writer.writerow([who.address, *wishes.write_wish(one.wish)])


def _refuse_columns(file: Path, names: Iterable[str]) -> None:
    """End with a sentence for a header that we would have to guess at: a wish that is not read is a wrong mail."""
    given = list(names)
    if "address" not in given:
        fail(f"{file}: no column `address`; columns: {', '.join(COLUMNS)}", EXIT_USAGE)
    for name in given:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            fail(f"{file}: column `{name}`: no such column; allowed: {', '.join(COLUMNS)}{hint}", EXIT_USAGE)


def _add_rows(config: Path | None, rows: Sequence[dict[str, Any]]) -> None:
    _, portals = open_configuration(config)
    names = name_feeds(portals)
    many = len(rows) > 1
    faults = [
        f"line {number}: {fault}" if many else fault
        for number, row in enumerate(rows, 2)
        for fault in _find_faults(row, names)
    ]
    if faults:
        fail("\n".join(faults), EXIT_USAGE)

    hash_one = open_hash(config)

    async def work(database: Database) -> None:
        from feeds.daemon.parts import read_clock
        from feeds.store import subscribers

        async with database.write() as tx:
            for row in rows:
                address = row["address"].strip()
                await subscribers.add_confirmed(tx, address, wishes.read_wish(row), read_clock(), hash_one(address))

    with_database(config, work)


def open_hash(config: Path | None) -> Callable[[str], str]:
    """Return what an address is known by once it was blanked; the secret key is made where there is none."""
    from feeds.daemon.secret import open_keyring
    from feeds.decide.addresses import hash_address

    settings, _ = open_configuration(config)
    return partial(hash_address, open_keyring(settings.site.secret_file))


def _read_hash(config: Path | None) -> Callable[[str], str]:
    """Return the same to look somebody up with; without a key nobody was blanked, and none is made."""
    settings, _ = open_configuration(config)
    return open_hash(config) if settings.site.secret_file.exists() else lambda _: ""


def name_feeds(portals: Iterable[Portal]) -> set[str]:
    """Return every name that a wish may have in `feeds`."""
    return {"all"}.union(*({portal.name, *(c.name for c in portal.channels)} for portal in portals))


def _find_faults(row: dict[str, Any], names: set[str]) -> list[str]:
    from email_validator import EmailNotValidError, validate_email

    faults = []
    address = (row.get("address") or "").strip(" ")
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as fault:
        faults.append(f"{address!r} is no mail address: {fault}")
    return [*faults, *wishes.find_faults(row, names)]


async def _load_all(database: Database) -> list[tuple[Subscriber, list[Subscription]]]:
    from feeds.store import subscribers

    rows: list[tuple[Subscriber, list[Subscription]]] = []
    async with database.read() as tx:
        while page := await subscribers.list_subscribers(tx, 500, rows[-1][0].id if rows else 0):
            rows += [(who, await subscribers.list_subscriptions(tx, who.id)) for who in page]
    return rows


async def _load_mailboxes(database: Database) -> list[tuple[Subscriber, list[Subscription]]]:
    from feeds.store import targets

    async with database.read() as tx:
        named = await targets.list_targets(tx)
    return [row for row in await _load_all(database) if row[0].address not in named]


def _as_json(who: Subscriber, wanted: Sequence[Subscription]) -> dict[str, Any]:
    return {
        "address": who.address,
        "created": who.created_at.isoformat(),
        "confirmed": who.confirmed_at.isoformat() if who.confirmed_at else None,
        "ended": who.ended_at.isoformat() if who.ended_at else None,
        "ended_reason": who.ended_reason,
        "subscriptions": [
            {
                "id": one.id,
                **asdict(one.wish),
                "confirmed": one.confirmed_at.isoformat() if one.confirmed_at else None,
                "ended": one.ended_at.isoformat() if one.ended_at else None,
                "ended_reason": one.ended_reason,
            }
            for one in wanted
        ],
    }


def _as_reason(against: Suppression) -> dict[str, Any]:
    return {
        "reason": against.reason.value,
        "evidence": against.evidence,
        "strikes": against.strikes,
        "struck": against.struck_at.isoformat(),
        "suppressed": against.suppressed_at.isoformat() if against.suppressed_at else None,
        "expires": against.expires_at.isoformat() if against.expires_at else None,
        "scope": against.scope,
    }


def _tell_reason(against: Suppression) -> str:
    if against.suppressed_at is None:
        return f"{against.reason.value}? refused on {against.strikes} days, last at {against.struck_at:%Y-%m-%d %H:%M}Z"
    until = f" until {against.expires_at:%Y-%m-%d}" if against.expires_at else ""
    return f"suppressed since {against.suppressed_at:%Y-%m-%d}{until}, {against.reason.value}"


def _show(who: Subscriber, wanted: Sequence[Subscription]) -> None:
    state = f"ended ({who.ended_reason})" if who.ended_at else "confirmed" if who.confirmed_at else "not confirmed"
    typer.echo(f"{who.address or NO_ADDRESS}: {state}")
    for one in wanted:
        state = (
            f"ended ({one.ended_reason})" if one.ended_at else "live" if one.confirmed_at else "waits for confirmation"
        )
        typer.echo(f"  {one.id}: {say_wish(one.wish)}, {state}")


def say_wish(wish: Wish) -> str:
    """Say in a line what is wished."""
    narrowed = {"with": wish.keywords, "kinds": wish.kinds, "people": wish.people, "laws": wish.laws}
    words = "".join(f" {name} {' '.join(each)}" for name, each in narrowed.items() if each)
    reminded = f"reminded {' '.join(map(str, wish.remind))} days before" if wish.remind else "not reminded"
    hour = "" if wish.hour is None else f" at {wish.hour:02}:00"
    pace = f"{wish.frequency.value}{hour}{f' in {wish.time_zone}' if wish.time_zone else ''}"
    return f"{' '.join(wish.feeds)}{words}{'' if wish.reprints else ' no reprints'}, {pace}, {reminded}"
