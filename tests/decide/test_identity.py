"""Who is who, from addresses alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.identity import article_key, entry_urn, is_own_address, portal_hosts, public_id
from feeds.model import ArticleRecipe, Channel, ListingRecipe, Portal, Recipe

RECIPE = Recipe(ListingRecipe("tr"), ArticleRecipe("h1", "div"), key=(r"[?&]id=(\d+)", r"content_(\d+)"))
CHANNEL = Channel("city", "notices", "通知公告", "http://www.city.example/list.jsp?cid=13", RECIPE)
PORTAL = Portal("city", "某市", "http://www.city.example/", (CHANNEL,), hosts=("mirror.city.example:8080",))


@pytest.mark.parametrize(
    "url",
    [
        "http://www.city.example/info.jsp?id=104233",
        "https://www.city.example/info.jsp?id=104233",
        "http://mirror.city.example:8080/info.jsp?cid=13&id=104233",
        "http://WWW.CITY.EXAMPLE/info.jsp;jsessionid=AB12?id=104233#top",
    ],
)
def test_one_article_has_one_key_under_all_its_addresses(url: str) -> None:
    assert article_key(url, PORTAL) == "id:104233"


def test_an_address_no_pattern_knows_is_its_own_key_without_scheme_session_and_noise() -> None:
    first = article_key("http://www.city.example/a;jsessionid=9?b=2&a=1&utm_source=x", PORTAL)
    assert first == "/a?a=1&b=2"
    assert first == article_key("https://mirror.city.example:8080/a?a=1&b=2", PORTAL)
    assert article_key("http://www.city.example", PORTAL) == "/"


def test_a_very_long_address_fits_the_store_and_stays_unique() -> None:
    long = "http://www.city.example/a?" + "x" * 900
    keys = {article_key(long + tail, PORTAL) for tail in ("1", "2")}
    assert len(keys) == 2
    assert all(len(key) < 512 for key in keys)


def test_another_hosts_article_keeps_its_host_and_never_takes_a_local_id() -> None:
    assert article_key("http://www.npc.example/c2/t1.html?id=104233", PORTAL) == "npc.example/c2/t1.html?id=104233"


def test_only_the_portals_own_hosts_are_read() -> None:
    assert portal_hosts(PORTAL) == {"www.city.example", "mirror.city.example:8080"}
    assert is_own_address("https://www.city.example/x", PORTAL)
    assert not is_own_address("http://www.npc.example/x", PORTAL)
    assert not is_own_address("ftp://www.city.example/x", PORTAL)


@given(st.text(), st.text())
def test_public_ids_are_short_safe_and_stable(portal: str, key: str) -> None:
    made = public_id(portal, key)
    assert re.fullmatch(r"[a-z2-7]{13}", made)
    assert made == public_id(portal, key)


def test_ids_never_change_between_versions_of_the_program() -> None:
    """Subscribers' readers hold these: a changed namespace would show every entry as new."""
    assert public_id("harbin-renda", "id:104233") == public_id("harbin-renda", "id:104233")
    assert entry_urn("abc").startswith("urn:uuid:")
    assert entry_urn("abc") != entry_urn("abd")
