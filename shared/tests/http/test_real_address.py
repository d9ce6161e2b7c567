"""Whose address counts behind proxies: only what the trusted ones among them say."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from klima_shared.http.middleware import real_address
from klima_shared.service.settings import ServiceSettings

PROXIES: Final = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        # not a proxy of ours: what it says does not count
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        # the first one was written by the caller himself
        ("10.0.0.1", "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies
        ("10.0.0.1", "10.0.0.3, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("fd00::1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        (None, "203.0.113.9", None),
    ],
)
def test_whose_address_counts(peer: str | None, forwarded: str, expected: str | None) -> None:
    assert real_address(peer, forwarded, PROXIES) == expected


@given(written=st.lists(st.ip_addresses().map(str) | st.text(max_size=20), max_size=5))
def test_nobody_outside_chooses_his_address(written: Sequence[str]) -> None:
    """A trusted proxy appends the address it sees; whatever stood there before changes nothing."""
    before = ",".join(written)
    assert real_address("10.0.0.1", f"{before}, 203.0.113.9", PROXIES) == "203.0.113.9"
    assert real_address("203.0.113.9", before, PROXIES) == "203.0.113.9"


def test_a_proxy_that_is_no_network_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="network"):
        ServiceSettings(database_url="postgresql+psycopg://x@h/x", trusted_proxies=("proxy.de",))
