"""Schemathesis reads the description of the API, asks whatever it allows and much that it does not, and finds nothing.

All its checks and all its phases: examples, edges, chances, and walks along the links from one answer to the next.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.serve.test_api import stock
from tests.serve.town import KEYRING, Town
from tests.serve.web import serving

ROOT = Path(__file__).parents[2]
EXAMPLES = 30
SEED = 20_260_302


async def run_schemathesis(address: str, folder: Path) -> tuple[int, str]:
    """Run it against a server, in a process of its own; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json", "--url", address),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--workers", "1", "--no-color"),
        *("--request-timeout", "20", "--suppress-health-check", "all", "--generation-database", "none"),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}",
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "CURSOR_KEY": KEYRING.keys[KEYRING.current].hex(),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


@pytest.mark.slow
async def test_schemathesis_finds_nothing(town: Town) -> None:
    await stock(town)
    async with serving(town.build()) as address:
        code, printed = await run_schemathesis(address, town.folder)
    assert code == 0, printed
    assert "No issues found" in printed, printed
    assert "Tested: 3" in printed, printed
