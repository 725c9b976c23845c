"""`feeds deliveries list|show|retry|release`: what was sent to whom, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import (
    EXIT_FAILED,
    EXIT_USAGE,
    NO_ADDRESS,
    ConfigOption,
    JsonOption,
    fail,
    open_configuration,
    print_json,
    with_database,
)
from feeds.model import DeliveryState

if TYPE_CHECKING:
    from feeds.model import Subscription
    from feeds.store.engine import Database
    from feeds.store.events import AlertMaterial
    from feeds.store.outcomes import Attempt, RecentDelivery

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="邮件账本：发给谁、结果如何、重发。 The ledger, mail by mail. Example: feeds deliveries list --state failed.",
)

_REFUSALS_SHOWN = 20


@app.command("list")
def list_(
    state: Annotated[list[DeliveryState] | None, typer.Option(help="In this state; may be repeated.")] = None,
    subscriber: Annotated[str | None, typer.Option(metavar="ADDRESS", help="To this address.")] = None,
    notice: Annotated[str | None, typer.Option(metavar="ID", help="That tell of this notice, as in /n/ID.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The youngest so many.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出邮件，新的在前。 List mails, newest first.

    Examples: feeds deliveries list --state failed --state expired
    · feeds deliveries list --subscriber reader@example.com --json
    """
    from feeds.store import outcomes

    async def work(database: Database) -> list[RecentDelivery]:
        async with database.read() as tx:
            return await outcomes.list_recent(tx, limit, state or (), subscriber, notice)

    found, zone = with_database(config, work), _find_zone(config)
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    for one in found:
        _show_line(one, zone)
    typer.echo(f"deliveries: {len(found)}" + (" (more with --limit)" if len(found) == limit else ""))


@app.command()
def show(
    delivery: Annotated[int, typer.Argument(metavar="ID", help="As `feeds deliveries list` gives it.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """看一封邮件的每次尝试、内容和对应的订阅。 Show one mail: every attempt, what it carries, and for whose wish.

    Example: feeds deliveries show 17
    """
    found, zone = with_database(config, lambda database: _load(database, delivery)), _find_zone(config)
    if found is None:
        fail(f"{delivery}: there is no such delivery")
    one, attempts, material, titles, wanted = found
    settings, portals = open_configuration(config)
    from feeds.daemon.secret import read_keyring
    from feeds.flows.naming import name_mail, say_why

    keyring = read_keyring(settings.site.secret_file)
    message_id = name_mail(settings.mail, keyring, one.delivery) if keyring else None
    named = {portal.name: portal for portal in portals}
    usual = settings.alerts.find_usual(settings.site)
    whys = {subscription.id: say_why(named, subscription.wish, usual) for subscription in wanted}
    carried = [_carry(each, titles) for each in material]
    if as_json:
        print_json(
            _as_json(one)
            | {"message_id": message_id, "tries": [_plain(asdict(each)) for each in attempts], "carries": carried}
            | {"subscriptions": [{"id": number, "why": why} for number, why in whys.items()]}
        )
        return
    _show_line(one, zone)
    typer.echo(f"  Message-ID: {message_id or f'not known: {settings.site.secret_file} is not there'}")
    for each in attempts:
        _show_attempt(each, zone)
    for event in carried:
        typer.echo(f"  carries {event['event']} {event['notice']} {event['title']}")
    for number, why in whys.items():
        typer.echo(f"  subscription {number}: {why}")


@app.command()
def retry(
    delivery: Annotated[list[int] | None, typer.Argument(metavar="ID", help="As `list` gives it.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed or grew too old.")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="With --failed: made since then, local time."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """重发失败或过期的邮件，Message-ID 不变。 Try once more what failed or grew too old, as the mail it was.

    The Message-ID and the Date stay. What was accepted is never sent again. Exit 1 if an ID that you named is refused.

    Examples: feeds deliveries retry 17 18 · feeds deliveries retry --failed --since 2026-11-24
    """
    if bool(delivery) is failed or (since and not failed):
        fail("name deliveries, or say --failed (with --since, if you like)", EXIT_USAGE)
    from feeds.daemon.parts import read_clock
    from feeds.flows.retry import retry_deliveries, retry_lost

    settings, _ = open_configuration(config)
    start = since.replace(tzinfo=ZoneInfo(settings.site.time_zone)) if since else None

    async def work(database: Database) -> dict[int, str | None]:
        if delivery:
            return await retry_deliveries(database, delivery, read_clock)
        return await retry_lost(database, start, read_clock)

    answers = with_database(config, work)
    refused = {number: why for number, why in answers.items() if why}
    if as_json:
        print_json({"due": [number for number in answers if number not in refused], "refused": refused})
    else:
        for number, why in list(refused.items())[:_REFUSALS_SHOWN]:
            typer.echo(f"{number}: {why}", err=True)
        typer.echo(f"deliveries due again: {len(answers) - len(refused)}, left as they are: {len(refused)}")
    if refused and not failed:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def release(
    restored: Annotated[bool, typer.Option("--restored", help="What waits because a backup was restored.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="They were sent before: send none of them.")] = False,
    config: ConfigOption = None,
) -> None:
    """放行恢复备份后扣住的邮件。 Send the mails that wait because a backup was restored, or none of them.

    Example: feeds deliveries release --restored --discard
    """
    if not restored:
        fail("say what to release: --restored", EXIT_USAGE)
    from feeds.daemon.parts import read_clock
    from feeds.flows.restored import release_restored

    woken = with_database(config, lambda database: release_restored(database, read_clock(), discard=discard))
    if woken is None:
        fail("no mails wait because a backup was restored")
    typer.echo(f"mails that waited: {woken}; they are {'not sent' if discard else 'due now'}")


async def _load(
    database: Database, delivery_id: int
) -> tuple[RecentDelivery, list[Attempt], list[AlertMaterial], dict[int, tuple[str, str]], list[Subscription]] | None:
    """Load a delivery, its attempts, what it carries with public ids and titles, and the subscriptions behind it."""
    from feeds.store import events, notices, outcomes, subscribers

    async with database.read() as tx:
        one = await outcomes.find_delivery(tx, delivery_id)
        if one is None:
            return None
        material = await events.load_event_material(tx, delivery_id)
        found = await notices.load_notices(tx, list(dict.fromkeys(each.notice_id for each in material)))
        asked = {number for each in material for number in each.item.subscriptions} | {one.delivery.subscription_id}
        every = await subscribers.list_subscriptions(tx, one.delivery.subscriber_id, live_only=False)
        titles = {notice.id: (notice.public_id, notice.title) for notice in found}
        wanted = [subscription for subscription in every if subscription.id in asked]
        return one, await outcomes.load_attempts(tx, delivery_id), material, titles, wanted


def _find_zone(config: Path | None) -> ZoneInfo:
    """Return the zone in which times are shown."""
    settings, _ = open_configuration(config)
    return ZoneInfo(settings.site.time_zone)


def _as_json(one: RecentDelivery) -> dict[str, Any]:
    delivery = one.delivery
    return _plain(
        {
            "id": delivery.id,
            "kind": delivery.kind.value,
            "address": delivery.address,
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "created_at": one.created_at,
            "next_at": one.next_at,
            "date": delivery.first_rendered_at,
            "accepted_at": one.accepted_at,
            "retried_at": delivery.retried_at,
            "problem": one.problem,
        }
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _carry(one: AlertMaterial, titles: dict[int, tuple[str, str]]) -> dict[str, Any]:
    public_id, title = titles.get(one.notice_id, ("", ""))
    subscriptions = list(one.item.subscriptions)
    return {"event": one.event.kind.value, "notice": public_id, "title": title, "subscriptions": subscriptions}


def _show_line(one: RecentDelivery, zone: ZoneInfo) -> None:
    delivery = one.delivery
    at = one.accepted_at or one.next_at
    when = f" {'at' if one.accepted_at else 'next try'} {_local(at, zone)}" if at else ""
    made = f"made {_local(one.created_at, zone)}"
    whom = delivery.address or NO_ADDRESS
    typer.echo(f"{delivery.id}  {delivery.kind.value}  {whom}  {delivery.state.value}{when}, {made}")
    if one.problem:
        typer.echo(f"  {one.problem}")


def _show_attempt(one: Attempt, zone: ZoneInfo) -> None:
    if one.ended_at is None:
        said = "its end is not known: under way, or cut off"
    else:
        said = f"{one.phase}: {one.reply_code or ''} {one.reply_text or ''}".replace("  ", " ").strip()
    means = f" [{one.means.value}]" if one.means else ""
    provider = f" via {one.provider}" if one.provider else ""
    again = ", may have arrived before" if one.repeats else ""
    typer.echo(f"  attempt {one.number} at {_local(one.started_at, zone)}{provider}{again}: {said}{means}")


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
