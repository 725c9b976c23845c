"""What pydantic found wrong, told as faults: file, key, what was found, what is allowed, the nearest right spelling."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from feeds.config.kinds import find_nearest
from feeds.errors import Fault

LONGEST_FOUND = 120
SECRET_KEYS = frozenset({"token"})
"""Keys whose value is never shown."""

Place = tuple[str, str]
"""A file (or `environment`) and a key in it."""


def name_faults(
    fault: ValidationError, model: type[BaseModel], place: Callable[[tuple[int | str, ...]], Place]
) -> list[Fault]:
    """Every error of one validation as a fault; `place` says where a path of keys was written."""
    errors = fault.errors(include_url=False)
    # A list whose only entries are wrong also counts as too short; the entries are what the operator must hear of.
    parents = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    named = (error for error in errors if error["type"] != "too_short" or error["loc"] not in parents)
    return [_name_fault(error, model, place) for error in named]


def _name_fault(error: ErrorDetails, model: type[BaseModel], place: Callable[[tuple[int | str, ...]], Place]) -> Fault:
    path = error["loc"]
    file, key = place(path)
    known = known_fields(model, path[:-1])
    context: Mapping[str, Any] = error.get("ctx", {})
    wrong = str(path[-1]) if path else ""
    if error["type"] == "extra_forbidden":
        return Fault(file, key, "an unknown key", f"one of {', '.join(known)}", find_nearest(wrong, known))
    if error["type"] == "missing":
        field = known.get(wrong)
        return Fault(
            file, key, "nothing", field.description if field and field.description else "a value, it is required"
        )
    found = show_value(error["input"], wrong)
    if error["type"] == "refused":
        return Fault(file, key, found, str(context["allowed"]), context["nearest"])
    if error["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", str(context["expected"]))
        return Fault(file, key, found, f"one of {', '.join(choices)}", find_nearest(str(error["input"]), choices))
    return Fault(file, key, found, _say_allowed(error["msg"]))


def known_fields(model: type[BaseModel], path: tuple[int | str, ...]) -> dict[str, FieldInfo]:
    """The fields of the section at a path of keys, by the name they have in the file; empty where it is no section."""
    here: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, str):
            field = _fields_by_name(here).get(step) if here else None
            here = _section_of(field.annotation) if field else None
    return _fields_by_name(here) if here else {}


def _fields_by_name(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _section_of(annotation: object) -> type[BaseModel] | None:
    """The section in an annotation such as `Site` or `tuple[ChannelSection, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((section for part in typing.get_args(annotation) if (section := _section_of(part))), None)


def show_value(value: object, key: str) -> str:
    """A value for a message: short, and without the secrets that it may carry."""
    if key in SECRET_KEYS:
        return "a secret (not shown)"
    if isinstance(value, str):
        value = _hide_password(value)
    elif isinstance(value, dict | BaseModel):
        return "a table"
    text = repr(value)
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."


def _hide_password(value: str) -> str:
    # rpartition, not urlsplit: a broken address is exactly the one that urlsplit cannot take apart.
    login, at, host = value.rpartition("@")
    scheme, slashes, user = login.rpartition("//")
    if not at or ":" not in user:
        return value
    return f"{scheme}{slashes}{user.split(':')[0]}:***@{host}"


def _say_allowed(message: str) -> str:
    """`Input should be a valid string` -> `a valid string`."""
    message = re.sub(r"^Input should be ", "", message)
    message = re.sub(r"valid dictionary or instance of \w+", "table", message)
    return re.sub(r"^Input should ", "a value that should ", message).replace("tuple", "list")
