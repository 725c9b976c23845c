"""List pages without a recipe: one invented page for each shape that portals give their lists."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Item, Listing, Precision, Verdict
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

LI = "<li><a href={href}>{title}</a><i>{day}</i></li>"
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
    "dates in rows of their own": "<table>"
    + rows("<tr><td><a href={href}>{title}</a></td></tr><tr><td>{day}</td></tr>")
    + "</table>",
    "cards": rows(
        "<div><div><a href={href}><img src=p.jpg></a></div><div><h3><a href={href}>{title}</a></h3>"
        "<p>这里写着某某几句话，说明这件事情的来龙去脉，还提到了2019年3月2日的会议。<a href={href}>[详情]</a></p>"
        "<div>{day}</div></div></div>"
    ),
    "links around cards": rows(
        "<a href={href}><div>{day}</div><h4>{title}</h4><p>几句说明这件事情的话，不算标题。</p></a>"
    ),
    "links around rows": f"<ul>{rows('<li><a href={href}><span>{day}</span>{title}</a></li>')}</ul>",
    "links around rows, date behind": f"<ul>{rows('<li><a href={href}>{title}<span>{day}</span></a></li>')}</ul>",
    "bare links and lines": f"<div>{rows('<a href={href}>{title}</a> {day}<br>')}</div>",
    "lines with dates before": f"<div>{rows('[{day}] <a href={href}>{title}</a><br>')}</div>",
    "lines in a cell": "<table><tr><td>"
    + rows("·<font><a href={href}>{title}</a></font>({day})<br>")
    + "</td></tr></table>",
    "paragraphs": rows("<p><a href={href}>{title}</a>　{day}</p>"),
    "several lists": f"<ul>{rows('<li><a href={href}>{title}</a><i>{day}</i></li>', 5)}</ul><ul>"
    + rows("<li><a href={href}>{title}</a><i>{day}</i></li>", 3, 5)
    + "</ul>",
    "a list of one row beside another": f"<ul>{rows('<li><a href={href}>{title}</a><i>{day}</i></li>', 7)}</ul><ul>"
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
    "pictures before titles": "<ul>"
    + rows("<li><a href={href}><img></a><a href={href}>{title}</a><i>{day}</i></li>")
    + "</ul>",
    "pictures with titles": f"<ul>{rows('<li><a href={href}><img alt={title}></a><i>{day}</i></li>')}</ul>",
    "pictures that tell it too": "<ul>"
    + rows("<li><a href={href}><img alt={title}></a><a href={href}>{title}</a><i>{day}</i></li>")
    + "</ul>",
    "titles that are only told": f"<ul>{rows('<li><a href={href} title={title}></a><i>{day}</i></li>')}</ul>",
    "rows in twos": "<p>最新</p>".join(
        f"<div>{rows('<li><a href={href}>{title}</a><i>{day}</i></li>', 2, start)}</div>\n<!-- -->"
        for start in range(0, 8, 2)
    ),
    "summaries that are links": rows(
        "<div><p><a href={href}>{title}</a></p><p><a href={href}>{title}，说的是某某几件事情和别的事情，还有很多。</a>"
        "</p><i>{day}</i></div>"
    ),
    "comments of each row": "<ul>"
    + rows("<li><a href={href}>{title}</a><a href=/c{href}>{d} 跟贴</a><b>{day}</b></li>")
    + "</ul>",
    "cut titles": f"<ul>{rows('<li><a href={href} title={title}>{cut}</a><b>{day}</b></li>')}</ul>",
    "titles told in lines": "<ul>"
    + rows("<li><a href={href} title='文章标题：{title}\n作者：甲\n更新时间：2020-01-01'>{cut}</a><b>{day}</b></li>")
    + "</ul>",
    "clicks on rows": "<ul>" + rows("<li onclick=\"go('{href}')\"><h4>{title}</h4><i>{day}</i></li>") + "</ul>",
    "clicks on rows without headings": "<ul>" + rows("<li data-url={href}><p>{title}</p><i>{day}</i></li>") + "</ul>",
    "clicks on rows in rows": "<ul>"
    + rows("<li onclick=\"go('{href}')\"><div data-href={href}><p>{title}</p></div><i>{day}</i></li>")
    + "</ul>",
    "dead links in rows that are clicked": "<ul>"
    + rows("<li data-href='{href}'><a href='javascript:;'>{title}</a><i>{day}</i></li>")
    + "</ul>",
    "dead titles beside details": "<ul>"
    + rows("<li><a href='#'>{title}</a> <a href={href}>[详情]</a><i>{day}</i></li>")
    + "</ul>",
    "scripts as addresses": "<ul>"
    + rows("<li><a href=\"javascript:open('{href}')\">{title}</a><i>{day}</i></li>")
    + "</ul>",
    "day and month apart": f"<ul>{rows('<li><div><b>{d}</b><i>{ym}</i></div><a href={href}>{title}</a></li>')}</ul>",
    "month and day apart": f"<ul>{rows('<li><a href={href}>{title}</a><p>{ym}</p><p>{d}</p></li>')}</ul>",
    "a year over the rows": "<div><h3>2026年</h3><ul>"
    + rows("<li><a href={href}>{title}</a><i>{md}</i></li>")
    + "</ul></div>",
    "years between the rows": "<table><tr><td>2026</td></tr>"
    + rows("<tr><td><a href={href}>{title}</a></td><td>{md}</td></tr>")
    + "</table>",
    "other days too": "<ul>"
    + rows("<li><a href={href}>{title}</a><p>截止：2027-01-01</p><p>发布：{day}</p></li>")
    + "</ul>",
    "labels of their own": "<ul>"
    + rows("<li><a href={href}>{title}</a><b>截止时间：</b><i>2027-01-01</i><b>时间：</b><i>{day}</i></li>")
    + "</ul>",
    "machine-readable days": "<ul>"
    + rows("<li><a href={href}>{title}</a><time datetime={day}>三天前</time></li>")
    + "</ul>",
    "classes that differ": "<ul>"
    + rows("<li class='c{d} odd'><a class='t{m}' href={href}>{title}</a><span class=d{d}>{day}</span></li>")
    + "</ul>",
    "some titles red": "<ul>"
    + rows("<li><a href={href}><font color=red>{title}</font></a><i>{day}</i></li>", 3)
    + rows("<li><b><a href={href}>{title}</a></b><i>{day}</i></li>", 2, 3)
    + rows("<li><a href={href}>{title}</a><i>{day}</i></li>", 3, 5)
    + "</ul>",
}


def items(
    form: str, count: int, titles: tuple[str, ...] = ("全市某某工作会议在某地召开", "某局组织专项整治行动")
) -> str:
    """Links that are not the list's: `form` has {n} and {title}."""
    return "".join(form.format(n=number, title=f"{titles[number % len(titles)]}{number}") for number in range(count))


HOT = "<li><a href=/hot/9{n}.html>{title}</a>"
SITE = ("某某省某某市人民政府门户网站",)
AROUND = {
    "nothing": "{}",
    "a box of hot news before it": f"<div><h3>热门</h3><ul>{items(HOT, 20)}</ul></div>{{}}",
    "a box of hot news behind it": f"{{}}<div><h3>热门</h3><ul>{items(HOT, 20)}</ul></div>",
    "a box from the same channel": f"{{}}<div><h3>热门</h3><ul>{items(HOT.replace('/hot/', ''), 12)}</ul></div>",
    "a box with dates": "{}<div><h3>推荐</h3><ul>"
    + items("<li><a href=/hot/9{n}.html>{title}</a><i>2026-01-02</i>", 6)
    + "</ul></div>",
    "a line of other sites": f"{{}}<div>友情链接 {items('<a href=http://www.s{n}.test/>{title}</a> ', 60, SITE)}</div>",
    "a list of other sites": f"{{}}<ul>{items('<li><a href=http://www.s{n}.test/>{title}</a>', 60, SITE)}</ul>",
    "a large menu": "<ul>"
    + items(
        "<li><a href=/c{n}/>栏目{n}</a><ul><li><a href=/c{n}/a/>较长的二级栏目</a><li><a href=/b{n}/>二级</a></ul>", 30
    )
    + "</ul>{}",
    "pictures of the same news": "<ul>"
    + rows("<li><a href={href}><img alt={title}><p>{title}</p></a></li>", 4)
    + "</ul>{}",
    "a headline": "<div><h2><a href=888.html>某某大会胜利召开头条新闻</a></h2><p>头条的几句摘要。</p></div>{}",
    "crumbs": "<div><a href=/>首页</a>&gt;<a href=/xw/>动态</a>&gt;<a href=index.html>通知公告</a></div>\n<!-- -->{}",
    "an introduction": "<p>" + "这里是某某栏目的一段说明文字。" * 12 + "</p>{}",
    "years of an archive": f"<div>{items('<a href=/xw/tzgg/20{n}/>20{n}年</a>', 20)}</div>{{}}",
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("shape", LISTS)
def test_a_list_is_read_whatever_its_rows_are_made_of_and_whatever_stands_around_it(shape: str, around: str) -> None:
    listing = read(AROUND[around].format(f"<div>当前位置：<b>首页</b> &gt; 通知公告</div><div>{LISTS[shape]}</div>"))
    assert listing.verdict is Verdict.LISTING, listing.problem
    assert told(listing) == WHOLE, listing.evidence


def test_groups_of_rows_have_the_day_that_stands_over_them() -> None:
    groups = "<h4>2026-09-15</h4>{}<h4>2026年8月3日</h4>{}".format(
        rows("<p><a href={href}>{title}</a></p>", 4), rows("<p><a href={href}>{title}</a></p>", 4, 4)
    )
    days = [day for _, _, day in told(read(f"<div>{groups}</div>"))]
    assert days == ["2026-09-15"] * 4 + ["2026-08-03"] * 4


def test_a_day_over_each_row_is_its_own() -> None:
    assert (
        told(
            read(
                f"<div>{rows('<h4>{day}</h4><p><a href={{href}}>{title}</a></p>'.replace('{{href}}', '{href}'))}</div>"
            )
        )
        == WHOLE
    )


@pytest.mark.parametrize(
    ("hrefs", "texts", "days"),
    [
        (["/202609/t20260915_1.html"], ["09-15"], ["2026-09-15"]),
        (["/2026/1.html"], ["9月15日"], ["2026-09-15"]),
        (["/art/2026/1/3/art_1.html"], ["12-30"], ["2025-12-30"]),
        (["1.html", "2.html", "3.html"], ["2026-01-05", "01-02", "12-30"], ["2026-01-05", "2026-01-02", "2025-12-30"]),
        (["1.html", "2.html"], ["09-15", "02-30"], [None, None]),
        (["/20260231/1.html"], ["09-15"], [None]),
        (["1.html"], ["16-09-15"], ["2016-09-15"]),
        (["1.html"], ["15日09月"], [None]),
        (["1.html"], ["2026-13-45"], [None]),
        (["1.html"], ["2026-09-15</i><i>10:12"], ["2026-09-15"]),
    ],
)
def test_a_year_is_taken_from_what_stands_there_and_never_invented(
    hrefs: list[str], texts: list[str], days: list[str | None]
) -> None:
    lines = "".join(
        f"<li><a href={href}>关于某某事项第{number}号的通知</a><i>{text}</i></li>"
        for number, (href, text) in enumerate(zip(hrefs, texts, strict=True))
    )
    plain = "".join(f"<li><a href={n}9.html>关于另一件事第{n}号的通知</a></li>" for n in range(5))
    listing = read(f"<h2>通知公告</h2><ul>{lines}{plain}</ul>")
    assert [day for _, _, day in told(listing)][: len(days)] == days


def test_a_time_of_day_is_kept() -> None:
    listing = read(f"<ul>{rows('<li><a href={href}>{title}</a><i>{day}</i> <i>10:12</i></li>')}</ul>")
    assert {item.published.precision for item in listing.items if item.published} == {Precision.MINUTE}


def test_rows_on_top_are_flagged_by_what_they_say() -> None:
    marks = ["[置顶]{}", "{}", "<b>置顶</b>{}", "{}", "{}", "置顶：{}"]
    lines = "".join(
        f"<li><a href={n}.html>{mark.format(f'关于第{n}件事情的通知')}</a>{'<img alt=置顶>' * (n == 4)}2026-01-01"
        for n, mark in enumerate(marks)
    )
    listing = read(f"<ul>{lines}</ul>")
    assert [item.pinned for item in listing.items] == [True, False, True, False, True, True]
    assert [item.title for item in listing.items] == [
        *(f"关于第{n}件事情的通知" for n in range(5)),
        "置顶：关于第5件事情的通知",
    ]


def test_a_short_title_that_comes_again_below_is_kept() -> None:
    again = "<li><a href=5.html>[置顶]喜讯</a></li>" + rows(LI) + "<li><a href=5.html>喜讯</a></li>"
    listing = read(f"<ul>{again.replace('[置顶]', '')}</ul>")
    assert [item.title for item in listing.items] == ["喜讯", *TITLES]


def test_a_class_name_flags_a_row_on_top_only_where_its_day_says_so_too() -> None:
    lines = [("top", "2020-01-01"), ("x", "2026-09-15"), ("top", "2026-09-14"), ("zd", "2026-01-01")]
    text = "".join(
        f"<li class={name}><a href={n}.html>关于第{n}件事情的通知</a>{day}</li>" for n, (name, day) in enumerate(lines)
    )
    assert [item.pinned for item in read(f"<ul>{text}</ul>").items] == [True, False, False, False]
    text = text.replace("2020-01-01", "")
    assert not any(item.pinned for item in read(f"<ul>{text}</ul>").items)


def test_cut_titles_are_flagged_and_a_remark_does_not_replace_them() -> None:
    listing = read(f"<ul>{rows('<li><a href={href} title=点击查看>{cut}</a><i>{day}</i></li>')}</ul>")
    assert listing.items[0].title == TITLES[0][:9] + "..."
    assert not listing.items[0].title_complete


def test_dead_rows_are_counted_and_do_not_break_the_list() -> None:
    lines = rows(LI, 3) + "<li><a href='javascript:;'>某某已经失效的通知</a><i>2026-07-02</i></li>" + rows(LI, 3, 3)
    listing = read(f"<ul>{lines}</ul>")
    assert told(listing) == WHOLE[:6]
    assert listing.evidence["dead"] == "1 of 7 rows without an address"


def test_a_list_of_dead_rows_is_an_empty_container_with_its_next_page() -> None:
    lines = rows("<li><a href='javascript:;'>{title}</a><i>{day}</i></li>")
    listing = read(f"<ul>{lines}</ul><a href=index_2.html>下一页</a>")
    assert (listing.verdict, listing.items) == (Verdict.EMPTY_CONTAINER, ())
    assert listing.problem == "the list has 8 rows, all without an address"
    assert listing.next_page == "http://portal.test/xw/tzgg/index_2.html"


def test_a_new_channel_with_one_row_is_read() -> None:
    listing = read(f"<div><h2>通知公告</h2><div><ul>{rows(LI, 1)}</ul></div></div>")
    assert told(listing) == WHOLE[:1]
    listing = read(f"<div><h2>通知公告</h2><div>{rows('<div><a href={href}>{title}</a></div> {day}', 1)}</div></div>")
    assert told(listing) == WHOLE[:1]


def test_one_row_beside_a_menu_is_no_larger_than_itself() -> None:
    listing = read(
        f"<div><h2>通知公告</h2><ul>{MENU}</ul><div>{rows('<div><a href={href}>{title}</a>{day}</div>', 1)}</div></div>"
    )
    assert told(listing) == WHOLE[:1]


def test_one_row_among_very_many_menus_is_found() -> None:
    menus = "".join(f"{'<div>' * n}<ul>{MENU}</ul>{'</div>' * n}<p>" for n in range(1, 30))
    assert told(read(f"{menus}<h2>通知公告</h2><ul>{rows(LI, 1)}</ul>")) == WHOLE[:1]


def test_lists_in_columns_in_sections_are_put_together() -> None:
    lines = [f"<ul>{rows(LI.replace('=', f'=/x/{n}', 1), 2)}</ul>" for n in range(32)]
    while len(lines) > 1:
        lines = [f"<div>{one}{other}</div>" for one, other in zip(lines[::2], lines[1::2], strict=True)]
    assert len(read(lines[0]).items) == 64


def test_sections_of_a_channel_are_one_list() -> None:
    sections = "".join(
        f"<div class=name><a href=/m{n}/>小栏目</a></div><div class=box><ul>{rows(LI, count, start)}</ul></div>"
        for n, (count, start) in enumerate([(3, 0), (1, 3), (4, 4)])
    )
    assert told(read(f"<div>{sections}</div>")) == WHOLE


def test_lists_next_to_each_other_are_one_wherever_they_lead() -> None:
    parts = [f"<ul>{rows(LI.replace('=', f'=/{name}/', 1), 2, 2 * n)}</ul>" for n, name in enumerate("abcd")]
    assert [item.title for item in read("<hr>".join(parts)).items] == TITLES
    assert [item.title for item in read("".join(parts)).items] == TITLES


@pytest.mark.parametrize("between", ["<p>某某栏目</p>", "某某栏目", "<hr><hr><hr><hr>"])
def test_lists_apart_that_lead_to_different_parts_are_several(between: str) -> None:
    parts = [f"<ul>{rows(LI.replace('=', f'=/{name}/', 1), 2, 2 * n)}</ul>" for n, name in enumerate("abcd")]
    assert len(read(between.join(parts)).items) == 2


def test_boxes_that_begin_with_their_own_name_are_several_lists() -> None:
    row = "<p><a href={href}>{title}</a>{day}</p>"
    boxes = [
        f"<div><b>栏目</b>{rows(row.replace('=', f'=/{name}/', 1), 2, 2 * n)}</div>" for n, name in enumerate("abcd")
    ]
    assert len(read("".join(boxes)).items) == 2


def test_boxes_of_several_channels_are_not_one_list() -> None:
    boxes = f"<div class=box><h3>通知公告</h3><ul>{rows(LI)}</ul></div>"
    boxes += f"<div class=box><h3>工作动态</h3><ul>{rows(LI, 5).replace('href=', 'href=/dt/')}</ul></div>"
    assert told(read(boxes)) == WHOLE


def test_the_base_element_counts() -> None:
    listing = read(f"<base href=http://other.test/x/><ul>{rows(LI)}</ul>")
    assert listing.items[0].url == "http://other.test/x/101.html"


def test_without_an_address_of_the_page_rows_are_read_all_the_same() -> None:
    assert [item.title for item in read(f"<ul>{rows(LI)}</ul>", "").items] == TITLES


def test_rows_outside_the_list_that_look_the_same_are_told() -> None:
    row = "<tr><td><a class=title href={href}>{title}</a></td><td>{day}</td></tr>"
    listing = read(f"<table><tr><td><table>{rows(row, 2)}</table></td></tr></table><table>{rows(row, 6, 2)}</table>")
    assert told(listing) == WHOLE[2:]
    assert listing.evidence["strays"] == "2 rows that look the same stand outside the list"


BROKEN = "<tr><td><a class=title href={href}>{title}</a></td><td>{day}</td></tr>"
"""A row of a table; with `CLOSED` behind it, the next one stands one table further out."""
CLOSED = "</table></td></tr>"


def broken_list(form: str = BROKEN, between: str = "", rest: str = BROKEN) -> str:
    nested = "<table><tr><td>" * 2 + "<table>"
    first = rows(form, 1) + CLOSED + rows(form, 1, 1) + CLOSED
    return f"{nested}{first}{between}{rows(rest, 6, 2)}</table>"


def test_rows_that_broken_markup_put_on_top_of_the_list_are_given_beside_it() -> None:
    listing = read(broken_list())
    assert told(listing) == WHOLE[2:]
    assert [(item.url, item.title, day_of(item)) for item in listing.strays] == WHOLE[:2]


def test_strays_may_be_the_first_links_of_a_page() -> None:
    page = f"<html><body>{broken_list()}{FOOT}"
    assert [item.url for item in read_bare_listing(page.encode(), URL).strays] == [address(0), address(1)]


def test_a_title_beside_an_icon_may_run_over_lines_of_the_source() -> None:
    form = "<li><a href={href}><i></i><b>关于</b>做好防汛\n    工作的通知{title}</a><span>{day}</span></li>"
    assert read(f"<ul>{rows(form)}</ul>").items[0].title == f"关于做好防汛工作的通知{TITLES[0]}"


def test_a_stray_row_that_the_list_has_too_is_given_once() -> None:
    again = BROKEN.format(href="101.html", title=TITLES[0], day=DAYS[0])
    listing = read(f"{broken_list().removesuffix('</table>')}{again}</table>")
    assert [item.url for item in listing.strays] == [address(1)]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(broken_list(between="<tr><td>热点新闻</td></tr>"), id="a text stands between"),
        pytest.param(
            broken_list(between="<tr><td><p><a href=/m>更多新闻动态</a></p></td></tr>"), id="a link stands between"
        ),
        pytest.param(broken_list(form=BROKEN.replace("{href}", "/rd/1/2/{href}")), id="they lead elsewhere"),
        pytest.param(broken_list(form=BROKEN.replace("{href}", "javascript:void(0)")), id="they lead nowhere"),
        pytest.param(broken_list(form=BROKEN.replace("{day}", "")), id="they have no date"),
        pytest.param(broken_list(form=BROKEN.replace("=title", "=hot")), id="they look otherwise"),
        pytest.param(broken_list(rest=BROKEN.replace("{day}", "")), id="the list has no dates"),
        pytest.param(
            f"<table><tr><td><table>{rows(BROKEN, 2)}</table></td></tr>{rows(BROKEN, 6, 2)}</table>", id="a box of two"
        ),
        pytest.param(
            f"<table><tr><td><table>{rows(BROKEN, 1)}</table></td></tr></table><table>{rows(BROKEN, 6, 2)}</table>",
            id="a list beside it",
        ),
    ],
)
def test_rows_that_may_belong_elsewhere_are_no_strays(page: str) -> None:
    assert read(page).strays == ()


def test_sections_of_a_channel_may_lead_to_channels_below_it() -> None:
    sections = "".join(
        f"<div><h3>小栏目</h3><ul>{rows(LI.replace('=', f'={n}/', 1), 4, 4 * k)}</ul></div>" for k, n in enumerate("ab")
    )
    assert len(read(sections).items) == 8
    assert len(read(sections, "http://portal.test/").items) == 4
    assert len(read(sections, "http://portal.test/index.html").items) == 4


def test_evidence_says_why_this_block_and_which_came_second() -> None:
    listing = read(AROUND["a box with dates"].format(f"<h2>通知公告</h2><ul>{rows(LI)}</ul>"))
    assert listing.evidence["items"].startswith("8 rows with 122 characters of titles in ul: dated 100%")
    assert "under the page's name 100%" in listing.evidence["items"]
    assert listing.evidence["second"].startswith("6 rows")
    assert listing.evidence["published"] == "8 of 8, in the rows"
    assert 0.9 < listing.confidence < 1


TEXT = "".join(
    f"<p>第{number}段，这里写着一些没有人说过的话，只为了让这篇文章的正文足够长，像一篇文章。</p>"
    for number in range(30)
)


def test_a_short_article_among_its_like_is_no_list() -> None:
    page = f"<h1>某某公告标题</h1><p>只有一句话的公告。</p><h3>相关文章</h3><ul>{rows(LI, 4)}</ul>"
    assert read(page).confidence > 2 * read(page, address(77)).confidence


@pytest.mark.parametrize(
    "inside",
    [
        f"<h1>某某公告标题</h1>{TEXT}<h3>相关文章</h3><ul>{rows(LI, 6)}</ul>",
        f"<h1>某某公告标题</h1>{TEXT}<p>上一篇：<a href=1.html>关于某事的通知</a>下一篇：<a href=2.html>通知</a>",
        f"<h1>某某公告标题</h1><div>{TEXT}<p><a href=1.html>附件1：某某名单</a> 2026-01-01</p></div>",
        "<p>这里没有链接。</p>",
        "",
    ],
)
def test_an_article_and_a_page_of_navigation_are_no_list(inside: str) -> None:
    listing = read(inside)
    assert (listing.verdict, listing.items, listing.confidence) == (Verdict.CONTAINER_MISSING, (), 0.0)
    assert listing.problem


def test_a_page_without_any_link_says_so() -> None:
    listing = read_bare_listing(b"<p>" + "没有链接的页面".encode() * 3, URL)
    assert listing.problem == "no block of links that look like titles"


def test_a_list_beside_much_text_is_doubted() -> None:
    sure, doubted = read(f"<ul>{rows(LI)}</ul>"), read(f"<div>{TEXT[:1000]}</div><ul>{rows(LI)}</ul>")
    assert doubted.verdict is Verdict.LISTING
    assert doubted.confidence < sure.confidence
    assert doubted.evidence["prose"].endswith("of the page is text outside the list")


def test_a_page_that_was_cut_is_no_listing() -> None:
    whole = f"{HEAD}<ul>{rows(LI)}</ul>".encode()
    assert read_bare_listing(whole + b"<div><a hr", URL).verdict is Verdict.TRUNCATED
    assert read_bare_listing(whole, URL).verdict is Verdict.LISTING


def test_very_many_links_are_read_in_time_and_to_a_bound() -> None:
    lines = "".join(f"<li><a href={n}.html>关于第{n}件事情的通知</a>" for n in range(4_000))
    assert len(read(f"<ul>{lines}</ul>").items) == 2_989


@pytest.mark.parametrize("tag", ["body", "html"])
def test_a_page_that_is_one_link_is_no_list(tag: str) -> None:
    page = "<html><body>关于某某事项的通知，页面上只有这几个字。".replace(tag, f"{tag} onclick=\"go('/x.html')\"")
    assert read_bare_listing(page.encode(), URL).verdict is Verdict.CONTAINER_MISSING


def test_an_element_that_is_clicked_for_something_else_is_no_link() -> None:
    lines = rows("<li onclick='count(1)'><a href={href}>{title}</a><i>{day}</i></li>")
    assert told(read(f"<ul>{lines}</ul>")) == WHOLE


HEAP = (
    "<ul>|</ul>|<li>|</li>|<table>|</table>|<tr>|<td>|<div>|</div>|<p>|<br>|<h3>|</h3>|<font>|<dl>|<dt>|<dd>|<nav>|<svg>"
    "|<select>|<a href=1.html>|<a href=x/2026/t20260915_3.html>|<a href=javascript:;>|</a>|<div onclick=go('z.html')>"
    "|<li data-href=y.html>|<a href=q9.html title=某某事项的通知>|<area href=k.html title=某某地图>|<img alt=某某图片>"
    "|<time datetime=2026-01-01>|<body onclick=go('/a.html')>|<base href=//b/>|<title>甲-乙</title>|<!-- -->|2026-09-15"
    "|09-15|15日|09月|2026|10:12|[置顶]|关于某某事项的通知|详情|下一页|1|2|3| |２０２６年９月１５日"
).split("|")


@given(st.lists(st.sampled_from(HEAP), max_size=80))
def test_no_heap_of_tags_raises_and_every_item_has_its_title_once(heap: list[str]) -> None:
    listing = read_bare_listing("".join(heap).encode(), URL)
    assert (listing.verdict is Verdict.LISTING) == bool(listing.items)
    assert all(item.title for item in listing.items)
    assert len({item.url for item in listing.items}) == len(listing.items)
    assert 0 <= listing.confidence <= 1


def test_rows_inside_rows_are_read() -> None:
    rows_in_rows = rows(
        "<div onclick=go('{href}')><p>{title}</p><div><a href=/x/{href}>{title}全文</a></div>{day}</div>"
    )
    assert read(rows_in_rows).verdict is Verdict.LISTING


@pytest.mark.parametrize(("texts", "day"), [(["9.15"] * 8, "2026-09-15"), (["9.15", *[""] * 7], None)])
def test_bare_numbers_are_days_only_where_most_rows_have_them(texts: list[str], day: str | None) -> None:
    lines = "".join(
        f"<li><a href=/2026/{number}.html>{title}</a><i>{text}</i></li>"
        for number, (title, text) in enumerate(zip(TITLES, texts, strict=True))
    )
    assert day_of(read(f"<ul>{lines}</ul>").items[0]) == day


@pytest.mark.parametrize("form", ["<b>{d}</b><i>{ym}</i>", "<i>{ym}</i><b>{d}</b>"])
def test_the_day_of_a_card_may_come_again_in_its_title(form: str) -> None:
    card = "<a href={href}><div>{d}日2026年<b>某某</b>{title}</div><div>FORM</div></a>".replace("FORM", form)
    assert [day for _, _, day in told(read(f"<div>{rows(card)}</div>"))] == DAYS


def test_a_day_before_a_title_that_begins_with_it_is_kept() -> None:
    card = "<a href={href}><div>{day}</div><div>{day}起<b>某某</b>{title}</div></a>"
    assert [day for _, _, day in told(read(f"<div>{rows(card)}</div>"))] == DAYS


@pytest.mark.parametrize("how", ["style='display: none'", "hidden"])
def test_a_hidden_tab_is_not_part_of_the_list(how: str) -> None:
    other = rows(LI, 4, 4).replace("href=", "href=/dt/")
    assert told(read(f"<div><ul>{rows(LI, 4)}</ul><ul {how}>{other}</ul></div>")) == WHOLE[:4]


@pytest.mark.parametrize("other", ["", "<i style='background:none'>x</i>"])
def test_a_list_that_a_script_will_show_is_read_all_the_same(other: str) -> None:
    assert told(read(f"<div style=display:none><ul>{rows(LI)}</ul></div>{other}")) == WHOLE


TWO_DATES = "<tr><td>{d}</td><td><a href={href}>{title}</a></td><td>{other}</td><td>{day}</td></tr>"
OTHERS = [
    "2026-01-11",
    "2026-03-14",
    "2025-03-02",
    "2026-02-20",
    "2024-05-06",
    "2026-04-01",
    "2026-01-02",
    "2026-06-01",
]
SORTED = sorted(OTHERS, reverse=True)


def columns(form: str = TWO_DATES, others: list[str] = OTHERS) -> str:
    return "".join(rows(form.replace("{other}", other), 1, number) for number, other in enumerate(others))


@pytest.mark.parametrize(
    "table",
    [
        f"<table><tr><th>序号<th>标题<th>成文日期<th>发布日期</tr>{columns()}</table>",
        f"<table><tr><th>序号<th>标题<th>实施日期<th>发布日期</tr>{columns(others=SORTED)}</table>",
        f"<table><thead><tr><th>序号<th>标题<th>成文日期<th>日期</tr></thead>\n<tbody>{columns()}</tbody></table>",
        f"<table>{columns()}</table>",
        f"<table><tr><td>共8条</td><td></td></tr>{columns()}</table>",
        "<div><div><i>序号</i><i>标题</i><i>发文日期</i></div>"
        + rows("<div><div><i>{d}</i><b><a href={href}>{title}</a></b><i>{day}</i><i>2026-01-01</i></div></div>")
        + "</div>",
    ],
)
def test_the_column_of_publication_gives_the_dates(table: str) -> None:
    assert [day for _, _, day in told(read(table))] == DAYS


def test_columns_of_other_days_give_no_dates() -> None:
    table = f"<table><tr><th>序号<th>标题<th>成文日期<th>更新日期</tr>{columns()}</table>"
    assert {day for _, _, day in told(read(table))} == {None}


def test_columns_that_differ_from_row_to_row_are_not_columns() -> None:
    table = f"<table>{columns(others=['2026-01-11', ''] * 4)}</table>"
    assert [day for _, _, day in told(read(table))][1] == DAYS[1]


def test_a_single_column_of_another_day_gives_no_dates_where_a_column_of_publication_is_empty() -> None:
    heading = "<tr><th>标题</th><th>成文日期</th><th>发布日期</th></tr>"
    row = "<tr><td><a href={href}>{title}</a></td><td>{day}</td><td></td></tr>"
    listing = read(f"<table>{heading}{rows(row)}</table>")
    assert told(listing) == [(where, title, None) for where, title, _ in WHOLE]
    assert told(read(f"<table>{heading.replace('发布日期', '文号')}{rows(row)}</table>")) == WHOLE


ACTIONS = [
    "<tr><td>{d}</td><td>某发〔2026〕{d}号</td><td>{title}</td><td>{day}</td><td><a href={href}>查看</a></td></tr>",
    "<tr><td>{title}</td><td>{day}</td><td><a href={href}>详情</a> <a href=/f/{d}.doc>下载</a></td></tr>",
    "<tr><td>{title}</td><td>{day}</td><td><a href={href} title=点击查看>[查阅]</a></td></tr>",
    "<li><span>{title}</span><i>{day}</i><a href={href}>查看详情</a></li>",
    "<li><div>{title}<i>{day}</i><a href={href}>点击下载</a></div></li>",
    "<tr><td>{title}</td><td>{day}</td><td><span onclick=\"location.href='{href}'\">查看</span></td></tr>",
]
LONG_ENOUGH = [number for number, title in enumerate(TITLES) if len(title) > 3]


@pytest.mark.parametrize("form", ACTIONS)
def test_a_link_that_says_what_a_click_does_has_the_title_that_stands_beside_it(form: str) -> None:
    page = "".join(rows(form, 1, number) for number in LONG_ENOUGH)
    assert told(read(f"<table>{page}</table>" if "<tr>" in form else f"<ul>{page}</ul>")) == [
        WHOLE[number] for number in LONG_ENOUGH
    ]


@pytest.mark.parametrize(
    "beside",
    [
        "<p>关于某某工作的通知<a href={href}>下载</a></p>",
        "<li>关于某某工作的通知<a href={href}>下载</a><a href=/b{d}{m}>某某局</a></li>",
        "<li><a href={href}>下载</a></li>",
        "<li>某号<a href={href}>下载</a></li>",
        "<li>" + "很长的正文，" * 110 + "<a href={href}>下载</a></li>",
    ],
)
def test_a_click_without_a_title_beside_it_keeps_its_word(beside: str) -> None:
    page = rows(beside.replace("</a>", "</a><i>{day}</i>", 1))
    assert {item.title for item in read(f"<ul>{page}</ul>").items} <= {"下载", "某某局"}


@pytest.mark.parametrize("label", ["相关解读", "【图解】", "政策解读", "文字解读"])
def test_a_label_of_what_explains_a_row_is_no_row(label: str) -> None:
    row = LI + "<li><a href=/jd/{d}{m}.html>" + label + "</a></li>"
    assert told(read(f"<ul>{rows(row)}</ul>")) == WHOLE


@pytest.mark.parametrize("row", [LI, "<tr><td><a href={href}>{title}</a></td><td>{day}</td></tr>"])
def test_what_explains_some_rows_beside_them_is_no_row(row: str) -> None:
    some = row.replace("</a>", "</a><a href=/jd/{d}{m}.html>【图解】一图读懂{title}</a>", 1)
    page = f"{rows(row, 1)}{rows(some, 1, 1)}{rows(row, 3, 2)}{rows(some, 1, 5)}{rows(row, 2, 6)}"
    assert told(read(f"<table>{page}</table>" if "<tr>" in row else f"<ul>{page}</ul>")) == WHOLE


@pytest.mark.parametrize(
    "link", ["{title} {day}", "[{day}] {title}", "{title}({day})", "{title}【{day}】", "{day} {title}"]
)
def test_a_day_at_the_edge_of_all_titles_is_that_of_the_row(link: str) -> None:
    assert told(read(f"<ul>{rows('<li><a href={href}>' + link + '</a></li>')}</ul>")) == WHOLE


def test_a_day_at_the_edge_of_few_titles_is_theirs() -> None:
    page = rows("<li><a href={href}>{title}</a></li>", 6) + rows("<li><a href={href}>{title}({day})</a></li>", 2, 6)
    titles = [item.title for item in read(f"<ul>{page}</ul>").items]
    assert titles[6:] == [f"{TITLES[6]}({DAYS[6]})", f"{TITLES[7]}({DAYS[7]})"]


@pytest.mark.parametrize(
    "link",
    [
        "<em>热</em>{title}",
        "{title}<b>NEW</b>",
        "<i>new!</i>{title}",
        "<span>[推荐]</span>{title}<i>最新</i>",
        "{title}<span>浏览：123</span>",
        "{title}<span>阅读量 7 次</span>",
    ],
)
def test_tags_and_counters_beside_a_title_are_none_of_it(link: str) -> None:
    row = "<li><a href={href}>" + link + "</a><span>{day}</span></li>"
    assert told(read(f"<ul>{rows(row, 3)}{rows(LI, 5, 3)}</ul>")) == WHOLE


def test_a_link_that_is_only_a_tag_keeps_it() -> None:
    page = rows("<li><a href={href}><em>热点</em><em>最新</em></a><i>{day}</i></li>")
    assert {item.title for item in read(f"<ul>{page}</ul>").items} <= {"热点 最新", "热点最新"}


@pytest.mark.parametrize("number", ["{}", "{}.", "0{}"])
def test_the_count_of_the_rows_is_none_of_their_titles(number: str) -> None:
    page = "".join(
        rows("<li><a href={href}><em>" + number.format(place + 1) + "</em>{title}</a><i>{day}</i></li>", 1, place)
        for place in range(8)
    )
    assert told(read(f"<ul>{page}</ul>")) == WHOLE


def test_numbers_that_do_not_count_the_rows_stay() -> None:
    page = rows("<li><a href={href}><em>1</em>号{title}</a><i>{day}</i></li>")
    assert [item.title for item in read(f"<ul>{page}</ul>").items] == [f"1号{title}" for title in TITLES]


def test_the_name_of_the_portal_above_its_list_is_no_row() -> None:
    row = "<tr><td><a href='/info?id={0}'>关于第{0}号事项的公告</a></td><td>2026-03-0{0}</td></tr>"
    rows = "".join(row.format(number) for number in range(1, 7))
    top = "<tr><td><a href='/'>某市人民代表大会常务委员会</a></td></tr>"
    listing = read_bare_listing(f"<html><body><table>{top}{rows}</table></body></html>".encode(), URL)
    assert [item.title for item in listing.items] == [f"关于第{n}号事项的公告" for n in range(1, 7)]
