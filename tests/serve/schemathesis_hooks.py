"""What Schemathesis cannot know of our API: how a cursor is written. It loads this by `SCHEMATHESIS_HOOKS`.

`CURSOR_KEY` in the environment is the key of the site that is asked, in hexadecimal digits.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies as st

from feeds.decide.cursors import write_cursor
from feeds.decide.tokens import Keyring

_KEYRING = Keyring("a", {"a": bytes.fromhex(os.environ["CURSOR_KEY"])})
_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- Hypothesis wants them naive
_PLACES = st.tuples(_TIMES, st.integers(0, 1_023), st.integers(1, 1_000))

schemathesis.openapi.format("cursor", _PLACES.map(lambda place: write_cursor(_KEYRING, place)))
