"""The one secret of an installation."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from feeds.daemon.secret import open_keyring
from feeds.errors import ConfigError


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    made = open_keyring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_keyring(path) == made
    assert len(made.keys[made.current]) == 32


def test_the_last_key_signs_and_the_older_ones_still_verify(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text(f"a:{'0' * 64}\nb:{'1' * 64}\n")
    ring = open_keyring(path)
    assert ring.current == "b"
    assert set(ring.keys) == {"a", "b"}


@pytest.mark.parametrize("text", ["", "hello\n", "a:xyz\n", "a:00\n", "a-b:" + "0" * 64])
def test_a_file_that_holds_no_key_is_a_configuration_fault(tmp_path: Path, text: str) -> None:
    """A weak or damaged key must never sign: better no start."""
    path = tmp_path / "secret.key"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"site\.secret_file"):
        open_keyring(path)


def test_daemons_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    """Also where all have the same process number, as in containers."""
    barrier = Barrier(8)

    def start(_: int) -> bytes:
        barrier.wait()
        ring = open_keyring(tmp_path / "data" / "secret.key")
        return ring.keys[ring.current]

    for _ in range(20):
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(start, range(8)))) == 1
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]
        (tmp_path / "data" / "secret.key").unlink()
