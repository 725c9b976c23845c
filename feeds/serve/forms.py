"""What people fill in: read, tidied, and refused with a sentence in both languages. Nothing is kept here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from feeds.decide.digests import is_zone
from feeds.facts import Kind
from feeds.model import LEADS, Frequency, Wish
from feeds.serve.wording import Words

MOST_KEYWORDS = 20
LONGEST_KEYWORD = 50
TRAP = "leave_empty"
"""A field that people never see; what fills it is a robot."""

_HOURS = [str(hour) for hour in range(24)]
_LONGEST_ZONE = 64

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SEPARATOR = re.compile(r"[\s,，、;；|]+")


@dataclass(frozen=True)
class SignUpForm:
    """A filled sign-up form, tidied; `faults` by field, empty when it can be accepted."""

    address: str = ""
    wish: Wish = field(default_factory=lambda: Wish((), changes=False))
    is_trapped: bool = False
    stamp: str = ""
    """When the form was shown, signed."""
    work: str = ""
    """What proves that work was done, where it is asked for."""
    faults: dict[str, Words] = field(default_factory=dict)


def read_text(form: FormData, name: str) -> str:
    """A field's text; nothing for a field that is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def read_sign_up(form: FormData, known: Collection[str]) -> SignUpForm:
    """The sign-up form; `known` are the feed names in the order of the page."""
    faults: dict[str, Words] = {}
    address, fault = read_address(read_text(form, "address"))
    if fault:
        faults["address"] = fault
    feeds = read_feeds((value for value in form.getlist("feed") if isinstance(value, str)), known)
    if not feeds:
        faults["feeds"] = Words("请至少选择一个栏目。", "Please choose at least one channel.")
    wish, wrong = read_wish(form, Wish(feeds))
    stamp, work = read_text(form, "stamp"), read_text(form, "work")
    return SignUpForm(address, wish, bool(read_text(form, TRAP)), stamp, work, faults | wrong)


def read_wish(form: FormData, before: Wish) -> tuple[Wish, dict[str, Words]]:
    """The conditions of a wish, and the faults by field. Feeds, and what the form does not ask, stay as `before`.

    A box that is not ticked sends nothing: whether the form asks for more conditions, its field `more` says.
    """
    faults: dict[str, Words] = {}
    words: dict[str, tuple[str, ...]] = {}
    more = bool(read_text(form, "more"))
    for name in ("keywords", "people", "laws") if more else ("keywords",):
        words[name], fault = read_keywords(read_text(form, name))
        if fault:
            faults[name] = fault
    wish = replace(
        before,
        keywords=words["keywords"],
        frequency=read_frequency(read_text(form, "frequency")) or before.frequency,
        changes=bool(read_text(form, "changes")),
    )
    if more:
        kinds, leads = set(form.getlist("kind")), set(form.getlist("remind"))
        wish = replace(
            wish,
            kinds=tuple(kind.value for kind in Kind if kind in kinds),
            people=words["people"],
            laws=tuple(dict.fromkeys(bare for law in words["laws"] if (bare := law.strip("《》")))),
            reprints=not read_text(form, "skip_reprints"),
            remind=tuple(lead for lead in LEADS if str(lead) in leads),
        )
    wish, fault = _read_time(form, wish)
    return wish, faults | ({"time_zone": fault} if fault else {})


def _read_time(form: FormData, wish: Wish) -> tuple[Wish, Words | None]:
    """When digests come: an empty field is the site's hour or zone. What is told at once has neither."""
    if wish.frequency is Frequency.IMMEDIATE:
        return replace(wish, hour=None, time_zone=None), None
    if "hour" in form:
        hour = read_text(form, "hour")
        wish = replace(wish, hour=int(hour) if hour in _HOURS else None)
    if "time_zone" not in form:
        return wish, None
    zone = read_text(form, "time_zone").strip()[:_LONGEST_ZONE]
    if zone and not is_zone(zone):
        return wish, Words(
            "没有这个时区，请从列表中选一个。", "There is no such time zone; please choose one of the list."
        )
    return replace(wish, time_zone=zone or None), None


def read_address(text: str) -> tuple[str, Words | None]:
    """An e-mail address with its domain in lower case, or what was typed and why it is none.

    Full-width letters and ＠ from a Chinese keyboard are taken for what they mean; line breaks never.
    """
    from email_validator import EmailNotValidError, validate_email  # where it is used: no start waits for it

    typed = text.strip(" \u3000")
    if not typed:
        return "", Words("请填写邮箱地址。", "Please enter your e-mail address.")
    if _CONTROL.search(text):
        shown = _CONTROL.sub(" ", typed)
        return shown, Words("邮箱地址里不能有换行或控制字符。", "An e-mail address cannot contain line breaks.")
    try:
        checked = validate_email(unicodedata.normalize("NFKC", typed), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return typed[:320], Words(
            "这不像一个邮箱地址，请检查，例如 name@example.com。",
            "This does not look like an e-mail address; please check it, for example name@example.com.",
        )
    return checked.ascii_email or checked.normalized, None


def read_feeds(chosen: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Known feed names among the chosen, the wide ones swallowing the narrow: `all`, then portals, then channels."""
    wanted = set(chosen)
    if "all" in wanted:
        return ("all",)
    return tuple(name for name in known if name in wanted and name.partition("/")[0] not in wanted - {name})


def read_keywords(text: str) -> tuple[tuple[str, ...], Words | None]:
    """Keywords, parted by spaces or commas of either width, each once; a fault where they are too many or too long."""
    tidied = (_CONTROL.sub("", word) for word in _SEPARATOR.split(text))
    words = tuple(dict.fromkeys(word for word in tidied if word))
    if len(words) > MOST_KEYWORDS:
        return words, Words(f"关键词最多 {MOST_KEYWORDS} 个。", f"At most {MOST_KEYWORDS} keywords, please.")
    if any(len(word) > LONGEST_KEYWORD for word in words):
        return words, Words(
            f"每个关键词最多 {LONGEST_KEYWORD} 个字。", f"At most {LONGEST_KEYWORD} characters in a keyword, please."
        )
    return words, None


def read_frequency(text: str) -> Frequency | None:
    """A frequency by its name; None for anything else."""
    return Frequency(text) if text in set(Frequency) else None
