"""What a mail to our bounce domain is: a delivery report, a complaint, an automatic reply, a wish to unsubscribe. Pure.

Reports are RFC 3464's (in a `multipart/report`, RFC 6522), or words for people, as qmail, QQ and NetEase write them.
Complaints are RFC 5965's. Automatic replies are told by RFC 3834's field, by older ones, and by their subjects.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from feeds.mailboxes import RecipientReport, ReturnedKind, ReturnedMail
from feeds.read.mails import Fields, Mail, read_mail

_ARRIVED_AT = (
    "delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "cc",
)  # fmt: skip
_SIGNED = r"[0-9A-Za-z]{1,16}(?:\.[0-9A-Za-z]{1,40}){2}(?:\.all)?"
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")
_STATUS = {"message/delivery-status", "message/global-delivery-status"}
"""The second is RFC 6533's, for addresses that are not ASCII."""
_ORIGINALS = {
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
}
_LONGEST_SAID = 400
_MOST_REPORTS = 20

_COMPLAINTS = {"abuse", "fraud", "opt-out", "opt-out-list"}
"""Feedback types that are somebody's wish to be left alone; `not-spam`, `auth-failure` and the like are not."""

_DAEMON = re.compile(r"mailer-?daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_BOUNCED_SUBJECT = re.compile(
    r"^\W*(?:系统退信|退信|undeliver|delivery (?:status notification|failure)|returned mail|failure notice"
    r"|mail delivery failed)",
    re.IGNORECASE,
)
_AUTOMATIC_SUBJECT = re.compile(
    r"^\W*(?:(?:re|回复|答复)\W{1,3})?(?:自动(?:回复|答复|应答)|自動(?:回覆|回復)|假期|休假|外出|不在办公室|度假"
    r"|auto(?:matic)?[ -]?(?:reply|response|answer)|out of (?:the )?office|on vacation|vacation)",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"^\W*(?:delayed|延迟)|delivery (?:is )?delayed|\(delay\)|warning: could not send|投递延迟", re.IGNORECASE
)
_NOTHING_BELOW = re.compile(
    r"-{2,} ?(?:below this line|this is a copy|original message|the following)|^received: from |^[^\w\n]{0,40}原始邮件"
    r"|^[^\w\n]{0,40}(?:建议)?解决(?:方案|办法)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the mail that is brought back begins, or advice to its sender."""
_SAID = (
    re.compile(r"said: (?P<said>[245]\d\d[ -].*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(?:退信|失败|拒收)(?:原因|理由)(?:为|是)?[:：\s]+(?P<said>\S.*)", re.DOTALL),
    re.compile(r"(?P<said>[^\n]{0,200}\(#[45]\.\d{1,3}\.\d{1,3}\))"),
    re.compile(r"(?<![\w.:])(?P<said>[45]\d\d[ -]+(?:#?[45]\.\d|[^\W\d]).*)", re.DOTALL),
    re.compile(r"(?<![\w.])(?P<said>[45]\.\d{1,3}\.\d{1,3}\b.*)", re.DOTALL),
    re.compile(r"(?P<said>\S{0,40}(?:不存在|未开通|未注册|空间不足|已满|拒收|频率|被禁用)[^\n]*)"),
)
"""Where words for people quote what was said, the surest first."""


def read_returned(content: bytes, domain: str) -> ReturnedMail:
    """Return what a mail is; `domain` is our bounce domain. Whatever the bytes are, nothing raises."""
    mail = read_mail(content)
    arrived = [text for name in _ARRIVED_AT for text in mail.fields.get(name, ())]
    originals = _list_blocks(mail, _ORIGINALS)
    feedback = _list_blocks(mail, {"message/feedback-report"})
    sent_from = [_first(block, "original-mail-from") for block in feedback]
    sent_from += [_first(block, "return-path") for block in originals]
    wishes = _find_tokens(arrived, "u", domain)
    kind, reports, formal = _tell_kind(mail, wanted=bool(wishes))
    status = _list_blocks(mail, _STATUS)
    return ReturnedMail(
        kind=kind,
        tokens=_find_tokens([*arrived, *sent_from], "b", domain),
        message_ids=_find_message_ids(originals),
        wishes=wishes,
        reports=reports,
        formal=formal,
        envelope_id=_first(status[0], "original-envelope-id") if status else "",
        subject=mail.get("subject")[:_LONGEST_SAID],
    )


def _tell_kind(mail: Mail, *, wanted: bool) -> tuple[ReturnedKind, tuple[RecipientReport, ...], bool]:
    """Return what it is, with its reports and whether they are formal; what is written for machines counts first."""
    if reports := tuple(_read_reports(mail)):
        return ReturnedKind.REPORT, reports, True
    if feedback := _list_blocks(mail, {"message/feedback-report"}):
        asked = any(_first(block, "feedback-type").lower() in _COMPLAINTS for block in feedback)
        return (ReturnedKind.COMPLAINT if asked else ReturnedKind.UNKNOWN), (), False
    if (report := _read_words(mail)) is not None:
        return ReturnedKind.REPORT, (report,), False
    if _is_answer(mail):
        return ReturnedKind.AUTOMATIC, (), False
    if wanted:  # a program may send it on its reader's behalf
        return ReturnedKind.WISH, (), False
    return (ReturnedKind.AUTOMATIC if _is_automatic(mail) else ReturnedKind.UNKNOWN), (), False


def _read_reports(mail: Mail) -> Iterable[RecipientReport]:
    """Yield what RFC 3464's fields say of each recipient."""
    for block in _list_blocks(mail, _STATUS)[: _MOST_REPORTS + 1]:
        action = _first(block, "action").lower()
        if not action:
            continue  # the first block, of the mail as a whole
        status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", _first(block, "status"))
        said = _first(block, "diagnostic-code")
        yield RecipientReport(
            action=action.split()[0].strip(";,"),
            status=status[0] if status else "",
            said=re.sub(r"^[\w-]+ ?; ?", "", said)[:_LONGEST_SAID],
            recipient=re.sub(r"^[\w-]+ ?; ?", "", _first(block, "final-recipient"))[:_LONGEST_SAID],
        )


def _read_words(mail: Mail) -> RecipientReport | None:
    """Return what a report says in words for people; None: it is no report, or gives no reason."""
    failed = mail.get("x-failed-recipients")
    told = failed or _DAEMON.search(mail.get("from")) or _BOUNCED_SUBJECT.search(mail.get("subject"))
    if not told or _AUTOMATIC_SUBJECT.search(mail.get("subject")):
        return None
    text = re.sub(r"[^\S\n]+", " ", _NOTHING_BELOW.split(mail.text, maxsplit=1)[0])
    found = next((match for pattern in _SAID if (match := pattern.search(text))), None)
    delayed = _DELAYED.search(mail.get("subject"))
    if found is None and not delayed:
        return None
    said = " ".join(found["said"][:_LONGEST_SAID].split()) if found else ""
    status = re.search(r"\b[45]\.\d{1,3}\.\d{1,3}\b", said)
    action = "delayed" if delayed else "failed"
    return RecipientReport(action, status[0] if status else "", said, failed[:_LONGEST_SAID])


def _is_answer(mail: Mail) -> bool:
    """Tell whether it answers a mail of its own accord (RFC 3834, section 5, and what there was before it)."""
    answers = mail.get("auto-submitted").lower().startswith("auto-replied")
    older = {"x-autoreply", "x-autorespond", "x-auto-reply"} & mail.fields.keys()
    preceded = mail.get("precedence").lower() in {"auto_reply", "auto-reply"}
    return answers or bool(older) or preceded or bool(_AUTOMATIC_SUBJECT.search(mail.get("subject")))


def _is_automatic(mail: Mail) -> bool:
    """Tell whether no person wrote it just now."""
    bulk = mail.get("precedence").lower() in {"bulk", "junk", "list"}
    return bulk or mail.get("auto-submitted").lower() not in {"", "no"} or mail.get("return-path") == "<>"


def _list_blocks(mail: Mail, kinds: Collection[str]) -> list[Fields]:
    return [block for part in mail.parts if part.type in kinds for block in part.blocks]


def _first(block: Fields, name: str) -> str:
    return block.get(name, ("",))[0]


def _find_tokens(texts: Iterable[str], mailbox: str, domain: str) -> tuple[str, ...]:
    """Return the tokens of our own addresses, each once; also as they were before somebody changed their case."""
    address = re.compile(rf"(?<![\w+]){mailbox}\+({_SIGNED})@{re.escape(domain)}(?![\w.-])", re.IGNORECASE)
    found = [token for text in texts for token in address.findall(text)]
    return tuple(dict.fromkeys(spelt for token in found for spelt in (token, token.lower())))


def _find_message_ids(originals: Iterable[Fields]) -> tuple[str, ...]:
    found = (_MESSAGE_ID.search(text) for block in originals for text in block.get("message-id", ()))
    return tuple(dict.fromkeys(match[0] for match in found if match))
