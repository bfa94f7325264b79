"""Where the server listens, and what its owner is told about it."""

import pytest

from iae.errors import ConfigError
from iae.web.address import address_of
from iae.web.server import open_socket


def test_unless_told_only_this_machine_is_served_and_nothing_needs_saying():
    address = address_of("127.0.0.1", 8765, None)
    assert address.url == "http://127.0.0.1:8765"
    assert address.origins == ("http://127.0.0.1:8765", "http://localhost:8765")
    assert address.warnings == ()


def test_another_host_without_a_base_url_is_refused_with_the_option_to_add():
    with pytest.raises(ConfigError, match=r"lets other machines in.*add it: --base-url"):
        address_of("0.0.0.0", 8765, None)


def test_letting_others_in_is_explained():
    said = " ".join(address_of("0.0.0.0", 8765, "https://rate.example.org").warnings)
    assert "whoever reaches this machine reaches it" in said
    assert "must pass requests on to port 8765" in said


def test_an_address_without_encryption_is_warned_of():
    said = " ".join(address_of("127.0.0.1", 8765, "http://rate.example.org").warnings)
    assert "is not https" in said


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://Rate.Example.org/", "https://rate.example.org"),
        ("https://rate.example.org:443", "https://rate.example.org"),
        ("http://rate.example.org:8080", "http://rate.example.org:8080"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]"),
    ],
)
def test_a_base_url_becomes_what_browsers_send_as_origin(given: str, url: str):
    assert address_of("127.0.0.1", 8765, given).url == url


@pytest.mark.parametrize(
    "given",
    ["rate.example.org", "ftp://rate.example.org", "https://", "https://a:b@c", "https://a:99999",
     "https://rate.example.org/study", "https://rate.example.org?x=1"],
)  # fmt: skip
def test_a_base_url_that_is_more_or_less_than_an_address_is_refused(given: str):
    with pytest.raises(ConfigError, match="--base-url must be like"):
        address_of("127.0.0.1", 8765, given)


def test_the_local_address_of_ipv6_is_written_with_brackets():
    assert address_of("::1", 8765, None).url == "http://[::1]:8765"


def test_a_port_that_is_taken_is_one_clear_line():
    with (
        open_socket("127.0.0.1", 0) as taken,
        pytest.raises(ConfigError, match="Address already in use; choose another with --host"),
    ):
        open_socket("127.0.0.1", taken.getsockname()[1])
