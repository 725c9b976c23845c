"""Mail: building, fan-out, and sending under the ledger, each against what is asked of it.

    .venv/bin/python -m tests.benchmarks.bench_mail

Sending is measured against Debian's `smtp-sink` (package postfix), which answers as fast as anything does, and beside
aiosmtplib with as many connections in the same process: it sends ready bytes and writes nothing down. Ours claims,
begins, composes, sends and commits every mail in SQLite with synchronous=FULL. Runs of both alternate.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, sleep

import aiosmtplib
import structlog
from sqlalchemy import insert, select

from feeds.config import Settings
from feeds.daemon import sweeps
from feeds.daemon.tasks import WIDTHS
from feeds.daemon.templates import load_templates
from feeds.decide.tokens import Keyring
from feeds.flows import alert
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.model import DeliveryState, EventKind, Frequency
from feeds.render.dkim import sign_message
from feeds.render.letter import make_letter, share_envelope
from feeds.render.mail import MailNotice, build_message, draft_alert
from feeds.render.message import Envelope, MailContent, MailLinks
from feeds.send.dkim_keys import load_dkim_key
from feeds.send.relay import Pool, Relay, open_relay
from feeds.store import deliveries, events
from feeds.store.audience import add_to_audiences
from feeds.store.engine import Database, open_database
from feeds.store.schema import delivery, event, subscriber, subscription
from feeds.work.local import LocalWork
from tests.store.builders import make_portal, stock

CONNECTIONS = 10
MAILS = 3_000
DISTANT_MAILS = 600
ROUNDS = 3
DELAY_SECONDS = 0.010
"""Each way: twenty milliseconds there and back."""
MANY, SOME = 100_000, 10_000

_SENTENCE = "为了做好本年度的监督工作，常委会组织代表到社区和企业调研，听取了各方面的意见和建议。"
_PARAGRAPHS = [_SENTENCE * 5] * 10
NOTICE = MailNotice(
    title="关于公开征求《临江市河湖保护条例（草案）》意见的公告",
    original_title="关于公开征求《临江市河湖保护条例（草案）》意见的公告",
    url="http://www.linjiang.example/info/1021.htm",
    page_url="https://tongzhi.example/n/abcd1234",
    published_text="2026-11-03 09:30",
    channel_titles=("通知公告",),
    portal_title="临江市人大",
    editor="新闻宣传处",
    body_text="\n".join(_PARAGRAPHS),
    body_html="".join(f"<p>{paragraph}</p>" for paragraph in _PARAGRAPHS),
    attachments=(),
    kind=EventKind.PUBLISHED,
    changed=(),
    public_id="abcd1234",
)
ENVELOPE = Envelope(
    sender="alerts@tongzhi.example",
    recipient="reader@mail.example",
    from_header="公告订阅 <alerts@tongzhi.example>",
    reply_to=None,
    date=datetime(2026, 11, 3, 9, 30, tzinfo=timezone(timedelta(hours=8))),
    message_id="<abcdefghijklmnopqrstuvwx.1a@tongzhi.example>",
    list_id="临江市人大 通知公告 <tzgg.linjiang.tongzhi.example>",
    feedback_id="tzgg:published:20261103:tongzhi",
)
LINKS = MailLinks(
    manage_url="https://tongzhi.example/manage/1a.k1.abcdefghijklmnopqrstuvwx",
    unsubscribe_url="https://tongzhi.example/unsubscribe/1b.k1.abcdefghijklmnopqrstuvwx",
    unsubscribe_mailto=None,
    why="临江市人大 · 通知公告 · 即时 · at once",
)


def main() -> None:
    """Print asked and seen."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(measure_fan_out())
    measure_building()
    measure_signing()
    sink = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if sink is None:
        print("sending: smtp-sink is not here: apt-get install postfix (it need not run)")
        return
    with serve_sink(sink) as port:
        asyncio.run(measure_sending(port, MAILS, 0.6, "sending beside aiosmtplib, 10 connections"))
        with serve_distant(port) as distant:
            asyncio.run(measure_sending(distant, DISTANT_MAILS, 1.6, "the same, 20 ms away"))
        asyncio.run(measure_delay(port))


def tell(name: str, asked: str, seen: str) -> None:
    """Print one line."""
    print(f"{name:<44} asked {asked:<22} seen {seen}", flush=True)


# ---- building -----------------------------------------------------------------------------------------------------


def measure_building() -> None:
    """Build the same mail by `EmailMessage` and from a letter, in turns, in processor time."""
    draft = draft_alert(load_templates(), NOTICE)
    content, letter = draft.fill(LINKS), make_letter(draft, share_envelope(ENVELOPE), mailto=False)
    envelopes = [replace(ENVELOPE, recipient=f"reader{number}@mail.example") for number in range(1_000)]
    assert letter.fill(envelopes[7], LINKS) == build_message(content, envelopes[7], LINKS)

    def build_many() -> None:
        for envelope in envelopes:
            letter.fill(envelope, LINKS)

    pairs = [(take_time(lambda: build_peer(content)), take_time(build_many) / 1_000) for _ in range(15)]
    peer, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    size = len(letter.fill(ENVELOPE, LINKS)) // 1_000
    seen = f"{peer / ours:.0f}x ({ours * 1e6:.1f} µs against {peer * 1e3:.2f} ms, {size} kB)"
    tell("building beside EmailMessage", ">= 500x", seen)


def measure_signing() -> None:
    """Sign the same mail with an RSA key of 2048 bits, with an Ed25519 key, and with both."""
    mail = build_message(draft_alert(load_templates(), NOTICE).fill(LINKS), ENVELOPE, LINKS)
    with tempfile.TemporaryDirectory() as folder:
        keys = [load_dkim_key(make_key(Path(folder), kind), "tongzhi.example", kind) for kind in ("rsa", "ed25519")]
    for name, used in (("RSA", keys[:1]), ("Ed25519", keys[1:]), ("both", keys)):
        seconds = statistics.median(take_time(partial(sign_message, mail, used)) for _ in range(201))
        tell(f"signing, {name}", "-", f"{seconds * 1e6:.0f} µs a mail of {len(mail) // 1_000} kB")


def make_key(folder: Path, kind: str) -> Path:
    """Make a key as an operator does."""
    file = folder / f"{kind}.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", kind, "-out", file], check=True, capture_output=True)
    return file


def build_peer(content: MailContent) -> bytes:
    """Build the mail as everybody does."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = ENVELOPE.from_header, ENVELOPE.recipient, content.subject
    mail["Date"], mail["Message-ID"] = ENVELOPE.date, ENVELOPE.message_id
    mail["List-Id"], mail["List-Unsubscribe"] = str(ENVELOPE.list_id), f"<{LINKS.unsubscribe_url}>"
    mail["List-Unsubscribe-Post"], mail["Auto-Submitted"] = "List-Unsubscribe=One-Click", "auto-generated"
    for name, value in content.headers:
        mail[name] = value
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    return mail.as_bytes()


def take_time(work: Callable[[], object]) -> float:
    """Return the processor time of some work."""
    began = process_time()
    work()
    return process_time() - began


# ---- fan-out ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def open_town(people: int) -> AsyncIterator[Database]:
    """Open a database with so many subscribers of one notice that was just published."""
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(f"sqlite:///{folder}/feeds.db")
        try:
            (notice_id,) = await stock(database)
            now = datetime.now(UTC)
            for start in range(0, people, 5_000):
                numbers = range(start + 1, min(start + 5_000, people) + 1)
                async with database.write() as tx:
                    persons = [{"id": n, "address": f"p{n}@mail.example", **signed_up(now)} for n in numbers]
                    await tx.execute(insert(subscriber), persons)
                    wants = {"feeds": ["all"], "keywords": [], "frequency": Frequency.IMMEDIATE.value, "changes": True}
                    rows = [{"subscriber_id": n, **wants, **signed_up(now)} for n in numbers]
                    await tx.execute(insert(subscription), rows)
                    await add_to_audiences(tx, list(numbers))
            async with database.write() as tx:
                await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, datetime.now(UTC))
            yield database
        finally:
            await database.close()


def signed_up(now: datetime) -> dict[str, object]:
    """Return when somebody signed up."""
    return {"created_at": now, "confirmed_at": now}


async def fan_out(database: Database, settings: Settings) -> None:
    """Make a delivery for everybody."""
    alerting = Alerting(database, {}, settings.site, settings.alerts, read_clock)
    for claim in await alert.claim_due(alerting, 10):
        await alert.fan_out(alerting, claim)


def read_clock() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def measure_fan_out() -> None:
    """Fan one notice out to a hundred thousand."""
    async with open_town(MANY) as database:
        began, worked = perf_counter(), process_time()
        await fan_out(database, Settings())
        seconds, worked = perf_counter() - began, process_time() - worked
        async with database.read() as tx:
            counted = await deliveries.count_deliveries(tx)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    assert counted == {"queued": MANY}, counted
    tell(
        f"fan-out of {MANY:,} deliveries",
        "< 10 s, < 300 MB",
        f"{seconds:.1f} s ({worked:.1f} s of a core), {peak:.0f} MB",
    )


# ---- sending ------------------------------------------------------------------------------------------------------


@contextmanager
def serve_sink(program: str) -> Iterator[int]:
    """Run smtp-sink on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *as_nobody, f"127.0.0.1:{port}", "100"]) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()


@contextmanager
def serve_distant(port: int) -> Iterator[int]:
    """Make a server distant: a process of its own between us and it, which holds everything back a while."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        distant: int = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=run_distance, args=(distant, port), daemon=True)
    process.start()
    try:
        wait_for(distant)
        yield distant
    finally:
        process.terminate()
        process.join()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    until = perf_counter() + 60
    while perf_counter() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


def run_distance(distant: int, port: int) -> None:
    """Pass everything on, late, both ways."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while data := await reader.read(65_536):
            loop.call_later(DELAY_SECONDS, writer.write, data)
        loop.call_later(DELAY_SECONDS, writer.close)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer), return_exceptions=True)

    async def serve() -> None:
        async with await asyncio.start_server(accept, "127.0.0.1", distant) as server:
            await server.serve_forever()

    asyncio.run(serve())


async def measure_sending(port: int, mails: int, asked: float, name: str) -> None:
    """Send as many mails by aiosmtplib and by ours, in turns; tell the ratio of their best rounds."""
    settings = Settings()
    body = build_message(draft_alert(load_templates(), NOTICE).fill(LINKS), ENVELOPE, LINKS)
    peer, ours = [], []
    for _ in range(ROUNDS):
        peer.append(mails / await send_bare(port, body, mails))
        async with open_town(mails) as database:
            await fan_out(database, settings)
            relay = open_relay(f"smtp://127.0.0.1:{port}", Pool(CONNECTIONS))
            began = perf_counter()
            await deliver_all(database, relay, settings)
            ours.append(mails / (perf_counter() - began))
            await relay.close()
            await check_accepted(database, mails)
    seen = f"{max(ours) / max(peer):.2f}x ({max(ours):.0f}/s against {max(peer):.0f}/s, each the best of {ROUNDS})"
    tell(name, f">= {asked}x", seen)


async def send_bare(port: int, body: bytes, mails: int) -> float:
    """Send ready bytes by aiosmtplib; return the seconds."""

    async def send_share(share: range) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="mx.example") as smtp:
            for number in share:
                await smtp.sendmail(ENVELOPE.sender, [f"p{number}@mail.example"], body)

    began = perf_counter()
    await asyncio.gather(*(send_share(range(first, mails, CONNECTIONS)) for first in range(CONNECTIONS)))
    return perf_counter() - began


async def deliver_all(database: Database, relay: Relay, settings: Settings) -> None:
    """Deliver everything that is due, as the daemon does."""
    portal = make_portal()
    composing = Composing(
        settings.site,
        settings.mail,
        settings.alerts,
        {portal.name: portal},
        Keyring("k1", {"k1": b"x" * 32}),
        load_templates(),
    )
    work = LocalWork(WIDTHS, lambda name, crash: print(f"{name}: {crash!r}", file=sys.stderr))
    await sweeps.deliver_all(work, Delivering(database, relay, composing, read_clock, at_once=8 * CONNECTIONS))


async def check_accepted(database: Database, mails: int) -> None:
    """Hold the ledger against what was asked for."""
    async with database.read() as tx:
        counted = await deliveries.count_deliveries(tx)
    assert counted == {DeliveryState.ACCEPTED.value: mails}, counted


async def measure_delay(port: int) -> None:
    """Tell ten thousand people of a notice over the default relay; how long until all but the last 5 % are accepted."""
    settings = Settings()
    async with open_town(SOME) as database:
        async with database.read() as tx:
            stored = (await tx.scalars(select(event.c.id))).all()
        began = read_clock()
        await fan_out(database, settings)
        relay = open_relay(f"smtp://127.0.0.1:{port}", Pool(settings.mail.connections))
        await deliver_all(database, relay, settings)
        await relay.close()
        await check_accepted(database, SOME)
        async with database.read() as tx:
            accepted = sorted((await tx.scalars(select(delivery.c.accepted_at))).all())
    assert len(stored) == 1
    seconds = (accepted[int(SOME * 0.95)] - began).total_seconds()
    tell(f"p95 from stored to 250, {SOME:,} subscribers", "< 60 s", f"{seconds:.1f} s")


if __name__ == "__main__":
    main()
