"""The folder of kept files: whole or not at all, under no name but a hash."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.store.vault import PARTS, Vault

NOW = datetime(2026, 9, 16, tzinfo=UTC)
BODY = b"%PDF-1.4 something" * 100
NAME = hashlib.sha256(BODY).hexdigest()


@contextmanager
def no_file_grows() -> Iterator[None]:
    """What a full disk does, without filling one."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_under_its_hash(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "files")
    assert vault.put(BODY, NOW) == NAME
    found = vault.find(NAME)
    assert found is not None
    assert found.read_bytes() == BODY
    assert list_files(tmp_path) == [NAME]


def test_a_file_that_is_put_twice_is_there_once_and_dated_anew(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put(BODY, NOW)
    vault.put(BODY, NOW + timedelta(days=1))
    assert list_files(tmp_path) == [NAME]
    assert vault.sweep_part(NAME[:2], frozenset(), NOW + timedelta(hours=1)) == 0


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    with no_file_grows(), pytest.raises(OSError, match="too large"):
        vault.put(BODY, NOW)
    assert list_files(tmp_path) == []
    assert vault.find(NAME) is None


@pytest.mark.parametrize(
    "name", ["", "..", "../../secret.key", "/etc/passwd", NAME.upper(), NAME + "/", NAME[:63], NAME + "\n"]
)
def test_what_is_no_hash_leads_nowhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    vault = Vault(tmp_path / "files")
    vault.put(BODY, NOW)
    assert vault.find(name) is None
    vault.remove(name)
    assert list_files(tmp_path) == sorted([NAME, "secret.key"])


def test_a_file_can_be_taken_away_twice(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put(BODY, NOW)
    vault.remove(NAME)
    vault.remove(NAME)
    assert vault.find(NAME) is None


def test_sweeping_takes_what_is_old_and_named_by_nobody(tmp_path: Path) -> None:
    """Drafts of a process that died are swept as well; what is not ours stays."""
    vault = Vault(tmp_path)
    part = NAME[:2]
    vault.put(BODY, NOW)
    old = (NOW - timedelta(days=1)).timestamp()
    for name in (".draft-x1", "notes.txt", NAME[:2] + "0" * 62):
        (tmp_path / part / name).write_bytes(b"x")
        os.utime(tmp_path / part / name, (old, old))
    assert vault.sweep_part(part, frozenset({NAME}), NOW - timedelta(hours=1)) == 2
    assert list_files(tmp_path) == sorted([NAME, "notes.txt"])
    assert vault.list_part(part) == {NAME: len(BODY)}


def test_sweeping_spares_what_may_be_about_to_be_named(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put(BODY, NOW)
    assert vault.sweep_part(NAME[:2], frozenset(), NOW - timedelta(hours=1)) == 0
    assert vault.sweep_part(NAME[:2], frozenset(), NOW + timedelta(hours=1)) == 1


def test_parts_that_are_not_there_have_nothing_in_them(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "nowhere")
    assert [vault.list_part(part) for part in PARTS] == [{}] * 256
