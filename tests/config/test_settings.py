"""feeds.toml and the environment become settings, or every fault at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from feeds.config import Settings, find_config, load_configuration, load_settings
from feeds.errors import ConfigError, Fault

SHIPPED = Path(__file__).parents[2] / "config" / "feeds.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path, environ: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ or {})
    return caught.value.faults


def only_fault(path: Path, environ: Mapping[str, str] | None = None) -> Fault:
    (fault,) = faults_of(path, environ)
    return fault


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {})
    assert (settings.web.port, settings.publish.formats) == (8000, ("rss", "atom", "json"))


def test_the_shipped_file_says_the_defaults(tmp_path: Path) -> None:
    """What an operator sees in the file is what happens without it."""
    shipped = write(tmp_path, SHIPPED.read_text(encoding="utf-8"))
    shipped_settings = load_settings(shipped, {})
    assert load_settings(write(tmp_path, ""), {}) == shipped_settings


def test_the_shipped_file_names_every_key() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    # What is a comment `# key = value` becomes a key; prose has no such form.
    lines = [
        line.removeprefix("# ") if line.removeprefix("# ").split(" = ")[0].isidentifier() else line
        for line in text.splitlines()
    ]
    named = {(section, key) for section, table in tomllib.loads("\n".join(lines)).items() for key in table}
    known = {
        (section, field.alias or key)
        for section, value in Settings()
        for key, field in type(value).model_fields.items()
    }
    assert known == named


@pytest.mark.parametrize("section", [name for name, _ in Settings()])
def test_every_key_has_a_sentence(section: str) -> None:
    """The sentences are the documentation of the key in the JSON Schema and in faults."""
    fields = type(getattr(Settings(), section)).model_fields
    assert [name for name, field in fields.items() if not field.description] == []


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [site]
        base_url = "example.org"
        titel = "x"
        time_zone = "Asia/Shanhai"
        [publish]
        entries = 0
        formats = ["rss", "atmo"]
        [wbe]
        port = 1
        """,
    )
    found = {fault.key: (fault.found, fault.nearest) for fault in faults_of(path, {"FEEDS_WEB__PROT": "1"})}
    assert found == {
        "site.base_url": ("'example.org'", "https://example.org"),
        "site.titel": ("an unknown key", "title"),
        "site.time_zone": ("'Asia/Shanhai'", "Asia/Shanghai"),
        "publish.entries": ("0", None),
        "publish.formats[2]": ("'atmo'", "atom"),
        "wbe": ("an unknown key", "web"),
        "FEEDS_WEB__PROT": ("an unknown variable", "FEEDS_WEB__PORT"),
    }


def test_a_fault_reads_as_file_key_found_allowed_and_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "[web]\nprot = 1")
    allowed = "host, port, trusted_proxies, sign_ups_per_hour, api_per_minute"
    expected = f"{path}: web.prot: found an unknown key; allowed: one of {allowed}; did you mean 'port'?"
    assert expected == str(only_fault(path))


@pytest.mark.parametrize(
    ("section", "line", "allowed"),
    [
        ("site", 'base_url = "ftp://example.org"', "an absolute address"),
        ("site", 'base_url = "http://"', "an absolute address"),
        ("site", 'base_url = "http://exam ple.org"', "an absolute address"),
        ("site", 'base_url = "http://example.org:port"', "an absolute address"),
        ("site", 'base_url = "https://u:p@example.org"', "without a user name"),
        ("site", 'base_url = "https://example.org/?a=1"', "without a query"),
        ("site", 'title = "a\\nBcc: b@example.org"', "one line of text"),
        ("site", 'title = "  "', "not empty"),
        ("site", "title = 1", "a valid string"),
        ("site", 'language = "zh_CN"', "a language tag"),
        ("site", 'time_zone = "../../etc/passwd"', "an IANA time zone"),
        ("site", 'time_zone = ""', "an IANA time zone"),
        ("store", 'url = "mysql://host/db"', "sqlite:///"),
        ("store", 'url = "sqlite://feeds.db"', "the path of the database file"),
        ("store", 'url = "sqlite:///"', "the path of the database file"),
        ("store", 'url = "sqlite:///data/"', "the path of the database file"),
        ("store", 'url = "postgresql://"', "postgresql://user"),
        ("store", 'url = "postgresql://host:port/db"', "postgresql://user"),
        ("publish", "formats = []", "at least 1 item"),
        ("files", "budget = 5_000_000", "no less than most_bytes (20000000)"),
        ("files", "most_bytes = 200_000_000", "100000000"),
        ("publish", 'formats = "rss"', "a valid list"),
        ("publish", 'hub = ["hub.example.org"]', "an absolute address"),
        ("publish", "entries = 2.5", "a valid integer"),
        ("mail", 'relay = "mail.example.org"', "smtp://host:port"),
        ("mail", 'relay = "smtp:mail.example.org"', "smtp://host:port"),
        ("mail", 'relay = "smtp://"', "smtp://host:port"),
        ("mail", 'relay = "smtp://host:port"', "smtp://host:port"),
        ("mail", 'relay = "smtp://host/path"', "smtp://host:port"),
        ("mail", 'relay = "sink:"', "a folder"),
        ("mail", 'relay = "spool:"', "a folder"),
        ("mail", 'sent_imap = "imap.example.org"', "imaps://user:password@host/Folder"),
        ("mail", 'sent_imap = "imaps://imap.example.org/Sent"', "imaps://user:password@host/INBOX"),
        ("mail", 'sent_imap = "imaps://u:p@host:port/Sent"', "imaps://user:password@host/INBOX"),
        ("mail", 'sent_imap = "imap://u:p@imap.example.org/Sent"', "in the clear"),
        ("mail", 'doubt = "forget"', "resend"),
        ("mail", "connections = 0", "greater than or equal to 1"),
        ("mail", "mails_per_connection = 0", "greater than or equal to 1"),
        ("mail", 'from = "nobody"', "a mail address"),
        ("mail", 'from = "a@b.example, c@d.example"', "a mail address"),
        ("mail", 'from = "公告 <a@b.example"', "a mail address"),
        ("mail", 'from = "a@b.example (公告)"', "a mail address"),
        ("mail", 'from = "<a@b.example>, c@d.example"', "a mail address"),
        ("mail", 'from = "公告, c@d.example <a@b.example>"', "a mail address"),
        ("mail", 'from = "a@b.example>>"', "a mail address"),
        ("mail", 'from = "公告 <>"', "a mail address"),
        ("mail", 'account_from = "公告 <a@b.example> 订阅"', "a mail address"),
        ("mail", 'from = "a <a@b.example>\\r\\nBcc: c@d.example"', "one line of text"),
        ("mail", 'from_ = "a@b.example"', "one of relay, from"),
        ("mail", 'returned = "box"', "maildir:DIR or imaps://"),
        ("mail", 'returned = "maildir:/"', "maildir:DIR with a folder"),
        ("mail", 'returned = "imaps://mail.example.org/INBOX"', "imaps://user:password@host/INBOX"),
        ("mail", 'returned = "imaps://u:p@/INBOX"', "imaps://user:password@host/INBOX"),
        ("mail", 'returned = "imaps://u:p@host:port/"', "imaps://user:password@host/INBOX"),
        ("mail", 'returned = "imaps://u:p@host/收件箱"', "%XX"),
        ("mail", 'returned = "imap://u:p@mail.example.org/INBOX"', "imaps:// for any host but this machine"),
        ("mail", 'returned = "maildir:box"', "bounce_domain beside returned"),
        ("mail", 'reply_to = "a <a@b.example>"', "a mail address"),
        ("mail", 'reply_to = "a@-.example"', "a mail address"),
        ("mail", 'bounce_domain = "http://b.example"', "a domain name"),
        ("web", "port = 65536", "less than or equal to 65535"),
        ("web", "port = true", "a number"),
        ("web", "api_per_minute = -1", "greater than or equal to 0"),
        ("web", 'trusted_proxies = ["proxy"]', "an IP address or network"),
        ("poll", "interval_minutes = 0", "greater than 0"),
        ("poll", "interval_minutes = 400", "max_interval_minutes not below"),
        ("poll", "recheck_hours = [6, 1]", "rising order"),
        ("poll", "interval_minutes = nan", "less than or equal to 10080"),
        ("alerts", "digest_hour = 24", "less than or equal to 23"),
        ("alerts", "weekly_day = 0", "greater than or equal to 1"),
        ("alerts", "remind_until = 25", "less than or equal to 24"),
        ("alerts", "remind_from = 21", "remind_until after remind_from (21)"),
        ("admin", 'token = ""', "not empty"),
    ],
)
def test_a_value_that_cannot_work_is_refused(tmp_path: Path, section: str, line: str, allowed: str) -> None:
    fault = only_fault(write(tmp_path, f"[{section}]\n{line}\n"))
    assert fault.key.startswith(section)
    assert allowed in fault.allowed


@pytest.mark.parametrize(
    "mailbox",
    ["a@b.example", "<a@b.example>", "公告订阅 <a@b.example>", '"公告, 通知" <a@b.example>', "公告(测试)<a@b.example>"],
)
def test_a_mailbox_is_an_address_with_or_without_a_name(tmp_path: Path, mailbox: str) -> None:
    assert load_settings(write(tmp_path, f"[mail]\nfrom = '{mailbox}'"), {}).mail.from_ == mailbox


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ('[site]\nbase_url = "https://公告.example.org"', "https://xn--55qt3e.example.org"),
        ('[site]\nbase_url = "https://example.org:8443/公告"', "https://example.org:8443/%E5%85%AC%E5%91%8A"),
        ('[site]\nbase_url = "http://[::1]/é"', "http://[::1]/%C3%A9"),
        (
            '[publish]\nhub = ["https://hub.example.org/推送?a=%20b"]',
            "https://hub.example.org/%E6%8E%A8%E9%80%81?a=%20b",
        ),
        (f'[site]\nbase_url = "https://{"公" * 80}.example.org"', None),
    ],
)
def test_an_address_that_no_header_can_carry_is_refused_with_its_ascii_spelling(
    tmp_path: Path, line: str, nearest: str | None
) -> None:
    fault = only_fault(write(tmp_path, line))
    assert (fault.allowed.split(":")[0], fault.nearest) == ("an address in its ASCII spelling", nearest)
    if nearest:
        load_settings(write(tmp_path, line.replace(line.split('"')[1], nearest)), {})


def test_a_network_of_proxies_may_be_named_by_any_address_in_it(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[web]\ntrusted_proxies = ["10.1.2.3/8", "127.0.0.1"]'), {})
    assert settings.web.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")


def test_a_section_that_is_no_table_is_a_fault(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, 'web = "here"'), {"FEEDS_WEB__PORT": "1"})
    assert (fault.key, fault.allowed) == ("web", "a table")


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("[web]\nport = 80 80\n", "line 2, column 11", "port = ..."),
        ('[mail]\nrelay = "smtp://u:secret\n', "line 2, column 25", "relay = ..."),
        ("[web]\nport = 1\nport = 2\n", "line 3, column 9", "port = ..."),
        ("[web\n", "line 1, column 5", "[web"),
        ('[site]\ntitle = """', "line 2, column end", "title = ..."),
        ("[web", "line 1, column end", "[web"),
    ],
)
def test_a_syntax_error_is_named_with_its_line_and_without_its_value(
    tmp_path: Path, text: str, key: str, found: str
) -> None:
    fault = only_fault(write(tmp_path, text))
    assert (key, found) == (fault.key, fault.found)
    assert fault.allowed.startswith("TOML (")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_bytes("[site]\ntitle = '公告'\n".encode("gb18030"))
    fault = only_fault(path)
    assert (fault.key, fault.allowed) == ("line 2", "a text saved as UTF-8")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_bytes(b"\xef\xbb\xbf[web]\r\nport = 81\r\n")
    assert load_settings(path, {}).web.port == 81


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    assert only_fault(tmp_path / "feeds.toml").found == "No such file or directory"


@pytest.mark.parametrize("kind", ["sink", "spool"])
def test_paths_are_relative_to_the_file(tmp_path: Path, kind: str) -> None:
    settings = load_settings(write(tmp_path, f'[mail]\nrelay = "{kind}:mails"\n[publish]\ndir = "../public"'), {})
    assert settings.store.url == f"sqlite:///{tmp_path}/data/feeds.db"
    assert settings.mail.relay == f"{kind}:{tmp_path}/mails"
    assert settings.publish.dir == tmp_path / "../public"
    assert settings.files.dir == tmp_path / "data/files"
    assert settings.site.secret_file == tmp_path / "data/secret.key"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("maildir:box", "maildir:{here}/box"),
        ("maildir:/var/mail/box", "maildir:/var/mail/box"),
        ("imaps://u:p%40ss@mail.example.org/INBOX", "imaps://u:p%40ss@mail.example.org/INBOX"),
        ("imap://u:p@127.0.0.1:1143", "imap://u:p@127.0.0.1:1143"),
        ("imap://u:p@localhost/INBOX", "imap://u:p@localhost/INBOX"),
    ],
)
def test_a_mailbox_for_what_comes_back_is_a_maildir_or_on_a_server(tmp_path: Path, given: str, meant: str) -> None:
    text = f'[mail]\nbounce_domain = "bounces.example.org"\nreturned = "{given}"'
    assert load_settings(write(tmp_path, text), {}).mail.returned == meant.format(here=tmp_path)


def test_paths_are_relative_to_the_file_and_not_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    assert load_settings(Path("feeds.toml"), {}).store.url == f"sqlite:///{tmp_path}/data/feeds.db"


def test_absolute_paths_and_other_relays_stay(tmp_path: Path) -> None:
    text = """
    [store]
    url = "sqlite:////var/lib/feeds.db"
    [mail]
    relay = "smtp+starttls://user:p%40ss@relay.example.org:587"
    [site]
    secret_file = "/etc/secret.key"
    """
    settings = load_settings(write(tmp_path, text), {})
    assert settings.store.url == "sqlite:////var/lib/feeds.db"
    assert settings.mail.relay == "smtp+starttls://user:p%40ss@relay.example.org:587"
    assert settings.site.secret_file == Path("/etc/secret.key")


def test_the_base_url_has_no_slash_at_its_end(tmp_path: Path) -> None:
    assert (
        load_settings(write(tmp_path, '[site]\nbase_url = "https://example.org/"'), {}).site.base_url
        == "https://example.org"
    )


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[web]\nport = 81\nhost = '::1'")
    settings = load_settings(path, {"FEEDS_WEB__PORT": "82", "FEEDS_MAIL__FROM": "a@b.example", "HOME": "/"})
    assert (settings.web.port, settings.web.host, settings.mail.from_) == (82, "::1", "a@b.example")


@pytest.mark.parametrize("text", ["rss,atom", " rss , atom ", '["rss", "atom"]'])
def test_a_list_in_the_environment_is_split_at_commas_or_written_as_toml(tmp_path: Path, text: str) -> None:
    assert load_settings(write(tmp_path, ""), {"FEEDS_PUBLISH__FORMATS": text}).publish.formats == ("rss", "atom")


def test_a_broken_list_in_the_environment_is_a_fault(tmp_path: Path) -> None:
    assert only_fault(write(tmp_path, ""), {"FEEDS_PUBLISH__FORMATS": '["rss"'}).key == "FEEDS_PUBLISH__FORMATS"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "relay"
    secret.write_text("smtp://user:pw@relay.example.org\n", encoding="utf-8")
    settings = load_settings(write(tmp_path, ""), {"FEEDS_MAIL__RELAY_FILE": str(secret)})
    assert settings.mail.relay == "smtp://user:pw@relay.example.org"


def test_the_key_secret_file_is_a_key_and_not_a_file_with_a_secret(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {"FEEDS_SITE__SECRET_FILE": "/etc/secret.key"})
    assert settings.site.secret_file == Path("/etc/secret.key")


def test_a_table_in_a_section_is_read_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path, '[mail.dkim]\nselector = "n1"\nkey_file = "keys/a.pem"')
    environ = {"FEEDS_MAIL__DKIM__SELECTOR": "n2", "FEEDS_MAIL__DKIM__SECOND_KEY_FILE": "b.pem"}
    assert only_fault(path, environ).allowed == "second_selector and second_key_file together, or neither"
    dkim = load_settings(path, {**environ, "FEEDS_MAIL__DKIM__SECOND_SELECTOR": "n3"}).mail.dkim
    assert dkim is not None
    assert (dkim.selector, dkim.key_file) == ("n2", tmp_path / "keys" / "a.pem")
    assert (dkim.second_selector, dkim.second_key_file) == ("n3", tmp_path / "b.pem")


@pytest.mark.parametrize(
    ("table", "key", "variable"),
    [
        ('key_file = "a"', "mail.dkim.selector", None),
        ('selector = "n1"', "mail.dkim.key_file", None),
        ('selector = "n 1"\nkey_file = "a"', "mail.dkim.selector", None),
        ('selector = "n1"\nkey_file = "a"\nkeyfile = "b"', "mail.dkim.keyfile", None),
        ('selector = "n1"\nkey_file = "a"\nsecond_selector = "n1"\nsecond_key_file = "b"', "mail.dkim", None),
        ('key_file = "a"', "FEEDS_MAIL__DKIM__SELECTOR", "n 1"),
    ],
)
def test_a_table_that_cannot_work_is_refused(tmp_path: Path, table: str, key: str, variable: str | None) -> None:
    environ = {key: variable} if variable else {}
    assert only_fault(write(tmp_path, f"[mail.dkim]\n{table}"), environ).key == key


def test_a_missing_secret_file_is_a_fault(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, ""), {"FEEDS_MAIL__RELAY_FILE": str(tmp_path / "none")})
    assert (fault.file, fault.key) == ("environment", "FEEDS_MAIL__RELAY_FILE")
    assert "No such file" in fault.found


def test_a_secret_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "relay").write_bytes(b"\xff\xfe")
    assert "not a text" in only_fault(write(tmp_path, ""), {"FEEDS_MAIL__RELAY_FILE": str(tmp_path / "relay")}).found


def test_a_value_given_twice_by_the_environment_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "relay").write_text("sink:a", encoding="utf-8")
    environ = {"FEEDS_MAIL__RELAY": "sink:b", "FEEDS_MAIL__RELAY_FILE": str(tmp_path / "relay")}
    assert only_fault(write(tmp_path, ""), environ).key == "FEEDS_MAIL__RELAY_FILE"


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("FEEDS_MAIL__RELY", "FEEDS_MAIL__RELAY"),
        ("FEEDS_MAIL_RELAY", "FEEDS_MAIL__RELAY"),
        ("FEEDS_MAIL_RELAY_FILE", "FEEDS_MAIL__RELAY_FILE"),
        ("FEEDS_ADMIN__TOKN_FILE", "FEEDS_ADMIN__TOKEN_FILE"),
        ("FEEDS_X__Y", None),
    ],
)
def test_an_unknown_variable_is_a_fault(tmp_path: Path, variable: str, nearest: str | None) -> None:
    """An override that does nothing is worse than none: the operator believes in it."""
    fault = only_fault(write(tmp_path, ""), {variable: "x"})
    assert (fault.file, fault.key, fault.nearest) == ("environment", variable, nearest)


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert load_settings(path, {}) == load_settings(path, {"FEEDS_CONFIG": "x", "FEEDS_FOLDER": "y", "PATH": "z"})


@pytest.mark.parametrize(
    ("line", "environ"),
    [
        ('[mail]\nrelay = "smpt://user:pa:s@s@host"', {}),
        ('[store]\nurl = "postgres://user:pa:s@s@host/db"', {}),
        ('[admin]\ntoken = "pa:s@s\\u0007"', {}),
        ("", {"FEEDS_MAIL__RELAY": "smtp://user:pa:s@s@host:port"}),
    ],
)
def test_a_fault_never_shows_a_password(tmp_path: Path, line: str, environ: dict[str, str]) -> None:
    assert "pa:s" not in str(only_fault(write(tmp_path, line), environ))


def test_a_long_value_is_cut_in_its_fault(tmp_path: Path) -> None:
    assert len(only_fault(write(tmp_path, f'[web]\nport = "{"9x" * 5000}"')).found) < 200


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {})
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 1  # type: ignore[misc]


def test_faults_of_settings_and_portals_come_together(tmp_path: Path) -> None:
    path = write(tmp_path, "[web]\nport = -1")
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.toml").write_text("[portal]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_configuration(path, {})
    assert {"feeds.toml", "a.toml"} == {Path(fault.file).name for fault in caught.value.faults}


class TestWhichFile:
    """The option, else config/feeds.toml, else $FEEDS_CONFIG."""

    def test_the_option_wins(self, tmp_path: Path) -> None:
        path = write(tmp_path, "")
        assert path == find_config(path, {"FEEDS_CONFIG": "/none"})

    def test_then_the_default_place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "config").mkdir()
        path = write(tmp_path / "config", "")
        monkeypatch.chdir(tmp_path)
        assert path == find_config(None, {"FEEDS_CONFIG": "/none"})

    def test_then_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        path = write(tmp_path, "")
        assert path == find_config(None, {"FEEDS_CONFIG": str(path)})

    @pytest.mark.parametrize("environ", [{}, {"FEEDS_CONFIG": "/none/feeds.toml"}])
    def test_none_of_them_is_a_fault_that_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigError, match="feeds init DIR"):
            find_config(None, environ)


@pytest.mark.parametrize("place", ["data/public", "data/public/files", "data/x/../public/files"])
def test_copies_of_strangers_files_do_not_lie_where_a_web_server_hands_them_out(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(tmp_path, f'[files]\ndir = "{place}"'), {})
    (fault,) = caught.value.faults
    assert fault.key == "files.dir"
    assert "not inside publish.dir" in fault.allowed


def test_documents_are_shared_by_machines_that_share_a_database(tmp_path: Path) -> None:
    shared = "[publish]\nshare = true\n"
    fault = only_fault(write(tmp_path, shared))
    assert (fault.key, fault.found) == ("publish.share", "true with SQLite")
    settings = load_settings(write(tmp_path, f'{shared}[store]\nurl = "postgresql://feeds@db/feeds"\n'), {})
    assert settings.publish.share
