"""Tables as spreadsheet programs read them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.render.sheet import LONGEST_CELL, write_row


def read_back(line: str) -> list[str]:
    (row,) = csv.reader(io.StringIO(line, newline=""))
    return row


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_cells_are_read_back_and_start_nothing(cells: list[str]) -> None:
    found = read_back(write_row(cells))
    for cell, one in zip(cells, found, strict=True):
        assert one in {cell, f"'{cell}"}
        assert not one.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\n=1", "　=1", "\r", " -2"])
def test_what_a_program_would_reckon_is_text(cell: str) -> None:
    assert read_back(write_row([cell]))[0] == f"'{cell}"


def test_nothing_is_an_empty_cell_and_a_number_itself() -> None:
    assert write_row([None, 3, "a,b"]) == ',3,"a,b"\r\n'


def test_a_text_that_no_cell_holds_is_cut() -> None:
    (cell,) = read_back(write_row(["字" * (LONGEST_CELL + 1)]))
    assert cell == "字" * LONGEST_CELL + "……"
    assert read_back(write_row(["字" * LONGEST_CELL])) == ["字" * LONGEST_CELL]
