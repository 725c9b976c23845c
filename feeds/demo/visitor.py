"""The demo's subscriber: signs up on the real page, reads the real mail, presses the real button."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import typer

from feeds.send.sink import list_mails

_CONFIRM = re.compile(r"https?://[^\s\"<>]+/confirm/[\w.\-]+")
_STAMP = re.compile(r'name="stamp" value="([^"]+)"')
_FILLING_SECONDS = 1.5
_PATIENCE = 240
"""Looks at the mailbox, four a second."""


async def subscribe_and_confirm(base_url: str, mailbox: Path, address: str) -> None:
    """Sign up for the whole portal, at once and with changes, and confirm from the mail that comes."""
    wish = {"address": address, "feed": "harbin-renda", "frequency": "immediate", "changes": "yes"}
    stamp = _STAMP.search(await asyncio.to_thread(_get, f"{base_url}/subscribe"))
    await asyncio.sleep(_FILLING_SECONDS)  # nobody fills a form faster
    wish["stamp"] = stamp[1] if stamp else ""
    await asyncio.to_thread(_post, f"{base_url}/subscribe", wish, base_url)
    for _ in range(_PATIENCE):
        mails = await asyncio.to_thread(list_mails, mailbox)
        links = [found.group() for mail in mails if mail.to == address and (found := _CONFIRM.search(mail.text))]
        if links:
            await asyncio.to_thread(_post, links[0], {}, base_url)
            typer.echo(f"订阅  signed up  {address} 已确认 confirmed: {links[0]}")
            return
        await asyncio.sleep(0.25)
    typer.echo("订阅  the confirmation mail did not come", err=True)


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own site
        return str(answer.read(), "utf-8")


def _post(url: str, form: dict[str, str], origin: str) -> None:
    """Send a form as a browser on that page would."""
    request = urllib.request.Request(url, urlencode(form).encode(), {"Origin": origin})  # noqa: S310 -- our own site
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass
