"""What robots say in a 200 that is none, as rows: their error codes, and their words where a code means several things.

Codes are those of the services' own pages on group robots: WeCom's global error codes, DingTalk's of custom robots,
Feishu's of custom bots.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.mailboxes import ReplyClass
from feeds.targets import TargetKind


@dataclass(frozen=True)
class AnswerRule:
    """A row: whose code it is, and what it means, perhaps only with some words."""

    kind: TargetKind
    code: int
    means: ReplyClass
    says: re.Pattern[str] = re.compile("")
    pause_minutes: int = 0
    """How long the service takes nothing after it. 0: it does not say."""


_WECOM, _DINGTALK, _FEISHU = TargetKind.WECOM, TargetKind.DINGTALK, TargetKind.FEISHU
_RATE, _DEAD, _POLICY, _BUSY = ReplyClass.RATE, ReplyClass.DEAD, ReplyClass.POLICY, ReplyClass.GREYLIST


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


RULES = (
    AnswerRule(_WECOM, -1, _BUSY),  # system busy
    AnswerRule(_WECOM, 45009, _RATE, pause_minutes=1),  # api freq out of limit
    AnswerRule(_WECOM, 45033, _RATE),  # too many at the same time
    AnswerRule(_WECOM, 93000, _DEAD),  # invalid webhook url, or the robot was removed
    AnswerRule(_WECOM, 93008, _DEAD),  # not in the group
    AnswerRule(_WECOM, 93017, _DEAD),  # the robot is not there
    AnswerRule(_WECOM, 40058, _POLICY),  # a parameter, or the content is too long
    AnswerRule(_WECOM, 40008, _POLICY),  # message type
    AnswerRule(_WECOM, 44004, _POLICY),  # empty content
    AnswerRule(_WECOM, 45002, _POLICY),  # content too long
    AnswerRule(_DINGTALK, -1, _BUSY),  # system busy
    AnswerRule(_DINGTALK, 130101, _RATE, pause_minutes=10),  # send too fast, more than 20 a minute
    AnswerRule(_DINGTALK, 410100, _RATE, pause_minutes=10),  # sent too fast
    AnswerRule(_DINGTALK, 88, _RATE, _words("90018|90002|frequen|too fast|限流")),
    AnswerRule(_DINGTALK, 310000, _POLICY, _words("keyword|关键词")),
    AnswerRule(_DINGTALK, 310000, _DEAD, _words("sign|timestamp|whitelist|签名|时间戳|白名单")),
    AnswerRule(_DINGTALK, 300001, _DEAD),  # token is not exist
    AnswerRule(_DINGTALK, 300005, _DEAD),  # token is not exist
    AnswerRule(_DINGTALK, 400101, _DEAD),  # access_token does not exist
    AnswerRule(_DINGTALK, 400102, _DEAD),  # the robot was stopped
    AnswerRule(_DINGTALK, 400013, _DEAD),  # the group was dissolved
    AnswerRule(_DINGTALK, 400105, _POLICY),  # message type
    AnswerRule(_DINGTALK, 400106, _POLICY),  # not in the group that the message speaks of
    AnswerRule(_DINGTALK, 430101, _POLICY),  # unsafe link
    AnswerRule(_DINGTALK, 430102, _POLICY),  # unfit words
    AnswerRule(_DINGTALK, 430103, _POLICY),  # unfit picture
    AnswerRule(_DINGTALK, 430104, _POLICY),  # unfit content
    AnswerRule(_DINGTALK, 460101, _POLICY),  # too long
    AnswerRule(_FEISHU, 9499, _RATE, _words("too many|frequen|limit")),
    AnswerRule(_FEISHU, 9499, _POLICY),  # bad request
    AnswerRule(_FEISHU, 11232, _RATE),  # frequency limited
    AnswerRule(_FEISHU, 11233, _RATE),  # frequency limited
    AnswerRule(_FEISHU, 11247, _BUSY),  # internal error
    AnswerRule(_FEISHU, 19001, _DEAD, _words("token")),  # the address is not known
    AnswerRule(_FEISHU, 19001, _POLICY),
    AnswerRule(_FEISHU, 19002, _POLICY),  # a parameter
    AnswerRule(_FEISHU, 19021, _DEAD),  # the signature, or our clock
    AnswerRule(_FEISHU, 19022, _DEAD),  # our address is not allowed
    AnswerRule(_FEISHU, 19024, _POLICY),  # no keyword in it
    AnswerRule(_FEISHU, 19036, _DEAD),  # the address is not known
)
"""The first that fits counts; a code without a row means `unknown`."""
