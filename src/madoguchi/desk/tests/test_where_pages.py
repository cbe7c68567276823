"""Parcels on the order's page, and where an order is that has not come: advised, asked for, sent once more, told."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Draft
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Decision, Order, OrderLine, Parcel, Return
from madoguchi.commerce.parcels import make_parcel, move_parcel
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.returning import ask_return
from madoguchi.commerce.whereabouts import decide, note_answer
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.whereabouts import without_said
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.tasks.models import Task

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def order(world: World, case: Case) -> Order:
    kettle = make_variant(world.ours.company, name="南部鉄瓶", price=13_200, stock=4)
    return order_of(case.customer_id, case.desk_id, (kettle, 2), case=case.pk)


@pytest.fixture
def parcel(world: World, order: Order) -> Parcel:
    with world.ours.scope():
        return make_parcel(order, carrier="yamato", slip="1234-5678-9013", state="handed_over", by=SHELL)


def test_a_parcel_is_put_together_and_moves_on(
    agent: Client, world: World, number: str, order: Order
) -> None:
    page = text(agent.get(f"/orders/{order.pk}/"))
    line = re.search(r'name="line" value="(\d+)"', page)
    assert line
    form = {"line": line[1], "count": "２", "carrier": "yamato", "slip": "1234-5678-9012", "do": "hand_over"}
    mistyped = agent.post(f"/orders/{order.pk}/parcels/", form)
    assert (mistyped.status_code, everything(Parcel)) == (422, [])
    assert "末尾は 3 になります" in text(mistyped)

    assert agent.post(f"/orders/{order.pk}/parcels/", form | {"slip": "1234-5678-9013"}).status_code == 302
    (parcel,) = everything(Parcel)
    agent.post(
        f"/parcels/{parcel.pk}/", {"state": "absent", "at": "", "carrier": "yamato", "slip": parcel.slip}
    )

    assert [(one.state, one.slip) for one in everything(Parcel)] == [("absent", "123456789013")]
    shown = text(agent.get(f"/orders/{order.pk}/"))
    assert ("1234-5678-9013" in shown, "ご不在" in shown, "荷物を作る" in shown) == (True, True, False)
    assert "注文 O-1001 の荷物: ご不在" in text(agent.get(f"/cases/{number}/"))


def test_an_order_that_is_marked_delivered_hides_no_parcel_that_is_not(
    agent: Client, world: World, number: str, order: Order
) -> None:
    with world.ours.scope():
        (line,) = order.lines.filter(shipping=False)
        came, comes = (
            make_parcel(order, carrier="other", pieces={line.pk: 1}, state=state, by=SHELL)
            for state in ("delivered", "in_transit")
        )
        order.refresh_from_db()
        move_order(order, "delivered", by=SHELL)
    pages = [
        f"/orders/{order.pk}/",
        f"/cases/{number}/purchases/",
        f"/cases/{number}/where/?order={order.pk}",
    ]
    shown = [text(agent.get(page)) for page in pages]
    assert [re.findall(r'<span class="tag[^"]*">([^<]*)</span>', page)[0] for page in shown] == [
        "一部配達済み"
    ] * 3
    assert "注文には「配達済み」と記録されていますが、荷物の状況は異なります。" in shown[0]

    with world.ours.scope():
        move_parcel(comes, "delivered", by=SHELL)
    page = text(agent.get(pages[0]))
    assert ("一部配達済み" in page, "荷物の状況は異なります" in page, came.state) == (
        False,
        False,
        "delivered",
    )


def settled(agent: Client, number: str, **form: Any) -> Any:
    return agent.post(f"/cases/{number}/where/", {"once": str(uuid4()), **form})


def test_of_a_slip_and_a_moment_both_are_kept_or_neither(agent: Client, parcel: Parcel) -> None:
    form = {"carrier": "other", "slip": "A-100", "state": "delivered", "at": "2199-01-01T00:00"}

    refused = agent.post(f"/parcels/{parcel.pk}/", form)

    assert (refused.status_code, "未来の日時は入力できません" in text(refused)) == (422, True)
    assert [(one.carrier, one.slip, one.state) for one in everything(Parcel)] == [
        ("yamato", "123456789013", "handed_over")
    ]


def test_a_line_that_is_none_is_as_if_it_were_not_there(agent: Client, order: Order) -> None:
    form = {"line": "9" * 5_000, "count": "1", "carrier": "yamato"}

    refused = agent.post(f"/orders/{order.pk}/parcels/", form)

    assert (refused.status_code, everything(Parcel)) == (422, [])


def test_the_carrier_is_asked_by_a_task_and_the_customer_told(
    agent: Client, world: World, case: Case, number: str, order: Order, parcel: Parcel
) -> None:
    asked = {"order": order.pk, "parcel": parcel.pk, "choice": "ask_carrier"}
    page = text(agent.get(f"/cases/{number}/where/", asked))
    assert "3 日以内に動きがあります" in page
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert words
    assert "ヤマト運輸、お問い合わせ番号 1234-5678-9013" in words[1]

    without = settled(agent, number, **asked, due="", words=words[1])
    assert (without.status_code, everything(Task), everything(Decision)) == (422, [], [])
    done = settled(agent, number, **asked, due="2026-12-01T17:00", words=words[1], reason="催促あり")

    assert done.status_code == 302
    (task,) = everything(Task)
    assert (task.title, task.owner_id) == (
        "ヤマト運輸に問い合わせる: O-1001 1234-5678-9013",
        world.ours.agent.pk,
    )
    assert [(one.choice, one.reason, one.case_id) for one in everything(Decision)] == [
        ("ask_carrier", "催促あり", case.pk)
    ]
    (draft,) = everything(Draft)
    assert "ヤマト運輸に状況を確認しております" in draft.text


def test_it_is_sent_once_more_once(agent: Client, number: str, order: Order, parcel: Parcel) -> None:
    asked = {"order": order.pk, "choice": "resend", "once": str(uuid4())}
    page = text(agent.get(f"/cases/{number}/where/", asked))
    line = re.search(r'name="line" value="(\d+)"', page)
    assert line
    form = asked | {"line": line[1], "count": "1", "words": ""}
    assert settled(agent, number, **form | {"count": "3"}).status_code == 422
    for _press in range(2):
        assert settled(agent, number, **form).status_code == 302

    made = [one for one in everything(Order) if one.resend_of_id]
    assert [(one.number, one.total, one.resend_of_id) for one in made] == [(1002, 0, order.pk)]
    assert [one.state for one in everything(Parcel)] == ["handed_over", "preparing"]
    assert everything(Draft) == []
    assert "O-1001 の再送" in text(agent.get(f"/orders/{made[0].pk}/"))


def test_a_second_one_is_sent_only_where_it_is_asked_for(
    agent: Client, world: World, number: str, order: Order, parcel: Parcel
) -> None:
    asked = {"order": order.pk, "choice": "resend"}
    line = re.search(r'name="line" value="(\d+)"', text(agent.get(f"/cases/{number}/where/", asked)))
    assert line
    form = asked | {"line": line[1], "count": "1", "words": "お送りします。"}
    assert settled(agent, number, **form).status_code == 302

    again = settled(agent, number, **form)

    assert (again.status_code, len(everything(Order)), len(everything(Decision))) == (422, 2, 1)
    assert "すでに O-1002 で再送しています" in text(again)
    assert f"{world.ours.agent.name}" in text(again)
    page = text(agent.get(f"/cases/{number}/where/", asked))
    assert ("O-1002 がどこにあるか" in page, "もう一度再送する" in page) == (True, True)
    assert re.findall(r'href="\?order=[^"]*choice=(\w+)"', page) == ["wait", "ask_carrier", "resend"]
    assert settled(agent, number, **form, again="1").status_code == 302
    assert [one.number for one in everything(Order) if one.resend_of_id] == [1002, 1003]


def test_an_order_marked_as_sent_is_not_called_unsent(
    agent: Client, world: World, number: str, order: Order
) -> None:
    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)
    page = text(agent.get(f"/cases/{number}/where/", {"order": order.pk, "choice": "ask_warehouse"}))

    assert "発送済みですが、荷物の記録がありません" in page
    assert ("まだ倉庫から" in page, "発送の準備中です" in page) == (False, False)
    assert "ご注文 O-1001 は、発送済みとして記録されて" in page


def test_the_words_follow_the_time_and_the_last_choice(
    agent: Client, number: str, order: Order, parcel: Parcel
) -> None:
    first = "ご注文 O-1001 は、現在「配送中」です。\n"
    first += "ヤマト運輸に状況を確認しております。12月1日 17:00までに結果をご連絡いたします。"
    own = "お世話になっております。"
    later = {"due": "2026-12-02T09:30", "said_due": "2026-12-01T17:00"}
    settled(agent, number, order=order.pk, choice="wait", words=own)
    settled(agent, number, order=order.pk, choice="ask_carrier", words=first, **later)
    assert everything(Draft)[0].text == f"{own}\n\n{first.replace('12月1日 17:00', '12月2日 09:30')}"

    waiting = "ご注文 O-1001 は、現在「配送中」です。\nお待ちください。"
    settled(agent, number, order=order.pk, choice="wait", words=waiting)

    assert everything(Draft)[0].text == f"{own}\n\n{waiting}"


def test_only_untouched_words_about_the_same_order_are_taken_out() -> None:
    said = "ご注文 O-1 は、現在「配送中」です。\n恐れ入りますが、到着まで今しばらくお待ちいただけますでしょうか。"

    assert without_said(f"はい。\n\n{said}\n\n花もと", "O-1") == "はい。\n\n花もと"
    for kept in (said.replace("O-1 ", "O-12 "), said.replace("今しばらく", "あと少し"), f"{said}どうぞ。"):
        assert without_said(kept, "O-1") == kept


def test_only_what_was_in_the_parcel_is_proposed(
    agent: Client, world: World, number: str, order: Order
) -> None:
    with world.ours.scope():
        (line,) = order.lines.all()
        for state in ("handed_over", "delivered"):
            make_parcel(order, carrier="other", pieces={line.pk: 1}, state=state, by=SHELL)
    lost = everything(Parcel)[0]
    page = text(agent.get(f"/cases/{number}/where/", {"order": order.pk, "choice": "resend"}))
    assert ("どの荷物ですか" in page, 'name="count"' in page) == (True, False)
    page = text(
        agent.get(f"/cases/{number}/where/", {"order": order.pk, "parcel": lost.pk, "choice": "resend"})
    )
    assert re.findall(r'name="count"[^>]* value="(\d+)"', page) == ["1"]


def test_who_may_not_sell_settles_nothing(
    company_staff: Client, stranger: Client, number: str, order: Order, parcel: Parcel
) -> None:
    form = {"order": order.pk, "choice": "wait", "words": "お待ちください"}
    for client, status in ((company_staff, 403), (stranger, 404)):
        assert client.get(f"/cases/{number}/where/", form).status_code == status
        assert settled(client, number, **form).status_code == status
        assert client.post(f"/orders/{order.pk}/parcels/", {"carrier": "other"}).status_code == status
        assert client.post(f"/parcels/{parcel.pk}/", {"state": "delivered"}).status_code == status
    assert (everything(Decision), everything(Draft)) == ([], [])
    assert [one.state for one in everything(Parcel)] == ["handed_over"]


def test_the_money_is_given_back_for_what_never_came(
    agent: Client, world: World, number: str, order: Order, parcel: Parcel
) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, name="花もと", registration_number="T7000012050002", by=SHELL)
        mark_paid(order, by=SHELL)
        move_parcel(parcel, "returned", by=SHELL)
        (line,) = order.lines.all()
    asked = {
        "order": order.pk,
        "choice": "refund",
        "words": "返金いたします。",
        "line": line.pk,
        "count": "2",
    }
    asked |= {"once": str(uuid4()), "count": "1"}
    for _press in range(2):
        assert settled(agent, number, **asked).status_code == 302
    (back,) = everything(Return)
    page = text(agent.get(f"/orders/{order.pk}/"))
    assert "¥13,200 を返金済みにする" in page
    assert (
        agent.post(f"/returns/{back.pk}/", {"do": "inspect", "line": line.pk, "count": "二"}).status_code
        == 422
    )
    for do in ("refund", "slip"):
        assert agent.post(f"/returns/{back.pk}/", {"do": do}).status_code == 302

    assert [(one.state, one.total) for one in everything(Return)] == [("refunded", 13_200)]
    shown = text(agent.get(f"/orders/{order.pk}/"))
    assert ("RTN-1001" in shown, 'value="slip"' in shown) == (True, False)
    assert "返品 R-1001 の ¥13,200 を返金しました" in text(agent.get(f"/cases/{number}/"))


def test_what_was_sent_once_more_is_paid_back_and_the_other_way_round_only_where_it_is_asked_for(
    agent: Client, world: World, number: str, order: Order, parcel: Parcel
) -> None:
    with world.ours.scope():
        mark_paid(order, by=SHELL)
        (line,) = order.lines.all()
    form = {"order": order.pk, "line": line.pk, "words": ""}
    assert settled(agent, number, **form, count="1", choice="resend").status_code == 302

    back = settled(agent, number, **form, count="2", choice="refund")
    typed = {"line": line.pk, "count": "2", "reason": "not_delivered", "once": str(uuid4())}
    page = agent.post(f"/orders/{order.pk}/returns/", typed)

    assert (back.status_code, page.status_code, everything(Return)) == (422, 422, [])
    for shown in (back, page):
        assert "すでに O-1002 で再送しています" in text(shown)
        assert "返金もする" in text(shown)
    # Goods that come back are another matter: the customer has those that were sent.
    assert (
        agent.post(f"/orders/{order.pk}/returns/", typed | {"count": "1", "reason": "defect"}).status_code
        == 302
    )
    assert (
        agent.post(
            f"/orders/{order.pk}/returns/", typed | {"count": "1", "once": str(uuid4()), "again": "1"}
        ).status_code
        == 302
    )
    assert [one.reason for one in everything(Return)] == ["defect", "not_delivered"]
    with world.ours.scope():
        Order.objects.filter(resend_of=order).update(state="cancelled")

    sent = settled(agent, number, **form, count="1", choice="resend")

    assert (sent.status_code, len(everything(Order))) == (422, 2)
    assert "R-1002（受付）で返金します" in text(sent)
    assert "それでも再送する" in text(sent)
    assert settled(agent, number, **form, count="1", choice="resend", again="1").status_code == 302
    assert [one.number for one in everything(Order) if one.resend_of_id] == [1002, 1003]


def test_who_may_not_sell_takes_nothing_back(
    company_staff: Client, stranger: Client, world: World, order: Order, parcel: Parcel
) -> None:
    with world.ours.scope():
        (line,) = order.lines.all()
        back = ask_return(order, {line.pk: 1}, reason="defect", by=SHELL)
    form = {"line": line.pk, "count": "1", "reason": "defect"}
    for client, status in ((company_staff, 403), (stranger, 404)):
        assert client.post(f"/orders/{order.pk}/returns/", form).status_code == status
        assert client.post(f"/returns/{back.pk}/", form | {"do": "inspect"}).status_code == status
    assert [(one.number, one.state) for one in everything(Return)] == [(1001, "asked")]
    assert 'value="inspect"' not in text(company_staff.get(f"/orders/{order.pk}/"))


def test_an_empty_return_is_told_in_its_form_and_what_sending_cost_is_no_goods(
    agent: Client, world: World, order: Order, parcel: Parcel
) -> None:
    with world.ours.scope():
        (line,) = order.lines.all()
        like = {"company_id": order.company_id, "order": order, "tax_rate": 10, "tax_included": True}
        fee = OrderLine.objects.create(
            **like, place=2, name="送料", quantity=1, unit_price=500, shipping=True
        )
    form = {"line": line.pk, "count": "0", "reason": "defect", "note": "箱なし", "fee": fee.pk}
    page = text(agent.get(f"/orders/{order.pk}/"))
    assert (f'name="line" value="{fee.pk}"' in page, "送料も返金する" in page) == (False, True)

    refused = agent.post(f"/orders/{order.pk}/returns/", form | {"fee": ""})

    shown = text(refused)
    assert (refused.status_code, everything(Return)) == (422, [])
    assert ("返品する商品を選んでください。" in shown, 'value="箱なし"' in shown) == (True, True)
    assert '<option value="defect" selected>' in shown
    assert agent.post(f"/orders/{order.pk}/returns/", form | {"count": "1"}).status_code == 302
    with world.ours.scope():
        assert [piece.line_id for piece in everything(Return)[0].pieces.order_by("line__place")] == [
            line.pk,
            fee.pk,
        ]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"count": "二", "reason": "whim"}, ["pieces", "reason"]),
        ({"count": "9999", "reason": "whim"}, ["pieces", "reason"]),
        ({"count": "0", "reason": "defect"}, ["pieces"]),
        ({"count": "1", "reason": ""}, ["reason"]),
    ],
)
def test_all_that_a_return_lacks_is_told_at_once(
    agent: Client, world: World, order: Order, parcel: Parcel, typed: dict[str, str], fields: list[str]
) -> None:
    with world.ours.scope():
        (line,) = order.lines.all()

    refused = agent.post(f"/orders/{order.pk}/returns/", {"line": line.pk, "note": "箱なし", **typed})

    shown = text(refused)
    assert (refused.status_code, re.findall(r'id="wrong-([a-z]+)"', shown)) == (422, fields)
    assert shown.count('aria-invalid="true"') == len(fields)
    assert ('value="箱なし"' in shown, f'value="{typed["count"]}"' in shown) == (True, True)
    assert everything(Return) == []


def test_the_search_box_finds_an_order_by_its_number_or_slip(
    agent: Client, stranger: Client, order: Order, parcel: Parcel
) -> None:
    link = f'href="/orders/{order.pk}/"'
    for words in ("O-1001", "ｏ－１００１", "1001", "1234-5678-9013"):
        assert link in text(agent.get("/cases/", {"q": words}))
        assert link not in text(stranger.get("/cases/", {"q": words}))
    assert link not in text(agent.get("/cases/", {"q": "O-1002"}))
    found = agent.get("/find/", {"q": "O-1001"}).json()["results"][0]
    assert (found["label"], found["url"]) == ("O-1001", f"/orders/{order.pk}/")


def test_what_the_carrier_answers_is_written_down_and_its_task_is_done(
    agent: Client, world: World, case: Case, number: str, order: Order, parcel: Parcel
) -> None:
    at = f"/cases/{number}/where/"
    form = {"order": order.pk, "parcel": parcel.pk, "choice": "ask_carrier", "due": "2099-01-01T12:00"}
    agent.post(at, form | {"once": str(uuid4()), "words": ""})
    (asked,) = everything(Decision)
    (task,) = everything(Task)
    assert (asked.task_id, asked.answered_at, task.done_at) == (task.pk, None, None)
    assert "回答があった" in text(agent.get(f"{at}?order={order.pk}"))
    answered = f"{at}{asked.pk}/answered/"
    none = agent.post(answered, {"order": order.pk, "cause": "", "answer": "?"})
    foreign = agent.post(f"{at}{asked.pk + 1}/answered/", {"cause": "lost"})
    assert (none.status_code, "届いていない理由を選んで" in text(none)) == (422, True)
    assert (foreign.status_code, everything(Decision), everything(Task)) == (404, [asked], [task])

    with clock.held_at(asked.at + timedelta(minutes=95)):
        done = agent.post(answered, {"order": order.pk, "cause": "elsewhere", "answer": "宅配ボックス"})
    again = agent.post(answered, {"order": order.pk, "cause": "lost", "answer": ""})

    assert (done.status_code, done["Location"]) == (302, f"{at}?order={order.pk}")
    assert (again.status_code, "すでに回答が" in text(again)) == (422, True)
    (now,) = everything(Decision)
    assert (now.cause, now.answer, now.answered_by) == ("elsewhere", "宅配ボックス", world.ours.agent)
    (task,) = everything(Task)
    assert (task.done_at, task.done_by) == (asked.at + timedelta(minutes=95), world.ours.agent)
    told = {"choice": "ask_carrier", "cause": "elsewhere", "minutes": 95}
    (event,) = everything(Event, kind="order.answered")
    assert event.data == {"order": order.pk, "number": order.number, **told}
    assert "別の場所・別の人に届けた" in text(agent.get(f"{at}?order={order.pk}"))


def test_how_long_a_carrier_usually_takes_is_told_once_five_have_answered(
    agent: Client, world: World, number: str, order: Order, parcel: Parcel
) -> None:
    at = f"/cases/{number}/where/?order={order.pk}&choice=ask_carrier"
    for hours in (1, 2, 30, 3):
        _answered(world, order, parcel, hours)
    assert "半分が" not in text(agent.get(at))
    other = {"carrier": "sagawa", "slip": "", "state": "handed_over"}
    with world.ours.scope():
        elsewhere = make_parcel(order_of(order.customer_id, order.desk_id), **other, by=SHELL)
    _answered(world, order, elsewhere, 50)
    assert "半分が" not in text(agent.get(at))

    _answered(world, order, parcel, 2)

    assert "直近 5 件の回答は、半分が 2時間 以内でした。" in text(agent.get(at))


def _answered(world: World, order: Order, parcel: Parcel, hours: int) -> None:
    with world.ours.scope():
        then = clock.now() - timedelta(days=3)
        with clock.held_at(then):
            made = decide(order, "ask_carrier", parcel=parcel, by=SHELL)
        with clock.held_at(then + timedelta(hours=hours)):
            note_answer(made, cause="late", answer="", by=SHELL)
