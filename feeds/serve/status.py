"""How it stands: `/status` for people, `/healthz` and `/readyz` for watchers, `/metrics` for Prometheus."""

from __future__ import annotations

from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from feeds.errors import StoreError
from feeds.serve.answers import answer_page, answer_refusal
from feeds.serve.context import ServeContext, context_of
from feeds.serve.guards import is_operator
from feeds.serve.snapshot import take_snapshot
from feeds.serve.standing import explain_stale
from feeds.serve.wording import show_time
from feeds.store.feeds import list_feeds

_NO_STORE = {"cache-control": "no-store"}
_AWAY = "the database does not answer"


async def show_status(request: Request) -> Response:
    """`/status`: every channel's health, the ledger, the queue. What helps an attacker needs the operator's token."""
    context = context_of(request)
    settings = context.settings
    standing, now = context.documents(), context.clock()
    try:
        snapshot = await take_snapshot(context.database, now)
    except StoreError:
        if standing is None:
            raise
        why = explain_stale(show_time(standing.since, settings.site.time_zone))
        return answer_refusal(request, 503, why, headers={"retry-after": "60"} | _NO_STORE)
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
            **(standing.describe(now) if standing else {}),
            **({"documents_problem": standing.problem} if standing and standing.problem else {}),
        }
    return answer_page(
        request,
        "status",
        200,
        _NO_STORE,
        snapshot=snapshot,
        ledger=asdict(snapshot.ledger),
        details=details,
        now=now,
        stale_since=standing.since if standing and standing.is_stale(now) else None,
    )


async def send_health(request: Request) -> Response:
    """`/healthz`: the process is alive; nothing else is asked."""
    return JSONResponse({"alive": True} | _describe_documents(context_of(request)), headers=_NO_STORE)


async def send_readiness(request: Request) -> Response:
    """`/readyz`: 200 when there is something to serve, else 503 with the reason.

    Copies are something to serve, also while the database is away: it is away for every web role, and somebody has to
    answer for the feeds.
    """
    context = context_of(request)
    problem = await _find_problem(context)
    told = _describe_documents(context)
    if problem is None:
        return JSONResponse({"ready": True} | told, headers=_NO_STORE)
    standing = context.documents()
    ready = problem == _AWAY and standing is not None and standing.complete
    return JSONResponse({"ready": ready, "problem": problem} | told, 200 if ready else 503, _NO_STORE)


def _describe_documents(context: ServeContext) -> dict[str, str]:
    standing = context.documents()
    return standing.describe(context.clock()) if standing else {}


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
        return _AWAY
    everything = rows.get("all")
    if everything is None or everything.published_at is None:
        return "the feeds have not been published yet"
    standing = context.documents()
    if standing and not standing.complete:
        return "the published feeds have not all been copied yet"
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
    standing, now = context.documents(), context.clock()
    lag = standing.count_lag(now) if standing else None
    try:
        snapshot = await take_snapshot(context.database, now)
    except StoreError:
        if lag is None:
            raise
        snapshot = None
    return Response(
        write_metrics(snapshot, lag), media_type="text/plain; version=0.0.4; charset=utf-8", headers=_NO_STORE
    )
