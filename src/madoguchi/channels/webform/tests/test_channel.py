"""A sent form as an arrival."""

from urllib.parse import quote

import pytest

from madoguchi.channels.webform.channel import WebformChannel, external_id, readable
from madoguchi.channels.webform.submission import Answer, encode
from madoguchi.channels.webform.tests.test_submission import submission
from madoguchi.kernel.channel import Channel, Clue, File, Party, Unreadable
from madoguchi.portal.links import case_link


def read(**changed):
    return WebformChannel().read(encode(submission(**changed)), own_addresses=[])


def test_it_says_who_wrote_what():
    photo = File("写真.jpg", "image/jpeg", b"\xff\xd8")

    arrived = read(phone=" 090-1234-5678 ", files=(photo,), language="en")

    assert arrived.channel == Channel.FORM
    assert arrived.sender == Party("misaki@customer.example", "山田 美咲")
    assert (arrived.subject, arrived.text, arrived.new_text) == (
        "交換",
        "交換できますか。",
        "交換できますか。",
    )
    assert (arrived.phone, arrived.language, arrived.files) == ("090-1234-5678", "en", (photo,))
    assert arrived.automatic == ""


def test_a_first_contact_looks_for_an_earlier_sending_of_the_same_form():
    assert read(token="t9").clues == (Clue("message_id", "form.t9@madoguchi.invalid"),)
    assert read(token="t9").external_id == external_id("t9")


def test_an_answer_looks_for_its_case_and_nothing_else():
    assert read(case_token="abc").clues == (Clue("token", "abc"),)


def test_only_the_very_same_form_has_the_same_fingerprint():
    assert read().fingerprint == read().fingerprint
    assert len(read().fingerprint) == 32
    assert read().fingerprint != read(text="別の話").fingerprint


def test_text_is_stored_composed_and_clean():
    decomposed = read(text="か\u3099っき\r\nです\x00", subject="a\nb\u0000c", name="山田\n美咲")

    assert decomposed.text == "がっき\nです"
    assert decomposed.subject == "a bc"
    assert decomposed.sender.name == "山田 美咲"


def test_card_numbers_are_blotted_out_everywhere():
    card = "4111-1111-1111-1111"

    arrived = read(text=card, subject=card, answers=(Answer(label="番号", value=card),))

    assert "4111" not in arrived.text + arrived.subject
    assert arrived.subject == "■■■■-■■■■-■■■■-1111"


def test_bytes_that_are_no_form_are_unreadable():
    with pytest.raises(Unreadable):
        WebformChannel().read(b"<html>", own_addresses=[])


def test_answers_stand_below_the_message_and_unanswered_questions_are_left_out():
    answers = (
        Answer(label="注文番号", value="H-77"),
        Answer(label="購入日", value=" "),
        Answer(label="くわしく", value="一行目\n二行目"),
    )

    text = readable(submission(text="動きません。\n", answers=answers))

    assert text == "動きません。\n\n【注文番号】 H-77\n\n【くわしく】\n一行目\n二行目"


def test_the_text_holds_neither_name_nor_address_nor_number():
    text = readable(submission(phone="090-1234-5678"))

    assert text == "交換できますか。"


def test_a_key_to_an_own_page_is_taken_out_wherever_it_was_typed() -> None:
    link = case_link(71, 4, 2)
    proof = link.rstrip("/").rpartition(".")[2]

    arrived = read(
        subject=link,
        name=link,
        text=f"> {link[:50]}\n> {link[50:]}",
        answers=(Answer(label="どこで", value=quote(link, safe="")),),
    )

    shown = arrived.subject + arrived.sender.name + arrived.text + arrived.new_text
    assert shown.count("■■■■") == 5 + 1
    assert proof[:15] not in shown
    assert proof[-15:] not in shown
