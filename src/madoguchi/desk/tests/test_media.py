"""By which medium and store customers come: what a contact keeps, what is counted, and what is to be expected."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact
from madoguchi.commerce.actions import place_order
from madoguchi.commerce.factories import make_media_event, make_variant, wanted
from madoguchi.commerce.models import MediaEvent, Order
from madoguchi.companies.actions import change_entry_point
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role, system
from madoguchi.people.factories import Side, World, make_company_person
from madoguchi.people.models import User
from madoguchi.reservations.factories import make_store
from madoguchi.voice.events import CallPutThroughOutside
from madoguchi.voice.models import Call, OutsideContact

pytestmark = pytest.mark.django_db
_uids, _SHELL = count(1), system("test")
SAID = {"code": "A-0412", "appears_at": "2026-08-03T05:00", "circulation": "100000", "cost": "50000"}


@pytest.fixture
def supervisor(world: World) -> Client:
    return signed_in(world.ours.supervisor)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def published(side: Side, medium: str) -> None:
    with side.scope():
        values = {"sender_name": "", "medium": medium, "active": True}
        change_entry_point(side.entry_point, **values, by=_SHELL)


def ordered(side: Side, case: Case, *, medium: str = "") -> Order:
    kettle = make_variant(side.company, price=10_000)
    with side.scope():
        said = wanted((kettle, 1), medium=medium)
        point = case.entry_point_id
        return place_order(case.customer, said, desk=case.desk, entry_point=point, case=case.pk, by=_SHELL)


def called(side: Side, at: datetime, *, outcome: str = "talked") -> None:
    where = {"company": side.company, "entry_point": side.entry_point, "desk": side.desk}
    with side.scope():
        Call.objects.create(
            uid=f"m{next(_uids)}",
            called="+81312345678",
            state="ended",
            outcome=outcome,
            offered_at=at,
            alive_at=at,
            **where,
        )


def test_a_contact_keeps_its_medium_and_by_which_its_customer_had_bought(world: World) -> None:
    ours = world.ours
    published(ours, "新聞")
    case = make_case(ours.entry_point)
    by_number, said = ordered(ours, case), ordered(ours, case, medium=" テレビ ")
    published(ours, "雑誌")
    say_again(case)

    with ours.scope():
        kept = list(Contact.objects.filter(case=case).order_by("pk").values_list("medium", "bought"))
        assert kept == [("新聞", ""), ("雑誌", "テレビ")]
        assert (by_number.medium, said.medium) == ("新聞", "テレビ")
        assert {by_number.entry_point_id, said.entry_point_id} == {ours.entry_point.pk}


def test_media_codes_and_stores_are_counted(supervisor: Client, world: World) -> None:
    ours, now = world.ours, clock.now()
    published(ours, "新聞")
    make_media_event(ours.entry_point, code="A-1", appears_at=now - timedelta(days=3), cost=30_000)
    make_media_event(ours.entry_point, code="A-2", appears_at=now - timedelta(days=1), cost=20_000)
    make_store(ours.company, entry_point=ours.entry_point)
    case, quiet = make_case(ours.entry_point), make_case(ours.entry_point)
    ordered(ours, case)
    with ours.scope():
        Order.objects.filter(pk=ordered(ours, case).pk).update(state=Order.State.CANCELLED)
        due = Written(facts="遅い", severity=2, due_at=now + timedelta(days=1))
        make_complaint(quiet, due, by=_SHELL)
    for days, outcome in ((4, "talked"), (2, "abandoned"), (2, "talked"), (0.5, "busy")):
        called(ours, now - timedelta(days=days), outcome=outcome)

    page = supervisor.get("/queue/media/?days=7")

    [one] = page.context["by_medium"]
    assert (one.medium, one.contacts, one.complained, one.complaint_rate) == ("新聞", 2, 1, 50.0)
    assert (one.orders, one.sales, one.cost_of_order) == (1, 10_000, 50_000)
    told = [(e.code, e.calls, e.lost, e.orders, e.sales) for e in page.context["events"]]
    assert told == [("A-2", 1, 1, 1, 10_000), ("A-1", 2, 1, 0, 0)]
    assert [e.cost_of_order for e in page.context["events"]] == [20_000, None]
    assert [e.lost_sales for e in page.context["events"]] == [None, 0]
    assert [(s.name, s.calls, s.lost) for s in page.context["stores"]] == [("銀座店", 4, 2)]
    assert [(s.talked, s.put_through_rate) for s in page.context["stores"]] == [(2, 0.0)]
    assert 'lang="en"' not in page.text.partition("<h1")[2]


def test_what_lost_calls_would_have_brought_is_estimated(supervisor: Client, world: World) -> None:
    """Of four calls three were talked on and brought an order of ¥10,000: one lost call is worth a third of it."""
    ours, now = world.ours, clock.now()
    make_media_event(ours.entry_point, code="A-1", appears_at=now - timedelta(days=1))
    ordered(ours, make_case(ours.entry_point))
    for outcome in ("talked", "talked", "talked", "abandoned"):
        called(ours, now - timedelta(hours=1), outcome=outcome)

    page = supervisor.get("/queue/media/")

    [event] = page.context["events"]
    assert (event.lost, event.talked, event.sales, event.lost_sales) == (1, 3, 10_000, 3_333)
    assert "1 （約3,333円）" in page.text


def test_what_is_put_through_to_a_store_is_counted_by_its_own_telephone(
    supervisor: Client, world: World
) -> None:
    ours, now = world.ours, clock.now()
    make_store(ours.company, entry_point=ours.entry_point, phone="03-5555-0101")
    for days, outcome in (
        (1, "talked"),
        (1, "talked"),
        (1, "talked"),
        (1, "talked"),
        (1, "abandoned"),
        (9, "talked"),
    ):
        called(ours, now - timedelta(days=days), outcome=outcome)
    with ours.scope():
        calls = list(Call.objects.order_by("pk"))
        values = {"company": ours.company, "name": "銀座店"}
        store = OutsideContact.objects.create(number="+81355550101", **values)
        other = OutsideContact.objects.create(number="+81355550199", **values)
        # Twice to the store is one call; to somebody else, or long ago, is none of its calls of these days.
        for call, contact in ((0, store), (0, store), (1, other), (5, store)):
            where = {"company": ours.company.pk, "desk": ours.desk.pk, "person": ours.agent.pk}
            record(CallPutThroughOutside(call=calls[call].pk, contact=contact.pk, **where), by=_SHELL)

    page = supervisor.get("/queue/media/?days=7")

    [one] = page.context["stores"]
    assert (one.calls, one.talked, one.put_through, one.put_through_rate) == (5, 4, 1, 25.0)
    assert ("0.7</td>" in page.text, "1 (25.0%)" in page.text) == (True, True)
    assert "店舗への転送" in page.text


def test_nothing_is_put_through_to_a_store_whose_telephone_is_not_known(
    supervisor: Client, world: World
) -> None:
    ours, at = world.ours, clock.now() - timedelta(days=1)
    make_store(ours.company, entry_point=ours.entry_point)
    make_store(ours.company, name="番号のない店", phone="03-5555-0101")

    [without] = supervisor.get("/queue/media/?days=7").context["stores"]
    called(ours, at)
    with ours.scope():
        values = {"company": ours.company, "name": "代表", "number": "+81355550101"}
        where = {"company": ours.company.pk, "desk": ours.desk.pk, "person": ours.agent.pk}
        call, contact = Call.objects.get().pk, OutsideContact.objects.create(**values).pk
        record(CallPutThroughOutside(call=call, contact=contact, **where), by=_SHELL)
    [talked] = supervisor.get("/queue/media/?days=7").context["stores"]

    assert (without.calls, without.put_through, without.put_through_rate) == (0, 0, None)
    assert (talked.calls, talked.put_through, talked.put_through_rate) == (1, 0, 0.0)


def test_what_appeared_before_says_how_many_people_are_needed(supervisor: Client, world: World) -> None:
    ours, now = world.ours, clock.now()
    long_ago = now - timedelta(days=30)
    make_media_event(ours.entry_point, code="B-0", appears_at=long_ago, circulation=1_000)
    for minutes in (30, 90):
        called(ours, long_ago + timedelta(minutes=minutes))
    coming = make_media_event(
        ours.entry_point, code="B-1", appears_at=now + timedelta(days=1), circulation=50_000
    )
    other = make_media_event(ours.entry_point, code="C-1", medium="テレビ", appears_at=now)
    said = make_media_event(ours.entry_point, code="C-2", medium="ラジオ", appears_at=now, expected=40)

    found = supervisor.get(f"/queue/media/{coming.pk}/").context["forecast"]
    unknown = supervisor.get(f"/queue/media/{other.pk}/")
    expected = supervisor.get(f"/queue/media/{said.pk}/").context["forecast"]

    assert (found.before, found.curve.calls) == (1, 100.0)
    # Half of the calls that are still to come come within delay × ln 2; what is left out comes to little.
    assert sum(one.calls for one in found.slots) == pytest.approx(100, rel=0.05)
    assert found.most == found.slots[0]
    assert found.most.rostered > found.most.people > found.most.calls * found.handle / 1_800
    assert (unknown.context["forecast"].curve, expected.curve.calls) == (None, 40.0)
    assert "入電数の手がかりがありません" in unknown.text


def test_a_company_says_what_appears(world: World) -> None:
    ours = world.ours
    keeper, at = signed_in(ours.company_manager), f"/administration/shops/{ours.company.pk}/media/"
    said = SAID | {"entry_point": str(ours.entry_point.pk)}
    empty = keeper.get(at)
    nowhere = keeper.post(f"{at}new/", said)
    foreign = keeper.post(f"{at}new/", said | {"entry_point": str(world.theirs.entry_point.pk)})
    with ours.scope():
        assert not MediaEvent.objects.exists()
    made = keeper.post(f"{at}new/", said | {"medium": "新聞"})
    again = keeper.post(f"{at}new/", said | {"medium": "テレビ"})
    with ours.scope():
        event = MediaEvent.objects.get()
    changed = keeper.post(f"{at}{event.pk}/", said | {"medium": "新聞", "cost": ""})

    assert "媒体への掲載はまだありません" in empty.text
    assert "/queue/media/" in empty.text
    assert [one.status_code for one in (nowhere, foreign, made, again, changed)] == [422, 422, 302, 422, 302]
    assert "ほかの掲載で使われています" in again.text
    assert (event.medium, event.cost, event.appears_at.astimezone(clock.TOKYO).hour) == ("新聞", 50_000, 5)
    with ours.scope():
        assert MediaEvent.objects.get().cost == 0


def test_who_does_not_lead_there_sees_nothing_of_it(supervisor: Client, world: World) -> None:
    theirs = make_media_event(world.theirs.entry_point, code="T-1")
    published(world.theirs, "テレビ")
    make_case(world.theirs.entry_point)
    agent = signed_in(world.ours.agent)

    page = supervisor.get("/queue/media/?days=90")

    shown = [page.context[name] for name in ("by_medium", "by_purchase", "events", "stores")]
    assert (shown, page.context["days"]) == ([[], [], [], []], 90)
    assert "媒体から来た応対はありません" in page.text
    assert supervisor.get(f"/queue/media/{theirs.pk}/").status_code == 404
    assert agent.get("/queue/media/").status_code == 403


def test_a_company_sees_what_came_of_its_media_and_nothing_of_anothers(world: World) -> None:
    """At a desk, too, at which both are answered for by the same people."""
    here = make_media_event(world.ours.entry_point, code="H-1")
    theirs = make_media_event(world.theirs.entry_point, code="T-1")
    for side, medium in ((world.ours, "新聞"), (world.theirs, "テレビ")):
        published(side, medium)
        make_case(side.entry_point)
    for person in (world.ours.company_manager, make_company_person(world.ours.company, Role.COMPANY_STAFF)):
        company = signed_in(person)

        page = company.get("/queue/media/")

        assert [one.medium for one in page.context["by_medium"]] == ["新聞"]
        assert [one.code for one in page.context["events"]] == ["H-1"]
        assert company.get(f"/queue/media/{here.pk}/").status_code == 200
        assert company.get(f"/queue/media/{theirs.pk}/").status_code == 404
        assert 'href="/queue/media/"' in company.get("/queue/").text
    assert 'href="/queue/media/"' not in signed_in(world.ours.agent).get("/queue/").text


def test_who_sets_up_shops_alone_is_led_to_no_figures(world: World) -> None:
    administrator = signed_in(world.administrator)
    at = f"/administration/shops/{world.ours.company.pk}/media/"
    assert (
        "/queue/media/" in administrator.get(at).text,
        administrator.get("/queue/media/").status_code,
    ) == (
        False,
        403,
    )


def test_other_spans_than_are_offered_are_the_usual_one(supervisor: Client) -> None:
    asked = ("", "5", "x", "7")
    pages = [supervisor.get(f"/queue/media/?days={days}") for days in asked]

    assert [page.context["days"] for page in pages] == [28, 28, 28, 7]
