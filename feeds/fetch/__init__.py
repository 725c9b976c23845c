"""Outgoing HTTP: the only room that knows how to ask a portal for a page."""
