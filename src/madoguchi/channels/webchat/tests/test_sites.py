"""On which sites a chat may stand: what people write, what browsers say, and that they meet. Pure."""

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.channels.webchat.actions import MOST_SITES, sites_in
from madoguchi.channels.webchat.models import Widget
from madoguchi.channels.webchat.queries import may_stand_on, origin_of
from madoguchi.kernel.errors import Refused

OWN = "https://desk.example/"
hosts = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("https://shop.example/a?b#c", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("https://お店.example", "https://xn--t8jz70l.example"),
        ("https://taro@shop.example", "https://shop.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("shop.example", ""),
        ("//shop.example", ""),
        ("ftp://shop.example", ""),
        ("javascript:alert(1)", ""),
        ("null", ""),
        ("https://", ""),
        ("", ""),
    ],
)
def test_the_origin_of_an_address(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://shop.example", True),
        ("https://desk.example", True),
        ("http://shop.example", False),
        ("https://shop.example:8443", False),
        ("https://www.shop.example", False),
        ("https://shop.example.evil.example", False),
        ("https://evil.example/https://shop.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_chat_stands_on_its_sites_and_on_our_own_pages(origin: str, may: bool) -> None:
    assert may_stand_on(Widget(sites=["https://shop.example"]), origin, own=OWN) is may


def test_a_chat_that_nobody_configured_stands_on_our_own_pages_alone() -> None:
    assert may_stand_on(Widget(), "https://desk.example", own=OWN)
    assert not may_stand_on(Widget(), "https://shop.example", own=OWN)


@pytest.mark.parametrize(
    ("written", "sites"),
    [
        ([], []),
        (["", "  ", "\n"], []),
        ([" https://shop.example/ "], ["https://shop.example"]),
        (["https://b.example", "https://a.example"], ["https://b.example", "https://a.example"]),
        (["https://shop.example", "HTTPS://SHOP.example/"], ["https://shop.example"]),
        (["http://localhost:3000"], ["http://localhost:3000"]),
    ],
)
def test_sites_are_kept_as_browsers_name_them_and_each_once(written: list[str], sites: list[str]) -> None:
    assert sites_in(written) == sites


@pytest.mark.parametrize(
    "wrong",
    [
        "shop.example",
        "https://shop.example/cart",
        "ftp://shop.example",
        "https://",
        "https://[shop",
        "https://shop.example:x",
        "店",
    ],
)
def test_what_is_no_site_is_refused_by_its_name(wrong: str) -> None:
    for language, words in (
        ("ja", f"「{wrong}」はサイトのアドレスではありません。"),
        ("en", f"“{wrong}” is no site. Write it as in https://shop.example, without a page."),
    ):
        with override(language), pytest.raises(Refused) as refused:
            sites_in(["https://shop.example", wrong])
        assert str(refused.value).startswith(words)
        assert refused.value.field == "sites"


@pytest.mark.parametrize("wrong", ["https://taro@shop.example", "https://taro:secret@shop.example/"])
def test_a_site_with_a_user_or_a_password_is_refused_without_repeating_it(wrong: str) -> None:
    with override("ja"), pytest.raises(Refused) as refused:
        sites_in([wrong])
    assert str(refused.value) == (
        "サイトのアドレスにユーザー名やパスワードは入れられません。@より前を除いて入力してください。"
    )
    assert refused.value.field == "sites"


def test_a_chat_stands_on_twenty_sites_and_no_more() -> None:
    sites = [f"https://shop{number}.example" for number in range(MOST_SITES)]
    assert sites_in(sites) == sites
    with override("en"), pytest.raises(Refused, match="on 20 sites at most"):
        sites_in([*sites, "https://one-more.example"])


@settings(max_examples=40)
@given(st.sampled_from(["http", "https"]), hosts, st.sampled_from(["", ":8080"]))
def test_whatever_site_is_named_its_own_pages_carry_the_chat(scheme: str, host: str, port: str) -> None:
    origin = f"{scheme}://{host}{port}"
    [kept] = sites_in([f"{scheme.upper()}://{host.upper()}{port}/"])
    assert kept == origin
    assert may_stand_on(Widget(sites=[kept]), origin, own=OWN)
    assert not may_stand_on(Widget(sites=[kept]), f"{origin}0.example", own=OWN)
