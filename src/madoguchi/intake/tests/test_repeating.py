"""What ends the mails of one writer again and again signs them, and folds away without a letter lost."""

import pytest

from madoguchi.cases.models import Message
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.kernel.pieces import Kind
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
CARD = "みどり園芸\n担当 佐藤"
MISAKI = "misaki@home.example"


def said(world: World, number: int, body: str, *, sender: str = MISAKI, more: str = "") -> Message:
    head = f"From: {sender}\nMessage-ID: <r{number}@home.example>\nContent-Type: text/plain; charset=utf-8\n{more}\n"
    arrival = arrive(world.ours, (head + body).encode())
    with world.ours.scope():
        return Message.objects.get(pk=arrival.message_id)


def kinds(message: Message) -> list[tuple[str, str]]:
    return [(str(piece.kind), piece.text) for piece in message.in_pieces()]


def test_the_third_mail_that_ends_alike_is_signed(world: World) -> None:
    first, second, third = (said(world, n, f"{n}通目です。\n\n{CARD}\n") for n in range(3))

    assert [kinds(m) for m in (first, second)] == [[("new", m.text)] for m in (first, second)]
    assert kinds(third) == [
        ("new", "2通目です。\n\n"),
        ("signature", third.text.removeprefix("2通目です。\n\n")),
    ]
    assert (third.new_text, "".join(text for _kind, text in kinds(third))) == ("2通目です。", third.text)


def test_above_a_quotation_too(world: World) -> None:
    quoted = "\n2026年8月1日(土) 10:00 青空商店 <support@shop.example>:\n> いかがですか。\n> 青空商店\n"
    for n in range(2):
        said(world, n, f"{n}通目です。\n\n{CARD}\n{quoted}")

    third = said(world, 2, f"はい。\n\n{CARD}\n{quoted}")

    assert [kind for kind, _text in kinds(third)] == [Kind.NEW, Kind.SIGNATURE, Kind.QUOTE]
    assert (third.new_text, "".join(text for _kind, text in kinds(third))) == ("はい。", third.text)


@pytest.mark.parametrize(
    "tail",
    [
        "りんご 2個\nみかん 3箱",  # the order of each month
        "いつもの品を\nお願いします。",  # words
        "佐藤",  # one line hides nothing worth it
        "届け先:\n\n東京都千代田区1-1\n佐藤 花子",  # announced, so it belongs to the matter
    ],
)
def test_what_may_be_the_matter_itself_stays(world: World, tail: str) -> None:
    *_others, last = (said(world, n, f"{n}通目です。\n\n{tail}\n") for n in range(4))

    assert kinds(last) == [("new", last.text)]


def test_others_who_end_alike_sign_nobodys_mail(world: World) -> None:
    for n in range(3):
        said(world, n, f"{n}通目です。\n\n{CARD}\n", sender=f"other{n}@home.example")

    own = said(world, 9, f"はじめまして。\n\n{CARD}\n")

    assert kinds(own) == [("new", own.text)]


def test_the_same_words_again_are_one_mail(world: World) -> None:
    for n in range(3):
        said(world, n, f"まだですか。\n\n{CARD}\n")

    other = said(world, 9, f"届きました。\n\n{CARD}\n")

    assert kinds(other) == [("new", other.text)]


def test_a_card_alone_is_all_there_is_to_read(world: World) -> None:
    for n in range(2):
        said(world, n, f"{n}通目です。\n\n{CARD}\n")

    alone = said(world, 9, f"{CARD}\n")

    assert kinds(alone) == [("new", alone.text)]
