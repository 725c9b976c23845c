"""The shape of `feeds.toml`: one frozen class per section, one sentence per key.

The sentences are the key's documentation everywhere: in the JSON Schema that editors show, and in faults.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feeds.config.kinds import (
    NUMBER,
    BaseUrl,
    Domain,
    ImapUrl,
    LanguageTag,
    MailAddress,
    Mailbox,
    MailboxUrl,
    NameServerAddress,
    Network,
    RelayUrl,
    StoreUrl,
    Text,
    WebUrl,
    ZoneName,
    refuse,
)
from feeds.model import Schedule


class Section(BaseModel):
    """A section of a configuration file: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Site(Section):
    """`[site]`: what this installation is called and where it is reached."""

    base_url: BaseUrl = Field(
        "http://127.0.0.1:8000", description="public address of this site; links in feeds and mails begin with it"
    )
    title: Text = Field("公告订阅", description="name of the site, on pages, in feeds and in mails")
    language: LanguageTag = Field("zh-CN", description="language of the site as a BCP 47 tag")
    time_zone: ZoneName = Field(
        "Asia/Shanghai",
        description="IANA zone of times on pages, and of digest hours unless a subscriber chose another",
    )
    icp: Text | None = Field(None, description="ICP registration number (备案号) shown at the foot of each page")
    contact: Text | None = Field(None, description="how readers reach the operator: an address or a sentence")
    secret_file: Path = Field(
        Path("data/secret.key"), description="file of the signing secret; made at first start, mode 0600"
    )


class StoreSettings(Section):
    """`[store]`: where notices, subscribers and the ledger are kept."""

    url: StoreUrl = Field(
        "sqlite:///data/feeds.db", description="sqlite:///PATH or postgresql://user:password@host/database"
    )
    connections: Annotated[int, Field(ge=2, le=1000), NUMBER] = Field(
        20,
        description="connections to PostgreSQL that one process may have; a worker or scheduler has about six more for"
        " its queues. All processes together must stay below the server's max_connections",
    )


class WorkSettings(Section):
    """`[work]`: where work runs."""

    engine: Literal["auto", "local", "distributed"] = Field(
        "auto",
        description="local: in the process that schedules it; distributed: on any number of machines, through"
        " PostgreSQL; auto: distributed where the store is PostgreSQL",
    )


class PublishSettings(Section):
    """`[publish]`: the feed files."""

    dir: Path = Field(Path("data/public"), description="folder of the published feed files; a web server may serve it")
    entries: Annotated[int, Field(ge=1, le=1000), NUMBER] = Field(
        50, description="entries in one feed document, 1 to 1000"
    )
    formats: tuple[Literal["rss", "atom", "json"], ...] = Field(
        ("rss", "atom", "json"), min_length=1, description="formats that are written: rss, atom, json"
    )
    archive: bool = Field(
        True, description="whether the whole history of each channel is written as archive documents (RFC 5005)"
    )
    hub: tuple[WebUrl, ...] = Field((), description="WebSub hubs that feeds name as rel=hub")
    share: bool = Field(
        default=False, description="whether documents are kept in PostgreSQL, from where every web role copies them"
    )


class FileSettings(Section):
    """`[files]`: copies of the attachments and pictures of notices."""

    keep: bool = Field(
        default=True, description="whether copies of attachments and pictures are kept; a portal's `files` opts out"
    )
    dir: Path = Field(
        Path("data/files"), description="folder of the copies; no web server serves it, and it is not [publish] dir"
    )
    most_bytes: Annotated[int, Field(ge=1024, le=100_000_000), NUMBER] = Field(
        20_000_000, description="largest file that is kept, in bytes, 1024 to 100000000; it is in memory while fetched"
    )
    budget: Annotated[int, Field(ge=1024), NUMBER] = Field(
        2_000_000_000, description="bytes of all copies together; what was fetched longest ago goes first"
    )

    @model_validator(mode="after")
    def _check_budget(self) -> Self:
        if self.budget < self.most_bytes:
            raise refuse(f"a budget of no less than most_bytes ({self.most_bytes})")
        return self


class DkimSettings(Section):
    """`[mail.dkim]`: signing mails with a key that the domain publishes."""

    domain: Domain | None = Field(
        None, description="domain that signs: that of From, or one above or below it; the default is that of From"
    )
    selector: Domain = Field(description="name under which the key is published: SELECTOR._domainkey.DOMAIN")
    key_file: Path = Field(
        description="file of the private key: RSA (2048 bits; 1024 are the least) or Ed25519, PEM without a password"
    )
    second_selector: Domain | None = Field(None, description="name under which a second key is published")
    second_key_file: Path | None = Field(
        None, description="file of a second private key of the other kind; mails are signed with both"
    )

    @model_validator(mode="after")
    def _check_second(self) -> Self:
        if (self.second_selector is None) != (self.second_key_file is None):
            raise refuse("second_selector and second_key_file together, or neither")
        if self.second_selector == self.selector:
            raise refuse(f"a second_selector other than selector ({self.selector!r})")
        return self


class MailSettings(Section):
    """`[mail]`: how mail leaves, and where it comes back to."""

    relay: RelayUrl = Field(
        "sink:data/mail",
        description="smtp://, smtps://, smtp+starttls:// with user:password@host:port, spool:DIR or sink:DIR",
    )
    from_: Mailbox = Field(
        "公告订阅 <alerts@localhost>", alias="from", description="From of alerts and digests: 名称 <address>"
    )
    account_from: Mailbox | None = Field(None, description="From of confirmations, where it is another address")
    reply_to: MailAddress | None = Field(None, description="address that answers go to")
    bounce_domain: Domain | None = Field(None, description="domain of the envelope senders that bounces come back to")
    returned: MailboxUrl | None = Field(
        None,
        description="mailbox in which bounces, complaints and unsubscribe mails arrive: maildir:DIR or"
        " imaps://user:password@host/INBOX; needs bounce_domain",
    )
    connections: Annotated[int, Field(ge=1, le=100), NUMBER] = Field(
        4, description="SMTP connections at once, 1 to 100; each carries one mail after the other"
    )
    relay_log: Path | None = Field(
        None, description="log of the Postfix that is the relay: looked through before a mail in doubt is sent again"
    )
    sent_imap: ImapUrl | None = Field(
        None,
        description="imaps://user:password@host/Folder where the relay keeps what it accepted: looked through as well",
    )
    doubt: Literal["resend", "leave"] = Field(
        "resend",
        description="what becomes of a mail that may have arrived and is found nowhere: resend (the default) or leave",
    )
    mails_per_connection: Annotated[int, Field(ge=1, le=10_000), NUMBER] = Field(
        100, description="mails after which an SMTP connection is closed and opened anew, 1 to 10000"
    )
    dkim: DkimSettings | None = Field(
        None, description="a table: with which key mails are signed; without one they are not signed here"
    )
    resolver: NameServerAddress | None = Field(
        None,
        description="name server that `feeds doctor --mail` asks, ADDRESS or ADDRESS:PORT; default: this machine's",
    )

    @model_validator(mode="after")
    def _check_returned(self) -> Self:
        if self.returned is not None and self.bounce_domain is None:
            raise refuse("bounce_domain beside returned: the domain whose mails arrive there")
        return self


class WebSettings(Section):
    """`[web]`: where the built-in server listens."""

    host: Text = Field("127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=0, le=65535), NUMBER] = Field(
        8000, description="TCP port, 0 to 65535; 0 takes a free one"
    )
    trusted_proxies: tuple[Network, ...] = Field(
        ("127.0.0.1", "::1"), description="addresses or networks whose X-Forwarded-* headers are believed"
    )
    sign_ups_per_hour: Annotated[int, Field(ge=1, le=100_000), NUMBER] = Field(
        10, description="sign-ups taken from one network (IPv4 /24, IPv6 /56) in an hour, 1 to 100000"
    )
    api_per_minute: Annotated[int, Field(ge=0, le=100_000), NUMBER] = Field(
        120, description="requests to /api answered to one network in a minute, 1 to 100000; 0 switches the API off"
    )


class PollSettings(Section):
    """`[poll]`: how often portals are visited."""

    interval_minutes: Annotated[float, Field(gt=0, le=10080), NUMBER] = Field(
        30.0, description="minutes between two polls of a channel"
    )
    max_interval_minutes: Annotated[float, Field(gt=0, le=10080), NUMBER] = Field(
        360.0, description="longest wait after failures, in minutes"
    )
    learn: bool = Field(
        default=True,
        description="whether channels are polled when they usually publish; false: at equal intervals, day and night",
    )
    budget: Annotated[float, Field(gt=0, le=100_000), NUMBER] | None = Field(
        None,
        description="list pages asked for in a day at each portal; the default is what interval_minutes would need",
    )
    recheck_hours: tuple[Annotated[float, Field(gt=0, le=8760), NUMBER], ...] = Field(
        (1.0, 6.0, 24.0, 72.0, 168.0), description="hours after first sight at which an article is read again, rising"
    )
    user_agent: Text | None = Field(
        None, description="User-Agent sent to portals; the default names this program and base_url"
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.max_interval_minutes < self.interval_minutes:
            raise refuse(f"max_interval_minutes not below interval_minutes ({self.interval_minutes:g})")
        if any(late <= early for early, late in zip(self.recheck_hours, self.recheck_hours[1:], strict=False)):
            raise refuse("recheck_hours in rising order")
        return self


class AlertSettings(Section):
    """`[alerts]`: when digests go out to who chose no hour, when people are reminded of deadlines, what is kept."""

    digest_hour: Annotated[int, Field(ge=0, le=23), NUMBER] = Field(
        8, description="hour of the daily and weekly digest, 0 to 23, unless a subscriber chose another"
    )
    weekly_day: Annotated[int, Field(ge=1, le=7), NUMBER] = Field(
        1, description="day of the weekly digest, 1 (Monday) to 7 (Sunday)"
    )
    remind_from: Annotated[int, Field(ge=0, le=23), NUMBER] = Field(
        9, description="hour from which people are reminded of deadlines, 0 to 23, in the portal's zone"
    )
    remind_until: Annotated[int, Field(ge=1, le=24), NUMBER] = Field(
        21, description="hour from which they are not any more that day, 1 to 24"
    )
    keep_attempts_days: Annotated[int, Field(ge=31, le=36_500), NUMBER] = Field(
        400, description="days for which what relays said at each attempt is kept; the deliveries themselves stay"
    )

    def find_usual(self, site: Site) -> Schedule:
        """Return when digests go out to who chose no hour."""
        return Schedule(self.digest_hour, self.weekly_day, site.time_zone)

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.remind_until <= self.remind_from:
            raise refuse(f"remind_until after remind_from ({self.remind_from})")
        return self


class AdminSettings(Section):
    """`[admin]`: what only the operator sees."""

    token: Text | None = Field(
        None,
        description="token that guards /metrics and the details of /status; without one /metrics is open",
    )
    mail: MailAddress | None = Field(
        None, description="address told once when a channel turns ill and once when it is well; without one nobody is"
    )


class Settings(Section):
    """Settings of one installation, as `feeds.toml` and the environment give them. Not the portals."""

    site: Site = Site()
    store: StoreSettings = StoreSettings()
    work: WorkSettings = WorkSettings()
    publish: PublishSettings = PublishSettings()
    files: FileSettings = FileSettings()
    mail: MailSettings = MailSettings()
    web: WebSettings = WebSettings()
    poll: PollSettings = PollSettings()
    alerts: AlertSettings = AlertSettings()
    admin: AdminSettings = AdminSettings()
