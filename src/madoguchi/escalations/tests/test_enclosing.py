"""Files that go with a question: which may, who fetches them, and when they are gone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import unsend
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.escalations.actions import Whom, ask, withdraw
from madoguchi.escalations.enclosing import fetch, fetch_by_slip, files_of, offered
from madoguchi.escalations.models import Escalation, EscalationFile
from madoguchi.escalations.slips import done_by_link
from madoguchi.escalations.tests.conftest import MISAKI, NINE, question
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.infra.tests.scanner import EICAR, scanner
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import Recording
from madoguchi.voice.tests.test_keeping import recorded

pytestmark = pytest.mark.django_db
PHOTO, BILL = File("蓋.png", "image/png", b"\x89PNG"), File("控え.txt", "text/plain", b"1,000")
FACTORY = Whom(to="outside", name="工場 健司", address="kenji@shop.example")
Asks = Callable[..., Escalation]


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE):
        return make_case(world.ours.entry_point, sender=MISAKI, files=(PHOTO, BILL))


@pytest.fixture
def asks(world: World, case: Case, agent: Actor) -> Asks:
    def asked(whom: Whom = FACTORY, **said: Any) -> Escalation:
        with world.ours.scope(), clock.held_at(NINE):
            return ask(case, whom, question(**said), by=agent)

    return asked


def came(world: World, case: Case) -> list[Attachment]:
    with world.ours.scope():
        return list(Attachment.objects.filter(message__case=case).order_by("id"))


def left(world: World) -> tuple[int, int]:
    with world.ours.scope():
        return Escalation.objects.count(), EscalationFile.objects.count()


def test_files_of_the_case_and_own_ones_go_along(
    world: World, case: Case, asks: Asks, agent: Actor, supervisor: Actor
) -> None:
    photo, _bill = came(world, case)
    with world.ours.scope():
        assert [one.filename for one in offered(case, actor=agent)] == ["控え.txt", "蓋.png"]

    one = asks(Whom(to="seniors"), chosen=[photo.pk], files=[File("図.pdf", "application/pdf", b"%PDF")])

    with world.ours.scope():
        kept = files_of(one)
        assert [(file.filename, file.attachment_id, file.size) for file in kept] == [
            ("蓋.png", photo.pk, 4),
            ("図.pdf", None, 4),
        ]
        assert files.read(kept[1].sha256, company=case.company_id) == b"%PDF"
        assert Event.objects.get(kind="escalation.asked").data["files"] == 2
        assert fetch(one, kept[0].pk, by=supervisor) == kept[0]
        told = Event.objects.get(kind="escalation.file_fetched")
        assert (told.actor_id, told.data) == (
            supervisor.id,
            {"escalation": one.pk, "file": kept[0].pk, "slip": None},
        )


def test_what_may_not_be_opened_cannot_be_sent(world: World, case: Case, asks: Asks, agent: Actor) -> None:
    held, waits = came(world, case)
    other = came(world, make_case(world.ours.entry_point, sender=MISAKI, files=(PHOTO,)))
    with world.ours.scope():
        Attachment.objects.filter(pk=held.pk).update(scan="harmful")
        Attachment.objects.filter(pk=waits.pk).update(scan="waiting")
        assert offered(case, actor=agent) == []

    for wanted in (held.pk, waits.pk, other[0].pk, 0):
        with pytest.raises(Refused) as refused:
            asks(chosen=[wanted])
        assert list(refused.value.fields) == ["files"]

    assert left(world) == (0, 0)


def test_files_of_a_case_that_goes_on_here_go_along_for_who_may_read_it(
    world: World, case: Case, asks: Asks, agent: Actor
) -> None:
    near, far = (make_case(world.ours.entry_point, sender=MISAKI, files=(PHOTO,)) for _ in range(2))
    with world.ours.scope():
        second = make_desk(world.ours.company, name="技術窓口")
        make_engagement(world.ours.operator, second)
        Case.objects.filter(pk__in=(near.pk, far.pk)).update(continued_in=case)
        Case.objects.filter(pk=far.pk).update(desk=second)
    own, [led], [kept] = came(world, case), came(world, near), came(world, far)

    with world.ours.scope(), CaptureQueriesContext(connection) as queries:
        assert offered(case, actor=agent) == [led, *reversed(own)]
    with world.ours.scope():
        assert offered(case, actor=actor_of(world.ours.manager)) == [kept, led, *reversed(own)]

    assert len(queries) == 2
    with pytest.raises(Refused):
        asks(chosen=[kept.pk])
    assert left(world) == (0, 0)
    asks(chosen=[led.pk])
    assert left(world) == (1, 1)


def test_a_recording_of_a_call_never_goes_along(world: World, case: Case, asks: Asks, agent: Actor) -> None:
    sound, words = came(world, case)
    one = recorded(world.ours, sound.sha256)
    with world.ours.scope():
        assert offered(case, actor=agent) == [words]
        Recording.objects.filter(pk=one.pk).update(transcript=words.sha256)
        assert offered(case, actor=agent) == []

    for wanted in (sound.pk, words.pk):
        with pytest.raises(Refused):
            asks(chosen=[wanted])

    assert left(world) == (0, 0)


def test_no_more_than_ten_go_along(world: World, case: Case, asks: Asks) -> None:
    [photo, _bill] = came(world, case)
    own = [File(f"{n}.txt", "text/plain", b"x") for n in range(10)]

    with pytest.raises(Refused, match="10"):
        asks(chosen=[photo.pk], files=own)
    assert left(world) == (0, 0)

    asks(files=own)
    assert left(world) == (1, 10)


def test_own_files_are_looked_through_where_there_is_a_scanner(
    world: World, case: Case, asks: Asks, settings: Any
) -> None:
    with scanner() as settings.CLAMD:
        with pytest.raises(Refused, match=r"悪\.txt"):
            asks(files=[BILL, File("悪.txt", "text/plain", EICAR)])
        assert left(world) == (0, 0)
        asks(files=[BILL])
    assert left(world) == (1, 1)

    with pytest.raises(Refused, match=r"控え\.txt"):
        asks(files=[BILL])

    assert left(world) == (1, 1)


def test_by_the_link_they_are_gone_once_it_is_done_or_withdrawn(
    world: World, case: Case, asks: Asks, agent: Actor, supervisor: Actor
) -> None:
    done, over = asks(files=[BILL]), asks(files=[BILL])
    with world.ours.scope(), clock.held_at(NINE):
        slips = [one.slips.select_related("escalation").get() for one in (done, over)]
        [mine], [other] = files_of(done), files_of(over)
        assert fetch_by_slip(slips[0], mine.pk) == mine
        told = Event.objects.get(kind="escalation.file_fetched")
        assert (told.actor_kind, told.data["slip"]) == ("system", slips[0].pk)
        with pytest.raises(NotFound):
            fetch_by_slip(slips[0], other.pk)

        done_by_link(slips[0], words="")
        withdraw(over, by=agent)
        slips[1].refresh_from_db()

        for slip, file in zip(slips, (mine, other), strict=True):
            with pytest.raises(NotFound):
                fetch_by_slip(slip, file.pk)
        assert fetch(over, other.pk, by=supervisor) == other
        assert Event.objects.filter(kind="escalation.file_fetched").count() == 2


def test_who_is_asked_at_another_desk_has_them_until_the_question_is_withdrawn(
    world: World, case: Case, asks: Asks, agent: Actor
) -> None:
    with world.ours.scope():
        second = make_desk(world.ours.company, name="技術窓口")
        seats = (make_engagement(world.ours.operator, second),)
    expert = actor_of(make_operator_person(world.ours.operator, Role.AGENT, seats=seats))
    one = asks(Whom(to="desk", desk=second.pk), files=[BILL])
    with world.ours.scope():
        [file] = files_of(one)
        assert fetch(one, file.pk, by=expert) == file
        withdraw(one, by=agent)

        with pytest.raises(NotFound):
            fetch(one, file.pk, by=expert)


def test_a_file_that_the_customer_takes_back_or_that_is_held_back_later_is_gone(
    world: World, case: Case, asks: Asks
) -> None:
    photo, bill = came(world, case)
    one = asks(chosen=[photo.pk, bill.pk])
    with world.ours.scope():
        Attachment.objects.filter(pk=bill.pk).update(scan="harmful")
        assert [file.filename for file in files_of(one)] == ["蓋.png"]

        unsend(photo.message_id, by=system("line"))

        assert files_of(one) == []
        assert EscalationFile.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_bytes_that_an_own_file_names_outlive_the_customers(world: World, case: Case, asks: Asks) -> None:
    asks(files=[File("写し.png", "image/png", PHOTO.content)])
    photo, bill = came(world, case)
    with world.ours.scope():
        unsend(photo.message_id, by=system("line"))

    with world.ours.scope():
        assert files.read(photo.sha256, company=case.company_id) == PHOTO.content
        with pytest.raises(FileNotFoundError):
            files.read(bill.sha256, company=case.company_id)
