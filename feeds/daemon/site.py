"""The site over the parts: pages, forms and status behind the feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from feeds.daemon.parts import Parts
from feeds.serve.app import ServeContext, build_app

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def build_site(parts: Parts, health: Callable[[], Mapping[str, object]]) -> ASGIApp:
    """Return the whole site as one ASGI application; `health` gives facts about this process for the operator."""
    return build_app(
        ServeContext(
            database=parts.database,
            settings=parts.settings,
            portals=parts.portals,
            keyring=parts.keyring,
            templates=parts.templates,
            clock=parts.clock,
            health=health,
        )
    )
