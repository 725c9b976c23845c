"""`feeds doctor --mail`: everything between a mail and its reader, put together from the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.decide.checks import Check, State
from feeds.decide.tokens import Keyring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from feeds.config import Settings
    from feeds.model import Portal


_UNSIGNED = Keyring("none", {"none": b""})
"""Where the installation has no key yet: looking makes none, and nothing that this one signs leaves."""


async def check_mail(settings: Settings, portals: Sequence[Portal], canary: str | None) -> AsyncIterator[Check]:
    """Yield how everything about mail is; `canary`: where to send a sample, None: nowhere.

    Raises ConfigError if a key that signs mails cannot be used, or the relay's address names none.
    """
    from feeds.daemon.parts import read_clock
    from feeds.daemon.sealing import open_dkim_keys
    from feeds.daemon.secret import read_keyring
    from feeds.daemon.templates import load_templates
    from feeds.daemon.workshop import open_configured_relay
    from feeds.fetch.names import NameServer
    from feeds.flows.compose import Composing
    from feeds.flows.mail_checks import check_one_click, check_relay, check_samples, send_canary
    from feeds.flows.mail_names import check_names

    mail, keys, keyring = settings.mail, open_dkim_keys(settings.mail), read_keyring(settings.site.secret_file)
    named = {portal.name: portal for portal in portals}
    composing = Composing(settings.site, mail, settings.alerts, named, keyring or _UNSIGNED, load_templates(), keys)
    async for check in check_names(NameServer(mail.resolver), mail, keys):
        yield check
    for check in check_samples(composing, read_clock()):
        yield check
    yield await check_relay(mail.relay)
    if not keyring:
        said = "还没有密钥，未试一键退订和样信，请先启动一次守护进程 no key yet, neither was tried: start the daemon"
        yield Check("一键退订 one-click unsubscribing", State.WARNING, said)
        return
    yield await check_one_click(settings.site.base_url, keyring)
    if canary:
        relay = open_configured_relay(settings)
        try:
            yield await send_canary(composing, relay, canary, read_clock())
        finally:
            await relay.close()
