"""The operator's commands against the replica portal: what they print, what they refuse, how they end."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.config import load_configuration
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica
from feeds.mailboxes import Pace, Suppression, SuppressionReason
from feeds.store import paces, subscribers, suppressions
from feeds.store.engine import open_database
from feeds.store.schema import REVISION

START = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)

Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def replica() -> Iterator[str]:
    """Serve the replica beside the commands, which have event loops of their own; give its address."""
    ready, done = threading.Event(), threading.Event()
    addresses: list[str] = []

    async def serve() -> None:
        async with serve_replica(ReplicaPortal(make_archive(7, START), lambda: START, script=())) as address:
            addresses.append(address)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    yield addresses[0]
    done.set()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, replica: str) -> Path:
    """Give a configuration that watches the replica."""
    configure_replica(tmp_path, 8000, replica)
    return tmp_path


@pytest.fixture
def feeds(folder: Path) -> Iterator[Invoke]:
    """Give a way to run a command on that configuration."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(folder / "feeds.toml")])

    yield invoke
    structlog.reset_defaults()


def test_poll_prints_a_row_for_each_channel_and_ends_with_0(feeds: Invoke) -> None:
    told = feeds("poll", "harbin-renda/tzgg", "harbin-renda/cwh")
    assert told.exit_code == 0
    assert re.search(r"harbin-renda/tzgg\s+listing\s+\d+", told.stdout)
    assert "baseline: in the feed, not mailed" in told.stdout


def test_poll_as_json_prints_one_value_and_nothing_else(feeds: Invoke, folder: Path) -> None:
    told = feeds("poll", "harbin-renda/tzgg", "--json")
    rows = json.loads(told.stdout)
    assert [(row["channel"], row["verdict"], row["baseline"]) for row in rows] == [
        ("harbin-renda/tzgg", "listing", True)
    ]
    assert (folder / "public" / "feeds" / "harbin-renda" / "tzgg.atom").is_file()


def test_poll_ends_with_1_and_says_why_when_a_portal_is_down(feeds: Invoke, folder: Path) -> None:
    portal = folder / "portals" / "harbin-renda.toml"
    text = portal.read_text(encoding="utf-8")
    portal.write_text(re.sub(r'base_url = ".*"', 'base_url = "http://127.0.0.1:9"', text), encoding="utf-8")
    told = feeds("poll", "harbin-renda/tzgg")
    assert told.exit_code == 1
    assert "failed" in told.stdout
    assert "127.0.0.1:9" in told.stdout


def test_a_channel_that_is_not_there_is_wrong_usage(feeds: Invoke) -> None:
    told = feeds("poll", "harbin-renda/tzg")
    assert told.exit_code == 2
    assert "no such portal or channel" in told.stderr


def test_preview_shows_the_portals_own_days_and_the_evidence(feeds: Invoke) -> None:
    told = feeds("preview", "harbin-renda/tzgg", "--article", "1")
    assert told.exit_code == 0
    assert "evidence" in told.stdout
    assert re.search(r"published: \d{4}-\d\d-\d\dT\d\d:\d\d:00\+08:00 \(minute\)", told.stdout)


def test_preview_of_a_row_that_is_not_there_says_how_many_there_are(feeds: Invoke) -> None:
    told = feeds("preview", "harbin-renda/tzgg", "--article", "99")
    assert told.exit_code == 1
    assert "the page has 15 rows" in told.stderr


def test_backfill_walks_the_archive_and_goes_on_where_it_stopped(feeds: Invoke) -> None:
    first = feeds("backfill", "harbin-renda/zrhy", "--pages", "1")
    assert "goes on with the next call" in first.stdout
    rest = feeds("backfill", "harbin-renda/zrhy")
    assert rest.exit_code == 0
    assert "the whole archive" in rest.stdout


def test_publish_writes_what_changed_and_nothing_twice(feeds: Invoke, folder: Path) -> None:
    feeds("poll", "harbin-renda/tzgg")
    out = folder / "elsewhere"
    told = feeds("publish", "--out", str(out))
    assert told.exit_code == 0
    assert (out / "feeds" / "all.rss").is_file()
    assert (out / "feeds" / "all.rss.br").is_file()
    assert " written" not in feeds("publish").stdout.replace("feeds written below", "")


def test_status_tells_health_and_a_ledger_that_adds_up(feeds: Invoke) -> None:
    feeds("poll", "harbin-renda/tzgg")
    told = feeds("status")
    assert told.exit_code == 0
    assert "unaccounted 0" in told.stdout
    as_json = json.loads(feeds("status", "--json").stdout)
    assert as_json["ledger"]["unaccounted"] == 0
    assert as_json["check"] is None
    assert "ledger checked: -" in told.stdout
    assert "files: 0 kept, 0 bytes; 0 to fetch, 0 not kept, 0 dropped" in told.stdout
    assert as_json["files"] == dict.fromkeys(("files", "bytes", "wanted", "refused", "dropped"), 0) | {
        "latest_refused": []
    }
    assert {channel["name"] for channel in as_json["channels"]} >= {"harbin-renda/tzgg"}


def test_a_subscriber_is_added_shown_exported_and_removed(feeds: Invoke, folder: Path) -> None:
    assert feeds("subscribers", "add", "lawyer@example.com", "--feed", "harbin-renda/tzgg").exit_code == 0
    shown = json.loads(feeds("subscribers", "show", "lawyer@example.com", "--json").stdout)
    assert shown["subscriptions"][0]["feeds"] == ["harbin-renda/tzgg"]
    exported = feeds("subscribers", "export").stdout
    assert "lawyer@example.com,harbin-renda/tzgg,,immediate,yes" in exported
    assert feeds("subscribers", "remove", "lawyer@example.com").exit_code == 0
    assert "lawyer" not in feeds("subscribers", "export").stdout
    (folder / "all.csv").write_text(exported, encoding="utf-8")
    assert feeds("subscribers", "import", str(folder / "all.csv")).exit_code == 0
    assert "lawyer@example.com" in feeds("subscribers", "list").stdout


def test_what_somebody_wants_comes_back_from_a_csv_as_it_went_in(feeds: Invoke, folder: Path) -> None:
    conditions = (
        "kinds=consultation report",
        "people=王川",
        "laws=《供水条例》",
        "reprints=no",
        "remind=1",
        "remind=14",
    )
    more = [word for one in conditions for word in ("--with", one)]
    assert feeds("subscribers", "add", "lawyer@example.com", *more).exit_code == 0
    assert feeds("subscribers", "add", "calm@example.com", "--with", "remind=none").exit_code == 0
    (wish,) = json.loads(feeds("subscribers", "show", "lawyer@example.com", "--json").stdout)["subscriptions"]
    assert (wish["kinds"], wish["people"], wish["laws"]) == (["consultation", "report"], ["王川"], ["供水条例"])
    assert (wish["reprints"], wish["remind"]) == (False, [14, 1])
    assert "kinds consultation report people 王川" in feeds("subscribers", "show", "lawyer@example.com").stdout
    exported = feeds("subscribers", "export").stdout
    (folder / "all.csv").write_text(exported, encoding="utf-8")
    for address in ("lawyer@example.com", "calm@example.com"):
        feeds("subscribers", "remove", address)
    assert feeds("subscribers", "import", str(folder / "all.csv")).exit_code == 0
    assert feeds("subscribers", "export").stdout == exported
    assert "calm@example.com,all,,immediate,yes,,,,yes,none" in exported


def test_the_hour_and_zone_of_digests_come_back_from_a_csv_as_they_went_in(feeds: Invoke, folder: Path) -> None:
    more = ("--frequency", "weekly", "--with", "hour=0", "--with", "time_zone=Europe/Berlin")
    assert feeds("subscribers", "add", "lawyer@example.com", *more).exit_code == 0
    assert feeds("subscribers", "add", "calm@example.com", "--frequency", "daily").exit_code == 0
    (wish,) = json.loads(feeds("subscribers", "show", "lawyer@example.com", "--json").stdout)["subscriptions"]
    assert (wish["hour"], wish["time_zone"]) == (0, "Europe/Berlin")
    (usual,) = json.loads(feeds("subscribers", "show", "calm@example.com", "--json").stdout)["subscriptions"]
    assert (usual["hour"], usual["time_zone"]) == (None, None)
    assert "weekly at 00:00 in Europe/Berlin" in feeds("subscribers", "show", "lawyer@example.com").stdout
    exported = feeds("subscribers", "export").stdout
    assert exported.splitlines()[0].endswith(",remind,hour,time_zone")
    (folder / "all.csv").write_text(exported, encoding="utf-8")
    for address in ("lawyer@example.com", "calm@example.com"):
        feeds("subscribers", "remove", address)
    assert feeds("subscribers", "import", str(folder / "all.csv")).exit_code == 0
    assert feeds("subscribers", "export").stdout == exported


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("hour=24", "hour '24'; allowed: 0 to 23"),
        ("hour=8:00", "hour '8:00'; allowed: 0 to 23"),
        ("time_zone=Asia/Shanhai", "time_zone 'Asia/Shanhai'; allowed: an IANA time zone such as Asia/Shanghai"),
    ],
)
def test_an_hour_or_zone_that_cannot_be_is_refused(feeds: Invoke, given: str, fault: str) -> None:
    told = feeds("subscribers", "add", "lawyer@example.com", "--frequency", "daily", "--with", given)
    assert told.exit_code == 2
    assert fault in told.stderr


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("hour=8", "hour: only digests have one; frequency: daily or weekly"),
        ("time_zone=UTC", "time_zone: only digests have one"),
        ("kinds=consultations", "kinds 'consultations'; allowed: promulgation, meeting"),
        ("remind=5", "remind '5'; allowed: 14, 7, 3, 1, 0, none"),
        ("remind=7 none", "remind 'none'"),
        ("reprints=maybe", "reprints 'maybe'; allowed: yes, no"),
        ("reprints", "allowed: COLUMN=VALUE for kinds, people"),
        ("frequency=daily", "allowed: COLUMN=VALUE for kinds, people"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(feeds: Invoke, given: str, fault: str) -> None:
    told = feeds("subscribers", "add", "lawyer@example.com", "--with", given)
    assert told.exit_code == 2
    assert fault in told.stderr
    assert "subscribers: 0" in feeds("subscribers", "list").stdout


def _strike(folder: Path, address: str) -> None:
    """Have a mailbox found dead, and its provider slowed."""

    async def write() -> None:
        database = await open_database(load_configuration(folder / "feeds.toml", {})[0].store.url)
        async with database.write() as tx:
            who = await subscribers.find_subscriber(tx, address)
            assert who is not None
            now = datetime.now(UTC)
            stop = Suppression(who.id, SuppressionReason.DEAD, "550 5.1.1 no such user", now, 2, now, None)
            await suppressions.save_suppression(tx, stop)
            await paces.save_pace(tx, Pace("qq", now, now, "550 Domain frequency limited"))
        await database.close()

    asyncio.run(write())


def test_a_suppressed_subscriber_is_shown_with_the_evidence_and_let_go(feeds: Invoke, folder: Path) -> None:
    feeds("subscribers", "add", "lawyer@example.com")
    assert json.loads(feeds("subscribers", "show", "lawyer@example.com", "--json").stdout)["suppression"] is None
    assert feeds("subscribers", "unsuppress", "lawyer@example.com").exit_code == 1
    _strike(folder, "lawyer@example.com")
    shown = feeds("subscribers", "show", "lawyer@example.com").stdout
    assert re.search(r"suppressed since \S+, dead: 550 5\.1\.1 no such user", shown)
    as_json = json.loads(feeds("subscribers", "show", "lawyer@example.com", "--json").stdout)["suppression"]
    assert (as_json["reason"], as_json["evidence"], as_json["strikes"]) == ("dead", "550 5.1.1 no such user", 2)
    assert re.search(r"slowed qq since .*: 550 Domain frequency limited", feeds("status").stdout)
    assert json.loads(feeds("status", "--json").stdout)["slowed"][0]["provider"] == "qq"
    assert feeds("subscribers", "unsuppress", "lawyer@example.com").exit_code == 0
    assert "suppressed" not in feeds("subscribers", "show", "lawyer@example.com").stdout
    assert feeds("subscribers", "unsuppress", "nobody@example.com").exit_code == 1


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "a b@example.com", "a@example.com\nBcc: x@example.com", "", "a@example.com\r\n"]
)
def test_what_is_no_mail_address_is_refused_with_a_sentence(feeds: Invoke, address: str) -> None:
    told = feeds("subscribers", "add", address)
    assert told.exit_code == 2
    assert "no mail address" in told.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("address,feed\na@example.com,harbin-renda/tzgg\n", "did you mean `feeds`"),
        ("mail\na@example.com\n", "no column `address`"),
        ("address,feeds\na@example.com,nowhere\nb@example.com,all\n", "line 2: feeds 'nowhere'"),
        ("address,frequency\na@example.com,hourly\n", "allowed: immediate, daily, weekly"),
    ],
)
def test_a_csv_with_a_fault_imports_nothing(feeds: Invoke, folder: Path, text: str, said: str) -> None:
    """A header that is guessed at would subscribe people to what they did not ask for."""
    (folder / "in.csv").write_text(text, encoding="utf-8")
    told = feeds("subscribers", "import", str(folder / "in.csv"))
    assert told.exit_code == 2
    assert said in told.stderr
    assert "subscribers: 0" in feeds("subscribers", "list").stdout


def test_the_database_is_checked_and_upgraded(feeds: Invoke) -> None:
    feeds("poll", "harbin-renda/tzgg")
    assert feeds("db", "check").stdout.strip() == "no damage found"
    assert REVISION in feeds("db", "upgrade").stdout


def test_saved_pages_are_read_without_a_configuration(replica: str, tmp_path: Path) -> None:
    from urllib.request import urlopen

    with urlopen(f"{replica}/list.jsp?cid=13") as answer:
        (tmp_path / "list.html").write_bytes(answer.read())
    command = ["read", "listing", str(tmp_path / "list.html"), "--url", f"{replica}/list.jsp?cid=13", "--json"]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0
    listing = json.loads(told.stdout)
    dated = [item for item in listing["items"] if item["published"]]
    assert len(dated) == 15
    assert all(item["url"].startswith(replica) for item in dated)


def test_a_manifest_gives_a_line_for_every_line_however_bad(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<h1>关于旁听的公告</h1><p>报名自九月十九日起，地点另行通知。</p>", encoding="utf-8"
    )
    lines = [
        {"id": "a", "path": "page.html", "url": "", "kind": "article"},
        {"id": "b", "path": "missing.html", "url": "", "kind": "article"},
        {"id": "c", "path": "page.html", "url": "", "kind": "recipe"},
    ]
    text = "\n".join([*(json.dumps(line) for line in lines), "not json"])
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    told = CliRunner().invoke(app, ["read", "--manifest", str(tmp_path / "in.jsonl"), "--out", str(out)])
    assert told.exit_code == 0
    results = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [result["id"] for result in results] == ["a", "b", "c", None]
    assert results[0]["title"] == "关于旁听的公告"
    assert all("ms" in result for result in results)
    assert all(result["problem"] for result in results[1:])


def test_every_command_has_help_with_an_example() -> None:
    listed = CliRunner().invoke(app, ["--help"]).stdout
    names = re.findall(r"^  ([a-z]+) ", listed.partition("Commands:")[2], re.MULTILINE)
    assert len(names) >= 13
    for name in names:
        told = CliRunner().invoke(app, [name, "--help"])
        assert told.exit_code == 0
        if name not in ("db", "subscribers"):
            assert "Example" in told.stdout, name
