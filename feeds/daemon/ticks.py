"""What is looked for at every tick, and the work that it becomes. A tick claims and hands over; it never works itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from feeds.flows import alert, articles, deliver, poll, publish

if TYPE_CHECKING:
    from feeds.daemon.parts import Parts
    from feeds.work.local import LocalWork

WIDTHS: Mapping[str, int] = {"poll": 4, "article": 4, "publish": 1, "fan out": 2, "digest": 1, "deliver": 1}
"""How much of each kind of work runs at once in this process; a portal's own politeness bounds it further."""

MAILS_AT_ONCE = 20

Tick = Callable[[], Awaitable[object]]


def list_ticks(parts: Callable[[], Parts], work: LocalWork, pace: float = 1.0) -> dict[str, tuple[float, Tick]]:
    """Return the ticks of the scheduler by name, each with its period in seconds."""

    async def poll_due() -> None:
        polling = parts().polling
        if free := work.free("poll"):
            for claim in await poll.claim_due(polling, free):
                work.defer("poll", poll.poll_channel(polling, claim))

    async def read_due() -> None:
        polling = parts().polling
        if free := work.free("article"):
            for claim in await articles.claim_due(polling, free):
                work.defer("article", articles.read_due_article(polling, claim))

    async def publish_due() -> None:
        if work.free("publish"):
            work.defer("publish", publish.publish_stale(parts().publishing))

    async def fan_out_due() -> None:
        alerting = parts().alerting
        if free := work.free("fan out"):
            for claim in await alert.claim_due(alerting, free):
                work.defer("fan out", alert.fan_out(alerting, claim))

    async def digest_due() -> None:
        if work.free("digest"):
            work.defer("digest", _run_digests(parts().alerting))

    async def deliver_due() -> None:
        if work.free("deliver"):
            work.defer("deliver", _deliver_batch(parts().delivering))

    return {
        "poll": (pace, poll_due),
        "article": (min(pace, 0.25), read_due),
        "publish": (pace, publish_due),
        "fan out": (pace, fan_out_due),
        "digest": (20 * pace, digest_due),
        "deliver": (pace, deliver_due),
    }


async def _run_digests(alerting: alert.Alerting) -> None:
    await alert.open_due_digests(alerting)
    await alert.gather_digests(alerting)


async def _deliver_batch(delivering: deliver.Delivering) -> None:
    for claim in await deliver.claim_due(delivering, MAILS_AT_ONCE):
        await deliver.deliver(delivering, claim)
