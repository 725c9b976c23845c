"""Writing a new `portals/NAME.toml`: a file that people would like to edit."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from feeds.config.portals import PortalFile, find_channel_faults
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Portal

_Lines = list[str]


def render_portal(portal: Portal, origin: str, remarks: Mapping[str, Sequence[str]], notes: Sequence[str]) -> str:
    """Return the file of a portal that was just found, with comments for who edits it.

    `origin` is the command that found it, `remarks` are lines about channels by slug, `notes` about the portal.
    """
    lines = [
        f"# {portal.title}",
        "#",
        f"# 由 `{origin}` 写出，请按需修改。 Written by that command from what the portal showed: yours to edit.",
        "# `feeds check` finds every fault; this shows what is read, with the evidence:",
        f"#     feeds preview {portal.name}/{portal.channels[0].slug} --article 1",
        *(f"# {note}" for note in notes),
        "",
        *_render_facts(portal),
        *_render_recipe(portal),
    ]
    shared = find_shared(portal.channels)
    for channel in portal.channels:
        lines += ["", *(f"# {remark}" for remark in remarks.get(channel.slug, ())), *_render_channel(portal, channel)]
        if channel.recipe.listing and channel.recipe.listing != shared:
            lines += ["", "[channel.listing]", *_render_values(channel.recipe.listing)]
    return "\n".join(lines) + "\n"


def find_shared(channels: Sequence[Channel]) -> ListingRecipe | None:
    """Return the recipe that can stand once for all channels: all have it. None: it stands with each, or nowhere."""
    recipes = {channel.recipe.listing for channel in channels}
    return recipes.pop() if len(recipes) == 1 else None


def find_portal_file(folder: Path, name: str) -> Path | None:
    """Return the file of a folder that a portal stands in, else the one of its name; nothing where there is neither."""
    files = sorted(folder.glob("*.toml"), key=lambda file: file.stem != name)
    named = next((file for file in files if _read_name(file) == name), None)
    return named or next((file for file in files if file.stem == name), None)


def _read_name(file: Path) -> object:
    try:
        portal = tomllib.loads(file.read_bytes().decode("utf-8-sig")).get("portal")
    except (OSError, ValueError):
        return None
    return portal.get("name") if isinstance(portal, dict) else None


def find_portal_faults(text: str) -> list[str]:
    """Say what is wrong with the text of a portal's file; nothing where it can be read back."""
    try:
        file = PortalFile.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as fault:
        return [str(fault)]
    return [f"{key}: {found}; {allowed}" for key, found, allowed, _ in find_channel_faults(file)]


def values_of(recipe: ListingRecipe | ArticleRecipe) -> dict[str, Any]:
    """Return what a recipe says that is not said anyway."""
    default = {field.name: field.default for field in fields(recipe)}
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(recipe).items()}
    return {name: value for name, value in values.items() if getattr(recipe, name) != default[name]}


def _render_facts(portal: Portal) -> _Lines:
    lines = [
        "[portal]",
        f"name = {_quote(portal.name)}",
        f"title = {_quote(portal.title)}",
        f"base_url = {_quote(portal.base_url)}",
        f"time_zone = {_quote(portal.time_zone)}",
        "# One of these must stand on every page. None of them: somebody else lives there, and nothing is published.",
        f"identity = {_render_value(portal.identity)}",
    ]
    if portal.overviews:
        pages = [_shorten(url, portal.base_url) for url in portal.overviews]
        lines += [
            "# Shows rows of several channels: one request watches them, and what is new there makes a channel due.",
            f"overviews = {_render_value(pages)}",
        ]
    if portal.hosts:
        lines.append(f"hosts = {_render_value(portal.hosts)}")
    if portal.tls != "strict":
        lines += ["# Its server speaks only old TLS.", f"tls = {_quote(portal.tls)}"]
    if portal.allow_private:
        lines += ["# It is on this machine or a private network.", "allow_private = true"]
    return lines


def _render_recipe(portal: Portal) -> _Lines:
    lines: _Lines = []
    shared, article = find_shared(portal.channels), portal.channels[0].recipe.article
    key = portal.channels[0].recipe.key
    if key:
        lines += [
            "",
            "[recipe]",
            "# An article's own id in its address: under two addresses it is one notice all the same.",
            f"key = {_render_value(key)}",
        ]
    if shared:
        lines += ["", "# How a list is read. Without this section: by what it looks like.", "[recipe.listing]"]
        lines += _render_values(shared)
    if article:
        lines += ["", "# How an article is read. Without this section: by what it looks like.", "[recipe.article]"]
        lines += _render_values(article)
    return lines


def _render_channel(portal: Portal, channel: Channel) -> _Lines:
    lines = [
        "[[channel]]",
        f"slug = {_quote(channel.slug)}",
        f"title = {_quote(channel.title)}",
        f"url = {_quote(_shorten(channel.url, portal.base_url))}",
    ]
    if channel.data_url:
        lines += ["# The page itself is a shell; its rows come from here.", f"data_url = {_quote(channel.data_url)}"]
    return lines


def _shorten(url: str, base: str) -> str:
    """Return an address without scheme and host where they are the portal's."""
    ours, theirs = urlsplit(base), urlsplit(url)
    same = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and not theirs.path.startswith("//")
    return url[len(f"{theirs.scheme}://{theirs.netloc}") :] or "/" if same else url


def _render_values(recipe: ListingRecipe | ArticleRecipe) -> _Lines:
    return [f"{name} = {_render_value(value)}" for name, value in values_of(recipe).items()]


def _render_value(value: str | Sequence[str]) -> str:
    return _quote(value) if isinstance(value, str) else f"[{', '.join(_quote(one) for one in value)}]"


def _quote(text: str) -> str:
    """Write a TOML string; expressions as they are, without doubled backslashes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
