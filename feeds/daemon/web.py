"""Listening, and answering with uvicorn while a block runs."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

import uvicorn

from feeds.config import Settings
from feeds.daemon.ready import ReadyAnswers
from feeds.daemon.wire import MOST_CONNECTIONS, GuardedProtocol, Patience
from feeds.errors import FeedsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn without its own signals, as the daemon has them, and with an end to its patience."""

    def __init__(self, config: uvicorn.Config, patience: Patience) -> None:
        super().__init__(config)
        self._patience = patience

    async def on_tick(self, counter: int) -> bool:
        """End what was waited for too long, ten times a second."""
        self._patience.end_late(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def count_connections() -> int:
    """How many connections can be open at once: never more than half of the files that the process may open.

    The database needs some, and a burst of newcomers is accepted before the first of them can be told to go.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else max(16, min(MOST_CONNECTIONS, files // 2))


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
    app: ASGIApp,
    listener: socket.socket | None,
    settings: Settings,
    on_end: Callable[[], None],
    patience: Patience | None = None,
    ready: ReadyAnswers | None = None,
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Answer requests while the block runs, or until what is yielded is called: it waits for running requests.

    Without a listener there is nothing to answer. `on_end` is called when the server ends, asked to or not.
    `patience` None: as long and for as many as usual. `ready`: what is answered without the app.
    """
    if listener is None:
        yield _do_nothing
        return
    patience = patience or Patience(count_connections())
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(GuardedProtocol, patience, ready or ReadyAnswers())),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.web.trusted_proxies),
    )
    server = _Server(config, patience)
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
