"""A mail of which nothing is left but what a phone or program puts under it says nothing."""

import pytest

from madoguchi.channels.email.channel import as_inbound
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.signatures import only_signs

FRAMED = "━━━━━━━━━━━━\n株式会社見本商事 営業部\n山田 太郎\nTEL: 03-1234-5678\n━━━━━━━━━━━━"


def says_nothing(text: str, *, subject: str = "") -> bool:
    head = f"From: a@x.jp\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return as_inbound(parse(f"{head}{text}\n".encode())).says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "iPhoneから送信",
        "\n\n  iPhoneから送信  \n\n",
        "Androidから送信",
        "Sent from my iPhone",
        "Yahoo!メール - iPhoneから送信",
        "-- \n山田 太郎\nTEL: 03-1234-5678",
        FRAMED,
        f"{FRAMED}\niPhoneから送信",
    ],
)
def test_a_signature_alone(text: str) -> None:
    assert only_signs(text)
    assert says_nothing(text)
    assert not says_nothing(text, subject="在庫の件")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "在庫はありますか。",
        "在庫はありますか。\n\niPhoneから送信",
        "iPhoneから送信できません。",
        "在庫\n-- \n山田 太郎",
        "お願いします",
    ],
)
def test_words_of_a_person(text: str) -> None:
    assert not only_signs(text)
    assert not says_nothing(text)
