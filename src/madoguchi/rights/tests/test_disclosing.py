"""Everything about one person of one company, as a paper and for machines, made by who may and fetched by one link."""

import io
import json
import wave
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Note
from madoguchi.commerce.factories import order_of
from madoguchi.customers.actions import set_places
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights import kept
from madoguchi.rights.actions import (
    Asked,
    ask,
    check,
    hand_over,
    make_again,
    refuse,
    release,
    start_disclosure,
)
from madoguchi.rights.actions.working import drop_expired, work
from madoguchi.rights.factories import asked_for
from madoguchi.rights.links import link_of, open_link
from madoguchi.rights.models import Request
from madoguchi.rights.queries import archive_of, person_named, requests_of
from madoguchi.voice.tests.test_keeping import recorded

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
OTHER = Party("other@home.example", "別の 人")


@pytest.fixture
def lead(world: World) -> Actor:
    """The manager of the company, whose duty it is."""
    return actor_of(world.ours.company_manager)


def kinds(world: World) -> list[str]:
    with world.ours.scope():
        return list(Event.objects.order_by("id").values_list("kind", flat=True))


def opened(request: Request) -> zipfile.ZipFile:
    path = kept.path_of(request.archive, company=request.company_id)
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def made(world: World, customer: int, by: Actor) -> Request:
    asked = asked_for(customer, "disclosure", by=by)
    with world.ours.scope():
        start_disclosure(asked, by=by)
    work(asked.pk, company=asked.company_id)
    with world.ours.scope():
        return Request.objects.get(pk=asked.pk)


def test_what_was_recorded_of_their_calls_is_in_it_to_be_played(
    world: World, lead: Actor, settings: Any
) -> None:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as written:
        written.setparams((1, 2, 8_000, 0, "NONE", ""))
        written.writeframes(b"\x01\x02" * 8_000)
    case, others = (make_case(world.ours.entry_point, sender=one, text="電話") for one in (MISAKI, OTHER))
    digest = files.put(sound.getvalue(), company=world.ours.company.pk)
    foreign = files.put(b"RIFF of another", company=world.ours.company.pk)
    one, _other = (
        recorded(world.ours, digest, case=case),
        recorded(world.ours, foreign, uid="two", case=others),
    )
    assert [files.seal(kept, company=world.ours.company.pk) for kept in (digest, foreign)] == [True, True]
    stored = [path.read_bytes() for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()]
    assert not any(sound.getvalue() in content for content in stored)

    with opened(made(world, case.customer_id, lead)) as archive:
        names = [name for name in archive.namelist() if name.startswith("recordings/")]
        told = json.loads(archive.read(next(name for name in archive.namelist() if name.endswith(".json"))))
        with wave.open(io.BytesIO(archive.read(names[0]))) as played:
            frames = played.readframes(played.getnframes())

    assert (names, frames) == ([f"recordings/{one.pk}.wav"], b"\x01\x02" * 8_000)
    [call] = told["calls"]
    assert [sound["file"] for sound in call["recordings"]] == names


def test_all_that_is_kept_of_a_person_stands_in_it_and_nothing_of_others(world: World, lead: Actor) -> None:
    case = make_case(
        world.ours.entry_point,
        sender=MISAKI,
        text="鉄瓶が届きません。",
        files=(File("写真.png", "image/png", b"\x89PNG!"),),
    )
    say_again(case, text="まだでしょうか。")
    make_case(world.ours.entry_point, sender=OTHER, text="よその話です。")
    with world.ours.scope():
        Note.objects.create(
            company=world.ours.company, case=case, user=world.ours.agent, text="お急ぎ", at=clock.now()
        )
        order = order_of(case.customer_id, world.ours.desk.pk)
        set_places(case.customer, written=["横浜市西区4-5-6"], by=actor_of(world.ours.agent))

    found = made(world, case.customer_id, lead)

    archive = opened(found)
    told = json.loads(archive.read("disclosure.json"))
    [theirs] = told["cases"]
    assert (told["format"], told["version"], told["company"]) == ("madoguchi-disclosure", 1, "ひなた衣料")
    assert [one["text"] for one in theirs["messages"]] == ["鉄瓶が届きません。", "まだでしょうか。"]
    assert [note["text"] for note in theirs["notes"]] == ["お急ぎ"]
    assert [(one["kind"], one["written"]) for one in told["addresses"]] == [
        ("email", "misaki@home.example"),
        ("address", "横浜市西区4-5-6"),
    ]
    assert [one["number"] for one in told["orders"]] == [order.spoken_number]
    [file] = theirs["messages"][0]["attachments"]
    assert archive.read(file["file"]) == b"\x89PNG!"
    assert archive.read("開示書.pdf").startswith(b"%PDF")
    assert "よその話" not in archive.read("disclosure.json").decode()
    assert found.result["rows"]["cases.Message"] == 2
    assert (found.state, found.done, found.total, found.result["missing"]) == ("made", 3, 3, [])


def test_records_that_are_one_person_are_told_together(world: World, lead: Actor) -> None:
    into = make_customer(world.ours.company, email="one@home.example")
    gone = make_customer(world.ours.company, email="two@home.example")
    make_identity(into, IdentityKind.PHONE, "03-1234-5678")
    with world.ours.scope():
        gone.joined_into = into
        gone.save(update_fields=["joined_into"])
        assert person_named("two@home.example", company=world.ours.company.pk) == into
        assert person_named("03-1234-5678", company=world.ours.company.pk) == into
        assert person_named(str(gone.pk), company=world.ours.company.pk) == into

    told = json.loads(opened(made(world, into.pk, lead)).read("disclosure.json"))

    assert [one["id"] for one in told["customers"]] == [into.pk, gone.pk]
    assert {one["value"] for one in told["addresses"]} >= {"one@home.example", "two@home.example"}


def test_the_whole_way_stands_in_the_log_by_ids(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = made(world, case.customer_id, lead)
    with world.ours.scope():
        release(found, typed=str(case.customer_id), reason="一人です", by=lead)
        hand_over(found, by=lead)
        events = Event.objects.filter(kind__in=["right.asked", "right.checked", "disclosure.made"])
        data = {event.kind: event.data for event in events}

    told = {"request": found.pk, "customer": case.customer_id}
    assert kinds(world)[-6:] == [
        "right.asked",
        "right.checked",
        "right.started",
        "disclosure.made",
        "disclosure.released",
        "disclosure.handed_over",
    ]
    assert data["right.asked"] == told | {"what": "disclosure"}
    assert data["right.checked"] == told | {"proof": "document"}
    assert data["disclosure.made"]["sha256"] == found.digest


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "company_staff"])
def test_others_may_neither_ask_nor_see_it(world: World, lead: Actor, role: str) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = asked_for(case.customer_id, "disclosure", by=lead)
    somebody = actor_of(getattr(world.ours, role))
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            ask(case.customer, Asked(kind="erasure", asker="person"), by=somebody)
        with pytest.raises(NotAllowed):
            start_disclosure(found, by=somebody)
        assert list(requests_of(somebody)) == []
        assert Request.objects.get().state == "checked"


def test_whom_something_is_masked_to_cannot_make_one(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    masked = DataScope(masked=frozenset({"phone"}))
    half = replace(lead, grants=tuple(replace(grant, data_scope=masked) for grant in lead.grants))
    with world.ours.scope(), pytest.raises(NotAllowed):
        ask(case.customer, Asked(kind="disclosure", asker="person"), by=half)


def test_nothing_is_made_before_it_is_known_who_asks(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = asked_for(case.customer_id, "disclosure", by=lead, checked=False)
    with world.ours.scope():
        with pytest.raises(Refused, match=r"確認|check"):
            start_disclosure(found, by=lead)
        with pytest.raises(Refused):
            check(found, proof="none", by=lead)
        with pytest.raises(Refused):
            ask(case.customer, Asked(kind="disclosure", asker="person"), by=lead)
        assert Request.objects.get().state == "received"
        check(found, proof="call_back", by=lead)
        with pytest.raises(Conflict):
            check(found, proof="document", by=lead)
        assert Request.objects.get().proof == "call_back"


def test_who_asks_for_somebody_else_shows_a_mandate(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    with world.ours.scope():
        found = ask(case.customer, Asked(kind="disclosure", asker="agent"), by=lead)
        with pytest.raises(Refused):
            check(found, proof="document", by=lead)
        check(found, proof="mandate", by=lead)
        assert found.state == "checked"


def test_one_that_is_refused_says_why_and_stays_so(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = asked_for(case.customer_id, "disclosure", by=lead)
    with world.ours.scope():
        with pytest.raises(Refused):
            refuse(found, reason=" ", by=lead)
        refuse(found, reason="本人と確認できませんでした。", by=lead)
        assert (found.state, found.refusal) == ("refused", "本人と確認できませんでした。")
        with pytest.raises(Conflict):
            start_disclosure(found, by=lead)


def test_the_link_opens_until_it_expires_or_another_is_made(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    first = made(world, case.customer_id, lead)
    signed = link_of(first).rstrip("/").rpartition("/")[2]
    assert open_link(signed) == (first.company_id, first.pk, first.generation)
    with pytest.raises(NotFound):
        open_link(signed[:-1] + ("a" if signed[-1] != "a" else "b"))
    with world.ours.scope():
        release(first, typed=str(case.customer_id), reason="一人です", by=lead)
        assert archive_of(*open_link(signed)) == first
        make_again(first, by=lead)
        with pytest.raises(NotFound):
            archive_of(*open_link(signed))
    before = kept.path_of(first.archive, company=first.company_id)
    work(first.pk, company=first.company_id)

    with world.ours.scope():
        again = Request.objects.get()
        Request.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        with pytest.raises(NotFound):
            archive_of(again.company_id, again.pk, again.generation)
    assert drop_expired() == 1
    assert not kept.path_of(again.archive, company=again.company_id).exists()
    with world.ours.scope():
        assert Request.objects.get().archive == ""
    assert before != kept.path_of(again.archive, company=again.company_id)


def test_a_second_run_of_the_job_does_nothing(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    found = made(world, case.customer_id, lead)
    log = kinds(world)

    work(found.pk, company=found.company_id)

    with world.ours.scope():
        assert Request.objects.get().archive == found.archive
    assert kinds(world) == log
