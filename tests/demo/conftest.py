"""A replica with a clock that stands still until the test moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from feeds.demo.archive import make_archive
from feeds.demo.paper import Archive
from feeds.demo.portal import ReplicaPortal

START = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@dataclass
class HandClock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def archive() -> Archive:
    return make_archive(2022, START)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def replica(archive: Archive, clock: HandClock) -> ReplicaPortal:
    return ReplicaPortal(archive, clock)
