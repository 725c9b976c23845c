"""Where an overview's links lead."""

from feeds.model import Channel, Fetched, Portal, Recipe, Verdict
from feeds.read.overview import OverviewLinks, read_overview

PORTAL = Portal(
    "songbei",
    "松北区人大",
    "http://songbei.example/",
    (Channel("songbei", "tzgg", "通知公告", "http://songbei.example/tzgg/", Recipe()),),
    identity=("松北区人大",),
)
HOME = """<html><head><title>松北区人大</title></head><body><h1>松北区人大常委会</h1><ul>
<li><a href="/info/2.html">关于召开第二次会议的公告</a></li><li><a href="info/1.html">关于召开第一次会议的公告</a>
<a href="/info/2.html"><img src="2.jpg"></a></li><li><a href="javascript:void(0)">更多</a></li></ul></body></html>"""


def _read(html: str, status: int = 200) -> OverviewLinks:
    return read_overview(Fetched("http://songbei.example/", status, html.encode(), {}), PORTAL)


def test_each_address_stands_once_in_the_order_of_the_page() -> None:
    assert _read(HOME).addresses == ("http://songbei.example/info/2.html", "http://songbei.example/info/1.html")


def test_a_page_of_somebody_else_shows_nothing() -> None:
    links = _read(HOME.replace("松北区人大", "彩票导航"))
    assert (links.addresses, links.verdict) == ((), Verdict.TAKEN_OVER)
    assert "松北区人大" in (links.problem or "")


def test_an_error_shows_nothing() -> None:
    assert _read(HOME, status=503).verdict is Verdict.FAILED


def test_a_page_that_scripts_fill_is_no_overview() -> None:
    assert _read(
        "<html><title>松北区人大</title><body><div id=app>松北区人大常委会门户网站首页</div></body></html>"
    ).problem
