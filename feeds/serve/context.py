"""What the pages are given by whoever starts them, and the way to it from a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import jinja2
from starlette.requests import Request

from feeds.config import Settings
from feeds.decide.tokens import Keyring
from feeds.facts import Search
from feeds.model import Channel, Portal, Schedule
from feeds.serve.addresses import Addresses
from feeds.serve.almanac import Almanac
from feeds.serve.desk import SearchDesk
from feeds.serve.gate import Gate
from feeds.serve.languages import CHINESE, ENGLISH, LANGUAGES
from feeds.serve.lines import Lines
from feeds.serve.meter import Meter
from feeds.serve.standing import Standing
from feeds.store.engine import Database
from feeds.store.feeds import CHANGES, PEOPLE, RULES
from feeds.store.vault import Vault


@dataclass(frozen=True)
class ServeContext:
    """Everything that pages need: ready objects only, nothing to be opened or closed here."""

    database: Database
    settings: Settings
    portals: tuple[Portal, ...]
    keyring: Keyring
    templates: jinja2.Environment
    """Loads `pages/...` of feeds/text, with autoescape on for them."""
    clock: Callable[[], datetime]
    health: Callable[[], Mapping[str, object]]
    """Facts about this process, for the operator; a `problem` among them makes it not ready."""
    search_feed: Callable[[Search, str], Awaitable[Mapping[str, bytes]]]
    """Renders the feed of a search in a format: a document by the suffix of each variant, the plain one without."""
    random: Callable[[], float]
    """Chances in [0, 1)."""
    documents: Callable[[], Standing | None] = lambda: None
    """How the feed files stand to what is published, where they are copies. None: they are what is published."""
    lines: Lines = field(default_factory=Lines)
    desk: SearchDesk = field(default_factory=SearchDesk)
    gate: Gate = field(default_factory=Gate)
    api_desk: SearchDesk = field(default_factory=SearchDesk)
    """Answers of the API wait and are kept apart from searches of people."""
    meter: Meter = field(default_factory=Meter)
    almanac: Almanac = field(default_factory=Almanac)

    @property
    def at(self) -> Addresses:
        """The addresses of this site."""
        return Addresses(self.settings.site.base_url)

    @property
    def vault(self) -> Vault:
        """Where the copies of files lie."""
        return Vault(self.settings.files.dir)

    @property
    def usual(self) -> Schedule:
        """When digests go out to who chose no hour."""
        return self.settings.alerts.find_usual(self.settings.site)

    def find_portal(self, name: str) -> Portal | None:
        """The configured portal of that name."""
        return next((portal for portal in self.portals if portal.name == name), None)

    def find_zone(self, portal: str) -> str:
        """The zone in which the times of a portal are shown: its own, or the site's where there is no such portal."""
        found = self.find_portal(portal)
        return found.time_zone if found else self.settings.site.time_zone

    def find_channel(self, name: str) -> Channel | None:
        """The configured channel `PORTAL/SLUG`."""
        return next((channel for channel in self.list_channels() if channel.name == name), None)

    def list_channels(self) -> Iterator[Channel]:
        """All configured channels, in order."""
        for portal in self.portals:
            yield from portal.channels

    def list_feeds(self, language: str = CHINESE) -> dict[str, str]:
        """Every feed of notices by name, with its title: `all`, portals, channels, in the order of pages.

        `language` is that of our own words; names of portals and channels stay as they are.
        """
        feeds = {"all": "All notices" if language == ENGLISH else "全部公告"}
        for portal in self.portals:
            feeds[portal.name] = portal.title
            feeds |= {channel.name: f"{portal.title} · {channel.title}" for channel in portal.channels}
        return feeds

    def list_titles(self, language: str = CHINESE) -> dict[str, str]:
        """Every feed name with its title as `list_feeds` has it, those included that nobody is mailed of."""
        aside = {CHANGES: ("修改与撤下", "Edits"), PEOPLE: ("任免", "People in office"), RULES: ("法规", "Rules")}
        own = {slug: words[LANGUAGES.index(language)] for slug, words in aside.items()}
        beside = {f"{one.name}/{slug}": f"{one.title} · {title}" for one in self.portals for slug, title in own.items()}
        return self.list_feeds(language) | beside


def context_of(request: Request) -> ServeContext:
    """The context of the application that a request came to."""
    context: ServeContext = request.app.state.context
    return context
