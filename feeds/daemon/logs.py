"""Logs to stderr: readable on a terminal, one JSON object a line elsewhere. Also the console of the demo."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog

Tap = Callable[[dict[str, Any]], None]
"""Is shown every event as it happens; the demo prints its own lines from them."""


def configure_logs(*, verbose: bool = False, tap: Tap | None = None) -> None:
    """Send every log line to stderr. With `tap`, events go there and only warnings are written."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
    ]
    if tap is not None:
        shared.append(_tapped(tap))
    rendered: list[structlog.typing.Processor] = (
        [_drop_empty, structlog.dev.ConsoleRenderer()]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # A tick that comes while the last one runs is left out: that is meant, and no warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )


def _tapped(tap: Tap) -> structlog.typing.Processor:
    def show(_logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        tap(dict(event))
        if method in ("debug", "info"):
            raise structlog.DropEvent
        return event

    return show


def _drop_empty(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: value for name, value in event.items() if value not in (None, 0, False, "")}
