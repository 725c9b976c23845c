"""What domains publish about their mail, judged: each way to be wrong is named, with what to publish."""

from __future__ import annotations

import pytest

from feeds.decide.checks import State
from feeds.decide.mail_records import (
    SpfWalk,
    is_network,
    judge_alignment,
    judge_dkim,
    judge_dmarc,
    judge_mta_sts,
    judge_ptr,
    judge_spf,
    write_record,
)
from feeds.mailboxes import DnsAnswer

DOMAIN = "feeds.example"
SENDER, OTHER = "93.184.216.34", "93.184.216.99"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
LOST = DnsAnswer(DOMAIN, "TXT", problem="no answer")


def said(kind: str, *values: str, name: str = DOMAIN) -> DnsAnswer:
    """An answer."""
    return DnsAnswer(name, kind, values)


def test_a_long_record_is_written_in_strings_that_fit() -> None:
    line = write_record("n1._domainkey.feeds.example", KEY)
    assert line.startswith('n1._domainkey.feeds.example. IN TXT "v=DKIM1; k=rsa; p=AAA')
    strings = line.partition("TXT ")[2].split('" "')
    assert max(map(len, strings)) <= 257
    assert "".join(strings).strip('"') == KEY


@pytest.mark.parametrize(
    ("walk", "state", "words"),
    [
        (SpfWalk(DOMAIN, LOST), State.WARNING, "no answer"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf10 -all")), State.FAILED, "publish one"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 -all", "V=SPF1")), State.FAILED, "join them"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 ip4 -all"), unread=("ip4",)), State.FAILED, "correct it: ip4"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 mx -all"), 11), State.FAILED, "too many lookups"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 mx")), State.WARNING, "anybody"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 mx ?all")), State.WARNING, "anybody"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 +all")), State.WARNING, "anybody"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 redirect=a.example"), 1, (SENDER,)), State.GOOD, "redirect"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 a ~all"), 1, (OTHER, "2606::/16")), State.WARNING, "lacks the relay"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 a ~all"), 1, (OTHER,), whole=False), State.GOOD, "~all"),
        (SpfWalk(DOMAIN, said("TXT", "v=spf1 ip4:93.184.0.0/16 -all"), 0, ("93.184.0.0/16",)), State.GOOD, "-all"),
    ],
)
def test_spf_is_judged(walk: SpfWalk, state: State, words: str) -> None:
    check = judge_spf(walk, [SENDER, "10.0.0.1"])
    assert (check.state, words in check.said) == (state, True), check


def test_a_missing_spf_record_is_written_out_for_the_relays_addresses() -> None:
    record = judge_spf(SpfWalk(DOMAIN, said("TXT")), [SENDER, "2606:4700::1"]).record
    assert record == f'feeds.example. IN TXT "v=spf1 ip4:{SENDER} ip6:2606:4700::1 -all"'
    assert "ip4:发信服务器的地址" in str(judge_spf(SpfWalk(DOMAIN, said("TXT")), ["127.0.0.1"]).record)


@pytest.mark.parametrize(
    ("answer", "state", "publishes"),
    [
        (LOST, State.WARNING, True),
        (said("TXT"), State.FAILED, True),
        (said("TXT", KEY, "v=DKIM1; p="), State.FAILED, True),
        (said("TXT", "v=DKIM1; k=rsa; p=BBBB"), State.FAILED, True),
        (said("TXT", "v=DKIM1; p="), State.FAILED, True),
        (said("TXT", KEY.replace("k=rsa", "k=ed25519")), State.FAILED, True),
        (said("TXT", f"{KEY}; t=s:y"), State.WARNING, True),
        (said("TXT", KEY.replace("k=rsa; ", "").replace("A=", "A =")), State.GOOD, False),
    ],
)
def test_a_published_key_is_judged(answer: DnsAnswer, state: State, publishes: bool) -> None:
    check = judge_dkim("n1._domainkey.feeds.example", KEY, answer)
    assert (check.state, check.record is not None) == (state, publishes)


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        ([LOST], State.WARNING, "no answer"),
        ([said("TXT"), said("TXT", "other")], State.FAILED, "big receivers"),
        ([said("TXT", "v=DMARC1; p=none", "v=DMARC1;p=reject")], State.FAILED, "keep one"),
        ([said("TXT", "v=DMARC1; p=nothing")], State.FAILED, "p= must"),
        ([said("TXT", "v=DMARC1; rua=mailto:a@b.example")], State.FAILED, "p= must"),
        ([said("TXT"), said("TXT", "v=DMARC1; p=reject", name="_dmarc.example")], State.GOOD, "_dmarc.example: v="),
    ],
)
def test_dmarc_is_judged_at_the_domain_and_then_above(answers: list[DnsAnswer], state: State, words: str) -> None:
    check = judge_dmarc(DOMAIN, answers)
    assert (check.state, words in check.said) == (state, True)
    assert (check.record is None) == ("big receivers" not in words)


@pytest.mark.parametrize(
    ("signing", "bounces", "state"),
    [
        (["feeds.example"], "other.example", State.GOOD),
        (["mail.feeds.example"], "other.example", State.GOOD),
        (["other.example"], "bounce.feeds.example", State.WARNING),
        ([], "feeds.example", State.WARNING),
        (["example"], "other.elsewhere", State.FAILED),
        ([], "notfeeds.other", State.FAILED),
    ],
)
def test_a_domain_is_aligned_with_its_own_parents_and_children(signing: list[str], bounces: str, state: State) -> None:
    assert judge_alignment(DOMAIN, signing, bounces).state is state


@pytest.mark.parametrize(
    ("policy", "signing", "bounces", "state", "words"),
    [
        ("", ["bounces.example.org"], "bounces.example.org", State.WARNING, "bounces.example.org 与"),
        ("", [], "bounces.example.org", State.WARNING, "only if one organisation"),
        ("", ["mail.example.org"], "alerts.example.org", State.WARNING, "mail.example.org 与"),
        ("", ["other.example.net"], "mail.example.net", State.FAILED, "neither"),
        ("v=DMARC1; p=none; adkim=r; aspf=R", ["example.org"], "x.example.net", State.GOOD, "example.org"),
        ("v=DMARC1; p=none; adkim=s", ["example.org"], "example.org", State.WARNING, "only SPF"),
        ("v=DMARC1; p=none; adkim=S; aspf=s", ["example.org"], "example.org", State.FAILED, "adkim=s"),
        ("v=DMARC1; p=none; adkim=s; aspf=s", ["alerts.example.org"], "example.org", State.GOOD, "alerts."),
        ("other", ["example.org"], "example.org", State.GOOD, "example.org"),
    ],
)
def test_siblings_are_aligned_only_in_one_organisation_and_strictly_never(
    policy: str, signing: list[str], bounces: str, state: State, words: str
) -> None:
    answers = [said("TXT"), said("TXT", policy)]
    check = judge_alignment("alerts.example.org", signing, bounces, answers)
    assert (check.state, words in check.said) == (state, True), check


@pytest.mark.parametrize(
    ("text", "known"), [("192.0.2.1", True), ("2001:db8::/32", True), ("192.0.2.300", False), ("mx.example", False)]
)
def test_an_address_is_told_from_a_name(text: str, known: bool) -> None:
    assert is_network(text) is known


def test_a_parent_that_signs_is_aligned() -> None:
    assert judge_alignment("mail.feeds.example", [DOMAIN], "other.example").state is State.GOOD


@pytest.mark.parametrize(
    ("address", "names", "forward", "state"),
    [
        ("127.0.0.1", said("PTR"), [], State.WARNING),
        (SENDER, LOST, [], State.WARNING),
        (SENDER, said("PTR"), [], State.FAILED),
        (SENDER, said("PTR", "mx.feeds.example"), [said("A", OTHER)], State.FAILED),
        (SENDER, said("PTR", "mx.feeds.example"), [said("A", OTHER, SENDER)], State.GOOD),
    ],
)
def test_an_address_must_have_a_name_that_leads_back(
    address: str, names: DnsAnswer, forward: list[DnsAnswer], state: State
) -> None:
    assert judge_ptr(address, names, forward).state is state


POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx.feeds.example\r\nmx: *.mail.example\r\nmax_age: 604800\r\n"


@pytest.mark.parametrize(
    ("answer", "hosts", "policy", "state"),
    [
        (LOST, said("MX"), None, State.WARNING),
        (said("TXT", "other"), said("MX"), None, State.GOOD),
        (said("TXT", "v=STSv1; id=1"), said("MX"), None, State.FAILED),
        (said("TXT", "v=STSv1; id=1"), said("MX"), "<html>", State.FAILED),
        (said("TXT", "v=STSv1; id=1"), said("MX"), POLICY.replace("604800", "long"), State.FAILED),
        (said("TXT", "v=STSv1; id=1"), said("MX", "MX.feeds.example", "a.mail.example"), POLICY, State.GOOD),
        (said("TXT", "v=STSv1; id=1"), said("MX", "mx.other.example"), POLICY, State.FAILED),
        (said("TXT", "v=STSv1; id=1"), said("MX", "b.example"), POLICY.replace("enforce", "none"), State.GOOD),
    ],
)
def test_mta_sts_is_whole_or_not_there(answer: DnsAnswer, hosts: DnsAnswer, policy: str | None, state: State) -> None:
    assert judge_mta_sts(DOMAIN, answer, hosts, policy).state is state
