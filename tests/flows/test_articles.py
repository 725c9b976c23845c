"""Reading articles: once when new, and again to notice what was changed in silence."""

from feeds.model import Notice
from feeds.store import notices
from tests.flows.conftest import World


async def _newest(world: World) -> Notice:
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 1)
        return (await notices.load_notices(tx, [index[0][0]]))[0]


async def test_the_article_of_a_new_notice_is_read_within_the_poll(world: World) -> None:
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    article = (await _newest(world)).article
    assert article is not None
    assert article.body
    assert article.editor


async def test_a_silent_correction_is_a_revision_of_the_same_entry(world: World) -> None:
    """One digit of the day a rule enters into force matters more than a title."""
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    paper = world.replica.publish("tzgg", "关于公布条例的公告", ["本条例自2027年5月1日起施行。"])
    await world.poll()
    before = await _newest(world)
    world.replica.correct_body(paper.id, "5月1日", "6月1日")
    world.wait(hours=2)
    await world.read_articles()
    after = await _newest(world)
    assert (after.public_id, after.published, after.revision) == (before.public_id, before.published, 2)
    assert after.updated_at == world.now
    assert after.article is not None
    assert "6月1日" in after.article.body
    mails = await world.tell()
    assert len(mails) == 2, "told once when published, once when corrected"


async def test_a_corrected_title_is_noticed_from_the_list(world: World) -> None:
    await world.poll()
    paper = world.replica.publish("tzgg", "关于旁厅的公告")
    await world.poll()
    world.replica.correct_title(paper.id, "关于旁听的公告")
    assert (await world.poll()).revised == 1
    await world.read_articles()
    after = await _newest(world)
    assert (after.title, after.revision) == ("关于旁听的公告", 2)
    async with world.database.read() as tx:
        history = await notices.load_revisions(tx, after.id)
    assert [(one.title, one.changed) for one in history] == [("关于旁厅的公告", ()), ("关于旁听的公告", ("title",))]


async def test_a_withdrawn_notice_stays_marked_and_comes_back_when_it_does(world: World) -> None:
    await world.poll()
    paper = world.replica.publish("tzgg", "关于会期的通知")
    await world.poll()
    world.replica.withdraw(paper.id)
    assert (await world.poll()).vanished == 1
    await world.read_articles()
    gone = await _newest(world)
    assert gone.title == "关于会期的通知"
    assert gone.withdrawn_at == world.now
    assert gone.article is not None, "the text before is kept"
    world.replica.restore(paper.id)
    world.wait(minutes=5)
    await world.poll()
    await world.read_articles()
    back = await _newest(world)
    assert (back.public_id, back.withdrawn_at, back.revision) == (gone.public_id, None, 3)


async def test_a_cut_title_is_never_shown(world: World) -> None:
    """A list cuts titles at 60 bytes; only the article knows the whole one."""
    long_title = "哈尔滨市人民代表大会常务委员会关于批准二〇二六年市本级预算调整方案并督促落实的决议"
    await world.poll()
    world.replica.article_trouble = 503
    world.replica.publish("tzgg", long_title)
    await world.poll()
    assert not (await _newest(world)).title.startswith("哈尔滨市人民代表大会常务委员会关于批准二〇二六年")
    assert await world.tell() == []
    world.replica.article_trouble = None
    world.wait(minutes=10)
    await world.read_articles()
    assert (await _newest(world)).title == long_title


async def test_an_unreadable_article_does_not_hold_up_the_alert(world: World) -> None:
    await world.subscribe("citizen@example.com", "harbin-renda/tzgg")
    await world.poll()
    world.replica.article_trouble = 503
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    assert len(await world.tell()) == 1
    world.replica.article_trouble = None
    world.wait(minutes=10)
    await world.read_articles()
    assert (await _newest(world)).article is not None
    assert len(await world.tell()) == 1, "the text that came later is no second alert"


async def test_the_seed_article_reads_back_exactly(world: World) -> None:
    from feeds.flows.backfill import backfill_channel
    from feeds.store import portals

    await world.poll("jdgz")
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/jdgz")
    assert state is not None
    report = await backfill_channel(world.polling, state)
    assert report.done
    await world.read_articles()
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/jdgz", 500)
        loaded = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    seed = next(notice for notice in loaded if notice.title == "聚焦“四个重点” 提升监督实效")
    assert seed.published is not None
    assert seed.published.at.isoformat() == "2022-09-15T02:12:00+00:00"
    assert seed.published.precision.value == "minute"
    article = seed.article
    assert article is not None
    assert article.editor == "市人大研究室新闻宣传处"
    lines = article.body.splitlines()
    headings = [
        "聚焦政治属性",
        "把准监督方向",
        "聚焦公平正义",
        "突出监督重心",
        "聚焦强基固本",
        "完善监督链条",
        "聚焦提质增效",
        "创新监督方式",
    ]
    assert [line for line in lines if len(line) == 6] == headings
    assert all(f">{heading}<" in article.body_html for heading in headings)
    assert lines[-1].endswith("《江苏省洪泽湖保护条例》已于今年5月1日正式施行。")
