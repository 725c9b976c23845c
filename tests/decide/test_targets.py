"""What may be registered as a target, what it is called, and what stays hidden."""

from __future__ import annotations

import pytest

from feeds.decide.targets import find_fault, find_lane, guess_kind, hide_secrets, name_target, read_key
from feeds.targets import Medium, Target, TargetKind

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (WECOM, TargetKind.WECOM),
        ("https://oapi.dingtalk.com/robot/send?access_token=ab", TargetKind.DINGTALK),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/ab", TargetKind.FEISHU),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/ab", TargetKind.FEISHU),
        ("https://hooks.example.org/notices", TargetKind.WEBHOOK),
        ("http:///nowhere", TargetKind.WEBHOOK),
        ("bark://KEY", TargetKind.APPRISE),
    ],
)
def test_the_host_tells_what_an_address_is(url: str, kind: TargetKind) -> None:
    assert guess_kind(url) is kind


def test_only_webhooks_are_a_medium_of_their_own() -> None:
    assert {kind.medium for kind in TargetKind} == {Medium.WEBHOOK, Medium.ROBOT}
    assert TargetKind.WEBHOOK.medium is Medium.WEBHOOK


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        (Target(TargetKind.WECOM, WECOM), None),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/n", "any words"), None),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/n", "whsec_YSBrZXk="), None),
        (Target(TargetKind.APPRISE, "bark://KEY"), None),
        (Target(TargetKind.WEBHOOK, "https://[nowhere"), "cannot be read"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org:port/"), "cannot be read"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/a b"), "no blanks"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/\n"), "no blanks"),
        (Target(TargetKind.WEBHOOK, f"https://hooks.example.org/{'a' * 2_000}"), "2000 characters"),
        (Target(TargetKind.WEBHOOK, f"https://{'a.' * 100}example.org/"), "at most 200"),
        (Target(TargetKind.APPRISE, "bark"), "bark://KEY"),
        (Target(TargetKind.WEBHOOK, "ftp://hooks.example.org/"), "https://"),
        (Target(TargetKind.WEBHOOK, "https:///n"), "name a host"),
        (Target(TargetKind.WEBHOOK, "https://user:password@hooks.example.org/"), "neither a user"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/#part"), "#fragment"),
        (Target(TargetKind.WECOM, WECOM, "secret"), "wecom takes no secret"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/", "whsec_?"), "no base64"),
        (Target(TargetKind.WEBHOOK, "https://hooks.example.org/", ""), "is empty"),
    ],
)
def test_a_fault_is_named_without_the_secret(target: Target, fault: str | None) -> None:
    found = find_fault(target)
    assert (found is None) is (fault is None)
    assert (fault or "") in (found or "")
    assert "password" not in (found or "")


def test_a_secret_is_base64_behind_its_prefix_and_its_own_bytes_without() -> None:
    assert read_key("whsec_YSBrZXk=") == b"a key"
    assert read_key("YSBrZXk=") == b"YSBrZXk="
    assert read_key("whsec_!") == b""


def test_a_name_tells_robots_of_one_host_apart_and_gives_no_key_away() -> None:
    one, two = (name_target(Target(TargetKind.WECOM, WECOM + end)) for end in ("", "2"))
    assert one != two
    assert one.startswith("wecom@qyapi.weixin.qq.com/")
    assert "693a91f6" not in one
    assert find_lane(one) == one.partition("@")[2]
    assert name_target(Target(TargetKind.APPRISE, "bark://KEY")).startswith("apprise@bark/")


def test_a_target_does_not_show_its_secrets() -> None:
    target = Target(TargetKind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=0123456789", "SECab")
    assert "0123456789" not in repr(target)
    assert "SECab" not in repr(target)


def test_what_a_service_says_is_kept_without_what_only_it_may_know() -> None:
    target = Target(TargetKind.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/0123456789ab", "secret!")
    assert hide_secrets("hook/0123456789ab: no secret! in v2", target) == "hook/…: no … in v2"
    assert hide_secrets(f"no {WECOM}", Target(TargetKind.WECOM, WECOM)) == "no …"
    assert hide_secrets("no such KEYKEYKEY", Target(TargetKind.APPRISE, "bark://KEYKEYKEY")) == "no such …"
