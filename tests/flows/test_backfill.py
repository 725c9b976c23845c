"""The archive walked into the history."""

from feeds.flows.backfill import backfill_channel
from feeds.model import Verdict
from feeds.store import notices, portals
from feeds.store.portals import ChannelClaim
from tests.flows.conftest import World, list_papers


async def _state(world: World) -> ChannelClaim:
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/gzdt")
    assert state is not None
    return state


async def test_the_whole_archive_is_walked_and_never_mailed(world: World) -> None:
    await world.subscribe("researcher@example.com")
    await world.poll("gzdt")
    report = await backfill_channel(world.polling, await _state(world))
    assert report.done
    assert report.pages >= 2
    await world.read_articles()
    async with world.database.read() as tx:
        assert await notices.count_notices(tx, "harbin-renda/gzdt") == len(list_papers(world, "gzdt"))
    assert await world.tell() == []


async def test_an_interrupted_walk_goes_on_where_it_stopped(world: World) -> None:
    await world.poll("gzdt")
    first = await backfill_channel(world.polling, await _state(world), most_pages=1)
    assert (first.pages, first.done) == (1, False)
    rest = await backfill_channel(world.polling, await _state(world))
    assert rest.done
    again = await backfill_channel(world.polling, await _state(world))
    assert again.new == 0
    await world.read_articles()
    async with world.database.read() as tx:
        assert await notices.count_notices(tx, "harbin-renda/gzdt") == len(list_papers(world, "gzdt"))


async def test_a_page_that_fails_ends_the_walk_with_a_sentence(world: World) -> None:
    await world.poll("gzdt")
    world.replica.list_trouble = 500
    report = await backfill_channel(world.polling, await _state(world))
    assert not report.done
    assert report.problem is not None
    assert "list.jsp" in report.problem
    world.replica.list_trouble = None
    assert (await backfill_channel(world.polling, await _state(world))).done


async def test_history_stands_behind_what_is_new(world: World) -> None:
    """Old items that are found today belong below, in their own order."""
    await world.poll("gzdt")
    await backfill_channel(world.polling, await _state(world))
    await world.read_articles()
    world.replica.publish("gzdt", "今天的消息")
    assert (await world.poll("gzdt")).verdict is Verdict.LISTING
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/gzdt", 500)
        loaded = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    assert loaded[0].title == "今天的消息"
    dates = [notice.published.at for notice in loaded[1:] if notice.published]
    assert dates == sorted(dates, reverse=True)


async def test_a_walk_leaves_what_is_new_to_the_poll(world: World) -> None:
    """A notice published since the last poll is news, not history: somebody waits for its mail."""
    await world.subscribe("researcher@example.com")
    await world.poll("gzdt")
    world.wait(minutes=5)
    world.replica.publish("gzdt", "今天的消息")
    assert (await backfill_channel(world.polling, await _state(world))).done
    assert (await world.poll("gzdt")).new == 1
    assert len(await world.tell()) == 1
