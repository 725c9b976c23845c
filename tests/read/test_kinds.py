"""What a file is, by its bytes; and the name under which a copy is saved."""

from __future__ import annotations

import io
import zipfile

import pytest

from feeds.demo.files import make_file
from feeds.read.copy_names import name_copy
from feeds.read.kinds import KINDS, FileKind, check_file

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def pack(*names: str, stored: bytes = b"x") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as folder:
        for name in names:
            folder.writestr(name, stored)
    return held.getvalue()


def label_of(body: bytes, ending: str = "") -> str:
    found = check_file(body, ending)
    assert isinstance(found, FileKind), found
    assert KINDS[found.type] == found or found.label in {"TIFF", "GIF"}
    return found.label


@pytest.mark.parametrize(
    ("body", "ending", "label"),
    [
        (b"%PDF-1.7\n", "pdf", "PDF"),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", "doc", "PDF"),
        (OLE, "doc", "DOC"),
        (OLE, "wps", "DOC"),
        (OLE, "et", "XLS"),
        (OLE, "ppt", "PPT"),
        (OLE, "", "OLE"),
        (pack("[Content_Types].xml", "word/document.xml"), "docx", "DOCX"),
        (pack("[Content_Types].xml", "xl/workbook.xml"), "doc", "XLSX"),
        (pack("[Content_Types].xml", "ppt/slides/1.xml"), "", "PPTX"),
        (pack("[Content_Types].xml", "other"), "", "ZIP"),
        (pack("OFD.xml", "Doc_0/Document.xml"), "ofd", "OFD"),
        (pack("mimetype", stored=b"application/vnd.oasis.opendocument.text"), "odt", "ODT"),
        (pack("附件1.doc", "附件2.doc"), "zip", "ZIP"),
        (b"PK\5\6" + bytes(18), "zip", "ZIP"),
        (b"Rar!\x1a\7\1\0", "rar", "RAR"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z", "7Z"),
        (b"{\\rtf1 x}", "doc", "RTF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpg", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "", "PNG"),
        (b"GIF87a", "", "GIF"),
        (b"II*\0\x08", "tif", "TIFF"),
        (b"RIFF\0\1\2\3WEBPVP8 ", "", "WebP"),
        (b"BM\0\1\2\3\0\0\0\0", "", "BMP"),
        ("一、时间\n二、地点".encode(), "txt", "TXT"),
        ("时间,地点".encode("gb18030"), "csv", "CSV"),
    ],
)
def test_documents_archives_and_pictures_are_kept(body: bytes, ending: str, label: str) -> None:
    assert label_of(body, ending) == label


@pytest.mark.parametrize("ending", ["doc", "docx", "xls", "pdf", "rar"])
def test_what_the_replica_attaches_is_kept(ending: str) -> None:
    assert label_of(make_file(f"/u/a.{ending}")[1], ending) == ending.upper()


def test_pictures_are_shown_and_documents_are_not() -> None:
    assert [kind.label for kind in KINDS.values() if kind.shown] == ["JPEG", "PNG", "GIF", "WebP", "BMP"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"<html><head><title>404</title>", "a web page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "a web page"),
        (b"<!-- x --><script>alert(1)</script>", "a web page"),
        ("<html>".encode("utf-16"), "a web page"),
        ("出错了 <p>文件不存在</p>".encode(), "a web page"),
        (b"<?xml version='1.0'?><a/>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'>", "SVG"),
        (b"MZ\x90\0\3\0\0\0\4", "a program"),
        (b"\x7fELF\2", "a program"),
        (b"#!/bin/sh\n", "a program"),
        (pack("META-INF/MANIFEST.MF", "A.class"), "a program"),
        (OLE + bytes.fromhex("84100c0000000000c000000000000046"), "a program"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        (bytes(range(256)) * 20, "no kind that is known"),
        (b"a\0b\0c", "no kind that is known"),
    ],
)
def test_pages_programs_and_what_nobody_knows_are_refused_whatever_their_name(body: bytes, why: str) -> None:
    for ending in ("pdf", "doc", "txt", ""):
        found = check_file(body, ending)
        assert isinstance(found, str)
        assert why in found


def test_an_answer_in_json_is_no_document() -> None:
    assert check_file(b'{"code": 500, "msg": "..."}', "pdf") == "of no kind that is known"


PDF = KINDS["application/pdf"]
DOC = KINDS["application/msword"]


@pytest.mark.parametrize(
    ("name", "kind", "saved"),
    [
        ("公告第7号.pdf", PDF, "公告第7号.pdf"),
        ("公告第7号", PDF, "公告第7号.pdf"),
        ("报名表.DOC", DOC, "报名表.doc"),
        ("报名表.wps", DOC, "报名表.wps"),
        ("page.html", PDF, "page.html.pdf"),
        ("../../etc/passwd", PDF, "etc passwd.pdf"),
        ("C:\\windows\\a.pdf", PDF, "C windows a.pdf"),
        ("%2e%2e%2fa.pdf", PDF, "2e 2e 2fa.pdf"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "aSet-Cookie x.pdf"),
        ("gnp\u202efdp.exe", PDF, "gnpfdp.exe.pdf"),
        ("...", PDF, "file.pdf"),
        ("", DOC, "file.doc"),
        (".htaccess", PDF, "htaccess.pdf"),
        ("字" * 500 + ".pdf", PDF, "字" * 120 + ".pdf"),
    ],
)
def test_a_copy_is_saved_under_a_name_that_leads_nowhere(name: str, kind: FileKind, saved: str) -> None:
    assert name_copy(name, kind) == saved
