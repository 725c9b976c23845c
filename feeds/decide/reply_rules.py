"""What relays and providers are known to say, and what it means: the rows that `decide.replies` goes by.

A row matches where its pattern is found in `CODE TEXT`, whatever the case, and its speaker is heard: the provider that
keeps the mailbox, or whose relay we use. The first row that fits wins. A new wording is a new row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.mailboxes import ReplyClass

ANY = "any"


@dataclass(frozen=True)
class Rule:
    """A rule is one wording of a speaker, with its meaning."""

    speaker: str
    pattern: re.Pattern[str]
    means: ReplyClass


def _row(speaker: str, pattern: str, means: ReplyClass) -> Rule:
    return Rule(speaker, re.compile(pattern, re.IGNORECASE), means)


BY_TEXT = (
    # QQ, Foxmail and Exmail say 550 for all of it. Exmail keeps companies' own domains: what is plainly its own
    # wording is believed of anybody. So are the two letters, two dots of 163, 126 and Yeah.
    _row(ANY, r"frequency limited", ReplyClass.RATE),
    _row(ANY, r"mailbox unavailable or access denied", ReplyClass.BUSY),  # it gets too much mail just now
    _row(ANY, r"rejected by recipients", ReplyClass.BUSY),  # its owner's own filter: as with a full one, days tell
    _row("qq", r"bounce attacks|(?:connection|content) denied|ip .{0,20}(?:denied|rejected)", ReplyClass.POLICY),
    _row("qq", r"invalid user", ReplyClass.DEAD),
    _row(ANY, r"^4\d\d .*DT:SPM", ReplyClass.GREYLIST),  # wait two minutes; 554 DT:SPM is a verdict
    _row(ANY, r"HL:(?:ICC|IFC|MEP|REP)|MI:(?:CEL|DMC|CCL|SFQ|STC)|RP:(?:RCL|DRC|CCL|TRC)", ReplyClass.RATE),
    _row(ANY, r"DT:(?:SPM|SUM)|MI:(?:SPB|SPF|FRL|NHD|DMK)", ReplyClass.POLICY),
    _row("netease", r"user suspended|mailbox (?:is )?locked", ReplyClass.BUSY),
    _row("netease", r"IP:|HL:", ReplyClass.POLICY),
    _row("outlook", r"\bRP-00[1-3]|\bS775\b", ReplyClass.RATE),
    _row("outlook", r"\b(?:SC|DY|OU)-00\d|\bS3(?:140|150)\b", ReplyClass.POLICY),
    _row("outlook", r"^550 5\.5\.0 .*mailbox unavailable|RecipientNotFound|RecipNotFound", ReplyClass.DEAD),
    _row("gmail", r"unusual rate", ReplyClass.RATE),
    _row("gmail", r"receiving mail (?:too quickly|at a rate)|out of storage|is inactive", ReplyClass.BUSY),
    # Everybody. What is said of our speed and of the sender comes before what is said of the mailbox: quotas may be
    # ours, and both may `not exist`.
    _row(ANY, r"^5(?:30|34|35|38) |authentication (?:failed|required)|too many login attempts", ReplyClass.LOCAL),
    _row(ANY, r"relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed))|unable to relay", ReplyClass.LOCAL),
    _row(ANY, r"unverified address|gr[ea]y-?list", ReplyClass.GREYLIST),  # the first: a relay that asks, and waits
    _row(ANY, r"rate.?limit|too many (?:connections|messages)|too fast|throttl|^421 4\.7\.", ReplyClass.RATE),
    _row(ANY, r"(?:sending|hourly|daily) (?:limit|quota)|per (?:minute|hour|day)\b", ReplyClass.RATE),
    _row(ANY, r"\b(?:SPF|DKIM|DMARC|spam|RBL|DNSBL)\b|block(?:ed (?:using|by)|list)|blacklist", ReplyClass.POLICY),
    _row(ANY, r"\bsender\b|not owned by user|return.?path|callback|callout|verification failed for", ReplyClass.LOCAL),
    _row(ANY, r"\bHELO\b", ReplyClass.LOCAL),
    _row(ANY, r"(?:message|mail) ?size|message (?:is )?too (?:big|large)", ReplyClass.POLICY),  # ours to shorten
    _row(ANY, r"\b(?:mailbox|inbox|recipient|user)\b.{0,30}\b(?:full|quota|exceeded)\b", ReplyClass.BUSY),
    _row(ANY, r"(?:user|recipient|mailbox|account|address) (?:is )?(?:unknown|not found|does not exist|invalid)"
         r"|(?:no such|unknown|invalid) (?:user|recipient|mailbox|account)|unrouteable address", ReplyClass.DEAD),
    # What comes back in Chinese, as reports for people write it.
    _row(ANY, r"频率|(?:发送|发信)(?:过于|太)|超(?:过|出).{0,8}(?:发送|发信|连接).{0,6}(?:限制|上限)", ReplyClass.RATE),
    _row(ANY, r"垃圾邮件|病毒|黑名单|被拦截|内容.{0,8}(?:拒|违规|不合)|发件人|发信(?:人|方)", ReplyClass.POLICY),
    _row(ANY, r"(?:空间|容量)(?:已|不|超|达)|(?:邮箱|信箱)已?满|(?:收件人|收件方|对方).{0,8}拒收", ReplyClass.BUSY),
    _row(ANY, r"(?:用户|帐号|账号|帐户|账户|邮箱|信箱|收件人|地址)[^，。；]{0,60}?不存在|无此(?:用户|邮箱|帐号|账号)"
         r"|未开通|已(?:被)?注销|域名不存在", ReplyClass.DEAD),
)  # fmt: skip

BY_ENHANCED_CODE = (
    # RFC 3463, where the words said nothing. Only one whose first digit is the reply's own is believed.
    _row("outlook", r"^4\.7\.(?:500|65\d)$", ReplyClass.RATE),
    _row("outlook", r"^5\.4\.1$", ReplyClass.DEAD),  # Exchange's directory does not have the recipient
    _row(ANY, r"^[45]\.2\.2$|^4\.2\.1$", ReplyClass.BUSY),
    _row(ANY, r"^5\.1\.(?:1|2|3|6|10)$|^5\.2\.1$", ReplyClass.DEAD),
    _row(ANY, r"^5\.1\.[78]$", ReplyClass.LOCAL),
    _row(ANY, r"^5\.7\.|^5\.3\.4$|^5\.2\.3$", ReplyClass.POLICY),
)
