"""Ending a process in time, whatever hangs: threads in calls which nothing can interrupt, a database that is silent.

Nothing is lost by it: what was being worked is claimed in the database, and comes due again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import structlog

STOP_SECONDS = 9.5
"""From the beginning of a stop to its end by force: beyond the time that work is given, and below ten seconds."""

log = structlog.get_logger()

_Result = TypeVar("_Result")


class _Leaving(ThreadPoolExecutor):
    """An executor that does not wait for its threads at the end: what they would say, nobody hears any more."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- the signature of its parent
        """Begin nothing more."""
        super().shutdown(wait=False, cancel_futures=True)


def open_loop() -> asyncio.AbstractEventLoop:
    """Return a loop for a process that serves: uvloop's where there is one, the usual one elsewhere."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def run_leaving(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do the work in a loop that ends without waiting for threads. Then only `leave` ends the process at once."""
    asyncio.get_running_loop().set_default_executor(_Leaving(thread_name_prefix="feeds"))
    return await work


def leave(code: int) -> NoReturn:
    """End the process now: the interpreter would wait for threads that hang. What is not closed by now never is."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextmanager
def limit_stop(tell_code: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Give what is called when a stop begins: one that lasts too long ends the process, with the code told then.

    A connection to a database that is silent can be neither used nor closed: whoever cancels a statement waits for it.
    Nothing is ended once the block is left.
    """
    timer = threading.Timer(STOP_SECONDS, _leave_late, (tell_code,))
    timer.daemon = True
    try:
        yield timer.start
    finally:
        timer.cancel()


def _leave_late(tell_code: Callable[[], int]) -> None:
    log.warning("the stop took too long and was cut short; what was worked comes due again", seconds=STOP_SECONDS)
    leave(tell_code())
