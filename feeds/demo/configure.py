"""A configuration that turns the Harbin preset to a replica on this machine: for the demo, tests and benchmarks."""

from __future__ import annotations

import re
from pathlib import Path

from feeds.config import Settings, load_configuration
from feeds.config.presets import read_presets
from feeds.model import Portal

_SETTINGS = """# Turned to a replica portal on this machine.
[site]
base_url = "http://127.0.0.1:{port}"
title = "公告订阅（演示）"
contact = "demo@example.com"
secret_file = "secret.key"
[store]
url = "sqlite:///feeds.db"
[publish]
dir = "public"
[mail]
relay = "sink:mail"
from = "公告订阅 <alerts@demo.example.com>"
[web]
port = {port}
[poll]
interval_minutes = {interval:.5f}
max_interval_minutes = 1
learn = false
recheck_hours = [{recheck}]
"""

_AGES = (15, 30, 60, 90, 120, 180, 300, 600, 1200, 3600)
"""Seconds after first sight at which an article is read again, at speed 1."""

_TURNED = {
    "^base_url = .*$": 'base_url = "{address}"\nallow_private = true',
    "^spacing_seconds = .*$": "spacing_seconds = 0.02",
    "^connections = .*$": "connections = 4",
}
"""Lines of the preset, and what stands in their place."""


def configure_replica(folder: Path, port: int, address: str, speed: float = 1.0) -> tuple[Settings, tuple[Portal, ...]]:
    """Write `feeds.toml` and `portals/harbin-renda.toml` into a folder, as an operator would have them, and load them.

    `address` is the replica's; at `speed` 1 a channel is polled every six seconds.
    """
    (folder / "portals").mkdir(parents=True, exist_ok=True)
    ages = ", ".join(f"{seconds / 3600 / speed:.6f}" for seconds in _AGES)
    text = _SETTINGS.format(port=port, interval=0.1 / max(speed, 1), recheck=ages)
    (folder / "feeds.toml").write_text(text, encoding="utf-8")
    preset = read_presets()[Path("portals/harbin-renda.toml")]
    for line, turned in _TURNED.items():
        preset = re.sub(line, turned.format(address=address), preset, count=1, flags=re.MULTILINE)
    (folder / "portals" / "harbin-renda.toml").write_text(preset, encoding="utf-8")
    return load_configuration(folder / "feeds.toml", {})
