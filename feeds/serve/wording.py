"""Words for people: Chinese first, English beside it; times as exactly as the portal said them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

from feeds.decide.digests import find_next_cut, find_schedule, read_slot
from feeds.facts import Kind
from feeds.model import (
    LEADS,
    DeliveryState,
    EventKind,
    Frequency,
    Health,
    Moment,
    Precision,
    Schedule,
    Verdict,
    Wish,
)
from feeds.render.facts import KIND_WORDS, MONTHS
from feeds.render.operator import ADVICE
from feeds.render.wishes import WEEKDAYS, say_hour, say_time
from feeds.serve.languages import CHINESE, ENGLISH
from feeds.store.told import Telling


@dataclass(frozen=True)
class Words:
    """Words are one sentence or label in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Stretch:
    """A stretch is a piece of a line that is in Han characters, or in none."""

    text: str
    is_han: bool


FORMATS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}

CALENDARS = {
    kind.value: Words(*KIND_WORDS[kind])
    for kind in (Kind.CONSULTATION, Kind.MEETING, Kind.SESSION, Kind.PROMULGATION, Kind.DECISION, Kind.RESOLUTION)
}
"""Kinds of notices that calendars of their own are shown for; others have one too, if a rare one."""

FREQUENCIES = {
    Frequency.IMMEDIATE: Words("有新公告立即发信", "at once"),
    Frequency.DAILY: Words("每天一封摘要", "a daily digest"),
    Frequency.WEEKLY: Words("每周一封摘要", "a weekly digest"),
}

ZONES = {
    "Asia/Shanghai": Words("北京时间", "Beijing"),
    "Asia/Urumqi": Words("新疆时间", "Ürümqi"),
    "Asia/Hong_Kong": Words("香港", "Hong Kong"),
    "Asia/Taipei": Words("台北", "Taipei"),
    "Asia/Tokyo": Words("东京", "Tokyo"),
    "Asia/Singapore": Words("新加坡", "Singapore"),
    "Australia/Sydney": Words("悉尼", "Sydney"),
    "Europe/Moscow": Words("莫斯科", "Moscow"),
    "Europe/Berlin": Words("柏林、巴黎", "Berlin, Paris"),
    "Europe/London": Words("伦敦", "London"),
    "America/New_York": Words("纽约", "New York"),
    "America/Los_Angeles": Words("洛杉矶", "Los Angeles"),
    "UTC": Words("协调世界时", "UTC"),
}
"""Zones to choose from; any other that was chosen is shown by its name."""

KINDS = {kind.value: Words(*words) for kind, words in KIND_WORDS.items()}
LEADS_WORDS = {lead: Words(f"前 {lead} 天", f"{lead} day{'s' * (lead > 1)} before") for lead in LEADS if lead}
LEADS_WORDS |= {0: Words("当天", "on the day")}

CHANGED = {
    "title": Words("标题", "title"),
    "body": Words("正文", "text"),
    "published": Words("发布时间", "time"),
    "editor": Words("责任编辑", "editor"),
    "source": Words("来源", "source"),
    "number": Words("编号", "number"),
    "attachments": Words("附件", "attachments"),
    "withdrawn": Words("原网站撤下", "withdrawn by the portal"),
    "restored": Words("原网站恢复", "restored by the portal"),
}

VERDICTS = {
    Verdict.LISTING: Words("正常", "fine"),
    Verdict.UNCHANGED: Words("正常", "fine"),
    Verdict.EMPTY_CONTAINER: Words("列表是空的", "the list is empty"),
    Verdict.CONTAINER_MISSING: Words("找不到列表，可能已改版", "no list found, perhaps a redesign"),
    Verdict.CHALLENGE: Words("原网站要求验证", "the portal asks for a challenge"),
    Verdict.BLOCKED: Words("原网站拒绝访问", "the portal refuses us"),
    Verdict.LOGIN: Words("原网站要求登录或验证码", "the portal asks for a login"),
    Verdict.MAINTENANCE: Words("原网站维护中", "the portal is being maintained"),
    Verdict.SOFT_ERROR: Words("原网站显示错误页", "the portal shows an error page"),
    Verdict.SHELL: Words("页面内容由脚本生成", "the page is filled by scripts"),
    Verdict.GONE: Words("页面已不存在", "the page is gone"),
    Verdict.MOVED: Words("页面已搬走", "the page has moved"),
    Verdict.TAKEN_OVER: Words("网站身份不符", "somebody else lives there"),
    Verdict.GARBLED: Words("文字乱码", "the text is garbled"),
    Verdict.TRUNCATED: Words("页面不完整", "the page was cut"),
    Verdict.TOO_LARGE: Words("页面过大", "the page is too large"),
    Verdict.NOT_A_PAGE: Words("不是网页", "a file, not a page"),
    Verdict.FAILED: Words("连接失败", "no connection"),
}

FATES = {
    "expected": Words("应发", "expected"),
    "accepted": Words("邮件服务器已接收", "accepted by the relay"),
    "live": Words("发送中", "on the way"),
    "waiting": Words("等待摘要", "waiting for a digest"),
    "failed": Words("发送失败", "failed"),
    "suppressed": Words("无需再发", "no longer wanted"),
    "unaccounted": Words("账目不符", "unaccounted for"),
}
RETURNED = {
    "hard": Words("退回：地址失效", "came back: dead mailbox"),
    "soft": Words("退回：对方满或忙", "came back: full or busy"),
    "policy": Words("退回：被拒收", "came back: refused"),
    "complained": Words("被投诉", "complained of"),
}
"""What may happen to a mail after it was accepted."""

EVENTS = {
    EventKind.PUBLISHED: Words("公告", "notice"),
    EventKind.REVISED: Words("更正", "correction"),
    EventKind.WITHDRAWN: Words("撤下", "withdrawal"),
    EventKind.RESTORED: Words("恢复", "restored"),
    EventKind.REMINDER: Words("提醒", "reminder"),
}

QUEUES = {
    "channels": Words("待读取的栏目", "channels to visit"),
    "articles": Words("待读取的正文", "articles to read"),
    "rereadings": Words("待复读的正文", "articles to read again"),
    "fanouts": Words("待分发的公告", "notices to fan out"),
    "deliveries": Words("待发送的邮件", "mails to send"),
    "posts": Words("待推送的消息", "messages to webhooks and robots"),
    "digests": Words("待汇总的摘要", "digests to gather"),
}

_PATTERNS = {Precision.DAY: "%Y-%m-%d", Precision.MINUTE: "%Y-%m-%d %H:%M", Precision.SECOND: "%Y-%m-%d %H:%M:%S"}
_ATTRIBUTE = r"""\s+[a-zA-Z-]+(?:="[^"]*")?"""
_SIGN = r"[\u2e80-\u2fdf\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_HAN = re.compile(rf"({_SIGN}(?:(?:{_SIGN}|\d)*{_SIGN})?)")
_IMAGE = re.compile(rf"<img((?:{_ATTRIBUTE})*)\s*/?>")
_SOURCE = re.compile(r"""\ssrc="([^"]*)\"""")
_WORDS = re.compile(r"""\salt="([^"]*)\"""")


def list_hours() -> dict[int, Words]:
    """The hours of a day to choose from."""
    return {hour: Words(say_hour(hour), f"{hour:02}:00") for hour in range(24)}


def show_zone(name: str) -> Words:
    """A time zone for people; one without words is shown by its name."""
    return ZONES.get(name, Words(name, ""))


def show_pace(wish: Wish, usual: Schedule) -> Words:
    """How often somebody is told, and at which hour."""
    label = FREQUENCIES[wish.frequency]
    if wish.frequency is Frequency.IMMEDIATE:
        return label
    zh, en = say_time(wish, find_schedule(wish, usual))
    return Words(f"{label.zh}，{zh.strip()}", f"{label.en} {en}")


def show_moment(moment: Moment, zone: str) -> str:
    """A moment as it was said: a day stays a day."""
    return moment.at.astimezone(ZoneInfo(zone)).strftime(_PATTERNS[moment.precision])


def show_time(at: datetime, zone: str) -> str:
    """One of our own times, to the minute."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def show_day(day: date, today: date) -> tuple[Words, Words]:
    """A day as a heading, and what stands under it."""
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}"
    weekday, english = WEEKDAYS[day.weekday()]
    year = "" if day.year == today.year else f" {day.year}"
    near = {0: Words("今天", "Today"), 1: Words("昨天", "Yesterday")}.get((today - day).days)
    if near is None:
        return Words(zh, en), Words(f"{weekday}{year}", f"{english[:3]}{year}")
    return near, Words(f"{zh} {weekday}", f"{english[:3]} {en}")


def show_month(month: date) -> tuple[Words, Words]:
    """A month as a heading, and what stands under it."""
    return Words(f"{month.month}月", MONTHS[month.month - 1]), Words(f"{month.year}年", f"{month.year}")


def link_contact(contact: str) -> str | None:
    """Where a click on the operator's contact leads: a mailbox or a page. None: it is a sentence."""
    if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", contact):
        return f"mailto:{contact}"
    return contact if re.fullmatch(r"https?://\S+", contact) else None


_FILES = {
    "pdf": "pdf",
    "text": "doc docx wps odt rtf txt",
    "sheet": "xls xlsx et ods csv",
    "slides": "ppt pptx dps odp",
    "archive": "zip rar 7z gz tar",
    "image": "jpg jpeg png gif bmp tif tiff webp",
    "film": "mp4 avi mov wmv flv mp3 wav",
}
_ICONS = {ending: icon for icon, endings in _FILES.items() for ending in endings.split()}


def name_file_icon(name: str, address: str) -> str:
    """The icon of an attachment, by the ending of its name, else of its address."""
    return _ICONS.get(_find_ending(name, address), "file")


def name_file_kind(name: str, address: str) -> str:
    """The ending of an attachment in capitals, as people call its kind; empty where it has none that is known."""
    return _find_ending(name, address).upper()


def _find_ending(name: str, address: str) -> str:
    for text in (name, address.partition("?")[0]):
        _, dot, ending = text.lower().rstrip().rpartition(".")
        if dot and ending in _ICONS:
            return ending
    return ""


def show_date(at: datetime, zone: str) -> str:
    """One of our own times, to the day."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d")


def show_size(size: int) -> str:
    """How large a file is: bytes, then kB and MB of a thousand, with two figures at least."""
    for unit, one in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= one:
            return f"{size / one:.0f} {unit}" if size >= 10 * one else f"{size / one:.1f} {unit}"
    return f"{size} B"


def show_health(health: Health | None) -> Words:
    """How a channel fares, for people; None is a channel that was never judged."""
    return Words("尚未判断", "not judged yet") if health is None else Words(*ADVICE[health][:2])


def show_advice(health: Health) -> Words:
    """What the operator can do about it."""
    return Words(*ADVICE[health][2:])


def show_verdict(verdict: str | None) -> Words:
    """A verdict for people; None is a channel that was never polled."""
    return Words("还没有读过", "not read yet") if verdict is None else VERDICTS[Verdict(verdict)]


def show_changed(names: tuple[str, ...]) -> tuple[Words, ...]:
    """Changed fields for people; a name without words is shown as it is."""
    return tuple(CHANGED.get(name, Words(name, name)) for name in names)


def show_fate(name: str) -> Words:
    """A column of the ledger, or what came back, for people."""
    return (FATES | RETURNED).get(name, Words(name, name))


def show_telling(telling: Telling, usual: Schedule, now: datetime) -> Words:
    """What became of what somebody was to be told, for that person; what their server said is not in it."""
    zone = usual.time_zone
    accepted, later = (show_time(at, zone) if at else "" for at in (telling.accepted_at, telling.next_at))
    if telling.state is None:
        how = telling.item.frequency
        schedule = read_slot(telling.item.slot, usual)
        coming = show_time(find_next_cut(how, schedule, now), schedule.time_zone)
        zh, en = ("", "") if schedule.time_zone == zone else (f"（{schedule.time_zone}）", f" ({schedule.time_zone})")
        often = "每周" if how is Frequency.WEEKLY else "每天"
        return Words(f"等待下一封{often}摘要，{coming}{zh}", f"waits for the next {how} digest, {coming}{en}")
    return {
        DeliveryState.QUEUED: Words("即将发出", "about to be sent"),
        DeliveryState.SENDING: Words("正在发送", "being sent"),
        DeliveryState.DEFERRED: Words(f"等待重发，最早 {later}", f"waits for another try, not before {later}"),
        DeliveryState.IN_DOUBT: Words(
            f"邮件服务器没有答复，可能已经送到；最早 {later} 再试",
            f"the mail server did not answer, it may have arrived; tried again not before {later}",
        ),
        DeliveryState.ACCEPTED: Words(f"邮件服务器已接收，{accepted}", f"accepted by the mail server, {accepted}"),
        DeliveryState.FAILED: Words("被邮件服务器拒收", "refused by the mail server"),
        DeliveryState.EXPIRED: Words("一直没能送出，已停止", "could not be sent for too long, given up"),
        DeliveryState.SUPPRESSED: Words(
            "没有发：当时已退订、已无意义，或邮箱已停用",
            "not sent: the subscription had ended, it had lost its point, or the mailbox was stopped",
        ),
    }[telling.state]


def show_queue(name: str) -> Words:
    """A queue for people."""
    return QUEUES.get(name, Words(name, name))


def show_feed(name: str, titles: Mapping[str, str], language: str = CHINESE) -> str:
    """A feed's title; one that is no longer configured keeps its name."""
    return titles.get(name, f"{name} (retired)" if language == ENGLISH else f"{name}（已停用 retired）")


def name_move(sentence: str) -> str:
    """The English of a sentence that says which day was moved (`decide.moves`)."""
    return sentence.rpartition(" · ")[2]


def part_scripts(text: str) -> tuple[Stretch, ...]:
    """A line in its stretches: Han characters with their signs and the digits between them, and all that is not."""
    parts = _HAN.split(text)
    return tuple(Stretch(part, place % 2 == 1) for place, part in enumerate(parts) if part)


def link_images(html: str, language: str = CHINESE, kept: Callable[[str], str | None] = lambda _: None) -> str:
    """Clean HTML with every image replaced by our copy (`kept` gives its address by the image's own), or by a link.

    No page of ours loads anything from elsewhere.
    """
    words = '<span lang="en">picture</span>' if language == ENGLISH else "查看图片 picture"

    def link(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[1])
        if source is None:
            return ""
        if (ours := kept(source[1])) is not None:
            named = _WORDS.search(match[1])
            return f'<img class="kept" src="{escape(ours)}" alt="{named[1] if named else ""}" loading="lazy">'
        return f'<a class="picture" href="{source[1]}" rel="noreferrer">{words}</a>'

    return _IMAGE.sub(link, html)
