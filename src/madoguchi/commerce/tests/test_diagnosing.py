"""Symptoms walked through: the likeliest remedy first, each case counted once, what was learned kept."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.commerce.diagnosing import (
    keep_result,
    keep_symptom,
    mean_of,
    next_step,
    read_remedies,
    remedy_of,
    steps_of,
    symptom_of,
    symptoms_of,
    use_symptom,
)
from madoguchi.commerce.factories import make_symptom, make_variant
from madoguchi.commerce.models import Remedy, Symptom, Trial
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
LINES = "緩み | 差し直す\n\nヒューズ切れ ｜ 交換する\n基板 | 修理へ"


@pytest.fixture
def keeper(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def tried(world: World, remedy: Remedy, result: str, by: Actor, *, case: int = 0) -> int:
    """What came of it at a case, a new one unless it is named."""
    made = case or make_case(world.ours.entry_point).pk
    keep_result(remedy, result, case=made, desk=world.ours.desk.pk, by=by)
    return made


def causes(symptom: Symptom, **more: Any) -> list[tuple[str, int, int]]:
    return [(one.remedy.cause, one.helped, one.tried) for one in steps_of(symptom, **more)]


def test_the_likeliest_comes_first_and_the_new_has_its_chance(
    world: World, keeper: Actor, agent: Actor
) -> None:
    with world.ours.scope():
        symptom = keep_symptom(world.ours.company, name="動かない", remedies=LINES, by=keeper)
        loose, fuse, _board = (step.remedy for step in steps_of(symptom))
        assert causes(symptom) == [("緩み", 0, 0), ("ヒューズ切れ", 0, 0), ("基板", 0, 0)]

        tried(world, loose, "failed", agent)
        tried(world, fuse, "helped", agent)
        tried(world, fuse, "untried", agent)

        assert causes(symptom) == [("ヒューズ切れ", 1, 1), ("基板", 0, 0), ("緩み", 0, 1)]
        [first, *_rest] = steps_of(symptom)
        assert (first.percent, first.mean) == (100, 2 / 3)


def test_of_many_trials_the_index_alone_is_asked(world: World, agent: Actor) -> None:
    symptom = make_symptom(world.ours.company)
    with world.ours.scope():
        [step] = steps_of(symptom)
        now, said = clock.now(), {"company": world.ours.company, "remedy": step.remedy}
        rows = [Trial(case_id=n, result=Trial.Result.values[n % 3], at=now, **said) for n in range(300)]
        Trial.objects.bulk_create(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE commerce_trial")
        with CaptureQueriesContext(connection) as asked:
            assert causes(symptom) == [("コンセントの緩み", 100, 200)]
        counting = next(one["sql"] for one in asked if "commerce_trial" in one["sql"])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {counting}")
            plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Only Scan using trial_by_result" in plan


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_mean_moves_with_what_was_said(helped: int, failed: int) -> None:
    now = mean_of(helped, helped + failed)

    assert 0 < now < 1
    assert mean_of(helped, helped + failed + 1) < now < mean_of(helped + 1, helped + failed + 1)


def test_a_case_counts_once_and_says_what_is_next(world: World, keeper: Actor, agent: Actor) -> None:
    with world.ours.scope():
        symptom = keep_symptom(world.ours.company, name="動かない", remedies=LINES, by=keeper)
        loose, fuse, board = (step.remedy for step in steps_of(symptom))
        case = tried(world, loose, "failed", agent)
        tried(world, loose, "failed", agent, case=case)
        assert next_step(steps_of(symptom, case=case)).remedy == fuse  # type: ignore[union-attr]
        tried(world, fuse, "untried", agent, case=case)
        assert next_step(steps_of(symptom, case=case)).remedy == board  # type: ignore[union-attr]
        tried(world, loose, "helped", agent, case=case)

        assert next_step(steps_of(symptom, case=case)) is None
        assert causes(symptom)[0] == ("緩み", 1, 1)
        told = Event.objects.filter(kind="remedy.tried").order_by("id")
        assert [(one.case_id, one.data["result"]) for one in told] == [
            (case, "failed"),
            (case, "untried"),
            (case, "helped"),
        ]


def test_what_stays_as_it_was_written_keeps_what_was_learned(
    world: World, keeper: Actor, agent: Actor
) -> None:
    with world.ours.scope():
        symptom = keep_symptom(world.ours.company, name="動かない", remedies=LINES, by=keeper)
        fuse = steps_of(symptom)[1].remedy
        tried(world, fuse, "helped", agent)
        said = {"symptom": symptom, "by": keeper}
        keep_symptom(world.ours.company, name="動かない", remedies="基板 | 修理へ", **said)
        assert causes(symptom) == [("基板", 0, 0)]
        with pytest.raises(NotFound):
            remedy_of(fuse.pk, symptom)
        again = keep_symptom(
            world.ours.company, name="止まる", remedies="基板|修理へ\nヒューズ切れ|交換する", **said
        )

        assert (again.pk, causes(again)) == (symptom.pk, [("ヒューズ切れ", 1, 1), ("基板", 0, 0)])
        assert (Symptom.objects.count(), Remedy.objects.count(), Trial.objects.count()) == (1, 3, 1)


def test_of_a_product_it_is_found_by_that_and_out_of_use_it_is_not(world: World, keeper: Actor) -> None:
    make_variant(world.ours.company, code="POT", name="電気急須")
    company = world.ours.company
    with world.ours.scope():
        made = keep_symptom(company, name="沸かない", remedies=LINES, code="POT", by=keeper)
        assert [one.pk for one in symptoms_of(company.pk, words="急須 沸か")] == [made.pk]
        assert list(symptoms_of(company.pk, words="冷蔵庫")) == []
        use_symptom(made, active=False, by=keeper)
        use_symptom(made, active=False, by=keeper)
        assert list(symptoms_of(company.pk)) == []
        with pytest.raises(NotFound):
            symptom_of(made.pk, company=company.pk)
        kept = Event.objects.filter(kind="symptom.kept").order_by("id").values_list("data", flat=True)
        assert [(one["active"], one["count"]) for one in kept] == [(True, 3), (False, 3)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "あ" * 201}, "name"),
        ({"remedies": ""}, "remedies"),
        ({"remedies": "緩み"}, "remedies"),
        ({"remedies": "緩み |"}, "remedies"),
        ({"remedies": f"{'あ' * 201} | 直す"}, "remedies"),
        ({"remedies": "\n".join(f"{n} | 直す" for n in range(21))}, "remedies"),
        ({"code": "NONE"}, "code"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    world: World, keeper: Actor, wrong: dict[str, str], field: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            keep_symptom(world.ours.company, by=keeper, **{"name": "動かない", "remedies": LINES, **wrong})
        assert (refused.value.field, Symptom.objects.count(), Remedy.objects.count()) == (field, 0, 0)


def test_who_may_not_writes_and_says_nothing(world: World, agent: Actor) -> None:
    symptom = make_symptom(world.ours.company)
    reader = actor_of(world.ours.company_staff)
    with world.ours.scope():
        [step] = steps_of(symptom)
        with pytest.raises(NotAllowed):
            keep_symptom(world.ours.company, name="x", remedies="a|b", by=agent)
        with pytest.raises(NotAllowed):
            use_symptom(symptom, active=False, by=agent)
        with pytest.raises(NotAllowed):
            tried(world, step.remedy, "helped", reader)
        with pytest.raises(Refused):
            tried(world, step.remedy, "perhaps", agent)
        assert (Trial.objects.count(), Symptom.objects.filter(active=True).count()) == (0, 1)


def test_lines_are_read_once_each() -> None:
    assert read_remedies("a|b\r\n a | b \nc｜d|e") == [("a", "b"), ("c", "d|e")]


@pytest.mark.django_db(transaction=True)
def test_said_by_two_at_once_it_counts_once(world: World, agent: Actor) -> None:
    symptom, case = make_symptom(world.ours.company), make_case(world.ours.entry_point)
    with world.ours.scope():
        [step] = steps_of(symptom)
    start = threading.Barrier(2)
    errors: list[IntegrityError] = []

    def say() -> None:
        try:
            with world.ours.scope():
                start.wait()
                tried(world, step.remedy, "helped", agent, case=case.pk)
        except IntegrityError as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    with world.ours.scope():
        assert causes(symptom) == [("コンセントの緩み", 1, 1)]
        assert Event.objects.filter(kind="remedy.tried").count() == 1
