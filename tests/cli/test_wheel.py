"""The wheel carries the presets and nothing of the operator's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built of a copy in which the operator has data beside feeds.toml; no network."""
    tree = tmp_path_factory.mktemp("tree")
    skip = shutil.ignore_patterns("__pycache__", "data")
    for name in ("feeds", "config"):
        shutil.copytree(ROOT / name, tree / name, ignore=skip)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    (tree / "README.md").write_text("The build wants one.", encoding="utf-8")
    (tree / "config" / "data").mkdir()
    (tree / "config" / "data" / "secret.key").write_text("secret", encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tree / "dist")]
    subprocess.run(build, cwd=tree, check=True, capture_output=True, timeout=120)
    (made,) = (tree / "dist").glob("*.whl")
    return made


def test_the_wheel_carries_the_presets_and_no_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    presets = {name for name in names if name.startswith("feeds/presets/")}
    shipped = [
        ROOT / "config" / "feeds.toml",
        *(ROOT / "config").glob("portals/*"),
        *(ROOT / "config").glob("deploy/*"),
    ]
    assert presets == {f"feeds/presets/{path.relative_to(ROOT / 'config')}" for path in shipped}
    assert [name for name in names if name.endswith("secret.key")] == []


def test_init_works_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """Installed somewhere else, with the dependencies of the suite beside it and no source in sight."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    home = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    # What `pip install --no-deps` does with a pure wheel.
    zipfile.ZipFile(wheel).extractall(home)
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": sysconfig.get_path("purelib"), "LANG": "C.UTF-8"}
    made = subprocess.run(
        [python, "-m", "feeds", "init", "site"],
        cwd=tmp_path,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (made.returncode, made.stderr) == (0, "")
    presets = home / "feeds" / "presets" / "feeds.toml"
    assert (tmp_path / "site" / "feeds.toml").read_bytes() == presets.read_bytes()
    where = subprocess.run(
        [python, "-c", "import feeds; print(feeds.__file__)"],
        cwd=tmp_path,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
