"""The systemd unit, as shipped and as `feeds init` points it at a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from feeds.config.presets import UNIT, point_unit, read_presets

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")

FOLDERS = ["/srv/notices", "/srv/with space", "/srv/100% 公告", "/home/op/notices", '/srv/a"b\\c', "/srv/$HOME"]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), *arguments], capture_output=True, text=True, check=False, timeout=60)


def write_unit(folder: Path, text: str) -> Path:
    path = folder / "noticefeeds.service"
    path.write_text(text, encoding="utf-8")
    return path


@needs_systemd
@pytest.mark.parametrize("folder", ["shipped", *FOLDERS])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, folder: str) -> None:
    """Its exit code is 0 even for unknown keys: silence is the proof."""
    text = read_presets()[UNIT]
    if folder != "shipped":
        text = point_unit(text, Path(folder), Path("/usr/local/bin"))
    checked = analyze("verify", str(write_unit(tmp_path, text)))
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@needs_systemd
def test_the_unit_is_hardened(tmp_path: Path) -> None:
    checked = analyze("security", "--offline=true", "--no-pager", str(write_unit(tmp_path, read_presets()[UNIT])))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", checked.stdout)
    assert level is not None, checked.stderr
    assert float(level[1]) <= 3.0


def test_the_unit_lets_the_daemon_say_how_it_is() -> None:
    text = read_presets()[UNIT]
    assert {"Type=notify", "NotifyAccess=main", "WatchdogSec=60", "RestartPreventExitStatus=2"} <= set(
        text.splitlines()
    )


def test_the_unit_is_pointed_at_the_folder_everywhere() -> None:
    text = point_unit(read_presets()[UNIT], Path("/var/lib/feeds"), Path("/venv/bin"))
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
