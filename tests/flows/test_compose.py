"""What stands in the mails that leave: identity headers, threads, links, and what a notice became meanwhile."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from feeds.decide.tokens import sign_token
from feeds.flows import alert, deliver
from feeds.flows.compose import Message, compose
from feeds.flows.envelopes import find_page
from feeds.model import Frequency, Wish
from feeds.render.dkim import DkimKey
from feeds.send.dkim_keys import load_dkim_key
from feeds.send.relay import Line, RelayReply
from feeds.send.sink import SinkMail
from feeds.store import deliveries, notices, subscribers
from tests.flows.conftest import World

PORTAL_TITLE = "哈尔滨市人大常委会"


class Noting:
    """A relay that notes who is said to send."""

    def __init__(self) -> None:
        self.senders: list[str] = []

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Note the envelope sender."""
        del recipient, message
        self.senders.append(sender)
        return RelayReply("data", 250, "ok")

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend itself."""
        return nullcontext(self)

    async def close(self) -> None:
        """Nothing is open."""


def configure(world: World, site: dict[str, str], mail: dict[str, str]) -> None:
    """Change what the world's mails are composed with."""
    composing = world.delivering.composing
    changed = replace(
        composing, site=composing.site.model_copy(update=site), mail=composing.mail.model_copy(update=mail)
    )
    world.delivering = replace(world.delivering, composing=changed)


def read(mail: SinkMail) -> EmailMessage:
    """Read a mail that the sink took."""
    found = message_from_bytes(mail.path.read_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


async def public_id(world: World) -> str:
    """Return the newest notice's public id."""
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 1)
        return (await notices.load_notices(tx, [index[0][0]]))[0].public_id


async def test_an_alert_has_every_header_that_receivers_judge_it_by(world: World) -> None:
    configure(
        world,
        {"base_url": "https://tongzhi.example"},
        {"from_": "公告订阅 <tongzhi@alerts.example>", "reply_to": "contact@alerts.example"},
    )
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    paper = world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    (mail,) = await world.tell()
    message = read(mail)
    assert not message.defects
    assert str(message["From"]) == "公告订阅 <tongzhi@alerts.example>"
    assert message["To"] == "lawyer@example.com"
    assert message["Reply-To"] == "contact@alerts.example"
    assert message["Subject"] == "【通知公告】关于旁听的公告"
    assert str(message["Date"]).endswith("+0800")
    assert message["Date"].datetime == world.now
    assert re.fullmatch(r"<[a-z2-7]{24}\.[0-9a-z]+@alerts\.example>", message["Message-ID"])
    assert (message["References"], message["In-Reply-To"]) == (None, None), "it is the first"
    assert str(message["List-Id"]) == f"{PORTAL_TITLE} 通知公告 <tzgg.harbin-renda.tongzhi.example>"
    one_click = r"<https://tongzhi\.example/unsubscribe/[0-9a-z.]+>"
    assert re.fullmatch(one_click, str(message["List-Unsubscribe"]).replace(" ", ""))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not {"List-Help", "List-Archive", "List-Owner", "List-Post"} & set(message.keys())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Feedback-ID"] == f"tzgg:published:{world.now:%Y%m%d}:tongzhi.example"
    assert message["Content-Language"] == "zh-CN"
    assert message["MIME-Version"] == "1.0"
    parts = [(part.get_content_type(), part["Content-Transfer-Encoding"]) for part in message.iter_parts()]
    assert parts == [("text/plain", "base64"), ("text/html", "base64")]
    assert message["X-Notice-Id"] == await public_id(world)
    assert message["X-Notice-Event"] == "published"
    assert str(message["X-Source-Url"]).endswith(world.replica.address(paper))
    assert b"=?utf-8?" in re.findall(rb"List-Id: ([^\n]*)", mail.path.read_bytes())[0]


async def test_an_alert_begins_with_what_the_notice_says(world: World) -> None:
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    world.replica.publish("tzgg", "关于公布供水条例的公告", ["《哈尔滨市供水条例》自2027年5月1日起施行。"])
    await world.poll()
    (mail,) = await world.tell()
    assert "· 施行 In force: 2027-05-01" in mail.text
    assert "《哈尔滨市供水条例》" in mail.text.partition("--------")[0]


async def test_a_mail_of_a_notice_that_says_nothing_has_no_facts(world: World) -> None:
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    await world.poll()
    world.replica.publish("tzgg", "温馨提示", ["请注意安全。"])
    await world.poll()
    (mail,) = await world.tell()
    assert "\n· " not in mail.text


@pytest.mark.parametrize("base_url", ["http://192.0.2.7:8000", "http://localhost:8000", "http://[2001:db8::7]"])
async def test_a_site_without_a_name_names_its_lists_under_the_senders_domain(world: World, base_url: str) -> None:
    configure(world, {"base_url": base_url}, {"from_": "公告订阅 <a@Alerts.example>"})
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    (mail,) = await world.tell()
    assert str(read(mail)["List-Id"]).endswith(" <tzgg.harbin-renda.alerts.example>")
    assert read(mail)["Feedback-ID"].endswith(":alerts.example")


@pytest.mark.parametrize("bounce_domain", [None, "bounce.alerts.example"])
async def test_a_bounce_comes_back_with_the_delivery_it_is_about(world: World, bounce_domain: str | None) -> None:
    """The token is signed and is not the address: a bounce's own text need not be believed."""
    mail = {"from_": "公告订阅 <tongzhi@alerts.example>"}
    configure(world, {}, mail | ({"bounce_domain": bounce_domain} if bounce_domain else {}))
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    relay = Noting()
    delivering = replace(world.delivering, relay=relay)
    (claimed,) = await deliver.claim_due(delivering, 10)
    await deliver.deliver(delivering, claimed)
    token = sign_token(delivering.composing.keyring, "bounce", claimed.id)
    assert relay.senders == [f"b+{token}@{bounce_domain}" if bounce_domain else "tongzhi@alerts.example"]


async def test_corrections_and_withdrawals_stand_under_the_first_alert(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    paper = world.replica.publish("tzgg", "关于公布条例的公告", ["本条例自2027年5月1日起施行。"])
    await world.poll()
    await world.tell()
    world.replica.correct_body(paper.id, "5月1日", "6月1日")
    world.wait(hours=2)
    await world.read_articles()
    await world.tell()
    await world.subscribe("late@example.com")
    world.wait(hours=2)
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()
    told = [read(mail) for mail in await world.tell()]
    mine = {str(one["X-Notice-Event"]): one for one in told if one["To"] == "lawyer@example.com"}
    assert set(mine) == {"published", "revised", "withdrawn"}
    first = mine["published"]["Message-ID"]
    for kind in ("revised", "withdrawn"):
        assert mine[kind]["References"] == mine[kind]["In-Reply-To"] == first
        assert mine[kind]["Feedback-ID"].startswith(f"tzgg:{kind}:")
    moved = "施行日期由5月1日改为6月1日 · entry into force moved from 2027-05-01 to 2027-06-01"
    texts = {kind: str(one.get_body(("plain",)).get_content()) for kind, one in mine.items()}  # type: ignore[union-attr]
    assert [kind for kind, text in texts.items() if moved in text] == ["revised"]
    late = [one for one in told if one["To"] == "late@example.com"]
    assert late == [], "who was not told of it has nothing to correct"


@pytest.mark.parametrize("frequency", [Frequency.IMMEDIATE, Frequency.DAILY])
async def test_a_notice_withdrawn_before_its_mail_left_is_not_told_as_new(world: World, frequency: Frequency) -> None:
    await world.subscribe("lawyer@example.com", frequency=frequency)
    await world.poll()
    paper = world.replica.publish("tzgg", "关于会期的通知")
    await world.poll()
    world.wait(hours=2)
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()
    await world.tell()
    world.wait(days=1)
    mails = await world.tell()
    assert len(mails) == (2 if frequency is Frequency.IMMEDIATE else 1)
    for mail in mails:
        assert "关于会期的通知" in mail.text
        assert "撤下" in mail.subject or "【撤下 Withdrawn】" in mail.text
        assert "原站已撤下此件" in mail.text
        assert "改动 changed" not in mail.text


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        (("harbin-renda/tzgg",), "/p/harbin-renda/tzgg"),
        (("harbin-renda/tzgg", "harbin-renda/gzdt"), "/p/harbin-renda"),
        (("harbin-renda",), "/p/harbin-renda"),
        (("all",), "/?page=1"),
        (("harbin-renda", "songbei"), "/?page=1"),
        (("songbei/tzgg", "songbei/gzdt"), "/?page=1"),
    ],
)
def test_see_all_of_a_digest_leads_to_the_page_of_what_was_subscribed(
    world: World, wanted: tuple[str, ...], page: str
) -> None:
    """Not to the page that manages the subscription, which lists no notice. A portal that left has no page."""
    composing = world.delivering.composing
    assert find_page(composing, set(wanted)) == f"{composing.site.base_url}{page}"


async def test_a_digest_names_its_own_list_and_where_all_of_it_is(world: World) -> None:
    await world.subscribe("researcher@example.com", "harbin-renda/tzgg", frequency=Frequency.DAILY)
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告", ["旁听人员请于2026年12月20日前报名。"])
    await world.poll()
    await world.read_articles()
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    world.wait(days=1)
    await alert.open_due_digests(world.alerting)
    await alert.gather_digests(world.alerting)
    (claimed,) = await deliver.claim_due(world.delivering, 10)
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempt(tx, claimed, world.now)
        assert begun is not None
        message = await compose(world.delivering.composing, tx, begun, world.now)
    assert isinstance(message, Message)
    assert "报名12月20日截止" in message.content.text
    assert message.links is not None
    assert message.links.all_url == f"{world.settings.site.base_url}/p/harbin-renda/tzgg"
    assert message.envelope.list_id == f"{world.settings.site.title} <digest.demo.example.com>"
    assert message.envelope.feedback_id == f"digest:daily:{world.now:%Y%m%d}:demo.example.co"
    assert message.envelope.references is None


@pytest.fixture
def dkim_key(tmp_path: Path) -> DkimKey:
    """A key that signs for the domain that the world's mails come from."""
    file = tmp_path / "dkim.pem"
    file.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return load_dkim_key(file, "localhost.example", "n1")


async def test_every_mail_that_leaves_is_signed(world: World, dkim_key: DkimKey) -> None:
    composing = replace(world.delivering.composing, dkim_keys=[dkim_key])
    world.delivering = replace(world.delivering, composing=composing)
    await world.subscribe("lawyer@example.com")
    await world.subscribe("reader@example.com", frequency=Frequency.DAILY)
    async with world.database.write() as tx:
        await subscribers.sign_up(tx, "new@example.com", Wish(("all",)), world.now)
    await world.poll()
    world.replica.publish("tzgg", "关于旁听的公告", ["正文"])
    await world.poll()
    await world.tell()
    world.wait(days=1, hours=2)
    mails = await world.tell()
    assert sorted(mail.subject[:6] for mail in mails) == ["【每日汇总】", "【通知公告】", "请确认订阅 "]
    for mail in mails:
        held = dkim.verify(mail.path.read_bytes(), dnsfunc=lambda *_, **__: dkim_key.record.encode())
        assert held, mail.subject
