"""Whether a sign-up form looks as if a person had filled it in, and how many come from one network.

None of it looks at the address: an answer must not tell who is known.
"""

from __future__ import annotations

import math

from starlette.exceptions import HTTPException
from starlette.requests import Request

from feeds.decide.sign_ups import JUDGED, LEAST_FILLING, LONGEST_FILLING, is_besieged, read_stamp
from feeds.decide.work import is_solved
from feeds.errors import TokenInvalid
from feeds.serve.context import ServeContext, context_of
from feeds.serve.forms import SignUpForm
from feeds.serve.wording import Words
from feeds.store.asking import list_outcomes

AGAIN = Words(
    "表单还没有送出：打开页面后要过片刻、半天以内提交。请再按一次。",
    "Not sent yet: the form must be a moment old, and less than half a day. Please press the button once more.",
)
WORK = Words(
    "最近自动填写的订阅太多，浏览器要先做一两秒计算。请再按一次。",
    "Robots are signing up just now, so your browser has to compute for a second or two. Please press once more.",
)


async def needs_work(context: ServeContext) -> bool:
    """Tell whether sign-ups have to prove that they cost somebody something: most of late were never confirmed."""
    now = context.clock()
    recalled = context.gate.recall_siege(now)
    if recalled is not None:
        return recalled
    async with context.database.read() as tx:
        besieged = is_besieged(await list_outcomes(tx, now, JUDGED))
    return context.gate.keep_siege(now, besieged=besieged)


async def find_doubt(context: ServeContext, form: SignUpForm) -> Words | None:
    """Say why a filled form is not taken yet, or None. What proves that work was done is spent by it.

    In peace every form is taken, a script's as well: the limits of addresses and networks bound what it can do.
    """
    if not await needs_work(context):
        return None
    try:
        age = context.clock() - read_stamp(context.keyring, form.stamp)
    except TokenInvalid:
        return AGAIN
    if not LEAST_FILLING <= age <= LONGEST_FILLING:
        return AGAIN
    challenge = form.stamp.rpartition(".")[2]
    if not (is_solved(challenge, form.work) and context.gate.spend(challenge)):
        return WORK
    return None


def admit_network(request: Request) -> None:
    """Count a visitor's request for a mail. HTTPException 429: there were too many from that network within an hour."""
    context = context_of(request)
    host = request.client.host if request.client else ""
    wait = context.gate.find_wait(host, context.settings.web.sign_ups_per_hour, context.clock())
    if wait is not None:
        raise HTTPException(429, headers={"retry-after": str(math.ceil(wait.total_seconds()))})
