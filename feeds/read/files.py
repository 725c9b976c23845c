"""Files that are served under the name of a page: told by their first bytes, whatever their ending and type say."""

from __future__ import annotations

import re

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"\0\0\1\0", "a picture (ICO)"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"PK\5\6", "a ZIP archive"),
    (b"Rar!\x1a\7", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (b"{\\rtf", "an RTF document"),
    (b"ID3", "a sound (MP3)"),
    (b"FLV\1", "a film (FLV)"),
    (b"OggS", "a sound or a film (Ogg)"),
    (b"\x1a\x45\xdf\xa3", "a film (Matroska)"),
    (b"wOF", "a font"),
    (b"\x7fELF", "a program"),
)
_INSIDE = (
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "a picture (WebP)"),
    (re.compile(rb"RIFF.{4}(?:WAVE|AVI )", re.DOTALL), "a sound or a film"),
    (re.compile(rb".{4}ftyp(?:avif|heic|mif1)", re.DOTALL), "a picture"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "a film (MP4)"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "a picture (BMP)"),
    (re.compile(rb"MZ.{6}\0", re.DOTALL), "a program"),
    (re.compile(rb"(?:From: <Saved by |MIME-Version:)", re.IGNORECASE), "an MHTML archive"),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)?(?:<!doctype svg[^>]{0,500}>\s*)?<svg[\s>]",
                re.IGNORECASE), "a picture (SVG)"),
)  # fmt: skip
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\x0b\x0c\r\x1b")) + b"\x7f"
_SAMPLE = 4096
_MOST_CONTROLS = 0.02
"""Share of control characters from which bytes are no text; the bytes of every charset of text have next to none."""


def recognise_file(body: bytes) -> str | None:
    """Say what a body is that is no text (`a PDF document`), nothing for what may be a page. UTF-16 is a page."""
    start = body[:_SAMPLE].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for head in (body[:_SAMPLE], start):
        if found := next((name for beginning, name in _BEGINNINGS if head.startswith(beginning)), None):
            return found
        if found := next((name for pattern, name in _INSIDE if pattern.match(head)), None):
            return found
    return None


def is_binary(body: bytes) -> bool:
    """Tell whether bytes are no text in a charset of one or more bytes: control characters stand in them everywhere.

    Zeros do not count: careless programs leave them in text.
    """
    sample = body[:_SAMPLE].replace(b"\0", b"")
    return len(sample) - len(sample.translate(None, _CONTROLS)) > max(8, len(sample) * _MOST_CONTROLS)
