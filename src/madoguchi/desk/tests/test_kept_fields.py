"""Forms of a case as somebody meets them from whom a name is kept: the words hold it, and neither leak nor lose it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from madoguchi.cases.actions import save_draft
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft
from madoguchi.companies.models import Engagement
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.complaints.models import Complaint
from madoguchi.customers.models import Customer
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.tasks.models import Task

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "髙橋 美咲様のお宅へ\n・夕方に電話"
LINE = "髙橋 美咲様に電話"
DOTS = "•• ••様"


@pytest.fixture
def case(world: World) -> Case:
    """Everywhere somebody wrote the customer's name before the contract kept it from the agent."""
    made, agent = make_case(world.ours.entry_point), actor_of(world.ours.agent)
    with world.ours.scope():
        Customer.objects.filter(pk=made.customer_id).update(name="髙橋 美咲", memo=SAID)
        add_task(made, Wanted(title=LINE), by=agent)
        due = clock.now() + timedelta(days=1)
        make_complaint(made, Written(facts=SAID, demand=LINE, severity=2, due_at=due), by=agent)
        save_draft(made, kind="reply", text=SAID, by=agent)
    with scope.everywhere(reason="a test changes the contract"):
        Engagement.objects.filter(company=world.ours.company).update(masked=["name"])
    return made


def fields_of(page: str, holding: str) -> tuple[str, dict[str, list[str]]]:
    """Where the form that has this field is sent to, and all that a browser sends of it."""
    forms = re.findall(r"<form\b[^>]*>.*?</form>", page, re.DOTALL)
    [form] = [one for one in forms if re.search(rf'<(?:textarea|input)\b[^>]*\bname="{holding}"', one)][:1]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = (re.search(rf'\s{one}="([^"]*)"', tag) for one in ("name", "value"))
        if name and 'type="checkbox"' not in tag:
            sent.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, words in re.findall(
        r'<textarea\b[^>]*?name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL
    ):
        sent.setdefault(name, []).append(unescape(words))
    for name, options in re.findall(r'<select\b[^>]*?name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent.setdefault(name, []).append(chosen[1] if chosen else "")
    action = re.search(r'\saction="([^"]*)"', form)
    return unescape(action[1]) if action else "", sent


def roads(world: World, case: Case) -> dict[str, tuple[str, str, Callable[[], str]]]:
    """Page, field and what is stored, for each form whose words may hold the name."""
    number = case.spoken_number(world.ours.company.prefix)
    with world.ours.scope():
        task, complaint = Task.objects.get().pk, Complaint.objects.get().pk

    def kept(
        rows: type[Customer] | type[Task] | type[Complaint] | type[Draft], name: str
    ) -> Callable[[], str]:
        def read() -> str:
            with world.ours.scope():
                return str(rows.objects.values_list(name, flat=True).get())

        return read

    return {
        "memo": (f"/cases/{number}/", "memo", kept(Customer, "memo")),
        "task": (f"/cases/{number}/tasks/{task}/", "title", kept(Task, "title")),
        "complaint": (f"/complaints/{complaint}/", "facts", kept(Complaint, "facts")),
        "demand": (f"/complaints/{complaint}/", "demand", kept(Complaint, "demand")),
    }


@pytest.mark.parametrize("road", ["memo", "task", "complaint", "demand"])
def test_it_is_neither_read_nor_lost(world: World, case: Case, road: str) -> None:
    page, name, stored = roads(world, case)[road]
    client, before = signed_in(world.ours.agent), stored()

    def shown() -> tuple[str, dict[str, list[str]]]:
        html = client.get(page, headers=HTMX if road == "task" else {}).content.decode()
        assert "髙橋" not in html
        return fields_of(html, name)

    def post(words: str) -> int:
        action, sent = shown()
        answer = client.post(urlsplit(action).path or page, {**sent, name: words}, headers=HTMX)
        assert "髙橋" not in answer.content.decode()
        return answer.status_code

    dotted = shown()[1][name][0]
    assert dotted == before.replace("髙橋 美咲", "•• ••")
    # As it was shown, with the line breaks of a browser: byte for byte.
    assert (post(dotted.replace("\n", "\r\n")) < 400, stored()) == (True, before)
    for words in ("", "別の言葉", dotted.replace("•• ••", "••"), f"{DOTS}{DOTS}"):
        assert (post(words), stored()) == (422, before)
    action, sent = shown()
    sent = {field: values for field, values in sent.items() if field != "kept_back"}
    unsealed = client.post(urlsplit(action).path or page, {**sent, name: dotted}, headers=HTMX)
    assert (unsealed.status_code, stored()) == (422, before)
    assert (post(f"至急 {dotted}") < 400, stored()) == (True, f"至急 {before}")


def test_a_draft_is_kept_and_sent_with_the_name(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)
    client: Client = signed_in(world.ours.agent)
    _, sent = fields_of(client.get(f"/cases/{number}/").content.decode(), "text")
    assert sent["text"][0].startswith(DOTS)

    kept = client.post(f"/cases/{number}/draft/reply/", {**sent, "text": f"{sent['text'][0]}\n以上"})

    assert kept.status_code == 204
    with world.ours.scope():
        assert Draft.objects.get().text == f"{SAID}\n以上"


def test_what_a_field_of_the_desk_says(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)
    field: Field = make_field(world.ours.desk, label="お届け先")
    client = signed_in(world.ours.agent)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(filled={str(field.pk): LINE})

    shown = client.get(f"/cases/{number}/").content.decode()
    action, sent = fields_of(shown, "value")
    assert ("髙橋" in shown, sent["value"]) == (False, [f"{DOTS}に電話"])
    answer = client.post(urlsplit(action).path, {**sent, "value": f"{DOTS}に電話 済"}, headers=HTMX)

    assert answer.status_code == 200
    with world.ours.scope():
        assert list(Case.objects.get(pk=case.pk).filled.values()) == ["髙橋 美咲様に電話 済"]
