"""What a fetched file is, told by its bytes. Documents, archives and pictures are kept, whatever their name says.

A portal answers 200 with a page where a file is gone: its name proves nothing. What browsers would run is never kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.read.files import is_binary, recognise_file


@dataclass(frozen=True)
class FileKind:
    """A file kind is what a file's bytes prove it to be."""

    type: str
    """MIME type under which a copy is served."""
    label: str
    endings: tuple[str, ...]
    """What its name may end in, without the dot; the first is given to a name that ends in none of them."""
    shown: bool = False
    """Browsers show it as a picture, and it can hold no script."""


_OFFICE = "application/vnd.openxmlformats-officedocument"
_MICROSOFT = "application/vnd.ms-"
_PDF = FileKind("application/pdf", "PDF", ("pdf",))
_OFD = FileKind("application/ofd", "OFD", ("ofd",))
_ZIP = FileKind("application/zip", "ZIP", ("zip",))
_TEXT = FileKind("text/plain", "TXT", ("txt",))
_TABLE = FileKind("text/csv", "CSV", ("csv",))
_COMPOUND = (
    FileKind("application/msword", "DOC", ("doc", "dot", "wps", "wpt")),
    FileKind(f"{_MICROSOFT}excel", "XLS", ("xls", "xlt", "et", "ett")),
    FileKind(f"{_MICROSOFT}powerpoint", "PPT", ("ppt", "pps", "dps")),
)
_UNNAMED = FileKind("application/x-ole-storage", "OLE", ("ole",))
_PACKAGED = (
    (b"word/", FileKind(f"{_OFFICE}.wordprocessingml.document", "DOCX", ("docx",))),
    (b"xl/", FileKind(f"{_OFFICE}.spreadsheetml.sheet", "XLSX", ("xlsx",))),
    (b"ppt/", FileKind(f"{_OFFICE}.presentationml.presentation", "PPTX", ("pptx",))),
)
_OPEN = (
    FileKind("application/vnd.oasis.opendocument.text", "ODT", ("odt",)),
    FileKind("application/vnd.oasis.opendocument.spreadsheet", "ODS", ("ods",)),
    FileKind("application/vnd.oasis.opendocument.presentation", "ODP", ("odp",)),
)
_PLAIN = (
    (b"\xff\xd8\xff", FileKind("image/jpeg", "JPEG", ("jpg", "jpeg", "jpe", "jfif"), shown=True)),
    (b"\x89PNG\r\n\x1a\n", FileKind("image/png", "PNG", ("png",), shown=True)),
    (b"GIF87a", FileKind("image/gif", "GIF", ("gif",), shown=True)),
    (b"GIF89a", FileKind("image/gif", "GIF", ("gif",), shown=True)),
    (b"II*\0", FileKind("image/tiff", "TIFF", ("tif", "tiff"))),
    (b"MM\0*", FileKind("image/tiff", "TIFF", ("tif", "tiff"))),
    (b"Rar!\x1a\7", FileKind("application/vnd.rar", "RAR", ("rar",))),
    (b"7z\xbc\xaf\x27\x1c", FileKind("application/x-7z-compressed", "7Z", ("7z",))),
    (b"{\\rtf", FileKind("application/rtf", "RTF", ("rtf", "doc"))),
)
_INSIDE = (
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), FileKind("image/webp", "WebP", ("webp",), shown=True)),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), FileKind("image/bmp", "BMP", ("bmp",), shown=True)),
)
KINDS = {
    kind.type: kind
    for kind in (
        *(_PDF, _OFD, _ZIP, _TEXT, _TABLE, _UNNAMED, *_COMPOUND, *_OPEN),
        *(kind for _, kind in (*_PACKAGED, *_PLAIN, *_INSIDE)),
    )
}
"""Every kind that is kept, by its type."""

_COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
"""Class id of Windows installers (MSI), which are compound files like old office documents."""
_ZIP_MARKS = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")
_PROGRAM_MARKS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
)
_PACKED_PROGRAMS = (b"AndroidManifest.xml", b"META-INF/MANIFEST.MF", b"Payload/")
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|title|meta|body|script|svg|iframe|div|p|br|center|h[1-6]|form|table|!--|\?xml|\?php|%)\b",
    re.IGNORECASE,
)
_SAMPLE = 2048
_DIRECTORY = 131_072
"""Bytes at a ZIP archive's end that are searched for the names of its parts."""


def check_file(body: bytes, ending: str) -> FileKind | str:
    """Return what a file is, or why it is not kept, to go on after `not kept: it is `.

    `ending` is what its name or address ends in, lower case, without a dot: it decides only between kinds that begin
    alike.
    """
    if not body:
        return "empty"
    start = body[:_SAMPLE].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\0")
    if start.startswith(b"%PDF-"):
        return _PDF
    if body.startswith(_COMPOUND_MARK):
        return "a program (an installer)" if _INSTALLER in body else (_by_ending(_COMPOUND, ending) or _UNNAMED)
    if body.startswith(_ZIP_MARKS):
        return _look_into_archive(body)
    for mark, kind in _PLAIN:
        if body.startswith(mark):
            return kind
    for pattern, kind in _INSIDE:
        if pattern.match(body):
            return kind
    return _refuse(body, start) or _by_ending((_TEXT, _TABLE), ending) or "of no kind that is known"


def _by_ending(kinds: tuple[FileKind, ...], ending: str) -> FileKind | None:
    return next((kind for kind in kinds if ending in kind.endings), None)


def _look_into_archive(body: bytes) -> FileKind | str:
    """Tell office documents and packed programs by the names of their parts, which stand in a ZIP file as they are."""
    names = body[:_SAMPLE] + body[-_DIRECTORY:]
    if b"[Content_Types].xml" in names:
        return next((kind for folder, kind in _PACKAGED if folder in names), _ZIP)
    if b"OFD.xml" in names:
        return _OFD
    declared = next((kind for kind in _OPEN if body[30:120].startswith(b"mimetype" + kind.type.encode())), None)
    if declared is not None:
        return declared
    return "a program (packed)" if any(part in names for part in _PACKED_PROGRAMS) else _ZIP


def _refuse(body: bytes, start: bytes) -> str | None:
    """Say what nobody should be handed under the name of a document; None: it may be text."""
    if body.startswith(_PROGRAM_MARKS):
        return "a program"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\0", b"")
    if found := _MARKUP.search(start):
        return "a picture that can hold scripts (SVG)" if found[0].lower() == b"<svg" else "a web page"
    return recognise_file(body) or ("of no kind that is known" if is_binary(body) or b"\0" in start else None)
