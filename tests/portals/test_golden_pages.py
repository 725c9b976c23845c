"""One folder a page: `page.html` as a server sent it, `case.json` with its address and headers, `expected.json`.

Adding a page is adding a folder under tests/portals/<portal>/; no Python. The pages are written by hand after the
shapes in which the portal was seen; nobody in them exists.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from feeds.config.load import load_portals
from feeds.model import Fetched
from feeds.read.channel import read_channel_article, read_channel_listing
from feeds.read.results import article_result, listing_result

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config" / "feeds.toml"
FOLDERS = sorted(case.parent for case in HERE.glob("*/*/case.json"))


def read_case(folder: Path) -> dict[str, Any]:
    portal = next(portal for portal in load_portals(CONFIG) if portal.name == folder.parent.name)
    case = json.loads((folder / "case.json").read_text("utf-8"))
    channel = next(channel for channel in portal.channels if channel.slug == case["channel"])
    body = (folder / "page.html").read_bytes()
    page = Fetched(case["url"], case["status"], body, {"content-type": case["content_type"]})
    if case["kind"] == "listing":
        return listing_result(read_channel_listing(page, portal, channel), portal.time_zone)
    return article_result(read_channel_article(page, portal, channel), portal.time_zone)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_golden_page_reads_as_it_did(folder: Path) -> None:
    """A changed recipe or reader shows here what it does to pages that were read well; REWRITE=1 accepts the change."""
    result = read_case(folder)
    if os.environ.get("REWRITE"):
        (folder / "expected.json").write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert json.loads((folder / "expected.json").read_text("utf-8")) == result


def test_there_are_golden_pages() -> None:
    assert len(FOLDERS) >= 10
