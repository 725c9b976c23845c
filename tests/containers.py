"""What stands in a container file and in a compose file, read without an engine."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
CONTAINERFILE = ROOT / "config" / "deploy" / "Containerfile"
COMPOSE = ROOT / "config" / "deploy" / "compose.yaml"
SITE = {"NOTICEFEEDS_SITE": "feeds.example.org"}
"""What the operator writes into `.env`."""

Step = tuple[str, str]
"""An instruction and what stands behind it, on one line."""


def read_stages(text: str) -> list[list[Step]]:
    """Return the steps of each stage, from its FROM on."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stages: list[list[Step]] = []
    for line in filter(None, joined.splitlines()):
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            stages.append([])
        if stages:
            stages[-1].append((instruction, rest))
    return stages


def find_all(stage: list[Step], instruction: str) -> list[str]:
    """Return what stands behind each instruction of a kind."""
    return [rest for name, rest in stage if name == instruction]


def read_variables(stage: list[Step]) -> dict[str, str]:
    """Return the environment that a stage sets."""
    words = [word for rest in find_all(stage, "ENV") for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def read_words(stage: list[Step], instruction: str) -> list[str]:
    """Return the words of an ENTRYPOINT, a CMD or a health check, written as JSON."""
    (rest,) = find_all(stage, instruction)
    return [str(word) for word in json.loads(rest[rest.index("[") :])]


def read_compose(text: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return a compose file with its variables filled in. KeyError: one is missing."""
    read = yaml.safe_load(text)
    assert isinstance(read, dict)
    return dict(_fill_in(read, environment))


def _fill_in(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill_in(one, environment) for key, one in value.items()}
    if isinstance(value, list):
        return [_fill_in(one, environment) for one in value]
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)(?::([-?])([^}]*))?\}", lambda found: _find_value(found, environment), value)
    return value


def _find_value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    name, sign, other = found.groups()
    return environment.get(name) or other if sign == "-" else environment[name]


def list_roles(compose: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the services that run our image."""
    for name, service in compose["services"].items():
        if service["image"] == "noticefeeds":
            yield name, service
