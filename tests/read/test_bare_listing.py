"""List pages without a recipe: one invented page for each shape that portals give their lists."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from feeds.model import Item, Listing, Verdict
from feeds.read.bare import read_bare_listing

URL = "http://portal.test/xw/tzgg/index.html"
TITLES = [
    "关于召开某某市第九次代表会议的通知",
    "某某市人民政府办公室关于做好防汛工作的意见",
    "我市举行春季植树活动",
    "某某市城市管理条例（草案）公开征求意见",
    "喜讯",
    "市长甲某某主持召开常务会议研究部署下一阶段重点工作",
    "关于公布年度考核结果的公告",
    "某某区三项措施推进老旧小区改造",
]
DAYS = ["2026-09-15", "2026-09-14", "2026-09-10", "2026-08-31", "2026-08-02", "2026-07-20", "2026-07-01", "2026-06-18"]
MENU = "".join(f"<li><a href='/m{n}/index.html'>栏目名称{n}</a></li>" for n in range(1, 12))
HEAD = f"<html><head><title>通知公告-某某市门户网站</title></head><body><div><ul>{MENU}</ul></div>"
FOOT = "<div><p>版权所有：某某市某某局 地址：某某路1号 <a href='/map.html'>网站地图</a></p></div></body></html>"


def address(number: int) -> str:
    return f"http://portal.test/xw/tzgg/{number + 101}.html"


def rows(form: str, count: int = 8, start: int = 0) -> str:
    """Rows of a list: `form` has {href}, {title}, {day}, {md}, {d} and {ym}, {m}."""
    return "".join(
        form.format(
            href=f"{number + 101}.html",
            title=TITLES[number],
            cut=TITLES[number][:9] + "...",
            day=DAYS[number],
            md=DAYS[number][5:],
            d=DAYS[number][8:],
            m=DAYS[number][5:7],
            ym=DAYS[number][:7],
        )
        for number in range(start, start + count)
    )


def read(inside: str, url: str = URL) -> Listing:
    return read_bare_listing(f"{HEAD}{inside}{FOOT}".encode(), url)


def day_of(item: Item) -> str | None:
    return item.published.at.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() if item.published else None


def told(listing: Listing) -> list[tuple[str, str, str | None]]:
    return [(item.url, item.title, day_of(item)) for item in listing.items]


WHOLE = [(address(number), TITLES[number], DAYS[number]) for number in range(8)]

LISTS = {
    "li": f"<ul>{rows('<li><a href={href}>{title}</a><span>{day}</span></li>')}</ul>",
    "date before the link": f"<ul>{rows('<li><span>[{day}]</span><a href={href}>{title}</a></li>')}</ul>",
    "tr": f"<table>{rows('<tr><td>·</td><td><a href={href}>{title}</a></td><td>{day}</td></tr>')}</table>",
    "dl": f"<dl>{rows('<dt><a href={href}>{title}</a></dt><dd>{day}</dd>')}</dl>",
    "a dl for each row": rows("<dl><dt><a href={href}>{title}</a></dt><dd>{day}</dd></dl>"),
    "a table for each row": rows("<table><tr><td><a href={href}>{title}</a></td><td>{day}</td></tr></table>"),
    "a table of two rows for each row": rows(
        "<table><tr><td><a href={href}>{title}</a></td></tr><tr><td>{day}</td></tr></table>"
    ),
    "dates in rows of their own": f"<table>{rows('<tr><td><a href={href}>{title}</a></td></tr><tr><td>{day}</td></tr>')}</table>",
    "cards": rows(
        "<div><div><a href={href}><img src=p.jpg></a></div><div><h3><a href={href}>{title}</a></h3>"
        "<p>这里写着某某几句话，说明这件事情的来龙去脉，还提到了2019年3月2日的会议。<a href={href}>[详情]</a></p>"
        "<div>{day}</div></div></div>"
    ),
    "links around cards": rows(
        "<a href={href}><div>{day}</div><h4>{title}</h4><p>几句说明这件事情的话，不算标题。</p></a>"
    ),
    "links around rows": f"<ul>{rows('<li><a href={href}><span>{day}</span>{title}</a></li>')}</ul>",
    "bare links and lines": f"<div>{rows('<a href={href}>{title}</a> {day}<br>')}</div>",
    "lines with dates before": f"<div>{rows('[{day}] <a href={href}>{title}</a><br>')}</div>",
    "lines in one cell": f"<table><tr><td>{rows('·<font><a href={href}>{title}</a></font>({day})<br>')}</td></tr></table>",
    "paragraphs": rows("<p><a href={href}>{title}</a>　{day}</p>"),
    "several lists": f"<ul>{rows('<li><a href={href}>{title}</a><i>{day}</i></li>', 5)}</ul><ul>"
    + rows("<li><a href={href}>{title}</a><i>{day}</i></li>", 3, 5)
    + "</ul>",
    "several lists of which one has one row": f"<ul>{rows('<li><a href={href}>{title}</a><i>{day}</i></li>', 7)}</ul><ul>"
    + rows("<li><a href={href}>{title}</a><i>{day}</i></li>", 1, 7)
    + "</ul>",
    "two columns": "<table>"
    + "".join("<tr>" + rows("<td><a href={href}>{title}</a>{day}</td>", 2, start) + "</tr>" for start in range(0, 8, 2))
    + "</table>",
    "categories and details": "<ul>"
    + rows("<li><a href=/m1/>[通知公告]</a><a href={href}>{title}</a><a href={href}>[详情]</a><b>{day}</b></li>")
    + "</ul>",
    "categories without brackets": "<ul>"
    + rows("<li><a href=/m1/>通知公告</a> <a href={href}>{title}</a><b>{day}</b></li>")
    + "</ul>",
    "cut titles": f"<ul>{rows('<li><a href={href} title={title}>{cut}</a><b>{day}</b></li>')}</ul>",
    "titles told in lines": "<ul>"
    + rows("<li><a href={href} title='文章标题：{title}\n作者：甲\n更新时间：2020-01-01'>{cut}</a><b>{day}</b></li>")
    + "</ul>",
    "clicks on rows": f"<ul>{rows(chr(60) + 'li onclick=' + chr(34) + chr(103) + 'o(' + chr(39) + '{href}' + chr(39) + ')' + chr(34) + '><h4>{title}</h4><i>{day}</i></li>')}</ul>",
    "dead links in rows that are clicked": "<ul>"
    + rows("<li data-href='{href}'><a href='javascript:;'>{title}</a><i>{day}</i></li>")
    + "</ul>",
    "scripts as addresses": "<ul>"
    + rows("<li><a href=\"javascript:open('{href}')\">{title}</a><i>{day}</i></li>")
    + "</ul>",
    "day and month apart": f"<ul>{rows('<li><div><b>{d}</b><i>{ym}</i></div><a href={href}>{title}</a></li>')}</ul>",
    "month and day apart": f"<ul>{rows('<li><a href={href}>{title}</a><p>{ym}</p><p>{d}</p></li>')}</ul>",
    "a year heading": f"<h3>2026年</h3><div><h3>2026年</h3><ul>{rows('<li><a href={href}>{title}</a><i>{md}</i></li>')}</ul></div>",
    "classes that differ": "<ul>"
    + rows("<li class='c{d} odd'><a class='t{m}' href={href}>{title}</a><span class=d{d}>{day}</span></li>")
    + "</ul>",
    "some titles red": "<ul>"
    + rows("<li><a href={href}><font color=red>{title}</font></a><i>{day}</i></li>", 3)
    + rows("<li><b><a href={href}>{title}</a></b><i>{day}</i></li>", 2, 3)
    + rows("<li><a href={href}>{title}</a><i>{day}</i></li>", 3, 5)
    + "</ul>",
}


@pytest.mark.parametrize("shape", LISTS)
def test_a_list_is_read_whatever_its_rows_are_made_of(shape: str) -> None:
    listing = read(f"<div>当前位置：<a href=/>首页</a> &gt; 通知公告</div><div>{LISTS[shape]}</div>")
    assert listing.verdict is Verdict.LISTING, listing.problem
    assert told(listing) == WHOLE, listing.evidence
