"""What a subscriber wishes, in words that name the feeds as the portals do."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.model import Portal, Wish
from feeds.render.wishes import describe_wish, list_words


def name_wish(portals: Mapping[str, Portal], wish: Wish) -> list[str]:
    """Say in words what a subscription wants, without the subscriber's own words."""
    return describe_wish(wish, [_name_feed(portals, feed) for feed in wish.feeds])


def say_why(portals: Mapping[str, Portal], wish: Wish) -> str:
    """Say which subscription a mail comes from, its words included: the address was confirmed by then."""
    return " · ".join([*name_wish(portals, wish), *list_words(wish)])


def _name_feed(portals: Mapping[str, Portal], feed: str) -> str:
    """Return a feed's name for people."""
    if feed == "all":
        return "全部 · everything"
    name, _, slug = feed.partition("/")
    portal = portals.get(name)
    if portal is None:
        return feed
    channel = next((channel.title for channel in portal.channels if channel.slug == slug), slug)
    return f"{portal.title} · {channel}" if slug else portal.title
