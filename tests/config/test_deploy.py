"""The systemd units, as shipped and as `feeds init` points them at a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from feeds.config.presets import ROLE_UNITS, UNIT, point_unit, read_presets
from feeds.work.duty import ROLES

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")

UNITS = [UNIT, *ROLE_UNITS]
units = pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
FOLDERS = ["/srv/notices", "/srv/with space", "/srv/100% 公告", "/home/op/notices", '/srv/a"b\\c', "/srv/$HOME"]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), *arguments], capture_output=True, text=True, check=False, timeout=60)


def write_unit(folder: Path, text: str, unit: Path = UNIT) -> Path:
    path = folder / unit.name
    path.write_text(text, encoding="utf-8")
    return path


@needs_systemd
@units
@pytest.mark.parametrize("folder", ["shipped", *FOLDERS])
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path, folder: str, unit: Path) -> None:
    """Its exit code is 0 even for unknown keys: silence is the proof."""
    text = read_presets()[unit]
    if folder != "shipped":
        text = point_unit(text, Path(folder), Path("/usr/local/bin"))
    checked = analyze("verify", str(write_unit(tmp_path, text, unit)))
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@needs_systemd
@units
def test_a_unit_is_hardened(tmp_path: Path, unit: Path) -> None:
    written = write_unit(tmp_path, read_presets()[unit], unit)
    checked = analyze("security", "--offline=true", "--no-pager", str(written))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", checked.stdout)
    assert level is not None, checked.stderr
    assert float(level[1]) <= 3.0


def test_no_unit_may_do_more_than_another() -> None:
    """One may be hardened further only if all are."""

    def read_fences(unit: Path) -> list[str]:
        lines = read_presets()[unit].splitlines()
        return lines[lines.index('ReadWritePaths="/srv/noticefeeds/data"') : lines.index("[Install]")]

    assert [read_fences(unit) for unit in ROLE_UNITS] == [read_fences(UNIT)] * len(ROLE_UNITS)


def test_there_is_a_unit_for_each_role() -> None:
    commands = {
        unit: re.search(r"^ExecStart=.* --role (\w+)", read_presets()[unit], re.MULTILINE) for unit in ROLE_UNITS
    }
    assert {"all", *(found[1] for found in commands.values() if found)} == set(ROLES)


def test_a_role_starts_again_for_as_long_as_the_database_is_away() -> None:
    """The one daemon gives up after five starts; many machines must not need a person on each of them."""
    for unit in ROLE_UNITS:
        assert {"StartLimitIntervalSec=0", "Restart=on-failure", "RestartSec=10"} <= set(
            read_presets()[unit].splitlines()
        )


@units
def test_a_unit_lets_the_daemon_say_how_it_is(unit: Path) -> None:
    text = read_presets()[unit]
    assert {"Type=notify", "NotifyAccess=main", "WatchdogSec=60", "RestartPreventExitStatus=2"} <= set(
        text.splitlines()
    )


@units
def test_a_unit_is_pointed_at_the_folder_everywhere(unit: Path) -> None:
    text = point_unit(read_presets()[unit], Path("/var/lib/feeds"), Path("/venv/bin"))
    assert "/srv/noticefeeds" not in text
    assert "/opt/noticefeeds" not in text
    assert 'ExecStart=/usr/bin/env feeds run --config "/var/lib/feeds/feeds.toml"' in text
    assert 'ReadWritePaths="/var/lib/feeds/data"' in text
    assert 'Environment="PATH=/venv/bin:' in text


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("/home/op/feeds", "ProtectHome=read-only"),
        ("/root/feeds", "ProtectHome=read-only"),
        ("/srv/feeds", "ProtectHome=yes"),
        ("/homestead", "ProtectHome=yes"),
    ],
)
def test_a_folder_in_a_home_can_be_read(folder: str, line: str) -> None:
    assert line in point_unit(read_presets()[UNIT], Path(folder), Path("/usr/bin")).splitlines()


def test_signs_that_systemd_would_read_are_quoted() -> None:
    text = point_unit(read_presets()[UNIT], Path('/srv/50%$a"b'), Path("/usr/bin"))
    assert '--config "/srv/50%%$$a\\"b/feeds.toml"' in text
    assert 'ReadWritePaths="/srv/50%%$a\\"b/data"' in text
