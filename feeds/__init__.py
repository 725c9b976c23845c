"""noticefeeds: feeds and e-mail alerts for public portals that have none. Start reading at feeds/flows/poll.py."""

__version__ = "0.1.0"
