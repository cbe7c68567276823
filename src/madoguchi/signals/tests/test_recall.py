"""Reports of one product against what was sold: when they are suspicious, and what the suspicion rests on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Variant
from madoguchi.commerce.pieces import keep_pieces, sold_by_lot
from madoguchi.commerce.queries import pieces_sold, product_called
from madoguchi.escalations.tests.conftest import NINE
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal, set_watch, settle_incident, withdraw_signal
from madoguchi.signals.lexicon import USUAL
from madoguchi.signals.models import Incident, Signal
from madoguchi.signals.queries import defects_at, incidents_at
from madoguchi.signals.recall import Figures, Limits

DAY = timedelta(days=1)
LOT = {"lot": "A1", "lot_sold": 0}


LIMITS = Limits(alike=3)


def figures_of(lots: list[str], *, before: int, sold: int, **sold_of: int) -> Figures:
    return Figures.of(lots, before=before, sold=sold, sold_of=sold_of, limits=LIMITS)


@pytest.mark.parametrize(
    ("lots", "before", "sold", "sold_of", "suspicious"),
    [
        (["", ""], 0, 10, {}, False),  # too few, however little was sold
        (["", "", ""], 0, 300, {}, True),  # one in a hundred, and none before
        (["", "", ""], 0, 301, {}, False),
        (["", "", ""], 3, 300, {}, False),  # as many as before: no rise
        (["", "", ""], 0, 0, {}, False),  # nobody knows what was sold
        (["A1", "A1", "A1"], 9, 100_000, {}, True),  # one lot, nobody knows how large
        (["A1", "A1", "B2", ""], 9, 100_000, {}, False),
        (["A1", "A1", "A1"], 9, 100_000, {"A1": 300}, True),  # one in a hundred of the lot
        (["A1", "A1", "A1"], 9, 100_000, {"A1": 301}, False),
        (["A1"] * 4 + ["B2"] * 3, 9, 100_000, {"A1": 9_000, "B2": 30}, True),  # the smaller lot is bad
    ],
)
def test_what_is_suspicious(
    lots: list[str], before: int, sold: int, sold_of: dict[str, int], suspicious: bool
) -> None:
    assert figures_of(lots, before=before, sold=sold, **sold_of).is_suspicious(LIMITS) is suspicious


@given(
    lots=st.lists(st.sampled_from(["", "A1", "B2"]), max_size=12),
    before=st.integers(0, 12),
    sold=st.integers(0, 2_000),
    of_lot=st.integers(0, 700),
)
def test_one_report_more_never_makes_it_less_suspicious(
    lots: list[str], before: int, sold: int, of_lot: int
) -> None:
    for lot in ("", "A1", "B2"):
        if figures_of(lots, before=before, sold=sold, A1=of_lot).is_suspicious(LIMITS):
            more = figures_of([*lots, lot], before=before, sold=sold, A1=of_lot)
            assert more.is_suspicious(LIMITS)


def test_the_numbers_that_are_shown() -> None:
    figures = figures_of(["A1", "", "A1", "B2"], before=1, sold=320, A1=64)

    kept = {"reports": 4, "before": 1, "sold": 320, "lot": "A1", "of_lot": 2, "lot_sold": 64}
    assert figures.kept() == kept
    assert (figures.per_mille, figures.lot_per_mille, Figures(3, 0, 0).per_mille) == (12.5, 31.2, 0.0)


def report(world: World, case: Case, product: int, *, days: float = 0, **piece: str) -> Signal:
    """Something is wrong with a piece, told so many days later, in words that nobody else uses."""
    seen = Seen(kind="product", words=f"不具合{days}{piece}", product=product, **piece)
    with world.ours.scope(), clock.held_at(NINE + days * DAY):
        return raise_signal(case, seen, by=actor_of(world.ours.agent))


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(world.ours.company, code="NB-01", name="南部鉄瓶")


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE):
        return make_case(world.ours.entry_point)


@pytest.mark.django_db
def test_three_of_one_lot_in_a_month_raise_a_suspicion_that_later_ones_join(
    world: World, case: Case, kettle: Variant
) -> None:
    for days, lot in ((0, "l-07"), (9, "Ｌ-０７"), (10, "L-08"), (20, " L - 07 ")):
        report(world, case, kettle.product_id, days=days, lot=lot, serial=f"s{days}")
    report(world, case, kettle.product_id, days=28, lot="L-09")

    with world.ours.scope():
        [suspicion] = Incident.objects.all()
        told = Event.objects.filter(kind="incident.raised").values_list("data__count", flat=True)
        assert list(told) == [4]
        assert suspicion.figures == {"reports": 5, "before": 0, "sold": 0, **LOT, "lot": "L-07", "of_lot": 3}
        assert (suspicion.product_id, suspicion.signals.count()) == (kettle.product_id, 5)
        supervisor = actor_of(world.ours.supervisor)
        found = {
            words: [(one.lot, one.serial) for one in defects_at(supervisor, words=words)]
            for words in ("ｌ-08", "S20", "nb-01", "鉄瓶", "L-1")
        }
    assert (found["ｌ-08"], found["S20"], found["L-1"]) == ([("L-08", "S10")], [("L-07", "S20")], [])
    assert len(found["nb-01"]) == len(found["鉄瓶"]) == 5


@pytest.mark.django_db
def test_what_raised_itself_in_a_day_becomes_a_suspicion_once_and_shows_todays_numbers(
    world: World, case: Case, kettle: Variant
) -> None:
    """Many reports in a day are an incident first, which may not hide that they are of one lot."""
    seen = Seen(kind="product", words="取っ手が外れる", product=kettle.product_id)
    with world.ours.scope(), clock.held_at(NINE):
        for _one in range(3):
            raise_signal(case, seen, by=actor_of(world.ours.agent))
        [incident] = Incident.objects.all()
        assert incident.figures is None

        for _one in range(4):
            raise_signal(case, replace(seen, lot="A1"), by=actor_of(world.ours.agent))

        incident.refresh_from_db()
        assert incident.figures == {"reports": 7, "before": 0, "sold": 0, **LOT, "of_lot": 4}
        assert (Incident.objects.count(), incident.signals.count()) == (1, 7)
        told = (
            Event.objects.filter(kind="incident.raised").order_by("id").values_list("data__count", flat=True)
        )
        assert list(told) == [3, 6]


@pytest.mark.django_db
def test_what_was_dismissed_counts_no_more(world: World, case: Case, kettle: Variant) -> None:
    for days in (0, 5, 10):
        report(world, case, kettle.product_id, days=days, lot="A1")
    with world.ours.scope():
        settle_incident(
            Incident.objects.get(),
            state="dismissed",
            reason="取扱いの誤り",
            by=actor_of(world.ours.supervisor),
        )

    report(world, case, kettle.product_id, days=12, lot="A1")

    with world.ours.scope():
        assert [one.state for one in Incident.objects.all()] == ["dismissed"]


@pytest.mark.django_db
def test_against_what_was_sold_and_not_cancelled(world: World, case: Case, kettle: Variant) -> None:
    with clock.held_at(NINE - 30 * DAY):
        order_of(
            case.customer_id, case.desk_id, (kettle, 90), (make_variant(world.ours.company, name="籠"), 7)
        )
        gone = order_of(case.customer_id, case.desk_id, (kettle, 99))
    with world.ours.scope():
        Order.objects.filter(pk=gone.pk).update(state="cancelled")
        product = kettle.product_id
        assert pieces_sold(product, since=NINE - 365 * DAY) == 90
        assert pieces_sold(product, since=NINE) == 0

    for days in (0, 5, 10):
        report(world, case, product, days=days)

    with world.ours.scope():
        assert [one.figures["sold"] for one in Incident.objects.all()] == [90]


@pytest.mark.django_db
def test_the_defect_rate_of_a_lot_against_what_a_company_takes_for_much(
    world: World, case: Case, kettle: Variant
) -> None:
    with clock.held_at(NINE - 30 * DAY):
        order = order_of(case.customer_id, case.desk_id, (kettle, 90))
        other = order_of(case.customer_id, case.desk_id, (kettle, 4))
    with world.ours.scope():
        by, product = actor_of(world.ours.agent), kettle.product_id
        keep_pieces(order, order.lines.get(shipping=False).pk, lot="a1", by=by)
        line = other.lines.get(shipping=False).pk
        keep_pieces(other, line, lot="A1", serials=["s1", "s2"], by=by)
        keep_pieces(other, line, lot="B2", serials=["s3"], by=by)
        sold = sold_by_lot(product, {"A1", "B2", ""}, since=NINE - 365 * DAY)
        assert (sold, sold_by_lot(product, {"A1"}, since=NINE)) == ({"A1": 92, "B2": 1}, {})
        watch = {"words": USUAL, "alike": 3, "per_mille": 40}
        set_watch(world.ours.company, **watch, by=actor_of(world.ours.company_manager))

    for days in (0, 5, 10):
        report(world, case, product, days=days, lot="A1")
    with world.ours.scope():
        assert Incident.objects.count() == 0  # 32.6 of a thousand
    report(world, case, product, days=11, lot="A1")

    with world.ours.scope():
        figures = Incident.objects.get().figures
    assert figures == {"reports": 4, "before": 0, "sold": 94, "lot": "A1", "of_lot": 4, "lot_sold": 92}


@pytest.mark.django_db
def test_a_lot_without_its_product_is_refused_and_nothing_is_kept(world: World, case: Case) -> None:
    with world.ours.scope():
        for piece in ({"lot": "A1"}, {"serial": "1"}):
            with pytest.raises(Refused) as refused:
                raise_signal(case, Seen(kind="product", words="蓋", **piece), by=actor_of(world.ours.agent))
            assert refused.value.field == "product"
        assert Signal.objects.count() == 0


@pytest.mark.django_db
def test_a_product_is_meant_by_code_or_name_and_never_guessed(world: World, kettle: Variant) -> None:
    company = world.ours.company
    make_variant(company, code="NB-02", name="南部鉄瓶 大")
    with world.ours.scope():
        meant = {
            words: getattr(product_called(words, company=company.pk), "code", None)
            for words in ("nb-01", "南部鉄瓶", "鉄瓶 大", "鉄瓶", "籠", "")
        }
    assert meant == {
        "nb-01": "NB-01",
        "南部鉄瓶": "NB-01",
        "鉄瓶 大": "NB-02",
        "鉄瓶": None,
        "籠": None,
        "": None,
    }


@pytest.mark.django_db
def test_figures_after_a_dismissal_count_what_came_since_alone(
    world: World, case: Case, kettle: Variant
) -> None:
    # given a suspicion that was none, one that was taken back, and a report of another product
    product, supervisor = kettle.product_id, actor_of(world.ours.supervisor)
    for days in (0, 5, 10):
        report(world, case, product, days=days, lot="A1")
    with world.ours.scope():
        [first] = Incident.objects.all()
        kept = first.figures
        with pytest.raises(Refused) as refused:
            settle_incident(first, state="dismissed", reason=" ", by=supervisor)
        assert refused.value.field == "reason"
        for somebody in (world.ours.agent, world.ours.company_staff, world.theirs.supervisor):
            with pytest.raises(NotAllowed):
                settle_incident(first, state="dismissed", reason="x", by=actor_of(somebody))
        assert Incident.objects.values_list("state", "reason").get() == ("open", "")
        settle_incident(first, state="dismissed", reason="取扱いの誤り", by=supervisor)
        withdraw_signal(report(world, case, product, days=11, lot="A1"), by=actor_of(world.ours.agent))
    report(world, case, make_variant(world.ours.company, name="籠").product_id, days=11.5, lot="A1")

    # when two more come, it is not enough; a third raises it anew
    for days in (12, 13):
        report(world, case, product, days=days, lot="A1")
    with world.ours.scope():
        assert Incident.objects.count() == 1
    report(world, case, product, days=14, lot="A1")

    with world.ours.scope():
        again = Incident.objects.latest("pk")
        assert again.figures == {"reports": 3, "before": 0, "sold": 0, **LOT, "of_lot": 3}
        assert again.signals.count() == 3
        first.refresh_from_db()
        assert (first.state, first.figures, first.signals.count()) == ("dismissed", kept, 3)
        with pytest.raises(Conflict):
            settle_incident(first, state="taken", by=supervisor)

    # and nobody else's company reads of either
    with world.theirs.scope():
        stranger = actor_of(world.theirs.supervisor)
        assert (list(defects_at(stranger)), list(incidents_at(stranger))) == ([], [])
