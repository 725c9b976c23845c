"""The replica portal on a port of its own: uvicorn, with no header but the portal's."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from feeds.demo.portal import ReplicaPortal


class _Server(uvicorn.Server):
    """A server beside others in one process: signals belong to whoever started the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_replica(portal: ReplicaPortal, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the portal while the block runs; gives its base URL, without a slash at the end. Port 0 takes a free one.

    Raises OSError when the port is taken.
    """
    # The protocol is named: asyncio sets TCP_NODELAY on such sockets only, and without it an answer waits 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        config = uvicorn.Config(
            portal,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                if serving.done():
                    serving.result()
                    raise OSError(f"{host}:{port}: the replica did not start")
                await asyncio.sleep(0.005)
            yield f"http://{host}:{listening.getsockname()[1]}{portal.base_path}"
        finally:
            server.should_exit = True
            await serving
