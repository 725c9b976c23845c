"""What comes back does to the right people what it should, once, and is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from feeds.decide.tokens import message_id, sign_token
from feeds.errors import MailboxUnusable, StoreError
from feeds.flows.returned import Account, Outcome, Returning, read_mailbox, read_waiting, settle_mail
from feeds.flows.samples import write_samples
from feeds.mailboxes import Bounce, Pace, Suppression, SuppressionReason
from feeds.model import Frequency, Subscription
from feeds.send.returned import Maildir, open_mailbox
from feeds.store import deliveries, paces, retention, returned, status, subscribers, suppressions
from feeds.store.engine import connect, parse_url
from feeds.store.returned import TracedDelivery
from feeds.store.schema import delivery, metadata
from tests.flows.conftest import World
from tests.flows.test_compose import configure, read
from tests.read.returned_mails import FULL, QQ_DEAD, UNKNOWN_USER, write_complaint, write_report, write_words
from tests.send.imap_server import serve_imap

DOMAIN = "bounces.example"
READER = "reader@linjiang.example"


@dataclass
class Office:
    """A world with a mailbox for what comes back, and the verbs of these tests."""

    world: World
    maildir: Path
    returning: Returning
    arrived: int = 0

    def arrive(self, content: bytes) -> str:
        """Let a mail arrive; return the name of its file."""
        self.arrived += 1
        name = f"{1000 + self.arrived}.M1.host"
        (self.maildir / "new" / name).write_bytes(content)
        return name

    async def read(self, *, dry_run: bool = False) -> list[Account]:
        """Read all that waits."""
        return [account async for account in read_mailbox(self.returning, dry_run=dry_run)]

    async def settle(self, content: bytes) -> Account:
        """Let one mail arrive, read it, and return its account."""
        self.arrive(content)
        (account,) = await self.read()
        return account

    def kept(self, folder: str) -> list[str]:
        """Return the names of the mails that were moved to a folder, without their flags."""
        return sorted(path.name.partition(":")[0] for path in (self.maildir / f".{folder}" / "cur").iterdir())

    async def trace(self, number: int = 1) -> TracedDelivery:
        async with self.world.database.read() as tx:
            found = await returned.trace_delivery(tx, number)
        assert found is not None
        return found

    async def remembers(self, content: bytes) -> bool:
        async with self.world.database.read() as tx:
            return await returned.was_read(tx, hashlib.sha256(content).hexdigest())

    async def against(self, address: str = READER) -> Suppression | None:
        async with self.world.database.read() as tx:
            who = await subscribers.find_subscriber(tx, address)
            assert who is not None
            return await suppressions.find_suppression(tx, who.id)

    async def subscriptions(self, address: str = READER) -> list[Subscription]:
        async with self.world.database.read() as tx:
            who = await subscribers.find_subscriber(tx, address)
            assert who is not None
            return await subscribers.list_subscriptions(tx, who.id, live_only=False)

    def sender(self, number: int = 1) -> str:
        """Return the envelope sender of a delivery."""
        return f"b+{sign_token(self.returning.keyring, 'bounce', number)}@{DOMAIN}"

    async def mail_again(self) -> int:
        """Publish one more notice and send what is due; return the newest delivery's id."""
        self.world.replica.publish("tzgg", f"关于旁听的公告（{self.world.now:%m%d%H}）")
        await self.world.poll()
        await self.world.tell()
        async with self.world.database.read() as tx:
            newest = await tx.scalar(select(delivery.c.id).order_by(delivery.c.id.desc()).limit(1))
        assert newest is not None
        return int(newest)


@pytest.fixture
async def office(world: World, tmp_path: Path) -> Office:
    """Give a world in which one reader was told of one notice: delivery 1."""
    maildir = tmp_path / "returned"
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    configure(world, {}, {"bounce_domain": DOMAIN, "returned": f"maildir:{maildir}"})
    keyring = world.delivering.composing.keyring
    made = Office(world, maildir, Returning(world.database, keyring, DOMAIN, world.clock, Maildir(maildir)))
    await world.poll()
    await world.subscribe(READER)
    assert await made.mail_again() == 1
    return made


async def _states(world: World) -> dict[str, int]:
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).unaccounted == 0
        return await deliveries.count_deliveries(tx)


async def test_a_report_stands_beside_what_the_relay_said_and_suspends_a_dead_mailbox(office: Office) -> None:
    name = office.arrive(write_report(office.sender()))
    (account,) = await office.read()
    assert (account.outcome, account.bounce, account.delivery_id) == (Outcome.BOUNCED, Bounce.HARD, 1)
    assert account.subscriber is not None
    assert account.subscriber.address == READER
    traced = await office.trace()
    assert (traced.bounced, traced.complained_at) == (Bounce.HARD, None)
    assert await _states(office.world) == {"accepted": 1}
    struck = await office.against()
    assert struck is not None
    assert (struck.reason, struck.strikes, struck.suppressed_at) == (SuppressionReason.DEAD, 1, None)
    assert struck.evidence == UNKNOWN_USER
    assert office.kept("Processed") == [name]
    assert await office.read() == []


async def test_a_mailbox_that_is_dead_on_two_days_is_sent_nothing_more_though_the_relay_accepts(office: Office) -> None:
    """The relay takes everything: what it accepts in between proves nothing."""
    await office.settle(write_report(office.sender()))
    second = await office.mail_again()
    assert await _states(office.world) == {"accepted": 1, "deferred": 1}, "mails wait for a day"
    office.world.wait(days=1, minutes=1)
    await office.world.tell()
    assert await _states(office.world) == {"accepted": 2}
    account = await office.settle(write_report(office.sender(second)))
    assert account.outcome is Outcome.BOUNCED
    struck = await office.against()
    assert struck is not None
    assert struck.suppressed_at == office.world.now
    await office.mail_again()
    assert await _states(office.world) == {"accepted": 2, "suppressed": 1}


async def test_reports_of_one_hour_are_one_strike(office: Office) -> None:
    """A provider's outage says `no such user` of everybody."""
    second = await office.mail_again()
    await office.settle(write_report(office.sender()))
    await office.settle(write_report(office.sender(second)))
    struck = await office.against()
    assert struck is not None
    assert (struck.strikes, struck.suppressed_at) == (1, None)
    assert (await office.trace(second)).bounced is Bounce.HARD


async def test_a_formal_report_confirms_what_the_relay_was_told(office: Office) -> None:
    before = (await office.trace()).subscriber_id
    told = Suppression(before, SuppressionReason.DEAD, UNKNOWN_USER, office.world.now, 1)
    async with office.world.database.write() as tx:
        await suppressions.save_suppression(tx, told)
    await office.settle(write_words(office.sender(), "系统退信", QQ_DEAD, html=True))
    assert await office.against() == told
    second = await office.mail_again()
    await office.settle(write_report(office.sender(second)))
    struck = await office.against()
    assert struck is not None
    assert struck.suppressed_at == office.world.now


async def test_what_is_our_fault_costs_the_subscriber_nothing(office: Office) -> None:
    account = await office.settle(write_report(office.sender(), "550 5.7.1 Mail content denied", "5.7.1"))
    assert (account.bounce, account.struck) == (Bounce.POLICY, None)
    assert (await office.trace()).bounced is Bounce.POLICY
    assert await office.against() is None


async def test_a_full_mailbox_is_a_strike_and_a_delay_is_nothing(office: Office) -> None:
    account = await office.settle(write_report(office.sender(), FULL, "4.2.2", "delayed"))
    assert account.outcome is Outcome.NOTHING
    assert (await office.trace()).bounced is None
    account = await office.settle(write_report(office.sender(), FULL, "5.2.2"))
    assert (account.outcome, account.bounce) == (Outcome.BOUNCED, Bounce.SOFT)
    struck = await office.against()
    assert struck is not None
    assert struck.reason is SuppressionReason.FULL
    assert len(office.kept("Processed")) == 2


async def test_a_mail_that_is_read_twice_counts_once(office: Office) -> None:
    """The process was killed between the commit and the move."""
    content = write_report(office.sender())
    await settle_mail(office.returning, "killed", content)
    struck = await office.against()
    office.world.wait(days=2)
    account = await office.settle(content)
    assert (account.outcome, account.seen) == (Outcome.NOTHING, True)
    assert await office.against() == struck
    another = await office.settle(content.replace(b"4Dx1", b"4Dx2"))
    assert (another.outcome, another.seen) == (Outcome.NOTHING, False)
    assert await office.against() == struck, "two reports of one mail are one event"
    assert len(office.kept("Processed")) == 2


@pytest.mark.parametrize("kind", ["report", "complaint", "wish", "human"])
async def test_what_nobody_signed_is_kept_for_a_person_to_look_at(office: Office, kind: str) -> None:
    forged = {
        "report": write_report(f"b+1.a.{'a' * 24}@{DOMAIN}"),
        "complaint": write_complaint(f"Return-Path: <b+1.a.{'a' * 24}@{DOMAIN}>\nMessage-ID: <x.1@alerts.example>"),
        "wish": write_words(f"u+1.a.{'a' * 24}@{DOMAIN}", "unsubscribe", "", "reader@mail.example"),
        "human": write_words(office.sender(), "请问", "这个公告在哪里？", "reader@mail.example"),
    }
    name = office.arrive(forged[kind])
    (account,) = await office.read()
    assert account.outcome is Outcome.UNMATCHED
    assert office.kept("Unmatched") == [name]
    assert (await office.trace()).bounced is None
    assert await office.against() is None
    assert [one.ended_at for one in await office.subscriptions()] == [None]


async def test_a_token_of_a_delivery_that_is_not_there_is_unmatched(office: Office) -> None:
    assert (await office.settle(write_report(office.sender(999)))).outcome is Outcome.UNMATCHED


async def test_a_vacation_never_counts(office: Office) -> None:
    account = await office.settle(write_words(office.sender(), "自动回复：休假中", "550 5.1.1 用户不存在", READER))
    assert account.outcome is Outcome.NOTHING
    assert await office.against() is None
    assert len(office.kept("Processed")) == 1


@pytest.mark.parametrize("known_by", ["sender", "message id"])
async def test_who_complains_is_left_alone_for_ever(office: Office, known_by: str) -> None:
    ours = message_id(office.returning.keyring, 1, "localhost")
    original = f"Return-Path: <{office.sender()}>" if known_by == "sender" else f"Message-ID: {ours}\nTo: redacted"
    account = await office.settle(write_complaint(original))
    assert account.outcome is Outcome.COMPLAINED
    assert (await office.trace()).complained_at == office.world.now
    assert [one.ended_reason for one in await office.subscriptions()] == ["complained"]
    against = await office.against()
    assert against is not None
    assert (against.reason, against.expires_at, against.scope) == (SuppressionReason.COMPLAINT, None, "alerts")
    again = await office.settle(write_complaint(original + "\nX-Copy: 2"))
    assert again.outcome is Outcome.NOTHING
    await office.settle(write_report(office.sender()))
    assert await office.against() == against, "a dead mailbox does not weaken it"
    async with office.world.database.write() as tx:
        (one,) = await office.subscriptions()
        assert await subscribers.resume_subscription(tx, one.id, office.world.now) is None


async def test_a_mail_to_the_address_in_list_unsubscribe_ends_its_subscription_once(office: Office) -> None:
    await office.world.subscribe(READER, frequency=Frequency.WEEKLY)
    first, _ = await office.subscriptions()
    sent = read((await office.world.tell())[0])
    address = str(sent["List-Unsubscribe"]).partition("<mailto:")[2].partition("?")[0]
    assert address == f"u+{sign_token(office.returning.keyring, 'unsubscribe', first.id)}@{DOMAIN}"
    wish = write_words(address, "unsubscribe", "", READER)
    assert (await office.settle(wish)).outcome is Outcome.UNSUBSCRIBED
    assert [one.ended_reason for one in await office.subscriptions()] == ["unsubscribed", None]
    async with office.world.database.write() as tx:
        assert await subscribers.resume_subscription(tx, first.id, office.world.now)
    assert (await office.settle(wish)).outcome is Outcome.NOTHING, "the same mail again takes no undo back"
    assert [one.ended_reason for one in await office.subscriptions()] == [None, None]


async def test_of_a_mail_that_several_subscriptions_brought_all_end(office: Office) -> None:
    await office.world.subscribe(READER, "harbin-renda/tzgg")
    await office.mail_again()
    sent = read((await office.world.tell())[-1])
    address = str(sent["List-Unsubscribe"]).partition("<mailto:")[2].partition("?")[0]
    assert address.partition("@")[0].endswith(".all")
    assert (await office.settle(write_words(address, "", "", READER))).outcome is Outcome.UNSUBSCRIBED
    assert [one.ended_reason for one in await office.subscriptions()] == ["unsubscribed", "unsubscribed"]
    assert (await office.settle(write_words(address, "again", "", READER))).outcome is Outcome.NOTHING


async def test_without_a_mailbox_that_is_read_no_mail_names_one(office: Office) -> None:
    configure(office.world, {}, {"returned": ""})
    await office.mail_again()
    sent = read((await office.world.tell())[-1])
    assert "mailto:" not in str(sent["List-Unsubscribe"])


async def test_a_dry_run_says_the_same_and_changes_nothing(office: Office) -> None:
    office.arrive(write_report(office.sender()))
    (dry,) = await office.read(dry_run=True)
    assert (await office.trace()).bounced is None
    assert await office.against() is None
    (wet,) = await office.read()
    assert dry == wet


async def test_while_a_provider_refuses_everybody_its_reports_are_no_strikes(office: Office) -> None:
    async with office.world.database.write() as tx:
        now = office.world.now
        broken = Pace("linjiang.example", now, now, "550 5.1.1", broken_until=now.replace(year=now.year + 1))
        await paces.save_pace(tx, broken)
    account = await office.settle(write_report(office.sender()))
    assert (account.bounce, account.struck) == (Bounce.HARD, None)


async def test_what_came_back_is_counted(office: Office) -> None:
    await office.settle(write_report(office.sender()))
    await office.settle(write_complaint(f"Return-Path: <{office.sender()}>"))
    async with office.world.database.read() as tx:
        assert await returned.count_returned(tx) == {"hard": 1, "soft": 0, "policy": 0, "complained": 1}


async def test_a_reading_empties_the_mailbox(office: Office) -> None:
    report, another = write_report(office.sender()), write_complaint(f"Return-Path: <{office.sender()}>")
    office.arrive(report)
    office.arrive(b"")
    await read_waiting(office.returning)
    assert (len(office.kept("Processed")), len(office.kept("Unmatched"))) == (1, 1)
    assert await office.remembers(report)
    office.world.wait(days=367)
    office.arrive(another)
    await read_waiting(office.returning)
    assert not await office.remembers(report)
    assert await office.remembers(another)


async def test_whoever_can_send_a_mail_writes_nothing_into_the_database(office: Office) -> None:
    forged = f"b+1.a.{'a' * 24}@{DOMAIN}"
    strangers = [
        b"",
        write_report(forged),
        write_report(office.sender(999)),
        write_words(office.sender(), "请问", "这个公告在哪里？", READER),
        write_words(forged, "自动回复：休假中", "下周回来", READER),
        write_words(f"u+1.a.{'a' * 24}@{DOMAIN}", "unsubscribe", "", READER),
    ]
    for content in strangers:
        office.arrive(content)
    await read_waiting(office.returning)
    assert [await office.remembers(content) for content in strangers] == [False] * len(strangers)
    assert (len(office.kept("Processed")), len(office.kept("Unmatched"))) == (1, 5)


async def test_a_mail_that_an_imap_server_could_not_move_is_moved_later_and_counts_once(office: Office) -> None:
    async with serve_imap(refused="UID MOVE") as server:
        server.arrive(write_report(office.sender()))
        server.arrive(write_report(office.sender(999)))
        url = f"imap://bounces:{quote(server.login[1])}@127.0.0.1:{server.port}/INBOX"
        returning = replace(office.returning, mailbox=open_mailbox(url))
        with pytest.raises(MailboxUnusable, match="not today"):
            await read_waiting(returning)
        struck = await office.against()
        assert struck is not None
        server.refused = ""
        office.world.wait(days=2)
        await read_waiting(returning)
        assert {name: list(kept) for name, kept in server.folders.items()} == {
            "INBOX": [],
            "Processed": [1],
            "Unmatched": [2],
        }
        assert await office.against() == struck


async def _erase(office: Office) -> None:
    """Let the reader of delivery 1 ask to be forgotten."""
    async with office.world.database.write() as tx:
        mine = (await office.trace()).subscriber_id
        await retention.erase_subscriber(tx, mine, "0" * 64, office.world.now)


async def _read_rows(office: Office) -> str:
    """Return everything in the database, as text."""
    async with office.world.database.read() as tx:
        rows = [row for table in metadata.tables.values() for row in await tx.execute(select(table))]
    return "\n".join(repr(tuple(row)) for row in rows)


async def test_a_late_report_about_somebody_who_was_erased_is_counted_and_tells_nobody_who_it_was(
    office: Office,
) -> None:
    assert READER in await _read_rows(office)
    await _erase(office)
    account = await office.settle(write_report(office.sender()))
    assert (account.outcome, account.bounce, account.struck) == (Outcome.BOUNCED, Bounce.HARD, None)
    assert (await office.trace()).bounced is Bounce.HARD
    assert len(office.kept("Processed")) == 1
    assert READER not in await _read_rows(office)


async def test_a_late_complaint_of_somebody_who_was_erased_stands_without_a_word_of_theirs(office: Office) -> None:
    await _erase(office)
    complaint = write_complaint(f"Return-Path: <{office.sender()}>")
    account = await office.settle(complaint.replace(b"Subject: ", f"Subject: {READER} ".encode()))
    assert account.outcome is Outcome.COMPLAINED
    async with office.world.database.read() as tx:
        against = await suppressions.find_suppression(tx, (await office.trace()).subscriber_id)
    assert against is not None
    assert (against.reason, against.evidence) == (SuppressionReason.COMPLAINT, "")
    assert READER not in await _read_rows(office)


async def test_a_mail_that_we_cannot_judge_is_kept_for_a_person_and_holds_up_no_other(office: Office) -> None:
    """A state that no version of ours writes, as a bug would leave it."""
    second = await office.mail_again()
    async with office.world.database.write() as tx:
        await tx.execute(update(delivery).where(delivery.c.id == 1).values(bounced="sideways"))
    broken = office.arrive(write_report(office.sender()))
    sound = office.arrive(write_report(office.sender(second)))
    assert [account.outcome for account in await office.read()] == [Outcome.UNMATCHED, Outcome.BOUNCED]
    assert (office.kept("Unmatched"), office.kept("Processed")) == ([broken], [sound])
    async with office.world.database.write() as tx:
        await tx.execute(update(delivery).where(delivery.c.id == 1).values(bounced=None))
    again = await office.settle(write_report(office.sender()))
    assert (again.outcome, again.seen) == (Outcome.BOUNCED, False), "put back once we can, it counts"


async def test_while_the_database_cannot_be_used_mails_stay_where_they_are(office: Office, tmp_path: Path) -> None:
    office.arrive(write_report(office.sender()))
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    broken = connect(parse_url(f"sqlite:///{tmp_path}/broken.db"))
    with pytest.raises(StoreError):
        await read_waiting(replace(office.returning, database=broken))
    await broken.close()
    assert (office.kept("Unmatched"), office.kept("Processed")) == ([], [])


async def test_a_sample_that_came_back_is_kept_for_a_person(office: Office) -> None:
    alert, *_ = write_samples(office.world.delivering.composing, READER, office.world.now)
    account = await office.settle(write_report(alert.message.envelope.sender))
    assert account.outcome is Outcome.UNMATCHED
    assert len(office.kept("Unmatched")) == 1


async def test_the_log_tells_what_a_mail_did_and_not_whose_it_is(office: Office) -> None:
    office.arrive(write_report(office.sender()))
    with capture_logs() as events:
        await read_waiting(office.returning)
    (said,) = [event for event in events if event["event"] == "mail came back"]
    assert (said["outcome"], said["bounce"], said["delivery"]) == ("bounced", "hard", 1)
    assert READER not in str(events)


async def test_a_report_that_names_nothing_but_the_envelopes_id_finds_its_delivery(office: Office) -> None:
    """It came to another address, and brings nothing of the mail back."""
    token = sign_token(office.returning.keyring, "bounce", 1)
    report = write_report("postmaster@alerts.example", original="Subject: notice\n")
    account = await office.settle(report.replace(b"env-7", token.encode()))
    assert (account.outcome, account.bounce, account.delivery_id) == (Outcome.BOUNCED, Bounce.HARD, 1)


@pytest.mark.parametrize("purpose", ["unsubscribe", "confirm", "forged"])
async def test_an_envelope_id_that_we_did_not_sign_finds_nothing(office: Office, purpose: str) -> None:
    """Neither does a link of ours: whoever got a mail knows its links."""
    keyring = office.returning.keyring
    token = "1.k1.aaaaaaaaaaaaaaaaaaaaaaaa" if purpose == "forged" else sign_token(keyring, purpose, 1)
    report = write_report("postmaster@alerts.example", original="Subject: notice\n")
    account = await office.settle(report.replace(b"env-7", token.encode()))
    assert (account.outcome, account.delivery_id) == (Outcome.UNMATCHED, None)
    assert (await office.trace()).bounced is None
