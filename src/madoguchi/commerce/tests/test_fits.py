"""What works together: kept once a pair, found however a model is written, told as it was known then."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.fits import (
    Said,
    drop_fit,
    fit_to_keep,
    fits_among,
    fits_of,
    fits_to_keep,
    fits_with,
    keep_fits,
    keep_fits_told,
    model_key,
)
from madoguchi.commerce.models import Fit
from madoguchi.commerce.products import Kept
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 1)


def said(**more: Any) -> Said:
    base = {"product": "POT", "verdict": "works", "source": "https://maker.example/fit", "sourced_on": DAY}
    return Said(**{**base, **more})


@pytest.fixture
def keeper(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def products(world: World) -> list[int]:
    made = [
        make_variant(world.ours.company, code=code, name=name)
        for code, name in (("POT", "急須"), ("LID", "蓋"))
    ]
    return [one.product_id for one in made]


def test_a_pair_is_kept_once_whichever_way_it_is_said(
    world: World, keeper: Actor, products: list[int]
) -> None:
    company = world.ours.company
    with world.ours.scope():
        first = keep_fits(company, [said(other="LID"), said(outside="南部 ＩＨ-2000")], by=keeper)
        same = keep_fits(company, [said(other="LID"), said(outside="南部 ＩＨ-2000")], by=keeper)
        turned = said(product="LID", other="POT", verdict="conditions", conditions="弱火のみ")
        again = keep_fits(company, [turned], by=keeper)

        assert (first, same, again) == (Kept(2, 0), Kept(0, 0), Kept(0, 1))
        pair = tuple(sorted(products))
        fit = fits_among(products, company=company.pk)[pair]
        assert fit is not None
        assert (fit.verdict, fit.conditions, fit.user_id) == ("conditions", "弱火のみ", keeper.id)
        told = Event.objects.filter(kind="fit.kept").order_by("id").values_list("data", flat=True)
        assert [(one["before"], one["verdict"]) for one in told] == [
            ("", "works"),
            ("", "works"),
            ("works", "conditions"),
        ]


@pytest.mark.parametrize("written", ["南部ih2000", "ナンブ", "IH 2000", "なんぶ ＩＨ２０００"])
def test_a_model_from_outside_is_found_as_it_is_written(
    world: World, keeper: Actor, products: list[int], written: str
) -> None:
    with world.ours.scope():
        keep_fits(
            world.ours.company, [said(outside="ナンブ IH-2000"), said(outside="南部 IH-2000")], by=keeper
        )
        found = fits_with(products, written, company=world.ours.company.pk)

        assert found[products[1]] == []
        assert {one.outside for one in found[products[0]]} & {"ナンブ IH-2000", "南部 IH-2000"}
        assert fits_with(products, "・", company=world.ours.company.pk) == {pk: [] for pk in products}
        assert [one.outside for one in fits_of(products[0], company=world.ours.company.pk)] == [
            "ナンブ IH-2000",
            "南部 IH-2000",
        ]


def test_of_one_product_the_first_ten_by_the_name_of_the_other_are_known(
    world: World, keeper: Actor, products: list[int]
) -> None:
    pot, lid = products
    names = {code: f"目盛{code}" for code in ("9", "5", "8", "3", "7", "2", "6", "4")}
    for code, name in names.items():
        make_variant(world.ours.company, code=code, name=name)
    with world.ours.scope():
        with_parts = [said(product="LID", other=code) for code in names]
        with_models = [said(product="LID", outside=f"型{n}") for n in (2, 1)]
        keep_fits(world.ours.company, [*with_parts, *with_models, said(other="LID")], by=keeper)

        known = fits_of(lid, company=world.ours.company.pk)

        others = [one.product if one.product_id == pot else one.other or one.outside for one in known]
        assert [str(one) for one in others] == ["型1", "型2", "急須", *sorted(names.values())[:7]]


@given(st.text("あア亜Ａａ1１ー- ・ヴ", max_size=20))
def test_the_key_of_a_model_is_its_own_key(written: str) -> None:
    assert model_key(model_key(written)) == model_key(written)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"verdict": "maybe", "other": "LID"}, "verdict"),
        ({}, "other"),
        ({"other": "LID", "outside": "IH"}, "other"),
        ({"outside": "・・"}, "outside"),
        ({"other": "LID", "verdict": "conditions"}, "conditions"),
        ({"other": "LID", "source": ""}, "source"),
        ({"other": "LID", "sourced_on": date(2999, 1, 1)}, "sourced_on"),
        ({"other": "NONE"}, "product"),
        ({"other": "POT"}, "other"),
    ],
)
def test_what_makes_no_sense_keeps_nothing_of_all(
    world: World, keeper: Actor, products: list[int], wrong: dict[str, Any], field: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            keep_fits(world.ours.company, [said(outside="IH-1"), said(**wrong)], by=keeper)
        assert (refused.value.field, Fit.objects.count()) == (field, 0)


def test_who_may_not_keeps_and_drops_nothing(world: World, keeper: Actor, products: list[int]) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        keep_fits(world.ours.company, [said(other="LID")], by=keeper)
        fit = Fit.objects.get()
        with pytest.raises(NotAllowed):
            keep_fits(world.ours.company, [said(outside="x")], by=agent)
        with pytest.raises(NotAllowed):
            drop_fit(fit, by=agent)
        assert Fit.objects.count() == 1
        drop_fit(fit, by=keeper)
        drop_fit(fit, by=keeper)
        assert (Fit.objects.count(), Event.objects.filter(kind="fit.dropped").count()) == (0, 1)
        with pytest.raises(NotFound):
            fit_to_keep(fit.pk, company=world.ours.company.pk)


def test_the_database_keeps_no_third_form(world: World, keeper: Actor, products: list[int]) -> None:
    with world.ours.scope():
        keep_fits(world.ours.company, [said(other="LID"), said(outside="IH")], by=keeper)
        for wrong in ({"other": None, "folded": ""}, {"outside": "IH", "folded": "ih"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Fit.objects.filter(other__isnull=False).update(**wrong)
        assert [one.outside for one in fits_to_keep(world.ours.company.pk, words="ih")] == ["IH"]
        assert len(fits_to_keep(world.ours.company.pk, words="急須")) == 2
        assert len(fits_to_keep(world.ours.company.pk, words="LID")) == 1


def test_what_was_told_stays_as_it_was_known_then(
    world: World, keeper: Actor, agent: Actor, products: list[int]
) -> None:
    case = make_case(world.ours.entry_point)
    where = {"company": case.company_id, "desk": case.desk_id, "case": case.pk, "contact": None}
    with world.ours.scope():
        keep_fits(world.ours.company, [said(other="LID")], by=keeper)
        fit = Fit.objects.get()
        keep_fits_told([fit.pk, fit.pk], by=agent, **where)
        keep_fits(world.ours.company, [said(other="LID", verdict="fails")], by=keeper)

        [event] = Event.objects.filter(kind="fit.answered")
        assert (event.case_id, event.data["verdict"], event.data["names"]) == (case.pk, "works", "急須 × 蓋")
        assert (event.data["source"], event.data["sourced_on"]) == ("https://maker.example/fit", "2026-07-01")
        for wrong in ([], [fit.pk, fit.pk + 1], list(range(1, 14))):
            with pytest.raises(Refused):
                keep_fits_told(wrong, by=agent, **where)
        with pytest.raises(NotAllowed):
            keep_fits_told([fit.pk], by=actor_of(world.ours.company_staff), **where)
        assert Event.objects.filter(kind="fit.answered").count() == 1
