"""Listening, and answering with uvicorn while a block runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from feeds.config import Settings
from feeds.errors import FeedsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn without its own signals: the daemon has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def bind_listener(settings: Settings) -> socket.socket:
    """Bind before anything else is opened: a taken port is the commonest mistake, and cheap to tell. FeedsError."""
    family = socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET
    # The protocol is named: asyncio sets TCP_NODELAY on such sockets only, and without it an answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
    except OSError as fault:
        listener.close()
        address = f"{settings.web.host}:{settings.web.port}"
        raise FeedsError(f"cannot listen on {address}: {fault.strerror}; set another web.port") from fault
    listener.listen(512)
    listener.setblocking(False)
    return listener


@asynccontextmanager
async def answer_requests(
    app: ASGIApp, listener: socket.socket | None, settings: Settings, on_end: Callable[[], None]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Answer requests while the block runs, or until what is yielded is called: it waits for running requests.

    Without a listener there is nothing to answer. `on_end` is called when the server ends, asked to or not.
    """
    if listener is None:
        yield _do_nothing
        return
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.web.trusted_proxies),
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    serving.add_done_callback(lambda _: on_end())

    async def end() -> None:
        server.should_exit = True
        await serving

    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 -- uvicorn has a flag only
            await asyncio.sleep(0.005)
        yield end
    finally:
        await end()


async def _do_nothing() -> None:
    """Nothing answers, so nothing ends."""
