"""What can happen to the replica, and how it answers over HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
import urllib.request
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError

import pytest

from feeds.demo.archive import write_fresh
from feeds.demo.paper import CIDS, Archive, Paper
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica
from tests.demo.conftest import START, HandClock


def row_ids(replica: ReplicaPortal, slug: str, page: int = 1) -> list[int]:
    body = replica.answer("/list.jsp", f"cid={CIDS[slug]}&page={page}").body.decode("gbk")
    return [int(found) for found in re.findall(r'info\.jsp\?(?:cid=\d+&amp;)?id=(\d+)" target', body)]


def article(replica: ReplicaPortal, paper: Paper) -> str:
    reply = replica.answer("/info.jsp", f"id={paper.id}")
    assert reply.status == 200
    return reply.body.decode("gbk")


def test_a_published_paper_stands_first_below_the_pins_with_a_new_number(replica: ReplicaPortal) -> None:
    before = {paper.id for paper in replica.papers()}
    paper = replica.publish("tzgg", "关于试运行的公告", ["正文一。", "正文二。"])
    assert paper.id > max(before)
    assert row_ids(replica, "tzgg")[2] == paper.id
    assert "<p>　　正文二。</p>" in article(replica, paper)
    assert "时间： 2026-11-18 10:00" in article(replica, paper)


def test_a_back_dated_paper_stands_between_older_ones(replica: ReplicaPortal) -> None:
    paper = replica.publish_backdated("tzgg", "补发的公告", days=7)
    ids = row_ids(replica, "tzgg")
    assert 2 < ids.index(paper.id) < len(ids) - 1
    assert paper.id > max(set(ids) - {paper.id})
    assert f"{paper.published:%Y-%m-%d}" == "2026-11-11"


def test_a_corrected_title_shows_on_list_and_page_under_the_same_number(replica: ReplicaPortal) -> None:
    paper = replica.publish("tzgg", "关于公热工作的公告")
    replica.correct_title(paper.id, "关于供热工作的公告")
    assert ">关于供热工作的公告</a>" in replica.answer("/list.jsp", "cid=13").body.decode("gbk")
    assert '<td class="bt" align="center">关于供热工作的公告</td>' in article(replica, paper)
    assert row_ids(replica, "tzgg")[2] == paper.id


def test_a_silent_correction_changes_the_body_and_nothing_on_the_list(replica: ReplicaPortal) -> None:
    paper = replica.publish("tzgg", "公告", ["自2027年1月1日起施行。"])
    listed = replica.answer("/list.jsp", "cid=13").body
    replica.correct_body(paper.id, "2027年1月1日", "2027年1月7日")
    assert replica.answer("/list.jsp", "cid=13").body == listed
    assert "自2027年1月7日起施行。" in article(replica, paper)
    with pytest.raises(ValueError, match="does not say"):
        replica.correct_body(paper.id, "不在文中", "x")


def test_a_withdrawn_paper_is_404_and_off_the_lists_until_it_comes_back(replica: ReplicaPortal) -> None:
    paper = replica.publish("tzgg", "先撤后复的公告")
    before = article(replica, paper)
    replica.withdraw(paper.id)
    assert replica.answer("/info.jsp", f"id={paper.id}").status == 404
    assert replica.answer("/info.jsp", f"cid=13&id={paper.id}").status == 404
    assert paper.id not in row_ids(replica, "tzgg")
    replica.restore(paper.id)
    assert article(replica, paper) == before
    assert paper.id in row_ids(replica, "tzgg")


def test_a_paper_can_be_listed_in_a_second_channel_under_its_second_address(replica: ReplicaPortal) -> None:
    paper = replica.publish("tzgg", "两个栏目的公告")
    replica.add_to_channel(paper.id, CIDS["lfgz"])
    assert row_ids(replica, "lfgz")[0] == row_ids(replica, "tzgg")[2] == paper.id
    assert f"info.jsp?cid=9&amp;id={paper.id}" in replica.answer("/list.jsp", "cid=9").body.decode("gbk")
    replica.add_to_channel(paper.id, CIDS["lfgz"])
    assert replica.find(paper.id).draft.channels == ("tzgg", "lfgz")


def test_a_pinned_paper_rises_to_the_top_with_its_old_date(replica: ReplicaPortal) -> None:
    paper_id = row_ids(replica, "dcyj", 2)[0]
    replica.pin(paper_id)
    assert row_ids(replica, "dcyj")[0] == paper_id
    assert "[置顶]" in replica.answer("/list.jsp", "cid=16").body.decode("gbk")
    replica.unpin(paper_id)
    assert paper_id not in row_ids(replica, "dcyj")


def test_an_unknown_paper_cannot_be_changed(replica: ReplicaPortal) -> None:
    with pytest.raises(KeyError):
        replica.withdraw(1)


def test_fresh_papers_are_the_same_from_the_same_seed_and_number_their_decrees_on(archive: Archive) -> None:
    drafts = [write_fresh(archive, place, START) for place in range(28)]
    assert drafts == [write_fresh(archive, place, START) for place in range(28)]
    first = [
        int(found[1])
        for draft in drafts
        if draft.title == "哈尔滨市人大常委会公告" and (found := re.match(r"第(\d+)号", draft.blocks[0].text))
    ]
    assert first == [first[0], first[0] + 1, first[0] + 2, first[0] + 3]


# ---- over HTTP ----


async def get(url: str, **headers: str) -> tuple[int, Message[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def fetch() -> tuple[int, Message[str, str], bytes]:
        request = urllib.request.Request(url, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.headers, reply.read()
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    return await asyncio.to_thread(fetch)


async def test_a_jsp_page_names_no_charset_and_no_validators_but_sets_a_session(replica: ReplicaPortal) -> None:
    async with serve_replica(replica) as base:
        status, headers, body = await get(f"{base}/list.jsp?cid=13&page=1")
        assert status == 200
        assert headers.get_all("content-type") == ["text/html"]
        assert headers.get_all("server") == ["Apache-Coyote/1.1"]
        assert headers.get_all("date") == ["Wed, 18 Nov 2026 02:00:00 GMT"]
        assert re.fullmatch(r"JSESSIONID=[0-9A-F]{32}; Path=/", headers["set-cookie"])
        assert headers["etag"] is headers["last-modified"] is None
        assert body == replica.answer("/list.jsp", "cid=13&page=1").body
        session = headers["set-cookie"].partition(";")[0]
        _, again, _ = await get(f"{base}/", Cookie=session)
        assert again["set-cookie"] is None
        _, other, _ = await get(f"{base}/")
        assert other["set-cookie"] != headers["set-cookie"]
    assert replica.requests == 3


async def test_a_founder_page_has_validators_and_answers_304(archive: Archive, clock: HandClock) -> None:
    replica = ReplicaPortal(archive, clock, "founder")
    async with serve_replica(replica) as base:
        url = f"{base}/node_13.html"
        _, headers, body = await get(url)
        assert headers["set-cookie"] is None
        at = int(parsedate_to_datetime(headers["last-modified"]).timestamp())
        assert headers["etag"] == f'"{at:x}-{len(body):x}"'
        for condition in ({"If_None_Match": headers["etag"]}, {"If_Modified_Since": headers["last-modified"]}):
            status, fresh, empty = await get(url, **condition)
            assert (status, fresh["etag"], empty) == (304, headers["etag"], b"")
        assert (await get(url, If_None_Match='"x"', If_Modified_Since=headers["last-modified"]))[0] == 200
        assert (await get(url, If_Modified_Since="yesterday"))[0] == 200
        clock.now += timedelta(minutes=1)
        replica.publish("tzgg", "新的公告")
        status, changed, _ = await get(url, If_None_Match=headers["etag"])
        assert (status, changed["etag"] != headers["etag"]) == (200, True)
        assert parsedate_to_datetime(changed["last-modified"]) == clock.now


async def test_a_portal_may_live_below_a_path(archive: Archive, clock: HandClock) -> None:
    async with serve_replica(ReplicaPortal(archive, clock, base_path="/rd/")) as base:
        assert base.endswith("/rd")
        status, headers, body = await get(f"{base}/")
        assert status == 200
        assert headers["set-cookie"].endswith("Path=/rd")
        assert b'src="/rd/images/banner.gif"' in body
        assert (await get(f"{base}/images/banner.gif"))[2].startswith(b"GIF8")
        assert (await get(base.removesuffix("/rd") + "/list.jsp?cid=1"))[0] == 404


async def test_a_file_with_a_gbk_name_is_served_by_its_encoded_path(archive: Archive, replica: ReplicaPortal) -> None:
    paths = [block.url for paper in archive.papers for block in paper.draft.blocks if "%" in block.url]
    async with serve_replica(replica) as base:
        status, headers, body = await get(base + paths[-1])
        assert (status, headers["content-type"]) == (200, "application/msword")
        assert body.startswith(b"\xd0\xcf\x11\xe0")
        assert (await get(base + paths[-1].lower()))[2] == body


async def test_a_taken_port_is_an_error_of_the_system(replica: ReplicaPortal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            async with serve_replica(replica, port=taken.getsockname()[1]):
                pass
