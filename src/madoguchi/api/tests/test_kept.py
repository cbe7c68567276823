"""What the contract keeps from a token's person stands in no string of an answer."""

import json
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of
from madoguchi.api.tests.test_reading import MISAKI, mask_names
from madoguchi.cases.factories import make_case
from madoguchi.complaints.actions import Written as Complained
from madoguchi.complaints.actions import make_complaint
from madoguchi.customers.models import Customer
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.tasks.actions import Wanted as TaskWanted
from madoguchi.tasks.actions import add_task

pytestmark = pytest.mark.django_db
RAISED = ("tasks", "escalations", "slips", "signals", "complaints")
OF_THE_CUSTOMER = ("title", "question", "files", "caller", "call_back", "words", "facts", "demand")
# That somebody looks, and with which token, is kept.
READINGS = ("cases.Look", "people.AccessToken")


def test_what_was_raised_tasks_and_remarks_do_not_tell_it_either(world: World, program: Program) -> None:
    agent, due = actor_of(world.ours.agent), clock.now() + timedelta(hours=4)
    case = make_case(world.ours.entry_point, sender=MISAKI)
    words, kept = "髙橋様 misaki@home.example 優先", "••様 ••••••••••••••••••• 優先"
    with world.ours.scope():
        task = add_task(case, TaskWanted(title=words), by=agent)
        Customer.objects.filter(pk=case.customer_id).update(memo="髙橋 美咲 misaki@home.example open")
        file = File("髙橋 美咲.txt", "text/plain", b"x")
        asking = Question(question=words, cause="rule", due_at=due, files=(file,))
        ask(case, Whom(to="person", person=world.ours.supervisor.pk), asking, by=agent)
        called = {"caller": "髙橋 美咲", "call_back": "misaki@home.example"}
        make_slip(
            case,
            Written(to_name="健司", to_address="k@shop.example", words=words, due_at=due, **called),
            by=agent,
        )
        raise_signal(case, Seen(kind="site", words=words), by=agent)
        said = Complained(facts=words, demand=words, severity=3, due_at=due, responsible=world.ours.agent.pk)
        make_complaint(case, said, by=agent)
    number = case.spoken_number(world.ours.company.prefix)
    read = program().get
    whole = {name: read(f"/api/v1/cases/{number}/{name}").json() for name in RAISED}
    mask_names(world)

    seen = {name: read(f"/api/v1/cases/{number}/{name}").json() for name in RAISED}

    def without(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: value for name, value in one.items() if name not in OF_THE_CUSTOMER} for one in told]

    # Ids, states, numbers and moments are what they were; words are without what is kept.
    assert {name: without(told) for name, told in seen.items()} == {
        name: without(told) for name, told in whole.items()
    }
    [title], [asked], [slip], [signal], [complaint] = (seen[name] for name in RAISED)
    assert {
        title["title"],
        asked["question"],
        slip["words"],
        signal["words"],
        complaint["facts"],
        complaint["demand"],
    } == {kept}
    assert (slip["caller"], slip["call_back"]) == ("髙••••", "•" * 19)
    assert asked["files"][0]["name"] == "•• ••.txt"
    assert read(f"/api/v1/cases/{number}/customer").json()["memo"] == f"•• •• {'•' * 19} open"
    assert read(f"/api/v1/tasks/{task.pk}").json()["title"] == kept


def test_who_reads_dots_does_not_write_them_over_what_they_stand_for(world: World, program: Program) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    with world.ours.scope():
        task = add_task(case, TaskWanted(title="髙橋様へ"), by=actor_of(world.ours.agent))
    mask_names(world)
    client = program("agent", *READ, Permission.CASE_UPDATE)
    address, before = f"/api/v1/tasks/{task.pk}", all_of(world.ours)
    read = client.get(address).json()["title"]

    for body in (json.dumps({"title": read}), json.dumps({"title": read}, ensure_ascii=False)):
        refused = client.patch(address, body, content_type="application/json")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body")
    assert {name: rows for name, rows in all_of(world.ours).items() if name not in READINGS} == {
        name: rows for name, rows in before.items() if name not in READINGS
    }
    assert client.patch(address, {"done": True}, content_type="application/json").status_code == 200
