"""The work of the daemon, kind by kind: what is looked for, how often, and what is done with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from feeds.daemon import sweeps
from feeds.daemon.workshop import Workshop
from feeds.flows import (
    alert,
    articles,
    deliver,
    handed,
    hubs,
    indexing,
    keeping,
    overview,
    poll,
    post,
    publish,
    reminders,
    returned,
)
from feeds.store.articles import ArticleClaim
from feeds.store.events import EventClaim
from feeds.store.files import FileClaim
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim
from feeds.work.tasks import Engine, Kind, Queue, Row, RowTask, SweepTask, Task, always


@dataclass(frozen=True)
class Planned:
    """A planned kind of work is one with its period, and how it is done in a workshop."""

    kind: Kind
    period: float
    """In paces: how often it is looked for."""
    make: Callable[[Workshop, Engine], Task | None]
    """None: there is no such work in this configuration."""
    most: float = math.inf
    """Seconds between two looks, however slow the pace."""


def list_kinds() -> tuple[Kind, ...]:
    """Return every kind of work."""
    return tuple(planned.kind for planned in PLAN)


def _describe(claim: ChannelClaim | OverviewClaim | FileClaim) -> Row:
    return {"id": claim.id, "fence": claim.fence}


def _describe_article(claim: ArticleClaim) -> Row:
    return {"id": claim.notice_id, "fence": claim.fence, "leisure": int(claim.at_leisure)}


def _rank_article(claim: ArticleClaim) -> int:
    """News come first: somebody waits for them."""
    return -1 if claim.history or claim.at_leisure else 0


def _describe_event(claim: EventClaim) -> Row:
    return {"id": claim.event.id, "fence": claim.fence}


_POLL = Kind("poll", Queue.POLLS, width=4, priority=1)
_OVERVIEW = Kind("overview", Queue.POLLS, width=4, priority=1)
_ARTICLE = Kind("article", Queue.ARTICLES, width=4, most_waiting=50)
_PUBLISH = Kind("publish", Queue.FEEDS)
_HUB = Kind("hub", Queue.FEEDS)
_FAN_OUT = Kind("fan out", Queue.ALERTS, width=2, priority=1)
_DIGEST = Kind("digest", Queue.ALERTS)
_REMIND = Kind("remind", Queue.ALERTS)
_DELIVER = Kind("deliver", Queue.MAIL, priority=1)
_POST = Kind("post", Queue.MAIL, priority=1)
_RETURNED = Kind("returned", Queue.UPKEEP)
_LEDGER = Kind("ledger", Queue.UPKEEP, priority=2)
_UPKEEP = Kind("upkeep", Queue.UPKEEP, priority=1)
_INDEX = Kind("index", Queue.UPKEEP)
_FILE = Kind("file", Queue.FILES, most_waiting=50)


def _make_poll(shop: Workshop, _engine: Engine) -> Task:
    """Channels whose next poll has come."""
    here = shop.polling
    run, retake = partial(poll.poll_channel, here), partial(handed.retake_channels, here)
    return RowTask(_POLL, partial(poll.claim_due, here), run, _describe, retake, partial(handed.renew_channels, here))


def _make_overview(shop: Workshop, _engine: Engine) -> Task:
    """Overviews whose next visit has come."""
    here = shop.polling
    run, retake = partial(overview.visit_overview, here), partial(handed.retake_overviews, here)
    return RowTask(
        _OVERVIEW, partial(overview.claim_due, here), run, _describe, retake, partial(handed.renew_overviews, here)
    )


def _make_article(shop: Workshop, _engine: Engine) -> Task:
    """Articles that were never read, or are due again."""
    here = shop.polling
    run, retake = partial(articles.read_due_article, here), partial(handed.retake_articles, here)
    renew = partial(handed.renew_articles, here)
    return RowTask(_ARTICLE, partial(articles.claim_due, here), run, _describe_article, retake, renew, _rank_article)


def _make_fan_out(shop: Workshop, _engine: Engine) -> Task:
    """Events that nobody was told yet."""
    here = shop.alerting
    run, retake = partial(alert.fan_out, here), partial(alert.retake, here)
    return RowTask(_FAN_OUT, partial(alert.claim_due, here), run, _describe_event, retake, partial(alert.renew, here))


def _make_file(shop: Workshop, _engine: Engine) -> Task:
    """Files that notices link to; one at a time, since nobody waits for them."""
    here = shop.keeping
    run, retake = partial(keeping.keep_file, here), partial(keeping.retake, here)
    return RowTask(_FILE, partial(keeping.claim_due, here), run, _describe, retake, partial(keeping.renew, here))


def _make_publish(shop: Workshop, engine: Engine) -> Task:
    """Feeds that moved on."""
    here = shop.publishing
    run = partial(publish.publish_stale, here, is_closed=lambda: engine.closed)
    return SweepTask(_PUBLISH, run, partial(publish.is_due, here))


def _make_hub(shop: Workshop, _engine: Engine) -> Task:
    """Hubs that were not told what is published."""
    here = shop.heralding
    return SweepTask(_HUB, partial(hubs.tell_hubs, here), partial(hubs.is_due, here))


def _make_digest(shop: Workshop, _engine: Engine) -> Task:
    """Digest windows that ended."""
    return SweepTask(_DIGEST, partial(sweeps.run_digests, shop.alerting), always)


def _make_remind(shop: Workshop, _engine: Engine) -> Task:
    """Days of which people are to be reminded; nothing else holds them up."""
    return SweepTask(_REMIND, partial(reminders.add_due, shop.alerting), always)


def _make_deliver(shop: Workshop, engine: Engine) -> Task:
    """Mails that are due."""
    here = shop.delivering
    return SweepTask(_DELIVER, partial(sweeps.deliver_all, engine, here), partial(deliver.is_due, here))


def _make_post(shop: Workshop, engine: Engine) -> Task:
    """Webhooks and robots that are due."""
    here = shop.posting
    return SweepTask(_POST, partial(sweeps.post_all, engine, here), partial(post.is_due, here))


def _make_index(shop: Workshop, engine: Engine) -> Task:
    """Notices that searches do not find as they are."""
    here = shop.polling
    return SweepTask(_INDEX, partial(sweeps.index_all, engine, here), partial(indexing.is_due, here.database))


def _make_returned(shop: Workshop, _engine: Engine) -> Task | None:
    """Mails that came back."""
    if shop.returning is None:
        return None
    return SweepTask(_RETURNED, partial(returned.read_waiting, shop.returning), always)


def _make_upkeep(shop: Workshop, engine: Engine) -> Task:
    """What fell between."""
    return SweepTask(_UPKEEP, partial(sweeps.keep_up, engine, shop), always)


def _make_ledger(shop: Workshop, _engine: Engine) -> Task:
    """Whether the ledger adds up; no other upkeep holds that up."""
    return SweepTask(_LEDGER, partial(sweeps.check_ledger, shop), always)


PLAN = (
    Planned(_POLL, 1, _make_poll),
    Planned(_OVERVIEW, 1, _make_overview),
    Planned(_ARTICLE, 1, _make_article, most=0.25),
    Planned(_PUBLISH, 1, _make_publish),
    Planned(_HUB, 1, _make_hub),
    Planned(_FAN_OUT, 1, _make_fan_out),
    Planned(_DIGEST, 20, _make_digest),
    Planned(_DELIVER, 1, _make_deliver),
    Planned(_POST, 1, _make_post),
    Planned(_REMIND, 60, _make_remind),
    Planned(_INDEX, 1, _make_index),
    Planned(_FILE, 5, _make_file),
    Planned(_RETURNED, 60, _make_returned),
    Planned(_UPKEEP, 60, _make_upkeep),
    Planned(_LEDGER, 60, _make_ledger),
)

_MAKERS = {planned.kind.name: planned.make for planned in PLAN}


def make_task(name: str, shop: Workshop, engine: Engine) -> Task | None:
    """Return a kind's task in a workshop; None: there is no such kind, or none in this configuration."""
    make = _MAKERS.get(name)
    return make(shop, engine) if make else None


WIDTHS: Mapping[str, int] = {kind.name: kind.width for kind in list_kinds()}
"""How much of each kind of work runs at once in a process; a portal's own politeness bounds it further."""
