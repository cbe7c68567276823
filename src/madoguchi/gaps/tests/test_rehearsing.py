"""A rehearsal of leaving: cases are tried on articles alone, by a job that can be stopped; what was found is shown."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from madoguchi.bot.reader import Reader
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.delivery.bases import rest_on
from madoguchi.gaps.actions import start_rehearsal, stop_rehearsal, try_cases
from madoguchi.gaps.leaving import Outcome, Stock
from madoguchi.gaps.models import Rehearsal
from madoguchi.gaps.rehearsed import by_matter, cases_to_try, cases_tried, rehearsals_of, tried_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """The process that reads for the bot, as the product runs it."""
    started = Reader()
    yield started
    started.close()


def answered(
    world: World, text: str, *, name: str, on: ArticleVersion | None = None, subject: str = "質問"
) -> Case:
    """A customer writes, and one of ours answers, from an article or not."""
    sender = Party(address=f"{name}@customer.example", name="")
    case = make_case(world.ours.entry_point, text=text, sender=sender, subject=subject)
    theirs = Message.objects.get(case=case)
    said = Message.objects.create(
        company=case.company,
        case=case,
        contact=theirs.contact,
        author=Message.Author.STAFF,
        user=world.ours.agent,
        text="お答えします。",
        external_id=f"<{name}@ours.example>",
        at=clock.now(),
    )
    if on is not None:
        rest_on(said, on)
    return case


def test_what_articles_alone_solve_is_told_case_by_case(world: World, reader: Reader) -> None:
    by = actor_of(world.ours.company_manager)
    with world.ours.scope():
        # given: two articles; one is older than ninety days
        goods = approved(
            world.ours.company, by=by, title="返品の送料はいくらですか", body="返品の送料は当社が負担します。"
        )
        old = approved(
            world.ours.company, by=by, title="営業時間を教えてください", body="平日の9時から17時までです。"
        )
        ArticleVersion.objects.filter(article=old).update(valid_from=clock.now() - timedelta(days=91))
        # and: cases that were answered from one, from nothing, not at all, and long ago
        found = answered(world, "返品の送料はいくらですか", name="a", on=goods.versions.get())
        sure = answered(world, "営業時間を教えてください", name="b")
        none = answered(world, "株主総会の議決権の行使方法", name="c", subject="総会")
        make_case(world.ours.entry_point, text="まだ誰も答えていません")
        past = answered(world, "返品の送料はいくらですか", name="d")
        Case.objects.filter(pk=past.pk).update(opened_at=clock.now() - timedelta(days=31))
        silent = answered(world, "", name="e")

        # when
        rehearsal = start_rehearsal(world.ours.company, by=by)
        assert ProcrastinateJob.objects.filter(task_name="gaps.rehearse").count() == 1
        try_cases(rehearsal.pk, company=world.ours.company.pk, reader=reader)

        # then
        rehearsal.refresh_from_db()
        assert (rehearsal.state, rehearsal.done, rehearsal.total, rehearsal.unwritten) == ("done", 3, 3, 1)
        outcomes = {one.case: one.outcome for one in tried_in(rehearsal)}
        assert outcomes == {found.pk: Outcome.FOUND, sure.pk: Outcome.SURE, none.pk: Outcome.NONE}
        assert silent.pk not in outcomes
        [(_same, stock)] = rehearsals_of(world.ours.company)
        assert (stock.all, stock.solved, stock.gained, stock.alone) == (3, 2, 1, 1)
        # one more case is lacking for 80 percent; one came in 90 days
        assert (stock.percent, stock.lacking, stock.days) == (66, 1, 90)
        told = Event.objects.get(kind="rehearsal.done")
        assert told.data == {"tried": 3, "solved": 2}

        # and case by case
        rows = tried_in(rehearsal)
        assert list(cases_tried(rows, outcome="none", actor=by)) == [none]
        assert list(cases_tried(rows, outcome="alone", actor=by)) == [found]
        [row] = by_matter(rows, actor=by)
        assert (row.matter, row.all, row.solved, row.lacking) == (None, 3, 2, 1)
    theirs = actor_of(world.theirs.company_manager)
    with world.theirs.scope():
        assert list(cases_tried(rows, actor=theirs)) == []


def test_one_at_a_time_by_the_company_alone_and_stopped_nothing_is_kept(world: World, reader: Reader) -> None:
    by, lead = actor_of(world.ours.company_manager), actor_of(world.ours.supervisor)
    with world.ours.scope():
        approved(world.ours.company, by=by, title="返品", body="返品の送料は当社が負担します。")
        answered(world, "返品の送料は", name="a")
        with pytest.raises(NotAllowed):
            start_rehearsal(world.ours.company, by=lead)
        assert not Rehearsal.objects.exists()
        rehearsal = start_rehearsal(world.ours.company, by=by)
        with pytest.raises(Conflict):
            start_rehearsal(world.ours.company, by=by)
        with pytest.raises(NotAllowed):
            stop_rehearsal(rehearsal, by=lead)
        assert Rehearsal.objects.get().state == "running"

        # when
        stop_rehearsal(rehearsal, by=by)
        try_cases(rehearsal.pk, company=world.ours.company.pk, reader=reader)

        # then
        kept = Rehearsal.objects.get()
        assert (kept.state, kept.cases, kept.done) == ("cancelled", [], 0)
        assert [one.kind for one in Event.objects.filter(kind__startswith="rehearsal.").order_by("id")] == [
            "rehearsal.started",
            "rehearsal.stopped",
        ]


def test_without_articles_nothing_is_found_and_without_a_reader_it_fails(world: World) -> None:
    by, broken = actor_of(world.ours.company_manager), Reader(("false",))
    with world.ours.scope():
        answered(world, "返品の送料は", name="a")
        assert [one.text for one in cases_to_try(world.ours.company.pk)[0]] == ["質問\n返品の送料は"]
        first = start_rehearsal(world.ours.company, by=by)
        try_cases(first.pk, company=world.ours.company.pk, reader=broken)
        first.refresh_from_db()
        assert [one.outcome for one in tried_in(first)] == [Outcome.NONE]

        # when there are some, but nothing that reads them
        approved(world.ours.company, by=by, title="返品", body="返品の送料は当社が負担します。")
        second = start_rehearsal(world.ours.company, by=by)
        try_cases(second.pk, company=world.ours.company.pk, reader=broken)

        # then
        second.refresh_from_db()
        assert (second.state, second.cases) == ("failed", [])
        assert len(rehearsals_of(world.ours.company)) == 1


def test_the_last_twelve_that_went_through_stay(world: World) -> None:
    company = world.ours.company
    with world.ours.scope():
        past = ["done", "failed", *["done"] * 12, "cancelled"]
        rows = [Rehearsal.objects.create(company=company, state=one, created_at=clock.now()) for one in past]
        begun = start_rehearsal(company, by=actor_of(world.ours.company_manager))
        try_cases(begun.pk, company=company.pk, reader=Reader(("false",)))
        kept = list(Rehearsal.objects.order_by("pk").values_list("pk", flat=True))
        assert kept == [*(one.pk for one in rows[3:]), begun.pk]
        assert len(rehearsals_of(company)) == 12


def test_what_rehearsals_come_to_is_told_without_reading_their_cases_again(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    company, by = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        answered(world, "返品の送料は", name="a")
        for _time in range(3):
            begun = start_rehearsal(company, by=by)
            try_cases(begun.pk, company=company.pk, reader=Reader(("false",)))
        outcomes = {"found": 0, "sure": 0, "near": 0, "none": 1}
        with django_assert_num_queries(1):
            assert [stock for _one, stock in rehearsals_of(company)] == [Stock(all=1, outcomes=outcomes)] * 3

        # then: one that went through before that was kept says the same
        Rehearsal.objects.update(stock=None)
        assert {stock.all for _one, stock in rehearsals_of(company)} == {1}
        assert [stock.outcomes for _one, stock in rehearsals_of(company)] == [outcomes] * 3
