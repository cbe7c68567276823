"""Orders and papers go along when a company moves: at the same case and customer, byte for byte, on the same terms."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import set_up_shop, write_policy
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.commerce.queries import in_order
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World, make_world
from madoguchi.project.tests.test_company_moves import (
    AsOwner,
    all_left,
    elsewhere,
    exported,
    imported,
    without_the_move,
)

pytestmark = pytest.mark.django_db(transaction=True)
SHELL = system("test")


def test_what_was_bought_is_there_under_new_ids(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    kettle = make_variant(side.company, code="NB-01", name="①南部鉄瓶", warranty_months=12, stock=4)
    with side.scope():
        set_up_shop(side.company, by=SHELL, registration_number="T7000012050002")
        write_policy(side.company, words="到着後8日以内は返品できます。", days=8, by=SHELL)
    order = order_of(case.customer_id, case.desk_id, (kettle, 2), case=case.pk)
    with side.scope():
        paper = issue(order, Kind.INVOICE, by=SHELL)
    all_left(side)
    archive = exported(side.company.prefix)
    elsewhere(as_owner)
    # Ids of others lie between.
    others = make_case(make_world().theirs.entry_point)
    order_of(others.customer_id, others.desk_id)

    done = imported(archive)

    with scope.acting_for([done.company]):
        there = Order.objects.select_related("policy", "customer").get()
        (line,) = in_order(there)
        kept = IssuedDocument.objects.get()
        (placed,) = Event.objects.filter(kind="order.placed")
        (issued,) = Event.objects.filter(kind="document.issued")
        case_id = Event.objects.get(kind="case.opened").case_id
        assert line.variant is not None
        assert (line.variant.code, line.variant.company_id) == ("NB-01", done.company)
    assert there.policy is not None
    assert (there.policy.days, there.number, there.total) == (8, 1001, order.total)
    assert there.pk != order.pk
    assert there.case_id == case_id
    assert (placed.data["order"], placed.case_id) == (there.pk, case_id)
    assert (issued.data["document"], issued.data["order"]) == (kept.pk, there.pk)
    assert (kept.order_id, bytes(kept.pdf)) == (there.pk, bytes(paper.pdf))
    assert without_the_move(exported(side.company.prefix)) == without_the_move(archive)
