"""Draws docs/images/mail-*.png: every kind of mail as it is built, by day and by night, on a desk and on a phone.

.venv/bin/python docs/make_mail_pictures.py

Places, people and notices are invented. Wanted: Chromium ($CHROMIUM, or on the path) and fonts with Chinese.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from feeds.daemon.templates import load_templates
from feeds.model import Attachment, EventKind, Frequency, Health
from feeds.render.facts import FactRow
from feeds.render.mail import (
    Envelope,
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
from feeds.render.operator import HealthNews, write_health

IMAGES = Path(__file__).parent / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
DESK, PHONE = 760, 375
TOKEN = "2s.a.k4v6rmp2f7q3htz5wj8n9b3d"  # noqa: S105 -- an invented one
LINKS = MailLinks(
    manage_url=f"https://tongzhi.example/manage/{TOKEN}",
    unsubscribe_url=f"https://tongzhi.example/unsubscribe/{TOKEN}",
    unsubscribe_mailto=None,
    why="临江市人大 · 通知公告 · 即时",
    all_url="https://tongzhi.example/p/linjiang/tzgg",
)
PARAGRAPHS = (
    "临江市人大常委会拟于2026年11月20日召开《临江市供水条例（草案）》立法听证会，现公开征集听证陈述人15名、旁听人20名。",
    "一、报名条件：年满十八周岁的本市居民，以及在本市用水的单位和个人。",
    "二、报名方式：请于2026年11月12日前填写报名表，送至临江市滨河路8号法制工作委员会，或寄至电子邮箱。",
    "三、听证事项：水价的构成与调整、二次供水设施的管理、停水的通知时限。",
)
NOTICE = MailNotice(
    title="关于召开《临江市供水条例（草案）》立法听证会的公告（第7号）",
    original_title="临江市人大常委会公告",
    url="https://www.linjiang.example/tzgg/20261103/1021.html",
    page_url="https://tongzhi.example/n/k7c2m9x4",
    published_text="2026-11-03 09:30",
    channel_titles=("通知公告",),
    portal_title="临江市人大",
    editor="林哲",
    body_text="\n".join(PARAGRAPHS),
    body_html="".join(f"<p>{text}</p>" for text in PARAGRAPHS),
    attachments=(Attachment("https://www.linjiang.example/1.docx", "立法听证会报名表.docx", "application/msword"),),
    kind=EventKind.PUBLISHED,
    changed=(),
    public_id="k7c2m9x4",
    line="报名截止 11月12日 · 听证会 11月20日",
    facts=(
        FactRow("报名截止", "Sign-up ends", "2026-11-12", PARAGRAPHS[2]),
        FactRow("听证会", "Hearing", "2026-11-20", PARAGRAPHS[0]),
        FactRow("法规", "Rules", "《临江市供水条例》（草案）", PARAGRAPHS[0]),
        FactRow("地点", "Place", "临江市滨河路8号", PARAGRAPHS[2]),
    ),
)
OTHERS = (
    (
        "临江市人大常委会关于接受周岚辞去副市长职务请求的决定",
        "决议决定",
        "辞职 周岚",
        "会议决定接受周岚辞去临江市副市长职务的请求，报市人民代表大会备案。",
    ),
    (
        "临江市人大常委会2026年度立法计划",
        "立法工作",
        "",
        "安排审议法规案六件，其中制定三件、修改二件、废止一件。",
    ),
    (
        "关于临江市2026年上半年预算执行情况的报告",
        "监督工作",
        "",
        "上半年全市一般公共预算收入完成年度预算的百分之五十二。",
    ),
)


@dataclass(frozen=True)
class Shot:
    """A shot is one picture: a mail, how wide the window is, and whether it is night."""

    name: str
    content: MailContent
    links: MailLinks | None
    width: int
    dark: bool = False


def list_shots() -> list[Shot]:
    """Return every picture."""
    templates = load_templates()
    revised = replace(
        NOTICE, kind=EventKind.REVISED, changed=("body",), moved=("报名截止 sign-up ends: 11-10 → 11-12",)
    )
    reminder = replace(
        NOTICE,
        kind=EventKind.REMINDER,
        deadline="明天截止",
        reminder="报名明天截止。 Sign-up ends tomorrow.",
    )
    daily = replace(LINKS, why="临江市人大 · 每日")
    digest = write_digest(templates, [NOTICE, *map(make_other, OTHERS)], daily, Frequency.DAILY, "2026-11-03")
    wanted = (
        "临江市人大 · 通知公告 · Notices",
        "即时 · at once",
        "截止提醒 前 7 天 · reminders 7 days before",
    )
    confirmation = write_confirmation(
        templates, "公告订阅", (f"https://tongzhi.example/confirm/{TOKEN}", "402 917"), wanted
    )
    relocation = write_relocation(templates, "公告订阅", f"https://tongzhi.example/manage/{TOKEN}", "z…e@xin.example")
    erasure = write_erasure(templates, "公告订阅", f"https://tongzhi.example/erase/{TOKEN}")
    news = [
        HealthNews("linjiang/tzgg", "通知公告", Health.FAILING, "https://www.linjiang.example/tzgg/: answers 503"),
        HealthNews("linjiang/lfgz", "立法工作", Health.SILENT, None),
    ]
    alert, health = (
        write_alert(templates, NOTICE, LINKS),
        write_health("临江市人大", news, "https://tongzhi.example/status"),
    )
    told = {kind: write_alert(templates, replace(NOTICE, kind=kind), LINKS) for kind in EventKind}
    return [
        Shot("alert-desk", alert, LINKS, DESK),
        Shot("alert-desk-dark", alert, LINKS, DESK, dark=True),
        Shot("alert-phone", alert, LINKS, PHONE),
        Shot("alert-phone-dark", alert, LINKS, PHONE, dark=True),
        Shot("revised-phone", write_alert(templates, revised, LINKS), LINKS, PHONE),
        Shot("withdrawn-phone", told[EventKind.WITHDRAWN], LINKS, PHONE),
        Shot("restored-phone", told[EventKind.RESTORED], LINKS, PHONE),
        Shot("reminder-phone-dark", write_alert(templates, reminder, LINKS), LINKS, PHONE, dark=True),
        Shot("digest-desk", digest, daily, DESK),
        Shot("digest-phone-dark", digest, daily, PHONE, dark=True),
        Shot("confirmation-phone", confirmation, None, PHONE),
        Shot("relocation-phone", relocation, None, PHONE),
        Shot("erasure-phone-dark", erasure, None, PHONE, dark=True),
        Shot("operator-phone", health, None, PHONE),
    ]


def make_other(facts: tuple[str, str, str, str]) -> MailNotice:
    """Return another notice for the digest."""
    title, channel, line, body = facts
    return replace(
        NOTICE,
        title=title,
        channel_titles=(channel,),
        line=line,
        body_text=body,
        attachments=(),
        facts=(),
        original_title=title,
    )


def read_html(shot: Shot) -> str:
    """Build the mail and read its HTML part back, as a mail program does."""
    envelope = Envelope(
        sender="alerts@tongzhi.example",
        recipient="lin.zhe@mail.example",
        from_header="公告订阅 <alerts@tongzhi.example>",
        reply_to=None,
        date=datetime(2026, 11, 3, 9, 31, tzinfo=timezone(timedelta(hours=8))),
        message_id="<k4v6rmp2.1@tongzhi.example>",
        list_id="临江市人大 通知公告 <tzgg.linjiang.tongzhi.example>" if shot.links else None,
    )
    mail = message_from_bytes(build_message(shot.content, envelope, shot.links), policy=policy.default)
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    return str(part.get_content())


def draw(browser: Browser, shot: Shot) -> None:
    """Draw one picture, as high as the mail is."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": 100},
        device_scale_factor=1 if shot.width == DESK else 1.5,
        color_scheme="dark" if shot.dark else "light",
    )
    page.set_content(read_html(shot))
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= shot.width, f"{shot.name} is {wide} wide"
    picture = Image.open(BytesIO(page.screenshot(full_page=True)))
    picture.quantize(64, dither=Image.Dither.NONE).save(IMAGES / f"mail-{shot.name}.png", optimize=True)
    page.close()


def main() -> None:
    """Draw every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for shot in list_shots():
            draw(browser, shot)
            print(f"wrote mail-{shot.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
