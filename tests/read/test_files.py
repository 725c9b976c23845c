from __future__ import annotations

import pytest

from feeds.read.files import is_binary, recognise_file


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\r\n %PDF-1.4\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"GIF89a\1\0", "GIF"),
        (b"RIFF\0\1\2\3WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypmp42", "MP4"),
        (b"PK\3\4\x14\0", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "office"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"),
        (b"\xef\xbb\xbf<svg>", "SVG"),
    ],
)
def test_a_file_is_told_by_how_it_begins(body: bytes, what: str) -> None:
    assert what in (recognise_file(body) or "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"BMW opens a works",
        b"MZ is a name",
        b"II*",
        b"<p>%PDF-1.7",
        b'{"code": 200}',
        b"<?xml version='1.0'?><datastore>",
        "公告".encode("utf-16"),
        "公告".encode("gbk"),
    ],
)  # fmt: skip
def test_text_is_no_file_whatever_it_speaks_of(body: bytes) -> None:
    assert recognise_file(body) is None
    assert not is_binary(body)


def test_bytes_of_every_kind_are_no_text() -> None:
    assert is_binary(bytes(range(256)) * 4)
    assert not is_binary("公告\0\0\0\0".encode() * 50)
    assert not is_binary(b"\x1b$B8x9p\x1b(B" * 50)
