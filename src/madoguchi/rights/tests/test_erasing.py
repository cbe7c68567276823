"""After an erasure no word of the person is anywhere, in no column and in no file; others keep theirs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from madoguchi.cases.actions import save_draft
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Attachment, Case, HandOff, Message, Note
from madoguchi.commerce.factories import make_subscription, order_of
from madoguchi.commerce.models import Order, Return, Solicitation
from madoguchi.commerce.pieces import Changed, tell_of_pieces
from madoguchi.commerce.solicitations import has_refused
from madoguchi.customers.actions import Said, find_or_create, know_place, write_consent
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer, Identity, PostalAddress
from madoguchi.infra import limits, scope
from madoguchi.infra.event_log import seal, verify
from madoguchi.infra.models import Event, EventWords, FailedReaction
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.reservations.models import Reservation
from madoguchi.rights.actions.erasing import digest_of, start_erasure
from madoguchi.rights.actions.working import work
from madoguchi.rights.erasing import foreseen, in_the_way
from madoguchi.rights.factories import asked_for
from madoguchi.rights.models import Request
from madoguchi.search.actions import index
from madoguchi.signals.duty import start_clock
from madoguchi.signals.models import Grave

pytestmark = pytest.mark.django_db
MARK = "zqxjkvorpal"
THEM = Party(f"{MARK}@home.example", f"{MARK} 美咲")
OTHER = Party("other@home.example", "別の 人")


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def marked() -> Iterator[str]:
    """Every column of words, of every table of the database, in which the mark stands; and every file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND (data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY'))"
        )
        for table, column, kind in cursor.fetchall():
            if table == "search_posting":
                continue
            said = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {said} ILIKE %s", [f"%{MARK}%"])
            if cursor.fetchone()[0]:
                yield f"{table}.{column}"
    for path in Path(settings.FILES_ROOT).rglob("*"):
        if path.is_file() and MARK.encode() in path.read_bytes():
            yield path.name


def furnish(world: World) -> Case:
    """A customer of whom there is a word in many places."""
    side = world.ours
    raw = (
        f"From: {THEM.address}\r\nTo: {side.entry_point.address}\r\nSubject: {MARK}\r\n"
        f"Message-ID: <1@{MARK}.example>\r\n\r\n{MARK}\r\n"
    )
    stored = receive(raw=raw.encode(), entry_point=side.entry_point, source="test")
    assert stored is not None
    handle(stored, company=side.company.pk)
    files = (File(f"{MARK}.txt", "text/plain", MARK.encode()),)
    case = make_case(side.entry_point, sender=THEM, text=f"私は{MARK}", subject=MARK, files=files)
    say_again(case, text=MARK)
    with side.scope():
        by = {"company": side.company, "case": case, "user": side.agent, "at": clock.now()}
        Note.objects.create(**by, text=MARK)
        HandOff.objects.create(**by, occasion="closing", summary=MARK, next_step=MARK)
        save_draft(case, kind="reply", text=MARK, by=actor_of(side.agent))
        event = Event.objects.filter(case_id=case.pk).latest("id")
        EventWords.objects.create(company=side.company, event_id=event.pk, changes={"name": ["", MARK]})
        Customer.objects.filter(pk=case.customer_id).update(memo=MARK, address=MARK)
        know_place(
            case.customer_id, written=f"港区1-2-3 {MARK}", how=PostalAddress.How.SENT, by=actor_of(side.agent)
        )
        order = order_of(case.customer_id, side.desk.pk)
        tell_of_pieces(order, [Changed(1, MARK, None, "L-1")], by=actor_of(side.agent))
        Order.objects.update(recipient=MARK, address=MARK, note=MARK, state="delivered")
        limits.count(f"address:{THEM.address}", most=9, seconds=60)
        failed = {"reader": "search.index", "event_id": event.pk, "next_try_at": clock.now(), "error": MARK}
        FailedReaction.objects.create(company=side.company, **failed)
        index(cases=list(Case.objects.values_list("pk", flat=True)), customers=[case.customer_id])
        Case.objects.filter(customer=case.customer_id).update(status="closed")
    return case


def begun(world: World, case: Case, lead: Actor) -> Request:
    found = asked_for(case.customer_id, "erasure", by=lead)
    with world.ours.scope():
        Request.objects.filter(pk=found.pk).update(words=MARK, proof_note=MARK)
        start_erasure(found, typed=str(case.customer_id), by=lead)
    return found


def test_after_it_no_word_of_the_person_is_anywhere(world: World, lead: Actor, as_owner: object) -> None:
    case = furnish(world)
    kept = make_case(
        world.ours.entry_point, sender=OTHER, text="よその話", files=(File("a", "text/plain", b"x"),)
    )
    found = begun(world, case, lead)
    with scope.everywhere(reason="a test looks everywhere"):
        before = set(marked())
        seal()
    assert len(before) > 20
    numbers = [case.pk, case.number]

    work(found.pk, company=found.company_id)

    with scope.everywhere(reason="a test looks everywhere"):
        assert sorted(marked()) == []
        assert list(verify()) == []
        done = Request.objects.get(pk=found.pk)
        stays = Case.objects.get(pk=case.pk)
        assert Message.objects.get(case=kept).text == "よその話"
        assert Attachment.objects.get().message.case_id == kept.pk
        assert Identity.objects.get().value == OTHER.address
    assert (done.state, done.digest) == ("done", digest_of(done.result))
    assert [stays.pk, stays.number] == numbers
    assert done.result["gone"]["cases.Attachment"] == 1
    assert done.result["files"] == 1


def test_it_may_be_killed_after_the_rows_and_goes_on(world: World, lead: Actor) -> None:
    case = furnish(world)
    found = begun(world, case, lead)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("madoguchi.rights.actions.erasing.is_named", _killed)
        with pytest.raises(KeyboardInterrupt):
            work(found.pk, company=found.company_id)
    with scope.everywhere(reason="a test looks everywhere"):
        [left] = list(marked())
        assert Request.objects.get(pk=found.pk).result["files_left"] == [left]

    work(found.pk, company=found.company_id)
    work(found.pk, company=found.company_id)

    with scope.everywhere(reason="a test looks everywhere"):
        assert list(marked()) == []
        done = Request.objects.get(pk=found.pk)
        assert Event.objects.filter(kind="customer.erased").get().data["sha256"] == done.digest
    assert (done.state, done.result["gone"]["cases.Attachment"]) == ("done", 1)


def _killed(*_args: object, **_more: object) -> bool:
    raise KeyboardInterrupt


def test_one_person_alone_types_the_number_and_two_need_not(world: World, lead: Actor) -> None:
    case = furnish(world)
    second = actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))
    found = asked_for(case.customer_id, "erasure", by=lead)
    with world.ours.scope():
        for typed in ("", "1" + str(case.customer_id)):
            with pytest.raises(Refused):
                start_erasure(found, typed=typed, by=lead)
        with pytest.raises(NotAllowed):
            start_erasure(found, by=actor_of(world.ours.manager))
        assert Request.objects.get().state == "checked"
        start_erasure(found, by=second)
        assert (found.state, found.started_by_id) == ("running", second.id)
        with pytest.raises(Conflict):
            start_erasure(found, by=second)


def test_what_is_under_way_has_to_end_first(world: World, lead: Actor) -> None:
    case = furnish(world)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(status="open")
        Order.objects.update(state="placed")
    found = asked_for(case.customer_id, "erasure", by=lead)

    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            start_erasure(found, typed=str(case.customer_id), by=lead)
        number = Order.objects.get().spoken_number
        assert Request.objects.get().state == "checked"
    assert case.spoken_number(world.ours.company.prefix) in str(refused.value)
    assert number in str(refused.value)


def test_a_preview_says_how_much_would_go_and_changes_nothing(world: World, lead: Actor) -> None:
    case = furnish(world)
    with scope.everywhere(reason="a test looks everywhere"):
        before = set(marked())
        found = foreseen(Customer.objects.get(pk=case.customer_id))
        assert set(marked()) == before
    assert (
        found.gone["cases.Attachment"],
        found.emptied["cases.Case"],
        found.gone["customers.Identity"],
    ) == (1, 2, 1)


def test_what_is_agreed_for_later_has_to_end_first(world: World) -> None:
    case = make_case(world.ours.entry_point, sender=THEM)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(status="closed")
        order = order_of(case.customer_id, case.desk_id)
        Order.objects.filter(pk=order.pk).update(state="delivered")
        subscription = make_subscription(order)
        back = Return.objects.create(
            company=case.company, order=order, number=1, state="asked", reason="other", asked_at=clock.now()
        )
        resource = make_resource(make_store(world.ours.company))
        later = clock.now() + timedelta(days=30)
        asked = {
            "begins": later,
            "ends": later + timedelta(hours=1),
            "taken_until": later + timedelta(hours=1),
        }
        kept = Reservation.objects.create(
            company=case.company,
            customer=case.customer,
            resource=resource,
            number=7,
            state="booked",
            unit=1,
            once=uuid4(),
            made_at=clock.now(),
            **asked,
        )
        found = {"words": ["全治"], "sorts": ["重傷"], "found_at": clock.now(), "priority_before": 2}
        grave = Grave.objects.create(company=case.company, case=case, message=case.messages.get(), **found)
        start_clock(grave, case, known=clock.now(), by=system("test"))
        number = case.spoken_number(world.ours.company.prefix)

        assert in_the_way(case.customer) == [str(back), str(subscription), str(kept), number]

        Reservation.objects.update(
            ends=clock.now() - timedelta(days=1), begins=clock.now() - timedelta(days=2)
        )
        assert str(kept) not in in_the_way(case.customer)


def test_nobody_is_erased_who_may_still_withdraw_or_give_back(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=THEM)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(status="closed")
        order = order_of(case.customer_id, case.desk_id)
        Order.objects.filter(pk=order.pk).update(state="delivered")
        asked = {"order": order, "outside": ["蓋"], "duties": [], "papers_due": clock.today()}
        sold = Solicitation.objects.create(company=case.company, at=clock.now(), **asked)

        assert in_the_way(case.customer) == [f"{order}（書面が未交付のため、クーリング・オフできます）"]

        for given, left in ((7, f"{order}({clock.today()}までクーリング・オフできます)"), (8, "")):
            Solicitation.objects.update(papers_on=clock.today() - timedelta(days=given))
            assert in_the_way(case.customer) == [left] * bool(left)

        came = clock.now() - timedelta(days=8)
        Order.objects.filter(pk=order.pk).update(delivered_at=came)
        assert in_the_way(case.customer) == [f"{order}({clock.today()}まで返品できます)"]
    found = asked_for(case.customer_id, "erasure", by=lead)
    with world.ours.scope():
        with pytest.raises(Refused, match="返品できます"):
            start_erasure(found, typed=str(case.customer_id), by=lead)
        assert Request.objects.get(pk=found.pk).state == "checked"
        assert Solicitation.objects.get(pk=sold.pk).outside == ["蓋"]

        Order.objects.filter(pk=order.pk).update(delivered_at=came - timedelta(days=1))
        assert in_the_way(case.customer) == []


def test_who_refused_offers_is_known_to_have_refused_after_they_were_erased(
    world: World, lead: Actor
) -> None:
    phone, agent = IdentityKind.PHONE, actor_of(world.ours.agent)
    them = make_customer(world.ours.company, email=None, phone="090-1234-5678")
    with world.ours.scope():
        said = Said(purpose="offers", ways=("phone",), given=False, how="phone")
        write_consent(them, said, by=agent)
        assert foreseen(them).kept == {"commerce.IssuedDocument": 0, "customers.Refusal": 1}
    found = asked_for(them.pk, "erasure", by=lead)
    with world.ours.scope():
        start_erasure(found, typed=str(them.pk), by=lead)

    work(found.pk, company=found.company_id)

    with world.ours.scope():
        done = Request.objects.get(pk=found.pk)
        assert (done.state, [one["table"] for one in done.result["kept"]]) == ("done", ["customers.Refusal"])
        assert "特定商取引法17条" in done.result["kept"][0]["law"]
        known = {"language": "ja", "by": system("intake")}
        again = find_or_create(company=them.company_id, kind=phone, party=Party("090 1234 5678"), **known)
        assert again != them.pk
        assert has_refused(again)
