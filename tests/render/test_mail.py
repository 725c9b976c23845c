"""What mails say: Chinese first, English beside; what happened, where, why it came, how to end it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

import feeds
from feeds.model import Attachment, EventKind, Frequency
from feeds.render.facts import FactRow
from feeds.render.mail import (
    MAX_BYTES,
    MailContent,
    MailLinks,
    MailNotice,
    build_message,
    write_alert,
    write_confirmation,
    write_digest,
    write_erasure,
    write_relocation,
)
from tests.render.test_message import ENVELOPE, LINKS

LOADER = jinja2.FileSystemLoader(Path(feeds.__file__).parent / "text")
STRICT = jinja2.Environment(
    loader=LOADER, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
PLAIN = jinja2.Environment(loader=LOADER, autoescape=False)
NOTICE = MailNotice(
    title="关于召开座谈会的通知",
    original_title="关于召开座谈会的通知",
    url="http://www.portal.example/info/1021.htm?a=1&b=2",
    page_url="https://feeds.example/n/abcd1234",
    published_text="2026-11-03 09:30",
    channel_titles=("通知公告", "工作动态"),
    portal_title="某市人大",
    editor="新闻宣传处",
    body_text="各有关单位：\n座谈会定于下周召开。",
    body_html="<p>各有关单位：</p><p>座谈会定于下周召开。</p>",
    attachments=(Attachment("http://www.portal.example/files/1.doc", "回执.doc", "application/msword"),),
    kind=EventKind.PUBLISHED,
    changed=(),
    public_id="abcd1234",
)


def both(content: MailContent) -> tuple[str, str]:
    """Return both parts, for what has to be in each."""
    return content.text, content.html


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_an_alert_says_what_when_where_who_and_how_to_end_it(templates: jinja2.Environment) -> None:
    for part in both(write_alert(templates, NOTICE, LINKS)):
        for fact in (
            NOTICE.title,
            "2026-11-03 09:30",
            "某市人大 · 通知公告、工作动态",
            "新闻宣传处",
            "座谈会定于下周召开。",
            "回执.doc",
            "http://www.portal.example/files/1.doc",
            NOTICE.page_url,
            LINKS.manage_url,
            LINKS.unsubscribe_url,
            LINKS.why,
        ):
            assert fact in part


def test_an_alert_links_to_the_portals_own_address() -> None:
    """No redirect, no counting: a click is between the reader and the portal."""
    content = write_alert(STRICT, NOTICE, LINKS)
    assert NOTICE.url in content.text
    assert NOTICE.url.replace("&", "&amp;") in content.html
    assert dict(content.headers) == {
        "X-Notice-Id": "abcd1234",
        "X-Notice-Event": "published",
        "X-Source-Url": NOTICE.url,
    }


def find_links(html: str, words: str) -> list[str | None]:
    """Return where the links lead whose words begin so."""
    links = LexborHTMLParser(html).css("a")
    return [link.attributes.get("href") for link in links if link.text().startswith(words)]


def test_a_mail_can_be_seen_in_a_browser_without_anything_of_its_readers_own() -> None:
    """Who passes the link on passes on no right to manage a subscription."""
    alert = write_alert(STRICT, NOTICE, LINKS)
    assert find_links(alert.html, "看网页版") == [NOTICE.page_url]
    listed = replace(LINKS, all_url="https://feeds.example/p/port?a=1&b=2")
    digest = write_digest(STRICT, [NOTICE], listed, Frequency.DAILY, "昨天")
    assert find_links(digest.html, "看网页版") == [listed.all_url]
    assert find_links(write_digest(STRICT, [NOTICE], LINKS, Frequency.DAILY, "昨天").html, "看网页版") == []


def test_what_was_withdrawn_is_read_on_our_page_its_own_leads_nowhere() -> None:
    assert find_links(write_alert(STRICT, NOTICE, LINKS).html, "看原文") == [NOTICE.url]
    withdrawn = write_alert(STRICT, replace(NOTICE, kind=EventKind.WITHDRAWN), LINKS).html
    assert find_links(withdrawn, "看撤下前的存档") == [NOTICE.page_url]
    assert find_links(withdrawn, "看原文") == []


@pytest.mark.parametrize(
    "content",
    [
        write_alert(STRICT, NOTICE, LINKS),
        write_digest(STRICT, [NOTICE], LINKS, Frequency.DAILY, "昨天"),
        write_confirmation(STRICT, "某市通知", ("https://feeds.example/confirm/t", "402917"), ["某市人大"]),
    ],
    ids=["alert", "digest", "confirmation"],
)
def test_html_holds_in_programs_that_drop_half_of_it(content: MailContent) -> None:
    tree = LexborHTMLParser(content.html)
    for cell in tree.css("td.main, td.foot"):
        style = cell.attributes.get("style") or ""
        assert "PingFang SC" in style, "QQ Mail drops what <body> says of fonts"
        assert {"color:", "font-size:", "line-height:"} <= {
            f"{part.split(':')[0].strip()}:" for part in style.split(";")
        }
    assert tree.css_matches("table.sheet[width='100%'][bgcolor]"), "Outlook takes colours from attributes"
    assert content.html.count("<!--[if mso]>") == content.html.count("<![endif]-->") == 2, "and no widths from styles"
    assert "prefers-color-scheme:dark" in content.html.replace(" ", "")
    assert all(button.parent and button.parent.attributes.get("bgcolor") for button in tree.css("a.button"))


def test_the_subject_begins_with_the_channel_and_gives_the_whole_title() -> None:
    assert write_alert(STRICT, NOTICE, LINKS).subject == "【通知公告】关于召开座谈会的通知"
    nowhere = replace(NOTICE, channel_titles=(), portal_title="某市人民代表大会")
    assert write_alert(STRICT, nowhere, LINKS).subject == "【某市人民代表】关于召开座谈会的通知"


def test_a_title_of_hundreds_of_characters_is_cut_in_the_subject_only() -> None:
    content = write_alert(STRICT, replace(NOTICE, title="长" * 500), LINKS)
    assert content.subject == f"【通知公告】{'长' * 120}……"
    assert all("长" * 500 in part for part in both(content))


@pytest.mark.parametrize(
    ("kind", "changed", "word", "sentences"),
    [
        (
            EventKind.REVISED,
            ("title", "body"),
            "更正",
            ["原站修改了此件", "changed this notice", "标题 title、正文 text"],
        ),
        (EventKind.REVISED, ("weather",), "更正", ["改动 changed: weather"]),
        (EventKind.WITHDRAWN, (), "撤下", ["原站已撤下此件", "Withdrawn by the portal"]),
        (EventKind.RESTORED, (), "恢复", ["重新发布", "shows this notice again"]),
    ],
)
@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_a_change_says_what_happened_and_what_changed(
    templates: jinja2.Environment, kind: EventKind, changed: tuple[str, ...], word: str, sentences: list[str]
) -> None:
    notice = replace(NOTICE, kind=kind, changed=changed)
    alert = write_alert(templates, notice, LINKS)
    digest = write_digest(templates, [notice], LINKS, Frequency.DAILY, "昨天")
    assert alert.subject == f"【{word}】{NOTICE.title}"
    for part in (*both(alert), *both(digest)):
        assert all(sentence in part for sentence in sentences)


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_a_correction_says_in_words_which_day_moved(templates: jinja2.Environment) -> None:
    moved = "截止日期由7月15日改为7月31日 · deadline moved from 2026-07-15 to 2026-07-31"
    notice = replace(NOTICE, kind=EventKind.REVISED, changed=("body",), moved=(moved,))
    alert = write_alert(templates, notice, LINKS)
    for part in (*both(alert), *both(write_digest(templates, [notice], LINKS, Frequency.DAILY, "昨天"))):
        assert f"changed this notice. {moved}. 改动 changed: 正文 text" in part
    assert moved not in alert.subject


def test_what_is_not_known_is_not_said() -> None:
    bare = replace(
        NOTICE, published_text=None, editor=None, attachments=(), body_text="", body_html="", channel_titles=()
    )
    for part in both(write_alert(STRICT, bare, LINKS)):
        assert "发布时间未注明 No date given" in part
        assert not re.search("责任编辑|附件|None|原题", part)


def test_a_shown_title_stands_beside_the_portals_own() -> None:
    for part in both(write_alert(STRICT, replace(NOTICE, original_title="公告"), LINKS)):
        assert "Portal's title: 公告" in part.replace("&#39;", "'")


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_a_mail_fetches_nothing_and_runs_nothing_when_it_is_opened(templates: jinja2.Environment) -> None:
    """Whatever the environment escapes, and whatever an article brought along."""
    evil = '<img src="http://t.example/pixel.gif" alt="a>b"><script>alert(1)</script><p onclick="a()">字</p>'
    notice = replace(NOTICE, title="<script>甲</script>", body_html=evil, body_text="<b>字</b>", editor='"><img src=x>')
    for content in (
        write_alert(templates, notice, LINKS),
        write_digest(templates, [notice], LINKS, Frequency.WEEKLY, "<i>"),
        write_erasure(templates, "<u>站</u>", "https://feeds.example/erase/x"),
        write_relocation(templates, "<u>站</u>", "https://feeds.example/manage/x", "<img src=x>…@b"),
        write_confirmation(templates, "<u>站</u>", ("https://feeds.example/confirm/x", "<i>"), ["<img src=x>"]),
    ):
        assert not re.search(r"<(img|script|link|iframe|object|b|i|u)\b|\sonclick|url\(", content.html)
        assert "<!DOCTYPE html>" in content.html


FACTS = (
    FactRow("截止日期", "Deadline", "2026-07-31", "意见请于7月31日前反馈。"),
    FactRow("任命", "Appointed", "张三 市财政局<局>长", "任命张三为市财政局局长。"),
)


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_an_alert_has_what_the_notice_says_above_its_text(templates: jinja2.Environment) -> None:
    content = write_alert(templates, replace(NOTICE, facts=FACTS), LINKS)
    assert "\n· 截止日期 Deadline: 2026-07-31\n" in content.text
    assert "\n· 任命 Appointed: 张三 市财政局<局>长\n" in content.text
    assert "张三 市财政局&lt;局&gt;长</td>" in content.html
    for part in both(content):
        assert part.index("Deadline") < part.index("Appointed") < part.rindex("座谈会定于下周召开。")
        assert "more on the page" not in part
    assert content.subject == write_alert(templates, NOTICE, LINKS).subject


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_an_alert_has_eight_facts_and_the_others_are_on_the_page(templates: jinja2.Environment) -> None:
    rows = tuple(FactRow("当选", "Elected", f"代表{number}号", "") for number in range(20))
    for part in both(write_alert(templates, replace(NOTICE, facts=rows), LINKS)):
        assert [number for number in range(20) if f"代表{number}号" in part] == list(range(8))
        assert "另有 12 项见本站页面 12 more on the page" in part


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_an_alert_without_facts_has_no_table_of_them(templates: jinja2.Environment) -> None:
    content = write_alert(templates, NOTICE, LINKS)
    assert "<th" not in content.html
    assert "\n· " not in content.text


@pytest.mark.parametrize("templates", [STRICT, PLAIN])
def test_a_digest_says_under_each_title_what_the_notice_says(templates: jinja2.Environment) -> None:
    told = replace(NOTICE, title="关于公开征求意见的公告", line="征求意见 · 7月31日截止")
    content = write_digest(templates, [told, replace(NOTICE, title="动态")], LINKS, Frequency.DAILY, "昨天")
    assert f"{told.title}\n{told.line}\n" in content.text.replace("\n\n", "\n")
    assert re.search(rf"{told.title}</a></p>\s*<p[^>]*>{told.line}</p>", content.html)
    assert content.html.count('class="item-line"') == 1


def test_the_text_part_is_not_escaped() -> None:
    content = write_alert(STRICT, replace(NOTICE, title="甲 & <乙>"), LINKS)
    assert "甲 & <乙>" in content.text
    assert "甲 &amp; &lt;乙&gt;" in content.html


def test_a_digest_lists_every_notice_in_order() -> None:
    notices = [replace(NOTICE, title=f"第{number}号公告") for number in range(20)]
    content = write_digest(STRICT, notices, LINKS, Frequency.DAILY, "11月2日 8:00 至 11月3日 8:00")
    assert content.subject == "【每日汇总】20 条：第0号公告"
    for part in both(content):
        places = [part.index(f"第{number}号公告") for number in range(20)]
        assert places == sorted(places)
        assert "11月2日 8:00 至 11月3日 8:00" in part
        assert LINKS.unsubscribe_url in part
        assert "see all" not in part


def test_a_weekly_digest_says_so() -> None:
    assert write_digest(STRICT, [NOTICE], LINKS, Frequency.WEEKLY, "").subject.startswith("【每周汇总】1 条")
    assert write_digest(STRICT, [], LINKS, Frequency.IMMEDIATE, "").subject == "【新通知】0 条："


@pytest.mark.parametrize("all_url", [None, "https://feeds.example/p/portal"])
def test_a_digest_too_long_for_a_mail_gives_the_first_and_a_link_to_all(all_url: str | None) -> None:
    """Gmail clips at about 102 kB, and with the end goes the link to unsubscribe."""
    notices = [replace(NOTICE, title=f"第{number}号公告", body_text="字" * 300) for number in range(2000)]
    content = write_digest(STRICT, notices, replace(LINKS, all_url=all_url), Frequency.DAILY, "昨天")
    assert len(build_message(content, ENVELOPE, LINKS)) <= MAX_BYTES
    shown = content.text.count("号公告\n")
    assert 200 < shown < 2000
    for part in both(content):
        assert f"{2000 - shown} more" in part
        assert (all_url or LINKS.manage_url) in part
        assert "第0号公告" in part


def test_what_has_no_room_in_a_digest_is_listed_by_title_before_anything_is_left_out() -> None:
    notices = [replace(NOTICE, title=f"第{number}号公告", body_text="字" * 300) for number in range(150)]
    notices[149] = replace(notices[149], kind=EventKind.WITHDRAWN)
    content = write_digest(STRICT, notices, LINKS, Frequency.DAILY, "昨天")
    assert len(build_message(content, ENVELOPE, LINKS)) <= MAX_BYTES
    for part in both(content):
        assert all(notice.title in part for notice in notices)
        assert 20 < part.count("字" * 140) < 150
        assert "By title only" in part
        assert "see all" not in part
        assert "撤下 Withdrawn" in part


ABSURD = replace(
    NOTICE,
    title="长" * 60_000,
    original_title="原" * 60_000,
    url="http://www.portal.example/" + "a" * 60_000,
    channel_titles=("栏" * 60_000,),
    portal_title="站" * 60_000,
    editor="编" * 60_000,
    body_text="字" * 60_000,
    body_html=f"<p>{'字' * 60_000}</p>",
    attachments=tuple(Attachment(f"http://p.example/{'f' * 1_900}/{n}", "件" * 60_000, "") for n in range(60)),
    line="行" * 60_000,
    facts=tuple(FactRow("任命", "Appointed", f"{n}" + "人" * 60_000, "句" * 60_000) for n in range(40)),
)


def test_whatever_a_portal_writes_a_mail_stays_below_its_size_and_can_be_ended() -> None:
    """Past 102 kB Gmail clips, and what it clips first is the link at the end."""
    links = replace(LINKS, why="词" * 60_000)
    for content in (
        write_alert(STRICT, ABSURD, links),
        write_digest(STRICT, [ABSURD], links, Frequency.DAILY, ""),
        write_digest(STRICT, [replace(ABSURD, attachments=())] * 3_000, links, Frequency.DAILY, ""),
    ):
        assert len(build_message(content, ENVELOPE, LINKS)) <= MAX_BYTES
        for part in both(content):
            assert LINKS.unsubscribe_url in part
            assert f"{'长' * 500}……（完整标题 whole title: {NOTICE.page_url} ）" in part
            assert NOTICE.portal_title not in part


def test_the_first_fifty_attachments_are_listed_and_the_others_are_on_the_page() -> None:
    files = [Attachment(f"http://www.portal.example/files/{n}.doc", f"名单{n}.doc", "") for n in range(2_000)]
    files[3] = Attachment("http://www.portal.example/" + "f" * 3_000, "名单3.doc", "")
    content = write_alert(STRICT, replace(NOTICE, attachments=tuple(files)), LINKS)
    for part in both(content):
        assert [n for n in range(2_000) if f"files/{n}.doc" in part] == [n for n in range(51) if n != 3]
        assert "1950 more on the page" in part
        assert "座谈会定于下周召开。" in part
    assert "more on the page" not in write_alert(STRICT, NOTICE, LINKS).text


def test_a_text_too_long_for_a_mail_is_cut_at_a_paragraph_and_says_so() -> None:
    lines = [f"第{number}条 {'字' * 90}。" for number in range(400)]
    notice = replace(NOTICE, body_text="\n".join(lines), body_html="".join(f"<p>{line}</p>" for line in lines))
    content = write_alert(STRICT, notice, LINKS)
    assert len(build_message(content, ENVELOPE, LINKS)) <= MAX_BYTES
    for part in both(content):
        assert "全文请看原文" in part
        assert lines[0] in part
        assert lines[-1] not in part
        assert part.count("字" * 90 + "。") == part.count("字" * 90)


@pytest.mark.parametrize("text", ["", "字" * 90_000])
def test_a_body_without_paragraphs_is_cut_as_well(text: str) -> None:
    notice = replace(NOTICE, body_text=text, body_html=f"<table><tr><td>{'格' * 90_000}</td></tr></table>")
    content = write_alert(STRICT, notice, LINKS)
    assert len(build_message(content, ENVELOPE, LINKS)) <= MAX_BYTES
    assert "全文请看原文" in content.text


def test_an_excerpt_is_cut_and_shows_that_it_is() -> None:
    digest = write_digest(STRICT, [replace(NOTICE, body_text="字" * 141)], LINKS, Frequency.DAILY, "")
    assert f"{'字' * 140}……" in digest.text


def test_a_confirmation_says_what_was_asked_for_and_what_to_do_if_it_was_not_you() -> None:
    content = write_confirmation(
        STRICT, "某市通知", ("https://feeds.example/confirm/token", "048213"), ["某市人大 · 通知公告", "每日汇总"]
    )
    assert content.subject == "请确认订阅 Please confirm · 某市通知"
    for part in both(content):
        assert "https://feeds.example/confirm/token" in part
        assert "048213" in part
        assert "某市人大 · 通知公告" in part
        assert "如果不是您" in part
        assert "If it was not you" in part
        assert "退订" not in part
    assert content.headers == ()


def test_an_old_address_is_told_where_its_subscriptions_went_and_how_to_take_it_back() -> None:
    content = write_relocation(STRICT, "某市通知", "https://feeds.example/manage/token", "s…n@new.example")
    assert content.subject == "订阅已改到新邮箱 Your subscriptions moved · 某市通知"
    for part in both(content):
        assert "https://feeds.example/manage/token" in part
        assert "s…n@new.example" in part
        assert "七天内可以撤销" in part
        assert "take it back within seven days" in part


@pytest.mark.parametrize(
    "content",
    [
        write_alert(STRICT, NOTICE, LINKS),
        write_confirmation(STRICT, "某市通知", ("https://feeds.example/confirm/token", "048213"), ["某市人大"]),
        write_relocation(STRICT, "某市通知", "https://feeds.example/manage/token", "s…n@new.example"),
        write_erasure(STRICT, "某市通知", "https://feeds.example/erase/token"),
    ],
    ids=["alert", "confirmation", "relocation", "erasure"],
)
def test_what_a_button_says_is_seen(content: MailContent) -> None:
    """Its words are white: they need the ground that the cell around them gives, in an attribute for Outlook."""
    tree = LexborHTMLParser(content.html)
    buttons = tree.css("a.button")
    assert len(buttons) == len(tree.css("table.go td[bgcolor='#a4262c'] > a.button")) > 0
    assert len(tree.css("h1")) == len(tree.css("h1.title"))


def test_an_address_is_asked_before_it_is_erased_and_told_that_doing_nothing_is_safe() -> None:
    content = write_erasure(STRICT, "某市通知", "https://feeds.example/erase/token")
    assert content.subject == "请确认删除数据 Please confirm: erase my data · 某市通知"
    for part in both(content):
        assert "https://feeds.example/erase/token" in part
        assert "什么也不会删除" in part
        assert "nothing is erased" in part
        assert "good for a day" in part


def test_writing_twice_gives_the_same_mail() -> None:
    assert write_alert(STRICT, NOTICE, LINKS) == write_alert(STRICT, NOTICE, LINKS)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_whatever_text_arrives_a_mail_can_be_built(text: str) -> None:
    notice = replace(NOTICE, title=text, body_text=text, body_html=text, editor=text, portal_title=text, line=text)
    notice = replace(notice, channel_titles=(text,), facts=(FactRow("任命", "Appointed", text, text),))
    links = MailLinks(LINKS.manage_url, LINKS.unsubscribe_url, None, text)
    content = write_alert(STRICT, notice, links)
    assert content.subject.startswith("【")
    assert build_message(content, ENVELOPE, links)
