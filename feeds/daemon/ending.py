"""Ending a process that has threads in calls which nothing can interrupt, such as a name lookup that hangs."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

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
    """End the process now: the interpreter would wait for threads that hang. Everything must be closed before."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
