"""No link that leads to a customer's own page leaves a usable key behind, whatever a mail program made of it."""

import html
import quopri
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madoguchi.kernel.own_pages import blot_own_pages, blot_own_pages_in
from madoguchi.kernel.text import BLOT
from madoguchi.portal.links import case_link, open_link


def percent(link: str) -> str:
    return quote(link, safe="")


def every_percent(link: str) -> str:
    return "".join(f"%{ord(c):02x}" for c in link)


def safelinks(link: str) -> str:
    return f"https://jpn01.safelinks.protection.outlook.com/?url={percent(link)}&data=05%7C02"


def proofpoint(link: str) -> str:
    dressed = percent(link).replace("-", "-2D").replace("_", "-5F").replace("%", "-").replace("-2F", "_")
    return f"https://urldefense.proofpoint.com/v2/url?u={dressed}&d=Dw"


def entities(link: str) -> str:
    return link.replace("/", "&#x2f;").replace("m", "&#109;").replace(".", "&period;").replace("-", "&#45;")


def every_entity(link: str) -> str:
    return "".join(f"&#{ord(c)};" for c in link)


def printable(link: str) -> str:
    return quopri.encodestring(("あ" * 20 + link).encode()).decode()


def wrapped(link: str) -> str:
    return link.replace(".", ".<wbr>").replace("-", "<b>-</b>")


def attribute(link: str) -> str:
    return f"<p><a href=\"{safelinks(link)}\" title='{link}'>開く</a>"


DRESSES: list[Callable[[str], str]] = [
    str,
    percent,
    every_percent,
    lambda link: percent(percent(link)),
    safelinks,
    lambda link: safelinks(safelinks(link)),
    lambda link: html.escape(safelinks(link)),
    proofpoint,
    entities,
    every_entity,
    printable,
    wrapped,
    attribute,
    lambda link: entities(percent(link)),
    lambda link: "\u200b".join(link),
    lambda link: f"<{link}>",
    lambda link: link.split("/my/")[1],
    lambda link: link.replace("/", "\\/").replace("-", "\\u002d"),
]

links = st.builds(case_link, st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1), st.integers(1, 2**31 - 1))


def usable(text: str, link: str) -> bool:
    """Whether enough of the proof is left, anywhere in the text, to try the rest: half of it."""
    proof = link.rstrip("/").rpartition(".")[2]
    bare = re.sub(r"[^A-Za-z0-9_-]", "", text)
    return any(proof[at : at + 21] in bare for at in range(len(proof) - 20))


@given(links, st.sampled_from(DRESSES), st.text(max_size=20), st.text(max_size=20))
@example(case_link(1, 1, 1), str, "", "")
@example(case_link(12, 25, 40), proofpoint, "", "")
def test_in_any_dress_it_is_taken_out(
    link: str, dress: Callable[[str], str], before: str, after: str
) -> None:
    blotted = blot_own_pages(f"{before}\n{dress(link)}\n{after}")

    assert BLOT * 4 in blotted
    assert not usable(blotted, link)


@given(
    links,
    st.integers(1, 150),
    st.sampled_from(["\n", "\r\n", " \n", "\n> ", "\n>> ", "\n  ", "\n＞ ", "=\r\n"]),
)
def test_broken_over_lines_it_is_taken_out(link: str, at: int, line_end: str) -> None:
    for dress in (str, percent, safelinks):
        dressed = dress(link)
        place = at % len(dressed)
        blotted = blot_own_pages(f"> {dressed[:place]}{line_end}{dressed[place:]}")

        assert not usable(blotted, link)


@given(links, st.sampled_from(DRESSES))
def test_of_bytes_too(link: str, dress: Callable[[str], str]) -> None:
    for charset in ("utf-8", "utf-16"):
        blotted = blot_own_pages_in(f"前に\n{dress(link)}\n後に".encode(charset))

        text = blotted.decode(charset)
        assert text.startswith("前に\n")
        assert text.endswith("\n後に")
        assert not usable(text, link)


@given(st.text())
def test_what_holds_no_key_stays_as_it_is(text: str) -> None:
    assert blot_own_pages(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-08.\n-------------------------------------------------------\n次の件",
        "Chapter 1-1. Introduction To Networks And What They Are Good For In Everyday Life",
        "100% =20 &amp; &nbsp; <p>1-2.</p>",
        "https://shop.example/my/orders/12-34",
        "",
    ],
)
def test_what_looks_like_one_stays(text: str) -> None:
    assert blot_own_pages(text) == text
    assert blot_own_pages_in(text.encode()) == text.encode()


def test_the_words_around_stay() -> None:
    link = case_link(7, 3, 2)

    assert blot_own_pages(f"見る: {link} です") == f"見る: {link.split('/my/')[0]}/my/{BLOT * 4}/ です"


def test_two_are_both_taken_out() -> None:
    one, other = case_link(7, 3, 2), case_link(8, 3, 1)

    blotted = blot_own_pages(f"{one} {safelinks(other)}")

    assert blotted.count(BLOT * 4) == 2
    assert not usable(blotted, one)
    assert not usable(blotted, other)


def test_the_links_of_these_tests_are_good() -> None:
    assert open_link(case_link(7, 3, 2).rstrip("/").rpartition("/")[2]) == (3, 7, 2)
