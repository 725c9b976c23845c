from __future__ import annotations

import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from feeds.fetch.client import PortalClient


@pytest.fixture
async def client() -> AsyncIterator[PortalClient]:
    """A client with the real clock and no jitter."""
    async with PortalClient(user_agent="noticefeeds tests", clock=time.monotonic, jitter=lambda: 0.0) as client:
        yield client


@pytest.fixture
def measure() -> Iterator[Callable[[], int]]:
    """What gives the highest memory use so far, in bytes; only of what Python allocates."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
