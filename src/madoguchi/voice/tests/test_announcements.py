"""Recordings of a company: whose they are, how many, and which numbers play them."""

from collections.abc import Iterator

import pytest

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice import announcements
from madoguchi.voice.actions import set_flow
from madoguchi.voice.announcements import (
    add_announcement,
    announcements_of,
    bytes_of_sound,
    remove_announcement,
    sound_of,
    sounds_there,
    use_announcement_again,
    used_at,
    versions_of,
)
from madoguchi.voice.models import Announcement
from madoguchi.voice.tests.test_samples import wav

pytestmark = pytest.mark.django_db
LOUD = wav(b"\0\x20" * 4000)
COMES_ALONG = {"greeting", "again", "music", "wait"}


@pytest.fixture
def by(world: World) -> Iterator[Actor]:
    """The manager of our company, in its scope."""
    with world.ours.scope():
        yield actor_of(world.ours.company_manager)


@pytest.fixture
def point(world: World, by: Actor) -> EntryPoint:
    """A number of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def add(world: World, by: Actor, name: str = "hello") -> Announcement:
    return add_announcement(world.ours.company.pk, name=name, content=LOUD, by=by)


def flow(point: EntryPoint, by: Actor, *sounds: str, music: tuple[str, ...] = ()) -> None:
    steps = {
        "a": {"kind": "say", "sounds": list(sounds), "next": "b"},
        "b": {"kind": "queue", "keys": {}, "music": list(music or ("music",))},
    }
    set_flow(point, {"start": "a", "steps": steps}, sounds=COMES_ALONG.__contains__, by=by)


def test_a_recording_lasts_as_long_as_it_did_and_is_found_by_its_hash(world: World, by: Actor) -> None:
    made = add(world, by)

    assert (made.number, made.milliseconds, made.user_id) == (1, 500, by.id)
    assert sound_of(world.ours.company.pk, made.digest) == LOUD[44:]
    assert sound_of(world.ours.company.pk, "0" * 64) is None
    assert sound_of(world.theirs.company.pk, made.digest) is None


@pytest.mark.parametrize("span", [(0, 0), (0, 8000), (1, 4001), (7990, 8000), (7990, 9000), (8000, 8010)])
def test_a_part_of_a_recording_is_read_alone(world: World, by: Actor, span: tuple[int, int]) -> None:
    ours, made = world.ours.company.pk, add(world, by)

    assert sound_of(ours, made.digest, span=span) == LOUD[44:][slice(*span)]
    assert [bytes_of_sound(one, made.digest) for one in (ours, world.theirs.company.pk)] == [8000, 0]


@pytest.mark.parametrize("act", ["add", "again", "remove"])
def test_only_who_sets_up_the_company_changes_what_its_callers_hear(
    world: World, by: Actor, act: str
) -> None:
    add(world, by)
    company, agent = world.ours.company.pk, actor_of(world.ours.agent)

    with pytest.raises(NotAllowed):
        match act:
            case "add":
                add(world, agent)
            case "again":
                use_announcement_again(company, name="hello", number=1, by=agent)
            case _:
                remove_announcement(company, name="hello", comes_along=COMES_ALONG.__contains__, by=agent)

    assert [one.number for one in versions_of(company, "hello")] == [1]


def test_there_is_an_end_to_how_many(world: World, by: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "MOST_OF_COMPANY", 2)
    for name in ("one", "two", "two"):
        add(world, by, name)

    with pytest.raises(Refused) as error:
        add(world, by, "three")

    assert error.value.field == "name"
    shown = announcements_of(world.ours.company.pk)
    assert [(one.newest.name, one.newest.number, one.versions) for one in shown] == [
        ("one", 1, 1),
        ("two", 2, 2),
    ]


def kept(name: str = "hello") -> list[tuple[int, int]]:
    """The versions of a recording, and how many bytes lie with each."""
    rows = Announcement.objects.filter(name=name).order_by("number")
    return [(one.number, len(one.sound)) for one in rows]


def test_what_is_heard_again_is_kept_once(world: World, by: Actor) -> None:
    company, first = world.ours.company.pk, add(world, by)
    add_announcement(company, name="hello", content=wav(b"\0\x10" * 4000), by=by)
    for _time in range(2):
        again = use_announcement_again(company, name="hello", number=1, by=by)
    add(world, by)

    assert (again.number, again.digest, again.milliseconds) == (4, first.digest, 500)
    assert kept() == [(1, 0), (2, 8000), (3, 0), (4, 0), (5, 8000)]
    assert sound_of(company, first.digest) == LOUD[44:]


def test_what_two_names_have_stays_when_one_is_deleted(world: World, by: Actor) -> None:
    company, first = world.ours.company.pk, add(world, by)
    add(world, by, "other")
    remove_announcement(company, name="hello", comes_along=COMES_ALONG.__contains__, by=by)
    assert sound_of(company, first.digest) == LOUD[44:]


def test_of_many_versions_the_newest_are_kept(
    world: World, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "MOST_VERSIONS", 2)
    first = add(world, by)
    for loud in (b"\0\x10", b"\0\x08"):
        add_announcement(world.ours.company.pk, name="hello", content=wav(loud * 4000), by=by)
    add(world, by, "other")

    assert (kept(), kept("other")) == ([(2, 8000), (3, 8000)], [(1, 8000)])
    with pytest.raises(NotFound):
        use_announcement_again(world.ours.company.pk, name="hello", number=first.number, by=by)


def test_there_is_an_end_to_how_much_a_company_keeps(
    world: World, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "MOST_KEPT", 16_000)
    other = wav(b"\0\x10" * 4000)
    add(world, by)
    add_announcement(world.ours.company.pk, name="hello", content=other, by=by)

    with pytest.raises(Refused) as error:
        add(world, by, "more")
    use_announcement_again(world.ours.company.pk, name="hello", number=1, by=by)  # takes no more room

    assert (error.value.field, kept("more")) == ("file", [])
    assert kept() == [(1, 0), (2, 8000), (3, 8000)]


def test_what_was_never_there_is_neither_put_back_nor_deleted(world: World, by: Actor) -> None:
    company = world.ours.company.pk
    with pytest.raises(NotFound):
        use_announcement_again(company, name="hello", number=1, by=by)
    with pytest.raises(NotFound):
        remove_announcement(company, name="hello", comes_along=COMES_ALONG.__contains__, by=by)


def test_which_numbers_play_it_is_told_by_what_callers_meet_now(
    world: World, by: Actor, point: EntryPoint
) -> None:
    for name in ("hello", "tune"):
        add(world, by, name)
    flow(point, by, "hello", "greeting", music=("tune",))
    assert {name: used_at(point.company_id)[name] for name in ("hello", "tune")} == {
        "hello": ("050-0000-0001",),
        "tune": ("050-0000-0001",),
    }

    flow(point, by, "greeting")

    assert set(used_at(point.company_id)) == {"greeting", "music"}
    assert used_at(world.theirs.company.pk) == {}


def test_one_in_use_stays_unless_one_of_its_name_comes_along(
    world: World, by: Actor, point: EntryPoint
) -> None:
    for name in ("hello", "greeting"):
        add(world, by, name)
    flow(point, by, "hello", "greeting")
    company = world.ours.company.pk

    with pytest.raises(Refused):
        remove_announcement(company, name="hello", comes_along=COMES_ALONG.__contains__, by=by)
    remove_announcement(company, name="greeting", comes_along=COMES_ALONG.__contains__, by=by)

    assert [one.newest.name for one in announcements_of(company)] == ["hello"]
    there = sounds_there(company, COMES_ALONG.__contains__)
    assert [there(name) for name in ("hello", "greeting", "nothing")] == [True, True, False]
