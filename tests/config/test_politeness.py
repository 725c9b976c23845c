"""What a portal's file says about how it wants to be asked."""

from __future__ import annotations

import tomllib
from datetime import time

import pytest
from pydantic import ValidationError

from feeds.config.portals import PortalFile, make_portal
from feeds.model import Portal

FILE = """
[portal]
name = "linjiang"
title = "临江市人大常委会"
base_url = "http://www.linjiang.example"
{line}
[[channel]]
slug = "tzgg"
title = "通知公告"
url = "/list"
"""


def read(line: str) -> Portal:
    return make_portal(PortalFile.model_validate(tomllib.loads(FILE.format(line=line))))


def test_what_is_not_said_is_the_polite_way() -> None:
    portal = read("")
    assert (portal.robots, portal.proxy, portal.quiet) == ("obey", None, None)


def test_what_is_said_is_kept() -> None:
    assert read('robots = "ignore"').robots == "ignore"
    assert read('proxy = "http://clerk:secret@10.0.0.1:3128"').proxy == "http://clerk:secret@10.0.0.1:3128"
    assert read('quiet = "23:00-06:00"').quiet == (time(23), time(6))


@pytest.mark.parametrize(
    "line",
    [
        'robots = "never"',
        'proxy = "socks5://10.0.0.1"',
        'proxy = "10.0.0.1:3128"',
        'quiet = "at night"',
        'quiet = "23:00"',
        'quiet = "23:00-25:00"',
        'quiet = "06:00-06:00"',
    ],
)
def test_what_cannot_work_is_a_fault(line: str) -> None:
    with pytest.raises(ValidationError):
        read(line)
