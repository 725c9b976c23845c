"""Unpacking: by every coding a server may use, up to a limit, whatever the chunks are."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.fetch.body import Inflater


def raw_deflate(body: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(body) + machine.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
@given(body=st.binary(max_size=300), size=st.integers(1, 50))
def test_a_body_unpacks_to_itself_however_it_is_cut_into_chunks(coding: str, body: bytes, size: int) -> None:
    inflater = Inflater(coding, 10_000)
    packed = PACKERS[coding](body)
    for start in range(0, len(packed), size):
        inflater.feed(packed[start : start + size])
    assert (bytes(inflater.plain), inflater.is_whole(), inflater.too_large) == (body, True, False)


@pytest.mark.parametrize("pack", [zlib.compress, raw_deflate])
def test_deflate_is_read_in_both_forms_that_servers_send(pack: Callable[[bytes], bytes]) -> None:
    inflater = Inflater("deflate", 1_000)
    inflater.feed(pack(b"<html>" * 9))
    assert (bytes(inflater.plain), inflater.is_whole()) == (b"<html>" * 9, True)


def test_members_of_gzip_follow_each_other_and_padding_is_ignored() -> None:
    inflater = Inflater("gzip", 1_000)
    inflater.feed(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0\0\0")
    inflater.feed(b"\0")
    assert (bytes(inflater.plain), inflater.is_whole()) == (b"one two", True)


def test_what_follows_deflate_is_ignored() -> None:
    inflater = Inflater("deflate", 1_000)
    inflater.feed(zlib.compress(b"one") + zlib.compress(b"two"))
    assert (bytes(inflater.plain), inflater.is_whole()) == (b"one", True)


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_unpacking_stops_one_byte_after_the_limit(coding: str) -> None:
    enough, too_much = Inflater(coding, 100), Inflater(coding, 100)
    enough.feed(PACKERS[coding](b"x" * 100))
    too_much.feed(PACKERS[coding](b"x" * 101))
    assert (len(enough.plain), enough.too_large, len(too_much.plain), too_much.too_large) == (100, False, 101, True)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "x" * 999])
def test_a_coding_that_nobody_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(ValueError, match="nobody asked for") as refusal:
        Inflater(coding, 100)
    assert len(str(refusal.value)) < 120


def test_a_packed_body_that_is_empty_is_an_empty_page() -> None:
    assert Inflater("gzip", 100).is_whole()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_packed_body_without_its_end_is_not_whole(coding: str, length: int) -> None:
    inflater = Inflater(coding, 100)
    inflater.feed(PACKERS[coding](b"")[:length])
    assert not inflater.is_whole()
