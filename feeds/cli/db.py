"""`feeds db upgrade|check`."""

from __future__ import annotations

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, ending_on_faults, open_configuration

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The database: upgrade, check."
)


@app.command()
def upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this program's schema; nothing to do is fine. Example: feeds db upgrade."""
    from feeds.store import migrate

    settings, _ = open_configuration(config)
    with ending_on_faults():
        typer.echo(f"the database is at schema {migrate.upgrade(settings.store.url)}")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Look for damage: file integrity, references, schema. Exit 1 if anything is found. Example: feeds db check."""
    from feeds.store import migrate

    settings, _ = open_configuration(config)
    with ending_on_faults():
        findings = migrate.check(settings.store.url)
    for finding in findings:
        typer.echo(finding)
    typer.echo("no damage found" if not findings else f"{len(findings)} findings")
    if findings:
        raise typer.Exit(EXIT_FAILED)
