"""`feeds bounces`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feeds.cli.context import (
    EXIT_USAGE,
    NO_ADDRESS,
    ConfigOption,
    JsonOption,
    fail,
    open_configuration,
    print_json,
    run_async,
)

if TYPE_CHECKING:
    from feeds.config import Settings
    from feeds.flows.returned import Account, Returning
    from feeds.model import Portal

_KINDS = {
    "report": "退信 delivery report",
    "complaint": "投诉 complaint",
    "automatic": "自动回复 automatic reply",
    "wish": "退订邮件 unsubscribe mail",
    "unknown": "认不出 unknown",
}
_OUTCOMES = {
    "bounced": "记为退回 came back",
    "complained": "已停发并结束其全部订阅 stopped, all subscriptions ended",
    "unsubscribed": "已退订 unsubscribed",
    "nothing": "无须处理 means nothing",
    "unmatched": "对不上任何一封邮件，留待人看 matches no mail of ours, kept for a person",
}
_BOUNCES = {
    "hard": "地址失效 dead mailbox",
    "soft": "对方满或忙 full or busy",
    "policy": "拒收，原因在我们 refused, our fault",
}


def bounces(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Saved mails; without any the mailbox is read.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只说不做 · say what would be done, change nothing")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """读退回来的邮件：退信、投诉、退订。 Read what came back, say what each mail was and did.

    Mails of the mailbox ([mail] returned) are moved to its folders Processed and Unmatched; files stay where they are.
    Exit code 1: the mailbox cannot be read.

    Example: feeds bounces --dry-run saved.eml
    """
    for file in files or ():
        if not file.is_file():
            fail(f"{file}: no such file", EXIT_USAGE)
    settings, portals = open_configuration(config)
    if settings.mail.returned is None:
        fail("[mail] returned is not set: no mailbox is read; see docs/mail.md", EXIT_USAGE)
    accounts = run_async(_read(settings, portals, files or (), dry_run=dry_run, quiet=as_json))
    if as_json:
        print_json([_as_json(account) for account in accounts])
    elif not accounts:
        typer.echo("没有退回来的邮件。 Nothing came back.")


async def _read(
    settings: Settings, portals: tuple[Portal, ...], files: Sequence[Path], *, dry_run: bool, quiet: bool
) -> list[Account]:
    from feeds.daemon.parts import open_parts
    from feeds.daemon.workshop import fit_returning

    async with open_parts(settings, portals) as parts:
        returning = fit_returning(parts)
        if returning is None:
            raise AssertionError("the configuration lets no `returned` be without `bounce_domain`")
        accounts = []
        async for account in _settle(returning, files, dry_run=dry_run):
            accounts.append(account)
            if not quiet:
                _show(account)
    return accounts


async def _settle(returning: Returning, files: Sequence[Path], *, dry_run: bool) -> AsyncIterator[Account]:
    from feeds.flows.returned import read_mailbox, settle_mail

    if not files:
        async for account in read_mailbox(returning, dry_run=dry_run):
            yield account
    for file in files:
        yield await settle_mail(returning, str(file), file.read_bytes(), dry_run=dry_run)


def _show(account: Account) -> None:
    whose = f", {account.subscriber.address or NO_ADDRESS}" if account.subscriber else ""
    typer.echo(f"{account.name}: {_KINDS[account.mail.kind.value]}{whose}")
    bounce = f": {_BOUNCES[account.bounce.value]}" if account.bounce else ""
    seen = "（以前读过 read before）" if account.seen else ""
    typer.echo(f"  {_OUTCOMES[account.outcome.value]}{bounce}{seen}")
    if account.said:
        typer.echo(f"  {account.said}")
    if account.struck and account.bounce:
        stopped = "不再发信 sent nothing more" if account.struck.suppressed_at else "记一次 one strike"
        typer.echo(f"  {stopped} ({account.struck.reason.value}, {account.struck.strikes})")


def _as_json(account: Account) -> dict[str, Any]:
    mail, struck = account.mail, account.struck
    return {
        "name": account.name,
        "kind": mail.kind.value,
        "outcome": account.outcome.value,
        "seen": account.seen,
        "address": account.subscriber.address if account.subscriber else None,
        "delivery": account.delivery_id,
        "bounce": account.bounce.value if account.bounce else None,
        "said": account.said or None,
        "strikes": struck.strikes if struck else None,
        "suppressed": bool(struck and struck.suppressed_at),
        "reports": [
            {"action": one.action, "status": one.status, "said": one.said, "recipient": one.recipient}
            for one in mail.reports
        ],
        "envelope_id": mail.envelope_id or None,
        "subject": mail.subject,
    }
