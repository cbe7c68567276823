"""Cases are found by the values of a desk's own fields: by an index that follows them by itself."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from madoguchi.cases import asking
from madoguchi.cases.actions import fill
from madoguchi.cases.asking import FEW, few_cases, few_cases_each
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, FilledValue
from madoguchi.fields.conditions import Asked
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World, make_world

pytestmark = pytest.mark.django_db
CAUSES = ["輸送中の破損", "初期不良", "お客様都合"]


def rows() -> list[tuple[int, int, str | None, float | None]]:
    return list(FilledValue.objects.order_by("case", "field").values_list("case", "field", "words", "number"))


class TestFollowing:
    """The index says what the cases say, whoever wrote it and however."""

    def test_what_is_filled_in_changed_and_emptied(self, world: World, agent: Actor) -> None:
        cause = make_field(world.ours.desk, "choice", label="原因", choices=CAUSES)
        amount = make_field(world.ours.desk, "number", label="返金額")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=cause.pk, written="初期不良", by=agent)
            fill(case, field=amount.pk, written="１２，８００", by=agent)
            both = [(case.pk, cause.pk, "初期不良", None), (case.pk, amount.pk, None, 12_800.0)]
            assert rows() == both

            fill(case, field=amount.pk, written="3.5", by=agent)
            fill(case, field=cause.pk, written="", by=agent)
            assert rows() == [(case.pk, amount.pk, None, 3.5)]

    def test_what_is_written_past_the_actions(self, world: World) -> None:
        """Loading many at once, and repairs: as an import of a company and the sample data do."""
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            copy = Case.objects.get(pk=case.pk)
            copy.pk, copy.number, copy.reply_token = None, 900_001, "copied"
            copy.filled = {"7": "ＡＢＣ-１", "8": {"customer": case.customer_id}, "9": "あ" * 300}
            copy.filled |= {"10": {"product": 3}, "11": {"order": 4}}
            copy.save()
            words = [(7, "abc-1", None), (8, None, float(case.customer_id)), (9, "あ" * 200, None)]
            words += [(10, None, 3.0), (11, None, 4.0)]
            assert rows() == [(copy.pk, *one) for one in words]

            Case.objects.filter(pk=copy.pk).update(filled={"7": "別"}, subject="件名")
            assert rows() == [(copy.pk, 7, "別", None)]
            Case.objects.filter(pk=copy.pk).update(subject="件名だけ")
            assert rows() == [(copy.pk, 7, "別", None)]

    def test_nobody_else_sees_it(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="うち", by=agent)
            assert len(rows()) == 1
        with world.theirs.scope():
            assert rows() == []
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM cases_filledvalue")
                assert cursor.fetchone() == (0,)


@dataclass(frozen=True)
class Made:
    """What there is to be found."""

    world: World
    amount: Field
    cause: Field
    many: list[Case]


def make_many(world: World, amount: Field, cause: Field) -> list[Case]:
    """Three thousand cases, each with an amount of its own; of one in a hundred the goods were broken."""
    first = make_case(world.ours.entry_point)
    with world.ours.scope():
        cases = [
            Case(
                company=world.ours.company,
                number=100_000 + n,
                desk=world.ours.desk,
                customer_id=first.customer_id,
                channel=first.channel,
                subject=f"返金のご相談 {n}",
                reply_token=f"many-{n}",
                opened_at=first.opened_at,
                touched_at=first.touched_at,
                filled={amount.key: n * 10, cause.key: CAUSES[0] if n % 100 == 0 else CAUSES[1]},
            )
            for n in range(3_000)
        ]
        return Case.objects.bulk_create(cases, batch_size=1000)


class TestIndex:
    """Many cases, and the few of them that are asked for."""

    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, kept_in_class: Any) -> Made:
        with kept_in_class("cases_filledvalue"):
            world = make_world()
            amount = make_field(world.ours.desk, "number", label="返金額")
            cause = make_field(world.ours.desk, "choice", label="原因", choices=CAUSES)
            return Made(world, amount, cause, make_many(world, amount, cause))

    def test_the_index_names_the_few_and_says_where_they_are_many(self, made: Made) -> None:
        world, amount, cause, many = made.world, made.amount, made.cause, made.many
        broken = Asked(cause.pk, "choice", "in", (CAUSES[0],))
        faulty = Asked(cause.pk, "choice", "in", (CAUSES[1],))
        dear = Asked(amount.pk, "number", "over", 29_950)
        nowhere = Asked(cause.pk, "choice", "in", ("どこにもない",))
        words = Asked(cause.pk, "choice", "known", True)
        with world.ours.scope():
            found = few_cases([faulty, dear])
            assert found is not None
            # More than 29,950, and the one that is just that: the case itself decides.
            assert sorted(found) == [case.pk for case in many[2_995:]]
            assert sorted(few_cases([broken]) or ()) == [case.pk for case in many[::100]]
            assert len([case for case in many if case.filled[cause.key] == CAUSES[1]]) > FEW
            assert few_cases([faulty]) is None
            assert few_cases([words]) is few_cases([]) is None
            assert few_cases_each([[faulty], [], [faulty, nowhere], [nowhere, faulty]]) == [
                None,
                None,
                [],
                [],
            ]

    @pytest.mark.parametrize(
        ("kind", "test", "value", "index"),
        [
            ("choice", "in", (CAUSES[0],), "value_by_words"),
            ("tree", "in", (CAUSES[0],), "value_by_words"),
            ("text", "in", ("輸送", "ＡＢ"), "value_by_words"),
            ("date", "since", "2026-12-01", "value_by_words"),
            ("date", "on", "2026-12-01", "value_by_words"),
            ("number", "over", 29_900, "value_by_number"),
            ("number", "in", (10, 20), "value_by_number"),
            ("customer", "in", (1,), "value_by_number"),
            ("product", "in", (1,), "value_by_number"),
            ("order", "in", (1,), "value_by_number"),
        ],
    )
    def test_what_is_asked_is_read_from_an_index_under_row_level_security(
        self, made: Made, kind: str, test: str, value: Any, index: str
    ) -> None:
        """Given another company's sight to keep out, an index is read, and of it what the field has."""
        values: dict[str, Any] = {}

        def add(one: Any, of: str) -> str:
            values[name := f"v{len(values)}"] = one
            return f"%({name})s::{of}"

        where = asking._in_index(Asked(made.cause.pk, kind, test, value), add)
        with scope.acting_for([made.world.ours.company.pk]), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN SELECT case_id FROM cases_filledvalue WHERE {where}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert index in plan
        assert "Seq Scan" not in plan
        assert "Index Cond: ((field_id = " in plan or "Index Cond: (field_id = " in plan
