"""Work in this process: bounded, drained, and never a second memory."""

import asyncio

from feeds.work.local import LocalWork


def _work(crashes: list[tuple[str, BaseException]], width: int = 2) -> LocalWork:
    return LocalWork({"poll": width}, lambda name, crash: crashes.append((name, crash)))


async def test_no_more_runs_at_once_than_the_width() -> None:
    running: list[int] = []
    most = 0
    gate = asyncio.Event()

    async def one(number: int) -> None:
        nonlocal most
        running.append(number)
        most = max(most, len(running))
        await gate.wait()
        running.remove(number)

    work = _work([])
    for number in range(5):
        work.defer("poll", one(number))
    await asyncio.sleep(0.01)
    gate.set()
    assert await work.drain(1)
    assert (most, running) == (2, [])


async def test_free_tells_how_much_more_may_be_claimed() -> None:
    gate = asyncio.Event()
    work = _work([], width=3)
    work.defer("poll", gate.wait())
    assert work.free("poll") == 2
    gate.set()
    await work.drain(1)
    assert work.free("poll") == 0, "nothing is claimed while it drains"


async def test_a_crash_is_told_and_the_rest_goes_on() -> None:
    crashes: list[tuple[str, BaseException]] = []
    done = asyncio.Event()

    async def crash() -> None:
        raise RuntimeError("a bug")

    async def good() -> None:
        done.set()

    work = _work(crashes)
    work.defer("poll", crash())
    work.defer("poll", good())
    assert await work.drain(1)
    assert done.is_set()
    assert [(name, str(error)) for name, error in crashes] == [("poll", "a bug")]


async def test_draining_ends_what_takes_too_long() -> None:
    cut: list[bool] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut.append(True)
            raise

    work = _work([])
    work.defer("poll", endless())
    await asyncio.sleep(0)
    assert not await work.drain(0.01)
    assert cut == [True]


async def test_draining_nothing_is_done_at_once() -> None:
    assert await _work([]).drain(1)


async def test_what_a_late_tick_brings_is_dropped_while_draining() -> None:
    """Its claim has a lease: the next start finds it."""
    ran: list[bool] = []

    async def late() -> None:
        ran.append(True)

    work = _work([])
    await work.drain(1)
    work.defer("poll", late())
    await asyncio.sleep(0.01)
    assert ran == []
