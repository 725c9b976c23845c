"""What the manage page does about a change of address: ask the new one, withdraw the question, take it back."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from feeds.decide.addresses import fold_address, hash_address, hash_mailbox
from feeds.serve.context import context_of
from feeds.serve.forms import read_address, read_text
from feeds.serve.screening import admit_network
from feeds.serve.wording import Words
from feeds.store.relocations import (
    MOST_MOVES,
    NewAddress,
    cancel_relocation,
    may_move,
    request_relocation,
    undo_relocation,
)
from feeds.store.subscribers import load_subscriber

RELOCATED = {
    "move": Words(
        "确认信正在发往新邮箱；确认之后，订阅才会改过去。",
        "A mail is on its way to the new address; your subscriptions move once it is confirmed.",
    ),
    "cancel_move": Words("不换邮箱了，一切照旧。", "Nothing moves; all stays as it was."),
    "undo_move": Words("订阅已回到这个邮箱。", "Your subscriptions are back at this address."),
}
"""Actions, and what is said once they were done."""

_SAME = Words("这就是现在的邮箱。", "That is the address you have now.")
_NOTHING = Words("没有可以改过去的订阅。", "There is no subscription to move.")
_TOO_OFTEN = Words(
    f"一天最多向 {MOST_MOVES} 个新邮箱发确认信，请明天再试。",
    f"At most {MOST_MOVES} new addresses are asked within a day; please try again tomorrow.",
)


async def relocate(
    request: Request, subscriber_id: int, action: str, form: FormData
) -> tuple[Words | None, int | None]:
    """Do one of RELOCATED; return what is wrong with it, and the sign-up that the new address was asked about.

    What is said is the same whether the new address is known here or not. HTTPException: there is nothing to undo, or
    too many mails were asked for from that network.
    """
    context = context_of(request)
    now = context.clock()
    if action == "move":
        return await _ask_new(request, subscriber_id, form)
    async with context.database.write() as tx:
        if action == "cancel_move":
            await cancel_relocation(tx, subscriber_id, now)
        elif not await undo_relocation(tx, subscriber_id, now):
            raise HTTPException(400)
    return None, None


async def _ask_new(request: Request, subscriber_id: int, form: FormData) -> tuple[Words | None, int | None]:
    context = context_of(request)
    address, fault = read_address(read_text(form, "address"))
    if fault:
        return fault, None
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
    if subscriber is None or subscriber.address == fold_address(address):
        return _SAME, None
    admit_network(request)
    new = NewAddress(address, hash_address(context.keyring, address), hash_mailbox(context.keyring, address))
    answered = context.gate.find_answered(new.mailbox, context.clock())
    if answered is not None:
        return None, answered
    async with context.database.write() as tx:
        if not await may_move(tx, subscriber_id, context.clock()):
            return _TOO_OFTEN, None
        asked = await request_relocation(tx, subscriber_id, new, context.clock())
    if asked is None:
        return _NOTHING, None
    context.gate.keep_answered(new.mailbox, asked)
    return None, asked
