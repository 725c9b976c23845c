"""Numbers for Prometheus, from a snapshot of the store. Nothing is counted in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from feeds.model import Health
from feeds.serve.snapshot import Snapshot


class SnapshotCollector(Collector):
    """A snapshot as metric families; times are POSIX seconds, and what never happened is left out."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Every family of the site."""
        yield from self._collect_channels()
        yield from self._collect_mail()
        stale = GaugeMetricFamily("noticefeeds_feeds_stale", "Feeds that have changed since they were published")
        stale.add_metric([], len(self._snapshot.stale_feeds))
        yield stale

    def _collect_channels(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("noticefeeds_channel_up", "1: the last poll gave a listing", labels=["channel"])
        failures = GaugeMetricFamily("noticefeeds_channel_failures", "Failed polls in a row", labels=["channel"])
        notices = GaugeMetricFamily("noticefeeds_channel_notices", "Notices known", labels=["channel"])
        times = GaugeMetricFamily(
            "noticefeeds_channel_time_seconds", "When it was polled, listed, newest, next", labels=["channel", "what"]
        )
        health = GaugeMetricFamily("noticefeeds_channel_health", "Channels by how they fare", labels=["state"])
        for state in Health:
            health.add_metric([state.value], sum(row.health is state for row in self._snapshot.channels))
        for row in self._snapshot.channels:
            up.add_metric([row.name], 0 if row.failures or row.listed_at is None else 1)
            failures.add_metric([row.name], row.failures)
            notices.add_metric([row.name], row.notices)
            moments = {"polled": row.polled_at, "listed": row.listed_at, "newest": row.newest_at, "next": row.next_poll}
            for what, at in moments.items():
                if at is not None:
                    times.add_metric([row.name, what], at.timestamp())
        yield from (up, failures, notices, times, health)

    def _collect_mail(self) -> Iterator[Metric]:
        deliveries = GaugeMetricFamily("noticefeeds_deliveries", "Mails by state", labels=["state"])
        for state, count in self._snapshot.deliveries.items():
            deliveries.add_metric([state], count)
        ledger = GaugeMetricFamily("noticefeeds_alert_items", "The ledger: what became of alert items", labels=["fate"])
        for fate, count in asdict(self._snapshot.ledger).items():
            ledger.add_metric([fate], count)
        returned = GaugeMetricFamily("noticefeeds_returned", "Mails that came back after acceptance", labels=["what"])
        for what, count in self._snapshot.returned.items():
            returned.add_metric([what], count)
        depths = GaugeMetricFamily("noticefeeds_queue_due", "Work that is due now", labels=["queue"])
        oldest = GaugeMetricFamily(
            "noticefeeds_queue_oldest_due_time_seconds", "Since when the oldest of it is due", labels=["queue"]
        )
        for queue in self._snapshot.queues:
            depths.add_metric([queue.name], queue.due)
            if queue.oldest_due:
                oldest.add_metric([queue.name], queue.oldest_due.timestamp())
        paused = GaugeMetricFamily(
            "noticefeeds_mail_paused_until_time_seconds", "When mails to a provider go on", labels=["provider"]
        )
        for pace in self._snapshot.slowed:
            paused.add_metric([pace.provider], pace.paused_until.timestamp())
        yield from (deliveries, ledger, returned, depths, oldest, paused)
        yield GaugeMetricFamily("noticefeeds_kept_files", "Copies of attachments", self._snapshot.files.files)
        yield GaugeMetricFamily("noticefeeds_kept_bytes", "Bytes of these copies", self._snapshot.files.bytes)
        yield from self._collect_promises()

    def _collect_promises(self) -> Iterator[Metric]:
        """What is to be woken for: nobody forgotten, nobody told twice, nobody kept waiting."""
        snapshot = self._snapshot
        unaccounted = "Alert items of which nobody knows what became; 0, or there is a bug"
        yield GaugeMetricFamily("alerts_unaccounted", unaccounted, snapshot.ledger.unaccounted)
        if snapshot.check:
            checked = snapshot.check.checked_at.timestamp()
            yield GaugeMetricFamily("alerts_checked_time_seconds", "When the ledger was last checked", checked)
        repeated = "Mails handed over once more that may have arrived before"
        yield CounterMetricFamily("alerts_duplicate_possible", repeated, snapshot.repeated)
        late = (snapshot.taken_at - snapshot.oldest_alert).total_seconds() if snapshot.oldest_alert else 0.0
        yield GaugeMetricFamily("alerts_oldest_due_seconds", "How long the oldest mail is due that is no digest", late)


class LagCollector(Collector):
    """How old the copies of documents are, as a metric."""

    def __init__(self, lag: float) -> None:
        self._lag = lag

    def collect(self) -> Iterator[Metric]:
        """The one family."""
        what = "Seconds since the feed files of this process were last known to be what is published"
        yield GaugeMetricFamily("noticefeeds_documents_lag_seconds", what, self._lag)


def write_metrics(snapshot: Snapshot | None, lag: float | None = None) -> bytes:
    """The text exposition of a snapshot, from a registry of its own.

    `snapshot` None: the database is away. `lag` None: the feed files are no copies.
    """
    registry = CollectorRegistry(auto_describe=False)
    if snapshot is not None:
        registry.register(SnapshotCollector(snapshot))
    if lag is not None:
        registry.register(LagCollector(lag))
    return generate_latest(registry)
