"""TLS and DNS that go bad under a watched portal: it fails and says so, nothing is asked elsewhere, and it heals."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.demo.archive import make_archive
from feeds.fetch import addresses
from feeds.fetch.client import PortalClient
from feeds.flows.poll import PollReport
from feeds.model import Portal, Verdict
from feeds.store import portals
from feeds.store.engine import Database
from tests.fetch.servers import CERTIFICATES, Server, certificate_context, page, serving
from tests.flows.conftest import START, HandClock, World, open_world

TITLE = "关于举行听证会的公告"
