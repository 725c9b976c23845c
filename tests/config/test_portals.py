"""portals/*.toml become portals of the model, or every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.config import load_portals
from feeds.errors import ConfigError, Fault
from feeds.model import ListingRecipe, Politeness, Recipe

CONFIG = Path(__file__).parents[2] / "config" / "feeds.toml"

WHOLE = """
[portal]
name = "harbour"
title = "港口公告"
base_url = "http://www.harbour.example/site"
identity = ["港口公告"]
hosts = ["news.harbour.example:8080"]
tls = "http"

[portal.politeness]
connections = 1
spacing_seconds = 0.5

[recipe]
key = ['[?&]id=([0-9a-f]{32})', 'c(\\d+)\\.html']

[recipe.listing]
row = "table.list tr"
pinned = '置顶'

[recipe.article]
title = "h1"
body = "#body"
strip = [".share"]

[[channel]]
slug = "tzgg"
title = "通知公告"
url = "list.jsp?cid=1"

[[channel]]
slug = "news"
title = "新闻"
url = "http://news.harbour.example:8080/list"

[channel.listing]
row = "ul.news li"
date = "span"

[channel.article]
strip = [".counter"]
"""


def write(folder: Path, text: str, name: str = "harbour.toml") -> Path:
    (folder / "portals").mkdir(exist_ok=True)
    (folder / "portals" / name).write_text(text, encoding="utf-8")
    return folder / "feeds.toml"


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        load_portals(path)
    return caught.value.faults


def test_a_file_becomes_a_portal(tmp_path: Path) -> None:
    (portal,) = load_portals(write(tmp_path, WHOLE))
    assert (portal.name, portal.base_url, portal.time_zone) == (
        "harbour",
        "http://www.harbour.example/site/",
        "Asia/Shanghai",
    )
    assert portal.politeness == Politeness(connections=1, spacing_seconds=0.5)
    assert [channel.name for channel in portal.channels] == ["harbour/tzgg", "harbour/news"]


def test_channel_addresses_are_relative_to_the_base_url(tmp_path: Path) -> None:
    (portal,) = load_portals(write(tmp_path, WHOLE))
    assert [channel.url for channel in portal.channels] == [
        "http://www.harbour.example/site/list.jsp?cid=1",
        "http://news.harbour.example:8080/list",
    ]


def test_a_channel_overrides_single_keys_of_the_recipe(tmp_path: Path) -> None:
    (portal,) = load_portals(write(tmp_path, WHOLE))
    plain, other = (channel.recipe for channel in portal.channels)
    assert plain.listing
    assert plain.article
    assert other.listing
    assert other.article
    assert (plain.listing.row, plain.listing.date, plain.listing.pinned) == ("table.list tr", None, "置顶")
    assert (other.listing.row, other.listing.date, other.listing.pinned) == ("ul.news li", "span", "置顶")
    assert (plain.article.strip, other.article.strip) == ((".share",), (".counter",))
    assert plain.listing.link == other.listing.link == "a[href]"
    assert plain.key == other.key


BARE = """
[portal]
name = "harbour"
title = "港口公告"
base_url = "http://www.harbour.example/"
tls = "http"

[[channel]]
slug = "tzgg"
title = "通知公告"
url = "list.html"
data_url = "data/list.json"
"""


def test_a_portal_may_do_without_a_recipe(tmp_path: Path) -> None:
    (portal,) = load_portals(write(tmp_path, BARE))
    (channel,) = portal.channels
    assert channel.recipe == Recipe()
    assert channel.data_url == "http://www.harbour.example/data/list.json"


def test_a_channel_may_have_the_only_recipe(tmp_path: Path) -> None:
    (portal,) = load_portals(write(tmp_path, BARE + '[channel.listing]\nrow = "ul li"\n'))
    assert portal.channels[0].recipe == Recipe(listing=ListingRecipe(row="ul li"))


def test_half_a_recipe_with_nothing_to_lay_it_over_is_a_fault(tmp_path: Path) -> None:
    halves = '[channel.listing]\ndate = "span"\n[channel.article]\nstrip = [".share"]\n'
    assert [(fault.key, fault.allowed) for fault in faults_of(write(tmp_path, BARE + halves))] == [
        ("channel.tzgg.listing.row", "CSS selector of one row: there is no [recipe.listing] to take it from"),
        ("channel.tzgg.article.title", "CSS selector of the title: there is no [recipe.article] to take it from"),
        ("channel.tzgg.article.body", "CSS selector of the body: there is no [recipe.article] to take it from"),
    ]


def test_rows_come_from_the_portals_own_hosts(tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path, BARE.replace("data/list.json", "http://elsewhere.example/list.json")))
    assert fault.key == "channel.tzgg.data_url"


def test_a_folder_without_portals_is_empty(tmp_path: Path) -> None:
    assert load_portals(tmp_path / "feeds.toml") == ()


def test_portals_come_in_order_of_file_name(tmp_path: Path) -> None:
    write(tmp_path, WHOLE.replace('"harbour"', '"b"'), "2.toml")
    path = write(tmp_path, WHOLE.replace('"harbour"', '"a"'), "10.toml")
    assert [portal.name for portal in load_portals(path)] == ["a", "b"]


def test_a_portal_that_is_not_enabled_is_checked_and_not_watched(tmp_path: Path) -> None:
    asleep = WHOLE.replace('name = "harbour"', 'name = "harbour"\nenabled = false')
    assert load_portals(write(tmp_path, asleep)) == ()
    (fault,) = faults_of(write(tmp_path, asleep.replace("[recipe.listing]", "[recipe.lsting]", 1)))
    assert fault.key == "recipe.lsting"


def test_only_the_portal_of_the_demo_is_watched_unless_somebody_asks_for_more() -> None:
    """Whoever starts with the shipped files must not visit portals that nobody chose."""
    assert [portal.name for portal in load_portals(CONFIG)] == ["harbin-renda"]


@pytest.mark.parametrize("file", sorted((CONFIG.parent / "portals").glob("*.toml")), ids=lambda file: file.stem)
def test_a_shipped_portal_is_right_and_says_that_nobody_checked_it(file: Path, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    (portal,) = load_portals(write(tmp_path, text.replace("enabled = false", "enabled = true")))
    assert (portal.name, bool(portal.channels), bool(portal.identity)) == (file.stem, True, True)
    assert "UNVERIFIED" in text


def test_an_empty_file_names_everything_that_is_missing(tmp_path: Path) -> None:
    assert {fault.key: fault.found for fault in faults_of(write(tmp_path, ""))} == {
        "portal": "nothing",
        "channel": "nothing",
    }


def test_a_missing_key_says_what_belongs_there(tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path, WHOLE.replace('body = "#body"', "")))
    assert (fault.key, fault.allowed) == ("recipe.article.body", "CSS selector of the body")


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ('"harbour"', '"Harbour 1"', "portal.name", "lower-case letters"),
        ('"harbour"', '"all"', "portal.name", "reserved all, search, changes, archive"),
        ('"tzgg"', '"archive"', "channel[1].slug", "reserved"),
        ('"tzgg"', '"search"', "channel[1].slug", "reserved"),
        ('"tzgg"', '"changes"', "channel[1].slug", "reserved"),
        ('"tzgg"', '"people"', "channel[1].slug", "reserved"),
        ('"tzgg"', '"../x"', "channel[1].slug", "lower-case letters"),
        ('"news"\n', '"tzgg"\n', "channel[2].slug", "no other channel"),
        ('tls = "http"', 'tls = "htp"', "portal.tls", "one of strict, legacy, http"),
        ('base_url = "http://', 'base_url = "https://', "portal", "with an https base_url"),
        ('base_url = "http://www.harbour.example/site"', 'base_url = "www"', "portal.base_url", "an absolute address"),
        ('"news.harbour.example:8080"', '"http://news.harbour.example:8080/"', "portal.hosts[1]", "host or host:port"),
        ('"news.harbour.example:8080"', '"news:port"', "portal.hosts[1]", "host or host:port"),
        (
            'title = "港口公告"',
            'title = "港口公告"\ntime_zone = "Asia/Harbin!"',
            "portal.time_zone",
            "an IANA time zone",
        ),
        ("connections = 1", "connections = 0", "portal.politeness.connections", "greater than or equal to 1"),
        ('row = "table.list tr"', 'row = "table["', "recipe.listing.row", "a CSS selector"),
        ('row = "table.list tr"', 'row = ""', "recipe.listing.row", "a CSS selector"),
        ('strip = [".share"]', 'strip = [".share", "::"]', "recipe.article.strip[2]", "a CSS selector"),
        ("pinned = '置顶'", "pinned = '(置顶'", "recipe.listing.pinned", "a regular expression (this one: missing )"),
        ("pinned = '置顶'", "pinned = ''", "recipe.listing.pinned", "not empty"),
        ("c(\\d+)", "c\\d+", "recipe.key[2]", "a group around"),
        ('row = "ul.news li"', 'raw = "ul.news li"', "channel.news.listing.raw", "one of row, link"),
        ('url = "list.jsp?cid=1"', 'uri = "list.jsp?cid=1"', "channel.tzgg.url", "address of its list page"),
        ('url = "list.jsp?cid=1"', 'url = "http://else.example/"', "channel.tzgg.url", "an address on "),
        ('url = "list.jsp?cid=1"', 'url = "javascript:list()"', "channel.tzgg.url", "an address on "),
        ('url = "list.jsp?cid=1"', 'url = "http://[x/"', "channel.tzgg.url", "an address on "),
    ],
)
def test_a_value_that_cannot_work_is_refused(tmp_path: Path, old: str, new: str, key: str, allowed: str) -> None:
    assert old in WHOLE
    faults = {fault.key: fault.allowed for fault in faults_of(write(tmp_path, WHOLE.replace(old, new, 1)))}
    assert allowed in faults[key]


def test_a_misspelt_host_names_the_nearest(tmp_path: Path) -> None:
    text = WHOLE.replace("http://news.harbour.example:8080/list", "http://new.harbour.example:8080/list")
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.nearest == "news.harbour.example:8080"


def test_a_portal_without_a_channel_is_a_fault(tmp_path: Path) -> None:
    text = "channel = []\n" + WHOLE.split("[[channel]]", maxsplit=1)[0]
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.key == "channel"


def test_channels_written_as_something_else_are_a_fault(tmp_path: Path) -> None:
    text = "channel = ['tzgg']\n" + WHOLE.split("[[channel]]", maxsplit=1)[0]
    assert [fault.key for fault in faults_of(write(tmp_path, text))] == ["channel[1]"]


def test_two_portals_of_one_name_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path, WHOLE, "a.toml")
    (fault,) = faults_of(write(tmp_path, WHOLE, "b.toml"))
    assert (Path(fault.file).name, fault.key) == ("b.toml", "portal.name")
    assert "a.toml" in fault.allowed


def test_faults_of_several_files_come_together(tmp_path: Path) -> None:
    write(tmp_path, "[portal", "a.toml")
    path = write(tmp_path, WHOLE.replace('"tzgg"', '"all"'), "b.toml")
    assert [(Path(fault.file).name, fault.key) for fault in faults_of(path)] == [
        ("a.toml", "line 1, column end"),
        ("b.toml", "channel[1].slug"),
    ]
