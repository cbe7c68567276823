"""Recordings after a call: encrypted wherever they came from, and who listened stands in the log."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files
from madoguchi.infra.files import Kept
from madoguchi.infra.models import Event
from madoguchi.intake.actions import receive
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.voice.keeping import (
    Walk,
    let_recordings_go,
    note_listening,
    seal_recordings,
    set_recording_days,
)
from madoguchi.voice.models import Call, Recording, RecordingTerm
from madoguchi.voice.queries import KeptFor, kept_for, recording_days, recordings_older_than
from madoguchi.voice.queries import recorded as of_call


def recorded(
    side: Side, digest: str, *, uid: str = "one", case: Case | None = None, days: int = 0
) -> Recording:
    """A call of a company so many days ago, with a recording that is kept under this hash, and maybe in a case."""
    point = _number_of(side)
    now = clock.now() - timedelta(days=days)
    with side.scope():
        call = Call.objects.create(
            company=side.company,
            uid=uid,
            entry_point=point,
            desk=side.desk,
            called=point.address,
            state="ended",
            offered_at=now,
            alive_at=now,
            message_id=case.messages.latest("id").pk if case else None,
        )
        return Recording.objects.create(
            company=side.company, call=call, sha256=digest, size=5, milliseconds=1000, at=now
        )


def _number_of(side: Side) -> EntryPoint:
    with side.scope():
        known = EntryPoint.objects.filter(company=side.company, kind=Channel.PHONE).first()
    return known or make_entry_point(side.desk, kind=Channel.PHONE)


def with_sound(side: Side, sound: bytes) -> tuple[Case, Kept]:
    """A case with a file that was recorded."""
    kept = files.put_sealed([sound], company=side.company.pk)
    return make_case(side.entry_point, files=(of_call("talk.wav", kept),)), kept


def test_recordings_that_lie_open_are_encrypted_and_nothing_else_is(world: World, settings: Any) -> None:
    both = {side: files.put(b"sound", company=side.company.pk) for side in (world.ours, world.theirs)}
    for side, digest in both.items():
        recorded(side, digest, uid=str(side.company.pk))
    other = files.put(b"letter", company=world.ours.company.pk)

    walk = Walk()
    assert [seal_recordings(lambda raw, keep: raw, walk=walk) for _time in range(2)] == [2, 0]
    # what was looked at is not looked at again today; what came since is
    with world.ours.scope():
        last = Recording.objects.order_by("pk").values_list("pk", flat=True).last()
    assert walk.last >= (last or 0) > 0
    late = files.put(b"late", company=world.ours.company.pk)
    recorded(world.ours, late, uid="late")
    assert seal_recordings(lambda raw, keep: raw, walk=walk) == 1

    names = sorted(path.name for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file())
    digest = both[world.ours]
    assert names == sorted([f"{digest}.sealed"] * 2 + [other, f"{late}.sealed"])
    assert files.read(digest, company=world.theirs.company.pk) == b"sound"


def test_who_listens_is_told_once_an_hour_and_only_of_what_was_recorded(world: World) -> None:
    case = make_case(world.ours.entry_point)
    one = recorded(world.ours, "ab" * 32)
    with world.ours.scope():
        Recording.objects.update(transcript="ef" * 32)
    agent, supervisor = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    now = clock.now()

    with world.ours.scope():
        with clock.held_at(now):
            told = [note_listening(case, one.sha256, by=by) for by in (agent, agent)]
            # who reads what was written down of it has heard it as well
            told += [note_listening(case, "ef" * 32, by=by) for by in (agent, supervisor)]
            others = [
                note_listening(case, "cd" * 32, by=agent),
                note_listening(case, one.sha256, by=system("a job")),
            ]
        rows = list(Event.objects.filter(kind="call.recording_heard").order_by("id"))

    assert (told, others) == ([True, False, False, True], [None, False])
    assert [(row.actor_id, row.case_id, row.data) for row in rows] == [
        (user.pk, case.pk, {"call": one.call_id, "recording": one.pk})
        for user in (world.ours.agent, world.ours.supervisor)
    ]


def test_what_is_older_than_its_company_keeps_it_goes_and_its_case_tells_so(
    world: World, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    old, sound = with_sound(world.ours, b"old")
    new, other = with_sound(world.ours, b"new")
    evidence, third = with_sound(world.ours, b"evidence")
    theirs, fourth = with_sound(world.theirs, b"old")
    rows = [
        recorded(side, kept.sha256, uid=kept.sha256[:8] + side.company.prefix, case=case, days=days)
        for side, kept, case, days in (
            (world.ours, sound, old, 31),
            (world.ours, other, new, 29),
            (world.ours, third, evidence, 400),
            (world.theirs, fourth, theirs, 400),
        )
    ]
    said = clock.now() - timedelta(days=7)
    with clock.held_at(said), world.ours.scope():
        assert recordings_older_than(world.ours.company.pk, days=30) == 2
        set_recording_days(world.ours.company, days=30, by=actor_of(world.ours.company_manager))
    with clock.held_at(said + timedelta(days=7, seconds=-1)):
        assert let_recordings_go(spared=set) == 0

    with django_capture_on_commit_callbacks(execute=True):
        gone = [let_recordings_go(spared=lambda cases: {evidence.pk} & set(cases)) for _time in range(2)]

    assert gone == [1, 0]
    with world.ours.scope():
        assert set(Recording.objects.values_list("pk", flat=True)) == {rows[1].pk, rows[2].pk}
        assert set(Attachment.objects.values_list("sha256", flat=True)) == {other.sha256, third.sha256}
        assert Call.objects.count() == 3
        [told] = Event.objects.filter(kind="call.recordings_gone")
    assert (told.case_id, told.data) == (old.pk, {"call": rows[0].call_id, "count": 1, "days": 30})
    with pytest.raises(FileNotFoundError):
        files.read(sound.sha256, company=world.ours.company.pk)
    assert files.read(fourth.sha256, company=world.theirs.company.pk) == b"old"


def test_how_long_they_are_kept_is_said_by_who_looks_after_rights_within_bounds(world: World) -> None:
    company, manager = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        for who in (world.ours.manager, world.ours.company_staff, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                set_recording_days(company, days=30, by=actor_of(who))
        for days in (0, -1, 3651):
            with pytest.raises(Refused):
                set_recording_days(company, days=days, by=manager)
        assert RecordingTerm.objects.count() == 0

        for wanted in (90, 90, 30, None, None):
            set_recording_days(company, days=wanted, by=manager)

        told = Event.objects.filter(kind="recording_term.set").order_by("id")
        assert [row.data["days"] for row in told] == [90, 30, 0]
        assert recording_days([company.pk]) == {}


def test_a_shorter_term_counts_a_week_later_and_a_longer_one_at_once(world: World) -> None:
    company, manager = world.ours.company, actor_of(world.ours.company_manager)
    start, week = clock.now(), timedelta(days=7)
    later = (start + week).isoformat()
    recorded(world.ours, "ab" * 32, days=50)

    def at(days: int, *wanted: int | None) -> tuple[int | None, int | None]:
        with clock.held_at(start + timedelta(days=days)), world.ours.scope():
            for one in wanted:
                set_recording_days(company, days=one, by=manager)
            kept = kept_for([company.pk]).get(company.pk, KeptFor())
            assert recording_days([company.pk]).get(company.pk) == kept.now
            return kept.now, kept.then

    def gone(days: int) -> int:
        with clock.held_at(start + timedelta(days=days)):
            return let_recordings_go(spared=lambda _cases: set())

    assert at(0, 90) == (None, 90)  # the first
    assert (at(6), gone(6)) == ((None, 90), 0)
    assert at(7) == (90, None)
    assert at(8, 40) == (90, 40)
    assert (at(14), gone(14)) == ((90, 40), 0)
    assert at(14, 90) == (90, None)  # taken back
    assert gone(20) == 0
    assert at(20, 60) == (90, 60)
    assert at(20, 120) == (120, None)  # longer: at once
    assert at(20, 100, 100) == (120, 100)
    assert at(26, 110) == (120, 110)  # another that is shorter begins anew
    assert at(32) == (120, 110)
    assert at(33, None) == (None, None)
    assert at(33, 10) == (None, 10)
    assert (gone(39), gone(40)) == (0, 1)

    with world.ours.scope():
        told = list(Event.objects.filter(kind="recording_term.set").order_by("id"))
        assert Recording.objects.count() == 0
    assert told[0].data == {"days": 90, "begins_at": later}
    assert [(row.data["days"], bool(row.data["begins_at"])) for row in told] == [
        *((90, True), (40, True), (90, False), (60, True), (120, False), (100, True), (110, True)),
        *((0, False), (10, True)),
    ]


def test_what_lies_open_goes_from_the_raw_bytes_of_its_call_too(world: World) -> None:
    company = world.ours.company.pk
    arrival = receive(raw=b"words and sound", entry_point=world.ours.entry_point, source="test")
    case = make_case(world.ours.entry_point)
    digest = files.put(b"sound", company=company)
    recorded(world.ours, digest, case=case)
    with world.ours.scope():
        Arrival.objects.filter(pk=arrival).update(message_id=case.messages.latest("id").pk)

    def without(raw: bytes, *, keep: Callable[[bytes], Kept]) -> bytes:
        return raw.replace(b"sound", keep(b"sound").sha256.encode())

    assert seal_recordings(without) == 1

    with world.ours.scope():
        held = RawArrival.objects.get(arrival=arrival)
        assert bytes(held.content) == f"words and {digest}".encode()
        assert Arrival.objects.get(pk=arrival).size == len(b"words and sound")
    assert files.read(digest, company=company) == b"sound"
    assert not files.lies_open(digest, company=company)
