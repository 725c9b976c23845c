"""A mail that may have arrived is looked for before it is sent again; what is seen somewhere is not sent twice."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from feeds.flows import alert, deliver
from feeds.flows.deliver import LEASE, Delivering
from feeds.flows.naming import name_envelope, name_mail
from feeds.flows.retry import retry_deliveries
from feeds.flows.returned import Account, Outcome, Returning, settle_mail
from feeds.model import Delivery, DeliveryState
from feeds.send.relay import Pool, open_relay
from feeds.send.returned import Maildir
from feeds.send.sightings import Search, open_search
from feeds.send.sink import SinkRelay, list_mails
from feeds.store import deliveries, outcomes, status
from feeds.store.outcomes import Attempt
from feeds.store.schema import delivery
from tests.flows.conftest import World
from tests.flows.test_deliver import count, queue
from tests.read.returned_mails import write_report
from tests.send.sent_folder import imap_account
from tests.send.servers import HANG_UP, stage


async def die_unheard(world: World, *people: str) -> list[Delivery]:
    """Have the relay take mails, and the process die before what it said is committed."""
    claimed = await queue(world, *people)
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempts(tx, claimed, world.now)
    for made in await deliver._compose(world.delivering, list(begun.values())):
        assert isinstance(made, tuple)
        message, body = made
        assert (await world.delivering.relay.send(message.sender, message.envelope.recipient, body)).accepted
    world.clock.now += LEASE
    return claimed


async def resume(world: World, delivering: Delivering) -> list[DeliveryState | None]:
    """Deliver what is due; return what became of each."""
    ended = [await deliver.deliver(delivering, one) for one in await deliver.claim_due(delivering, 20)]
    return [outcome.state if outcome else None for outcome in ended]


async def load_attempts(world: World, claimed: Delivery) -> list[Attempt]:
    async with world.database.read() as tx:
        return await outcomes.load_attempts(tx, claimed.id)


def leaving(world: World) -> Delivering:
    """The same, where a mail in doubt is left."""
    composing = world.delivering.composing
    mail = composing.mail.model_copy(update={"doubt": "leave"})
    return replace(world.delivering, composing=replace(composing, mail=mail))


async def test_what_lies_in_the_spool_is_accepted_and_nothing_is_written(world: World) -> None:
    claimed = await die_unheard(world, "lawyer", "reporter")
    (world.folder / "mail" / "cur").mkdir()
    for path in (world.folder / "mail" / "new").iterdir():
        path.rename(world.folder / "mail" / "cur" / path.name)
    search = open_search(f"spool:{world.folder / 'mail'}")
    states = await resume(world, replace(world.delivering, search=search))
    assert states == [DeliveryState.ACCEPTED] * 2
    assert list_mails(world.folder / "mail") == []
    for one in claimed:
        cut_off, resolved = await load_attempts(world, one)
        assert cut_off.ended_at is None
        assert (resolved.phase, resolved.reply_text) == ("resolved", "seen in mail/cur")
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).accepted == 2
        assert await status.count_repeated(tx) == 0


async def test_what_the_relays_log_says_was_queued_is_accepted(world: World) -> None:
    seen, lost = await die_unheard(world, "lawyer", "reporter")
    composing, log = world.delivering.composing, world.folder / "mail.log"
    named = name_mail(composing.mail, composing.keyring, seen)
    log.write_text(f"x cleanup[1]: 4F2A1: message-id={named}\nx qmgr[1]: 4F2A1: from=<b@c.example>, size=9\n", "utf-8")
    shutil.rmtree(world.folder / "mail")
    relay = SinkRelay(world.folder / "again")
    delivering = replace(world.delivering, relay=relay, search=open_search("smtp://relay.example", log))
    assert await resume(world, delivering) == [DeliveryState.ACCEPTED] * 2
    assert [mail.to for mail in list_mails(world.folder / "again")] == [lost.address]
    async with world.database.read() as tx:
        assert await status.count_repeated(tx) == 1


async def test_a_mail_that_is_sent_again_is_the_mail_it_was(world: World) -> None:
    await die_unheard(world, "lawyer")
    (first,) = (world.folder / "mail" / "new").iterdir()
    again = world.folder / "again"
    assert await resume(world, replace(world.delivering, relay=SinkRelay(again))) == [DeliveryState.ACCEPTED]
    (second,) = (again / "new").iterdir()
    assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())


async def test_an_account_that_cannot_be_asked_just_now_is_waited_for(world: World) -> None:
    (claimed,) = await die_unheard(world, "lawyer")
    async with imap_account(folders={"Sent": []}) as account:
        composing = world.delivering.composing
        account.folders["Sent"] = [name_mail(composing.mail, composing.keyring, claimed)]
        account.broken = True
        places = open_search("smtp://relay.example", None, f"imap://alerts:secret@127.0.0.1:{account.port}").places
        search = Search(places, lambda: world.clock().timestamp())
        delivering = replace(world.delivering, relay=SinkRelay(world.folder / "again"), search=search)
        assert await resume(world, delivering) == [DeliveryState.IN_DOUBT]
        assert await resume(world, delivering) == []
        account.broken = False
        world.wait(minutes=10)
        assert await resume(world, delivering) == [DeliveryState.ACCEPTED]
    assert list_mails(world.folder / "again") == []
    assert "try later" in str((await load_attempts(world, claimed))[1].reply_text)


async def test_what_is_found_nowhere_is_left_where_that_is_wished_until_the_operator_says_otherwise(
    world: World,
) -> None:
    (claimed,) = await die_unheard(world, "lawyer")
    shutil.rmtree(world.folder / "mail")
    delivering = leaving(world)
    assert await resume(world, delivering) == [DeliveryState.EXPIRED]
    assert list_mails(world.folder / "mail") == []
    async with world.database.read() as tx:
        (left,) = await outcomes.list_recent(tx, 9)
        assert left.problem == "resolved: may have arrived; it is not sent again"
        assert (await status.load_ledger(tx)).failed == 1
    await retry_deliveries(world.database, [claimed.id], world.clock)
    assert await resume(world, delivering) == [DeliveryState.ACCEPTED]
    assert len(list_mails(world.folder / "mail")) == 1


async def test_what_was_surely_not_taken_is_never_looked_for(world: World) -> None:
    """A mail that waited for another try is sent, whatever the policy."""
    await queue(world, "lawyer")
    async with world.database.write() as tx:
        await tx.execute(update(delivery).values(state="deferred", next_at=world.now))
    assert await resume(world, leaving(world)) == [DeliveryState.ACCEPTED]
    assert await count(world) == {"accepted": 1}


async def test_a_mail_in_doubt_that_is_too_old_is_looked_for_before_it_is_given_up(world: World) -> None:
    await die_unheard(world, "lawyer")
    world.clock.now += timedelta(days=3)
    search = open_search(f"spool:{world.folder / 'mail'}")
    assert await resume(world, replace(world.delivering, search=search)) == [DeliveryState.ACCEPTED]


@pytest.mark.parametrize("doubt", ["resend", "leave"])
async def test_first_mails_are_not_held_up(world: World, doubt: str) -> None:
    for event in await alert.claim_due(world.alerting, 20):
        await alert.fan_out(world.alerting, event)
    await queue(world, "lawyer")
    delivering = world.delivering if doubt == "resend" else leaving(world)
    world.clock.now += LEASE  # claimed and never begun: nothing went out
    assert await resume(world, delivering) == [DeliveryState.ACCEPTED]


async def bring_back(world: World, envelope_id: str, action: str = "failed") -> Account:
    """Have a report come back that names an envelope's id and nothing else of ours."""
    keyring = world.delivering.composing.keyring
    returning = Returning(world.database, keyring, "bounces.example", world.clock, Maildir(Path("nowhere")))
    report = write_report("postmaster@alerts.example", action=action, original="Subject: notice\n")
    return await settle_mail(returning, "1", report.replace(b"env-7", envelope_id.encode()))


@pytest.mark.parametrize(("action", "outcome"), [("failed", Outcome.BOUNCED), ("delayed", Outcome.NOTHING)])
async def test_what_a_report_came_back_about_was_taken_and_is_not_sent_again(
    world: World, action: str, outcome: Outcome
) -> None:
    """The relay hung up after the message; the id that it was given in MAIL comes back in a report."""
    (claimed,) = await queue(world, "lawyer")
    ehlo = b"250-mx.linjiang.example\r\n250-PIPELINING\r\n250 DSN\r\n"
    async with stage(EHLO=ehlo, DOT=HANG_UP) as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}", Pool(1, 1))
        delivering = replace(world.delivering, relay=relay)
        ended = await deliver.deliver(delivering, claimed)
        assert ended is not None
        assert ended.state is DeliveryState.IN_DOUBT
        (envelope_id,) = [said[1].decode() for line in actor.heard if (said := re.search(rb"ENVID=(\S+)", line))]
        account = await bring_back(world, envelope_id, action)
        assert (account.outcome, account.delivery_id) == (outcome, claimed.id)
        assert await count(world) == {"accepted": 1}
        world.wait(minutes=30)
        assert await resume(world, delivering) == []
        await relay.close()
    assert (actor.connections, len(actor.mails)) == (1, 1)
    first, resolved = await load_attempts(world, claimed)
    assert (first.phase, first.reply_code) == ("data", None)
    assert (resolved.phase, resolved.reply_text) == ("resolved", "seen in a mail that came back about it")
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).accepted == 1
        assert await status.count_repeated(tx) == 0


async def test_a_report_that_is_read_while_the_mail_is_being_sent_counts_when_that_fails(world: World) -> None:
    (claimed,) = await queue(world, "lawyer")
    async with world.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed, world.now) is not None
    await bring_back(world, name_envelope(world.delivering.composing.keyring, claimed), "delayed")
    assert await count(world) == {"sending": 1}
    world.clock.now += LEASE
    assert await resume(world, world.delivering) == [DeliveryState.ACCEPTED]
    assert list_mails(world.folder / "mail") == []
    resolved = (await load_attempts(world, claimed))[-1]
    assert (resolved.phase, resolved.reply_text) == ("resolved", "seen in a mail that came back about it")


async def test_what_came_back_before_the_operator_tried_it_once_more_says_nothing_of_that(world: World) -> None:
    (claimed,) = await queue(world, "lawyer")
    async with world.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed, world.now) is not None
    await bring_back(world, name_envelope(world.delivering.composing.keyring, claimed), "delayed")
    async with world.database.write() as tx:
        await tx.execute(update(delivery).values(retried_at=world.now + timedelta(minutes=1)))
    world.clock.now += LEASE
    assert await resume(world, world.delivering) == [DeliveryState.ACCEPTED]
    assert len(list_mails(world.folder / "mail")) == 1


async def test_who_claimed_a_mail_that_a_report_settled_meanwhile_does_not_send_it(world: World) -> None:
    (claimed,) = await die_unheard(world, "lawyer")
    (again,) = await deliver.claim_due(world.delivering, 20)
    assert again.state is DeliveryState.IN_DOUBT
    await bring_back(world, name_envelope(world.delivering.composing.keyring, claimed))
    assert await deliver.deliver(world.delivering, again) is None
    assert await count(world) == {"accepted": 1}
    assert len(list_mails(world.folder / "mail")) == 1


async def test_a_report_about_another_mail_proves_nothing(world: World) -> None:
    told, lost = await die_unheard(world, "lawyer", "reporter")
    await bring_back(world, name_envelope(world.delivering.composing.keyring, told), "delayed")
    relay = SinkRelay(world.folder / "again")
    assert await resume(world, replace(world.delivering, relay=relay)) == [DeliveryState.ACCEPTED]
    assert [mail.to for mail in list_mails(world.folder / "again")] == [lost.address]


async def test_a_report_about_what_the_relay_refused_changes_no_state(world: World) -> None:
    """It is about an earlier hop of it, or forged by who knows the token: what we know stays."""
    (claimed,) = await queue(world, "lawyer")
    async with world.database.write() as tx:
        await tx.execute(update(delivery).values(state="deferred", next_at=world.now + timedelta(hours=1)))
    await bring_back(world, name_envelope(world.delivering.composing.keyring, claimed), "delayed")
    assert await count(world) == {"deferred": 1}
