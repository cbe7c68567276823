"""A disclosure tells nothing of other people, and no key of ours."""

import json
from datetime import timedelta

import pytest
from django.db import models

from madoguchi.batches.actions import start
from madoguchi.batches.models import BatchRow
from madoguchi.cases.actions import merge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Message
from madoguchi.channels.email.models import SentMail
from madoguchi.customers.actions import change_customer
from madoguchi.customers.factories import make_customer
from madoguchi.escalations.models import Escalation, Slip, SlipLetter
from madoguchi.escalations.slips import Written, make_slip, send_again
from madoguchi.following.models import Notification
from madoguchi.infra.models import EventWords
from madoguchi.intake.models import SenderRule
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights.collecting import collected
from madoguchi.rights.person import Person
from madoguchi.rights.registry import HELD, model_of
from madoguchi.rights.withheld import NEVER, OF_OTHERS, WHOSE, is_theirs, told_columns
from madoguchi.shield.caring import consult
from madoguchi.shield.models import Consultation

pytestmark = pytest.mark.django_db
MISAKI = Party("Misaki@home.example", "髙橋 美咲")
# Each stands in one column alone, and none is the customer's.
OTHERS = ("Slipname", "slip@third.example", "refused-third", "Answerer", "blind@third.example", "Mailserver")
OTHERS += ("Notifier", "Ruler", "secret-of-draft", "other@third.example", "別の 人", "outbox@third.example")


def ask_others(world: World, case: Case) -> None:
    """Somebody was asked, somebody else wrote in the case, and blind copies left."""
    side, now = world.ours, clock.now()
    by = {"company": side.company, "case": case}
    asked = Escalation.objects.create(
        **by, to="outside", cause="rule", question="鉄瓶は?", asked_at=now, due_at=now, answered_as="Answerer"
    )
    slip = Slip.objects.create(
        **by,
        escalation=asked,
        to_name="Slipname",
        to_address="slip@third.example",
        words="折り返し",
        due_at=now,
        made_at=now,
        generation=7531,
        expires_at=now + timedelta(days=1),
        undelivered="refused-third",
    )
    made = {"company": side.company, "slip": slip, "generation": 7531, "created_at": now, "due_at": now}
    SlipLetter.objects.create(**made, response="Mailserver")
    told = {"user": side.agent, "event": 1, "kind": "k", "why": "wrote", "who": "Notifier", "at": now}
    Notification.objects.create(**by, **told)
    listed = {"kind": "allow", "pattern": "misaki@home.example", "added_by": "Ruler", "added_at": now}
    SenderRule.objects.create(company=side.company, **listed)
    Draft.objects.create(**by, user=side.agent, text="下書き", bcc="secret-of-draft", saved_at=now)
    message = Message.objects.filter(case=case).earliest("pk")
    Message.objects.filter(pk=message.pk).update(bcc=[["", "blind@third.example"]])
    sent = {
        "external_id": message.external_id,
        "recipients": ["outbox@third.example"],
        "raw": b"",
        "sent_at": now,
    }
    SentMail.objects.create(company=side.company, **sent)


def test_no_name_or_address_of_others_and_no_key_is_told(world: World) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI, text="鉄瓶が届きません。")
    second = say_again(case, text="私は隣人です。")
    with world.ours.scope():
        of_another = {"sender_address": "other@third.example", "sender_name": "別の 人"}
        Message.objects.filter(pk=second.pk).update(**of_another)
        ask_others(world, case)
        told, _files = collected(Person(case.customer))
    said = json.dumps(told, ensure_ascii=False)

    assert [word for word in (*OTHERS, case.reply_token, "7531") if word in said] == []
    for word in (
        "鉄瓶が届きません。",
        "私は隣人です。",
        "鉄瓶は?",
        "折り返し",
        "下書き",
        "Misaki@home.example",
    ):
        assert word in said
    [first, other] = told["cases"][0]["messages"]
    assert first["from"] == {"name": "髙橋 美咲", "address": "Misaki@home.example"}
    assert other["from"] == {}
    assert {len(told["records"][label]) for label in ("escalations.Slip", "escalations.Escalation")} == {1}


def test_that_one_of_us_sought_counsel_or_is_cared_for_is_not_told(world: World) -> None:
    """Given a case about which an agent asked their employer for counsel, then nothing in the disclosure says so; what
    the bell told of something else is there, without whom.
    """
    case, now = make_case(world.ours.entry_point, sender=MISAKI), clock.now()
    with world.ours.scope():
        consult(case, words="怖い", by=actor_of(world.ours.agent))
        here = {"company": world.ours.company, "case": case, "user": world.ours.agent, "at": now}
        for at, kind in enumerate(("consultation.made", "care.set", "case.assigned"), start=1):
            Notification.objects.create(**here, event=at, kind=kind, why="wrote", who="Notifier")
        told, _files = collected(Person(case.customer))
        assert Consultation.objects.count() == 1
    said = json.dumps(told, ensure_ascii=False)

    hints = ("shield.Consultation", "consultation", "care.set", "怖い")
    assert [word for word in hints if word in said] == []
    assert [row["kind"] for row in told["records"]["following.Notification"]] == ["case.assigned"]


def test_beside_the_log_stands_no_address_of_who_was_asked(world: World) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    lead, later = actor_of(world.ours.supervisor), clock.now() + timedelta(hours=1)
    asked = Written(to_name="健司", to_address="kenji@third.example", words="部品はありますか", due_at=later)
    with world.ours.scope():
        send_again(make_slip(case, asked, by=lead), address="kenji2@third.example", by=lead)
        change_customer(case.customer, address="京都市中京区", by=lead)
        assert EventWords.objects.count() == 3
        told, _files = collected(Person(case.customer))
    said = json.dumps(told, ensure_ascii=False)

    assert [word for word in ("健司", "third.example") if word in said] == []
    assert "部品はありますか" in said
    [beside] = told["records"]["infra.EventWords"]
    assert beside["changes"] == {"address": ["", "京都市中京区"]}


def test_of_two_cases_that_became_one_only_their_own_is_told(world: World) -> None:
    """Where the other case is somebody else's by now, how that stood is theirs to ask for."""
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        mine, same, gone_on, other = (make_case(world.ours.entry_point, sender=MISAKI) for _case in range(4))
        Case.objects.filter(pk=other.pk).update(preview="代わりにうかがいます。")
        merge(same, into=mine, by=agent)
        merge(gone_on, into=Case.objects.get(pk=other.pk), by=agent)
        # The two records were parted since.
        Case.objects.filter(pk=other.pk).update(customer=make_customer(world.ours.company))
        told, _files = collected(Person(mine.customer))
    first, second = told["records"]["cases.Merge"]

    assert (set(first["before"]), set(first["after"])) == ({"case", "into"}, {"case", "into"})
    assert (set(second["before"]), set(second["after"])) == ({"case"}, {"case"})
    assert "代わりにうかがいます" not in json.dumps(second, ensure_ascii=False)


def test_who_of_us_it_was_and_keys_are_told_at_no_depth(world: World) -> None:
    agent = actor_of(world.ours.agent)
    case = make_case(world.ours.entry_point, sender=MISAKI)
    with world.ours.scope():
        batch = start([case.pk], verb="priority", value="4", by=agent)
        BatchRow.objects.filter(batch=batch).update(
            before={
                "assignee_id": world.ours.agent.pk,
                "tags": ["返品"],
                "letter": [{"bcc": "blind@third.example", "text": "お詫び", "token": "key-of-ours"}],
            }
        )
        told, _files = collected(Person(case.customer))

    [row] = told["records"]["batches.BatchRow"]
    assert row["before"] == {"tags": ["返品"], "letter": [{"text": "お詫び"}]}


def test_what_is_withheld_are_columns_there_are() -> None:
    for said in (NEVER, OF_OTHERS, WHOSE):
        for label, names in said.items():
            assert label in HELD
            assert set(names) <= {column.name for column in model_of(label)._meta.concrete_fields}


def test_whatever_is_called_a_key_is_told_of_no_table() -> None:
    keys = ("token", "generation", "secret", "password", "archive", "bcc")
    for label in HELD:
        columns: list[models.Field] = told_columns(model_of(label)(), ())
        assert [c.name for c in columns if any(key in c.name for key in keys)] == [], label


def test_whose_a_line_is_says_the_address_it_begins_with() -> None:
    assert is_theirs("A@x.example rice", {"a@x.example"})
    assert is_theirs("", {"a@x.example"})
    assert is_theirs("Misaki called", ())
    assert not is_theirs("ba@x.example rice for a@x.example", {"a@x.example"})
