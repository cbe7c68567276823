"""Who said something is who is shown: somebody else on the customer's side, and people of a desk who are not here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Customer
from madoguchi.imports.actions.target import Target
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, run
from madoguchi.imports.sources import Asked
from madoguchi.imports.tests.formats import ANSWERED, FORMATS, HIM
from madoguchi.imports.tests.story import target_here
from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db


def bring(
    format_: str, folder: Path, target: Target, *, change: Callable[[Any], Any] = lambda found: found
) -> Report:
    """The story, each line or object of its files changed on the way."""
    system, made = FORMATS[format_]
    paths = made(folder)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 1:
            text = "".join(json.dumps(change(json.loads(line))) + "\n" for line in text.splitlines())
        else:
            text = json.dumps(change(json.loads(text)))
        path.write_text(text, encoding="utf-8")
    report = Report(None)
    run(SOURCES[system](paths, Asked()), target, report=report, progress=lambda _n: None)
    return report


COPIED = {"id": 77, "name": "山田 父", "email": "father@home.example", "role": "end-user"}
BY_MAIL = {
    "via": {"channel": "email", "source": {"from": {"address": COPIED["email"], "name": COPIED["name"]}}}
}


@pytest.mark.parametrize(
    ("comment", "ticket"),
    [
        ({"author": COPIED}, {}),
        ({}, {"collaborators": [COPIED], "collaborator_ids": [77]}),
        (BY_MAIL, {"email_cc_ids": [77]}),
    ],
    ids=["known with the comment", "known with the ticket", "known by the mail"],
)
def test_who_had_a_copy_and_speaks_is_who_said_it(
    target: Target, tmp_path: Path, comment: dict[str, Any], ticket: dict[str, Any]
) -> None:
    later = {
        "id": 9,
        "author_id": 77,
        "body": "父です。",
        "public": True,
        "created_at": "2024-05-02T00:00:00Z",
    }

    def more(found: dict[str, Any]) -> dict[str, Any]:
        if found["id"] == 35:
            found["comments"].append(later | comment)
            found |= ticket
        return found

    bring("zendesk, exported", tmp_path, target, change=more)

    with scope.everywhere(reason="a test looks at everything"):
        last = Message.objects.select_related("case__customer", "contact__customer").latest("at")
        assert (last.author, last.sender_name, last.sender_address) == (
            "customer",
            "山田 父",
            "father@home.example",
        )
        assert (last.case.customer.name, last.contact.customer.name) == ("佐藤 花子", "山田 父")


def test_another_user_of_osticket_is_who_wrote(target: Target, tmp_path: Path) -> None:
    def his(found: Any) -> Any:
        """What she asked in the first ticket is said by him, who has a ticket of his own."""
        is_hers = len(found) == 10 and found[0] == 1 and found[4] == "M"
        return [*found[:3], 12, *found[4:]] if is_hers else found

    bring("osticket", tmp_path, target, change=his)

    with scope.everywhere(reason="a test looks at everything"):
        first = Message.objects.earliest("at")
        assert (first.sender_address, first.case.customer.name) == (HIM, "佐藤 花子")
        assert Customer.objects.count() == 2


def _later_by_him(found: Any) -> Any:
    """Something more is said in the first ticket of the story, by him, whose ticket is the other one."""
    if isinstance(found, list) and found and found[0].get("ticket_id"):
        more = {"id": 9, "ticket_id": 35, "sender": "Customer", "body": "父です。", "created_by_id": 12}
        return [*found, more | {"created_at": "2024-05-02T00:00:00Z", "content_type": "text/plain"}]
    for one in found if isinstance(found, list) else ():
        ticket = one.get("helpdesk_ticket", {})
        if ticket.get("display_id") == 35:
            more = {"id": 9, "body": "父です。", "incoming": True, "private": False, "user_id": 12}
            ticket["notes"].append(more | {"created_at": "2024-05-02T00:00:00Z"})
            found = [*found, {"user": {"id": 12, "name": "田中", "email": HIM}}]
    return found


@pytest.mark.parametrize("format_", ["zammad", "freshdesk"])
def test_another_customer_is_who_wrote(target: Target, tmp_path: Path, format_: str) -> None:
    bring(format_, tmp_path, target, change=_later_by_him)

    with scope.everywhere(reason="a test looks at everything"):
        last = Message.objects.get(text="父です。")
        assert (last.sender_name, last.sender_address, last.case.customer.name) == ("田中", HIM, "佐藤 花子")
        assert last.contact.customer.name == "田中"
        assert Customer.objects.count() == 2


def test_answers_of_people_who_are_not_here_are_shown_as_theirs(
    world: World, target: Target, tmp_path: Path, client: Client
) -> None:
    User.objects.filter(pk=world.ours.agent.pk).update(email="other@staff.example", name="別人")
    bring("zendesk, exported", tmp_path, target_here(world))
    client.force_login(world.ours.supervisor)
    with world.ours.scope():
        number = Case.objects.get(subject="届きません").spoken_number(world.ours.company.prefix)

    page = client.get(f"/cases/{number}/").content.decode()

    with scope.everywhere(reason="a test looks at everything"):
        assert Message.objects.get(author="staff").user is None
    assert ANSWERED in page
    assert "鈴木 一郎" in page
    assert "自動受付メール" not in page


def test_how_it_stood_elsewhere_is_told_as_that_and_as_nobodys_work(
    world: World, target: Target, tmp_path: Path, client: Client
) -> None:
    bring("zendesk, exported", tmp_path, target)
    client.force_login(world.ours.supervisor)
    with world.ours.scope():
        number = Case.objects.get(subject="届きません").spoken_number(world.ours.company.prefix)

    page = client.get(f"/cases/{number}/").content.decode()

    told = ("取り込み元での状態は「解決」", "優先度は「高」", "タグは「配送・vip」", "担当は鈴木 一郎さん")
    assert [words in page for words in told] == [True] * 4
    assert "importさん" not in page
