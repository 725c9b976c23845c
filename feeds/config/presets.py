"""The files that a new installation starts from: `config/` of a source checkout, `feeds/presets/` of a wheel."""

from __future__ import annotations

from pathlib import Path

from feeds.errors import ConfigError, Fault

PACKAGE = Path(__file__).parents[1]
UNIT = Path("deploy/noticefeeds.service")
ROLE_UNITS = tuple(Path(f"deploy/noticefeeds-{name}.service") for name in ("scheduler", "worker@", "web"))
"""Units of the roles, where they are processes of their own."""
CONTAINERS = (Path("deploy/Containerfile"), Path("deploy/compose.yaml"))
"""An image of the roles, and one machine's worth of them; they name no folder of this machine."""
WEB_SERVERS = (Path("deploy/nginx.conf"), Path("deploy/Caddyfile"))
"""Sites for web servers that hand out the feed files."""

UNIT_FOLDER = "/srv/noticefeeds"
"""The configuration folder that the shipped units and sites name."""
UNIT_PROGRAMS = "/opt/noticefeeds/bin"
"""The folder of programs that the shipped units name."""


def read_presets() -> dict[Path, str]:
    """Text of each preset by its path below the new folder: feeds.toml, portals/*.toml, and what stands in deploy/.

    Raises ConfigError where the installation lacks them.
    """
    root = next((place for place in _places() if (place / "feeds.toml").is_file()), None)
    if root is None:
        raise ConfigError((Fault(str(PACKAGE / "presets"), "feeds.toml", "nothing", "the presets: install again"),))
    portals = (file.relative_to(root) for file in sorted((root / "portals").glob("*.toml")))
    names = [Path("feeds.toml"), *portals, UNIT, *ROLE_UNITS, *WEB_SERVERS, *CONTAINERS]
    return {name: (root / name).read_text(encoding="utf-8") for name in names}


def _places() -> tuple[Path, ...]:
    # The wheel first: what lies beside an installed package is not ours.
    return PACKAGE / "presets", PACKAGE.parent / "config"


def point_site(text: str, folder: Path) -> str:
    """The text of a web server's site for a configuration folder, absolute; between double quotes in both kinds."""
    return text.replace(UNIT_FOLDER, str(folder).replace("\\", "\\\\").replace('"', '\\"'))


def point_unit(text: str, folder: Path, programs: Path) -> str:
    """A unit's text for a configuration folder and the folder of the `feeds` program; both absolute."""
    lines = [_point_line(line, folder, programs) for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def _point_line(line: str, folder: Path, programs: Path) -> str:
    if line.startswith("#"):
        return line.replace(UNIT_FOLDER, str(folder))
    if line == "ProtectHome=yes" and any(_is_in_home(path) for path in (folder, programs)):
        return "ProtectHome=read-only"
    here, bin_folder = _quote(folder), _quote(programs)
    if line.startswith("ExecStart="):
        # Only command lines expand $.
        here = here.replace("$", "$$")
    return line.replace(UNIT_FOLDER, here).replace(UNIT_PROGRAMS, bin_folder)


def _is_in_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in ("/home", "/root", "/run/user"))


def _quote(path: Path) -> str:
    """A path between the double quotes of a unit file, systemd.syntax(7) and the specifiers of systemd.unit(5)."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
