"""The tables. The domain rows are the truth: queues and schedulers only carry ids and may be lost.

Every column that may be null says what null means. `Utc` columns hold aware UTC datetimes on both databases.
A changed table needs a migration; a test holds this file against the sum of the migrations.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy import (
    event as on,
)

from feeds.store.utc import Utc

REVISION = "0029"
"""The migration this file equals; the running daemon compares it without importing Alembic."""


_ASKED = text("subscription_id IS NOT NULL")
_SHOWN = text("title IS NOT NULL")
_WITHDRAWN = text("withdrawn_at IS NOT NULL")
_WRONG = text("unaccounted <> 0")
_UNWRITTEN = text("written_at IS NULL")
_UNFINISHED = text("done_at IS NULL")
_UNFILED = text("filed_revision < revision AND article_read_at IS NOT NULL")
_STILL_KEPT = text("dropped_at IS NULL")
LOST = text("state IN ('failed', 'expired')")
"""Deliveries that came to nothing, as their index knows them."""
WAITS = text("delivery_id IS NULL AND frequency <> 'immediate'")
"""Alert items that wait for a digest, as their index knows them."""
OPEN = text("state <> 'accepted'")
"""Deliveries that the relay did not accept, or not yet, as their index knows them."""
_STALE = text("version != published_version")
_TO_TARGETS = text("next_at IS NOT NULL AND medium <> 'mail'")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

portal = Table(
    "portal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("retired_at", Utc),  # null: still in the configuration
    Column("saved", Float, nullable=False, server_default="0"),  # days of its budget not spent; negative: overdrawn
    Column("saved_at", Utc),  # when that was reckoned; null: never
    Column("reread_until", Utc),  # until when the re-readings made so far use up their share; null: none were made
    Column("files_until", Utc),  # the same for files that were fetched; null: none were
)

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("next_poll", Utc, nullable=False),  # the only memory of when to poll; a claim moves it behind its lease
    Column("fence", Integer, nullable=False, default=0),  # number of the last claim
    Column("polled_at", Utc),  # null: never
    Column("listed_at", Utc),  # last poll that gave a listing or an unchanged; null: never
    Column("baseline_at", Utc),  # first good listing, never mailed; null: not seen yet
    Column("verdict", String(32)),  # of the last poll; null: never polled
    Column("problem", Text),  # sentence for the operator; null: none
    Column("failures", Integer, nullable=False, default=0),  # polls in a row without a listing
    Column("etag", Text),  # null: the server gave none
    Column("last_modified", Text),  # null: the server gave none
    Column("backfill_url", Text),  # next older page to walk; null: not begun, or done
    Column("backfilled_at", Utc),  # null: the whole archive was never walked
    Column("retired_at", Utc),  # null: still in the configuration
    Column("gap", Text),  # why rows may be missing behind page 1, until a backfill is done; null: none are known to be
    Column("hit_at", Utc),  # last poll that showed something new; null: none did
    Column("polled_fence", Integer, nullable=False, server_default="0"),  # of the last finished claim
    Column("listed_rows", Integer),  # rows on its first page at the last good poll; null: not known
    Column("health", String(16)),  # how it fares; null: never judged
    Column("health_since", Utc),  # null with health
    Column("told_ill_at", Utc),  # when the operator was told that it is ill; null: it is well, for all they know
    Column("patience", Integer),  # workdays without news that are usual; null: too little is known
    Column("patience_at", Utc),  # when that was learned; null: never
    Column("hastened", Integer, nullable=False, server_default="0"),  # times for an overview's sake since its last hit
    Column("hastened_at", Utc),  # the last time; null: never
    UniqueConstraint("portal_id", "slug"),
    Index(None, "next_poll"),
)

hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("detail", Text, nullable=False),  # a sentence for the operator
    Column("keys", JSON, nullable=False),  # of the rows that are held
    Column("titles", JSON, nullable=False),  # of some of them
    Column("opened_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),  # last poll that showed them
    Column("decision", String(16)),  # `release` or `discard`, until the next poll does it; null: nobody said
    Column("closed_at", Utc),  # null: open
    Column("outcome", String(16)),  # `confirmed`, `released`, `discarded`, `passed`; null with closed_at
    Index(None, "channel_id", "closed_at"),
)

share = Table(
    "share",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("learned_at", Utc, nullable=False),
    Column("rates", JSON, nullable=False),  # posts an hour by hour of the week
    Column("followers", Float, nullable=False),  # posts that follow one
    Column("weight", Float, nullable=False),
    Column("longest_seconds", Float, nullable=False),  # longest wait between two polls
    Column("usual", Float, nullable=False),  # polls an hour for one unit of density
)

overview = Table(
    "overview",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("next_poll", Utc, nullable=False),  # a claim moves it behind its lease
    Column("fence", Integer, nullable=False, default=0),
    Column("polled_at", Utc),  # null: never
    Column("problem", Text),  # null: the last visit went well, or there was none
    Column("failures", Integer, nullable=False, default=0),
    Column("etag", Text),  # null: the server gave none
    Column("last_modified", Text),  # null: the server gave none
    Column("keys", JSON(none_as_null=True)),  # what it linked to at the last good visit, with leads; null: none yet
    Column("shown", JSON, nullable=False, default=list),  # slugs of the channels of which it shows rows
    Column("hit_at", Utc),  # null: it showed nothing new so far
    Column("retired_at", Utc),  # null: still in the configuration
    Column("learned_at", Utc),  # null: it has no share yet
    Column("rates", JSON(none_as_null=True)),  # null with learned_at
    Column("followers", Float),  # null with learned_at
    Column("weight", Float),  # null with learned_at
    Column("longest_seconds", Float),  # null with learned_at
    Column("usual", Float),  # null with learned_at
    UniqueConstraint("portal_id", "url"),
    Index(None, "next_poll"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text),  # null: only a cut title is known, so it is not shown yet
    Column("item_title", Text, nullable=False),  # as the list last showed it, perhaps cut
    Column("published_at", Utc),  # null: the portal never said
    Column("published_precision", String(8)),  # null with published_at
    Column("published_origin", String(16)),  # null with published_at
    Column("first_seen_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("sort_at", Utc, nullable=False),  # place in feeds: published for history, first seen for what came later
    Column("rank", Integer, nullable=False),  # list order inside one sort_at, newest first
    Column("history", Boolean, nullable=False),  # came with a baseline or backfill: never told by mail
    Column("revision", Integer, nullable=False, default=1),
    Column("version", Integer, nullable=False, default=1),
    Column("withdrawn_at", Utc),  # null: it stands
    Column("article_due", Utc),  # next reading that somebody waits for; null: nobody does, or it is another host's
    Column("article_fence", Integer, nullable=False, default=0),
    Column("article_tries", Integer, nullable=False, default=0),  # failed readings in a row
    Column("article_read_at", Utc),  # null: its page was never read
    Column("article_problem", Text),  # null: the last reading was good, or none was tried
    Column("gone_count", Integer, nullable=False, default=0),  # readings in a row that said gone
    Column("fingerprint", String(64)),  # of title, body, attachments; null with article_read_at
    Column("editor", Text),  # null: not said; likewise the next four
    Column("source", Text),
    Column("author", Text),
    Column("column_name", Text),
    Column("number", Text),
    Column("body", Text, nullable=False, default=""),
    Column("body_html", Text, nullable=False, default=""),
    Column("images", JSON, nullable=False, default=list),
    Column("evidence", JSON, nullable=False, default=dict),
    Column("reread_due", Utc),  # next reading at leisure, to notice what changes in silence; null: it rests
    Column("facts_rule", Integer, nullable=False, default=0, server_default="0"),  # rules its days were read by
    Column("indexed_version", Integer, nullable=False, default=0, server_default="0"),  # that a search finds; 0: none
    Column("filed_revision", Integer, nullable=False, default=0, server_default="0"),  # whose files are wanted; 0: none
    Index(None, "article_due"),
    Index(None, "portal_id", "reread_due"),
    Index(None, "facts_rule", "id"),
    Index(None, "portal_id", "sort_at", "rank"),
    Index(None, "sort_at", "rank"),
    Index("ix_notice_published", "portal_id", "published_at", sqlite_where=_SHOWN, postgresql_where=_SHOWN),
    Index("ix_notice_withdrawn", "sort_at", sqlite_where=_WITHDRAWN, postgresql_where=_WITHDRAWN),
    Index(
        "ix_notice_unindexed",
        "sort_at",
        sqlite_where=text("indexed_version < version"),
        postgresql_where=text("indexed_version < version"),
    ),
    Index("ix_notice_unfiled", "portal_id", "id", sqlite_where=_UNFILED, postgresql_where=_UNFILED),
)

appointed = Table(
    "appointed",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("role", String(24), primary_key=True),  # what ends or happens: deadline, meeting …
    Column("place", Integer, primary_key=True),  # among its like in the notice
    Column("day", Date, nullable=False),  # the last one, in the portal's zone
    Column("since", Utc),  # when the notice was found to name this day; null: as long as the notice is known
    Column("struck_at", Utc),  # when the text named it no more; null: it does
    Index(None, "day"),
    Index(None, "struck_at"),
)

person_act = Table(
    "person_act",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # among the people of the notice
    Column("name", Text, nullable=False),
    Column("act", String(16), nullable=False),
    Column("post", Text),  # null: the notice names none
    Column("day", Date),  # decided, else signed, else published; null: nothing tells
    Column("meeting", Text),  # null: the notice names none
    Column("sentence", Text, nullable=False),
    Index(None, "name", "day"),
    Index(None, "day"),
)

rule_effect = Table(
    "rule_effect",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("place", Integer, primary_key=True),  # among the rules of the notice
    Column("name", Text, nullable=False),
    Column("stage", Text),  # null: the rule itself, no draft of it
    Column("effect", String(16), nullable=False),
    Column("day", Date),  # decided, else signed, else published; null: nothing tells
    Column("adopted", Date),  # null: not said, or of something else than the rule
    Column("approved", Date),  # null: likewise
    Column("in_force", Date),  # null: likewise; of what is repealed, the day on which that takes effect
    Column("sentence", Text, nullable=False),
    Index(None, "name", "day"),
    Index(None, "day"),
)

search_entry = Table(
    "search_entry",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False, unique=True),  # its order among all, rising with newness
    Column("version", Integer, nullable=False),  # of the notice, as it is indexed
    Column("rule", Integer, nullable=False),  # rules its marks were read by
    Column("marks", JSON, nullable=False),
    Column("text", Text, nullable=False),  # folded; last, so that a row is told without it
    Index(None, "rule", "notice_id"),
)

search_state = Table(
    "search_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # there is one row
    Column("version", Integer, nullable=False),  # rises whenever searches may find something else
)

SEARCH_WORDS = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search_words USING fts5
        (words, content='', detail=none, columnsize=0, tokenize="ascii tokenchars ':/_-'")""",
    ),
    "postgresql": (
        "CREATE TABLE search_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_search_words_words ON search_words USING gin (words)",
    ),
}
"""The terms of each entry by its place: an index of the database's own kind, which SQLAlchemy has no words for."""

for _dialect, _statements in SEARCH_WORDS.items():
    for _statement in _statements:
        on.listen(search_entry, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

notice_key = Table(
    "notice_key",
    metadata,
    Column("portal_id", ForeignKey("portal.id"), primary_key=True),
    Column("key", String(512), primary_key=True),  # the identity; a notice may gain aliases, never lose one
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("alias", Boolean, nullable=False, default=False),
    Index(None, "notice_id"),
)

membership = Table(
    "membership",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("url", Text, nullable=False),  # the address under which this channel lists it
    Column("first_seen_at", Utc, nullable=False),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("vanished_at", Utc),  # gone from the list while older rows stayed; null: listed, or slid off
    Column("item_title", Text, nullable=False, server_default=""),  # as this channel last listed it, perhaps cut
    Column("unseen_at", Utc),  # the channel's last good poll before, which did not show it; null: there was none
    Column("archived", Boolean, nullable=False, server_default=false()),  # a page of the archive has it as it is
    Index(None, "notice_id"),
    Index(
        "ix_membership_unarchived",
        "channel_id",
        "notice_id",
        sqlite_where=text("archived = 0"),
        postgresql_where=text("archived = false"),
    ),
)

archive_page = Table(
    "archive_page",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1 is the first one closed; nothing is added to a page later
    Column("notice_ids", JSON, nullable=False),  # in the order in which it shows them
    Column("closed_at", Utc, nullable=False),
    Column("written_at", Utc),  # null: its documents are to be written
    Index("ix_archive_page_unwritten", "channel_id", "number", sqlite_where=_UNWRITTEN, postgresql_where=_UNWRITTEN),
)

attachment = Table(
    "attachment",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", String(128), nullable=False),
)

wanted_file = Table(
    "wanted_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("picture", Boolean, nullable=False),  # it stands in the text, else it is an attachment
    Column("due", Utc),  # when to fetch it; a claim moves it behind its lease; null: it rests
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # failed ones in a row
    Column("looks", Integer, nullable=False),  # good ones since the notice was last revised
    Column("problem", Text),  # why the last try gave no copy; null: it gave one, or there was none
    Column("etag", Text),  # null: the server gave none
    Column("last_modified", Text),  # null: the server gave none
    Index(None, "portal_id", "due"),
    Index(None, "notice_id"),
)

kept_file = Table(
    "kept_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wanted_id", ForeignKey("wanted_file.id"), nullable=False),
    Column("sha256", String(64), nullable=False),  # the name under which the copy lies in the folder of files
    Column("size", BigInteger, nullable=False),  # in bytes
    Column("type", String(128), nullable=False),  # that its bytes prove
    Column("fetched_at", Utc, nullable=False),
    Column("dropped_at", Utc),  # since when the copy is not kept any more; null: it is
    Column("dropped_for", String(16)),  # `budget` or `lost`; null with dropped_at
    Index(None, "wanted_id"),
    Index(None, "sha256"),
    Index("ix_kept_file_kept", "fetched_at", sqlite_where=_STILL_KEPT, postgresql_where=_STILL_KEPT),
)

revision = Table(
    "revision",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seen_at", Utc, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("changed", JSON, nullable=False),  # fields that differ from the one before; `withdrawn`, `restored`
)

feed = Table(
    "feed",
    metadata,
    Column("name", String(160), primary_key=True),  # `all`, `PORTAL`, `PORTAL/CHANNEL`, `PORTAL/changes`
    Column("version", Integer, nullable=False, default=1),
    Column("published_version", Integer, nullable=False, default=0),
    Column("published_at", Utc),  # null: never
    Column("digest", String(64)),  # of its documents as published last; null: never, or before this was kept
    Column("changed_version", Integer, nullable=False, server_default="0"),  # the last one that made other bytes
    Column("claimed_until", Utc),  # end of the lease of who writes it just now, and its fence; null: nobody does
    Index("ix_feed_stale", "name", sqlite_where=_STALE, postgresql_where=_STALE),
)

document = Table(
    "document",
    metadata,
    Column("path", Text, primary_key=True),  # below the publish directory: `feeds/PORTAL/CHANNEL.atom`
    Column("version", BigInteger, nullable=False),  # of document_version, of its last change
    Column("digest", String(64)),  # SHA-256 of the plain bytes; null: removed
    Column("size", Integer, nullable=False),  # of the plain bytes
    Column("modified_at", Utc, nullable=False),
    Column("gz", LargeBinary),  # null: removed
    Column("br", LargeBinary),  # null: removed, or it has no such variant
    Column("zst", LargeBinary),  # null: as with br
    Index(None, "version", unique=True),
)

document_version = Table(  # one row: whoever changes documents holds it until that is committed
    "document_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),  # the last one given out
)

document_stamp = Table(  # what documents were rendered with: other facts have them rendered anew
    "document_stamp",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("facts", Text, nullable=False),
)

hub = Table(
    "hub",
    metadata,
    Column("url", String(2000), primary_key=True),  # of the configuration
    Column("failures", Integer, nullable=False),  # in a row
    Column("next_at", Utc, nullable=False),  # when it may be told something, or a lease on telling it ends
    Column("problem", Text),  # of the last failure; null: the last time went well
)

hub_ping = Table(
    "hub_ping",
    metadata,
    Column("hub", ForeignKey("hub.url"), primary_key=True),
    Column("feed", ForeignKey("feed.name"), primary_key=True),
    Column("version", Integer, nullable=False),  # of the feed's last other bytes that the hub was told of
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String(320), unique=True),  # domain in lower case; null: blanked
    Column("created_at", Utc, nullable=False),
    Column("confirmed_at", Utc),  # null: never confirmed anything
    Column("ended_at", Utc),  # null: not ended; confirming again takes it back
    Column("ended_reason", String(32)),  # null with ended_at
    Column("address_hash", String(64), unique=True),  # keyed; null: the address itself is kept
    Column("asks", Integer, nullable=False, server_default="0"),  # confirmations mailed since it last confirmed
    Column("asked_at", Utc),  # when the last of them was queued; null: none ever was
    Column("mailbox_hash", String(64)),  # keyed, of all its spellings; null: not signed up since limits count by it
    Index(None, "mailbox_hash"),
)

target = Table(
    "target",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("url", Text, nullable=False),  # with the secret that lets it be written to
    Column("secret", Text),  # what messages are signed with; null: they are not
    Column("allow_private", Boolean, nullable=False),
    Column("registered_at", Utc, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("feeds", JSON, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("frequency", String(16), nullable=False),
    Column("changes", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("confirmed_at", Utc),  # null: waits for its confirmation
    Column("ended_at", Utc),  # null: live
    # `unsubscribed`, `complained`, `operator`, `replaced`, `unconfirmed`, `erased`, `moved`, `undone`
    Column("ended_reason", String(32)),  # null with ended_at
    Column("kinds", JSON, nullable=False, server_default="[]"),
    Column("people", JSON, nullable=False, server_default="[]"),
    Column("laws", JSON, nullable=False, server_default="[]"),
    Column("reprints", Boolean, nullable=False, server_default=true()),
    Column("remind", JSON, nullable=False, server_default="[]"),  # days before a deadline
    Column("asked_at", Utc),  # when its confirmation was queued last; null: never
    Column("code_tries", Integer, nullable=False, server_default="0"),  # wrong codes typed since then
    Column("taken_from", ForeignKey("subscriber.id")),  # whose address it takes the place of; null: nobody's
    Column("hour", Integer),  # of its digests, 0 to 23; null: the site's hour, or it is told at once
    Column("time_zone", String(64)),  # of that hour; null: the site's zone, or it is told at once
    Index(None, "subscriber_id"),
    Index(None, "asked_at"),
    Index(None, "taken_from"),
    Index(None, "confirmed_at"),
)

subscription_feed = Table(  # whom a feed's events may concern: `subscription.feeds` the other way round
    "subscription_feed",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", ForeignKey("notice.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("revision", Integer, nullable=False),  # 0 for a reminder
    Column("created_at", Utc, nullable=False),
    Column("fanout_due", Utc),  # null: fanned out; a claim moves it behind its lease
    Column("fanout_fence", Integer, nullable=False, default=0),
    Column("fanout_cursor", Integer, nullable=False, default=0),  # last subscriber id looked at
    Column("expected", Integer, nullable=False, default=0),  # alert items made so far
    Column("about", String(48), nullable=False, default="", server_default=""),  # of a reminder: role, day, days before
    UniqueConstraint("notice_id", "kind", "revision", "about"),
    Index(None, "fanout_due"),
    Index(None, "created_at"),
)

tally = Table(
    "tally",
    metadata,
    Column("event_id", ForeignKey("event.id"), primary_key=True),
    Column("expected", Integer, nullable=False),  # as the last check found them, from here on
    Column("accepted", Integer, nullable=False),
    Column("live", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    Column("unaccounted", Integer, nullable=False),
    Index("ix_tally_wrong", "event_id", sqlite_where=_WRONG, postgresql_where=_WRONG),
)

ledger_check = Table(
    "ledger_check",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("checked_at", Utc, nullable=False),
    Column("cursor", Integer, nullable=False),  # last event that the round came to
    Column("round_ended_at", Utc),  # when a round had been through all events; null: the first is under way
    Column("counted_until", Integer, nullable=False, server_default="0"),  # last delivery of those that were counted
    Column("counted", Integer, nullable=False, server_default="0"),  # how many there are up to it: none is ever deleted
)

epoch = Table(
    "epoch",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("name", String(32), nullable=False),
    Column("beat_at", Utc, nullable=False),  # the last sign of life
    Column("told_until", Utc),  # what was published by then may have been told before; null: not restored, or settled
    Column("held_until", Utc),  # until when mails about that wait; null with told_until
    Column("discards", Boolean, nullable=False, server_default=false()),  # they are not sent
)

digest_run = Table(
    "digest_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("frequency", String(16), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("window_start", Utc, nullable=False),
    Column("window_end", Utc, nullable=False),
    Column("cursor", Integer, nullable=False, default=0),  # last subscriber id gathered
    Column("done_at", Utc),  # null: still being gathered
    # hour and zone that its readers chose, `20@Europe/Berlin`; empty: the site's
    Column("slot", String(80), nullable=False, server_default=""),
    UniqueConstraint("frequency", "slot", "time_zone", "window_end"),
    Index("ix_digest_run_unfinished", "window_end", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("subscription_id", ForeignKey("subscription.id")),  # null unless a confirmation or a relocation
    Column("digest_run_id", ForeignKey("digest_run.id")),  # null unless a digest
    Column("medium", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_at", Utc),  # null: in a final state; a claim moves it behind its lease
    Column("fence", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("first_rendered_at", Utc),  # null: never rendered; the message's Date ever after
    Column("accepted_at", Utc),  # null: not accepted
    Column("problem", Text),  # last reply or reason in words; null: none, or blanked with its address
    Column("tries", Integer, nullable=False, server_default="0"),  # attempts that count: `slower` costs none
    Column("retried_at", Utc),  # when the operator had it tried once more; null: never
    Column("bounced", String(8)),  # what it came back as after acceptance: `hard`, `soft`, `policy`; null: it did not
    Column("bounced_at", Utc),  # null with bounced
    Column("bounce_said", Text),  # the reply that was reported; null with bounced
    Column("complained_at", Utc),  # when its reader called it unwanted; null: never
    UniqueConstraint("digest_run_id", "subscriber_id"),
    Index(None, "next_at", "id"),
    Index("ix_delivery_lost", "id", sqlite_where=LOST, postgresql_where=LOST),
    Index("ix_delivery_open", "state", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_delivery_confirmations", "next_at", "id", sqlite_where=_ASKED, postgresql_where=_ASKED),
    Index("ix_delivery_targets_due", "next_at", sqlite_where=_TO_TARGETS, postgresql_where=_TO_TARGETS),
    Index("ix_delivery_targets", "subscriber_id", "id", sqlite_where=_TO_TARGETS, postgresql_where=_TO_TARGETS),
    Index(None, "subscriber_id"),
)

alert_item = Table(
    "alert_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("event.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("medium", String(16), nullable=False),
    Column("frequency", String(16), nullable=False),
    Column("subscriptions", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("delivery_id", ForeignKey("delivery.id")),  # null: waits for its digest
    Column("slot", String(80), nullable=False, server_default=""),  # whose digest it waits for; as of a digest run
    UniqueConstraint("event_id", "subscriber_id", "medium"),
    Index(None, "delivery_id"),
    Index(None, "frequency", "subscriber_id"),
    Index("ix_alert_item_waits", "frequency", "slot", "subscriber_id", sqlite_where=WAITS, postgresql_where=WAITS),
)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),  # null: its outcome is unknown
    Column("phase", String(16)),  # how far it came: `connect`, `mail`, `rcpt`, `data`; null with ended_at
    Column("reply_code", Integer),  # null: no reply
    Column("reply_text", Text),  # null: no reply, or blanked with its address
    Column("provider", String(255)),  # at whose pace it goes; mails: null until ended_at; null before paces were kept
    Column("reply_class", String(16)),  # what the reply means; null with provider, or there was nothing to judge
    Column("repeats", Boolean, nullable=False, server_default=false()),  # what it offered may have arrived before
    Index(None, "provider", "started_at"),
    Index("ix_attempt_repeats", "delivery_id", sqlite_where=text("repeats = 1"), postgresql_where=text("repeats")),
)

suppression = Table(
    "suppression",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("evidence", Text, nullable=False),  # the last reply that counted, raw; empty: blanked with its address
    Column("struck_at", Utc, nullable=False),
    Column("strikes", Integer, nullable=False),
    Column("suppressed_at", Utc),  # null: strikes are counted, nothing is stopped
    Column("expires_at", Utc),  # null: never, or nothing is stopped
    Column("scope", String(16), nullable=False),  # `all` mails or `alerts`
    Column("lifted_at", Utc),  # null: it holds; a later strike begins anew
    Column("lifted_by", String(16)),  # `operator`, `confirmed`, `accepted`; null with lifted_at
    Column("reported", Boolean, nullable=False, server_default=false()),  # the last strike came back as a mail
)

returned_mail = Table(
    "returned_mail",
    metadata,
    Column("mark", String(64), primary_key=True),  # SHA-256 of its bytes: read twice, it counts once
    Column("read_at", Utc, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id")),  # that it is about; null: none that we know, or a wish
    Index(None, "read_at"),
    Index(None, "delivery_id"),
)

pace = Table(
    "pace",
    metadata,
    Column("provider", String(255), primary_key=True),  # a provider's name, a domain, or `relay`
    Column("slowed_at", Utc, nullable=False),
    Column("paused_until", Utc, nullable=False),
    Column("problem", Text, nullable=False),  # what was said to slow us down
    Column("per_minute", Float),  # mails a minute when it was slowed; null: only paused
    Column("next_free_at", Utc),  # when the next mail may go; null: none went since it was slowed
    Column("broken_until", Utc),  # until when its refusals prove nothing; null: they do
)

portal_gate = Table(  # used where several machines may ask; times are the database's own
    "portal_gate",
    metadata,
    Column("portal", String(64), primary_key=True),
    Column("next_start", Utc, nullable=False),  # when the next request may start; moved by whoever starts one
    Column("gap_seconds", Float, nullable=False),  # how far ahead it was set: a later one is of another clock
    Column("closed_until", Utc),  # until when the portal wants to be left alone; null: it never said so
)

portal_place = Table(  # a connection that the portal allows
    "portal_place",
    metadata,
    Column("portal", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("until", Utc, nullable=False),  # when its lease ends, or ended
    Column("fence", Integer, nullable=False),  # number of the last lease
)

portal_wish = Table(  # a process that waits for a connection
    "portal_wish",
    metadata,
    Column("portal", String(64), primary_key=True),
    Column("process", String(64), primary_key=True),
    Column("since", Utc, nullable=False),  # who came first is let in first
    Column("until", Utc, nullable=False),  # when it counts no longer, unless it is renewed
)

robots = Table(
    "robots",
    metadata,
    Column("portal", String(64), primary_key=True),
    Column("origin", String(300), primary_key=True),  # scheme, host and port
    Column("fetched_at", Utc),  # null: it never came, and nothing below is known
    Column("until", Utc),  # when it is asked for again; null with fetched_at
    Column("body", LargeBinary),  # null: there is none, everything is permitted
    Column("closed", Text),  # why nothing may be asked; null: the body tells
    Column("asked_until", Utc),  # until when others leave the asking to somebody; null: nobody is asking
)
