"""Acts for which the company wants the identity checked: asked first, gone on with for a reason, or refused."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from madoguchi.cases.actions import check_identity
from madoguchi.cases.actions.sure import Unsure, as_sure_as_needed, set_identity_needs
from madoguchi.cases.factories import make_case
from madoguchi.cases.identity import Act, Level
from madoguchi.cases.models import Case
from madoguchi.channels.phone.actions import announce
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Decision, IssuedDocument, Order, OrderLine, Return, Subscription
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.returning import ask_return
from madoguchi.companies.factories import make_entry_point
from madoguchi.customers.models import Customer, Identity, Join
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_record_pages import read
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at as time_at
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.reservations.models import Reservation
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.phones import note_connected, set_ready, take_phone

pytestmark = pytest.mark.django_db
SHELL = system("test")
ASKED = "本人確認が足りません"


@pytest.fixture
def order(world: World, case: Case) -> Order:
    """Of a kettle, paid and sent, with a return that may be refunded."""
    company = world.ours.company
    with world.ours.scope():
        set_up_shop(company, by=SHELL, name="髙﨑商店", registration_number="T7000012050002")
        made = order_of(case.customer_id, case.desk_id, (make_variant(company, price=1_000), 1), case=case.pk)
        mark_paid(made, by=SHELL)
        move_order(made, "shipped", by=SHELL)
        pieces = {made.lines.get(shipping=False).pk: 1}
        ask_return(made, pieces, reason=Return.Reason.NOT_DELIVERED, once=uuid4(), by=SHELL)
    return made


@pytest.fixture
def wants(world: World) -> Callable[..., None]:
    def want(level: int, *acts: Act) -> None:
        with world.ours.scope():
            by = actor_of(world.ours.company_manager)
            set_identity_needs(world.ours.company, dict.fromkeys(acts, level), by=by)

    return want


def check(world: World, case: Case, *items: str) -> None:
    with world.ours.scope():
        check_identity(case, items=items, by=actor_of(world.ours.agent))


def told() -> list[tuple[int | None, dict[str, object]]]:
    return [(one.case_id, one.data) for one in everything(Event, kind="case.acted_unsure")]


def one_of(model: type[Return] | type[Order], **wanted: object) -> str:
    [found] = everything(model, **wanted)
    return str(found.state)


def test_money_goes_back_once_the_identity_is_checked_as_far_as_the_company_wants(
    world: World, order: Order, case: Case, agent: Client, wants: Callable[..., None]
) -> None:
    wants(Level.TWO, Act.REFUND)
    [back] = everything(Return)
    check(world, case, "name")

    asked = agent.post(f"/returns/{back.pk}/", {"do": "refund"})

    assert (asked.status_code, ASKED in text(asked)) == (422, True)
    assert f"/cases/{case.spoken_number(world.ours.company.prefix)}/addresses/" in text(asked)
    assert (one_of(Return), told()) == ("asked", [])
    wrong = agent.post(f"/returns/{back.pk}/", {"do": "refund", "because": "felt like it"})
    assert (wrong.status_code, one_of(Return), told()) == (422, "asked", [])

    check(world, case, "name", "birthday")
    assert agent.post(f"/returns/{back.pk}/", {"do": "refund"}).status_code == 302
    assert (one_of(Return), told()) == ("refunded", [])


def test_whoever_goes_on_says_why_and_the_conversation_tells_it(
    world: World, order: Order, case: Case, agent: Client, number: str, wants: Callable[..., None]
) -> None:
    wants(Level.DOCUMENT, Act.REFUND)
    [back] = everything(Return)
    asked = text(agent.post(f"/returns/{back.pk}/", {"do": "refund"}))
    assert '<input type="hidden" name="do" value="refund">' in asked

    agent.post(f"/returns/{back.pk}/", {"do": "refund", "because": "called_back"})

    assert one_of(Return) == "refunded"
    kept = {"act": "refund", "level": 0, "needed": 3, "reason": "called_back", "customer": case.customer_id}
    assert told() == [(case.pk, kept)]
    said = "本人確認の足りないまま続けました（必要：書類、確認：未確認）：返金・交換。"
    assert said in text(agent.get(f"/cases/{number}/"))


def test_orders_are_cancelled_and_papers_given_as_the_company_wants(
    world: World, order: Order, case: Case, agent: Client, wants: Callable[..., None]
) -> None:
    wants(Level.ONE, Act.CANCEL, Act.DETAILS)
    with world.ours.scope():
        fresh = order_of(case.customer_id, case.desk_id, (make_variant(world.ours.company, name="急須"), 1))
    cancel = {"state": "cancelled", "sure": "1"}
    acts = [(f"/orders/{fresh.pk}/move/", cancel), (f"/orders/{order.pk}/papers/", {"kind": "invoice"})]
    for at, form in acts:
        assert agent.post(at, form).status_code == 422
    assert (one_of(Order, pk=fresh.pk), everything(IssuedDocument), told()) == ("placed", [], [])

    check(world, case, "order")
    for at, form in acts:
        assert agent.post(at, form).status_code == 302
    assert (one_of(Order, pk=fresh.pk), len(everything(IssuedDocument)), told()) == ("cancelled", 1, [])


def test_whoever_takes_a_subscription_or_a_reservation_away_is_as_sure_as_the_company_wants(
    world: World, order: Order, case: Case, agent: Client, wants: Callable[..., None]
) -> None:
    wants(Level.ONE, Act.CANCEL)
    sent = make_subscription(order)
    with world.ours.scope():
        begins = (clock.now() + timedelta(days=3)).replace(hour=2, minute=0, second=0, microsecond=0)
        fitting, by = make_resource(make_store(world.ours.company)), actor_of(world.ours.agent)
        time = hold(case.customer, fitting, time_at(begins), desk=case.desk, case=case.pk, by=by)
        book(time, by=by)
    acts: list[tuple[str, dict[str, str]]] = [
        (f"/subscriptions/{sent.pk}/skip/", {"due": sent.next_on.isoformat()}),
        (f"/subscriptions/{sent.pk}/pause/", {"until": ""}),
        (f"/subscriptions/{sent.pk}/cancel/", {"reason": "enough"}),
        (f"/reservations/{time.pk}/cancel/", {}),
    ]
    for where, form in acts:
        asked = agent.post(where, form)
        assert (asked.status_code, ASKED in text(asked)) == (422, True)
    moving = {"resource": fitting.pk, "people": "1", "nights": "1", "day": f"{begins:%Y-%m-%d}"}
    moving |= {"seen": f"{fitting.pk} {begins:%Y-%m-%d} 1", "at": (begins + timedelta(hours=2)).isoformat()}
    moved = agent.post(f"/reservations/{time.pk}/change/", moving)
    assert (moved.status_code, ASKED in text(moved)) == (422, True)
    [kept], [had] = everything(Subscription), everything(Reservation)
    assert (kept.state, kept.next_on, had.state, had.begins, told()) == (
        "active",
        sent.next_on,
        "booked",
        begins,
        [],
    )

    check(world, case, "order")
    assert agent.post(acts[0][0], acts[0][1]).status_code == 302
    assert agent.post(acts[3][0], acts[3][1] | {"because": "harmless"}).status_code == 302
    [kept], [had] = everything(Subscription), everything(Reservation)
    assert (kept.next_on > sent.next_on, had.state, told()) == (True, "cancelled", [])


def test_an_address_wants_it_checked_in_this_case_and_a_name_does_not(
    world: World, case: Case, agent: Client, number: str, wants: Callable[..., None]
) -> None:
    wants(Level.ONE, Act.ADDRESS)
    with world.ours.scope():
        other = make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))
        Case.objects.filter(pk=other.pk).update(customer=case.customer_id)
    check(world, other, "document")
    at = f"/cases/{number}/record/"
    [held] = everything(Customer, pk=case.customer_id)
    same = {"name": "佐藤 花子", "kana": held.kana, "emails": "", "phones": "", "members": ""}
    with world.ours.scope():
        mails = "\n".join(held.identities.filter(kind="email").values_list("value", flat=True))
    named = same | {"emails": mails, "address": held.address}

    assert agent.post(at, read(text(agent.get(at))) | named).status_code == 302
    asked = agent.post(at, read(text(agent.get(at))) | named | {"address": "東京都港区六本木1-2-3"})

    [now] = everything(Customer, pk=case.customer_id)
    assert (asked.status_code, now.name, now.address) == (422, "佐藤 花子", held.address)
    agent.post(
        at, read(text(agent.get(at))) | named | {"address": "東京都港区1-2-3", "because": "supervisor"}
    )
    [now] = everything(Customer, pk=case.customer_id)
    assert (now.address, [data["reason"] for _case, data in told()]) == ("東京都港区1-2-3", ["supervisor"])


@pytest.mark.parametrize(
    ("choice", "tell", "acts"),
    [("resend", "0", ["refund"]), ("resend", "1", ["refund", "details"]), ("wait", "1", ["details"])],
)
def test_goods_at_no_cost_are_asked_for_like_money_and_words_like_details(
    order: Order,
    agent: Client,
    number: str,
    wants: Callable[..., None],
    choice: str,
    tell: str,
    acts: list[str],
) -> None:
    wants(Level.DOCUMENT, *Act)
    form = {
        "order": order.pk,
        "choice": choice,
        "tell": tell,
        "once": str(uuid4()),
        "words": "お待ちください。",
    }
    [line, *_] = everything(OrderLine, order=order, shipping=False)
    form |= {"line": line.pk, "count": "1", "again": "1"}

    asked = agent.post(f"/cases/{number}/where/", form)

    assert (asked.status_code, ASKED in text(asked)) == (422, True)
    assert (everything(Order), everything(Decision), told()) == ([order], [], [])
    assert agent.post(f"/cases/{number}/where/", form | {"because": "supervisor"}).status_code == 302
    assert [data["act"] for _case, data in told()] == acts
    assert len(everything(Order)) == (2 if choice == "resend" else 1)


@pytest.mark.parametrize("keep", ["this", "other"])
def test_records_are_joined_once_it_is_sure_who_both_are(
    world: World, case: Case, agent: Client, number: str, wants: Callable[..., None], keep: str
) -> None:
    wants(Level.TWO, Act.ADDRESS)
    other = make_case(world.ours.entry_point, sender=Party("misaki@work.example", "高橋美咲"))
    form = {"other": other.customer_id, "keep": keep}
    check(world, case, "name", "birthday")

    asked = agent.post(f"/cases/{number}/join/", form)

    assert (asked.status_code, ASKED in text(asked)) == (422, True)
    assert f"/cases/{other.spoken_number(world.ours.company.prefix)}/addresses/" in text(asked)
    assert (everything(Join), told()) == ([], [])
    [held] = everything(Identity, value="misaki@work.example")
    assert held.customer_id == other.customer_id
    check(world, other, "name", "phone")
    assert agent.post(f"/cases/{number}/join/", form).status_code == 302
    assert (len(everything(Join)), told()) == (1, [])


def test_outside_a_case_what_was_checked_counts_for_a_day(
    world: World, case: Case, wants: Callable[..., None]
) -> None:
    wants(Level.TWO, Act.REFUND)
    where = {"company": case.company_id, "customer": case.customer_id, "by": actor_of(world.ours.agent)}
    check(world, case, "name", "birthday")
    now = clock.now()
    with world.ours.scope():
        with clock.held_at(now + timedelta(hours=23)), as_sure_as_needed(Act.REFUND, **where):
            pass
        later = clock.held_at(now + timedelta(hours=25))
        with later, pytest.raises(Unsure) as asked, as_sure_as_needed(Act.REFUND, **where):
            raise AssertionError
        assert (asked.value.stands.level, asked.value.stands.case) == (Level.NONE, case)


def test_who_is_on_a_call_with_a_stranger_is_asked_though_another_case_was_checked(
    world: World, order: Order, case: Case, agent: Client, wants: Callable[..., None]
) -> None:
    wants(Level.TWO, Act.DETAILS)
    check(world, case, "name", "birthday")
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with world.ours.scope():
        begin_call(point, Begun(uid="c1", caller="+819012345678", flow=0, at=clock.now()))
        person = world.ours.agent
        set_ready(ready=True, by=actor_of(person))
        take_phone(desk=point.desk_id, company=point.company_id, call="c1", person=person.pk)
        announce("c1", company=point.company_id, person=person.pk)
    agent.post("/phone/answer/", {"offer": "v=0"})
    with world.ours.scope():
        note_connected("c1", person.pk)

    asked = agent.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"})

    assert (asked.status_code, ASKED in text(asked), everything(IssuedDocument)) == (422, True, [])
    AgentPhone.objects.update(state="away", call="")
    assert agent.post(f"/orders/{order.pk}/papers/", {"kind": "invoice"}).status_code == 302


def test_what_is_refused_keeps_no_reason(world: World, case: Case, wants: Callable[..., None]) -> None:
    wants(Level.ONE, Act.REFUND)
    where = {"company": case.company_id, "customer": case.customer_id, "by": actor_of(world.ours.agent)}
    with world.ours.scope():
        with pytest.raises(Refused), as_sure_as_needed(Act.REFUND, because="harmless", **where):
            raise Refused("no")
        Case.objects.filter(pk=case.pk).update(status="solved", checked=["document"])
        with pytest.raises(Unsure) as asked, as_sure_as_needed(Act.REFUND, **where):
            raise AssertionError

    assert (asked.value.stands.level, asked.value.stands.case, told()) == (Level.NONE, None, [])


@pytest.mark.parametrize("needs", [{"party": 1}, {"refund": 4}, {"refund": 1, "cancel": -1}])
def test_what_a_company_wants_is_an_act_and_a_level_and_said_by_who_answers_for_it(
    world: World, needs: dict[str, int]
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused):
            set_identity_needs(world.ours.company, needs, by=actor_of(world.ours.company_manager))
        for other in (world.ours.supervisor, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                set_identity_needs(world.ours.company, {"refund": 1}, by=actor_of(other))
    assert everything(Event, kind="customers.identity_needs") == []
