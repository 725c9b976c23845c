"""Telling systemd how we are (sd_notify(3)): a datagram to $NOTIFY_SOCKET; silent where there is none."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify_systemd(state: str) -> None:
    """Send `READY=1`, `RELOADING=1`, `WATCHDOG=1` or `STOPPING=1`."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.connect("\0" + address[1:] if address.startswith("@") else address)
        notifier.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear from this process: half of its limit. None: it does not watch."""
    micros = os.environ.get("WATCHDOG_USEC", "")
    for_us = os.environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
    return int(micros) / 2_000_000 if micros.isdigit() and for_us else None
