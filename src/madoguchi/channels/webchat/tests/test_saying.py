"""What a visitor wrote as bytes, and as an arrival. Pure."""

import pytest

from madoguchi.channels.webchat.channel import WebchatChannel
from madoguchi.channels.webchat.saying import Saying, decode, encode
from madoguchi.kernel.channel import Channel, Clue, File, Party, Unreadable

VISITOR = "visitor-0123456789abcdef"


def saying(**changes: object) -> Saying:
    return Saying(
        **({"id": "m1", "visitor": VISITOR, "text": "在庫はありますか。", "language": "ja"} | changes)
    )


def test_a_message_comes_back_from_its_bytes_as_it_was():
    written = saying(
        called="山田", page="https://shop.example/a", files=(File("図.png", "image/png", b"\x89"),)
    )
    assert decode(encode(written)) == written
    assert encode(written) == encode(written)


def test_what_a_visitor_writes_is_theirs_and_of_one_talk():
    # when
    first, second = (
        WebchatChannel().read(encode(saying(id=one, called="山田 美咲")), own_addresses=())
        for one in ("m1", "m2")
    )

    # then
    assert (first.channel, first.sender) == (Channel.CHAT, Party(VISITOR, "山田 美咲"))
    assert first.external_id == second.external_id == f"chat.{VISITOR}@madoguchi.invalid"
    assert first.clues == (Clue("message_id", first.external_id),)
    assert first.fingerprint != second.fingerprint


def test_the_same_message_under_another_name_is_the_same_message():
    read = WebchatChannel().read
    once, twice = (read(encode(saying(called=name)), own_addresses=()) for name in ("", "山田"))
    assert once.fingerprint == twice.fingerprint


def test_card_numbers_never_come_in():
    inbound = WebchatChannel().read(encode(saying(text="カードは4111 1111 1111 1111です")), own_addresses=())
    assert "1111 1111" not in inbound.text


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"version":2}', b'{"version":1,"id":"a"}', b"\xff"])
def test_other_bytes_are_no_message(raw):
    with pytest.raises(Unreadable):
        WebchatChannel().read(raw, own_addresses=())


def test_nobody_else_than_a_visitor_writes_in_a_chat():
    with pytest.raises(Unreadable):
        WebchatChannel().read(encode(saying(visitor="misaki@customer.example")), own_addresses=())
