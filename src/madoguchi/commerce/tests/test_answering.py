"""What was told of price and stock stays as it was told."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Contact
from madoguchi.commerce.answering import keep_answered
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Stock, Variant
from madoguchi.commerce.queries import stock_by_place
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_price_and_stock_are_kept_by_place_as_they_were(world: World, agent: Actor) -> None:
    case = make_case(world.ours.entry_point)
    pot = make_variant(world.ours.company, code="POT", name="急須", price=4_400, stock=3)
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080)
    where = {"company": case.company_id, "desk": case.desk_id, "case": case.pk}
    with world.ours.scope():
        Stock.objects.create(company=world.ours.company, variant=pot, place="大阪", quantity=0)
        contact = Contact.objects.filter(case=case).earliest("pk").pk
        told = keep_answered([pot.pk, tea.pk, pot.pk], **where, contact=contact, by=agent)
        [place] = [name for name in stock_by_place([pot.pk])[pot.pk] if name != "大阪"]
        Stock.objects.all().delete()
        Variant.objects.update(unit_price=1)
        facts = Event.objects.filter(kind="stock.answered", case_id=case.pk).order_by("id")

        assert [one.pk for one in told] == [pot.pk, tea.pk]
        kept = [(one.data["name"], one.data["price"], one.data["contact"]) for one in facts]
        assert kept == [("急須", 4_400, contact), ("煎茶", 1_080, contact)]
        assert sorted(facts[0].data["places"]) == sorted([["大阪", 0], [place, 3]])
        assert facts[1].data["places"] is None


def test_none_too_many_what_is_not_sold_and_others_keep_nothing(world: World, agent: Actor) -> None:
    case = make_case(world.ours.entry_point)
    ours = [make_variant(world.ours.company, code=f"P{n}", name=f"品{n}", price=100).pk for n in range(5)]
    other = make_variant(world.theirs.company, code="X", name="他社", price=100).pk
    where = {"company": case.company_id, "desk": case.desk_id, "case": case.pk, "contact": None}
    with world.ours.scope():
        Variant.objects.filter(pk=ours[4]).update(active=False)
        for wrong in ([], ours, [other], [ours[0], ours[4]]):
            with pytest.raises(Refused) as error:
                keep_answered(wrong, **where, by=agent)
            assert error.value.field == "q"
        for who in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                keep_answered(ours[:1], **where, by=actor_of(who))
        assert not Event.objects.filter(kind="stock.answered").exists()
