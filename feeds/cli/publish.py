"""`feeds publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from feeds.cli.context import ConfigOption, open_configuration, run_async


def publish(
    config: ConfigOption = None,
    out: Annotated[Path | None, typer.Option(help="Write there instead of publish.dir.")] = None,
    force: Annotated[bool, typer.Option(help="Render every feed, not only what changed.")] = False,
) -> None:
    """Render the feeds that changed since they were last written, to files that a web server can serve.

    All of them, also those that a daemon is at work on just now: it waits for nobody.

    Example: feeds publish --out /srv/www/feeds --force
    """
    from dataclasses import replace

    from feeds.daemon.logs import configure_logs
    from feeds.daemon.parts import open_parts
    from feeds.daemon.workshop import open_workshop
    from feeds.flows.publish import publish_feed, publish_wholly
    from feeds.store import feeds

    configure_logs(tap=lambda _: None)
    settings, portals = open_configuration(config)

    async def work() -> int:
        async with open_parts(settings, portals) as parts, open_workshop(parts) as shop:
            publishing = shop.publishing
            if out:
                publishing = replace(
                    publishing, settings=publishing.settings.model_copy(update={"dir": out.absolute(), "share": False})
                )
            async with parts.database.read() as tx:
                rows = await feeds.list_feeds(tx)
            written = 0
            for row in rows:
                if force or out or row.version != row.published_version:
                    if out:
                        changed = await publish_feed(publishing, row.name, row.version, mark=False)
                    else:
                        changed = await publish_wholly(publishing, row.name)
                    written += changed
                    typer.echo(f"{row.name:<32} {'written' if changed else 'unchanged'}")
            place = "in the database" if publishing.settings.share else f"below {publishing.settings.dir}"
            typer.echo(f"{written} of {len(rows)} feeds written {place}")
            return written

    run_async(work())
