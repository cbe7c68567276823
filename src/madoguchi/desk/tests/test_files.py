"""Files and originals: what is foreign is handed out, and never runs."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.desk.tests.conftest import everything, photo, signed_in
from madoguchi.infra import files as store
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake import channels
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel.channel import Channel, File
from madoguchi.people.factories import World
from madoguchi.portal.links import case_link
from madoguchi.voice.queries import recorded
from madoguchi.voice.tests.test_keeping import recorded as of_call

pytestmark = pytest.mark.django_db

HTML = "<p>こんにちは<script>alert(1)</script><img src=x onerror=alert(1)><img src='https://far.example/a.png'></p>"
MAIL = (
    "From: =?UTF-8?B?6auZ5qmL?= <misaki@home.example>\r\nTo: {to}\r\nSubject: hello\r\n"
    "Message-ID: <1@home.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nこんにちは\r\n"
)


@pytest.fixture
def with_files(world: World) -> Case:
    script = File("罠.html", "image/png", b"<script>alert(1)</script>")
    return make_case(world.ours.entry_point, files=(photo(), script))


def attachments() -> list[Attachment]:
    return everything(Attachment)


def set_html(case: Case, html: str) -> Message:
    with scope.everywhere(reason="a test lets a mail have HTML"):
        Message.objects.filter(case=case).update(html=html)
    return everything(Message, case=case)[0]


def test_a_file_is_saved_under_its_name_and_never_shown(agent: Client, with_files: Case) -> None:
    for file in attachments():
        response = agent.get(f"/attachments/{file.pk}/anything.html")

        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''%")
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]


def test_the_page_of_the_case_leads_to_its_files(agent: Client, world: World, with_files: Case) -> None:
    number = with_files.spoken_number(world.ours.company.prefix)
    page = agent.get(f"/cases/{number}/").content.decode()

    addresses = re.findall(r'href="(/attachments/[^"]+)"', page)
    assert len(addresses) == 2
    assert [agent.get(address).status_code for address in addresses] == [200, 200]


def test_a_recording_is_listened_to_and_nothing_else_is(
    agent: Client, stranger: Client, world: World
) -> None:
    files = (File("message.wav", "audio/wav", as_wav(bytes(3200))), File("x.wav", "audio/wav", b"<script>"))
    case = make_case(world.ours.entry_point, files=files)
    recording, script = attachments()

    heard = agent.get(f"/attachments/{recording.pk}/listen/")
    page = agent.get(f"/cases/{case.spoken_number(world.ours.company.prefix)}/")

    assert (heard.status_code, heard["Content-Type"], heard.getvalue()[:4]) == (200, "audio/wav", b"RIFF")
    assert heard["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert heard["X-Content-Type-Options"] == "nosniff"
    assert agent.get(f"/attachments/{script.pk}/listen/").status_code == 404
    assert stranger.get(f"/attachments/{recording.pk}/listen/").status_code == 404
    drawn = agent.get(f"/attachments/{recording.pk}/shape/")
    assert (drawn.json()["seconds"], len(drawn.json()["sides"])) == (0.2, 1)
    assert agent.get(f"/attachments/{script.pk}/shape/").status_code == 404
    assert stranger.get(f"/attachments/{recording.pk}/shape/").status_code == 404
    assert f'<audio controls preload="none" src="/attachments/{recording.pk}/listen/"' in page.text
    assert "media-src 'self'" in page["Content-Security-Policy"]


def test_who_saves_or_plays_a_recording_of_a_call_is_told_of_and_it_comes_part_by_part(
    agent: Client, world: World, settings: Any
) -> None:
    settings.FILES_ORIGIN = "https://files.example"
    sound = as_wav(bytes(320_000))
    kept = store.put_sealed([sound], company=world.ours.company.pk)
    case = make_case(world.ours.entry_point, files=(recorded("talk.wav", kept),))
    of_call(world.ours, kept.sha256, case=case)
    [file] = attachments()

    saved = agent.get(f"/attachments/{file.pk}/talk.wav")
    part = agent.get(f"/attachments/{file.pk}/listen/", headers={"Range": "bytes=160000-160003"})

    assert (saved.status_code, saved.getvalue()) == (200, sound)
    assert saved["Content-Disposition"] == "attachment; filename*=UTF-8''talk.wav"
    assert (part.status_code, part.getvalue()) == (206, bytes(4))
    with world.ours.scope():
        [told] = Event.objects.filter(kind="call.recording_heard")
    assert (told.case_id, told.actor_id) == (case.pk, world.ours.agent.pk)


def test_a_recording_under_another_key_or_without_its_file_says_so(
    agent: Client, world: World, settings: Any
) -> None:
    company = world.ours.company.pk
    kept = store.put_sealed([as_wav(bytes(3200))], company=company)
    case = make_case(world.ours.entry_point, files=(recorded("talk.wav", kept),))
    of_call(world.ours, kept.sha256, case=case)
    [path] = Path(settings.FILES_ROOT).rglob("*.sealed")
    [file] = attachments()
    doors = [f"/attachments/{file.pk}/{name}" for name in ("talk.wav", "listen/", "shape/")]

    path.write_bytes(path.read_bytes()[:-1] + b"?")  # as unreadable as under another key
    answers = [agent.get(door) for door in doors]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert "別の鍵" in answers[0].content.decode()
    store.drop(kept.sha256, company=company)
    assert [agent.get(door).status_code for door in doors] == [404, 404, 404]


def test_only_what_is_a_picture_by_its_bytes_is_shown(agent: Client, with_files: Case) -> None:
    picture, script = attachments()

    shown = agent.get(f"/attachments/{picture.pk}/preview/")

    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert agent.get(f"/attachments/{script.pk}/preview/").status_code == 404


def test_a_mails_layout_is_shown_cleaned_in_a_frame_that_can_do_nothing(agent: Client, case: Case) -> None:
    message = set_html(case, HTML)

    response = agent.get(f"/messages/{message.pk}/html/")

    body, policy = response.content.decode(), response["Content-Security-Policy"]
    assert "こんにちは" in body
    assert "script>alert" not in body
    assert "onerror" not in body
    assert ' src="https://far.example' not in body
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_the_case_offers_the_layout_and_may_frame_it(agent: Client, case: Case, number: str) -> None:
    message = set_html(case, HTML)

    response = agent.get(f"/cases/{number}/")

    assert f'src="/messages/{message.pk}/html/"' in response.content.decode()
    assert "frame-src 'self'" in response["Content-Security-Policy"]


def test_a_list_may_frame_it_too_for_a_case_opens_within_its_page(agent: Client) -> None:
    for address in ("/", "/cases/"):
        assert "frame-src 'self'" in agent.get(address)["Content-Security-Policy"]


def test_a_mail_without_layout_has_none_to_show(agent: Client, case: Case) -> None:
    (message,) = everything(Message)

    assert agent.get(f"/messages/{message.pk}/html/").status_code == 404


def came_in(world: World, raw: bytes) -> Message:
    """The message that this mail became."""
    channels.register(Channel.EMAIL, EmailChannel())
    arrival = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    assert arrival is not None
    handle(arrival, company=world.ours.company.pk)
    return everything(Message, author="customer")[-1]


def readings() -> list[tuple[str, int, bool]]:
    """Who read which message as it came or left."""
    return [
        (e.actor_name, e.data["message"], e.data["sent"])
        for e in everything(Event, kind="message.source_read")
    ]


def test_a_key_in_an_original_is_taken_out_and_the_reading_told(supervisor: Client, world: World) -> None:
    # given a mail that quotes the customer's own link
    link = case_link(71, world.ours.company.pk, 3)
    raw = MAIL.format(to=world.ours.entry_point.address).encode()
    message = came_in(world, raw + f"\r\n> {link[:50]}\r\n> {link[50:]}\r\n".encode())

    # when
    response = supervisor.get(f"/messages/{message.pk}/original/")

    # then
    assert response.status_code == 200
    assert b"****" in response.content
    assert link[60:80].encode() not in response.content
    assert readings() == [(world.ours.supervisor.name, message.pk, False)]
    with scope.everywhere(reason="a test looks for the case"):
        number = message.case.spoken_number(world.ours.company.prefix)
    page = supervisor.get(f"/cases/{number}/").content.decode()
    assert f"{world.ours.supervisor.name}さんが、" in page
    assert "のメッセージの原文を開きました" in page


def test_operators_open_no_original(agent: Client, world: World) -> None:
    message = came_in(world, MAIL.format(to=world.ours.entry_point.address).encode())
    with scope.everywhere(reason="a test looks for the case"):
        number = message.case.spoken_number(world.ours.company.prefix)

    assert agent.get(f"/messages/{message.pk}/original/").status_code == 403
    assert "/original/" not in agent.get(f"/cases/{number}/").content.decode()
    assert readings() == []


def test_companys_people_open_originals(world: World) -> None:
    message = came_in(world, MAIL.format(to=world.ours.entry_point.address).encode())

    assert signed_in(world.ours.company_staff).get(f"/messages/{message.pk}/original/").status_code == 200
    assert readings() == [(world.ours.company_staff.name, message.pk, False)]


def test_a_key_in_an_attached_mail_of_ours_is_taken_out(agent: Client, world: World) -> None:
    # given
    link = case_link(71, world.ours.company.pk, 1)
    raw = (
        f"From: a@home.example\r\nTo: {world.ours.entry_point.address}\r\nMessage-ID: <att@x>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nsee\r\n"
        "--B\r\nContent-Type: application/octet-stream; name=ours.eml\r\n"
        f"Content-Disposition: attachment; filename=ours.eml\r\n\r\nSubject: x\r\n\r\n{link}\r\n--B--\r\n"
    )
    came_in(world, raw.encode())
    [file] = attachments()

    # when
    saved = agent.get(f"/attachments/{file.pk}/ours.eml").content

    # then
    assert b"/my/****/" in saved
    assert link.rpartition(".")[2].encode() not in saved


def test_the_original_comes_byte_for_byte(supervisor: Client, world: World) -> None:
    channels.register(Channel.EMAIL, EmailChannel())
    raw = MAIL.format(to=world.ours.entry_point.address).encode()
    arrival = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    handle(arrival, company=world.ours.company.pk)
    (message,) = everything(Message, author="customer")

    response = supervisor.get(f"/messages/{message.pk}/original/")

    assert response.content == raw
    assert response["Content-Type"] == "text/plain"
    assert response["Content-Disposition"].startswith("attachment;")


def test_what_never_came_in_raw_has_no_original(supervisor: Client, case: Case) -> None:
    (message,) = everything(Message)

    assert supervisor.get(f"/messages/{message.pk}/original/").status_code == 404


def test_originals_are_kept_from_those_who_may_not_see_all_of_the_customer(world: World, case: Case) -> None:
    with scope.everywhere(reason="a test changes the contract"):
        world.ours.engagement.masked = ["email"]
        world.ours.engagement.save()
    (message,) = everything(Message)

    assert signed_in(world.ours.supervisor).get(f"/messages/{message.pk}/original/").status_code == 403


def test_another_companys_person_finds_no_file_and_no_mail(stranger: Client, with_files: Case) -> None:
    message = set_html(with_files, HTML)
    file = attachments()[0]

    for address in (
        f"/attachments/{file.pk}/{file.filename}",
        f"/attachments/{file.pk}/preview/",
        f"/messages/{message.pk}/original/",
        f"/messages/{message.pk}/html/",
    ):
        assert stranger.get(address).status_code == 404, address


def test_files_come_from_an_address_of_their_own_where_they_have_one(
    agent: Client, stranger: Client, with_files: Case, settings: Any
) -> None:
    settings.FILES_ORIGIN = "https://files.example"
    settings.ALLOWED_HOSTS = ["*"]
    file = attachments()[1]

    response = agent.get(f"/attachments/{file.pk}/{file.filename}")

    assert response.status_code == 302
    assert response["Location"].startswith("https://files.example/handed/")
    path = response["Location"].removeprefix("https://files.example")
    saved = Client().get(path, headers={"Host": "files.example"})
    assert (saved.content, saved["Content-Disposition"][:10]) == (b"<script>alert(1)</script>", "attachment")
    assert stranger.get(f"/attachments/{file.pk}/{file.filename}").status_code == 404


def test_nothing_but_files_is_served_there(agent: Client, with_files: Case, settings: Any) -> None:
    settings.FILES_ORIGIN = "https://files.example"
    settings.ALLOWED_HOSTS = ["*"]

    assert agent.get("/cases/", headers={"Host": "files.example"}).status_code == 404
    assert agent.get("/static/look/base.css", headers={"Host": "files.example"}).status_code == 404
    assert agent.get("/cases/").status_code == 200


def test_the_frame_of_a_mail_may_show_pictures_from_there(agent: Client, case: Case, settings: Any) -> None:
    settings.FILES_ORIGIN = "https://files.example"
    message = set_html(case, HTML)

    policy = agent.get(f"/messages/{message.pk}/html/")["Content-Security-Policy"]

    assert "img-src 'self' data: https://files.example;" in policy
