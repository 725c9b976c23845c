"""The Sent folder of a mail account, over IMAP: providers that keep what they accept there can be asked.

Read only: nothing is marked or moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from feeds.send.accounts import FAULTS, MailAccount, check, connect, explain, log_in, log_out, open_folder, quote
from feeds.send.sightings import Finding
from feeds.send.wire import read_text


@dataclass(frozen=True)
class SentPlace:
    """Looks through a Sent folder."""

    account: MailAccount

    def look(self, message_id: str) -> Finding:
        """Look for a mail by its Message-ID."""
        host = self.account.host
        try:
            return Finding(f"among Sent on {host}") if self._search(message_id) else Finding()
        except FAULTS as fault:
            return Finding(None, read_text(f"{host} cannot be asked for sent mails: {explain(fault)}"))

    def _search(self, message_id: str) -> bool:
        client = connect(self.account)
        try:
            log_in(client, self.account)
            open_folder(client, self.account.folder, readonly=True)
            found = check(client.search(None, "HEADER", "Message-ID", quote(message_id)))
            return bool(found and found[0])
        finally:
            log_out(client)
