"""The table of commands."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

_COMMANDS = {
    "demo": ("feeds.cli.demo", "Watch a replica portal, with a subscriber: what `make run` runs."),
    "init": ("feeds.cli.init", "Write a configuration to start from."),
    "add": ("feeds.cli.add", "Find what to follow on a portal, and write its configuration."),
    "check": ("feeds.cli.check", "Find every fault in the configuration."),
    "doctor": ("feeds.cli.doctor", "Find what keeps the installation from working, or soon will."),
    "run": ("feeds.cli.run", "Run the daemon."),
    "poll": ("feeds.cli.poll", "Poll channels now."),
    "preview": ("feeds.cli.preview", "Show what would be read now, with the evidence."),
    "backfill": ("feeds.cli.backfill", "Walk older list pages into the history."),
    "publish": ("feeds.cli.publish", "Render every feed to files."),
    "simulate": ("feeds.cli.simulate", "How soon notices would be seen with how many requests."),
    "holds": ("feeds.cli.holds", "New rows that are kept from feeds and mail, and why."),
    "status": ("feeds.cli.status", "Channels with health, the ledger, the queue."),
    "subscribers": ("feeds.cli.subscribers", "Who is told what: list, add, remove, import, export, show."),
    "deliveries": ("feeds.cli.deliveries", "What was sent to whom, and what became of it: list, show, retry, release."),
    "bounces": ("feeds.cli.bounces", "Read what came back: bounces, complaints, unsubscribe mails."),
    "targets": ("feeds.cli.targets", "Webhooks and chat robots that are told: add, list, test."),
    "read": ("feeds.cli.read", "Read saved pages without any configuration."),
    "facts": ("feeds.cli.facts", "What a notice says: kind, number, days, people, laws."),
    "export": ("feeds.cli.export", "Write all notices with revisions and facts, or the list of feeds."),
    "search": ("feeds.cli.search", "Find notices by their words and by what they say."),
    "db": ("feeds.cli.db", "The database: upgrade, check."),
    "schema": ("feeds.cli.schema", "JSON Schema of the configuration, for editors."),
}
"""Command -> module with a function of that name, or `app` (a group), and its line in `feeds --help`."""


class _LazyGroup(TyperGroup):
    """Imports a command's module when it is called: `feeds --help` and start-up pay for nothing else."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:  # noqa: ARG002 -- click's signature
        if name not in _COMMANDS:
            return None
        module_name, line = _COMMANDS[name]
        module = importlib.import_module(module_name)
        group = getattr(module, "app", None)
        if group is None:
            group = typer.Typer(add_completion=False, rich_markup_mode=None)
            group.command(name)(getattr(module, name))
        command = typer.main.get_command(group)
        command.name, command.short_help = name, line
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="公告订阅 · feeds and e-mail alerts for public portals that have none. Begin with `feeds demo`.",
)


@app.callback()
def _root() -> None:
    """Only here so that Typer makes a group."""
