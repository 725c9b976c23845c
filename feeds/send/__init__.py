"""Outgoing messages: relays that take a mail, and what they said of it."""
