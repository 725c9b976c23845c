"""`feeds add URL`: a portal nobody has configured yet; `feeds add --repair PORTAL`: one whose recipes no longer fit."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feeds.cli.answer import Answer
from feeds.cli.context import EXIT_USAGE, ConfigOption, JsonOption
from feeds.config import Settings, find_config
from feeds.config.load import CONFIG_VARIABLE, DEFAULT_CONFIG, load_settings
from feeds.model import FetchFailure, Portal
from feeds.read.links import resolve_link

_NOTHING: dict[str, Any] = {
    "name": None,
    "title": None,
    "base_url": None,
    "time_zone": None,
    "identity": [],
    "overviews": [],
    "channels": [],
}
"""What is known of a portal before the walk."""

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
    answer = Answer(as_json, {**_NOTHING})
    if (url is None) == (repair is None):
        answer.end("say one: `feeds add URL` or `feeds add --repair PORTAL`", EXIT_USAGE)
    if repair is not None:
        from feeds.cli.repair import repair_portal

        repair_portal(config, repair, yes=yes, as_json=as_json)
        return
    address = _complete(url or "", answer)
    with answer.ending_on_faults():
        folder, settings = _find_configuration(config)
    portal = _start(address, name, folder, answer, allow_private=allow_private)
    if yes or not as_json:
        _check_folder(folder, answer)
    proposal = answer.run(_explore(settings, portal, address))
    if isinstance(proposal, FetchFailure):
        answer.end(_explain(proposal, address, allow_private=allow_private))
    answer.facts = _describe(proposal)
    if not proposal.portal.channels:
        looked = len(proposal.refused)
        problem = f"{address}: {looked} pages looked at, and none is a list that people would follow"
        answer.end("; ".join((problem, *proposal.notes)))
    _finish(proposal, address, folder, answer, yes=yes)


def _complete(url: str, answer: Answer) -> str:
    """Return an address as it was meant: `www.example.gov.cn` is http. End where it is none, or holds a password."""
    meant = url.strip() if "://" in url else f"http://{url.strip()}"
    if "@" in re.split("[/?#]", meant.partition("://")[2], maxsplit=1)[0]:
        answer.end("地址里有用户名或密码 · an address with user or password is not asked: name it without")
    if resolve_link(meant, meant) is None:
        # What cannot be taken apart may have a password anywhere.
        named = "that" if "@" in url else repr(url)
        answer.end(f"{named} is no http or https address")
    return meant.partition("#")[0]


def _explain(failure: FetchFailure, address: str, *, allow_private: bool) -> str:
    """Say why the home page cannot be had, and what to try."""
    if failure.target is not None:
        target = shlex.quote(failure.target)
        return f"{address} 转到了另一个主机 · leads to another host, {failure.target}: try `feeds add {target}`"
    hint = "; --allow-private admits it" if failure.reason == "private address" and not allow_private else ""
    return f"{failure.problem}{hint}"


def _find_configuration(config: Path | None) -> tuple[Path, Settings | None]:
    """Return the folder of portal files, and the settings; before there are any, the one beside where they would be.

    Raises ConfigError where the configuration that was named is not there, or its settings are faulty.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    if config is not None or named or DEFAULT_CONFIG.is_file():
        file = find_config(config, os.environ)
        return file.parent / "portals", load_settings(file, os.environ)
    return DEFAULT_CONFIG.absolute().parent / "portals", None


def _check_folder(folder: Path, answer: Answer) -> None:
    """End before the walk where nothing could be written after it."""
    from feeds.config.save import explain_unwritable

    if problem := explain_unwritable(folder):
        answer.end(f"{folder}: {problem}; 没有写入 · nothing was written")


def _start(address: str, name: str | None, folder: Path, answer: Answer, *, allow_private: bool) -> Portal:
    """Return what the walk starts with; end where the portal's name is none, or taken."""
    from pydantic import TypeAdapter, ValidationError

    from feeds.config.kinds import Slug
    from feeds.config.write import find_portal_file
    from feeds.flows.add import start_portal

    portal = start_portal(address, name, allow_private=allow_private)
    try:
        TypeAdapter(Slug).validate_python(portal.name)
    except ValidationError as fault:
        answer.end(f"--name {portal.name!r}: {fault.errors()[0]['msg']}", EXIT_USAGE)
    if taken := find_portal_file(folder, portal.name):
        answer.end(
            f"{taken} 已经存在，不会覆盖；换个名字用 --name · exists already and is not overwritten: "
            f"--name gives another name, `feeds add --repair {portal.name}` proposes new recipes for it"
        )
    return portal


async def _explore(settings: Settings | None, portal: Portal, address: str) -> Proposal | FetchFailure:
    from feeds.daemon.visitor import open_client
    from feeds.flows.add import Walk, explore_portal

    async with open_client(settings) as client:
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


def _finish(proposal: Proposal, address: str, folder: Path, answer: Answer, *, yes: bool) -> None:
    """Show the proposal, let a person on a terminal choose, and write the file."""
    from feeds.cli.proposal import choose_channels, show_proposal

    file = folder / f"{proposal.portal.name}.toml"
    if not answer.as_json:
        show_proposal(proposal)
    if not yes and (answer.as_json or not is_terminal()):
        unwritten = f"没有写入 · nothing was written: --yes writes {file}"
        if not answer.as_json:
            answer.end(unwritten)
        typer.echo(unwritten, err=True)
        answer.give()
        return
    if not yes:
        proposal = choose_channels(proposal, file)
    _write(file, proposal, address, answer)
    typer.echo(f"已写入 · written: {file}", err=answer.as_json)
    if not answer.as_json:
        _say_next(proposal.portal, file)
    answer.give(str(file))


def _write(file: Path, proposal: Proposal, address: str, answer: Answer) -> None:
    from feeds.cli.proposal import remark_channels
    from feeds.config.save import create_file
    from feeds.config.write import find_portal_faults, render_portal

    origin = f"feeds add {json.dumps(address)[1:-1]}"
    text = render_portal(proposal.portal, origin, remark_channels(proposal), proposal.notes)
    if faults := find_portal_faults(text):
        raise AssertionError(f"the file would be wrong, this is a bug: {faults}")
    try:
        create_file(file, text)
    except OSError as fault:
        answer.end(f"{file}: {fault.strerror}; 没有写入 · nothing was written")


def _say_next(portal: Portal, file: Path) -> None:
    """Print how to go on: the daemon knows nothing of the new file yet."""
    config = shlex.quote(str(file.parent.parent / "feeds.toml"))
    typer.echo("接下来 · next:")
    typer.echo(f"  1. feeds check --config {config}")
    typer.echo(f"  2. feeds preview {portal.name}/{portal.channels[0].slug} --article 1 --config {config}")
    typer.echo("  3. 守护进程在运行时 · if the daemon runs: systemctl reload noticefeeds, or kill -HUP PID")


def _describe(proposal: Proposal) -> dict[str, Any]:
    portal = proposal.portal
    return {
        "name": portal.name,
        "title": portal.title,
        "base_url": portal.base_url,
        "time_zone": portal.time_zone,
        "identity": list(portal.identity),
        "overviews": list(portal.overviews),
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
            for channel, sample in zip(portal.channels, proposal.samples, strict=True)
        ],
    }
