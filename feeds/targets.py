"""The nouns of what is told without a mail, frozen; beside those of `model`, and in the glossary."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Medium(StrEnum):
    """A medium is how somebody is told: by mail, by a webhook of their own, or by a chat robot."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    ROBOT = "robot"


class TargetKind(StrEnum):
    """The kind of a target is the language that it understands.

    `wecom` is 企业微信, `dingtalk` 钉钉, `feishu` 飞书 or Lark; `apprise` is any other service that Apprise knows.
    """

    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    APPRISE = "apprise"

    @property
    def medium(self) -> Medium:
        """Over which medium it is told."""
        return Medium.WEBHOOK if self is TargetKind.WEBHOOK else Medium.ROBOT


@dataclass(frozen=True)
class Target:
    """A target is what is told instead of a mailbox: a webhook or a chat robot, which the operator registered.

    Its subscriber's address is a name that gives no secret away: `wecom@qyapi.weixin.qq.com/1a2b3c4d`.
    """

    kind: TargetKind
    url: str = field(repr=False)
    """Who knows it may write to the group: never shown, never logged."""
    secret: str | None = field(default=None, repr=False)
    """What messages are signed with. None: they are not signed."""
    allow_private: bool = False
    """Whether it may be on a loopback or private address."""
