"""What is worth knowing about a customer: beside the case, on its page, on the ringing phone; kept from whom it is."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.customers.actions import write_note
from madoguchi.customers.models import Customer, CustomerNote
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.voice.models import AgentPhone, Call

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOTE = {"do": "note", "kind": "wish", "text": "置き配をご希望"}


def main_of(answer: object) -> str:
    """What stands on a page apart from its frame."""
    return text(answer).partition("<main")[2].partition("</main")[0]  # type: ignore[arg-type]


def test_it_is_noted_shown_taken_away_and_put_back(
    agent: Client, world: World, case: Case, number: str
) -> None:
    at, beside = f"/cases/{number}/knowing/", f"/cases/{number}/"
    assert at in text(agent.get(beside))
    assert "記録はありません。" in main_of(agent.get(at))

    made = agent.post(at, NOTE)
    (note,) = everything(CustomerNote)
    assert (made["Location"], note.text, note.case_id) == (at, "置き配をご希望", case.pk)
    assert f"{clock.today() + timedelta(days=365):%Y-%m-%d}まで" in main_of(agent.get(at))
    assert "置き配をご希望" in text(agent.get(beside))

    taken = text(agent.post(at, {"do": "end", "note": note.pk}, follow=True))
    assert ("30日以内なら元に戻せます" in taken, "置き配をご希望" in text(agent.get(beside))) == (True, False)
    agent.post(at, {"do": "back", "note": note.pk})
    assert "置き配をご希望" in text(agent.get(beside))
    agent.post(at, {"do": "end", "note": note.pk})
    agent.post(at, NOTE)
    refused = text(agent.post(at, {"do": "back", "note": note.pk}, follow=True))
    assert "同じ内容がすでに記録されています。" in refused
    [anew] = [one for one in everything(CustomerNote) if one.ended_at is None]
    assert anew.pk != note.pk
    for wrong in ("", "x", "9" * 19, str(anew.pk + 1)):
        assert agent.post(at, {"do": "end", "note": wrong}).status_code == 404
    assert [one.pk for one in everything(CustomerNote) if one.ended_at is None] == [anew.pk]


def test_a_doubtful_word_is_asked_about_first(agent: Client, case: Case, number: str) -> None:
    at, said = f"/cases/{number}/knowing/", NOTE | {"text": "クレーマー。持病あり"}
    first = main_of(agent.get(at))
    asked = agent.post(at, said)

    assert ('type="checkbox"' in first, asked.status_code, everything(CustomerNote)) == (False, 422, [])
    for words in ("おとしめる言葉", "要配慮個人情報", "クレーマー。持病あり</textarea>", 'type="checkbox"'):
        assert words in main_of(asked)
    assert agent.post(at, said | {"sure": "on"}).status_code == 302
    assert [one.text for one in everything(CustomerNote)] == ["クレーマー。持病あり"]
    memo = agent.post(f"/cases/{number}/memo/", {"memo": "クレーマー"}, follow=True)
    assert "おとしめる言葉" in text(memo)


def test_nothing_is_chosen_beforehand_and_what_was_typed_stays(agent: Client, number: str) -> None:
    at = f"/cases/{number}/knowing/"
    assert "checked" not in main_of(agent.get(at))
    answers = [
        agent.post(at, NOTE | wrong) for wrong in ({"kind": ""}, {"text": ""}, {"until": "2020-01-01"})
    ]

    assert [one.status_code for one in answers] == [422] * 3
    assert "置き配をご希望</textarea>" in main_of(answers[0])
    assert "今日から3年以内の日付" in main_of(answers[2])
    assert everything(CustomerNote) == []


def test_wishes_stand_beside_the_case(agent: Client, world: World, case: Case, number: str) -> None:
    at = f"/cases/{number}/knowing/"
    said = {"do": "wishes", "pace": "slow", "detail": "steps", "prefers": "line"}

    assert agent.post(at, said | {"pace": "dancing"}).status_code == 422
    assert agent.post(at, said)["Location"] == at
    beside = text(agent.get(f"/cases/{number}/"))

    for words in ("ゆっくり、はっきり", "手順を一つずつ", "LINEを希望"):
        assert words in beside
    assert [(one.pace, one.detail, one.prefers) for one in everything(Customer, pk=case.customer_id)] == [
        ("slow", "steps", "line")
    ]
    with world.ours.scope():
        told = Event.objects.filter(kind="customer.changed").order_by("id").last()
        assert told is not None
        assert told.data["fields"] == ["detail", "pace", "prefers"]


def test_the_ringing_phone_shows_it(agent: Client, world: World, case: Case) -> None:
    with world.ours.scope():
        write_note(case.customer, kind="caution", text="耳が遠い方です", by=SHELL)
        Customer.objects.filter(pk=case.customer_id).update(pace="slow", memo="午後に電話")
        now, side = clock.now(), {"company": world.ours.company, "desk": world.ours.desk}
        where = {"entry_point": world.ours.entry_point, "called": "x", "offered_at": now, "alive_at": now}
        said = Message.objects.filter(case=case).earliest("id")
        call = Call.objects.create(uid="c" * 32, state="answered", message_id=said.pk, **side, **where)
        AgentPhone.objects.create(
            user=world.ours.agent, call=call.uid, state="ringing", since=now, seen_at=now
        )
    page = text(agent.get("/phone/"))

    assert [words in page for words in ("耳が遠い方です", "ゆっくり、はっきり", "午後に電話")] == [True] * 3


@pytest.mark.parametrize("narrowed", ["masked", "hidden"])
def test_from_whom_the_memo_is_kept_the_notes_are(
    agent: Client, world: World, case: Case, number: str, narrowed: str
) -> None:
    with world.ours.scope():
        write_note(case.customer, kind="wish", text="置き配をご希望", by=SHELL)
        setattr(world.ours.engagement, narrowed, ["memo"])
        world.ours.engagement.save()
    at = f"/cases/{number}/knowing/"
    pages = [text(agent.get(where)) for where in (at, f"/cases/{number}/")]

    assert [("置き配" in page) for page in pages] == [False, False]
    assert "<form" not in main_of(agent.get(at))
    assert agent.post(at, NOTE | {"text": "別のこと"}).status_code == 403
    assert len(everything(CustomerNote)) == 1


def test_others_read_it_or_find_nothing_and_write_nothing(
    agent: Client, company_staff: Client, world: World, number: str
) -> None:
    at = f"/cases/{number}/knowing/"
    agent.post(at, NOTE)
    page = main_of(company_staff.get(at))

    assert ("置き配をご希望" in page, "<form" in page) == (True, False)
    assert company_staff.post(at, NOTE | {"text": "別のこと"}).status_code == 403
    for said in ({"do": "wishes", "pace": "slow"}, {}):
        assert company_staff.post(at, said).status_code == 403
    assert signed_in(world.theirs.agent).post(at, NOTE).status_code == 404
    assert len(everything(CustomerNote)) == 1
