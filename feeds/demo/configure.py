"""A configuration that turns the Harbin preset to a replica on this machine: for the demo, tests and benchmarks."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from feeds.config import Settings, load_configuration
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
recheck_hours = [{recheck}]
"""

_AGES = (15, 30, 60, 90, 120, 180, 300, 600, 1200, 3600)
"""Seconds after first sight at which an article is read again, at speed 1."""


def configure_replica(folder: Path, port: int, address: str, speed: float = 1.0) -> tuple[Settings, tuple[Portal, ...]]:
    """Write `feeds.toml` and `portals/harbin-renda.toml` into a folder, as an operator would have them, and load them.

    `address` is the replica's; at `speed` 1 a channel is polled every six seconds.
    """
    (folder / "portals").mkdir(parents=True, exist_ok=True)
    ages = ", ".join(f"{seconds / 3600 / speed:.6f}" for seconds in _AGES)
    text = _SETTINGS.format(port=port, interval=0.1 / max(speed, 1), recheck=ages)
    (folder / "feeds.toml").write_text(text, encoding="utf-8")
    preset = read_preset("portals/harbin-renda.toml")
    turned = [line for line in preset.splitlines() if not line.startswith(("allow_private", "base_url"))]
    place = turned.index("[portal]") + 1
    turned[place:place] = [f'base_url = "{address}"', "allow_private = true"]
    turned += ["[portal.politeness]", "spacing_seconds = 0.02", "connections = 4", ""]
    (folder / "portals" / "harbin-renda.toml").write_text("\n".join(turned), encoding="utf-8")
    return load_configuration(folder / "feeds.toml", {})


def read_preset(name: str) -> str:
    """Return a file of `config/`: from the wheel, or from the source tree."""
    shipped = resources.files("feeds") / "presets" / name
    return (shipped if shipped.is_file() else Path(__file__).parents[2] / "config" / name).read_text(encoding="utf-8")
