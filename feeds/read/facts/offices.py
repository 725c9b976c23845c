"""Offices as notices write them: behind 为 or 的, up to where the words go on."""

from __future__ import annotations

import re

from feeds.read.facts.names import MARKS, NAME

COMRADE = (
    r"(?: ?等?(?:\d{1,3}|[一二两三四五六七八九十]{1,3})?(?:名|位|人)?(?:同志|先生|女士)"
    r"| ?等 ?(?:\d{1,3}|[一二三四五六七八九十]{1,3}) ?(?:名|位|人))?"
)
POST = (
    rf"(?P<post>[^,。;:\n《》]{{2,90}}?(?:\(兼\))?)(?:职务|一职)?(?: {{0,2}}\([^()\n]{{0,80}}\))?"
    rf"(?= {{0,8}}$| {{0,4}}[,。;\n”]|、 {{0,2}}{NAME}{MARKS}{COMRADE} {{0,3}}(?:为|任|担任|的|因|辞去|提出)|"
    r"(?:的)?(?:请求|申请|辞呈)"
    r"|的(?:决定|决议|议案)》?(?!\(|草案|》\(|的)|以及|、?并|[、 ] {0,2}(?:同时)?(?:决定)?免去)"
)
"""An office, and what may stand behind it."""
OFFICE_WORD = (
    r"(?:主任委员|主任|秘书长|委员|市长|省长|区长|县长|州长|乡长|镇长|主席|院长|检察长|代表|组成人员|局长|厅长|处长"
    r"|部长|会长|审判员|检察员|庭长|组长|陪审员|书记|科长|署长|总监|行长)"
)
SPACED_OFFICE = re.sub(r"(?<=[一-鿿])(?=[一-鿿])", " {0,4}", OFFICE_WORD)
_EDGE = re.compile(r"^(?:的|为|任(?=[^免])|担任|兼任的?|其|所任)|(?:的)?(?:职务|一职|请求|申请|等)$|的$| +")
_END = re.compile(
    r"(?:[长任员记席师表官监事理问裁使士学委督总]|负责人|发言人|召集人|助理|助手|人选|代表资格|职)(?:\(兼\))?$"
)
_VERB = re.compile(r"罢免|免去|任命|接受|颁发|授予|审议|提请|宣读|补选|辞去")
_HELD = re.compile(r"[、,]?(?:并|兼|决定|由其|由|为|其)*$")
"""What leads from an office to one that is held for somebody else."""


def clean_post(post: str | None) -> str | None:
    """Return an office without 的, 为, 职务 and white space at its ends and inside."""
    previous = None
    while post and post != previous:
        previous, post = post, _EDGE.sub("", post.strip(" :、"))
    return post or None


def is_office(post: str | None) -> bool:
    """Tell whether words can be an office: they end like one, and nothing is done in them."""
    return post is not None and _END.search(post) is not None and _VERB.search(post) is None


def split_acting(post: str) -> tuple[str | None, str]:
    """Return the own office, if there is one, and the one that is held for somebody else: 副市长、代理市长."""
    own, _, held = post.rpartition("代理")
    own = _HELD.sub("", own.rstrip())
    return (own, held) if is_office(own) else (None, f"{own}{held}")
