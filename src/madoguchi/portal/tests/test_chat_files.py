"""Files in a chat: sent beside words or alone, in the limits of every upload, and fetched as downloads."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from madoguchi.cases.models import Attachment
from madoguchi.channels.webchat.models import Visit
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.portal.chat import passes
from madoguchi.portal.chat.passes import open_pass
from madoguchi.portal.tests.conftest import SITE, Browser, all_rows, kept, messages_of, only_case

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def send(
    guest: Browser, *files: SimpleUploadedFile, text: str = "", id: str = "m1", site: str = SITE, **asked: Any
) -> HttpResponse:
    """Post a message with files, as the chat's page does."""
    words = {"pass": guest.signed, "after": 0, "language": "ja", "text": text, "id": id, **asked}
    posted = {"asked": json.dumps(words), "files": list(files)}
    answer = guest.client.post(f"/chat/{guest.address}/said/", posted, headers={"Origin": site})
    guest.signed = answer.json().get("pass", guest.signed)
    return answer


def picture(name: str = "箱のへこみ.png", content: bytes = PICTURE) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def fetch(guest: Browser, file: int) -> HttpResponse:
    """Ask where a file is, and fetch it there."""
    told = guest.ask("file", file=file)
    return guest.client.get(told.json()["address"]) if told.status_code == 200 else told


def test_a_picture_with_words_is_kept_at_the_message(guest):
    # when
    answer = send(guest, picture(), text="箱がへこんでいました。")

    # then
    [said] = answer.json()["said"]
    assert (said["text"], [file["name"] for file in said["files"]]) == (
        "箱がへこんでいました。",
        ["箱のへこみ.png"],
    )
    assert (said["files"][0]["size"], said["files"][0]["open"]) == (len(PICTURE), True)
    [message] = messages_of(only_case())
    assert [file.content_type for file in message.attachments.all()] == ["image/png"]


def test_a_file_needs_no_words_and_opens_a_case(guest):
    assert send(guest, picture()).status_code == 200
    assert kept() == (1, 1, 1)
    [message] = messages_of(only_case())
    assert (message.text, message.attachments.count()) == ("", 1)


def test_sent_twice_it_is_one_message_with_one_file(guest):
    send(guest, picture(), text="写真です。")
    send(guest, picture(), text="写真です。")
    assert kept() == (1, 1, 1)
    with all_rows():
        assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([picture(content=b"x" * 600), picture(content=b"x" * 600)], "0.001 MB 以内"),
        ([picture(f"{n}.png", b"x") for n in range(11)], "10"),
        ([picture(content=b"")], "ファイル"),
    ],
    ids=["too large together", "too many", "empty"],
)
def test_beyond_the_limits_nothing_is_kept_and_it_says_what_to_do(guest, settings, files, why):
    settings.MAX_UPLOAD_BYTES = 1_000
    answer = send(guest, *files, text="写真です。")
    assert (answer.status_code, answer.json()["field"]) == (422, "files")
    assert why in answer.json()["error"]
    assert kept() == (0, 0, 0)
    with all_rows():
        assert not Visit.objects.exists()


def test_from_another_site_no_file_is_taken(guest):
    assert send(guest, picture(), site="https://elsewhere.example").status_code == 403
    assert kept() == (0, 0, 0)


@pytest.mark.parametrize("asked", ["", "[]", "{", "null"])
def test_a_file_beside_no_question_is_refused(guest, asked):
    posted = {"asked": asked, "files": [picture()]}
    answer = guest.client.post(f"/chat/{guest.address}/said/", posted, headers={"Origin": SITE})
    assert answer.status_code == 400
    assert kept() == (0, 0, 0)


def test_its_sender_gets_it_back_as_a_download_and_never_to_be_shown(guest):
    # given a page that would run in a browser
    page = SimpleUploadedFile("a.html", b"<script>alert(1)</script>", "text/html")
    [said] = send(guest, page).json()["said"]

    # when
    got = fetch(guest, said["files"][0]["id"])

    # then
    assert got.content == b"<script>alert(1)</script>"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"] == 'attachment; filename="a.html"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_nobody_else_gets_it(guest, chat, world):
    # given a file of one visitor, and others: of the same chat, and of another company's
    [said] = send(guest, picture()).json()["said"]
    file = said["files"][0]["id"]
    neighbour = Browser(chat.address)
    neighbour.say("こんにちは。", id="n1")
    other = make_entry_point(world.theirs.desk, kind=Channel.CHAT, address="their-chat")
    stranger = Browser(other.address, site="http://testserver")

    # then
    assert fetch(neighbour, file).status_code == 404
    assert stranger.ask("file", file=file).status_code in (403, 404)
    assert guest.client.get(f"/chat/{chat.address}/file/{file}/").status_code == 404
    visitor = open_pass(guest.signed).visitor
    elsewhere = passes.sign_file(file, visitor=visitor)
    assert guest.client.get(f"/chat/{other.address}/file/{elsewhere}/").status_code == 404


def test_the_address_of_a_file_is_good_for_a_moment(guest, monkeypatch):
    [said] = send(guest, picture()).json()["said"]
    address = guest.ask("file", file=said["files"][0]["id"]).json()["address"]
    assert guest.client.get(address).status_code == 200
    monkeypatch.setattr(passes, "FILE_GOOD_FOR", timedelta(seconds=-1))
    assert guest.client.get(address).status_code == 404


def test_a_file_that_is_held_back_is_named_and_not_given(guest):
    # given
    [said] = send(guest, picture()).json()["said"]
    with all_rows():
        Attachment.objects.update(scan=Attachment.Scan.HARMFUL)

    # when
    [again] = guest.look()

    # then
    assert [(file["name"], file["open"]) for file in again["files"]] == [("箱のへこみ.png", False)]
    assert guest.ask("file", file=said["files"][0]["id"]).status_code == 404


def test_what_the_page_may_send_is_told_before_anything_is_uploaded(guest, chat, settings):
    settings.MAX_UPLOAD_BYTES = 25_000_000
    told = guest.client.get(f"/chat/{chat.address}/about/").json()["files"]
    assert (told["most"], told["bytes"]) == (10, 25_000_000)
    assert "25 MB" in told["large"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("misaki@customer.example", "misaki@customer.example"),
        ("メールアドレスは misaki@customer.example です。", "misaki@customer.example"),
        ("misaki@customer.exampleです", "misaki@customer.example"),
        ("前の注文は夫のアドレス taro@customer.example でしましたが、届いていません。", ""),
        ("a@customer.example と b@customer.example です", ""),
        ("misaki@customer", ""),
        ("misaki..@customer.example", ""),
    ],
)
def test_an_address_written_alone_is_where_an_answer_goes_and_proves_nothing(guest, chat, text, address):
    # given somebody who gave none
    guest.say("いつ届きますか。", id="m0")

    # when
    guest.say(text)

    # then
    with scope.acting_for([chat.company_id]):
        assert Visit.objects.get().address == address
        assert list(only_case().customer.identities.values_list("kind", flat=True)) == ["web"]


def test_an_address_in_the_talk_takes_the_place_of_none_that_was_given(guest, chat):
    guest.say("いつ届きますか。", address="first@customer.example", id="m0")
    guest.say("やはり second@customer.example です")
    with scope.acting_for([chat.company_id]):
        assert Visit.objects.get().address == "second@customer.example"
