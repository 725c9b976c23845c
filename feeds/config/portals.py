"""The shape of `portals/NAME.toml`, and the model's `Portal` made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Self
from urllib.parse import urljoin

from pydantic import Field, model_validator

from feeds.config.kinds import (
    NUMBER,
    Host,
    KeyPattern,
    LanguageTag,
    Pattern,
    PortalUrl,
    ProxyUrl,
    QuietHours,
    Selector,
    Slug,
    Text,
    ZoneName,
    find_nearest,
    read_quiet,
    refuse,
    split_url,
)
from feeds.config.settings import Section
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Politeness, Portal, Recipe

CrossFault = tuple[str, str, str, str | None]
"""Key, what was found, what is allowed, and the nearest right spelling, if any."""


class PolitenessFile(Section):
    """`[portal.politeness]`: what we allow ourselves at this portal."""

    connections: Annotated[int, Field(ge=1, le=16), NUMBER] = Field(
        2, description="connections at the same time, 1 to 16"
    )
    spacing_seconds: Annotated[float, Field(ge=0, le=3600), NUMBER] = Field(
        1.5, description="least seconds between the starts of two requests"
    )
    deadline_seconds: Annotated[float, Field(gt=0, le=600), NUMBER] = Field(
        30.0, description="seconds after which a whole fetch ends"
    )
    max_bytes: Annotated[int, Field(ge=1024, le=50_000_000), NUMBER] = Field(
        5_000_000, description="largest page that is read, in bytes"
    )


class PortalSection(Section):
    """`[portal]`: the site that is watched."""

    name: Slug = Field(description="name in addresses and commands: lower-case letters, digits, hyphens")
    title: Text = Field(description="name of the portal for people")
    base_url: PortalUrl = Field(description="address of the portal; channel addresses are relative to it")
    enabled: bool = Field(default=True, description="whether the portal is watched; false keeps the file as a preset")
    time_zone: ZoneName = Field("Asia/Shanghai", description="IANA zone in which the portal writes its times")
    language: LanguageTag = Field("zh-CN", description="language of the portal as a BCP 47 tag")
    identity: tuple[Text, ...] = Field((), description="strings of which at least one must be on every page")
    hosts: tuple[Host, ...] = Field((), description="further hosts (host or host:port) of the same portal")
    tls: Literal["strict", "legacy", "http"] = Field(
        "strict", description="strict, legacy (old ciphers) or http (no TLS)"
    )
    allow_private: bool = Field(default=False, description="whether loopback and private addresses may be fetched")
    overviews: tuple[Text, ...] = Field(
        (),
        description="pages that show what is new in several channels (home page, 最新), as addresses like a channel's",
    )
    budget: Annotated[float, Field(gt=0, le=100_000), NUMBER] | None = Field(
        None, description="list pages asked for in a day, where it differs from poll.budget"
    )
    robots: Literal["obey", "ignore"] = Field(
        "obey", description="obey the portal's robots.txt, or ignore it: a decision that is yours to answer for"
    )
    proxy: ProxyUrl | None = Field(
        None, description="HTTP proxy for this portal, http://host:port; without it the environment's, if any"
    )
    quiet: QuietHours | None = Field(None, description='hours of the portal in which it is left alone: "23:00-06:00"')
    files: bool = Field(
        default=True,
        description="whether copies of attachments and pictures are kept; false: those there are are deleted",
    )
    politeness: PolitenessFile = PolitenessFile()

    @model_validator(mode="after")
    def _check_tls(self) -> Self:
        if self.tls == "http" and self.base_url.startswith("https:"):
            raise refuse('tls = "strict" or "legacy" with an https base_url, "http" with an http one')
        return self


class ListingKeys(Section):
    """How list pages are read, all of it optional."""

    row: Selector | None = Field(None, description="CSS selector of one row")
    link: Selector | None = Field(None, description="CSS selector of the link inside the row")
    container: Selector | None = Field(None, description="CSS selector of the list itself")
    date: Selector | None = Field(None, description="CSS selector of the date inside the row")
    pinned: Pattern | None = Field(None, description="regular expression on the row's text that marks a pinned row")
    next_page: Selector | None = Field(None, description="CSS selector of the link to the older page")


class ListingOverride(ListingKeys):
    """`[channel.listing]`: single keys that a channel reads otherwise than its portal."""

    inherit: bool = Field(
        default=True,
        description="whether keys that are not named here are those of [recipe.listing]; false and nothing else: "
        "this channel's list is read without a recipe",
    )


class ListingSection(ListingKeys):
    """`[recipe.listing]`: how to read the portal's list pages."""

    row: Selector = Field(description="CSS selector of one row")


class ArticleKeys(Section):
    """How article pages are read, all of it optional."""

    title: Selector | None = Field(None, description="CSS selector of the title")
    body: Selector | None = Field(None, description="CSS selector of the body")
    meta: Selector | None = Field(None, description="CSS selector of the line with editor, source and time")
    attachments: Selector | None = Field(None, description="CSS selector of attachment links outside the body")
    strip: tuple[Selector, ...] = Field((), description="CSS selectors removed from the body before reading")


class ArticleOverride(ArticleKeys):
    """`[channel.article]`: single keys that a channel reads otherwise than its portal."""

    inherit: bool = Field(
        default=True,
        description="whether keys that are not named here are those of [recipe.article]; false and nothing else: "
        "this channel's articles are read without a recipe",
    )


class ArticleSection(ArticleKeys):
    """`[recipe.article]`: how to read the portal's article pages."""

    title: Selector = Field(description="CSS selector of the title")
    body: Selector = Field(description="CSS selector of the body")


class RecipeSection(Section):
    """`[recipe]`: how to read the portal."""

    key: tuple[KeyPattern, ...] = Field(
        (), description="regular expressions on an article's address; group 1 is its id"
    )
    listing: ListingSection | None = Field(
        None, description="how to read list pages; without it they are read by what they look like"
    )
    article: ArticleSection | None = Field(
        None, description="how to read article pages; without it they are read by what they look like"
    )


class ChannelSection(Section):
    """`[[channel]]`: one watched list."""

    slug: Slug = Field(description="name in addresses: lower-case letters, digits, hyphens; unique in the portal")
    title: Text = Field(description="name of the channel for people")
    url: Text = Field(description="address of its list page, absolute or relative to base_url")
    data_url: Text | None = Field(
        None, description="address that answers with the list's rows, where the list page is only a shell around them"
    )
    weight: Annotated[float, Field(ge=0.01, le=100), NUMBER] = Field(
        1.0, description="how much a minute of delay counts here, 0.01 to 100; 1 is a channel like any other"
    )
    listing: ListingOverride = Field(ListingOverride(), description="keys of [recipe.listing] that differ here")
    article: ArticleOverride = Field(ArticleOverride(), description="keys of [recipe.article] that differ here")


class PortalFile(Section):
    """One portal: where it is, how it is read, which of its lists are watched."""

    portal: PortalSection
    recipe: RecipeSection = Field(
        RecipeSection(), description="how to read the portal; without it pages are read by what they look like"
    )
    channel: tuple[ChannelSection, ...] = Field(min_length=1, description="at least one [[channel]]")


def make_portal(file: PortalFile) -> Portal:
    """The portal that a file describes, channels in file order with whole recipes."""
    facts = file.portal
    channels = tuple(
        Channel(
            portal=facts.name,
            slug=channel.slug,
            title=channel.title,
            url=urljoin(facts.base_url, channel.url),
            recipe=_merge_recipe(file.recipe, channel),
            data_url=urljoin(facts.base_url, channel.data_url) if channel.data_url else None,
            weight=channel.weight,
        )
        for channel in file.channel
    )
    return Portal(
        name=facts.name,
        title=facts.title,
        base_url=facts.base_url,
        channels=channels,
        time_zone=facts.time_zone,
        language=facts.language,
        hosts=facts.hosts,
        identity=facts.identity,
        tls=facts.tls,
        allow_private=facts.allow_private,
        overviews=tuple(urljoin(facts.base_url, each) for each in facts.overviews),
        budget=facts.budget,
        politeness=Politeness(**facts.politeness.model_dump()),
        robots=facts.robots,
        proxy=facts.proxy,
        quiet=read_quiet(facts.quiet) if facts.quiet else None,
        files=facts.files,
    )


def _merge_recipe(recipe: RecipeSection, channel: ChannelSection) -> Recipe:
    """The channel's own keys over the portal's; what neither says keeps the model's default, or means no recipe."""
    listing = _merge_sections(recipe.listing, channel.listing)
    article = _merge_sections(recipe.article, channel.article)
    return Recipe(
        listing=ListingRecipe(**listing) if listing else None,
        article=ArticleRecipe(**article) if article else None,
        key=recipe.key,
    )


def _merge_sections(section: Section | None, override: ListingOverride | ArticleOverride) -> dict[str, Any]:
    inherited = section.model_dump(exclude_unset=True) if section and override.inherit else {}
    return inherited | override.model_dump(exclude_unset=True, exclude={"inherit"})


def find_channel_faults(file: PortalFile) -> list[CrossFault]:
    """(key, found, allowed, nearest) of what is wrong between channels and portal: slugs, addresses, half recipes."""
    faults = list(_find_foreign(file.portal, "portal.overviews", file.portal.overviews))
    seen: set[str] = set()
    for number, channel in enumerate(file.channel, start=1):
        if channel.slug in seen:
            faults.append(
                (f"channel[{number}].slug", repr(channel.slug), "a slug that no other channel of the portal has", None)
            )
        seen.add(channel.slug)
        for name, url in (("url", channel.url), ("data_url", channel.data_url)):
            faults += _find_foreign(file.portal, f"channel.{channel.slug}.{name}", (url,) if url is not None else ())
        faults += _find_halves(file.recipe, channel)
    return faults


def _find_foreign(facts: PortalSection, key: str, urls: Sequence[str]) -> Iterator[CrossFault]:
    """Addresses on hosts that are not the portal's."""
    base = split_url(facts.base_url)
    hosts = ({base.netloc.lower()} if base else set()) | set(facts.hosts)
    for url in urls:
        parts = split_url(url) and split_url(urljoin(facts.base_url, url))
        host = parts.netloc.lower() if parts and parts.scheme in {"http", "https"} else ""
        if host not in hosts:
            allowed = f"an address on {', '.join(sorted(hosts))} (further hosts: portal.hosts)"
            yield key, repr(url), allowed, find_nearest(host, hosts)


def _find_halves(recipe: RecipeSection, channel: ChannelSection) -> Iterator[CrossFault]:
    """Keys that a channel's own recipe lacks, where the portal has none that it could be laid over."""
    halves: tuple[tuple[str, Section | None, ListingOverride | ArticleOverride, tuple[str, ...]], ...] = (
        ("listing", recipe.listing, channel.listing, ("row",)),
        ("article", recipe.article, channel.article, ("title", "body")),
    )
    for name, section, override, needed in halves:
        alone = "there is no" if section is None else "inherit is false, and there is no other"
        if (section is None or not override.inherit) and override.model_fields_set - {"inherit"}:
            for key in needed:
                if getattr(override, key) is None:
                    allowed = f"{type(override).model_fields[key].description}: {alone} [recipe.{name}] to take it from"
                    yield f"channel.{channel.slug}.{name}.{key}", "nothing", allowed, None
