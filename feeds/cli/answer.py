"""What `feeds add` ends with: one JSON value where JSON is asked for, however it ends; else sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, fail, print_json
from feeds.errors import ConfigError, FeedsError

_INTERRUPTED = 130
_Result = TypeVar("_Result")


@dataclass
class Answer:
    """An answer is the JSON value of a command while it comes together."""

    as_json: bool
    facts: dict[str, Any] = field(default_factory=dict)
    """What is told however the command ends; `file` and `problem` come last."""

    def give(self, file: str | None = None) -> None:
        """Print the value, if JSON is asked for. `file` is what was written."""
        if self.as_json:
            print_json({**self.facts, "file": file, "problem": None})

    def end(self, problem: str, code: int = EXIT_FAILED) -> NoReturn:
        """End the command with a sentence: in the value, or on stderr."""
        if not self.as_json:
            fail(problem, code)
        print_json({**self.facts, "file": None, "problem": problem})
        raise typer.Exit(code)

    @contextmanager
    def ending_on_faults(self) -> Iterator[None]:
        """Turn what the operator can mend into the answer's problem: exit 2 for the configuration, 1 for the rest."""
        try:
            yield
        except FeedsError as fault:
            self.end(str(fault), EXIT_USAGE if isinstance(fault, ConfigError) else EXIT_FAILED)

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run what happens before anything is written; Ctrl-C ends it and says that nothing was."""
        with self.ending_on_faults():
            try:
                return asyncio.run(work)
            except KeyboardInterrupt:
                self.end("已中断，没有写入 · interrupted; nothing was written", _INTERRUPTED)
