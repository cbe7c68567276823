"""Kinds of matter as a map: how complex, frequent and urgent they are, who would best answer them, who alone knows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Priority
from madoguchi.delivery.bases import rest_on
from madoguchi.desk.subject_map import By, Level, Subject
from madoguchi.desk.subjects import subjects_of
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.escalations.models import Escalation
from madoguchi.fields.models import Matter
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


def of(**counted: int) -> Subject:
    return Subject(desk=1, matter=1, name="返品", place="窓口", **counted)


@pytest.mark.parametrize(
    ("counted", "levels", "best"),
    [
        # cases, answered, answers, asked, urgent, written → complexity, frequency, urgency
        ((4, 4, 4, 0, 0, 4), "LOW LOW LOW", By.UNKNOWN),
        ((5, 5, 5, 0, 0, 3), "LOW LOW LOW", By.BOT),
        ((200, 200, 298, 9, 9, 119), "LOW HIGH LOW", By.BOT_LATER),
        ((200, 200, 300, 0, 10, 200), "MIDDLE HIGH MIDDLE", By.OPERATOR),
        ((200, 200, 200, 10, 10, 200), "MIDDLE HIGH MIDDLE", By.OPERATOR),
        ((200, 200, 600, 0, 0, 200), "HIGH HIGH LOW", By.OWN),
        ((200, 200, 200, 30, 0, 200), "HIGH HIGH LOW", By.OWN),
        ((200, 200, 200, 0, 40, 200), "LOW HIGH HIGH", By.OPERATOR),
        ((100, 100, 100, 0, 20, 100), "LOW MIDDLE HIGH", By.OWN),
        ((10, 0, 0, 0, 0, 0), "LOW LOW LOW", By.BOT_LATER),
    ],
)
def test_who_would_best_answer(counted, levels, best) -> None:
    names = ("cases", "answered", "answers", "asked", "urgent", "written")
    one = of(**dict(zip(names, counted, strict=True)))
    found = " ".join(level.name for level in (one.complexity, one.frequency, one.urgency))
    assert (found, one.best_by) == (levels, best)


def test_of_what_has_no_kind_nobody_can_say_who_would_best_answer_it() -> None:
    assert Subject(desk=1, matter=None, name="", place="窓口", cases=200, answered=200).best_by is By.NO_KIND


@given(*[st.integers(0, 300)] * 3)
def test_what_grows_harder_or_more_urgent_is_never_given_to_a_bot_anew(cases, asked, urgent) -> None:
    easier = of(cases=300, answered=300, answers=300, asked=asked // 2, urgent=urgent // 2, written=cases)
    harder = of(cases=300, answered=300, answers=300, asked=asked, urgent=urgent, written=cases)
    bots = (By.BOT, By.BOT_LATER)
    assert harder.best_by not in bots or easier.best_by in bots
    assert (harder.complexity is Level.HIGH) <= (harder.best_by == By.OWN)


@pytest.mark.django_db
def test_kinds_are_counted_and_who_alone_knows_is_told(world: World, django_assert_num_queries) -> None:
    by = actor_of(world.ours.supervisor)
    with world.ours.scope():
        # given: four returns that one person answered, one of them from an article; a repair that two did; an old one
        rest = approved(world.ours.company, by=actor_of(world.ours.company_manager)).versions.get()
        returned, repair = (
            Matter.objects.create(company=world.ours.company, desk=world.ours.desk, name=name)
            for name in ("返品", "修理")
        )
        first_return = _answered(world, returned, [world.ours.agent.pk], on=rest)
        for _n in range(3):
            _answered(world, returned, [world.ours.agent.pk])
        case = _answered(world, repair, [world.ours.agent.pk, world.ours.supervisor.pk])
        Case.objects.filter(pk=case.pk).update(priority=Priority.URGENT)
        # a question for the repair; one for a return that was taken back
        for one, state in ((case, "open"), (first_return, "withdrawn")):
            ask = {"company": one.company, "case": one, "to": Escalation.To.SENIORS, "state": state}
            Escalation.objects.create(**ask, cause="rule", asked_at=clock.now(), due_at=clock.now())
        past = _answered(world, repair, [world.ours.agent.pk])
        Case.objects.filter(pk=past.pk).update(opened_at=clock.now() - timedelta(days=91))

        # then
        with django_assert_num_queries(9):
            first, second = subjects_of(by)
        told = [
            (one.name, one.cases, one.answered, one.answers, one.urgent, one.written, one.people, one.asked)
            for one in (first, second)
        ]
        assert told == [("返品", 4, 4, 4, 0, 1, 1, 0), ("修理", 1, 1, 2, 1, 0, 2, 1)]
        assert (first.only_one_knows, second.only_one_knows) == (True, False)
        assert (first.people_told, second.people_told) == (1, 2)
    page = signed_in(world.ours.supervisor).get(reverse("desk:subjects")).text
    assert "次の種類は、1名だけがすべて回答しています。 <b>返品</b>" in page
    assert "修理" in page
    # and so few people are told of to nobody who does not lead them
    for person in (world.ours.agent, world.ours.company_staff, world.ours.company_manager):
        page = signed_in(person).get(reverse("desk:subjects")).text
        assert ("返品" in page, "1名だけ" in page, page.count("3名未満")) == (True, False, 2)
    assert "返品" not in signed_in(world.theirs.supervisor).get(reverse("desk:subjects")).text


def _answered(world: World, matter: Matter, people: list[int], *, on=None) -> Case:
    case = make_case(world.ours.entry_point, text="お願いします")
    Case.objects.filter(pk=case.pk).update(matter=matter)
    theirs = Message.objects.get(case=case)
    for n, person in enumerate(people):
        said = Message.objects.create(
            company=case.company,
            case=case,
            contact=theirs.contact,
            author=Message.Author.STAFF,
            user_id=person,
            text="お答えします。",
            external_id=f"<{case.pk}.{n}@ours.example>",
            at=clock.now(),
        )
        if on is not None:
            rest_on(said, on)
    return case
