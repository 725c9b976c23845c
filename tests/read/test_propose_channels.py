"""Which of the pages looked at people would follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feeds.model import Item, Listing, Moment, Precision, Verdict
from feeds.read.dom import parse_page
from feeds.read.propose_channels import Sample, count_pictures, find_article_shapes, judge_samples

BASE = "http://www.harbour.test/"
TITLE = "关于第{}号泊位检修有关安排的公告"


def make_sample(
    name: str, folder: str, count: int = 12, *, dated: bool = True, older: bool = True, first: int = 0, days: int = 28
) -> Sample:
    """A list of `count` rows in a folder, a day apart each."""
    items = tuple(
        Item(
            f"{BASE}{folder}info-{number}.html",
            TITLE.format(number),
            title_complete=True,
            published=Moment(datetime(2026, 8, 1 + number % days, tzinfo=UTC), Precision.DAY) if dated else None,
        )
        for number in range(first, first + count)
    )
    url = f"{BASE}{folder}"
    next_page = f"{url}index_2.html" if older else None
    return Sample(name, url, Listing(url, Verdict.LISTING, items, next_page, "generic", 1.0))


def judge(*samples: Sample) -> list[str | None]:
    return [sample.refused for sample in judge_samples(samples)]


def test_a_dated_list_of_news_is_followed_without_a_doubt() -> None:
    (sample,) = judge_samples([make_sample("通知公告", "tzgg/")])
    assert (sample.refused, sample.confidence, sample.doubts) == (None, 1.0, ())


def test_a_dated_list_of_any_name_is_followed_less_surely() -> None:
    (sample,) = judge_samples([make_sample("锚地", "md/")])
    assert (sample.refused, sample.confidence) == (None, 0.9)


def test_what_is_not_sure_is_said() -> None:
    sample = make_sample("通知公告", "tzgg/", 3, older=False)
    mixed = replace(sample.listing, items=(replace(sample.listing.items[0], published=None), *sample.listing.items[1:]))
    (sample,) = judge_samples([replace(sample, listing=mixed)])
    assert sample.refused is None
    assert sample.doubts == ("3 rows only", "not every row has a date", "no older page found")


def test_what_did_not_read_as_a_list_is_refused_with_its_reason() -> None:
    silent = Sample("通知公告", f"{BASE}a/", Listing(f"{BASE}a/", Verdict.FAILED))
    told = Sample("通知公告", f"{BASE}b/", Listing(f"{BASE}b/", Verdict.GONE, problem="the server says 404"))
    assert judge(silent, told) == ["failed", "the server says 404"]


def test_a_static_page_is_none_whatever_stands_on_it() -> None:
    assert judge(make_sample("海事机构简介", "jgjj/")) == ["海事机构简介 is the name of a static page or a service"]


def test_a_list_needs_a_few_rows_and_one_of_news_fewer() -> None:
    assert judge(make_sample("通知公告", "tzgg/", 2)) == [None]
    assert judge(make_sample("锚地", "md/", 2)) == ["2 rows only"]


def test_works_of_reference_are_followed_where_they_fill_pages() -> None:
    assert judge(make_sample("年度报告", "ndbg/")) == [None]
    assert judge(make_sample("年度报告", "ndbg/", older=False)) == [
        "年度报告: works of reference, a page of them at most"
    ]


def test_a_list_of_links_to_other_sites_is_refused() -> None:
    sample = make_sample("相关信息", "links/")
    items = tuple(
        replace(item, url=item.url.replace("harbour", f"port{n}")) for n, item in enumerate(sample.listing.items)
    )
    assert judge(replace(sample, listing=replace(sample.listing, items=items))) == [
        "most rows lead to other sites: a list of links"
    ]


def test_documents_of_one_day_are_a_set_and_no_list() -> None:
    assert judge(make_sample("应急管理", "yjgl/", 4, older=False, days=1)) == [
        "all rows are of one day and there is no older page: a set of documents"
    ]
    assert judge(make_sample("应急管理", "yjgl/", 4, days=1)) == [None]


def test_rows_without_dates_are_believed_only_of_news() -> None:
    assert judge(make_sample("通知公告", "tzgg/", dated=False)) == [None]
    assert judge(make_sample("锚地", "md/", dated=False)) == ["rows without dates"]
    assert judge(make_sample("通知公告", "tzgg/", 4, dated=False)) == ["rows without dates"]
    directory = make_sample("企业信息", "qyxx/", dated=False)
    items = tuple(replace(item, title="某港务公司") for item in directory.listing.items)
    assert judge(replace(directory, listing=replace(directory.listing, items=items))) == ["rows without dates"]
    assert judge(replace(make_sample("图片新闻", "tpxw/", dated=False), pictures=0.9)) == ["pictures without dates"]


def test_a_date_in_the_address_is_a_date() -> None:
    sample = make_sample("锚地", "md/", dated=False)
    items = tuple(
        replace(item, url=f"{BASE}md/2026-08-{n + 10}/{n}.html") for n, item in enumerate(sample.listing.items)
    )
    (judged,) = judge_samples([replace(sample, listing=replace(sample.listing, items=items))])
    assert (judged.refused, judged.doubts) == (None, ("dates stand in the addresses only",))


def test_a_block_beside_every_page_is_nobodys_list() -> None:
    block = make_sample("热点", "rd/", 6).listing.items
    pages = [Sample(f"页面{n}", f"{BASE}p{n}/", Listing(f"{BASE}p{n}/", Verdict.LISTING, block)) for n in range(3)]
    reason = "its rows stand beside other pages as well: they are not its own"
    assert judge(*pages) == [reason] * 3
    mixed = make_sample("通知公告", "tzgg/")
    mixed = replace(mixed, listing=replace(mixed.listing, items=mixed.listing.items + block))
    judged = judge_samples([*pages, mixed])[-1]
    assert (judged.refused, judged.doubts) == (None, ("6 rows stand on other pages too",))


def test_two_addresses_of_one_list_are_proposed_once() -> None:
    list_page = make_sample("通知公告", "tzgg/")
    twin = replace(list_page, url=f"{BASE}xwdt/tz.html")
    assert judge(list_page, twin) == [None, "its rows stand in other lists, which say more"]
    assert judge(twin, list_page) == ["its rows stand in other lists, which say more", None]


def test_a_page_that_merges_its_children_adds_nothing_to_them() -> None:
    first, second = make_sample("公示", "tzgg/gs/"), make_sample("通告", "tzgg/tg/")
    merged = make_sample("通知公告", "tzgg/")
    rows = first.listing.items[:5] + second.listing.items[:5]
    merged = replace(merged, listing=replace(merged.listing, items=rows))
    assert judge(merged, first, second) == ["its rows stand in other lists, which say more", None, None]


def test_an_article_with_a_short_title_is_no_list() -> None:
    """Its page shows others beside it; a list's own address is not like those of rows."""
    lists = [make_sample(f"动态{n}", f"col{n}/", first=100 * n) for n in range(6)]
    article = replace(make_sample("泊位动态", "col9/", 4, first=900), url=f"{BASE}col9/info-7.html")
    assert judge(*lists, article) == [None] * 6 + ["its address is like an article's"]
    assert find_article_shapes([sample.listing for sample in lists]) == frozenset({"info-0.html"})


def test_where_lists_and_articles_have_like_addresses_nothing_is_told_by_them() -> None:
    lists = [make_sample(f"动态{n}", f"col{n}/", first=100 * n) for n in range(3)]
    lists = [replace(one, listing=replace(one.listing, url=f"{BASE}info-{n}.html")) for n, one in enumerate(lists)]
    assert find_article_shapes([sample.listing for sample in lists]) == frozenset()


def test_pictures_are_counted_by_rows() -> None:
    listing = make_sample("港区", "a/", 2).listing
    page = parse_page('<a href="info-0.html"><img src="1.jpg"></a><a href="info-1.html">甲</a><a href="x"><img></a>')
    assert count_pictures(page, listing) == 0.5
    assert count_pictures(page, replace(listing, items=())) == 0.0
