"""The last contacts beside a case; what is promised and was bought on the phone that rings."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.actions import acknowledge
from madoguchi.desk.lately import last_bought, last_contacts, still_promised
from madoguchi.desk.tests.conftest import MISAKI, counted
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_phone import number as ringing_number
from madoguchi.desk.tests.test_phone import ring, shown
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.voice.models import Call

pytestmark = pytest.mark.django_db
at_the_phone = ringing_number


def told_of(case: Case, world: World) -> list[tuple[str, str, str, bool]]:
    with world.ours.scope():
        found = last_contacts(case, actor=actor_of(world.ours.agent))
    return [(one.about, one.who, one.came_of_it, one.here) for one in found]


def test_the_last_five_contacts_stand_beside_the_case_with_who_and_what_came_of_it(
    agent: Client, world: World, case: Case, number: str
) -> None:
    by = actor_of(world.ours.agent)
    other = make_case(world.ours.entry_point, sender=MISAKI, subject="返品について")
    with world.ours.scope():
        assign(other, to=world.ours.agent.pk, by=by)
        change_status(other, to=Status.SOLVED, by=by)
    for n in range(4):
        say_again(case, text=f"{n}")

    here = ("炊飯器について", "", "新規", True)
    assert told_of(case, world) == [
        here,
        here,
        here,
        here,
        ("返品について", world.ours.agent.name, "解決", False),
    ]

    with counted() as cost:
        page = text(agent.get(f"/cases/{number}/"))
    part = page.partition("直近の連絡")[2].partition("</ul>")[0]
    written = other.spoken_number(world.ours.company.prefix)
    assert (part.count("<li"), part.count("この用件"), f'href="/cases/{written}/"' in part) == (5, 4, True)
    assert len([query for query in cost.queries if 'FROM "cases_contact"' in query]) == 1


def test_a_contact_by_phone_tells_what_the_talk_came_to_and_who_talked(world: World, case: Case) -> None:
    with world.ours.scope():
        message = Message.objects.get(case=case)
        Message.objects.filter(pk=message.pk).update(user=world.ours.supervisor)
        now = clock.now()
        Call.objects.create(
            company=world.ours.company,
            uid="c9",
            entry_point=world.ours.entry_point,
            desk=world.ours.desk,
            called="0312345678",
            offered_at=now,
            alive_at=now,
            message_id=message.pk,
            code=Call.Code.CALL_BACK,
        )

    assert told_of(case, world) == [("炊飯器について", world.ours.supervisor.name, "要折り返し", True)]


def test_a_receipt_went_out_by_itself_and_is_nobodys_who_has_the_case(world: World, case: Case) -> None:
    agent = world.ours.agent
    with world.ours.scope():
        assign(case, to=agent.pk, by=actor_of(agent))
        assert acknowledge(case.pk, cause=0) is not None
        found = last_contacts(case, actor=actor_of(agent))

    assert [(one.source, one.who) for one in found] == [("自動", ""), ("お客様から", agent.name)]


def test_nothing_is_told_of_a_case_that_the_reader_may_not_read(world: World, case: Case) -> None:
    by = actor_of(world.ours.supervisor)
    elsewhere = make_entry_point(make_desk(world.ours.company))
    hidden = make_case(elsewhere, sender=MISAKI, subject="別の窓口")
    assert hidden.customer_id == case.customer_id
    with world.ours.scope():
        make_promise(
            case, Told(kind="other", words="お調べします", due_at=clock.now() + timedelta(hours=2)), by=by
        )

        assert [one.case_id for one in Contact.objects.order_by("pk")] == [case.pk, hidden.pk]
        assert [one.number for one in last_contacts(case, actor=by)] == [
            case.spoken_number(world.ours.company.prefix)
        ]
        (one,) = still_promised(hidden, actor=by)
        assert (one.promise.words, one.late) == ("お調べします", False)
        assert still_promised(case, actor=actor_of(world.theirs.supervisor)) == []
    assert told_of(case, world) == [("炊飯器について", "", "新規", True)]


def test_a_ringing_phone_shows_what_is_promised_and_what_was_bought_with_its_warranty(
    agent: Client, at_the_phone: EntryPoint, world: World
) -> None:
    ring(at_the_phone, world.ours.agent)
    case = Message.objects.get(pk=Call.objects.get().message_id).case
    assert ("<h2>約束" in shown(agent), "<h2>購入履歴" in shown(agent)) == (False, False)
    radio = make_variant(world.ours.company, name="防災ラジオ", price=5_500, warranty_months=12)
    lamp = make_variant(world.ours.company, code="L-1", name="ランプ", price=900)
    with world.ours.scope():
        told = Told(kind="shipment", words="三日までに送ります", due_at=clock.now() + timedelta(hours=2))
        make_promise(case, told, by=actor_of(world.ours.agent))
    old = order_of(case.customer_id, case.desk_id, (radio, 2))
    Order.objects.filter(pk=old.pk).update(placed_at=clock.now() - timedelta(days=500))
    order_of(case.customer_id, case.desk_id, (radio, 1), (lamp, 3))

    with counted() as cost:
        page = shown(agent)
    with clock.held_at(clock.now() + timedelta(hours=3)):
        (late,) = still_promised(case, actor=actor_of(world.ours.agent))
    lines = last_bought(case, actor=actor_of(world.ours.agent))

    assert "三日までに送ります" in page
    assert late.late
    assert [(one.line.name, one.line.quantity, one.holds) for one in lines] == [
        ("防災ラジオ", 1, True),
        ("ランプ", 3, False),
        ("防災ラジオ", 2, False),
    ]
    assert [one.warranty.partition(" ")[0] for one in lines] == ["保証は", "", "保証は"]
    assert (page.count("防災ラジオ × "), page.count("ランプ × 3")) == (2, 1)
    assert len([q for q in cost.queries if 'FROM "commerce_' in q]) == 1
    assert len([q for q in cost.queries if 'FROM "promises_promise"' in q]) == 1
    assert last_bought(case, actor=actor_of(world.theirs.supervisor)) == []
