"""Who looked at whose data is kept, once an hour, and told to those who answer for it."""

from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection
from tests.house.at_once import LONGEST, at_once

from madoguchi.cases.actions import (
    forget_looks,
    look,
    note_list,
    note_look,
    note_look_at_customer,
    note_search,
)
from madoguchi.cases.factories import make_case
from madoguchi.cases.looks import Looked, every_look, looks_at
from madoguchi.cases.models import Case, Look
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.customers.factories import make_customer
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 1, 3, 5, tzinfo=UTC)
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def kept() -> list[tuple[int, int, int, int]]:
    with scope.everywhere(reason="a test looks at what is kept"):
        return list(Look.objects.order_by("hour").values_list("case_id", "user_id", "times", "shown"))


def number(case: Case, world: World) -> str:
    return case.spoken_number(world.ours.company.prefix)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


class TestKeeping:
    def test_once_an_hour_for_each_person(self, world: World, case: Case) -> None:
        agent, lead = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
        for minutes, who in ((0, agent), (54, agent), (55, agent), (56, lead)):
            with world.ours.scope(), clock.held_at(NOON + timedelta(minutes=minutes)):
                note_look(case, by=who)
        assert kept() == [(case.pk, agent.id, 1, 1), (case.pk, agent.id, 1, 1), (case.pk, lead.id, 1, 1)]
        with world.ours.scope():
            assert Look.objects.earliest("hour").at == NOON
            assert {look.customer_id for look in Look.objects.all()} == {case.customer_id}

    @pytest.mark.django_db(transaction=True)
    def test_looking_again_writes_nothing_and_holds_no_reader_of_the_log_back(
        self, world: World, case: Case
    ) -> None:
        with world.ours.scope(), clock.held_at(NOON):
            note_look(case, by=actor_of(world.ours.agent))
        with world.ours.scope(), clock.held_at(NOON), connection.cursor() as cursor:
            note_look(case, by=actor_of(world.ours.agent))
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,)

    def test_the_product_itself_looks_at_nobody(self, world: World, case: Case) -> None:
        with world.ours.scope():
            note_look(case, by=system("intake"))
            note_search(cases=[case.pk], by=system("intake"))
        assert kept() == []

    def test_searches_are_counted_by_company_without_their_words(self, world: World, case: Case) -> None:
        theirs = make_case(world.theirs.entry_point)
        alone = make_customer(world.ours.company)
        agent = actor_of(world.ours.agent)
        with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]), clock.held_at(NOON):
            note_search(cases=[case.pk, theirs.pk], customers=[alone.pk], by=agent)
            note_search(cases=[case.pk], by=agent)
            note_search(by=agent)
        with scope.everywhere(reason="a test looks at what is kept"):
            found = {look.company_id: (look.case_id, look.times, look.shown) for look in Look.objects.all()}
        assert found == {world.ours.company.pk: (0, 2, 2), world.theirs.company.pk: (0, 1, 1)}

    @pytest.mark.django_db(transaction=True)
    def test_a_list_shown_again_within_the_hour_writes_nothing(self, world: World) -> None:
        agent, first = actor_of(world.ours.agent), [make_case(world.ours.entry_point).pk for _n in range(3)]
        more = [make_case(world.ours.entry_point).pk for _n in range(2)]
        with world.ours.scope(), clock.held_at(NOON):
            note_list(cases=first, by=agent)
        with world.ours.scope(), clock.held_at(NOON + timedelta(minutes=50)), connection.cursor() as cursor:
            note_list(cases=first[1:], by=agent)
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,)
            note_list(cases=[*first, *more], by=agent)
            note_search(cases=more, by=agent)
        with world.ours.scope(), clock.held_at(NOON + timedelta(hours=1)):
            note_list(cases=first, by=agent)
        assert kept() == [(0, agent.id, 3, 5), (0, agent.id, 1, 3)]

    @pytest.mark.django_db(transaction=True)
    def test_of_lists_shown_at_once_each_customer_counts_once(self, world: World) -> None:
        agent, cases = actor_of(world.ours.agent), [make_case(world.ours.entry_point).pk for _n in range(4)]
        all_wait = Barrier(4, timeout=LONGEST)

        def show() -> None:
            with world.ours.scope(), clock.held_at(NOON):
                all_wait.wait()
                note_list(cases=cases, by=agent)

        at_once(*[show] * 4)
        assert [shown for *_rest, shown in kept()] == [4]

    def test_beyond_very_many_each_counts_whenever_it_is_shown(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(look, "MOST_LISTED", 2)
        agent, cases = actor_of(world.ours.agent), [make_case(world.ours.entry_point).pk for _n in range(3)]
        with world.ours.scope(), clock.held_at(NOON):
            for some in (cases[:2], cases, cases):
                note_list(cases=some, by=agent)
            assert len(Look.objects.get().listed) == 2
        assert [shown for *_rest, shown in kept()] == [4]

    def test_another_companys_is_never_written(self, world: World) -> None:
        theirs = make_case(world.theirs.entry_point)
        with world.ours.scope():
            note_search(cases=[theirs.pk], by=actor_of(world.ours.agent))
        assert kept() == []

    def test_it_is_forgotten_in_time(self, world: World, case: Case) -> None:
        for days in (0, 1):
            with world.ours.scope(), clock.held_at(NOON + timedelta(days=days)):
                note_look(case, by=actor_of(world.ours.agent))
        with clock.held_at(NOON + timedelta(days=settings.ACCESS_DAYS, hours=1)):
            assert (forget_looks(), forget_looks()) == (1, 0)
        with world.ours.scope():
            assert Look.objects.get().at == NOON + timedelta(days=1)


class TestTelling:
    def test_the_company_sees_who_looked_at_its_customer_in_any_case(self, world: World, case: Case) -> None:
        other = make_case(world.ours.entry_point, sender=MISAKI)
        stranger = make_case(world.ours.entry_point)
        with world.ours.scope():
            for hours, shown in enumerate((case, other, stranger)):
                with clock.held_at(NOON + timedelta(hours=hours)):
                    note_look(shown, by=actor_of(world.ours.agent))
            told = looks_at(case, actor=actor_of(world.ours.company_manager))

        assert [(look.number, look.person, look.email) for look in told] == [
            (number(other, world), world.ours.agent.name, world.ours.agent.email),
            (number(case, world), world.ours.agent.name, world.ours.agent.email),
        ]

    def test_a_supervisor_sees_those_of_the_case_alone(self, world: World, case: Case) -> None:
        elsewhere = make_case(make_entry_point(make_desk(world.ours.company)), sender=MISAKI)
        with world.ours.scope():
            for shown in (case, elsewhere):
                note_look(shown, by=actor_of(world.ours.company_manager))
            told = looks_at(case, actor=actor_of(world.ours.supervisor))
        assert [look.number for look in told] == [number(case, world)]

    @pytest.mark.parametrize("who", ["agent", "company_staff"])
    def test_others_are_told_nothing(self, world: World, case: Case, who: str) -> None:
        with world.ours.scope(), pytest.raises(NotAllowed):
            looks_at(case, actor=actor_of(getattr(world.ours, who)))

    def test_all_of_ones_companies_and_of_no_other(self, world: World, case: Case) -> None:
        theirs = make_case(world.theirs.entry_point)
        agent = actor_of(world.ours.agent)
        with scope.everywhere(reason="a test looks on both sides"), clock.held_at(NOON):
            note_look(case, by=agent)
            note_look(theirs, by=actor_of(world.theirs.agent))
            note_look_at_customer(case.customer_id, by=agent)
            note_search(cases=[case.pk], by=agent)
            ours = list(every_look(actor=actor_of(world.ours.company_manager)))
            of_desk = list(every_look(actor=actor_of(world.ours.manager)))
            everybodys = list(every_look(actor=None))

        said = [(look.number, look.customer, look.is_search, look.shown) for look in ours]
        assert said == [
            (number(case, world), case.customer_id, False, 1),
            ("", case.customer_id, False, 1),
            ("", 0, True, 1),
        ]
        assert [look.number for look in of_desk] == [number(case, world)]
        assert len(everybodys) == 4

    def test_it_is_narrowed_by_person_customer_and_time(self, world: World, case: Case) -> None:
        stranger = make_case(world.ours.entry_point)
        agent, lead = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
        with world.ours.scope():
            with clock.held_at(NOON):
                note_look(case, by=agent)
                note_look(stranger, by=lead)
            with clock.held_at(NOON + timedelta(hours=5)):
                note_look(case, by=lead)

            def told(**narrowed: object) -> list[tuple[str, str]]:
                found = every_look(actor=None, **narrowed)  # type: ignore[arg-type]
                return [(look.number, look.person) for look in found]

            of_lead = told(person=lead.id)
            of_case = told(case=case)
            late = told(since=NOON + timedelta(hours=1))
        assert of_lead == [(number(case, world), lead.name), (number(stranger, world), lead.name)]
        assert of_case == [(number(case, world), lead.name), (number(case, world), agent.name)]
        assert late == [(number(case, world), lead.name)]


def test_what_is_told_of_a_search_names_no_case() -> None:
    at = datetime(2026, 4, 1, tzinfo=UTC)
    assert Looked(at, at, "佐々木", "s@a.example", "花本", 0, "", 2, 9).is_search
