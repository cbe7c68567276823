"""The product that a number is for: who says so, and that a call carries it to its case."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.cases.models import Case
from madoguchi.channels.phone.actions import announce, finish
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Product
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice import products
from madoguchi.voice.actions import Begun, Over, begin_call
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call, NumberProduct
from madoguchi.voice.products import product_of, set_product

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
KETTLE, LAMP = "南部鉄瓶", "行灯"


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk, which is for a kettle; there is a lamp, too."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    make_variant(world.ours.company, name=KETTLE, code="T-1")
    make_variant(world.ours.company, name=LAMP, code="L-1")
    with world.ours.scope():
        set_product(point, "T-1", by=system("test"))
    return point


def rings(number: EntryPoint, *, uid: str = "one", person: int) -> Case:
    """Somebody calls, and it rings at somebody; the case that they see."""
    with scope.acting_for([number.company_id]):
        begin_call(number, Begun(uid=uid, caller="+819012345678", flow=0, at=NOON))
    announce(uid, company=number.company_id, person=person)
    with scope.acting_for([number.company_id]):
        return Case.objects.latest("pk")


def ends(number: EntryPoint, *, uid: str = "one") -> None:
    talk = Span(Spent.TALK, NOON, NOON + timedelta(seconds=60))
    end = NOON + timedelta(seconds=60)
    over = Over(outcome=Outcome.TALKED, ended_by=By.CALLER, answered_at=NOON, ended_at=end, spans=(talk,))
    finish(uid, over, company=number.company_id)


def named(number: EntryPoint) -> str:
    with scope.acting_for([number.company_id]):
        return str(product_of(number) or "")


@pytest.mark.parametrize(
    ("written", "product"), [("L-1", LAMP), ("行灯", LAMP), ("鉄瓶", KETTLE), ("", ""), ("  ", "")]
)
def test_a_product_is_named_by_code_or_name(
    world: World, number: EntryPoint, written: str, product: str
) -> None:
    with world.ours.scope():
        set_product(number, written, by=actor_of(world.ours.company_manager))

    assert named(number) == product
    with world.ours.scope():
        told = Event.objects.filter(kind="phone_number.product_changed").order_by("id")
        assert told.count() == (1 if product == KETTLE else 2)
        assert told.first().data | {"product": 0} == {  # type: ignore[union-attr]
            "entry_point": number.pk,
            "product": 0,
            "before": "",
            "after": "T-1",
        }


@pytest.mark.parametrize("problem", ["nobody", "agent", "theirs", "a mail address", "none", "several"])
def test_what_cannot_be_said_changes_nothing(world: World, number: EntryPoint, problem: str) -> None:
    make_variant(world.theirs.company, name="電気ケトル", code="K-1")
    by, point = actor_of(world.ours.company_manager), number
    written = {"theirs": "K-1", "none": "Z-1", "several": "1"}.get(problem, "L-1")
    if problem == "agent":
        by = actor_of(world.ours.agent)
    if problem == "nobody":
        by = actor_of(world.theirs.company_manager)
    if problem == "a mail address":
        point = world.ours.entry_point
    with world.ours.scope(), pytest.raises(NotAllowed if problem in ("nobody", "agent") else Refused):
        set_product(point, written, by=by)

    assert named(number) == KETTLE
    with world.ours.scope():
        assert NumberProduct.objects.count() == 1


def test_a_call_carries_the_product_to_its_case_and_keeps_it(world: World, number: EntryPoint) -> None:
    field = make_field(world.ours.desk, kind=Field.Kind.PRODUCT, label="商品")

    case = rings(number, person=world.ours.agent.pk)
    with world.ours.scope():
        set_product(number, "L-1", by=system("test"))
    ends(number)

    with world.ours.scope():
        call, case = Call.objects.get(), Case.objects.get(pk=case.pk)
        kettle = Product.objects.get(code="T-1")
        assert call.product == kettle
        assert case.filled == {field.key: {"product": kettle.pk}}
        texts = [message.text for message in case.messages.order_by("id")]
        assert [f"お電話をいただいた番号の対象商品: {KETTLE}" in text.splitlines() for text in texts] == [
            True,
            True,
        ]
        filled = Event.objects.get(kind="case.filled")
        assert (filled.case_id, filled.data["after"]) == (case.pk, {"product": kettle.pk})


@pytest.mark.parametrize("why", ["nobody asks", "two are asked", "somebody said another", "not to be read"])
def test_no_value_is_made_up_or_written_over(
    world: World, number: EntryPoint, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"nobody asks": 0, "two are asked": 2}.get(why, 1)
    made = [make_field(world.ours.desk, kind=Field.Kind.PRODUCT, label=f"商品{n}") for n in range(fields)]
    with world.ours.scope():
        lamp = Product.objects.get(code="L-1")
    if why == "not to be read":
        monkeypatch.setattr(products, "called", lambda _product: "Z-1")
    if why == "somebody said another":
        case = rings(number, uid="before", person=world.ours.agent.pk)
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(filled={made[0].key: {"product": lamp.pk}})

    case = rings(number, person=world.ours.agent.pk)

    with world.ours.scope():
        given = {made[0].key: {"product": lamp.pk}} if why == "somebody said another" else {}
        assert Case.objects.get(pk=case.pk).filled == given
        assert Call.objects.get(uid="one").message_id is not None


def test_what_somebody_took_away_does_not_come_back_when_the_call_ends(
    world: World, number: EntryPoint
) -> None:
    make_field(world.ours.desk, kind=Field.Kind.PRODUCT, label="商品")
    case = rings(number, person=world.ours.agent.pk)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(filled={})
    ends(number)

    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).filled == {}


def test_a_number_that_is_for_nothing_carries_nothing(world: World, number: EntryPoint) -> None:
    make_field(world.ours.desk, kind=Field.Kind.PRODUCT, label="商品")
    with world.ours.scope():
        set_product(number, "", by=system("test"))

    case = rings(number, person=world.ours.agent.pk)

    with world.ours.scope():
        assert (Call.objects.get().product, Case.objects.get(pk=case.pk).filled) == (None, {})
        assert case.messages.get().text == "お客様からの電話です。"
