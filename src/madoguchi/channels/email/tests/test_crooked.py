"""Every crooked mail is read right; and however they are garbled further, reading them ends well."""

import json
import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.channels.email.parse import ParsedMail, parse
from madoguchi.channels.email.tests.crooked import ALL, Crooked, said

SEEDS = [one.raw for one in ALL if len(one.raw) < 5_000]
PIECES = [
    b"\r\n",
    b"\n",
    b"--b1\r\n",
    b"--b1--",
    b"Content-Type: multipart/mixed; boundary=b1\r\n",
    b"=?utf-8?B?",
    b"\x1b$B",
    b"\x00",
    b"\xff",
    b"begin 644 a\n",
    b"<html>",
]


def texts(mail: ParsedMail) -> list[str]:
    """Every text of a mail."""
    people = (mail.sender, *mail.to, *mail.cc, *mail.reply_to)
    return [
        mail.message_id,
        *mail.in_reply_to,
        *mail.references,
        *mail.delivered_to,
        *(text for one in people for text in (one.name, one.address)),
        mail.subject,
        mail.text,
        mail.html,
        *(text for file in mail.attachments for text in (file.filename, file.content_type, file.content_id)),
        *mail.warnings,
    ]


def assert_fit_to_store(raw: bytes) -> None:
    mail = parse(raw)
    for text in texts(mail):
        assert "\0" not in text
        assert unicodedata.is_normalized("NFC", text)
        json.dumps(text, ensure_ascii=False).encode()
    assert sum(map(len, texts(mail))) <= 50 * len(raw) + 10_000
    assert len(mail.attachments) <= 1_000


def garbled(raw: bytes, dice: random.Random) -> bytes:
    """The mail with a few bytes changed, pieces put in, cut out or doubled."""
    data = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.randint(0, 40))
        match dice.randrange(5):
            case 0:
                data[at:end] = b""
            case 1:
                data[at:at] = dice.choice(PIECES)
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case _:
                other = dice.choice(SEEDS)
                cut = dice.randrange(len(other))
                data[at:end] = other[cut : cut + 60]
    return bytes(data)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_what_it_says_is_read(one: Crooked) -> None:
    found = said(parse(one.raw))

    assert {name: found[name] for name in one.says} == one.says


def test_no_trick_is_there_twice() -> None:
    names = [one.name for one in ALL]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_whatever_it_says_is_fit_to_store(one: Crooked) -> None:
    assert_fit_to_store(one.raw)


@pytest.mark.parametrize("seed", range(20))
def test_garbled_further_it_is_still_fit_to_store(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(100):
        assert_fit_to_store(garbled(dice.choice(SEEDS), dice))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(SEEDS), st.binary(max_size=40)), max_size=8)
)
def test_pieces_in_any_order_are_fit_to_store(pieces: list[bytes]) -> None:
    assert_fit_to_store(b"".join(pieces))
