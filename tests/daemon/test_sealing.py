"""Keys that sign mails: from the configuration to the mails that leave, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from feeds.cli import app
from feeds.config import DkimSettings, MailSettings
from feeds.daemon.sealing import open_dkim_keys
from feeds.errors import ConfigError

PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def configure(folder: Path, domain: str | None = None) -> MailSettings:
    """Return mail settings with two keys, the second of which is there."""
    (folder / "ed.pem").write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM))
    dkim = DkimSettings(
        domain=domain,
        selector="n1",
        key_file=folder / "rsa.pem",
        second_selector="n2",
        second_key_file=folder / "ed.pem",
    )
    return MailSettings(from_="公告订阅 <alerts@Feeds.Example>", dkim=dkim)


@pytest.mark.parametrize(("domain", "signing"), [(None, "feeds.example"), ("mail.feeds.example", "mail.feeds.example")])
def test_mails_are_signed_by_the_domain_of_from_or_the_one_that_is_named(
    tmp_path: Path, domain: str | None, signing: str
) -> None:
    (tmp_path / "rsa.pem").write_bytes(generate_private_key(65537, 2048).private_bytes(*PEM))
    keys = open_dkim_keys(configure(tmp_path, domain))
    assert [(key.kind, key.record_name) for key in keys] == [
        ("rsa", f"n1._domainkey.{signing}"),
        ("ed25519", f"n2._domainkey.{signing}"),
    ]


def test_without_the_table_mails_are_not_signed_here() -> None:
    assert open_dkim_keys(MailSettings()) == ()


def test_a_domain_that_has_nothing_to_do_with_from_and_two_keys_of_one_kind_are_faults(tmp_path: Path) -> None:
    (tmp_path / "rsa.pem").write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM))
    with pytest.raises(ConfigError) as caught:
        open_dkim_keys(configure(tmp_path, "other.test"))
    assert [(fault.key, fault.allowed.split("; ")[-1]) for fault in caught.value.faults] == [
        ("mail.dkim.second_key_file", "both are ed25519"),
        ("mail.dkim.domain", "the domain of From (feeds.example), or one above or below it"),
    ]


def test_a_domain_that_signs_for_confirmations_alone_is_taken(tmp_path: Path) -> None:
    (tmp_path / "rsa.pem").write_bytes(generate_private_key(65537, 2048).private_bytes(*PEM))
    mail = configure(tmp_path, "other.test").model_copy(update={"account_from": "alerts@other.test"})
    assert {key.domain for key in open_dkim_keys(mail)} == {"other.test"}


def test_check_warns_of_a_short_key(tmp_path: Path) -> None:
    (tmp_path / "short.pem").write_bytes(generate_private_key(65537, 1024).private_bytes(*PEM))
    text = '[mail]\nfrom = "alerts@feeds.example"\ndkim = { selector = "n1", key_file = "short.pem" }\n'
    (tmp_path / "feeds.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "feeds.toml"), "--json"])
    assert result.exit_code == 0, result.output
    (warning,) = json.loads(result.stdout)["warnings"]
    assert "1024" in warning


def test_a_key_that_is_missing_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        open_dkim_keys(configure(tmp_path))
    (fault,) = caught.value.faults
    assert (fault.key, "openssl genrsa" in fault.allowed) == ("mail.dkim.key_file", True)


def test_check_and_run_name_a_missing_key_before_anything_starts(tmp_path: Path) -> None:
    text = '[mail]\ndkim = { selector = "n1", key_file = "none.pem" }\n[web]\nport = 0\n'
    (tmp_path / "feeds.toml").write_text(text, encoding="utf-8")
    config = ["--config", str(tmp_path / "feeds.toml")]
    checked = CliRunner().invoke(app, ["check", "--json", *config])
    assert checked.exit_code == 2
    assert [fault["key"] for fault in json.loads(checked.stdout)["faults"]] == ["mail.dkim.key_file"]
    run = CliRunner().invoke(app, ["run", *config])
    assert (run.exit_code, "mail.dkim.key_file: found" in run.stderr) == (2, True)
