"""Reading the configuration: files and environment -> `Settings` and portals, or a `ConfigError` with every fault."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feeds.config.faults import Place, known_fields, name_faults
from feeds.config.kinds import find_nearest
from feeds.config.portals import PortalFile, find_channel_faults, make_portal
from feeds.config.settings import DkimSettings, Settings
from feeds.errors import ConfigError, Fault
from feeds.model import Portal

DEFAULT_CONFIG = Path("config/feeds.toml")
CONFIG_VARIABLE = "FEEDS_CONFIG"
PREFIX = "FEEDS_"
ENVIRONMENT = "environment"

Tree = dict[str, Any]
"""A parsed TOML document."""


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: the one asked for, else config/feeds.toml, else $FEEDS_CONFIG. Absolute.

    Raises ConfigError where it is not there.
    """
    named = environ.get(CONFIG_VARIABLE)
    path = option or (Path(named) if named and not DEFAULT_CONFIG.is_file() else DEFAULT_CONFIG)
    if not path.is_file():
        allowed = "a configuration file: name one with --config or $FEEDS_CONFIG, or make one with `feeds init DIR`"
        raise ConfigError((Fault(str(path), "--config", "no such file", allowed),))
    return path.absolute()


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Settings of a file with the environment laid over it; paths in it are relative to the file's folder.

    Raises ConfigError with every fault of the file and of FEEDS_* variables.
    """
    faults: list[Fault] = []
    settings = _read_settings(path, environ, faults)
    if settings is None or faults:
        raise ConfigError(tuple(faults))
    return settings


def load_portals(path: Path) -> tuple[Portal, ...]:
    """The enabled portals of portals/*.toml beside the configuration file, in order of file name. There may be none.

    Raises ConfigError with every fault of every file.
    """
    faults: list[Fault] = []
    portals = _read_portals(path, faults)
    if faults:
        raise ConfigError(tuple(faults))
    return portals


def load_portal(file: Path) -> Portal:
    """The portal of one file, enabled or not. Raises ConfigError with every fault of the file."""
    faults: list[Fault] = []
    found = _read_portal(file, faults)
    if found is None or faults:
        raise ConfigError(tuple(faults))
    return make_portal(found)


def load_configuration(path: Path, environ: Mapping[str, str]) -> tuple[Settings, tuple[Portal, ...]]:
    """Settings and portals together; raises ConfigError with the faults of all files at once."""
    faults: list[Fault] = []
    settings = _read_settings(path, environ, faults)
    portals = _read_portals(path, faults)
    if settings is None or faults:
        raise ConfigError(tuple(faults))
    return settings, portals


def _read_settings(path: Path, environ: Mapping[str, str], faults: list[Fault]) -> Settings | None:
    tree = _read_toml(path, faults)
    if tree is None:
        return None
    origins = _overlay_environment(tree, environ, faults)

    def place(keys: tuple[int | str, ...]) -> Place:
        names = tuple(str(key) for key in keys)
        variable = next((found for depth in (3, 2) if (found := origins.get(names[:depth]))), None)
        return (ENVIRONMENT, variable) if variable else (str(path), _join_keys(keys))

    try:
        settings = Settings.model_validate(tree, by_alias=True, by_name=False)
    except ValidationError as fault:
        faults.extend(name_faults(fault, Settings, place))
        return None
    anchored = _anchor_paths(settings, path.absolute().parent)
    kept, public = (os.path.normpath(each) for each in (anchored.files.dir, anchored.publish.dir))
    if Path(kept).is_relative_to(public):
        allowed = "a folder that is not inside publish.dir: web servers hand that out as it is"
        faults.append(Fault(*place(("files", "dir")), repr(str(settings.files.dir)), allowed))
    if anchored.publish.share and anchored.store.url.startswith("sqlite:"):
        allowed = "false; true with store.url = postgresql://...: who shares a database can share documents"
        faults.append(Fault(*place(("publish", "share")), "true with SQLite", allowed))
    return anchored


def _read_portals(path: Path, faults: list[Fault]) -> tuple[Portal, ...]:
    portals: list[Portal] = []
    homes: dict[str, Path] = {}
    for file in sorted((path.parent / "portals").glob("*.toml")):
        found = _read_portal(file, faults)
        if found is None or not found.portal.enabled:
            continue
        portal = make_portal(found)
        if portal.name in homes:
            allowed = f"a name that no other portal has ({homes[portal.name].name} has it)"
            faults.append(Fault(str(file), "portal.name", repr(portal.name), allowed))
        homes.setdefault(portal.name, file)
        portals.append(portal)
    return tuple(portals)


def _read_portal(path: Path, faults: list[Fault]) -> PortalFile | None:
    """What a portal's file says; nothing and its faults where it is wrong."""
    tree = _read_toml(path, faults)
    if tree is None:
        return None
    slugs = [entry.get("slug") if isinstance(entry, dict) else None for entry in _as_list(tree.get("channel"))]

    def place(keys: tuple[int | str, ...]) -> Place:
        return str(path), _join_keys(keys, slugs)

    try:
        file = PortalFile.model_validate(tree)
    except ValidationError as fault:
        faults.extend(name_faults(fault, PortalFile, place))
        return None
    crossed = [Fault(str(path), *fault) for fault in find_channel_faults(file)]
    faults.extend(crossed)
    return None if crossed else file


def _read_toml(path: Path, faults: list[Fault]) -> Tree | None:
    """The parsed file, or nothing and a fault with the line. A byte-order mark (Windows editors) is no fault."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        faults.append(Fault(str(path), "file", fault.strerror or str(fault), "a file that can be read"))
        return None
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        found = f"byte 0x{fault.object[fault.start]:02x}"
        faults.append(Fault(str(path), f"line {line}", found, "a text saved as UTF-8"))
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        faults.append(_name_syntax_fault(path, text, str(fault)))
        return None


def _name_syntax_fault(path: Path, text: str, message: str) -> Fault:
    """`Invalid value (at line 3, column 8)` -> the fault with that line."""
    lines = text.splitlines() or [""]
    matched = re.search(r"\(at line (\d+), column (\d+)\)", message)
    number, column = (int(matched[1]), matched[2]) if matched else (len(lines), "end")
    problem = re.sub(r"\s*\(at .*\)$", "", message)
    found = lines[min(number, len(lines)) - 1].strip()
    # The line may hold a password: only its key is shown.
    shown = found if "=" not in found else f"{found.split('=')[0].strip()} = ..."
    return Fault(str(path), f"line {number}, column {column}", shown or "the end of the line", f"TOML ({problem})")


def _list_keys(section: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The path of every key below a section; a table in a section gives the keys in it."""
    paths = [(*section, name) for name in known_fields(Settings, section)]
    return [key for path in paths for key in (_list_keys(path) or [path])]


def _overlay_environment(tree: Tree, environ: Mapping[str, str], faults: list[Fault]) -> dict[tuple[str, ...], str]:
    """Puts FEEDS_SECTION__KEY and FEEDS_SECTION__KEY_FILE into the tree; returns which variable gave which key.

    A key of a table in a section is FEEDS_SECTION__TABLE__KEY.
    """
    known = {PREFIX + "__".join(path).upper(): path for path in _list_keys(())}
    origins: dict[tuple[str, ...], str] = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and name != CONFIG_VARIABLE):
        plain = variable if variable in known else variable.removesuffix("_FILE")
        place = known.get(plain)
        if place is None:
            _refuse_variable(variable, known, faults)
        elif place in origins:
            faults.append(Fault(ENVIRONMENT, variable, f"{origins[place]} as well", f"one of {plain} and {plain}_FILE"))
        else:
            value = environ[variable] if plain == variable else _read_secret(variable, environ[variable], faults)
            if value is None:
                continue
            _put_value(tree, place, value)
            origins[place] = variable
    return origins


def _refuse_variable(variable: str, known: Mapping[str, tuple[str, ...]], faults: list[Fault]) -> None:
    """Unknown with `__`, or one underscore short of a known one: a fault. Other FEEDS_* variables are not ours."""
    secret = variable.endswith("_FILE")
    # Without the prefix, which would make everything resemble everything.
    close = find_nearest(
        variable.removesuffix("_FILE").removeprefix(PREFIX), (name.removeprefix(PREFIX) for name in known)
    )
    nearest = f"{PREFIX}{close}" if close else None
    meant = {name.replace("__", "_") for name in known}
    if "__" in variable or variable in meant or variable.removesuffix("_FILE") in meant:
        hint = f"{nearest}_FILE" if nearest and secret else nearest
        faults.append(
            Fault(ENVIRONMENT, variable, "an unknown variable", "FEEDS_SECTION__KEY for a key of feeds.toml", hint)
        )


def _read_secret(variable: str, name: str, faults: list[Fault]) -> str | None:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else "not a text in UTF-8"
        faults.append(
            Fault(ENVIRONMENT, variable, f"{name!r} ({reason})", "a file that can be read, with the value in it")
        )
        return None


def _put_value(tree: Tree, place: tuple[str, ...], text: str) -> None:
    """Writes a variable's text into its section; a list may be written `a,b` or as TOML `["a", "b"]`."""
    *sections, key = place
    field = known_fields(Settings, place[:-1])[key]
    value: object = text
    if "tuple[" in str(field.annotation):
        value = _split_list(text)
    table: object = tree
    for section in sections:
        table = table.setdefault(section, {}) if isinstance(table, dict) else None
    if isinstance(table, dict):
        table[key] = value


def _split_list(text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        try:
            return _as_list(tomllib.loads(f"list = {text}")["list"])
        except tomllib.TOMLDecodeError:
            return [text]
    return [part.strip() for part in text.split(",") if part.strip()]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _join_keys(keys: tuple[int | str, ...], slugs: list[Any] | None = None) -> str:
    """`("channel", 3, "url")` -> `channel.tzgg.url`; `channel[4].url`, counted from 1, where no slug is its own."""
    name = ""
    for step in keys:
        if isinstance(step, str):
            name = f"{name}.{step}" if name else step
            continue
        slug = slugs[step] if slugs and name == "channel" and step < len(slugs) else None
        unique = isinstance(slug, str) and slug and slugs is not None and slugs.count(slug) == 1
        name += f".{slug}" if unique and keys[-1] != "slug" else f"[{step + 1}]"
    return name


def _anchor_paths(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path below the configuration file's folder."""
    store, relay, log = settings.store.url, settings.mail.relay, settings.mail.relay_log
    returned = settings.mail.returned
    if store.startswith("sqlite:///"):
        store = f"sqlite:///{folder / store.removeprefix('sqlite:///')}"
    kind, _, place = relay.partition(":")
    if kind in {"spool", "sink"}:
        relay = f"{kind}:{folder / place}"
    if returned and returned.startswith("maildir:"):
        returned = f"maildir:{folder / returned.removeprefix('maildir:')}"
    return settings.model_copy(
        update={
            "site": settings.site.model_copy(update={"secret_file": folder / settings.site.secret_file}),
            "store": settings.store.model_copy(update={"url": store}),
            "publish": settings.publish.model_copy(update={"dir": folder / settings.publish.dir}),
            "files": settings.files.model_copy(update={"dir": folder / settings.files.dir}),
            "mail": settings.mail.model_copy(
                update={
                    "relay": relay,
                    "relay_log": log and folder / log,
                    "returned": returned,
                    "dkim": _anchor_keys(settings.mail.dkim, folder),
                }
            ),
        }
    )


def _anchor_keys(dkim: DkimSettings | None, folder: Path) -> DkimSettings | None:
    if dkim is None:
        return None
    second = dkim.second_key_file and folder / dkim.second_key_file
    return dkim.model_copy(update={"key_file": folder / dkim.key_file, "second_key_file": second})
