"""What a home page says of its portal."""

from __future__ import annotations

import pytest

from feeds.read.dom import parse_page
from feeds.read.propose_portal import choose_identity, find_identity, find_title, find_zone


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>某市港务事务中心</title>", "某市港务事务中心"),
        ("<title>首页 - 某市港务事务中心</title>", "某市港务事务中心"),
        ("<title>某市港务事务中心_网站首页</title>", "某市港务事务中心"),
        ("<title>某市港务事务中心-某市港务事务中心</title>", "某市港务事务中心"),
        ("<title>欢迎访问某市港务事务中心网站</title>", "某市港务事务中心网站"),
        ("<title>某市港务-港航信息网</title>", "某市港务-港航信息网"),
        ("<title>首页</title>", ""),
        ('<meta name="SiteName" content="某市港务局"><title>港务</title>', "某市港务局"),
        ('<meta name="SiteName" content="网站名称"><title>港务</title>', "港务"),
        ("", ""),
    ],
)
def test_the_portals_name_is_its_title_without_greetings(head: str, title: str) -> None:
    assert find_title(parse_page(f"<head>{head}</head><body>x")) == title


@pytest.mark.parametrize(
    ("url", "zone"),
    [
        ("http://www.harbour.gov.cn/", "Asia/Shanghai"),
        ("http://www.harbour.gov.tw/", "Asia/Taipei"),
        ("http://www.harbour.gov.hk/", "Asia/Hong_Kong"),
        ("http://127.0.0.1/", "Asia/Shanghai"),
    ],
)
def test_the_zone_is_that_of_the_address(url: str, zone: str) -> None:
    assert find_zone(url) == zone


def test_owner_and_registration_numbers_prove_whose_a_page_is() -> None:
    page = parse_page(
        '<meta name="SiteIDCode" content="0000000001"><meta name="SiteIDCode" content="政府网站标识码">'
        "<body><p>正文</p>"
        "<div>主办单位：某市港务事务中心</div><div>某市航道站　版权所有</div><div>测ICP备00000001号-1</div>"
        "<div>测公网安备00000000000001号</div>"
    )
    assert find_identity(page, "港务在线") == (
        "某市港务事务中心",
        "某市航道站",
        "测ICP备00000001号-1",
        "测公网安备00000000000001号",
        "0000000001",
        "港务在线",
    )
    assert find_identity(parse_page(""), "港务") == ()


def test_identity_is_what_stands_on_every_page() -> None:
    """White space and width differ from page to page."""
    pages = [
        "某市港务中心 测ICP备00000001号 甲",
        "某市 港务中心 测ＩＣＰ备00000001号 甲",
        "某市港务中心 测ICP备00000001号",
    ]
    assert choose_identity(["甲", "某市港务中心", "乙", "测ICP备00000001号"], pages) == (
        "某市港务中心",
        "测ICP备00000001号",
        "甲",
    )
    assert choose_identity(["甲"], pages) == ()
