"""`feeds add URL`: a portal nobody has configured yet; `feeds add --repair PORTAL`: one whose recipes no longer fit."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, JsonOption, fail, print_json, run_async
from feeds.config import find_config
from feeds.config.load import CONFIG_VARIABLE, DEFAULT_CONFIG
from feeds.model import FetchFailure, Portal
from feeds.read.links import resolve_link

if TYPE_CHECKING:
    from feeds.read.propose import Proposal


def add(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="首页或任何一页 · the home page, or any page.")
    ] = None,
    config: ConfigOption = None,
    name: Annotated[
        str | None, typer.Option("--name", help="门户的名字 · name of the portal, else by its host")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不问就写 · write without asking")] = False,
    as_json: JsonOption = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="允许本机和内网地址 · admit loopback and private addresses")
    ] = False,
    repair: Annotated[
        str | None, typer.Option("--repair", metavar="PORTAL", help="重新提议读法 · propose new recipes for a portal")
    ] = None,
) -> None:
    """找出一个门户值得订阅的栏目和读法，写出 portals/NAME.toml。 Finds what to follow on a portal, and how to read it.

    Shows a preview and writes portals/NAME.toml beside the configuration file. About sixty pages are fetched.

    Examples: feeds add http://www.example.gov.cn/ ; feeds add --repair harbin-renda
    """
    from feeds.daemon.logs import configure_logs

    configure_logs(tap=lambda _: None)
    if (url is None) == (repair is None):
        fail("say one: `feeds add URL` or `feeds add --repair PORTAL`", EXIT_USAGE)
    if repair is not None:
        from feeds.cli.repair import repair_portal

        repair_portal(config, repair, yes=yes, as_json=as_json)
        return
    folder = _find_folder(config)
    address = _complete(url or "")
    if address is None:
        _end_with_problem(f"{url!r} is no http or https address", as_json=as_json)
    portal = _start(address, name, folder, allow_private=allow_private)
    proposal = run_async(_explore(portal, address))
    if isinstance(proposal, FetchFailure):
        hint = "; --allow-private admits it" if proposal.reason == "private address" and not allow_private else ""
        _end_with_problem(f"{proposal.problem}{hint}", as_json=as_json)
    if not proposal.portal.channels:
        looked = len(proposal.refused)
        problem = f"{address}: {looked} pages looked at, and none is a list that people would follow"
        _end_with_problem(problem, proposal.portal, as_json=as_json)
    _finish(proposal, address, folder, yes=yes, as_json=as_json)


def _complete(url: str) -> str | None:
    """Return an address as it was meant: `www.example.gov.cn` is http. Nothing where it can be none."""
    meant = url.strip() if "://" in url else f"http://{url.strip()}"
    return meant.partition("#")[0] if resolve_link(meant, meant) else None


def _end_with_problem(problem: str, portal: Portal | None = None, *, as_json: bool) -> NoReturn:
    """Say why there is nothing to write, and end."""
    if as_json:
        empty: dict[str, Any] = {
            "name": None,
            "title": None,
            "base_url": None,
            "time_zone": None,
            "identity": [],
            "channels": [],
        }
        print_json({**(_describe(portal, None) if portal else empty), "problem": problem})
        raise typer.Exit(EXIT_FAILED)
    fail(problem)


def _find_folder(config: Path | None) -> Path:
    """Return the folder of portal files; before there is any configuration, the one beside where it would be."""
    named = os.environ.get(CONFIG_VARIABLE)
    if config is not None or named or DEFAULT_CONFIG.is_file():
        from feeds.cli.context import ending_on_faults

        with ending_on_faults():
            return find_config(config, os.environ).parent / "portals"
    return DEFAULT_CONFIG.absolute().parent / "portals"


def _start(address: str, name: str | None, folder: Path, *, allow_private: bool) -> Portal:
    """Return what the walk starts with; end where the portal's name is none, or taken."""
    from pydantic import TypeAdapter, ValidationError

    from feeds.config.kinds import Slug
    from feeds.config.write import find_portal_file
    from feeds.flows.add import start_portal

    portal = start_portal(address, name, allow_private=allow_private)
    try:
        TypeAdapter(Slug).validate_python(portal.name)
    except ValidationError as fault:
        fail(f"--name {portal.name!r}: {fault.errors()[0]['msg']}", EXIT_USAGE)
    if taken := find_portal_file(folder, portal.name):
        fail(
            f"{taken} 已经存在，不会覆盖；换个名字用 --name · exists already and is not overwritten: "
            f"--name gives another name, `feeds add --repair {portal.name}` proposes new recipes for it"
        )
    return portal


async def _explore(portal: Portal, address: str) -> Proposal | FetchFailure:
    import random
    import time

    from feeds.fetch.client import PortalClient
    from feeds.flows.add import Walk, explore_portal

    async with PortalClient(user_agent="noticefeeds add", clock=time.monotonic, jitter=random.random) as client:
        return await explore_portal(Walk(client, portal, Progress()), address)


def is_terminal() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty()


class Progress:
    """Says on stderr what is being fetched: every page on a terminal, every tenth elsewhere."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, url: str) -> None:
        """Count a page."""
        self.pages += 1
        if sys.stderr.isatty() or self.pages % 10 == 0:
            typer.echo(f"{self.pages:>3}  {url}", err=True)


def _finish(proposal: Proposal, address: str, folder: Path, *, yes: bool, as_json: bool) -> None:
    """Show the proposal, let a person on a terminal choose, and write the file."""
    from feeds.cli.proposal import choose_channels, remark_channels, show_proposal
    from feeds.config.write import find_portal_faults, render_portal

    file = folder / f"{proposal.portal.name}.toml"
    if not as_json:
        show_proposal(proposal)
    if not (yes or as_json):
        if not is_terminal():
            fail(f"没有写入 · nothing was written: --yes writes {file}")
        proposal = choose_channels(proposal, file)
    if yes or not as_json:
        origin = f"feeds add {json.dumps(address)[1:-1]}"
        text = render_portal(proposal.portal, origin, remark_channels(proposal), proposal.notes)
        if faults := find_portal_faults(text):
            raise AssertionError(f"the file would be wrong, this is a bug: {faults}")
        _write(file, text)
        typer.echo(f"已写入 · written: {file}", err=as_json)
    if as_json:
        print_json(_describe(proposal.portal, proposal))


def _write(file: Path, text: str) -> None:
    from feeds.config.save import create_file

    try:
        create_file(file, text)
    except OSError as fault:
        fail(f"{file}: {fault.strerror}; 没有写入 · nothing was written")


def _describe(portal: Portal, proposal: Proposal | None) -> dict[str, Any]:
    samples = zip(portal.channels, proposal.samples, strict=True) if proposal else ()
    return {
        "name": portal.name,
        "title": portal.title,
        "base_url": portal.base_url,
        "time_zone": portal.time_zone,
        "identity": list(portal.identity),
        "channels": [
            {
                "slug": channel.slug,
                "title": channel.title,
                "url": channel.url,
                "verdict": sample.listing.verdict.value,
                "family": sample.listing.family,
                "recipe": channel.recipe.listing is not None,
                "items": len(sample.listing.items),
                "confidence": sample.confidence,
                "doubts": list(sample.doubts),
            }
            for channel, sample in samples
        ],
    }
