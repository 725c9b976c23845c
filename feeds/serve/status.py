"""How it stands: `/status` for people, `/healthz` and `/readyz` for watchers, `/metrics` for Prometheus."""

from __future__ import annotations

from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from feeds.errors import StoreError
from feeds.serve.answers import answer_page
from feeds.serve.context import ServeContext, context_of
from feeds.serve.guards import is_operator
from feeds.serve.snapshot import take_snapshot
from feeds.store.feeds import list_feeds

_NO_STORE = {"cache-control": "no-store"}


async def show_status(request: Request) -> Response:
    """`/status`: every channel's health, the ledger, the queue. What helps an attacker needs the operator's token."""
    context = context_of(request)
    settings = context.settings
    snapshot = await take_snapshot(context.database, context.clock())
    details: dict[str, object] | None = None
    if is_operator(request, settings.admin.token):
        # Not the whole relay: its address may carry a password.
        relay = settings.mail.relay.partition("://")
        details = {
            "relay": f"{relay[0]}://{relay[2].rpartition('@')[2]}" if relay[1] else relay[0],
            "from": settings.mail.from_,
            "publish": settings.publish.dir,
            "database": context.database.dialect,
            **context.health(),
        }
    return answer_page(
        request,
        "status",
        200,
        _NO_STORE,
        snapshot=snapshot,
        ledger=asdict(snapshot.ledger),
        details=details,
        now=context.clock(),
    )


async def send_health(_request: Request) -> Response:
    """`/healthz`: the process is alive; nothing else is asked."""
    return JSONResponse({"alive": True}, headers=_NO_STORE)


async def send_readiness(request: Request) -> Response:
    """`/readyz`: 200 when there is something to serve, else 503 with the reason."""
    problem = await _find_problem(context_of(request))
    if problem is None:
        return JSONResponse({"ready": True}, headers=_NO_STORE)
    return JSONResponse({"ready": False, "problem": problem}, 503, _NO_STORE)


async def _find_problem(context: ServeContext) -> str | None:
    """Why this process should get no visitors; None: it should."""
    health = context.health()
    if health.get("stopping"):
        return "the process is stopping"
    if health.get("failure"):
        return "the process met a failure that ends it"
    try:
        async with context.database.read() as tx:
            rows = {row.name: row for row in await list_feeds(tx)}
    except StoreError:
        return "the database does not answer"
    everything = rows.get("all")
    if everything is None or everything.published_at is None:
        return "the feeds have not been published yet"
    publish = context.settings.publish
    if not (publish.dir / "feeds" / f"all.{publish.formats[0]}").is_file():
        return "the published feeds are not in the publish directory"
    return None


async def send_metrics(request: Request) -> Response:
    """`/metrics`: for the operator alone where a token is configured."""
    from feeds.serve.metrics import write_metrics  # where it is used: no start waits for its library

    context = context_of(request)
    token = context.settings.admin.token
    if token and not is_operator(request, token):
        raise HTTPException(401, headers={"www-authenticate": 'Bearer realm="metrics"'})
    snapshot = await take_snapshot(context.database, context.clock())
    return Response(write_metrics(snapshot), media_type="text/plain; version=0.0.4; charset=utf-8", headers=_NO_STORE)
