"""The written terms of what was solicited by phone: whole, given once, kept, and once more as they were."""

from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import IssuedDocument, Order, Shop, Solicitation
from madoguchi.commerce.products import Said, keep_products
from madoguchi.commerce.solicitations import keep_solicitation, solicitation_by_id
from madoguchi.commerce.written_terms import (
    SaidOfTerms,
    give_terms,
    terms_given,
    terms_of_sale,
    usual_payment,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
SAID = SaidOfTerms(delivery="ご注文から5日以内に発送", payment="商品と引換え")
WHOLE = {"address": "京都市中京区三条通1", "phone": "075-000-0000", "representative": "代表取締役 髙﨑 誠"}


def solicited(order: Order, world: World, **more: Any) -> Solicitation:
    """That an agent of ours has solicited it."""
    made = keep_solicitation(order, ["急須"], by=actor_of(world.ours.agent), **more)
    assert made is not None
    return solicitation_by_id(made.pk, actor=actor_of(world.ours.agent))


@pytest.fixture
def found(world: World) -> Solicitation:
    """Tea that was sold on the phone by a company of which all is known."""
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, **WHOLE)
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080)
    order = order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk)
    with world.ours.scope():
        return solicited(order, world)


def test_they_say_who_sold_what_when_it_comes_and_how_it_is_paid(world: World, found: Solicitation) -> None:
    with world.ours.scope():
        paper = terms_of_sale(found, SAID)
        made = give_terms(found, SAID, by=actor_of(world.ours.agent))

        assert (paper.issuer.representative, paper.person) == ("代表取締役 髙﨑 誠", world.ours.agent.name)
        assert (paper.totals.total, made.total, made.number) == (2_160, 2_160, "TRM-1001")
        assert [title for title, _words in paper.terms] == [
            "商品の品番・型式等",
            "商品の引渡しの時期",
            "代金の支払の時期と方法",
            "返品・契約不適合の責任",
        ]
        assert dict(paper.terms)["商品の品番・型式等"] == "煎茶(品番 TEA)"
        assert dict(paper.terms)["商品の引渡しの時期"] == "ご注文から5日以内に発送"
        assert (made.kind, made.order_id) == (Kind.WRITTEN_TERMS.value, found.order_id)
        assert [one.pk for one in terms_given(found)] == [made.pk]
        [told] = Event.objects.filter(kind="document.issued").values_list("data", flat=True)
        assert (told["document"], told["number"], told["again"]) == (made.pk, "TRM-1001", False)
        # That they were made is not that the customer had them.
        assert Solicitation.objects.get().papers_on is None


def test_they_are_given_once_and_once_more_as_they_were(world: World, found: Solicitation) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        first = give_terms(found, SAID, by=by)
        with pytest.raises(Refused, match="TRM-1001"):
            give_terms(found, SAID, by=by)
        set_up_shop(world.ours.company, representative="別の人", by=SHELL)
        again = give_terms(found, SaidOfTerms(delivery="", payment=""), again=True, by=by)

        assert (again.number, again.reissue_of_id) == ("TRM-1002", first.pk)
        assert again.kept["issuer"]["representative"] == "代表取締役 髙﨑 誠"
        assert again.kept["terms"] == first.kept["terms"]


def test_those_of_a_subscription_stand_beside_those_of_its_first_order(
    world: World, found: Solicitation
) -> None:
    subscription = make_subscription(found.order)
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        of_it = solicited(found.order, world, subscription=subscription)
        give_terms(found, SAID, by=by)
        paper, made = terms_of_sale(of_it, SAID), give_terms(of_it, SAID, by=by)

        assert (made.number, paper.original_number) == ("TRM-1002", str(subscription))
        assert paper.totals.total == subscription.total
        assert dict(paper.terms)["定期のお届けについて"] == subscription.said
        assert [one.number for one in terms_given(found)] == ["TRM-1001"]
        assert [one.number for one in terms_given(of_it)] == ["TRM-1002"]
        keep_products(world.ours.company, [Said(code="TEA", name="煎茶", price=9_999)], by=SHELL)
        # What was agreed stands on them, whatever it costs by now.
        assert terms_of_sale(of_it, SAID).totals.total == subscription.total


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (SaidOfTerms(delivery=" ", payment="x"), "delivery"),
        (SaidOfTerms(delivery="x", payment=""), "payment"),
        (SaidOfTerms(delivery="x" * 201, payment="x"), "delivery"),
    ],
)
def test_what_is_not_said_is_asked_for(
    world: World, found: Solicitation, said: SaidOfTerms, field: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as error:
            give_terms(found, said, by=actor_of(world.ours.agent))
        assert (error.value.field, IssuedDocument.objects.exists()) == (field, False)


def test_none_are_given_without_who_represents_the_company_by_others_or_after_a_withdrawal(
    world: World, found: Solicitation
) -> None:
    with world.ours.scope():
        for who in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                give_terms(found, SAID, by=actor_of(who))
        Shop.objects.update(representative="")
        with pytest.raises(Refused, match="代表者"):
            give_terms(found, SAID, by=actor_of(world.ours.agent))
        withdraw(found, clock.today(), by=SHELL)
        with pytest.raises(Conflict):
            give_terms(found, SAID, by=actor_of(world.ours.agent))
        assert not IssuedDocument.objects.exists()


def test_how_it_is_paid_is_offered_in_words(world: World, found: Solicitation) -> None:
    words = {
        "on_delivery": "商品と引換えに、配達員にお支払いください(代金引換)。",
        "transfer": "銀行振込でお支払いください。",
        "nothing": "",
    }
    for payment, said in words.items():
        found.order.payment = payment
        assert usual_payment(found) == said
