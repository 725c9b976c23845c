"""One household or office is one network."""

import pytest

from feeds.decide.networks import find_network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.254", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2fff::1", "2001:db8:1:2f00::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", None),
        ("unix:", None),
        ("example.com", None),
        ("127.0.0.1", None),
        ("::1", None),
    ],
)
def test_an_address_belongs_to_a_network(address: str, network: str | None) -> None:
    assert find_network(address) == network
