"""Other recipes in a portal's file that people have edited: what did not break stays as it is, comments too.

The file is cut into sections, and only those that must change are written anew. What comes out is read back: a file
whose shape is not followed here (inline tables, dotted keys) is left to a person, with a sentence.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import tomlkit

from feeds.config.portals import ArticleOverride, ListingOverride, PortalFile, make_portal
from feeds.config.write import find_portal_faults, values_of
from feeds.errors import RewriteError
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Portal

_Recipe = ListingRecipe | ArticleRecipe
_Values = dict[str, Any]
_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([\w.-]+)[ \t]*\]\]?[ \t]*(?:#.*)?\r?\n?")
_SAID = re.compile(r"[ \t]*[^\s#]")
"""A line that is neither empty nor a comment."""


@dataclass
class _Part:
    """A part of the text: a section's header, its keys, and the lines before the next header, which belong to that."""

    name: str = ""
    header: str = ""
    keys: str = ""
    tail: str = ""


def rewrite_recipes(
    text: str, listings: Mapping[str, ListingRecipe | None], articles: Mapping[str, ArticleRecipe | None]
) -> str:
    """Return a portal's file with other recipes for some channels, by slug; None is: by what a page looks like.

    A recipe of the portal changes only where every channel that has nothing of its own gets another. The other channels
    are read as before. Raises RewriteError where that cannot be said without a person.
    """
    before = PortalFile.model_validate(tomllib.loads(text))
    channels = make_portal(before).channels
    listed = {one.slug: listings.get(one.slug, one.recipe.listing) for one in channels}
    read = {one.slug: articles.get(one.slug, one.recipe.article) for one in channels}
    parts = _split(text)
    try:
        _edit(parts, before, "listing", {one.slug: one.recipe.listing for one in channels}, listed)
        _edit(parts, before, "article", {one.slug: one.recipe.article for one in channels}, read)
        after = "".join(part.header + part.keys + part.tail for part in parts)
        wanted = [(listed[one.slug], read[one.slug]) for one in channels]
        if find_portal_faults(after) or _recipes(after) != wanted or _rest(after) != _rest(text):
            raise RewriteError
    except (ValueError, LookupError):
        raise RewriteError from None
    return after.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else after


def _recipes(text: str) -> list[tuple[ListingRecipe | None, ArticleRecipe | None]]:
    channels = make_portal(PortalFile.model_validate(tomllib.loads(text))).channels
    return [(one.recipe.listing, one.recipe.article) for one in channels]


def _rest(text: str) -> Portal:
    """Return what a file says of its portal besides recipes for lists and articles."""
    portal = make_portal(PortalFile.model_validate(tomllib.loads(text)))
    return replace(portal, channels=tuple(_strip(channel) for channel in portal.channels))


def _strip(channel: Channel) -> Channel:
    return replace(channel, recipe=replace(channel.recipe, listing=None, article=None))


def _edit(
    parts: list[_Part],
    before: PortalFile,
    kind: str,
    had: Mapping[str, _Recipe | None],
    wanted: Mapping[str, _Recipe | None],
) -> None:
    """Change the sections of one kind, `listing` or `article`, so that every channel has the recipe that is wanted."""
    if wanted == had:
        return
    section = getattr(before.recipe, kind)
    shared: _Values | None = None if section is None else section.model_dump(exclude_unset=True)
    own = {channel.slug: _own_values(getattr(channel, kind)) for channel in before.channel}
    followers = [slug for slug, values in own.items() if not values]
    if followers and all(wanted[slug] != had[slug] for slug in followers):
        recipe = Counter(wanted[slug] for slug in followers).most_common(1)[0][0]
        shared = None if recipe is None else values_of(recipe)
        _put(parts, f"recipe.{kind}", shared, _find(parts, "channel", 1) - 1)
    for number, (slug, values) in enumerate(own.items(), start=1):
        inherited = shared or {} if values.get("inherit", True) else {}
        recipe = wanted[slug]
        target = None if recipe is None else values_of(recipe)
        given = {key: value for key, value in {**inherited, **values}.items() if key != "inherit"} or None
        if _plain(given) != _plain(target):
            place = _find(parts, "channel", number)
            _put(parts, f"channel.{kind}", _lay_over(shared, target), place, inside=True)


def _own_values(section: ListingOverride | ArticleOverride) -> _Values:
    return section.model_dump(exclude_unset=True)


def _plain(values: _Values | None) -> _Values | None:
    """Return values as they are compared: lists, and nothing that is said by saying nothing."""
    if values is None:
        return None
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    return {key: value for key, value in plain.items() if value != [] and (key, value) != ("link", "a[href]")}


def _lay_over(shared: _Values | None, target: _Values | None) -> _Values:
    """Return what a channel must say of its own to be read by `target`, over what its portal says."""
    if target is None:
        return {} if shared is None else {"inherit": False}
    if set(_plain(shared) or {}) - set(target):
        return {"inherit": False, **target}
    known = _plain(shared) or {}
    return {key: value for key, value in target.items() if known.get(key) != value}


def _split(text: str) -> list[_Part]:
    """Cut a file into parts that make it up again."""
    parts = [_Part()]
    for line in text.splitlines(keepends=True):
        if header := _HEADER.fullmatch(line):
            parts.append(_Part(header[1], line))
        elif _SAID.match(line):
            parts[-1].keys += parts[-1].tail + line
            parts[-1].tail = ""
        else:
            parts[-1].tail += line
    return parts


def _find(parts: list[_Part], name: str, number: int) -> int:
    """Return the place of the n-th section of a name. Raises LookupError."""
    return [place for place, part in enumerate(parts) if part.name == name][number - 1]


def _inside(parts: list[_Part], place: int) -> Iterator[int]:
    """Return the places of the sections that belong to the channel at a place."""
    for inner in range(place + 1, len(parts)):
        if not parts[inner].name.startswith("channel."):
            return
        yield inner


def _put(parts: list[_Part], name: str, values: _Values | None, place: int, *, inside: bool = False) -> None:
    """Give a section other values, or remove it where it has none; a new one comes behind the section at `place`."""
    last = max(_inside(parts, place), default=place) if inside else place
    among = range(place + 1, last + 1) if inside else range(1, len(parts))
    found = next((one for one in among if parts[one].name == name), None)
    if not values:
        if found is not None:
            parts[found - 1].tail += parts.pop(found).tail
        return
    if found is None:
        before, found = parts[last], last + 1
        before.keys += "" if before.keys.endswith("\n") or not before.keys else "\n"
        parts.insert(found, _Part(name, f"\n[{name}]\n", "", before.tail))
        before.tail = ""
    parts[found].keys = _edit_keys(parts[found].keys, values)


def _edit_keys(text: str, values: _Values) -> str:
    """Change the keys that differ, so that comments beside the others stay."""
    section = tomlkit.parse(text.replace("\r\n", "\n"))
    for key in set(section) - set(values):
        del section[key]
    for key, value in values.items():
        if section.get(key) != value:
            section[key] = value
    written = tomlkit.dumps(section)
    return written if written.endswith("\n") else f"{written}\n"
