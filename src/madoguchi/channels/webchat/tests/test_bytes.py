"""A visitor's message as bytes: any comes back as it was, equal ones are equal, damaged ones say why. Pure."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.channels.webchat.channel import WebchatChannel, external_id, fingerprint
from madoguchi.channels.webchat.saying import Saying, decode, encode
from madoguchi.kernel.channel import File, Unreadable

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
files = st.builds(File, words, words, st.binary(max_size=20))
sayings = st.builds(
    Saying,
    id=words,
    visitor=words,
    text=words,
    language=words,
    called=words,
    page=words,
    files=st.lists(files, max_size=2).map(tuple),
)
WHOLE = {"version": 1, "id": "m1", "visitor": "visitor-1", "called": "", "text": "はい", "language": "ja"}
WHOLE |= {"page": "", "files": []}


@settings(max_examples=50)
@given(sayings, sayings)
def test_any_message_comes_back_and_only_equal_ones_have_equal_bytes(one: Saying, other: Saying) -> None:
    assert decode(encode(one)) == one
    assert (encode(one) == encode(other)) is (one == other)


@pytest.mark.parametrize("name", ["id", "visitor", "called", "text", "language", "page", "files"])
@pytest.mark.parametrize("value", [None, 7, {}])
def test_what_is_missing_or_of_another_kind_is_named(name: str, value: Any) -> None:
    without = {key: kept for key, kept in WHOLE.items() if key != name}
    for damaged in (without, WHOLE | {name: value}):
        with pytest.raises(
            Unreadable, match=f"'{name}' is missing or of the wrong kind in a message of a chat"
        ):
            decode(json.dumps(damaged).encode())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("x", "'content' is missing"),
        ({}, "'content' is missing"),
        ({"content": "!", "filename": "a", "content_type": "b"}, "a file of a message of a chat is damaged"),
        ({"content": "あ", "filename": "a", "content_type": "b"}, "a file of a message of a chat is damaged"),
        ({"content": "", "content_type": "b"}, "'filename' is missing"),
        ({"content": "", "filename": "a"}, "'content_type' is missing"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(file: Any, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        decode(json.dumps(WHOLE | {"files": [file]}).encode())


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b"null", b'"x"', b"{}", json.dumps(WHOLE | {"version": 2}).encode()]
)
def test_other_bytes_are_no_message_of_a_chat(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="no message of a chat"):
        decode(raw)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"called": "山田"}, True),
        ({"page": "https://shop.example/b"}, True),
        ({"language": "en"}, True),
        ({"id": "m2"}, False),
        ({"text": "いいえ"}, False),
        ({"visitor": "visitor-2"}, False),
    ],
)
def test_what_makes_two_copies_one_message(other: dict[str, str], same: bool) -> None:
    first = Saying(id="m1", visitor="visitor-1", text="はい", language="ja")
    said = {"id": "m1", "visitor": "visitor-1", "text": "はい", "language": "ja"} | other
    assert (fingerprint(first) == fingerprint(Saying(**said))) is same


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  はい\r\n\r\nいいえ \n", "はい\n\nいいえ"),
        ("か\u3099いど", "がいど"),
        ("4111-1111-1111-1111", "■■■■-■■■■-■■■■-1111"),
    ],
)
def test_words_come_in_as_they_may_be_kept(typed: str, kept: str) -> None:
    saying = Saying(id="m1", visitor="visitor-1", text=typed, language="en", called=" 山田\n美咲 ")
    inbound = WebchatChannel().read(encode(saying), own_addresses=())
    assert (inbound.text, inbound.new_text, inbound.subject, inbound.language) == (kept, kept, "", "en")
    assert (inbound.sender.name, inbound.external_id) == ("山田 美咲", external_id("visitor-1"))


def test_each_answer_has_an_id_of_its_own_under_the_desks_domain() -> None:
    ids = {WebchatChannel().new_external_id(token="t0k3n", domain="desk.example") for _time in range(5)}
    assert len(ids) == 5
    assert all(one.startswith("chat.t0k3n.") and one.endswith("@desk.example") for one in ids)
