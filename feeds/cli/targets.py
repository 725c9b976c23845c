"""`feeds targets add|list|test`: webhooks and chat robots. To end one: `feeds subscribers remove`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feeds.cli import wishes
from feeds.cli.context import (
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    fail,
    open_configuration,
    print_json,
    run_async,
    with_database,
)
from feeds.cli.subscribers import name_feeds, open_hash, say_wish
from feeds.targets import Target, TargetKind

if TYPE_CHECKING:
    from feeds.decide.answers import Answer
    from feeds.model import Subscription
    from feeds.store.engine import Database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="群机器人与 Webhook。 Webhooks and chat robots that are told of notices. Example: feeds targets list.",
)

_COLUMNS = (*wishes.COLUMNS[1:],)


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Its address; `-` reads it from the standard input.")],
    kind: Annotated[TargetKind | None, typer.Option(help="What it understands; usually its host tells.")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="File with what messages are signed with.")] = None,
    allow_private: Annotated[bool, typer.Option(help="It may be on a loopback or private address.")] = False,
    feed: Annotated[list[str] | None, typer.Option(help="all, PORTAL or PORTAL/CHANNEL; may be repeated.")] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="COLUMN=VALUE", help=f"{', '.join(_COLUMNS)}; may be repeated."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Have a webhook or robot told; with the same address again, correct its secret or add another subscription.

    Example: feeds targets add - --secret-file robot.secret --feed harbin-renda/tzgg --with keywords=条例 < robot.url
    """
    from feeds.decide.targets import guess_kind, name_target

    address = sys.stdin.readline().strip() if url == "-" else url
    try:
        kind = kind or guess_kind(address)
    except ValueError:
        fail("the address cannot be read", EXIT_USAGE)
    target = Target(kind, address, _read_secret(secret_file), allow_private)
    if problem := _find_fault(target):
        fail(problem, EXIT_USAGE)
    row = {"feeds": " ".join(feed or ["all"])} | _read_more(more or [])
    _, portals = open_configuration(config)
    if faults := list(wishes.find_faults(row, name_feeds(portals))):
        fail("\n".join(faults), EXIT_USAGE)
    name = name_target(target)
    hashed = open_hash(config)(name)

    async def work(database: Database) -> Target:
        from feeds.daemon.parts import read_clock
        from feeds.store import subscribers, targets

        async with database.write() as tx:
            await subscribers.add_confirmed(tx, name, wishes.read_wish(row), read_clock(), hashed)
            who = await subscribers.find_subscriber(tx, name, hashed)
            if who is None:
                raise AssertionError("a subscriber was added a moment ago")
            known = await targets.find_target(tx, who.id)
            registered = replace(target, secret=target.secret or (known.secret if known else None))
            await targets.register_target(tx, who.id, registered, read_clock())
            return registered

    signed = with_database(config, work).secret is not None
    typer.echo(f"{name}: is told{'' if signed else ', unsigned'}; `feeds targets test {name}` tries it")


@app.command("list")
def list_all(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List targets and what they are told, without their secrets. Example: feeds targets list --json."""

    async def work(database: Database) -> list[tuple[str, Target, list[Subscription]]]:
        from feeds.store import subscribers, targets

        rows = []
        async with database.read() as tx:
            for name, target in (await targets.list_targets(tx)).items():
                who = await subscribers.find_subscriber(tx, name)
                if who is not None and who.ended_at is None:
                    rows.append((name, target, await subscribers.list_subscriptions(tx, who.id)))
        return rows

    found: list[tuple[str, Target, list[Subscription]]] = with_database(config, work)
    if as_json:
        print_json([_as_json(*row) for row in found])
        return
    for name, target, wanted in found:
        typer.echo(f"{name}: {'signed' if target.secret else 'unsigned'}")
        for one in wanted:
            typer.echo(f"  {one.id}: {say_wish(one.wish)}")
    typer.echo(f"targets: {len(found)}")


@app.command("test")
def try_target(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `feeds targets list` names it.")],
    config: ConfigOption = None,
) -> None:
    """Send one sample message now, outside of the ledger, and print what was answered.

    Example: feeds targets test wecom@qyapi.weixin.qq.com/1a2b3c4d
    """

    async def work() -> tuple[Target, Answer] | None:
        from feeds.daemon.parts import open_parts
        from feeds.daemon.workshop import open_workshop
        from feeds.flows.post import send_sample
        from feeds.store import targets

        settings, portals = open_configuration(config)
        async with open_parts(settings, portals) as parts:
            async with parts.database.read() as tx:
                target = (await targets.list_targets(tx)).get(name)
            if target is None:
                return None
            async with open_workshop(parts) as shop:
                return target, await send_sample(shop.posting, target)

    found = run_async(work())
    if found is None:
        fail(f"{name}: no such target; `feeds targets list` names them")
    from feeds.decide.answers import classify_answer
    from feeds.mailboxes import ReplyClass

    target, answer = found
    means = classify_answer(target.kind, answer)
    said = f"{name}: {means.value}: {answer.code or '-'} {answer.text}"
    if means is not ReplyClass.OK:
        fail(said)
    typer.echo(said)


def _read_secret(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{file}: {fault}", EXIT_USAGE)


def _read_more(given: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if name not in _COLUMNS or not equals:
            fail(f"--with {one!r}: allowed: COLUMN=VALUE for {', '.join(_COLUMNS)}", EXIT_USAGE)
        row[name] = f"{row.get(name, '')} {value}".strip()
    return row


def _find_fault(target: Target) -> str | None:
    from feeds.decide.targets import find_fault
    from feeds.fetch.post import find_refusal
    from feeds.send.chat import NO_APPRISE, has_apprise, knows_address

    if fault := find_fault(target):
        return fault
    if target.kind is not TargetKind.APPRISE:
        return find_refusal(target.url, allow_private=target.allow_private)
    if not has_apprise():
        return NO_APPRISE
    return None if knows_address(target.url) else "Apprise does not know this kind of address"


def _as_json(name: str, target: Target, wanted: list[Subscription]) -> dict[str, Any]:
    wished = [{"id": one.id, **dict(zip(wishes.COLUMNS, wishes.write_wish(one.wish), strict=True))} for one in wanted]
    known = {"kind": target.kind.value, "signed": target.secret is not None, "allow_private": target.allow_private}
    return {"name": name, **known, "subscriptions": wished}
