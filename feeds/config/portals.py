"""The shape of `portals/NAME.toml`, and the model's `Portal` made of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urljoin

from pydantic import Field, model_validator

from feeds.config.kinds import (
    NUMBER,
    Host,
    KeyPattern,
    LanguageTag,
    Pattern,
    PortalUrl,
    Selector,
    Slug,
    Text,
    ZoneName,
    find_nearest,
    refuse,
    split_url,
)
from feeds.config.settings import Section
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Politeness, Portal, Recipe


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
    time_zone: ZoneName = Field("Asia/Shanghai", description="IANA zone in which the portal writes its times")
    language: LanguageTag = Field("zh-CN", description="language of the portal as a BCP 47 tag")
    identity: tuple[Text, ...] = Field((), description="strings of which at least one must be on every page")
    hosts: tuple[Host, ...] = Field((), description="further hosts (host or host:port) of the same portal")
    tls: Literal["strict", "legacy", "http"] = Field(
        "strict", description="strict, legacy (old ciphers) or http (no TLS)"
    )
    allow_private: bool = Field(default=False, description="whether loopback and private addresses may be fetched")
    politeness: PolitenessFile = PolitenessFile()

    @model_validator(mode="after")
    def _check_tls(self) -> Self:
        if self.tls == "http" and self.base_url.startswith("https:"):
            raise refuse('tls = "strict" or "legacy" with an https base_url, "http" with an http one')
        return self


class ListingOverride(Section):
    """`[channel.listing]`: single keys that a channel reads otherwise than its portal."""

    row: Selector | None = Field(None, description="CSS selector of one row")
    link: Selector | None = Field(None, description="CSS selector of the link inside the row")
    container: Selector | None = Field(None, description="CSS selector of the list itself")
    date: Selector | None = Field(None, description="CSS selector of the date inside the row")
    pinned: Pattern | None = Field(None, description="regular expression on the row's text that marks a pinned row")
    next_page: Selector | None = Field(None, description="CSS selector of the link to the older page")


class ListingSection(ListingOverride):
    """`[recipe.listing]`: how to read the portal's list pages."""

    row: Selector = Field(description="CSS selector of one row")


class ArticleOverride(Section):
    """`[channel.article]`: single keys that a channel reads otherwise than its portal."""

    title: Selector | None = Field(None, description="CSS selector of the title")
    body: Selector | None = Field(None, description="CSS selector of the body")
    meta: Selector | None = Field(None, description="CSS selector of the line with editor, source and time")
    attachments: Selector | None = Field(None, description="CSS selector of attachment links outside the body")
    strip: tuple[Selector, ...] = Field((), description="CSS selectors removed from the body before reading")


class ArticleSection(ArticleOverride):
    """`[recipe.article]`: how to read the portal's article pages."""

    title: Selector = Field(description="CSS selector of the title")
    body: Selector = Field(description="CSS selector of the body")


class RecipeSection(Section):
    """`[recipe]`: how to read the portal."""

    key: tuple[KeyPattern, ...] = Field(
        (), description="regular expressions on an article's address; group 1 is its id"
    )
    listing: ListingSection
    article: ArticleSection


class ChannelSection(Section):
    """`[[channel]]`: one watched list."""

    slug: Slug = Field(description="name in addresses: lower-case letters, digits, hyphens; unique in the portal")
    title: Text = Field(description="name of the channel for people")
    url: Text = Field(description="address of its list page, absolute or relative to base_url")
    listing: ListingOverride = ListingOverride()
    article: ArticleOverride = ArticleOverride()


class PortalFile(Section):
    """One portal: where it is, how it is read, which of its lists are watched."""

    portal: PortalSection
    recipe: RecipeSection
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
        politeness=Politeness(**facts.politeness.model_dump()),
    )


def _merge_recipe(recipe: RecipeSection, channel: ChannelSection) -> Recipe:
    """The channel's own keys over the portal's; what neither says keeps the model's default."""
    listing = recipe.listing.model_dump(exclude_unset=True) | channel.listing.model_dump(exclude_unset=True)
    article = recipe.article.model_dump(exclude_unset=True) | channel.article.model_dump(exclude_unset=True)
    return Recipe(listing=ListingRecipe(**listing), article=ArticleRecipe(**article), key=recipe.key)


def find_channel_faults(file: PortalFile) -> list[tuple[str, str, str, str | None]]:
    """(key, found, allowed, nearest) of what is wrong between channels: slugs twice, addresses on other hosts."""
    faults: list[tuple[str, str, str, str | None]] = []
    facts = file.portal
    base = split_url(facts.base_url)
    hosts = ({base.netloc.lower()} if base else set()) | set(facts.hosts)
    seen: set[str] = set()
    for number, channel in enumerate(file.channel, start=1):
        if channel.slug in seen:
            faults.append(
                (f"channel[{number}].slug", repr(channel.slug), "a slug that no other channel of the portal has", None)
            )
        seen.add(channel.slug)
        parts = split_url(channel.url) and split_url(urljoin(facts.base_url, channel.url))
        host = parts.netloc.lower() if parts and parts.scheme in {"http", "https"} else ""
        if host not in hosts:
            allowed = f"an address on {', '.join(sorted(hosts))} (further hosts: portal.hosts)"
            faults.append((f"channel.{channel.slug}.url", repr(channel.url), allowed, find_nearest(host, hosts)))
    return faults
