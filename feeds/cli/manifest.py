"""Manifests: JSON lines in, one result line out for each, as it is read."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import typer

from feeds.cli.context import EXIT_USAGE, fail

_EVERY = 100
"""Lines between two lines of progress where nobody watches."""

ReadLine = Callable[[Mapping[str, Any], int], dict[str, Any]]
"""The value and the number of a line -> its result, without `ms`; a bad one has `problem`."""


def read_manifest(manifest: Path, out: Path, keys: str, read_line: ReadLine) -> None:
    """Write one result line for each line in; a bad line gives a line with its problem. `keys` are what lines hold.

    Exit 2 where a file cannot be opened, 1 where the disk is full, 130 at Ctrl-C: every line written is whole.
    """
    try:
        text = manifest.read_text(encoding="utf-8-sig")
        if out.exists() and out.samefile(manifest):
            fail(f"{out} is the manifest itself: name another file for the results", EXIT_USAGE)
        results = out.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}", EXIT_USAGE)
    except UnicodeDecodeError as fault:
        fail(f"{manifest}: {fault}", EXIT_USAGE)
    lines = [line for line in text.split("\n") if line.strip()]
    with results:
        _write_results(lines, results, keys, read_line)


def _write_results(lines: list[str], results: TextIO, keys: str, read_line: ReadLine) -> None:
    """Write the result lines and tell how far they are; Ctrl-C ends with 130, and every line written is whole."""
    live = sys.stderr.isatty()
    below = "\n" if live else ""
    done = problems = 0
    with _noting_interrupt() as interrupted:
        try:
            for result in _read_lines(lines, keys, read_line):
                results.write(json.dumps(result, ensure_ascii=False) + "\n")
                done, problems = done + 1, problems + ("problem" in result)
                if live or done % _EVERY == 0 or done == len(lines):
                    told = f"{done} of {len(lines)} pages, {problems} with a problem"
                    typer.echo(f"\r{told}" if live else told, err=True, nl=not live or done == len(lines))
                if interrupted.is_set():
                    typer.echo(f"{below}interrupted: {done} of {len(lines)} pages are read, their lines stay", err=True)
                    raise typer.Exit(130)
        except OSError as fault:  # a full disk
            fail(f"{below}{results.name}: {fault.strerror}; {done} of {len(lines)} lines are written")


@contextmanager
def _noting_interrupt() -> Iterator[threading.Event]:
    """Note Ctrl-C; raised inside a library's callback it would be lost. The line at hand is read to its end."""
    interrupted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _read_lines(lines: list[str], keys: str, read_line: ReadLine) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        started = time.perf_counter()
        result = _read_line(line, number, keys, read_line)
        yield {**result, "ms": round((time.perf_counter() - started) * 1000, 2)}


def _read_line(line: str, number: int, keys: str, read_line: ReadLine) -> dict[str, Any]:
    try:
        wanted = json.loads(line)
    except (ValueError, RecursionError) as fault:
        return {"id": None, "problem": f"line {number}: no JSON ({fault})"}
    if not isinstance(wanted, dict):
        return {"id": None, "problem": f"line {number}: not an object with {keys}"}
    return {"id": wanted.get("id"), **read_line(wanted, number)}
