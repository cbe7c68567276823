"""Recordings that a company uploads for its callers: by page, and as callers then hear them."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.flows import flow_in_force, learn_sounds
from madoguchi.channels.phone.sounds import as_wav, frames
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import set_flow
from madoguchi.voice.models import Announcement
from madoguchi.voice.tests.test_speech import voice

pytestmark = pytest.mark.django_db
LOUD = b"\x00\x20" * 8000
QUIET = b"\x00\x02" * 4000
FLOW = {"start": "hello", "steps": {"hello": {"kind": "say", "sounds": ["hello"]}}}


@pytest.fixture
def point(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


@pytest.fixture
def manager(client: Client, world: World) -> Client:
    client.force_login(world.ours.company_manager)
    return client


def page(world: World, place: str = "company_announcements", /, **more: object) -> str:
    return reverse(f"administration:{place}", kwargs={"pk": world.ours.company.pk, **more})


def upload(manager: Client, world: World, name: str = "hello", content: bytes = as_wav(LOUD)) -> int:
    file = SimpleUploadedFile("a.wav", content, content_type="audio/wav")
    return manager.post(page(world), {"name": name, "file": file}).status_code


def stored(world: World) -> list[tuple[str, int, bytes]]:
    with world.ours.scope():
        rows = Announcement.objects.order_by("name", "number")
        return [(one.name, one.number, bytes(one.sound)) for one in rows]


def test_a_recording_is_kept_with_its_versions_and_can_be_listened_to(manager: Client, world: World) -> None:
    assert "登録した音声はまだありません" in manager.get(page(world)).text

    assert [upload(manager, world), upload(manager, world, content=as_wav(QUIET))] == [302, 302]

    assert stored(world) == [("hello", 1, LOUD), ("hello", 2, QUIET)]
    with world.ours.scope():
        newest = Announcement.objects.get(number=2)
        told = Event.objects.filter(kind="announcement.changed").order_by("id")
        assert [(one.data["name"], one.data["version"]) for one in told] == [("hello", 1), ("hello", 2)]
    sound = page(world, "announcement_sound", digest=newest.digest)
    assert sound in manager.get(page(world)).text
    assert manager.get(sound).content == as_wav(QUIET)

    again = page(world, "announcement_again", name="hello", number=1)
    assert again in manager.get(page(world, "announcement", name="hello")).text
    assert manager.post(again).status_code == 302
    assert stored(world)[2] == ("hello", 3, LOUD)


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("Hello", as_wav(LOUD), "name"),
        ("a b", as_wav(LOUD), "name"),
        ("x" * 41, as_wav(LOUD), "name"),
        ("hello", b"ID3 this is an mp3", "file"),
        ("hello", as_wav(b"\0\0" * 400), "file"),
        ("hello", b"", "file"),
    ],
)
def test_what_cannot_be_used_is_refused(
    manager: Client, world: World, name: str, content: bytes, field: str
) -> None:
    file = SimpleUploadedFile("a.wav", content)
    answer = manager.post(page(world), {"name": name, "file": file})
    assert (answer.status_code, list(answer.context["form"].errors), stored(world)) == (422, [field], [])


def test_it_is_played_by_flows_and_goes_only_when_none_plays_it(
    manager: Client, world: World, point: EntryPoint
) -> None:
    upload(manager, world)
    remove = page(world, "announcement_remove", name="hello")
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        with pytest.raises(Refused):
            set_flow(point, {**FLOW, "start": "x"}, sounds=sounds.is_there, by=by)
        set_flow(point, FLOW, sounds=sounds.is_there, by=by)
        assert flow_in_force(point)[0].start == "hello"
    shown = manager.get(page(world, "announcement", name="hello")).text
    assert "050-0000-0001 で使われています" in shown

    assert manager.post(remove).status_code == 422
    assert len(stored(world)) == 1

    with world.ours.scope():
        other = {"start": "a", "steps": {"a": {"kind": "say", "sounds": ["greeting"]}}}
        set_flow(point, other, sounds=sounds.is_there, by=by)
    assert manager.post(remove).status_code == 302
    assert stored(world) == []
    with world.ours.scope():
        assert Event.objects.filter(kind="announcement.removed").count() == 1
        with pytest.raises(Refused):
            set_flow(point, FLOW, sounds=sounds.is_there, by=by)


def test_one_that_comes_along_gives_way_and_comes_back(manager: Client, world: World) -> None:
    upload(manager, world, "greeting")
    with world.ours.scope():
        own = learn_sounds(world.ours.company.pk)
    [digest] = own.values()
    assert list(own) == ["greeting"]
    assert len(frames(digest, 0)) == 50
    assert frames(digest, 0) != frames("greeting", 0)[:50]
    with world.theirs.scope():
        assert learn_sounds(world.theirs.company.pk) == {}

    assert manager.post(page(world, "announcement_remove", name="greeting")).status_code == 302
    with world.ours.scope():
        assert learn_sounds(world.ours.company.pk) == {}


def test_a_carrier_fetches_it_for_the_company_s_own_number_alone(
    manager: Client, world: World, point: EntryPoint
) -> None:
    upload(manager, world)
    make_entry_point(world.theirs.desk, kind=Channel.PHONE, address="+815000000002")
    with world.ours.scope():
        digest = Announcement.objects.get().digest
    assert Client().get(f"/calls/815000000001/sounds/{digest}.wav").content == as_wav(LOUD)
    assert Client().get(f"/calls/815000000002/sounds/{digest}.wav").status_code == 404


def test_who_sets_up_nothing_uploads_nothing(client: Client, world: World) -> None:
    client.force_login(world.ours.agent)
    assert upload(client, world) == 403
    assert stored(world) == []


def test_words_are_spoken_where_there_is_a_voice(manager: Client, world: World, tmp_path: Path) -> None:
    assert manager.post(page(world), {"name": "hello", "words": "はい"}).status_code == 422
    with override_settings(SPEECH=voice(tmp_path, "cat > words", "cat sound.wav")):
        for said in ({}, {"words": " "}, {"words": "あ" * 501}):
            assert manager.post(page(world), {"name": "hello"} | said).status_code == 422
        assert stored(world) == []

        assert manager.post(page(world), {"name": "hello", "words": "本日は休業日です。"}).status_code == 302
        assert stored(world) == [("hello", 1, LOUD)]
        assert (tmp_path / "words").read_text() == "本日は休業日です。"


def test_what_a_recording_says_stays_with_each_version(manager: Client, world: World) -> None:
    for words, sound in (("本日は休業日です。", LOUD), ("", QUIET)):
        file = SimpleUploadedFile("a.wav", as_wav(sound))
        manager.post(page(world), {"name": "hello", "words": words, "file": file})
    assert "本日は休業日です。" not in manager.get(page(world)).text

    manager.post(page(world, "announcement_again", name="hello", number=1))
    assert "本日は休業日です。" in manager.get(page(world)).text
    with world.ours.scope():
        assert [one.words for one in Announcement.objects.order_by("number")] == [
            "本日は休業日です。",
            "",
            "本日は休業日です。",
        ]
