"""Copies of attachments: how pages tell of them, and how they are handed out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from feeds.model import Attachment, Validators
from feeds.store import files
from feeds.store.files import Copy, WantedFile
from feeds.store.notices import find_notice
from feeds.store.vault import Vault
from tests.serve.conftest import Visit
from tests.serve.town import Town

SITE = "http://linjiang.example.com"
URL = f"{SITE}/upload/7.pdf"
PDF = b"%PDF-1.4 " + bytes(range(256)) * 10
NEWER = b"%PDF-1.5 another"
FILE = Attachment(URL, "公告第7号.pdf", "application/pdf")


async def keep(town: Town, body: bytes, kind: str = "application/pdf", wanted: WantedFile | None = None) -> str:
    """Keep a copy of a file of notice n1, as fetching it would; return its hash."""
    wanted = wanted or WantedFile(URL, FILE.name, picture=False)
    vault = Vault(town.settings.files.dir)
    name = vault.put(body, town.now)
    async with town.database.write() as tx:
        notice = await find_notice(tx, "n1")
        assert notice is not None
        for one in await files.list_unfiled(tx, "linjiang", 5):
            await files.want_files(tx, one, [wanted] if one.notice_id == notice.id else [], town.now)
        claims = await files.claim_files(tx, town.now, timedelta(minutes=1), 1, {"linjiang": timedelta(seconds=1)})
        for claim in claims:
            await files.save_copy(tx, claim, Copy(name, len(body), kind), Validators(), town.now, town.now)
    assert len(claims) == 1
    town.now += timedelta(days=1)
    return name


async def publish(town: Town, *attachments: Attachment, html: str = "<p>正文第一段。</p>") -> None:
    await town.publish(1, "临江市人大常委会公告", html=html, attachments=attachments)


async def test_a_copy_is_saved_under_the_portals_name_and_runs_nowhere(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    name = await keep(town, PDF)
    async with visit() as client:
        answer = await client.get(f"/n/n1/files/{name}")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    said = answer.headers["content-disposition"]
    assert said == "attachment; filename*=utf-8''%E5%85%AC%E5%91%8A%E7%AC%AC7%E5%8F%B7.pdf"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{name}"'
    assert answer.headers["x-frame-options"] == "DENY"


async def test_a_part_a_head_and_what_is_known_are_answered(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    name = await keep(town, PDF)
    async with visit() as client:
        part = await client.get(f"/n/n1/files/{name}", headers={"range": "bytes=10-19"})
        head = await client.head(f"/n/n1/files/{name}")
        known = await client.get(f"/n/n1/files/{name}", headers={"if-none-match": f'"{name}"'})
        beyond = await client.get(f"/n/n1/files/{name}", headers={"range": "bytes=99999-"})
    assert (part.status_code, part.content) == (206, PDF[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(PDF)}"
    assert "sandbox" in part.headers["content-security-policy"]
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PDF)))
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == f'"{name}"'
    assert beyond.status_code == 416


async def test_a_picture_is_shown_and_anything_else_is_saved(town: Town, visit: Visit) -> None:
    await publish(town, html='<p><img src="http://linjiang.example.com/1.png?a=1&amp;b=2" alt="会场"></p>')
    picture = WantedFile(f"{SITE}/1.png?a=1&b=2", "1.png", picture=True)
    name = await keep(town, b"\x89PNG\r\n\x1a\n", "image/png", picture)
    async with visit() as client:
        page = (await client.get("/n/n1")).text
        answer = await client.get(f"/n/n1/files/{name}")
    assert f'<img class="kept" src="/n/n1/files/{name}" alt="会场" loading="lazy">' in page
    assert 'src="http://' not in page, "nothing is loaded from elsewhere"
    assert answer.headers["content-disposition"] == 'inline; filename="1.png"'
    assert answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_picture_without_a_copy_stays_a_link(town: Town, visit: Visit) -> None:
    await publish(town, html='<p><img src="http://linjiang.example.com/1.png" alt="会场"></p>')
    async with visit() as client:
        page = (await client.get("/n/n1")).text
    assert '<a class="picture" href="http://linjiang.example.com/1.png"' in page
    assert "<img" not in page.partition('<div class="body">')[2].partition("</div>")[0]


async def test_a_page_tells_of_both_where_the_portal_replaced_a_file(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    first = await keep(town, PDF)
    second = await keep(town, NEWER)
    async with visit() as client:
        page = (await client.get("/n/n1")).text
    assert f'href="{URL}"' in page, "the portal's own is named first"
    now, before = page.index(f"/n/n1/files/{second}"), page.index(f"/n/n1/files/{first}")
    assert page.index(URL) < now < before
    assert "本站存有一份" in page[:now]
    assert "更早的一份" in page[now:before]
    assert "PDF, 16 B, 2026-03-03" in page
    assert "PDF, 2.6 kB, 2026-03-02" in page


async def test_a_file_that_is_linked_to_no_more_is_still_to_be_had(town: Town, visit: Visit) -> None:
    await publish(town)
    name = await keep(town, PDF)
    async with visit() as client:
        page = (await client.get("/n/n1")).text
    assert "原网页不再提供的附件" in page
    assert f"/n/n1/files/{name}" in page
    assert FILE.name in page


async def test_a_page_without_copies_says_nothing_of_them(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    async with visit() as client:
        page = (await client.get("/n/n1")).text
    assert "本站存有" not in page
    assert "原网页不再提供" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/n/n1/files/{other}",
        "/n/n2/files/{name}",
        "/n/n1/files/{upper}",
        "/n/n1/files/..%2f..%2fsecret.key",
        "/n/n1/files/..%2F{name}",
        "/n/n1/files/%00",
        "/n/n1/files/{name}%0d%0aSet-Cookie:%20x",
        "/n/..%2f/files/{name}",
    ],
)
async def test_no_address_leads_to_what_is_not_the_notices_own(town: Town, visit: Visit, path: str) -> None:
    (town.folder / "secret.key").write_text("secret")
    await publish(town, FILE)
    await town.publish(2, "另一条公告")
    name = await keep(town, PDF)
    names = {"name": name, "upper": name.upper(), "other": "0" * 64}
    async with visit() as client:
        answer = await client.get(path.format_map(names))
    assert answer.status_code == 404
    assert PDF not in answer.content
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    ("called", "saved"),
    [
        ("../../../etc/passwd", "etc%20passwd.pdf"),
        ('a"; filename="b.exe', "a%20%3B%20filename%3D%20b.exe.pdf"),
        ("x\r\nSet-Cookie: a=b", "xSet-Cookie%20a%3Db.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("公告.html", "%E5%85%AC%E5%91%8A.html.pdf"),
    ],
)
async def test_a_name_of_the_portal_plays_no_tricks(town: Town, visit: Visit, called: str, saved: str) -> None:
    await publish(town, FILE)
    name = await keep(town, PDF, wanted=WantedFile(URL, called, picture=False))
    async with visit() as client:
        answer = await client.get(f"/n/n1/files/{name}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert saved in answer.headers["content-disposition"]
    assert name_in(answer.headers) == saved


def name_in(headers: Mapping[str, str]) -> str:
    said = headers["content-disposition"].partition("; ")[2]
    return said.removeprefix("filename*=utf-8''").removeprefix('filename="').removesuffix('"')


async def test_a_copy_whose_bytes_are_gone_is_said_to_be_gone(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    name = await keep(town, PDF)
    Vault(town.settings.files.dir).remove(name)
    async with visit() as client:
        answer = await client.get(f"/n/n1/files/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_addresses_of_copies_carry_the_path_of_the_site(town: Town, visit: Visit) -> None:
    town.base_url = "https://feeds.example.com/gonggao"
    town.configure()
    await publish(town, FILE)
    name = await keep(town, PDF)
    async with visit() as client:
        page = (await client.get("/gonggao/n/n1")).text
        answer = await client.get(f"/gonggao/n/n1/files/{name}")
    assert f'href="/gonggao/n/n1/files/{name}"' in page
    assert answer.content == PDF


async def test_the_api_tells_of_a_copy_as_soon_as_there_is_one(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    async with visit() as client:
        before = (await client.get("/api/notices/n1")).json()
        name = await keep(town, PDF)
        after = (await client.get("/api/notices/n1")).json()
    assert [file["kept"] for file in before["article"]["attachments"]] == [None]
    told = {"sha256": name, "bytes": len(PDF), "type": "application/pdf"}
    assert [file["kept"] for file in after["article"]["attachments"]] == [told]


async def test_the_status_page_and_metrics_say_how_much_is_kept(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    await keep(town, PDF)
    async with visit() as client:
        page = (await client.get("/status")).text
        metrics = (await client.get("/metrics")).text
    assert "附件存档" in page
    assert "2.6 kB" in page
    assert "noticefeeds_kept_files 1.0" in metrics
    assert f"noticefeeds_kept_bytes {float(len(PDF))}" in metrics


async def test_a_copy_needs_no_javascript_cookie_or_key(town: Town, visit: Visit) -> None:
    await publish(town, FILE)
    name = await keep(town, PDF)
    async with visit() as client:
        answer: httpx.Response = await client.get(f"/n/n1/files/{name}", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
