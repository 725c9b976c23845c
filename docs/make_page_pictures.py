"""Draws docs/images/home*.png, channel*.png and notice*.png: the demo's pages, wide and narrow, by day and by night.

.venv/bin/python docs/make_page_pictures.py

Plays the demo for two minutes on ports 8300 and 8301.
Wanted: Chromium ($CHROMIUM, or on the path) and fonts with Chinese.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PORT, PORTAL_PORT = 8300, 8301
PLAYED = 120
"""Seconds after which the portal has published enough to tell how soon it is seen."""
DESK, PHONE = (1280, 1200), (390, 1100)


@dataclass(frozen=True)
class Shot:
    """A shot is one picture: a page, the size of the window, and whether it is night."""

    name: str
    path: str
    size: tuple[int, int]
    dark: bool = False


def draw(browser: Browser, shot: Shot) -> None:
    """Draw one picture, as much of the page as the window shows."""
    width, height = shot.size
    page = browser.new_page(
        locale="zh-CN",
        base_url=f"http://127.0.0.1:{PORT}",
        viewport={"width": width, "height": height},
        device_scale_factor=1 if shot.size == DESK else 1.5,
        color_scheme="dark" if shot.dark else "light",
    )
    page.goto(shot.path)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{shot.name} is {wide} wide"
    picture = Image.open(BytesIO(page.screenshot()))
    picture.quantize(160, dither=Image.Dither.NONE).save(IMAGES / f"{shot.name}.png", optimize=True)
    page.close()
    print(f"wrote {shot.name}.png")


def find_notice(browser: Browser) -> str:
    """Return the path of the newest consultation."""
    page = browser.new_page(locale="zh-CN", base_url=f"http://127.0.0.1:{PORT}")
    page.goto("/p/harbin-renda/tzgg?kind=consultation")
    path = page.get_attribute(".notices .title", "href")
    page.close()
    assert path is not None
    return path


def main() -> None:
    """Draw every picture."""
    ports = ("--port", str(PORT), "--portal-port", str(PORTAL_PORT))
    command = [sys.executable, "-m", "feeds", "demo", *ports, "--speed", "8"]
    with tempfile.TemporaryDirectory() as folder:
        seeing = os.environ | {"PYTHONPATH": str(ROOT)}
        demo = subprocess.Popen(command, cwd=folder, env=seeing, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own
        try:
            time.sleep(PLAYED)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                channel, notice = "/p/harbin-renda/tzgg", find_notice(browser)
                for shot in (
                    Shot("home", "/", DESK),
                    Shot("channel-dark", channel, DESK, dark=True),
                    Shot("channel-phone", channel, PHONE),
                    Shot("notice", notice, DESK),
                    Shot("notice-phone", notice, PHONE),
                    Shot("notice-phone-dark", notice, PHONE, dark=True),
                ):
                    draw(browser, shot)
                browser.close()
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


if __name__ == "__main__":
    main()
