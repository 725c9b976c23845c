"""Invented notices of all kinds, labelled by hand: what is read of them, counted by fact.

The rules of labelling are those that users would expect: only what a notice itself does, on days that it names.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feeds.facts import Facts, Kind, Role
from feeds.read.facts.measure import Measure, measure_facts
from feeds.read.facts.reading import read_facts

NOTICES = [
    json.loads(line)
    for file in sorted(Path(__file__).parent.glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]
PRECISION, RECALL = 0.98, 0.95
FACTS = ["kind", "reprint", "number", "people", "laws", "stage", *(f"date {role.value}" for role in Role)]


def read(notice: dict[str, Any]) -> Facts:
    return read_facts(
        notice["title"], notice["text"], date.fromisoformat(notice["published"]), notice.get("channel") or ""
    )


@cache
def measure() -> Measure:
    measured = Measure()
    for notice in NOTICES:
        measure_facts(measured, notice, read(notice))
    return measured


def test_there_are_notices_of_every_kind() -> None:
    kinds = [notice["kind"][0] for notice in NOTICES]
    assert len(NOTICES) >= 150
    assert {kind.value for kind in Kind} == set(kinds)
    assert len({notice["id"] for notice in NOTICES}) == len(NOTICES)


@pytest.mark.parametrize("fact", FACTS)
def test_facts_are_read_as_a_careful_reader_would(fact: str) -> None:
    score = measure().scores[fact]
    assert score.right >= 5
    assert (score.precision >= PRECISION, score.recall >= RECALL) == (True, True), measure().faults


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice["id"])
def test_every_fact_has_its_words_and_its_sentence(notice: dict[str, Any]) -> None:
    facts = read(notice)
    found = [fact.said for group in (facts.dates, facts.people, facts.laws) for fact in group]
    for said in found + ([facts.number.said] if facts.number else []):
        source = notice["title"] if said.in_title else notice["text"]
        assert 0 <= said.start < said.end <= len(source)
        assert said.sentence
        assert 0 < said.confidence <= 1


@pytest.mark.parametrize("notice", [one for one in NOTICES if "news" in one["kind"]], ids=lambda notice: notice["id"])
def test_news_have_neither_deadline_nor_entry_into_force(notice: dict[str, Any]) -> None:
    facts = read(notice)
    roles = {fact.role for fact in facts.dates}
    assert facts.kind is not Kind.NEWS or roles.isdisjoint({Role.DEADLINE, Role.IN_FORCE})
