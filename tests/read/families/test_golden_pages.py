"""One folder a page of each family, read as without any recipe: `page.*`, `case.json`, `expected.json`.

The pages are written by hand after the shapes in which the families are seen; town, people and hosts do not exist.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from feeds.model import Fetched
from feeds.read.bare import ZONE, read_article_page, read_listing_page
from feeds.read.families.registry import FAMILIES
from feeds.read.results import article_result, listing_result

GOLDEN = Path(__file__).parent / "golden"
FOLDERS = sorted(case.parent for case in GOLDEN.glob("*/*/case.json"))


def read_case(folder: Path) -> dict[str, Any]:
    case = json.loads((folder / "case.json").read_text("utf-8"))
    (file,) = folder.glob("page.*")
    page = Fetched(case["url"], 200, file.read_bytes(), {"content-type": case["content_type"]})
    if case["kind"] == "article":
        result = article_result(read_article_page(page), ZONE)
        result["family"] = result.pop("evidence").get("family")
        return result
    listing = read_listing_page(page)
    result = listing_result(listing, ZONE) | {"data_url": listing.data_url}
    # How sure the reading is, and why, is not the family's to say.
    return {name: value for name, value in result.items() if name not in {"confidence", "evidence"}}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_golden_page_reads_as_it_did(folder: Path) -> None:
    """REWRITE=1 accepts a change."""
    result = read_case(folder)
    if os.environ.get("REWRITE"):
        (folder / "expected.json").write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert json.loads((folder / "expected.json").read_text("utf-8")) == result


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_golden_page_is_known_to_be_of_its_family(folder: Path) -> None:
    assert folder.parent.name == read_case(folder)["family"]


def test_every_family_has_a_golden_list() -> None:
    assert {family.name for family in FAMILIES} == {folder.parent.name for folder in FOLDERS if folder.name == "list"}
