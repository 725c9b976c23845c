"""The container file and the compose file, checked as far as they can be without an engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from feeds.config import load_settings
from feeds.daemon.working import count_places
from feeds.work.duty import ROLES
from tests.config.test_web_servers import find_program
from tests.containers import (
    COMPOSE,
    CONTAINERFILE,
    ROOT,
    SITE,
    find_all,
    list_roles,
    read_compose,
    read_stages,
    read_variables,
    read_words,
)

OWNER = "10001:10001"
NO_CONFIGURATION = "none.toml: --config: found no such file"
NO_PLUGIN = "docker compose is not on this machine"


@pytest.fixture
def compose() -> dict[str, Any]:
    """What the compose file says for a site."""
    return read_compose(COMPOSE.read_text(encoding="utf-8"), SITE)


@pytest.fixture
def roles(compose: dict[str, Any]) -> dict[str, Any]:
    """The services that run our image."""
    return dict(list_roles(compose))


def try_command(words: list[str], folder: Path) -> str:
    """Run `feeds` where there is no configuration; return what it says of that, or of its words if they are wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "feeds", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FEEDS_CONFIG": "none.toml"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    return done.stderr


# ---- the image ----


def test_what_the_image_is_made_of_is_there() -> None:
    build, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    sources = [word for rest in find_all(build, "COPY") for word in rest.split()[:-1]]
    assert len(sources) > 5
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert all(rest.startswith("--from=build ") for rest in find_all(image, "COPY")), "no source in the image itself"


def test_the_build_takes_nothing_of_the_operators() -> None:
    """A folder as a whole would take data/ and secrets/ along."""
    build, _ = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    sources = {word for rest in find_all(build, "COPY") for word in rest.split()[:-1]}
    assert not sources & {".", "./", "config"}


def test_the_image_is_nobodys_but_its_own_user() -> None:
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    assert find_all(image, "USER") == [OWNER]
    steps = [name for name, _ in image]
    assert "RUN" not in steps[steps.index("USER") :]
    assert "--uid 10001 --gid 10001" in find_all(image, "RUN")[0]


def test_the_image_runs_the_daemon_and_stops_it_as_it_wants_to_be_stopped(tmp_path: Path) -> None:
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    assert find_all(image, "STOPSIGNAL") == ["SIGTERM"]
    assert NO_CONFIGURATION in try_command(read_words(image, "CMD"), tmp_path)
    assert read_words(image, "ENTRYPOINT") == ["feeds"], "not by a shell, which passes no signal on"


def test_no_image_is_had_from_a_host_that_is_named(compose: dict[str, Any]) -> None:
    """A name with a host in it is somebody's registry; where images come from is the operator's to say."""
    text = CONTAINERFILE.read_text(encoding="utf-8")
    names = [line.partition("=")[2] for line in text.splitlines() if line.startswith("ARG PYTHON=")]
    names += [service["image"] for service in compose["services"].values()]
    assert len(names) > len(compose["services"])
    assert [name for name in names if "/" in name] == []


def test_what_the_image_says_by_its_environment_is_a_configuration(tmp_path: Path) -> None:
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    settings = load_settings(tmp_path / "feeds.toml", read_variables(image))
    made = " ".join(find_all(image, "RUN"))
    assert f"{settings.publish.dir}" in made
    assert f"{settings.site.secret_file.parent}" in made
    assert settings.files.dir.parent == settings.site.secret_file.parent
    assert find_all(image, "EXPOSE") == [str(settings.web.port)]
    assert f"'127.0.0.1', {settings.web.port}," in read_words(image, "HEALTHCHECK")[-1]


# ---- compose ----


def test_every_command_is_one_of_ours(roles: dict[str, Any], tmp_path: Path) -> None:
    commands = {name: service["command"] for name, service in roles.items()}
    for words in commands.values():
        assert NO_CONFIGURATION in try_command(words, tmp_path), words
    assert commands.pop("migrate") == ["db", "upgrade"]
    assert {"all", *(words[words.index("--role") + 1] for words in commands.values())} == set(ROLES)


@pytest.mark.parametrize("words", [["run", "--rool", "web"], ["run", "--role", "wep"], ["db", "upgrad"]])
def test_a_command_that_is_none_of_ours_would_be_found(words: list[str], tmp_path: Path) -> None:
    assert NO_CONFIGURATION not in try_command(words, tmp_path)


def test_every_service_says_what_follows_its_end(compose: dict[str, Any]) -> None:
    said = {name: service["restart"] for name, service in compose["services"].items()}
    assert said.pop("migrate") == "no"
    assert set(said.values()) == {"unless-stopped"}


def test_nothing_starts_on_a_database_that_was_not_upgraded(roles: dict[str, Any]) -> None:
    wanted = {name: service["depends_on"] for name, service in roles.items()}
    assert wanted.pop("migrate") == {"postgres": {"condition": "service_healthy"}}
    for before in wanted.values():
        assert before["migrate"] == {"condition": "service_completed_successfully"}


def test_every_volume_network_and_secret_is_declared_and_used(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    mounts = [mount.split(":") for service in services for mount in service.get("volumes", [])]
    assert {mount[0] for mount in mounts if not mount[0].startswith(".")} == set(compose["volumes"])
    assert {name for service in services for name in service["networks"]} == set(compose["networks"])
    assert {name for service in services for name in service.get("secrets", [])} == set(compose["secrets"])
    for folder in (COMPOSE.parent / mount[0] for mount in mounts if mount[0].startswith(".")):
        assert folder.exists(), folder


def test_roles_share_what_they_write_and_write_nowhere_else(roles: dict[str, Any]) -> None:
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    places = read_variables(image)
    for service in roles.values():
        assert service["read_only"] is True
        mounts = dict(reversed(mount.split(":")[:2]) for mount in service["volumes"])
        assert mounts[places["FEEDS_PUBLISH__DIR"]] == "public"
        assert mounts[str(Path(places["FEEDS_SITE__SECRET_FILE"]).parent)] == "data"
        assert mounts[str(Path(places["FEEDS_CONFIG"]).parent)] == ".."


def test_the_proxy_sees_published_files_and_no_secret(compose: dict[str, Any]) -> None:
    mounts = compose["services"]["proxy"]["volumes"]
    assert "public:/srv/public:ro" in mounts
    assert [mount for mount in mounts if mount.startswith(("data:", "..", "postgres:"))] == []
    assert "store" not in compose["services"]["proxy"]["networks"]


def test_only_the_proxy_is_believed_and_only_it_is_reached_from_outside(compose: dict[str, Any]) -> None:
    (front,) = compose["networks"]["front"]["ipam"]["config"]
    services = compose["services"]
    assert services["web"]["environment"]["FEEDS_WEB__TRUSTED_PROXIES"] == front["subnet"]
    assert ip_network(front["subnet"]).is_private
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert {name for name, service in services.items() if "front" in service["networks"]} == {"proxy", "web"}
    assert compose["networks"]["store"] == {"internal": True}


def test_the_environment_of_each_role_is_a_configuration(roles: dict[str, Any], tmp_path: Path) -> None:
    """A variable that is misspelt would be a fault at every start."""
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    values = {"store_url": "postgresql://feeds:word@postgres/feeds", "mail_relay": "smtp://relay.example.org:25"}
    for name, service in roles.items():
        environment = {**read_variables(image), **service["environment"]}
        for variable, value in environment.items():
            if value.startswith("/run/secrets/"):
                secret = value.removeprefix("/run/secrets/")
                assert secret in service["secrets"], name
                environment[variable] = str(tmp_path / secret)
                (tmp_path / secret).write_text(values[secret], encoding="utf-8")
        settings = load_settings(tmp_path / "feeds.toml", environment)
        assert (settings.store.url, settings.mail.relay) == tuple(values.values())
        assert settings.site.base_url == "https://feeds.example.org"


def test_who_listens_to_nothing_is_not_asked_how_it_is(roles: dict[str, Any]) -> None:
    """The image's check asks the web server, which only one of the roles has."""
    asked = {name for name, service in roles.items() if not service.get("healthcheck", {}).get("disable")}
    assert asked == {"web"}
    _, image = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    assert roles["web"]["healthcheck"]["test"] == ["CMD", *read_words(image, "HEALTHCHECK")]


def test_stopping_leaves_time_to_drain(roles: dict[str, Any]) -> None:
    assert {service["stop_grace_period"] for service in roles.values()} == {"20s"}


def test_operators_are_told_of_each_queue_with_its_usual_places() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)
    assert {queue: int(places) for queue, places in told} == {str(queue): n for queue, n in count_places(None).items()}


def test_caddy_takes_the_site_of_the_proxy(compose: dict[str, Any], tmp_path: Path) -> None:
    caddy = find_program("caddy")
    if caddy is None:
        pytest.skip("caddy is not on this machine: apt-get install caddy")
    proxy = compose["services"]["proxy"]
    command = [caddy, "adapt", "--validate", "--adapter", "caddyfile", "--config", str(COMPOSE.parent / "Caddyfile")]
    environment = {**os.environ, **proxy["environment"], "HOME": str(tmp_path)}
    adapted = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert adapted.returncode == 0, adapted.stderr
    for said in ('"feeds.example.org"', '"/srv/public"', '"web:8000"'):
        assert said in adapted.stdout
    assert "/srv/noticefeeds" not in adapted.stdout


def test_docker_compose_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip(NO_PLUGIN)
    command = [docker, "compose", "--file", str(COMPOSE), "config", "--quiet"]
    checked = subprocess.run(
        command,
        env={**os.environ, **SITE, "HOME": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
