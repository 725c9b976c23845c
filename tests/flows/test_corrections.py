"""Mails on what became of a notice, as a real SMTP server takes them: under the first alert, and to whom."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from feeds.model import Wish
from feeds.send.relay import open_relay
from feeds.store import subscribers
from tests.flows.conftest import World
from tests.send.servers import Postbox, post_office


def read_mails(postbox: Postbox) -> list[tuple[str, EmailMessage]]:
    """Return what the server took: envelope recipient and message, in order."""
    mails = []
    for envelope in postbox.mails:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        mails.append((str(envelope.rcpt_tos[0]), message))
    return mails


async def _publish_correct_withdraw(world: World) -> None:
    """Tell of a notice; somebody subscribes too late; then it is corrected, withdrawn and restored."""
    await world.poll()
    paper = world.replica.publish("tzgg", "关于公布条例的公告", ["本条例自2027年5月1日起施行。"])
    await world.poll()
    await world.tell()
    world.wait(minutes=1)
    await world.subscribe("late@example.com")
    world.wait(hours=2)
    world.replica.correct_body(paper.id, "5月1日", "6月1日")
    await world.read_articles()
    await world.tell()
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()
    await world.tell()
    world.replica.restore(paper.id)
    world.wait(minutes=5)
    await world.poll()
    await world.read_articles()
    await world.tell()


async def test_corrections_stand_under_the_first_alert_and_reach_only_who_had_it(world: World) -> None:
    async with post_office() as postbox:
        relay = open_relay(f"smtp://127.0.0.1:{postbox.port}")
        world.delivering = replace(world.delivering, relay=relay)
        await world.subscribe("lawyer@example.com")
        await world.subscribe("worded@example.com", words=("5月1日",))
        await world.subscribe("elsewhere@example.com", "harbin-renda/gzdt")
        async with world.database.write() as tx:
            await subscribers.add_confirmed(tx, "calm@example.com", Wish(("all",), changes=False), world.now)
        await _publish_correct_withdraw(world)
        await relay.close()
    mails = read_mails(postbox)
    told: dict[str, list[EmailMessage]] = {}
    for address, mail in mails:
        told.setdefault(address, []).append(mail)
    kinds = {address: [str(mail["X-Notice-Event"]) for mail in each] for address, each in told.items()}
    everything = ["published", "revised", "withdrawn", "restored"]
    assert kinds == {
        "lawyer@example.com": everything,
        "worded@example.com": everything,
        "calm@example.com": ["published"],
    }
    for each in told.values():
        first, *later = each
        assert first["In-Reply-To"] is None
        assert first["References"] is None
        for mail in later:
            assert mail["In-Reply-To"] == mail["References"] == first["Message-ID"]
    assert len({str(mail["Message-ID"]) for _, mail in mails}) == len(mails)
    firsts = {address: str(each[0]["Message-ID"]) for address, each in told.items()}
    assert len(set(firsts.values())) == 3, "nobody is threaded under somebody else's mail"


async def test_a_correction_of_what_is_older_than_the_watch_is_mailed_to_nobody(world: World) -> None:
    """The feed of changes has it: no mail ever told of it."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await world.read_articles()
    newest = next(paper for paper in world.replica.papers() if "tzgg" in paper.draft.channels)
    world.replica.withdraw(newest.id)
    await world.poll()
    await world.read_articles()
    await world.publish()
    assert await world.tell() == []
    assert "撤下".encode() in world.feed("harbin-renda/changes")
