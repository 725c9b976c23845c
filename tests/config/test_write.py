"""Portal files that are written: read back as they were meant, and kept as people edited them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.config import load_portals
from feeds.config.rewrite import rewrite_recipes
from feeds.config.write import find_portal_faults, find_portal_file, render_portal
from feeds.errors import RewriteError
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Portal, Recipe

LISTING = ListingRecipe(row="li", container="ul.list", date="span.day", pinned=r"\[置顶\]")
OTHER = ListingRecipe(row="tr", link="a[title]")
ARTICLE = ArticleRecipe(title="h1", body="div.text", strip=(".share", ".counter"))
KEY = (r"/t\d{8}_(\d+)\.",)


def make_portal(*listings: ListingRecipe | None, article: ArticleRecipe | None = ARTICLE) -> Portal:
    channels = tuple(
        Channel("harbour", f"c{n}", f"栏目“{n}”", f"http://www.harbour.example/{n}/?a=1", Recipe(listing, article, KEY))
        for n, listing in enumerate(listings)
    )
    return Portal("harbour", '港口"公告"', "http://www.harbour.example/", channels, identity=("港口公告", "测ICP备1号"))


def read_back(folder: Path, text: str) -> Portal:
    assert find_portal_faults(text) == []
    (folder / "portals").mkdir(exist_ok=True)
    (folder / "portals" / "harbour.toml").write_text(text, encoding="utf-8")
    (portal,) = load_portals(folder / "feeds.toml")
    return portal


@pytest.mark.parametrize(
    "portal",
    [
        make_portal(LISTING, LISTING),
        make_portal(LISTING, OTHER, None),
        make_portal(None, None, article=None),
        make_portal(None, LISTING, article=None),
    ],
)
def test_what_is_written_is_what_was_meant(tmp_path: Path, portal: Portal) -> None:
    assert read_back(tmp_path, render_portal(portal, "feeds add URL", {}, ())) == portal


def test_a_file_says_what_is_out_of_the_ordinary(tmp_path: Path) -> None:
    channel = Channel(
        "harbour", "news", "新闻", "https://news.harbour.example/", Recipe(), "https://news.harbour.example/j"
    )
    portal = Portal(
        "harbour",
        "港口",
        "https://www.harbour.example/site/",
        (channel,),
        hosts=("news.harbour.example",),
        tls="legacy",
        allow_private=True,
    )
    text = render_portal(portal, "feeds add URL", {"news": ["12 rows", "? no older page"]}, ["a note"])
    assert read_back(tmp_path, text) == portal
    for line in ("# a note", "# 12 rows", "# ? no older page", "# Its server speaks only old TLS."):
        assert line in text.splitlines()


def test_expressions_are_written_without_doubled_backslashes() -> None:
    assert r"key = ['/t\d{8}_(\d+)\.']" in render_portal(make_portal(LISTING), "feeds add URL", {}, ())


def test_what_cannot_be_read_back_is_told() -> None:
    assert find_portal_faults("[portal") != []
    assert find_portal_faults("[portal]\nname = 1") != []
    text = render_portal(make_portal(LISTING, LISTING), "feeds add URL", {}, ()).replace('"c1"', '"c0"')
    assert find_portal_faults(text) == ["channel[2].slug: 'c0'; a slug that no other channel of the portal has"]


def test_a_portal_is_found_in_the_file_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[portal", encoding="utf-8")
    (tmp_path / "other.toml").write_text('[portal]\nname = "harbour"\n', encoding="utf-8")
    (tmp_path / "odd.toml").write_text("portal = 1\n", encoding="utf-8")
    assert find_portal_file(tmp_path, "harbour") == tmp_path / "other.toml"
    assert find_portal_file(tmp_path, "broken") == tmp_path / "broken.toml"
    assert find_portal_file(tmp_path, "nobody") is None
    (tmp_path / "harbour.toml").write_text('[portal]\nname = "elsewhere"\n', encoding="utf-8")
    assert find_portal_file(tmp_path, "harbour") == tmp_path / "other.toml"


EDITED = """# 我们的门户
[portal]
name = "harbour"
title = "港口公告"
base_url = "http://www.harbour.example/"
identity = ["港口公告"] # 页脚

[recipe]
key = ['id=(\\d+)'] # 编号

[recipe.listing]
row = "table tr" # 每行一条
date = "td.day"

[recipe.article]
title = "h1"
body = "#old" # 正文

[[channel]]
slug = "tzgg" # 通知
title = "通知公告"
url = "tzgg/"

[[channel]]
slug = "news"
title = "新闻"
url = "news/"

[channel.listing]
date = "em"

[channel.article]
strip = [".ad"]
"""


def test_one_new_recipe_for_all_replaces_the_old_and_keeps_every_comment(tmp_path: Path) -> None:
    text = rewrite_recipes(EDITED, {"tzgg": LISTING, "news": LISTING}, {})
    portal = read_back(tmp_path, text)
    assert [channel.recipe.listing for channel in portal.channels] == [LISTING, LISTING]
    assert portal.channels[0].recipe.article == ArticleRecipe(title="h1", body="#old")
    for comment in ("# 我们的门户", "# 页脚", "# 编号", "# 正文", "# 通知"):
        assert comment in text


def test_channels_that_differ_get_recipes_of_their_own(tmp_path: Path) -> None:
    portal = read_back(tmp_path, rewrite_recipes(EDITED, {"tzgg": LISTING, "news": None}, {}))
    assert [channel.recipe.listing for channel in portal.channels] == [LISTING, None]


def test_no_recipe_is_a_repair_too(tmp_path: Path) -> None:
    text = rewrite_recipes(EDITED, {"tzgg": None, "news": None}, {"tzgg": None, "news": None})
    assert [channel.recipe for channel in read_back(tmp_path, text).channels] == [Recipe(key=(r"id=(\d+)",))] * 2
    assert "# 编号" in text


def test_an_article_recipe_is_replaced_in_its_place(tmp_path: Path) -> None:
    unchanged = {"tzgg": ListingRecipe(row="table tr", date="td.day"), "news": ListingRecipe(row="table tr", date="em")}
    text = rewrite_recipes(EDITED, unchanged, {"tzgg": ARTICLE, "news": ARTICLE})
    assert "# 每行一条" in text
    assert {channel.recipe.article for channel in read_back(tmp_path, text).channels} == {ARTICLE}
    assert [channel.recipe.listing for channel in read_back(tmp_path, text).channels] == [*unchanged.values()]


def test_a_file_without_any_recipe_gets_its_first(tmp_path: Path) -> None:
    bare = render_portal(make_portal(None, None, article=None), "feeds add URL", {}, ()).replace("[recipe]", "")
    bare = "\n".join(line for line in bare.splitlines() if not line.startswith("key = "))
    portal = read_back(tmp_path, rewrite_recipes(bare, {"c0": LISTING, "c1": LISTING}, {"c0": ARTICLE, "c1": ARTICLE}))
    assert {channel.recipe for channel in portal.channels} == {Recipe(LISTING, ARTICLE)}
    untouched = rewrite_recipes(bare, {"c0": None, "c1": None}, {"c0": None, "c1": None})
    assert {channel.recipe for channel in read_back(tmp_path, untouched).channels} == {Recipe()}


def test_only_the_channel_that_broke_changes(tmp_path: Path) -> None:
    """One list of many was rebuilt: the portal's recipe, its comments and the other channels stay as they were."""
    more = "".join(
        f'\n# 栏目{n}\n[[channel]]\nslug = "c{n}" # 第{n}个\ntitle = "栏目{n}"\nurl = "{n}/"\n' for n in range(9)
    )
    text = rewrite_recipes(EDITED + more, {"c4": OTHER}, {})
    added = [line for line in text.splitlines() if line not in (EDITED + more).splitlines()]
    assert added == ["inherit = false", 'row = "tr"', 'link = "a[title]"']
    assert all(line in text.splitlines() for line in (EDITED + more).splitlines())
    assert text.index("# 第4个") < text.index("inherit = false") < text.index("# 栏目5")
    recipes = {channel.slug: channel.recipe.listing for channel in read_back(tmp_path, text).channels}
    assert recipes.pop("c4") == OTHER
    assert recipes.pop("news") == ListingRecipe(row="table tr", date="em")
    assert set(recipes.values()) == {ListingRecipe(row="table tr", date="td.day")}


def test_one_channel_is_read_without_the_recipe_of_its_portal(tmp_path: Path) -> None:
    text = rewrite_recipes(EDITED, {"news": None}, {"news": None})
    assert [channel.recipe.listing for channel in read_back(tmp_path, text).channels] == [
        ListingRecipe(row="table tr", date="td.day"),
        None,
    ]
    assert [channel.recipe.article for channel in read_back(tmp_path, text).channels] == [
        ArticleRecipe(title="h1", body="#old"),
        None,
    ]
    assert text.count("inherit = false") == 2


def test_keys_of_a_channels_own_outlive_a_new_recipe_of_the_portal(tmp_path: Path) -> None:
    """They did not break: the channel is read as before, whatever the others are read by now."""
    own = EDITED.replace('date = "em"', 'date = "em" # 斜体')
    text = rewrite_recipes(own, {"tzgg": LISTING}, {"tzgg": ARTICLE})
    before, after = read_back(tmp_path, own), read_back(tmp_path, text)
    assert after.channels[0].recipe.listing == LISTING
    assert after.channels[0].recipe.article == ARTICLE
    assert after.channels[1].recipe == before.channels[1].recipe
    assert "# 斜体" in text
    assert "# 每行一条" in text


def test_lines_end_as_they_did(tmp_path: Path) -> None:
    text = rewrite_recipes(EDITED.replace("\n", "\r\n"), {"tzgg": OTHER, "news": None}, {})
    assert text.count("\n") == text.count("\r\n")


INLINE = """channel = [{slug = "a", title = "甲", url = "a/"}, {slug = "b", title = "乙", url = "b/"}]
[portal]"""
DOTTED = """[[channel]]
slug = "a"
title = "甲"
url = "a/"
listing.date = "em"

[[channel]]
slug = "b"
title = "乙"
url = "b/"
listing = {date = "b"}

[portal]"""


@pytest.mark.parametrize("channels", [INLINE, DOTTED])
def test_a_file_of_another_shape_is_left_to_a_person(channels: str) -> None:
    text = EDITED[: EDITED.index("[[channel]]")].replace("[portal]", channels)
    with pytest.raises(RewriteError, match="by hand"):
        rewrite_recipes(text, {"a": LISTING, "b": OTHER}, {})


def test_a_recipe_that_is_not_inherited_must_be_whole() -> None:
    text = rewrite_recipes(EDITED, {"news": OTHER}, {}).replace('row = "tr"\n', "")
    (fault,) = find_portal_faults(text)
    assert "channel.news.listing.row" in fault
    assert "inherit is false" in fault
