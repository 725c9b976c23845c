"""What a poll promises, against the replica portal."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import structlog

from feeds.demo.paper import CIDS, Draft
from feeds.flows import articles, poll
from feeds.flows.backfill import backfill_channel
from feeds.flows.listings import SeenPages
from feeds.flows.rendering import EntryCache
from feeds.model import Article, ArticleRecipe, Channel, EventKind, Fetched, ListingRecipe, Portal, Verdict
from feeds.read.channel import read_channel_article
from feeds.store import events, feeds, holds, notices, portals
from tests.flows.conftest import World, list_papers


async def _titles(world: World, name: str = "harbin-renda/tzgg") -> list[str]:
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, name, 200)
        return [notice.title for notice in await notices.load_notices(tx, [notice_id for notice_id, _ in index])]


async def test_the_first_sight_of_a_channel_is_stored_and_never_mailed(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    report = await world.poll()
    assert (report.verdict, report.baseline) == (Verdict.LISTING, True)
    assert report.new >= 15
    await world.read_articles()
    assert await world.tell() == []
    assert len(await _titles(world)) >= 15


async def test_polling_twice_changes_nothing(world: World) -> None:
    await world.poll()
    await world.read_articles()
    await world.publish()
    before = world.feed()
    report = await world.poll()
    assert (report.new, report.revised, report.moved, report.vanished) == (0, 0, 0, 0)
    assert await world.publish() == []
    assert world.feed() == before


async def test_a_list_that_comes_byte_for_byte_again_is_not_read_again(world: World) -> None:
    first, again, _ = await world.poll(), await world.poll(), world.replica.publish("tzgg", "关于会期的通知")
    third = await world.poll()
    assert (first.verdict, again.verdict, third.verdict) == (Verdict.LISTING, Verdict.UNCHANGED, Verdict.LISTING)
    assert third.new == 1


async def test_a_list_that_another_process_polled_meanwhile_is_read_though_its_bytes_are_known(world: World) -> None:
    await world.poll()
    paper = world.replica.publish("tzgg", "关于会期的通知")
    mine, world.polling = world.polling, replace(world.polling, seen=SeenPages())
    await world.poll()
    world.replica.withdraw(paper.id)
    world.polling = mine
    report = await world.poll()
    assert (report.verdict, report.vanished) == (Verdict.LISTING, 1)


async def test_a_held_list_is_read_again_though_its_bytes_are_the_same(world: World) -> None:
    await world.poll()
    for paper in list_papers(world, "tzgg"):
        world.replica.withdraw(paper.id)
    world.replica.publish("tzgg", "关于另一件事项的公告")
    assert [(await world.poll()).verdict for _ in range(2)] == [Verdict.LISTING] * 2


async def test_a_new_notice_is_in_the_feed_and_mailed_once(world: World) -> None:
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    world.wait(minutes=30)
    world.replica.publish("tzgg", "关于征求《哈尔滨市公园条例（草案）》意见的公告")
    report = await world.poll()
    assert report.new == 1
    assert "关于征求《哈尔滨市公园条例（草案）》意见的公告" in await _titles(world)
    mails = await world.tell()
    assert [mail.to for mail in mails] == ["lawyer@example.com"]
    assert "哈尔滨市公园条例" in mails[0].subject
    await world.poll()
    assert len(await world.tell()) == 1


async def test_a_back_dated_notice_is_new_all_the_same(world: World) -> None:
    """New means first seen, never a date later than the last one."""
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    world.replica.publish_backdated("tzgg", "关于补发会议纪要的通知", days=7)
    assert (await world.poll()).new == 1
    assert len(await world.tell()) == 1


async def test_three_notices_of_one_title_are_three_notices(world: World) -> None:
    await world.poll()
    await world.read_articles()
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 200)
        loaded = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    same = [notice for notice in loaded if notice.title == "哈尔滨市人大常委会公告"]
    assert len(same) == 3
    assert len({notice.public_id for notice in same}) == 3


async def test_a_burst_is_followed_to_known_ground(world: World) -> None:
    """After a week's downtime nothing is missed, though page 1 shows only the newest fifteen."""
    await world.poll()
    for number in range(40):
        world.replica.publish("tzgg", f"关于第{number}号事项的通知")
        world.wait(minutes=10)
    report = await world.poll()
    assert report.new == 40
    await world.read_articles()
    assert {f"关于第{number}号事项的通知" for number in range(40)} <= set(await _titles(world))


async def test_a_notice_that_joins_a_second_channel_is_one_notice_and_one_mail(world: World) -> None:
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg", "harbin-renda/lfgz")
    await world.subscribe("journalist@example.com", "harbin-renda/lfgz")
    await world.poll("tzgg")
    await world.poll("lfgz")
    paper = world.replica.publish("tzgg", "关于公布规章清理结果的公告")
    await world.poll("tzgg")
    assert [mail.to for mail in await world.tell()] == ["lawyer@example.com"]
    world.wait(minutes=1)
    world.replica.add_to_channel(paper.id, CIDS["lfgz"])
    assert (await world.poll("lfgz")).moved == 1
    assert sorted(mail.to for mail in await world.tell()) == ["journalist@example.com", "lawyer@example.com"]
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda", 1)
        notice = (await notices.load_notices(tx, [index[0][0]]))[0]
    assert notice.channels == ("tzgg", "lfgz")


async def test_a_pinned_old_notice_is_not_new(world: World) -> None:
    await world.poll()
    listed = list_papers(world, "tzgg")
    world.replica.pin(listed[5].id)
    report = await world.poll()
    assert (report.new, report.vanished) == (0, 0)


async def test_an_overtaken_claim_writes_nothing(world: World) -> None:
    """A worker that comes back after its lease must not undo what was done since."""
    await world.poll()
    world.replica.publish("tzgg", "关于会期的通知")
    async with world.database.write() as tx:
        late = await portals.claim_channel(tx, "harbin-renda/tzgg", world.now, poll.LEASE)
    assert late is not None
    await world.poll()
    async with world.database.read() as tx:
        before = await feeds.list_feeds(tx)
    await poll.poll_channel(world.polling, late)
    async with world.database.read() as tx:
        assert await feeds.list_feeds(tx) == before


async def test_only_due_channels_are_claimed_and_never_twice(world: World) -> None:
    from feeds.flows import poll

    first = await poll.claim_due(world.polling, 100)
    assert len(first) == 16
    assert await poll.claim_due(world.polling, 100) == []
    world.wait(seconds=poll.LEASE.total_seconds() + 1)
    assert len(await poll.claim_due(world.polling, 100)) == 16, "an unfinished claim comes due again"


async def test_a_portal_that_is_down_is_asked_less_often_and_loses_nothing(world: World) -> None:
    await world.poll()
    await world.publish()
    before = world.feed()
    world.replica.list_trouble = 500
    waits = []
    for _ in range(3):
        report = await world.poll()
        assert report.verdict is Verdict.FAILED
        assert report.problem
        async with world.database.read() as tx:
            from feeds.store import portals

            health = next(one for one in await portals.load_channels(tx) if one.name == "harbin-renda/tzgg")
        waits.append(health.next_poll - world.now)
    assert timedelta() < waits[0] < waits[1] < waits[2]
    assert await world.publish() == []
    assert world.feed() == before


async def test_an_event_is_made_in_the_transaction_of_its_notice(world: World) -> None:
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    async with world.database.write() as tx:
        claimed = await events.claim_events(tx, world.now, timedelta(minutes=1), 10)
    assert [claim.event.kind for claim in claimed] == [EventKind.PUBLISHED]


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
async def test_rendering_twice_gives_the_same_bytes(world: World, fmt: str) -> None:
    from feeds.flows.publish import publish_feed
    from feeds.flows.rendering import EntryCache, Publishing

    await world.poll()
    await world.publish()
    before = world.feed(fmt=fmt)
    world.wait(days=3)
    afresh = Publishing(
        world.database, world.publishing.portals, world.settings.site, world.settings.publish, world.clock,
        cache=EntryCache(),
    )  # fmt: skip
    assert not await publish_feed(afresh, "harbin-renda/tzgg", 1)
    assert world.feed(fmt=fmt) == before


async def test_a_changed_address_of_a_channel_is_a_new_baseline_and_no_flood(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll("tzgg")
    moved = [
        replace(channel, url=channel.url.replace("cid=13", "cid=8")) if channel.slug == "tzgg" else channel
        for channel in world.portal.channels
    ]
    portal = replace(world.portal, channels=tuple(moved))
    async with world.database.write() as tx:
        await portals.sync_portals(tx, [portal], world.now)
    world.polling = replace(world.polling, portals={portal.name: portal})
    assert (await world.poll("tzgg")).baseline
    assert await world.tell() == []


async def test_a_page_that_crashes_the_reader_holds_up_no_other_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash_on_one(page: Fetched, portal: Portal, channel: Channel, expected: str | None = None) -> Article:
        article = read_channel_article(page, portal, channel, expected)
        if article.title == "关于甲的通知":
            raise RecursionError("too deep")
        return article

    await world.poll()
    world.replica.publish("tzgg", "关于甲的通知")
    world.replica.publish("tzgg", "关于乙的通知")
    monkeypatch.setattr("feeds.flows.poll.read_channel_article", crash_on_one)
    assert (await world.poll()).new == 2
    assert {"关于甲的通知", "关于乙的通知"} <= set(await _titles(world))


async def test_another_base_address_reaches_feeds_that_are_quiet(world: World) -> None:
    """The first start is often on 127.0.0.1; the real address comes later."""
    from dataclasses import replace

    from feeds.flows.publish import renew_feeds

    await world.poll()
    await renew_feeds(world.publishing)
    await world.publish()
    site = world.settings.site.model_copy(update={"base_url": "https://feeds.example.org"})
    world.publishing = replace(world.publishing, site=site, cache=EntryCache())
    await renew_feeds(world.publishing)
    await world.publish()
    assert b"https://feeds.example.org/n/" in world.feed()
    await renew_feeds(world.publishing)
    assert await world.publish() == []


async def test_a_copy_elsewhere_does_not_say_that_the_site_has_it(world: World) -> None:
    from feeds.flows.publish import publish_feed

    await world.poll()
    await publish_feed(world.publishing, "harbin-renda/tzgg", 1, mark=False)
    async with world.database.read() as tx:
        assert "harbin-renda/tzgg" in {name for name, _ in await feeds.stale_feeds(tx)}


async def test_an_older_document_that_lands_last_is_rendered_again(world: World) -> None:
    await world.poll()
    async with world.database.write() as tx:
        await feeds.touch_feeds(tx, ["harbin-renda/tzgg"])
        newer = dict(await feeds.stale_feeds(tx))["harbin-renda/tzgg"]
        await feeds.mark_published(tx, "harbin-renda/tzgg", newer, world.now)
        await feeds.mark_published(tx, "harbin-renda/tzgg", newer - 1, world.now)
        assert "harbin-renda/tzgg" in {name for name, _ in await feeds.stale_feeds(tx)}


def _break_recipe(world: World, **changed: Any) -> None:
    """The portal was rebuilt: the recipe of its lists finds nothing any more."""
    channels = tuple(
        replace(one, recipe=replace(one.recipe, listing=ListingRecipe(row="ol.rebuilt li")), **changed)
        for one in world.portal.channels
    )
    cast("dict[str, Portal]", world.polling.portals)[world.portal.name] = replace(world.portal, channels=channels)


async def test_a_list_that_the_recipe_no_longer_fits_is_read_without_it(world: World) -> None:
    """Known rows prove it; the operator hears of it, subscribers hear the news."""
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告")
    _break_recipe(world)
    report = await world.poll()
    assert report.verdict is Verdict.LISTING
    assert "关于旁听的公告" in await _titles(world)
    assert "`feeds add --repair harbin-renda`" in (report.problem or "")
    async with world.database.read() as tx:
        health = next(one for one in await portals.load_channels(tx) if one.name == "harbin-renda/tzgg")
    assert (health.failures, health.problem) == (0, report.problem)


async def test_an_article_that_the_recipe_no_longer_fits_is_read_without_it_and_logged(world: World) -> None:
    await world.poll()
    channels = tuple(
        replace(one, recipe=replace(one.recipe, article=ArticleRecipe(title="h1.rebuilt", body="div.rebuilt")))
        for one in world.portal.channels
    )
    cast("dict[str, Portal]", world.polling.portals)[world.portal.name] = replace(world.portal, channels=channels)
    title = "关于第七次会议旁听名额和报名办法的公告"
    world.replica.publish("tzgg", title, ["　　旁听名额十人，六月十九日起报名，先到先得，额满为止，请带身份证件。"] * 6)
    with structlog.testing.capture_logs() as logged:
        await world.poll()
    told = [line["repair"] for line in logged if line["event"] == "the article recipe no longer fits"]
    assert told == ["feeds add --repair harbin-renda"]


async def test_a_list_without_known_rows_is_not_believed_without_its_recipe(world: World) -> None:
    """Else a portal that was rebuilt with new addresses would be told as hundreds of news."""
    await world.poll()
    _break_recipe(world, url=next(one.url for one in world.portal.channels if one.slug == "lfgz"))
    report = await world.poll()
    assert (report.verdict, report.new) == (Verdict.CONTAINER_MISSING, 0)
    assert "of them known: not believed" in (report.problem or "")
    assert "feeds add --repair" in (report.problem or "")


async def test_an_error_page_stays_what_it_is_when_the_recipe_does_not_fit(world: World) -> None:
    await world.poll()
    _break_recipe(world, url=f"{world.portal.base_url}nowhere.jsp")
    report = await world.poll()
    assert report.verdict is not Verdict.LISTING
    assert "repair" not in (report.problem or "")


@pytest.mark.parametrize("read", [True, False])
async def test_a_channel_added_later_swallows_no_news_of_another(world: World, read: bool) -> None:
    """What its baseline met first is still new on the list of a channel that did not show it before."""
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll("tzgg")
    world.wait(minutes=10)
    paper = world.replica.publish("tzgg", "关于举行听证会的公告")
    world.replica.add_to_channel(paper.id, CIDS["lfgz"])
    assert (await world.poll("lfgz")).baseline
    if read:
        await world.read_articles()
    assert await world.tell() == []
    world.wait(minutes=10)
    assert (await world.poll("tzgg")).moved == 1
    await world.read_articles()
    assert [mail.to for mail in await world.tell()] == ["lawyer@example.com"]
    assert (await _titles(world))[0] == "关于举行听证会的公告"


async def test_what_was_history_before_stays_untold(world: World) -> None:
    await world.subscribe("lawyer@example.com", "harbin-renda/lfgz")
    await world.poll("tzgg")
    world.wait(minutes=10)
    await world.poll("lfgz")
    old = next(paper for paper in list_papers(world, "tzgg") if "lfgz" not in paper.draft.channels)
    world.replica.add_to_channel(old.id, CIDS["lfgz"])
    await world.poll("lfgz")
    assert await world.tell() == []


async def test_a_gap_is_remembered_until_a_backfill_closed_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.flows.listings.MOST_PAGES", 2)
    await world.poll()
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/tzgg")
    assert state is not None
    assert (await backfill_channel(world.polling, state, most_pages=1)).pages == 1
    for number in range(75):
        world.replica.publish("tzgg", f"关于第{number}号事项的通知")
    assert (await world.poll()).held > 0  # nothing on two pages was ever seen: the operator looks
    assert await _gap(world) is None
    async with world.database.write() as tx:
        assert await holds.decide_hold(tx, "harbin-renda/tzgg", "release", world.now)
    assert "feeds backfill harbin-renda/tzgg" in ((await world.poll()).problem or "")
    assert (await world.poll()).problem is None
    assert "rows may be missing" in (await _gap(world) or "")
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/tzgg")
    assert state is not None
    assert (await backfill_channel(world.polling, state)).done
    assert await _gap(world) is None
    await world.read_articles()
    assert {f"关于第{number}号事项的通知" for number in range(75)} <= set(await _titles(world))


async def _gap(world: World) -> str | None:
    async with world.database.read() as tx:
        return next(one.gap for one in await portals.load_channels(tx) if one.name == "harbin-renda/tzgg")


async def test_a_corrected_title_of_another_hosts_page_is_taken_over(world: World) -> None:
    """Its page is never read: the list is all there is."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    draft = Draft("关于举行所证会的公告", (), ("tzgg",), external="http://other.example/n/1")
    paper = world.replica.publish_draft(draft)
    await world.poll()
    assert len(await world.tell()) == 1
    world.replica.correct_title(paper.id, "关于举行听证会的公告")
    assert (await world.poll()).revised == 1
    assert (await _titles(world))[0] == "关于举行听证会的公告"
    assert "更正" in (await world.tell())[-1].subject
    assert (await world.poll()).revised == 0


async def test_another_hosts_page_is_told_once_its_title_is_whole(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    whole = "关于在全市范围内开展公共场所无障碍设施建设和管理情况执法检查并公开征求社会各界意见建议的公告"
    paper = world.replica.publish_draft(Draft(whole, (), ("tzgg",), external="http://other.example/n/1"))
    await world.poll()
    assert await world.tell() == []
    world.replica.correct_title(paper.id, "关于开展无障碍设施执法检查的公告")
    await world.poll()
    assert [mail.subject for mail in await world.tell()] != []


async def test_a_channel_that_was_off_for_a_while_begins_with_a_baseline(world: World) -> None:
    """What another channel met first meanwhile is no news of it: it would come as a flood."""
    await world.subscribe("lawyer@example.com", "harbin-renda/lfgz")
    await world.poll("lfgz")
    await _configure(world, *(channel for channel in world.portal.channels if channel.slug != "lfgz"))
    for number in range(12):
        world.wait(minutes=10)
        paper = world.replica.publish("tzgg", f"关于第{number}号事项的通知")
        world.replica.add_to_channel(paper.id, CIDS["lfgz"])
    await world.poll("tzgg")
    await _configure(world, *world.portal.channels)
    report = await world.poll("lfgz")
    assert (report.baseline, report.moved) == (True, 12)
    await world.read_articles()
    assert await world.tell() == []


async def _configure(world: World, *channels: Channel) -> None:
    portal = replace(world.portal, channels=channels)
    async with world.database.write() as tx:
        await portals.sync_portals(tx, [portal], world.now)


async def test_a_reading_under_way_does_not_lose_news_of_another_channel(world: World) -> None:
    """It took the notice for history when it began; the poll that finds it to be news has it read anew."""
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll("tzgg")
    await world.read_articles()
    world.wait(minutes=10)
    paper = world.replica.publish("tzgg", "关于举行听证会的公告")
    world.replica.add_to_channel(paper.id, CIDS["lfgz"])
    assert (await world.poll("lfgz")).baseline
    early = await articles.claim_due(world.polling, 100)
    assert (await world.poll("tzgg")).moved == 1
    for claim in early:
        await articles.read_due_article(world.polling, claim)
    await world.read_articles()
    assert [mail.to for mail in await world.tell()] == ["lawyer@example.com"]


async def test_two_channels_may_list_one_address_under_two_titles(world: World) -> None:
    """Each is held against what it showed itself: no correction, and no mail, at every poll."""
    await world.subscribe("lawyer@example.com")
    await world.poll("tzgg")
    await world.poll("lfgz")
    address = "http://other.example/n/1"
    world.replica.publish_draft(Draft("关于举行听证会的公告", (), ("tzgg",), external=address))
    world.replica.publish_draft(Draft("市人大关于举行听证会的公告", (), ("lfgz",), external=address))
    for _ in range(3):
        await world.poll("tzgg")
        await world.poll("lfgz")
    assert len(await world.tell()) == 1


async def test_a_cut_title_whose_page_cannot_be_read_is_told_once_it_is_whole(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await world.read_articles()
    whole = "关于在全市范围内开展公共场所无障碍设施建设和管理情况执法检查并公开征求社会各界意见建议的公告"
    paper = world.replica.publish("tzgg", whole)
    world.replica.article_trouble = 500
    await world.poll()
    assert await world.tell() == []
    world.replica.correct_title(paper.id, "关于开展无障碍设施执法检查的公告")
    assert [(await world.poll()).revised for _ in range(3)] == [1, 0, 0]
    await world.read_articles()
    assert len(await world.tell()) == 1
    assert (await _titles(world))[0] == "关于开展无障碍设施执法检查的公告"


async def test_what_only_another_process_has_configured_is_left_to_it(world: World) -> None:
    """Portals are added beside a running daemon: until it is told, it must not stumble over their rows."""
    other = replace(world.portal, name="other", channels=(replace(world.portal.channels[0], portal="other"),))
    async with world.database.write() as tx:
        await portals.sync_portals(tx, [world.portal, other], world.now)
    assert {claim.portal for claim in await poll.claim_due(world.polling, 99)} == {world.portal.name}
