"""Reservations at the desk: a time pressed, read back, had; told by mail; changed, cancelled, undone; a day's list."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Look, Message
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.kernel import clock
from madoguchi.kernel.actor import DataScope
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
TEN = datetime(2026, 11, 30, 1, tzinfo=UTC)
DAY = {"day": "2026-11-30"}


@pytest.fixture(autouse=True)
def held_clock() -> Iterator[None]:
    with clock.held_at(NOW):
        yield


@pytest.fixture
def fitting(world: World) -> Resource:
    return make_resource(make_store(world.ours.company, address="東京都中央区銀座1-1"), seats=2)


@pytest.fixture
def form_at(number: str) -> str:
    return f"/cases/{number}/reservation/"


@pytest.fixture
def booked(world: World, case: Case, fitting: Resource) -> Reservation:
    with world.ours.scope():
        agent = actor_of(world.ours.agent)
        made = hold(case.customer, fitting, at(TEN, people=2), desk=case.desk, case=case.pk, by=agent)
        book(made, by=agent)
        return made


def reservations() -> list[Any]:
    return everything(Reservation)


def hidden(answer: str) -> dict[str, str]:
    """What the form takes along, as a browser sends it."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", answer.partition('class="choosing"')[0]):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and value and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = value[1]
    return found


def times(answer: str) -> dict[str, str]:
    """The buttons of times: what is said, and what is sent."""
    buttons = re.findall(r'name="(at|wait)" value="([^"]+)"[^>]*><b>([\d:]+)</b>', answer)
    return {f"{'' if name == 'at' else 'wait '}{words}": value for name, value, words in buttons}


def letters() -> list[str]:
    return [one.text for one in everything(Message) if one.author == "staff"]


@pytest.mark.parametrize("said", ["0", "-1", "", "二人", "3", "9999"])
def test_a_number_of_people_that_cannot_be_is_told_and_kept(
    agent: Client, form_at: str, fitting: Resource, said: str
) -> None:
    form = {**hidden(text(agent.get(form_at))), "resource": str(fitting.pk), "nights": "1", **DAY}
    there = text(agent.post(form_at, form | {"people": "２"}))
    at_ten = hidden(there) | {"at": times(there)["10:00"]}

    for pressed in ({}, at_ten):
        refused = agent.post(form_at, form | pressed | {"people": said})

        assert (refused.status_code, "人数は1から2までの数字で入力してください。" in text(refused)) == (
            422,
            True,
        )
        assert f'value="{said}" maxlength="4" autofocus aria-invalid="true"' in text(refused)
        assert times(text(refused)) == times(there)
    assert reservations() == []


def test_a_time_is_pressed_read_back_and_had(
    agent: Client, world: World, case: Case, number: str, form_at: str, fitting: Resource
) -> None:
    opened = text(agent.get(form_at))
    assert "autofocus" in re.search(r'<input id="day"[^>]*>', opened)[0]  # type: ignore[index]
    form = {**hidden(opened), "resource": str(fitting.pk), "people": "2", "nights": "1", "note": "杖をご使用"}
    there = text(agent.post(form_at, form | DAY))
    assert list(times(there))[:3] == ["10:00", "10:30", "11:00"]
    assert 'value="杖をご使用"' in there
    assert reservations() == []

    pressed = agent.post(form_at, form | hidden(there) | DAY | {"at": times(there)["10:00"]})

    (made,) = reservations()
    assert (pressed.status_code, pressed["Location"]) == (302, f"/reservations/{made.pk}/")
    assert (made.state, made.begins, made.people, made.note) == ("held", TEN, 2, "杖をご使用")
    read_back = text(agent.get(pressed["Location"]))
    assert "2026年11月30日(月) 10:00 – 11:00" in read_back
    assert "東京都中央区銀座1-1" in read_back
    assert "10:10 まで" in read_back
    done = agent.post(f"/reservations/{made.pk}/book/", {"tell": "1"})
    assert (done.status_code, done["Location"]) == (302, f"/cases/{number}/")
    assert reservations()[0].state == "booked"
    conversation = text(agent.get(f"/cases/{number}/"))
    assert (
        f"{world.ours.agent.name}さんが 2026年11月30日(月) 10:00 のご予約を承りました（V-1001）"
        in conversation
    )


def test_the_customer_is_told_by_the_road_of_every_answer(
    agent: Client, case: Case, booked: Reservation
) -> None:
    agent.post(f"/reservations/{booked.pk}/cancel/", {"tell": "1"})

    (letter,) = letters()
    assert letter.startswith("髙橋 美咲 様\n\nご予約を取り消しました。\n\n予約番号: V-1001\n内容: 採寸\n")
    assert "日時: 2026年11月30日(月) 10:00 – 11:00" in letter
    (outgoing,) = everything(Outgoing)
    assert outgoing.state == "queued"
    page = text(agent.get(f"/reservations/{booked.pk}/"))
    assert f'action="/reservations/{booked.pk}/undo/?tell=1"' in page
    assert ("取り消し済み" in page, "取り消しを元に戻す" in page) == (True, True)
    agent.post(f"/reservations/{booked.pk}/undo/?tell=1")
    assert "ご予約の内容は次のとおりです。" in letters()[-1]
    assert reservations()[0].state == "booked"


def test_a_second_press_tells_nobody_a_second_time(
    agent: Client, world: World, case: Case, fitting: Resource
) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        made = hold(case.customer, fitting, at(TEN), desk=case.desk, case=case.pk, by=by)

    pressed = [agent.post(f"/reservations/{made.pk}/book/", {"tell": "1"}) for _press in (1, 2)]

    assert [(one.status_code, one["Location"]) for one in pressed] == [(302, pressed[0]["Location"])] * 2
    (letter,) = letters()
    assert "ご予約の内容は次のとおりです。" in letter
    assert (len(everything(Outgoing)), reservations()[0].state) == (1, "booked")


def test_who_is_not_to_be_told_is_not(agent: Client, booked: Reservation) -> None:
    agent.post(f"/reservations/{booked.pk}/cancel/")
    assert (letters(), reservations()[0].state) == ([], "cancelled")

    # nor of what is undone
    assert f'action="/reservations/{booked.pk}/undo/"' in text(agent.get(f"/reservations/{booked.pk}/"))
    agent.post(f"/reservations/{booked.pk}/undo/")
    assert (letters(), reservations()[0].state) == ([], "booked")


def test_a_reservation_stands_where_no_mail_can_be_sent(
    agent: Client, world: World, case: Case, booked: Reservation
) -> None:
    with world.ours.scope():
        world.ours.entry_point.active = False
        world.ours.entry_point.save()

    agent.post(f"/reservations/{booked.pk}/cancel/", {"tell": "1"})

    said = text(agent.get(f"/reservations/{booked.pk}/"))
    assert "お客様へのメールは送信していません" in said
    assert (letters(), reservations()[0].state) == ([], "cancelled")


def test_what_is_full_can_be_waited_for(
    agent: Client, form_at: str, fitting: Resource, booked: Reservation
) -> None:
    form = {**hidden(text(agent.get(form_at))), "resource": str(fitting.pk), "nights": "1"}
    there = text(agent.post(form_at, form | DAY))
    assert list(times(there))[:3] == ["wait 10:00", "wait 10:30", "11:00"]

    agent.post(form_at, form | hidden(there) | DAY | {"wait": times(there)["wait 10:00"]})

    waits = reservations()[-1]
    assert (waits.state, waits.unit) == ("waiting", None)
    refused = agent.post(f"/reservations/{waits.pk}/offer/")
    assert refused.status_code == 409
    agent.post(f"/reservations/{booked.pk}/cancel/")
    assert "空きが出ました" in text(agent.get(f"/reservations/{booked.pk}/"))
    agent.post(f"/reservations/{waits.pk}/offer/")
    assert [one.state for one in reservations()] == ["cancelled", "held"]


def test_times_of_something_else_are_shown_before_one_is_had(
    agent: Client, form_at: str, fitting: Resource
) -> None:
    other = make_resource(fitting.store, name="相談")
    form = {**hidden(text(agent.get(form_at))), "resource": str(fitting.pk), "nights": "1"}
    there = text(agent.post(form_at, form | DAY))
    form |= hidden(there) | DAY | {"at": times(there)["10:00"]}

    for changed in ({"resource": str(other.pk)}, {"day": "2026-12-01"}):
        answer = agent.post(form_at, form | changed)
        assert (answer.status_code, "別の条件に変わりました" in text(answer)) == (422, True)

    assert reservations() == []


@pytest.mark.parametrize(
    "moment", ["", "x", "2026-11-30T10:00:00", "2026-11-30T10:07:00+09:00", "9999-12-31T23:59:59+00:00"]
)
def test_a_moment_that_is_no_time_holds_nothing(
    agent: Client, form_at: str, fitting: Resource, moment: str
) -> None:
    form = {"resource": str(fitting.pk), **DAY, "nights": "1", "seen": f"{fitting.pk} 2026-11-30 1"}

    answer = agent.post(form_at, form | {"at": moment, "note": "窓側"})

    assert (answer.status_code, reservations()) == (422 if moment else 200, [])
    assert 'value="窓側"' in text(answer)


@pytest.mark.parametrize("status", ["waiting_customer", "waiting_third"])
def test_a_confirmation_opens_no_case_that_waits(
    agent: Client, world: World, case: Case, booked: Reservation, status: str
) -> None:
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(status=status)

    agent.post(f"/reservations/{booked.pk}/cancel/", {"tell": "1"})

    assert (len(letters()), everything(Case)[0].status) == (1, status)


def test_a_day_or_nights_that_are_none_are_told_and_not_taken_for_others(
    agent: Client, form_at: str, fitting: Resource
) -> None:
    room = make_resource(fitting.store, name="和室", kind="room", seats=2)
    form = {**hidden(text(agent.get(form_at))), "resource": str(room.pk), "people": "1", "nights": "2", **DAY}
    there = text(agent.post(form_at, form))
    assert "2026年11月30日(月)" in there
    pressed = hidden(there) | {"at": times(there)["15:00"]}

    nights, day = "泊数は1から60までの数字で入力してください。", "日付を入力してください。"
    for changed, words in (({"nights": said}, nights) for said in ("0", "二泊", "", "61")):
        refused = agent.post(form_at, form | pressed | changed)
        assert (refused.status_code, words in text(refused)) == (422, True)
        assert f'name="nights" inputmode="numeric" value="{changed["nights"]}"' in text(refused)
    for said in ("", "あした"):
        assert day in text(agent.post(form_at, form | pressed | {"day": said}))
    assert reservations() == []


def test_who_has_another_at_the_same_time_is_asked_and_may_have_both(
    agent: Client, world: World, case: Case, fitting: Resource, booked: Reservation
) -> None:
    # given a booking from ten to eleven, and another hold of the same customer that touches it
    other = make_resource(fitting.store, name="相談")
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        late = hold(case.customer, other, at(TEN + timedelta(minutes=30)), desk=case.desk, by=by)
        after = hold(case.customer, other, at(TEN + timedelta(minutes=90)), desk=case.desk, by=by)

    # then it is said of the one, not of the one that begins afterwards
    page = text(agent.get(f"/reservations/{late.pk}/"))
    assert ("同じ時間に" in page, f'href="/reservations/{booked.pk}/"' in page) == (True, True)
    assert "同じ時間に" not in text(agent.get(f"/reservations/{after.pk}/"))
    agent.post(f"/reservations/{late.pk}/book/")
    assert [one.state for one in reservations()] == ["booked", "booked", "held"]


def test_it_is_changed_and_that_is_undone(agent: Client, fitting: Resource, booked: Reservation) -> None:
    address = f"/reservations/{booked.pk}/change/"
    opened = text(agent.get(address))
    # Its own time is in nobody's way.
    assert list(times(opened))[:2] == ["10:00", "10:30"]
    form = {**hidden(opened), "resource": str(fitting.pk), **DAY, "nights": "1", "people": "1"}

    for _press in (1, 2):
        assert agent.post(address, form | {"at": times(opened)["10:30"], "tell": "1"}).status_code == 302

    (changed,) = reservations()
    assert (changed.begins, changed.people) == (TEN + timedelta(minutes=30), 1)
    assert (len(letters()), "V-1001 はすでにこの内容です。" in text(agent.get("/"))) == (1, True)
    agent.post(f"/reservations/{booked.pk}/undo/")
    assert (reservations()[0].begins, reservations()[0].people) == (TEN, 2)
    assert agent.post(f"/reservations/{booked.pk}/sell/").status_code == 404


def test_the_number_called_says_which_store_is_meant(
    agent: Client, world: World, case: Case, form_at: str, fitting: Resource
) -> None:
    shibuya = make_store(world.ours.company, name="渋谷店", entry_point=world.ours.entry_point)
    other = make_resource(shibuya, name="採寸")

    assert f'value="{other.pk}" selected' in text(agent.get(form_at))


def test_where_nothing_is_set_up_that_is_said(agent: Client, form_at: str) -> None:
    assert "予約できるものがまだありません" in text(agent.get(form_at))


def test_a_day_is_listed_and_turned(
    agent: Client, company_staff: Client, number: str, fitting: Resource, booked: Reservation
) -> None:
    listed = text(company_staff.get("/reservations/?day=2026-11-30"))
    assert "2026年11月30日(月) 10:00 – 11:00" in listed
    assert "髙橋 美咲" in listed
    assert "V-1001" not in text(agent.get(f"/reservations/?day=2026-11-30&store={fitting.store_id + 1}"))
    assert "この日のご予約はありません" in text(agent.get("/reservations/?day=2026-12-01"))
    assert "この日のご予約はありません" in text(agent.get("/reservations/?day=none&store=x"))
    beside = text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))
    assert "V-1001" in beside


def test_what_the_contract_masks_is_masked(
    agent: Client, world: World, case: Case, booked: Reservation
) -> None:
    with world.ours.scope():
        world.ours.engagement.masked = ["name"]
        world.ours.engagement.save()
    assert actor_of(world.ours.agent).data_scope(company=case.company_id) == DataScope(
        masked=frozenset({"name"})
    )

    for address in (f"/reservations/{booked.pk}/", "/reservations/?day=2026-11-30"):
        assert "髙橋" not in text(agent.get(address))
    agent.post(f"/reservations/{booked.pk}/cancel/", {"tell": "1"})
    (letter,) = letters()
    assert letter.startswith("ご予約を取り消しました。\n\n予約番号: V-1001\n")


def test_who_looks_is_kept_and_a_company_reads_alone(
    company_staff: Client, stranger: Client, world: World, form_at: str, booked: Reservation
) -> None:
    page = text(company_staff.get(f"/reservations/{booked.pk}/"))

    assert "/cancel/" not in page
    assert [one.customer_id for one in everything(Look)][-1] == booked.customer_id
    assert company_staff.get(form_at).status_code == 403
    for what in ("cancel", "undo", "book", "drop", "offer"):
        assert company_staff.post(f"/reservations/{booked.pk}/{what}/").status_code == 403
    for address in (f"/reservations/{booked.pk}/", f"/reservations/{booked.pk}/change/", form_at):
        assert stranger.get(address).status_code == 404
    assert "V-1001" not in text(stranger.get("/reservations/?day=2026-11-30"))
    assert [one.state for one in reservations()] == ["booked"]


@pytest.mark.parametrize("narrowed", ["masked", "hidden"])
def test_a_remark_that_is_not_shown_is_not_in_the_form_and_stays(
    agent: Client, world: World, booked: Reservation, fitting: Resource, narrowed: str
) -> None:
    """Given a remark that the contract keeps from the agent, when they take another time, then it is as it was."""
    with world.ours.scope():
        Reservation.objects.filter(pk=booked.pk).update(note="左利きの方")
        setattr(world.ours.engagement, narrowed, ["memo"])
        world.ours.engagement.save()
    address = f"/reservations/{booked.pk}/change/"
    opened = text(agent.get(address))
    shown = text(agent.post(address, {**hidden(opened), **DAY, "resource": fitting.pk, "people": "2"}))
    assert [page for page in (opened, shown) if "左利きの方" in page or 'id="note"' in page] == []

    sent = {**hidden(shown), **DAY, "resource": fitting.pk, "people": "2", "at": times(shown)["11:00"]}
    assert agent.post(address, {**sent, "note": "書き換え"}).status_code == 302

    [one] = reservations()
    assert (one.note, one.begins) == ("左利きの方", TEN + timedelta(hours=1))
