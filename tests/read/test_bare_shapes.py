"""Article pages in the shapes that portals have, all made up, read without any recipe."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.model import Article, Precision, Verdict
from feeds.read.bare import read_bare_article

URL = "http://portal.test/xw/a.html"
TITLE = "关于开展某某专项检查工作的通知"
LINES = (
    "各县区有关单位：",
    "为进一步做好某某工作，现将有关事项通知如下，请认真贯彻执行。",
    "一、工作目标",
    "通过检查，全面掌握情况，及时发现问题，切实加强整改，确保取得实效。",
    "二、工作要求",
    "请各单位高度重视，加强领导，于12月1日前将有关材料报送我局。",
    "某市某某局",
    "2023年11月3日",
)
TEXT = "\n".join(LINES)
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in LINES)
DAY = "<meta name=PubDate content=2023-11-06>"
UNDER, TAGGED = "line under the title", "meta pubdate"
SHORT = "本周六暂停对外服务，请相互转告。"
MENU = "".join(f"<li><a href='/c{name}/'>{name}</a></li>" for name in "首页 机构 新闻 公告 公开 互动 专题 服务".split())
ROWS = "".join(
    f"<li><a href='/s{n}.html'>某市召开第{n}次工作推进会议的有关报道</a><span>2023-11-0{n}</span></li>"
    for n in range(1, 8)
)
BYLINE = "<div>来源：某某报　发布时间：2023-11-06 10:12　浏览次数：<span>123</span></div>"
RELATED = f"<div><h4>相关阅读</h4><ul>{ROWS}</ul></div>"
NEIGHBOURS = "<div>上一篇：<a href=a.html>某某的另一个通知</a><br>下一篇：<a href=b.html>没有了</a></div>"
CARD = (
    "<table><tr><td>索 引 号：</td><td>A/2023-001</td><td>主题分类：</td><td>综合</td></tr>"
    "<tr><td>发布机构：</td><td>某某报</td><td>成文日期：</td><td>2023-11-03</td></tr>"
    f"<tr><td>名　　称：</td><td>{TITLE}</td></tr>"
    "<tr><td>文　　号：</td><td>某发〔2023〕7号</td><td>发布日期：</td><td>2023-11-06</td></tr></table>"
)
TEASERS = "".join(
    f"<div><h4><a href=/t{n}>某市召开第{n}次工作推进会议</a></h4>"
    f"<p>会议第{n}次强调，要进一步提高认识，加强领导，狠抓落实，确保各项任务顺利完成。</p></div>"
    for n in range(6)
)
COMMENTS = "<div><h3>网友评论</h3>" + "".join(
    f"<div><b>某网友{n}</b><p>我第{n}次觉得这个通知写得很好，大家应该认真学习，一起努力，共同进步。</p></div>"
    for n in range(20)
)


def make_page(
    content: str,
    *,
    head: str = f"<title>{TITLE}_通知公告_某市某某局</title>",
    heading: str = f"<h1>{TITLE}</h1>",
    byline: str = BYLINE,
    tail: str = NEIGHBOURS,
    foot: str = "<p>版权所有：某市某某局</p><p>地址：某市某路1号 邮编：100000</p><p>技术支持：某某公司</p>",
) -> str:
    """A page with everything that portals put around an article."""
    return (
        f"<html><head><meta charset=utf-8>{head}</head><body><div><ul>{MENU}</ul></div>"
        "<div>您现在的位置：<a href=/>首页</a> &gt; <a href=/tz/>通知公告</a> &gt; 正文</div>"
        f"<div id=w><div>{heading}{byline}<div>{content}</div>{tail}</div>"
        f"<div><h3>最新信息</h3><ul>{ROWS}</ul></div></div>"
        f"<div>{foot}</div></body></html>"
    )


def read(page: str, url: str = URL) -> Article:
    return read_bare_article(page.encode(), url)


def rows_of(count: int) -> str:
    return "".join(f"<tr><td>{n}</td><td>某某{n}</td><td>第{n}单位</td></tr>" for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("content", "body"),
    [
        pytest.param(PARAGRAPHS, TEXT, id="paragraphs"),
        pytest.param("<br>".join(f"　　{line}" for line in LINES), TEXT, id="lines that br ends"),
        pytest.param("<br><br>".join(LINES), TEXT, id="paragraphs of two br"),
        pytest.param("".join(f"<div>{line}</div>" for line in LINES), TEXT, id="a div a line"),
        pytest.param(
            "".join(f"<p><span><span>{line}</span></span></p>" for line in LINES), TEXT, id="spans of a paste"
        ),
        pytest.param(f"<table><tr><td>{PARAGRAPHS}</td></tr></table>", TEXT, id="a table of one cell"),
        pytest.param(SHORT, SHORT, id="one sentence"),
        pytest.param("<p>特此公告</p>", "特此公告", id="four characters"),
        pytest.param(
            "<p>因设备检修，本周六暂停。</p><p>某市某某局</p><p>2023年11月3日</p>",
            "因设备检修，本周六暂停。\n某市某某局\n2023年11月3日",
            id="a sentence and a signature",
        ),
        pytest.param(
            "<br>".join(["王　某", "李小某", "张大某"] * 9), "\n".join(["王　某", "李小某", "张大某"] * 9), id="names"
        ),
        pytest.param(
            f"<p>名单公示如下：</p><table>{rows_of(19)}</table><p>公示期五天。</p><p>某市某某局</p>",
            "\n".join(
                ["名单公示如下：", *(f"{n}\t某某{n}\t第{n}单位" for n in range(1, 20)), "公示期五天。", "某市某某局"]
            ),
            id="a table between paragraphs",
        ),
        pytest.param(
            "<p>现公布如下：</p><ol><li>加强领导，落实责任。</li><li>加强宣传，形成合力。</li></ol><p>特此通知。</p>",
            "现公布如下：\n加强领导，落实责任。\n加强宣传，形成合力。\n特此通知。",
            id="a list between paragraphs",
        ),
        pytest.param(
            "<dl><dt>问：何时开始？</dt><dd>答：从一月一日开始。</dd><dt>问：谁负责？</dt><dd>答：由某某局负责。</dd></dl>",
            "问：何时开始？\n答：从一月一日开始。\n问：谁负责？\n答：由某某局负责。",
            id="questions and answers",
        ),
        pytest.param(
            "<p>会议安排如下，请准时参加。</p><p>时间：2023年11月8日上午9:00</p><p>地点：某某会议室</p><p>举报电话：12345</p>",
            "会议安排如下，请准时参加。\n时间：2023年11月8日上午9:00\n地点：某某会议室\n举报电话：12345",
            id="lines with labels of their own",
        ),
        pytest.param(
            "<div><h3>第一节</h3><p>这里写着第一节的内容，没有人说过。</p></div><div><h3>第二节</h3><p>这里写着第二节的内容，同样如此。</p></div>",
            "第一节\n这里写着第一节的内容，没有人说过。\n第二节\n这里写着第二节的内容，同样如此。",
            id="sections",
        ),
        pytest.param(
            "<p>为做好<a href=/a>某某</a>工作，根据<a href=/law>《某某条例》</a>，现将事项通知如下。</p>",
            "为做好某某工作，根据《某某条例》，现将事项通知如下。",
            id="links inside a sentence",
        ),
        pytest.param(
            "<table><tr><td>一、项目名称：某某工程</td></tr><tr><td>二、开标时间：2023年12月1日9:00</td></tr>"
            "<tr><td>三、联系人：某某</td></tr></table>",
            "一、项目名称：某某工程\n二、开标时间：2023年12月1日9:00\n三、联系人：某某",
            id="rows with dates of their own",
        ),
        pytest.param(
            "<p>（2023年10月1日通过）</p><p>第一条　为了规范，制定本条例。</p><p>本条例自2024年1月1日起施行。</p>",
            "（2023年10月1日通过）\n第一条　为了规范，制定本条例。\n本条例自2024年1月1日起施行。",
            id="a law with dates at both ends",
        ),
        pytest.param(
            "<p>第一部分写在这里，内容比较长，一共有三十多个字，这样才算一段话。</p><p>其他信息</p>"
            "<p>第二部分写在这里，比第一部分短一些。</p>",
            "第一部分写在这里，内容比较长，一共有三十多个字，这样才算一段话。\n其他信息\n第二部分写在这里，比第一部分短一些。",
            id="a heading inside that looks like one of related texts",
        ),
        pytest.param(
            "<p>联系方式如下，欢迎来信来电。</p><p>网址：<a href=http://www.x.test>www.x.test</a></p>",
            "联系方式如下，欢迎来信来电。\n网址：www.x.test",
            id="a last line that is an address",
        ),
    ],
)
def test_the_body_is_read_whatever_it_is_made_of(content: str, body: str) -> None:
    article = read(make_page(content))
    assert (article.verdict, article.title, article.body) == (Verdict.ARTICLE, TITLE, body)
    assert (article.source, article.evidence["published"]) == ("某某报", "line under the title")
    assert article.published is not None
    assert (article.published.at, article.published.precision) == (
        datetime(2023, 11, 6, 2, 12, tzinfo=UTC),
        Precision.MINUTE,
    )
    flat = "".join(body.split())
    assert "".join(read(f"<div>{article.body_html}</div>").body.split()) in flat or "<table>" in article.body_html


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(make_page(PARAGRAPHS + RELATED), id="related texts under the body"),
        pytest.param(
            make_page(
                "".join(f"<p>{line}</p>" for line in LINES[:4])
                + RELATED
                + "".join(f"<p>{line}</p>" for line in LINES[4:])
            ),
            id="related texts between paragraphs",
        ),
        pytest.param(
            make_page(
                PARAGRAPHS + "<div>分享到：<a href=#>微信</a><a href=#>微博</a></div><p>（责任编辑：某某）</p>"
                "<p>【<a href=#>打印</a>】【<a href=#>关闭</a>】</p>"
            ),
            id="share box, editor and tools",
        ),
        pytest.param(
            make_page(
                f"<h2>{TITLE}</h2><div>时间：2023-11-06 10:12 来源：某某报 点击：<i>5</i>次 字号：[大 中 小]</div>"
                f"{PARAGRAPHS}<p>上一条：<a href=x>某某</a></p>",
                byline="",
                heading="",
            ),
            id="headline and byline inside the body's block",
        ),
        pytest.param(
            make_page(
                PARAGRAPHS,
                byline="<ul><li>来源：</li><li>某某报</li><li>时间：</li><li>2023-11-06 10:12</li></ul>",
            ),
            id="a byline of labels and values in cells",
        ),
        pytest.param(make_page(PARAGRAPHS, tail=COMMENTS + NEIGHBOURS), id="comments longer than the article"),
        pytest.param(make_page(CARD + PARAGRAPHS), id="an index card inside the body's block"),
        pytest.param(
            make_page(PARAGRAPHS).replace("</body>", f"<div><h1>{TITLE}</h1>{PARAGRAPHS}</div></body>"),
            id="a second copy",
        ),
        pytest.param(make_page(PARAGRAPHS + PARAGRAPHS.replace("<p>", "<p> ")), id="a second copy inside the block"),
        pytest.param(
            make_page("".join(f"<p>{line}</p>" for line in LINES[:-2])).replace(
                "<div>上一篇", f"<div><p>{LINES[-2]}</p><p>{LINES[-1]}</p></div><div>上一篇"
            ),
            id="the signature in a block of its own",
        ),
        pytest.param(
            make_page(PARAGRAPHS, foot=f"<p>{'某网站欢迎大家提出意见，我们将认真研究。' * 20}</p>"),
            id="a footer full of words",
        ),
        pytest.param(
            make_page(PARAGRAPHS).replace("<div id=w>", f"<div>{TEASERS}</div><div id=w>"), id="teasers above"
        ),
        pytest.param(make_page(PARAGRAPHS, tail=TEASERS), id="teasers behind"),
        pytest.param(
            make_page(f"<div style='display: none'>{PARAGRAPHS}</div>", tail="", foot=""), id="hidden till shown"
        ),
        pytest.param(
            make_page(PARAGRAPHS).replace(
                "<div id=w>",
                "<div>本站欢迎大家提出宝贵意见，我们将认真研究。</div><div id=w style='visibility: hidden'>",
            ),
            id="headline and all hidden till shown",
        ),
        pytest.param(
            "<html><head><title>某市某某局</title></head><body>"
            "<table><tr><td><a href=/>首页</a> <a href=/a>新闻</a></td></tr></table>"
            f"<table><tr><td width=200><table>{ROWS.replace('li>', 'td>')}</table></td>"
            f"<td><table><tr><td>{TITLE}</td></tr>"
            "<tr><td>责任编辑：某某处&nbsp;&nbsp; 来源：某某报&nbsp;&nbsp; 时间：2023-11-06 10:12</td></tr>"
            f"<tr><td>{'<br>'.join(LINES)}</td></tr><tr><td>&nbsp;</td></tr></table></td></tr></table>"
            "<table><tr><td>版权所有：某市某某局</td></tr></table></body></html>",
            id="tables all the way down",
        ),
    ],
)
def test_what_stands_around_and_inside_is_left_out(page: str) -> None:
    article = read(page)
    assert (article.title, article.body, article.source) == (TITLE, TEXT, "某某报")
    assert article.published is not None
    assert article.published.at == datetime(2023, 11, 6, 2, 12, tzinfo=UTC)
    assert "相关阅读" not in article.body_html
    assert "打印" not in article.body_html


@pytest.mark.parametrize("around", [NEIGHBOURS + f"<div>{TEASERS}</div>", NEIGHBOURS + COMMENTS])
def test_a_short_notice_is_not_lost_among_longer_texts(around: str) -> None:
    assert read(make_page(f"<p>{SHORT}</p><p>某市某某局</p>", tail=around)).body == f"{SHORT}\n某市某某局"


def test_a_notice_may_be_nothing_but_pictures() -> None:
    article = read(make_page("<p><img src=1.jpg></p><p><img src=x.gif data-original=2.jpg></p>"))
    assert (article.verdict, article.body) == (Verdict.ARTICLE, "")
    assert article.images == ("http://portal.test/xw/1.jpg", "http://portal.test/xw/2.jpg")


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("<p><a href=/f/1.pdf>附件：某某检查表.pdf</a></p>", ["某某检查表.pdf"]),
        ("<p>详见附件。</p><p>附件：<a href=/f/1.doc>某某检查表</a></p>", ["某某检查表"]),
        (
            "<p>详见附件。</p></div><div><a href='javascript:;'>空.doc</a><a href=/f/1.ofd title=某某表>点击下载</a>",
            ["某某表"],
        ),
        (
            "<p>详见附件。</p><p><a href='/download?id=5'>附件1：某某目录</a><a href='/download'>首页</a></p>",
            ["某某目录"],
        ),
        ("<p>详见附件。</p><p><a href=/f/P01.xls oldsrc=某某名单.xls>下载</a></p>", ["某某名单.xls"]),
        (
            "<p>见附件</p><script>document.write('<a href=P1.docx>某目录.docx<a href=P2.pdf>某某表.pdf</a>')</script>",
            ["某目录.docx", "某某表.pdf"],
        ),
        ("<script>document.write('<a href=\"./P1.docx\">某某目录.docx</a>');</script>", ["某某目录.docx"]),
    ],
)
def test_files_are_found_in_below_and_written_by_scripts(content: str, names: list[str]) -> None:
    article = read(make_page(content))
    assert article.verdict is Verdict.ARTICLE
    assert [file.name for file in article.attachments] == names


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>某市某某局</title>", f"<h1>{TITLE}</h1>", TITLE),
        ("<title>某市某某局-通知公告</title>", f"<div>{TITLE}</div>", TITLE),
        (f"<title>某市某某局 通知公告 {TITLE}</title>", f"<div>{TITLE}</div>", TITLE),
        (f"<title>{TITLE[:10]}...-某市某某局</title>", f"<div>{TITLE}</div>", TITLE),
        (f"<title>{TITLE[:10]}_某市某某局</title>", f"<div>{TITLE}</div>", TITLE),
        ("", f"<h2>{TITLE}</h2>", TITLE),
        (f"<title>{TITLE}（二）</title>", f"<h1>{TITLE}<br>（二）</h1>", f"{TITLE} （二）"),
        (
            f'<title>{TITLE}（二）</title><meta property="og:title" content="{TITLE}（二）">',
            f"<h1>{TITLE}<br>（二）</h1>",
            f"{TITLE} （二）",
        ),
        (f"<title>{TITLE}-某网</title>", f"<div>{TITLE[:9]}...</div>", TITLE),
        (f"<meta name=ArticleTitle content={TITLE}>", f"<div>{TITLE[:9]}...</div>", TITLE),
        (f"<title>{TITLE}-某某网</title><meta name=ArticleTitle content={TITLE}>", "<img src=t.jpg>", TITLE),
        ("<title>某市某某局</title><meta name=ArticleTitle content=通知>", "<div>通知</div>", "通知"),
        (f'<meta property="og:title" content="{TITLE}_某网站">', "", TITLE),
        (f"<title>2021-2025年{TITLE}-通知公告-某市人民政府</title>", "<img src=t.jpg>", f"2021-2025年{TITLE}"),
        (f"<meta name=ArticleTitle content={TITLE}（试行）>", f"<div>{TITLE}</div>", f"{TITLE}（试行）"),
        ("<title>题一-某网</title>", "<img src=t.jpg>", "题一-某网"),
    ],
)
def test_the_headline_is_found_by_agreement_and_by_its_place(head: str, heading: str, title: str) -> None:
    article = read(make_page(PARAGRAPHS, head=head, heading=heading))
    assert (article.title, article.body) == (title, TEXT)


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        (
            "<title>某某标题一二三_某网</title><meta name=ArticleTitle content=栏目名称甲>",
            "<h1>某某标题一二三</h1>",
            "某某标题一二三",
        ),
        ("<title>某网站</title><meta name=ArticleTitle content=栏目名称甲>", "<div>短的标题</div>", "栏目名称甲"),
        ("<title>某网站</title>", "<div>····题一</div><h1>某某标题一二三</h1>", "某某标题一二三"),
        ("<title>某网站</title>", "<p>这是一句话，不是标题。</p><h1>某某标题一二三</h1>", "某某标题一二三"),
        ("<title>某某标题一二三-某网</title>", "<a href=/>某某标题一二三</a><h1>某某标题一二三</h1>", "某某标题一二三"),
        (
            '<title>某某标题一二三 - 某网</title><meta property="og:title" content=某某标题一二三>',
            "<h1>某某标题一二三</h1>",
            "某某标题一二三",
        ),
        ("<title>某网站</title>", f"<h1>{'<br>'.join('甲乙丙丁戊己')}</h1><h2>某某标题一二三</h2>", "某某标题一二三"),
    ],
)
def test_what_looks_like_a_headline_and_is_none(head: str, heading: str, title: str) -> None:
    assert read(make_page(PARAGRAPHS, head=head, heading=heading)).title == title


def test_a_signature_is_no_headline_though_the_site_is_called_so() -> None:
    page = make_page(PARAGRAPHS, head="<title>某市某某局</title>", heading=f"<div>{TITLE}</div>")
    assert (read(page).title, read(page).body) == (TITLE, TEXT)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("<p><a href=/g>点击进入专题</a></p>", ""),
        ("", "<p><a href=/g>点击进入专题</a></p>"),
        ("<p>&lt;![endif]--&gt;</p>", ""),
        ("<p>原标题：某某</p>", "<p>附件：</p>"),
        ("", "<p>【1】【2】【3】</p>"),
        ("", "<p>扫一扫关注某某</p><p>某某公众号</p>"),
        ("", "<p>主办单位：某某 备案（测）1号 版权所有：某某</p>"),
        ("<div><a href=/z>某某专题</a></div>", ""),
        ("", "<div>相关新闻</div><p>某某的另一篇新闻稿</p><p>某某的又一篇新闻稿</p>"),
        ("<a name=top></a>", "<div><!-- nothing --></div>"),
        (f"<p>{TITLE}</p>", ""),
    ],
)
def test_leftovers_at_both_ends_are_cut_off(before: str, behind: str) -> None:
    assert read(make_page(before + PARAGRAPHS + behind)).body == TEXT


@pytest.mark.parametrize(
    ("byline", "head", "url", "expected", "rule"),
    [
        ("<p>2023年11月06日 10时12分</p>", "", URL, "2023-11-06 10:12", UNDER),
        ("<p>发布时间</p><p>2023-11-06</p>", "", URL, "2023-11-06", UNDER),
        ("<p>二〇二三年十一月六日 来源：某报</p>", "", URL, "2023-11-06", UNDER),
        ("<p>| 23-11-06 | 【大 中 小】【打印】</p>", "", URL, "2023-11-06", UNDER),
        ("<p>成文日期：2023-11-03 发布日期：2023-11-06</p>", "", URL, "2023-11-06", UNDER),
        ("<p>6 November 2023, 10:12 am</p>", "", URL, "2023-11-06 10:12", UNDER),
        ("<p>日期：2023-11-06</p>", "<meta name=PubDate content='2024-02-01 08:00'>", URL, "2023-11-06", UNDER),
        (
            "<p>更新时间：2023-11-06 10:12</p>", DAY, URL, "2023-11-06 10:12", TAGGED
        ),
        ("<p>更新时间：2023-11-07 10:12</p>", DAY, URL, "2023-11-06", TAGGED),
        ("", "<meta name=PubDate content='2023-11-06 10:12'>", URL, "2023-11-06 10:12", TAGGED),
        (
            "", '<script type="application/ld+json">{"datePublished": "2023-11-06T10:12:00+08:00"}</script>', URL,
            "2023-11-06 10:12", "meta datePublished",
        ),
        ("<time itemprop=datePublished datetime=2023-11-06>昨天</time>", "", URL, "2023-11-06", "meta datePublished"),
        ("", "", "http://portal.test/xw/202311/t20231106_1.html", "2023-11-06", "the day in the address"),
        ("", "", "http://portal.test/2023-11/06/content_1.htm", "2023-11-06", "the day in the address"),
        ("", "", "http://portal.test/2023/13/66/content_1.htm", None, None),
        ("", "", "http://portal.test/2023-19-39/content_1.htm", None, None),
        ("", "<meta name=PubDate content=今天>", URL, None, None),
        ("", '<script type="application/ld+json">{"name": "某网"}</script>', URL, None, None),
        ("", "", URL, None, None),
        ("<p>更新时间：2023-11-07 10:12</p>", "", URL, None, None),
    ],
)  # fmt: skip
def test_the_date_is_the_one_of_publication(
    byline: str, head: str, url: str, expected: str | None, rule: str | None
) -> None:
    title = f"<title>{TITLE}</title>"
    page = make_page(
        f"<p>{SHORT}</p><p>自2023年12月1日起施行。</p>", head=title + head, byline=byline, tail=""
    ).replace(ROWS, "")
    article = read(page, url)
    shown = None
    if article.published:
        form = "%Y-%m-%d" if article.published.precision is Precision.DAY else "%Y-%m-%d %H:%M"
        shown = article.published.at.astimezone(ZoneInfo("Asia/Shanghai")).strftime(form)
    assert (shown, article.evidence.get("published")) == (expected, rule)


@pytest.mark.parametrize(
    "line",
    [
        "会议时间：2026年9月20日",
        "公示时间：2026-09-20至2026-09-27",
        "公示期：2026年9月20日至2026年9月27日",
        "报名时间 2026-09-20",
        "采访时间：2026-09-20 10:00",
        "通过日期：2026-09-20",
        "处罚决定日期</p><p>2026-09-20",
        "（2026年9月20日某市第十届人民代表大会常务委员会第3次会议通过）",
        "（二〇二六年九月二十日某某会议批准）",
        "2026年9月20日起施行",
        "时间：2026年9月20日上午9:00</p><p>地点：某某会议室",
        "时间：2026年9月20日 地点：某某会议室",
        "时 间：</p><p>2026年9月20日</p><p>地 点：某某会议室",
    ],
)
def test_a_date_with_a_label_of_something_else_is_not_of_publication(line: str) -> None:
    page = make_page(PARAGRAPHS, byline=f"<p>{line}</p>")
    assert read(page).published is None
    addressed = read(page, "http://portal.test/xw/202609/t20260928_1.html").published
    assert addressed is not None
    assert addressed.at == datetime(2026, 9, 27, 16, tzinfo=UTC)


@pytest.mark.parametrize("owner", ["某市人民代表大会常务委员会", "某某省人民政府", "某市人大网"])
def test_the_name_of_the_owner_over_the_page_is_no_headline(owner: str) -> None:
    head, heading = f"<title>{owner}</title>", f"<h1>{owner}</h1><div class=x>{TITLE}</div>"
    assert read_bare_article(make_page(PARAGRAPHS, head=head, heading=heading).encode(), URL).title == TITLE


@pytest.mark.parametrize("kind", ["公告", "公示"])
def test_a_notice_may_be_called_by_its_kind_alone(kind: str) -> None:
    head = "<title>通知公告 - 某市某某局</title>"
    content = "<p>各县（区）农业农村局，局属各有关单位：</p>" + PARAGRAPHS
    article = read(make_page(content, head=head, heading=f"<div>{kind}</div>"))
    assert (article.title, article.body.split("\n")[0]) == (kind, "各县（区）农业农村局，局属各有关单位：")


def test_a_clock_above_the_menu_is_no_date_of_publication() -> None:
    clock = "<div>2026-11-26 10:33:01</div><div><a href=/>首页</a> &gt; <a href=/tz/>通知公告</a></div>"
    assert read(make_page(PARAGRAPHS, heading=f"{clock}<h1>{TITLE}</h1>", byline="")).published is None


def test_a_linked_title_beside_a_date_is_no_source() -> None:
    latest = "<div><b>最新公告</b><p><a href=/2>关于其他某事的公告</a> 2023年1月6日</p></div>"
    assert read(make_page(PARAGRAPHS, heading=f"{latest}<h1>{TITLE}</h1>", byline="")).source is None


LOGO = "<div><img src=/logo.png></div>"
EMBLEM = "<p>版权所有：某市某某局</p><div><img src=/emblem.png></div>"


@pytest.mark.parametrize(
    "page",
    [
        f"<title>通知公告_某市某某局</title>{LOGO}<ul>{MENU}</ul><ul>{ROWS}</ul><div><img src=/emblem.png></div>",
        f"<title>某市某某局</title>{LOGO}<ul>{MENU}</ul><div id=content></div>{EMBLEM}",
        f"<title>{TITLE}</title>{LOGO}<ul>{MENU}</ul>",
        f"<title>{TITLE}</title>{LOGO}<ul>{MENU}</ul><h1>{TITLE}</h1>{BYLINE}",
        f"<title>{TITLE}</title>{LOGO}<ul>{MENU}</ul><h1>{TITLE}</h1><div id=content></div>{EMBLEM}",
    ],
)
def test_a_logo_is_no_article(page: str) -> None:
    article = read(page)
    assert article.verdict in {Verdict.EMPTY_CONTAINER, Verdict.CONTAINER_MISSING}


def test_a_logo_is_no_picture_of_a_short_text_without_headline() -> None:
    assert read(f"<title>某市某某局</title>{LOGO}<ul>{MENU}</ul><div>{SHORT}</div>").images == ()


def test_a_meeting_keeps_its_time_where_no_byline_stands_above_it() -> None:
    lines = "<p>时间：2026年10月12日上午9:00</p><p>地点：某某会议室三楼</p>"
    article = read(make_page(lines + PARAGRAPHS, byline=""))
    assert article.body == f"时间：2026年10月12日上午9:00\n地点：某某会议室三楼\n{TEXT}"
    assert article.published is None


@pytest.mark.parametrize(
    ("heading", "tail"), [("<p>发布时间：2023-11-06 10:12</p>", ""), ("", "<p>发布时间：2023-11-06 10:12</p>")]
)
def test_a_date_may_stand_above_the_headline_or_below_the_body(heading: str, tail: str) -> None:
    article = read(make_page(PARAGRAPHS, heading=f"{heading}<h1>{TITLE}</h1>", byline="", tail=tail))
    assert article.published is not None
    assert (article.published.at, article.body) == (datetime(2023, 11, 6, 2, 12, tzinfo=UTC), TEXT)


def test_an_index_card_gives_number_source_and_date() -> None:
    article = read(make_page(PARAGRAPHS, heading=f"{CARD}<h1>{TITLE}</h1>", byline=""))
    assert (article.number, article.source, article.body) == ("某发〔2023〕7号", "某某报", TEXT)
    assert article.published is not None
    assert article.published.precision is Precision.DAY


def test_a_number_between_headline_and_byline_is_the_documents() -> None:
    article = read(make_page(PARAGRAPHS, heading=f"<h1>{TITLE}</h1><p>某发〔2023〕 7号</p>"))
    assert (article.number, article.body) == ("某发〔2023〕7号", TEXT)


def test_hidden_elements_may_hold_each_other() -> None:
    nested = "<div style='display:none'>" * 50 + TEXT + "</div>" * 50
    assert read(make_page(nested + PARAGRAPHS)).body == TEXT


def test_cells_that_say_the_same_are_kept() -> None:
    same = "<td>某市公共资源交易平台（网址另行公布）<br>某市人民政府门户网站（网址另行公布）</td>"
    rows = "".join(f"<tr><td>第{n}项公告信息</td>{same}</tr>" for n in range(5))
    assert read(make_page(f"<table>{rows}</table>")).body.count("另行公布") == 10


def test_a_headline_with_nothing_under_it_is_an_empty_article() -> None:
    page = f"<title>{TITLE}</title><h1>{TITLE}</h1><p>发布时间：2023-11-06</p>"
    article = read(page)
    assert (article.verdict, article.title, article.body) == (Verdict.EMPTY_CONTAINER, TITLE, "")


@pytest.mark.parametrize("text", [PARAGRAPHS, "<p>王　某</p><p>李小某</p>"])
def test_a_headline_may_stand_below_the_text(text: str) -> None:
    article = read(f"<title>{TITLE}</title><div>{text}</div><h1>{TITLE}</h1>")
    assert article.title == TITLE
    assert article.body == text.replace("</p><p>", "\n")[3:-4]


def test_without_a_headline_the_body_begins_behind_a_bare_date() -> None:
    content = f"<p>这是一句话。</p><p>2023-11-06 10:12</p>{PARAGRAPHS}"
    article = read(f"<div><p>这也是一句话。</p></div><div>{content}</div>")
    assert (article.title, article.body) == (None, TEXT)


def test_previous_and_next_may_stand_above_a_long_text() -> None:
    text = "".join(f"<p>这是第{n}段，里面写着一些没有人说过的话，只为了让正文足够长。</p>" for n in range(40))
    lead = "<div>这一段是导语，里面说的是后面要说的事情。</div>"
    page = make_page(f"{lead}<div><a href=/>返回</a><p>上一篇：<a href=a>某某</a></p>{text}</div>", tail="")
    assert read(page).body.endswith("\n".join(text[3:-4].split("</p><p>")))


def test_the_head_tells_source_and_author_where_the_page_does_not() -> None:
    head = f"<title>{TITLE}</title><meta name=ContentSource content=某某报><meta name=Author content={{}}>"
    assert read(make_page(PARAGRAPHS, head=head.format("某某"), byline="")).source == "某某报"
    assert read(make_page(PARAGRAPHS, head=head.format("某某"), byline="")).author == "某某"
    assert read(make_page(PARAGRAPHS, head=head.format("a@b.test"), byline="")).author is None
