"""Orders on the phone beside what was advertised, at the desk: listed, ticked, declined, and what is owed then."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.factories import make_campaign, make_variant, order_of
from madoguchi.commerce.models import Campaign, IssuedDocument, Order, Solicitation, Subscription, Variant
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import inspect
from madoguchi.commerce.subscriptions import write_subscription_terms
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Consent
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_order_pages import WHERE, hidden
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.look.moments import whole_day
from madoguchi.people.factories import World
from madoguchi.tasks.models import Task
from madoguchi.voice.models import AgentPhone, Call

pytestmark = pytest.mark.django_db
SHELL = system("test")
DUTIES = ["name", "purpose", "goods", "wish"]


@pytest.fixture
def point(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=EntryPoint.Kind.PHONE, address="+815012345678")


@pytest.fixture
def pot(world: World, point: EntryPoint) -> Variant:
    """What was not advertised with the number; tea was."""
    make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080)
    said: dict[str, Any] = {"kind": "nothing", "amount": 0, "products": ["TEA"]}
    make_campaign(world.ours.company, name="朝刊の広告", entry_points=[point.pk], **said)
    return make_variant(world.ours.company, code="POT", name="急須", price=4_400)


@pytest.fixture
def by_phone(world: World, case: Case, point: EntryPoint, pot: Variant) -> Case:
    """The case as one that came by the number."""
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(channel="phone", entry_point=point)
    return case


def ticked(answer: str) -> list[str]:
    return [tag for tag in re.findall(r'<input[^>]*name="duty"[^>]*>', answer) if " checked" in tag]


def test_it_is_told_ticked_and_kept(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    at, form = f"/cases/{number}/order/", WHERE | {"piece": [pot.pk], "count": ["1"]}
    chosen = text(agent.post(at, WHERE | {"q": "急須", "do": "next"}))
    read = text(agent.post(at, form | {"do": "next"}))
    half = agent.post(at, hidden(read) | {"do": "place", "duty": DUTIES[:3]})

    # It is said as soon as it is put down, and asked for when it is read back.
    assert ("電話勧誘販売になります" in chosen, 'name="duty"' in chosen) == (True, False)
    assert len(re.findall(r'name="duty"', read)) == 4
    assert f"{world.ours.company.name}の{world.ours.agent.name}" in read
    assert (half.status_code, everything(Order), len(ticked(text(half)))) == (422, [], 3)
    assert "すべてお客様に告げ" in text(half)
    for _press in range(2):
        assert agent.post(at, hidden(read) | {"do": "place", "duty": DUTIES}).status_code == 302

    (order,) = everything(Order)
    (found,) = everything(Solicitation)
    (task,) = everything(Task)
    page, case = text(agent.get(f"/orders/{order.pk}/")), text(agent.get(f"/cases/{number}/"))
    assert (found.order_id, found.outside, found.user_id) == (order.pk, ["急須"], world.ours.agent.pk)
    assert task.title == "O-1001 の法定書面をお客様へ送る（電話勧誘販売）"
    assert task.due_at.astimezone(clock.TOKYO).date() == found.papers_due
    for words in ("電話勧誘販売", "急須", f"{found.papers_due:%Y-%m-%d} までに送付", "会社名と担当者名"):
        assert words in page
    assert "O-1001 を電話勧誘販売として告知のうえ受けました" in case
    assert "注文の受付がタスクを追加しました" in case


def test_who_does_not_want_it_is_not_asked_again(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    at, form = f"/cases/{number}/order/", WHERE | {"piece": [pot.pk], "count": ["1"]}
    read = hidden(text(agent.post(at, form | {"do": "next"})))
    answer = text(agent.post(at, read | {"do": "declined"}))
    again = agent.post(at, form | {"do": "next"})

    assert (hidden(answer)["piece"], everything(Order)) == ([], [])
    assert [(one.purpose, one.channel, one.given) for one in everything(Consent)] == [
        ("offers", "phone", False)
    ]
    assert everything(Consent)[0].note == "お断り: 急須"
    assert (again.status_code, "お断りになっています" in text(again)) == (422, True)
    placed = agent.post(at, form | read | {"do": "place", "duty": DUTIES})
    assert (placed.status_code, everything(Order)) == (422, [])


def test_where_nobody_said_what_was_advertised_who_takes_it_says_what_they_offered(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    with world.ours.scope():
        Campaign.objects.all().delete()
    at, form = f"/cases/{number}/order/", WHERE | {"piece": [pot.pk], "count": ["1"]}
    chosen = text(agent.post(at, form | {"do": ""}))
    plain = text(agent.post(at, form | {"do": "next"}))
    told = text(agent.post(at, form | {"do": "", "offered": [pot.pk, "x", "9" * 30]}))
    read = text(agent.post(at, form | {"do": "next", "offered": pot.pk}))
    half = agent.post(at, hidden(read) | {"do": "place"})

    assert ('name="offered"' in chosen, 'id="telling"' in chosen) == (True, False)
    assert ('name="offered"' in plain, 'name="duty"' in plain) == (False, False)
    assert ('id="telling"' in told, 'name="duty"' in read) == (True, True)
    assert re.search(rf'name="offered" value="{pot.pk}" checked', told)
    assert (half.status_code, everything(Order)) == (422, [])
    assert agent.post(at, hidden(read) | {"do": "place", "duty": DUTIES}).status_code == 302
    assert [one.outside for one in everything(Solicitation)] == [["急須"]]
    with world.ours.scope():
        Case.objects.filter(pk=by_phone.pk).update(channel="email")
    assert 'name="offered"' not in text(agent.post(at, form | {"do": ""}))


def test_an_order_taken_during_a_call_goes_by_the_number_of_the_call(
    agent: Client, world: World, case: Case, number: str, point: EntryPoint, pot: Variant
) -> None:
    at, form = f"/cases/{number}/order/", WHERE | {"piece": [pot.pk], "count": ["1"], "do": "next"}
    by_mail = text(agent.post(at, form))
    with world.ours.scope():
        now, side = clock.now(), {"company": world.ours.company, "desk": world.ours.desk}
        where = {"entry_point": point, "called": point.address, "offered_at": now, "alive_at": now}
        call = Call.objects.create(uid="c" * 32, state="answered", **side, **where)
        said = {"call": call.uid, "state": "talking", "since": now, "seen_at": now}
        AgentPhone.objects.create(user=world.ours.agent, **said)

    assert 'name="duty"' not in by_mail
    assert 'name="duty"' in text(agent.post(at, form))


def test_the_written_terms_and_withdrawing(
    agent: Client, company_staff: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    form = WHERE | {"piece": [pot.pk], "count": ["1"], "do": "next"}
    read = hidden(text(agent.post(f"/cases/{number}/order/", form)))
    agent.post(f"/cases/{number}/order/", read | {"do": "place", "duty": DUTIES})
    (found,) = everything(Solicitation)
    at, today = f"/solicitations/{found.pk}", clock.today().isoformat()

    assert agent.post(f"{at}/other/", {"on": today}).status_code == 404
    assert company_staff.post(f"{at}/papers/", {"on": today}).status_code == 403
    for wrong in ("", "2020-01-01"):
        said = text(agent.post(f"{at}/papers/", {"on": wrong}, follow=True))
        assert "注文日から今日までの日付を選んでください。" in said
    made = {"delivery": "5日以内に発送", "payment": "商品と引換え"}
    lacking = text(agent.post(f"{at}/terms/", made, follow=True))
    assert ("代表者の氏名" in lacking, everything(IssuedDocument)) == (True, [])
    assert company_staff.post(f"{at}/terms/", made).status_code == 403
    with world.ours.scope():
        firm = {"address": "京都市中京区", "phone": "075-000-0000", "representative": "髙﨑 誠"}
        set_up_shop(world.ours.company, by=SHELL, **firm)
    page = text(agent.post(f"{at}/terms/", made, follow=True))
    (paper,) = everything(IssuedDocument)
    assert f"/papers/{paper.pk}/TRM-1001.pdf" in page
    assert agent.get(f"/papers/{paper.pk}/TRM-1001.pdf")["Content-Type"] == "application/pdf"
    assert "TRM-1002" in text(agent.post(f"{at}/terms/", {"again": "1"}, follow=True))
    assert "クーリングオフの期限は" in text(agent.post(f"{at}/papers/", {"on": today}, follow=True))
    done = text(agent.post(f"{at}/withdraw/", {"on": today}, follow=True))

    assert f"{today} にクーリングオフ" in done
    assert [one.state for one in everything(Order)] == ["cancelled"]
    with override("ja"):
        told = f"O-1001 のクーリングオフ（{whole_day(clock.today())} 発信）"
    assert told in text(agent.get(f"/cases/{number}/"))
    assert agent.post(f"{at}/withdraw/", {"on": today}).status_code == 409


def test_what_was_withdrawn_from_is_given_back_and_not_exchanged(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    form = WHERE | {"piece": [pot.pk], "count": ["1"], "do": "next"}
    read = hidden(text(agent.post(f"/cases/{number}/order/", form)))
    agent.post(f"/cases/{number}/order/", read | {"do": "place", "duty": DUTIES})
    (order,), (found,) = everything(Order), everything(Solicitation)
    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)
        mark_paid(order, by=SHELL)
        back = withdraw(found, clock.today(), by=SHELL)
        assert back is not None
        inspect(back, {}, by=SHELL)
    page = text(agent.get(f"/orders/{order.pk}/"))

    assert ('value="refund"' in page, 'value="exchange"' in page) == (True, False)
    said = text(agent.post(f"/returns/{back.pk}/", {"do": "exchange"}, follow=True))
    assert ("クーリングオフされています" in said, len(everything(Order))) == (True, 1)


def test_of_what_was_sent_in_part_the_rest_cannot_be_put_together(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    form = WHERE | {"piece": [pot.pk], "count": ["2"], "do": "next"}
    read = hidden(text(agent.post(f"/cases/{number}/order/", form)))
    agent.post(f"/cases/{number}/order/", read | {"do": "place", "duty": DUTIES})
    (order,), (found,) = everything(Order), everything(Solicitation)
    at = f"/orders/{order.pk}/"
    with world.ours.scope():
        (line,) = (one for one in in_order(order) if not one.shipping)
        sent = make_parcel(order, carrier="yamato", pieces={line.pk: 1}, state="handed_over", by=SHELL)
    offered = f"{at}parcels/"
    before = text(agent.get(at))
    with world.ours.scope():
        withdraw(found, clock.today(), by=SHELL)
    after = text(agent.get(at))

    assert [(offered in page, str(sent) in page) for page in (before, after)] == [(True, True), (False, True)]


def test_a_subscription_that_we_offered_where_nobody_said_what_was_advertised(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    with world.ours.scope():
        Campaign.objects.all().delete()
        write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=1, by=SHELL)
    order = order_of(by_phone.customer_id, by_phone.desk_id, (pot, 1), case=by_phone.pk)
    at = f"/orders/{order.pk}/again/"
    with world.ours.scope():
        (line,) = in_order(order)
    form = text(agent.get(at))
    typed = hidden(form) | {"line": line.pk, "rhythm": "1 month", "do": "read"}
    del typed["offered"]  # nobody has ticked it
    plain = text(agent.post(at, typed))
    read = text(agent.post(at, typed | {"offered": "1"}))
    half = agent.post(at, hidden(read) | {"do": "begin"})

    assert ('name="offered"' in form, 'name="duty"' in plain, 'name="duty"' in read) == (True, False, True)
    assert (half.status_code, everything(Subscription)) == (422, [])
    assert agent.post(at, hidden(text(half)) | {"do": "begin", "duty": DUTIES}).status_code == 302
    assert [(one.outside, one.subscription_id is None) for one in everything(Solicitation)] == [
        (["急須"], False)
    ]
    with world.ours.scope():
        Case.objects.filter(pk=by_phone.pk).update(channel="email")
    assert 'name="offered"' not in text(agent.get(at))


def test_a_subscription_that_was_not_advertised(
    agent: Client, world: World, by_phone: Case, number: str, pot: Variant
) -> None:
    case_at = f"/cases/{number}/order/"
    with world.ours.scope():
        write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=1, by=SHELL)
    tea = hidden(text(agent.post(case_at, WHERE | {"q": "煎茶", "do": "next"})))
    plain = hidden(text(agent.post(case_at, tea | WHERE | {"do": "next"})))
    assert agent.post(case_at, plain | {"do": "place"}).status_code == 302
    (order,) = everything(Order)
    at = f"/orders/{order.pk}/again/"
    with world.ours.scope():
        (line,) = in_order(order)
    typed = hidden(text(agent.get(at))) | {"line": line.pk, "rhythm": "1 month", "do": "read"}
    read = text(agent.post(at, typed))
    half = agent.post(at, hidden(read) | {"do": "begin"})

    assert ('name="duty"' in read, half.status_code, everything(Subscription)) == (True, 422, [])
    assert 'name="duty"' in text(half)
    assert agent.post(at, hidden(read) | {"do": "begin", "duty": DUTIES}).status_code == 302
    (made,) = everything(Subscription)
    page = text(agent.get(f"/subscriptions/{made.pk}/"))
    assert ("電話勧誘販売" in page, [task.title[:6] for task in everything(Task)]) == (True, ["S-1001"])
    (found,) = everything(Solicitation)
    today = clock.today().isoformat()
    assert ('value="unsaid"' in page, 'value="withdrew"' in page) == (True, False)
    refused = agent.post(f"/subscriptions/{made.pk}/cancel/", {"reason": "withdrew"}, follow=True)
    assert [one.state for one in everything(Subscription)] == ["active"]
    assert "解約の理由を選んでください" in text(refused)
    withdrawn = agent.post(f"/solicitations/{found.pk}/withdraw/", {"on": today})
    assert withdrawn["Location"] == f"/subscriptions/{made.pk}/"
    assert [(one.state, one.reason) for one in everything(Subscription)] == [("ended", "withdrew")]
    assert "解約を取り消す" not in text(agent.get(f"/subscriptions/{made.pk}/"))
    # Declined instead, nothing begins and it is written down.
    other = hidden(text(agent.post(at, typed | {"once": ""})))
    assert agent.post(at, other | {"do": "declined"})["Location"] == f"/orders/{order.pk}/"
    assert [one.given for one in everything(Consent)] == [False]
    assert len(everything(Subscription)) == 1
