"""Feed files over real HTTP: variants, conditions, HEAD, and no way out of the directory."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard
from starlette.responses import PlainTextResponse

from feeds.serve.feeds import FeedServer
from tests.serve.web import serving

ATOM = ("<feed>" + "市人大常委会公告 " * 200 + "</feed>").encode()


def publish(path: Path, body: bytes, when: float = 1_750_000_000) -> None:
    """Write a feed and its variants the way the publisher does, at a time of our own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = {"": body, ".gz": gzip.compress(body), ".br": brotli.compress(body)}
    packed[".zst"] = zstandard.ZstdCompressor().compress(body)
    for suffix, content in packed.items():
        file = path.with_name(path.name + suffix)
        fresh = file.with_name(file.name + ".new")
        fresh.write_bytes(content)
        os.utime(fresh, (when, when))
        fresh.replace(file)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A publish directory with one channel's feed in three formats, and a secret beside it."""
    (tmp_path / "secret.atom").write_bytes(b"not for the public")
    for fmt in ("atom", "rss", "json"):
        publish(tmp_path / "public" / "feeds" / "harbin" / f"tzgg.{fmt}", ATOM)
    return tmp_path / "public"


@pytest.fixture
async def client(shelf: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a feed server whose beyond says so."""
    beyond = PlainTextResponse("beyond", status_code=404)
    server = FeedServer(shelf, "https://feeds.example.com/", ("https://hub.example.com/",), beyond, capacity=50_000)
    async with serving(server) as address, httpx.AsyncClient(base_url=address) as client:
        client.headers.pop("accept-encoding")
        yield client


FEED = "/feeds/harbin/tzgg.atom"


async def test_a_feed_comes_with_everything_a_reader_needs(client: httpx.AsyncClient) -> None:
    answer = await client.get(FEED)
    assert answer.status_code == 200
    assert answer.content == ATOM
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"] == "Sun, 15 Jun 2025 15:06:40 GMT"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["link"] == (
        '<https://feeds.example.com/feeds/harbin/tzgg.atom>; rel="self", <https://hub.example.com/>; rel="hub"'
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("fmt", "media_type"), [("rss", "application/rss+xml; charset=utf-8"), ("json", "application/feed+json")]
)
async def test_every_format_has_its_own_media_type(client: httpx.AsyncClient, fmt: str, media_type: str) -> None:
    assert (await client.get(f"/feeds/harbin/tzgg.{fmt}")).headers["content-type"] == media_type


@pytest.mark.parametrize(
    ("accept", "coding"),
    [("gzip", "gzip"), ("gzip, br", "br"), ("zstd", "zstd"), ("br;q=0.1, gzip;q=0.9", "gzip"), ("deflate", None)],
)
async def test_the_wanted_variant_holds_the_same_document(
    client: httpx.AsyncClient, accept: str, coding: str | None
) -> None:
    answer = await client.get(FEED, headers={"accept-encoding": accept})
    assert answer.headers.get("content-encoding") == coding
    assert answer.content == ATOM


async def test_each_variant_has_its_own_strong_etag(client: httpx.AsyncClient) -> None:
    wanted = ("", "gzip", "br", "zstd")
    tags = {(await client.get(FEED, headers={"accept-encoding": coding})).headers["etag"] for coding in wanted}
    assert len(tags) == 4
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("coding", ["", "gzip", "br", "zstd"])
async def test_asking_again_with_the_etag_costs_nothing(client: httpx.AsyncClient, coding: str) -> None:
    first = await client.get(FEED, headers={"accept-encoding": coding})
    again = await client.get(FEED, headers={"accept-encoding": coding, "if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    for name in ("etag", "last-modified", "cache-control", "vary", "link"):
        assert again.headers[name] == first.headers[name]


async def test_a_date_is_enough_and_an_etag_is_stronger_than_a_date(client: httpx.AsyncClient) -> None:
    when = (await client.get(FEED)).headers["last-modified"]
    assert (await client.get(FEED, headers={"if-modified-since": when})).status_code == 304
    both = {"if-modified-since": when, "if-none-match": '"another"'}
    assert (await client.get(FEED, headers=both)).status_code == 200


async def test_head_says_what_get_would_say(client: httpx.AsyncClient) -> None:
    got, head = await client.get(FEED), await client.head(FEED)
    assert head.status_code == 200
    assert head.content == b""
    ignored = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


@pytest.mark.parametrize(
    ("headers", "media_type"),
    [
        ({"sec-fetch-dest": "document", "accept": "text/html,*/*;q=0.8"}, "application/xml; charset=utf-8"),
        ({"accept": "text/html,application/xhtml+xml,application/xml;q=0.9"}, "application/xml; charset=utf-8"),
        ({"sec-fetch-dest": "empty", "accept": "*/*"}, "application/atom+xml; charset=utf-8"),
        (
            {"accept": "application/atom+xml, application/rss+xml, text/html;q=0.5"},
            "application/atom+xml; charset=utf-8",
        ),
    ],
)
async def test_a_person_who_opens_a_feed_sees_it_and_no_shared_cache_keeps_that(
    client: httpx.AsyncClient, headers: dict[str, str], media_type: str
) -> None:
    """Browsers show application/atom+xml as bare text, without its style."""
    answer = await client.get(FEED, headers=headers)
    assert answer.content == ATOM
    assert answer.headers["content-type"] == media_type
    assert ("private" in answer.headers["cache-control"]) is media_type.startswith("application/xml")


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-0", 0, 0),
        ("10-19", 10, 19),
        ("50-", 50, None),
        ("-7", -7, None),
        ("3-99999999", 3, None),
        ("-99999999", 0, None),
    ],
)
async def test_a_part_of_a_feed_is_a_part_of_the_variant_that_is_asked_for(
    client: httpx.AsyncClient, coding: str, asked: str, first: int, last: int | None
) -> None:
    headers = {"accept-encoding": coding, "range": f"bytes={asked}"}
    async with client.stream("GET", FEED, headers={"accept-encoding": coding}) as answer:
        whole = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["accept-ranges"] == "bytes"
        etag = answer.headers["etag"]
    for more in ({}, {"if-range": etag}):
        async with client.stream("GET", FEED, headers=headers | more) as answer:
            part = b"".join([part async for part in answer.aiter_raw()])
        first = first if first >= 0 else len(whole) + first
        assert answer.status_code == 206
        assert part == whole[first : None if last is None else last + 1]
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
        assert answer.headers["content-length"] == str(len(part))
        assert answer.headers["etag"] == etag
        assert {"last-modified", "cache-control", "vary", "content-type"} <= set(answer.headers)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-99999999", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused_with_the_size(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get(FEED, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(ATOM)}"
    assert "没有这一段" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=0-1,5-6"},
        {"range": "lines=0-1"},
        {"range": "bytes=9-3"},
        {"range": "bytes=-"},
        {"range": "bytes=a-b"},
        {"range": "bytes=0-1", "if-range": '"another"'},
        {"range": "bytes=0-1", "if-range": "Sun, 15 Jun 2025 15:06:40 GMT"},
    ],
)
async def test_a_range_that_says_nothing_or_is_of_another_version_gets_the_whole_feed(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get(FEED, headers=headers)
    assert (answer.status_code, answer.content) == (200, ATOM)


async def test_what_is_unchanged_and_what_is_only_headed_has_no_parts(client: httpx.AsyncClient) -> None:
    etag = (await client.get(FEED)).headers["etag"]
    known = await client.get(FEED, headers={"range": "bytes=0-1", "if-none-match": etag})
    assert known.status_code == 304
    head = await client.head(FEED, headers={"range": "bytes=0-1"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(ATOM)))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_feed_cannot_be_written(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, FEED)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_a_new_publication_is_seen_at_once_in_every_variant(client: httpx.AsyncClient, shelf: Path) -> None:
    before = await client.get(FEED)
    publish(shelf / "feeds" / "harbin" / "tzgg.atom", ATOM + b"<!-- new -->", when=1_750_000_100)
    for coding in ("", "gzip", "br", "zstd"):
        answer = await client.get(FEED, headers={"accept-encoding": coding, "if-none-match": before.headers["etag"]})
        assert answer.status_code == 200
        assert answer.content == ATOM + b"<!-- new -->"


async def test_a_variant_of_an_older_document_is_never_served(client: httpx.AsyncClient, shelf: Path) -> None:
    """The publisher replaces four files, one after the other, and may be killed between two."""
    (shelf / "feeds" / "harbin" / "tzgg.atom").write_bytes(b"<feed>newer</feed>")
    answer = await client.get(FEED, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content == b"<feed>newer</feed>"
    (shelf / "feeds" / "harbin" / "tzgg.atom.gz").write_bytes(gzip.compress(b"<feed>newer</feed>"))
    answer = await client.get(FEED, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == b"<feed>newer</feed>"


@pytest.mark.parametrize("suffix", [".gz", ".br", ".zst"])
async def test_a_damaged_variant_is_never_served(client: httpx.AsyncClient, shelf: Path, suffix: str) -> None:
    file = shelf / "feeds" / "harbin" / f"tzgg.atom{suffix}"
    file.write_bytes(file.read_bytes()[:-9])
    coding = {".gz": "gzip", ".br": "br", ".zst": "zstd"}[suffix]
    answer = await client.get(FEED, headers={"accept-encoding": coding})
    assert answer.content == ATOM
    assert "content-encoding" not in answer.headers


async def test_a_feed_that_was_removed_is_gone(client: httpx.AsyncClient, shelf: Path) -> None:
    assert (await client.get(FEED)).status_code == 200
    (shelf / "feeds" / "harbin" / "tzgg.atom").unlink()
    assert (await client.get(FEED)).text == "beyond"


async def test_memory_is_bounded_and_what_fell_out_is_read_again(client: httpx.AsyncClient, shelf: Path) -> None:
    for number in range(30):
        publish(shelf / "feeds" / "harbin" / f"c{number}.atom", ATOM + str(number).encode())
    for _ in range(2):
        for number in range(30):
            assert (await client.get(f"/feeds/harbin/c{number}.atom")).content == ATOM + str(number).encode()


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/../secret.atom",
        "/feeds/%2e%2e/secret.atom",
        "/feeds/..%2fsecret.atom",
        "/feeds/harbin/..%2f..%2f..%2fsecret.atom",
        "/feeds//secret.atom",
        "/feeds/%00.atom",
        "/feeds/harbin/tzgg.atom.gz",
        "/feeds/harbin/tzgg.atom/",
        "/feeds/harbin/tzgg.atom%0a",
        "/feeds/harbin/tzgg.xml",
        "/feeds/harbin",
        "/feeds/",
        "/other",
    ],
)
async def test_nothing_but_feeds_leaves_the_directory(shelf: Path, path: str) -> None:
    """Asked by hand: a client library would tidy the path before it is sent."""
    async with serving(FeedServer(shelf, "https://feeds.example.com", (), PlainTextResponse("beyond", 404))) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rsplit(":", 1)[1]))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b" 404 " in answer.split(b"\r\n", 1)[0]
    assert b"not for the public" not in answer


async def test_a_document_of_an_archive_may_be_kept_for_good(client: httpx.AsyncClient, shelf: Path) -> None:
    """It never changes, so that a cache need not ask again; nor is there anything for a hub to tell."""
    publish(shelf / "feeds" / "harbin" / "tzgg" / "archive" / "12.atom", ATOM)
    answer = await client.get("/feeds/harbin/tzgg/archive/12.atom", headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["link"] == '<https://feeds.example.com/feeds/harbin/tzgg/archive/12.atom>; rel="self"'
