"""`madoguchi case`: what it lists, shows and sends, in words and as JSON."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from madoguchi.cases.actions import add_note, assign, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
run, answer = Shell(command).run, Shell(command).answer


def everything(model: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.order_by("pk"))


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Three of ours at two desks, and one of theirs."""
    second = make_entry_point(make_desk(world.ours.company, name="修理窓口"))
    points = (world.ours.entry_point, second, world.ours.entry_point, world.theirs.entry_point)
    made = []
    for n, point in enumerate(points):
        with clock.held_at(MORNING + timedelta(hours=n)):
            made.append(make_case(point, subject=f"件{n}", text=f"靴{n}の返品", sender=MISAKI))
    return made


@pytest.fixture
def number(world: World, cases: list[Case]) -> str:
    return cases[0].spoken_number(world.ours.company.prefix)


class TestList:
    def subjects(self, *arguments: str) -> list[str]:
        return [row["subject"] for row in answer("list", *arguments)]

    def test_all_companies_newest_first(self, cases: list[Case]) -> None:
        assert self.subjects() == ["件3", "件2", "件1", "件0"]

    def test_each_row_says_the_same_things(self, world: World, cases: list[Case]) -> None:
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            assign(cases[2], to=agent.id, by=agent)
            set_tags(cases[2], to=["返品"], by=agent)

        row = answer("list")[1]

        assert row == {
            "number": f"{world.ours.company.prefix}-1003",
            "former_number": "",
            "company": world.ours.company.slug,
            "desk": world.ours.desk.name,
            "subject": "件2",
            "status": "new",
            "priority": 2,
            "customer": "髙橋 美咲",
            "assignee": world.ours.agent.email,
            "tags": ["返品"],
            "channel": "email",
            "opened_at": "2026-08-03T02:00:00+00:00",
            "touched_at": "2026-08-03T02:00:00+00:00",
            "messages": 1,
        }

    def test_by_desk_name_and_id(self, cases: list[Case]) -> None:
        assert self.subjects("--desk", "修理窓口") == ["件1"]
        assert self.subjects("--desk", str(cases[1].desk_id)) == ["件1"]

    def test_an_unknown_desk_is_wrong_use(self, cases: list[Case]) -> None:
        result = run("list", "--desk", "どこか")

        assert result.exit_code == 2
        assert "No desk is called どこか." in result.output

    @pytest.mark.parametrize(
        ("query", "subjects"),
        [
            ("靴2", ["件2"]),
            ("返品", ["件3", "件2", "件1", "件0"]),
            ("misaki@home", ["件3", "件2", "件1", "件0"]),
            ("返品 靴1", ["件1"]),
            ("ない言葉", []),
        ],
    )
    def test_by_words(self, cases: list[Case], query: str, subjects: list[str]) -> None:
        index_everything()
        assert self.subjects("--query", query) == subjects

    def test_by_number(self, cases: list[Case], number: str) -> None:
        index_everything()
        assert self.subjects("--query", number.lower()) == ["件0"]

    def test_by_status(self, cases: list[Case]) -> None:
        with scope.everywhere(reason="a test"):
            Case.objects.filter(pk=cases[1].pk).update(status=Status.CLOSED)

        assert self.subjects("--status", "closed") == ["件1"]
        assert run("list", "--status", "away").exit_code == 2

    @pytest.mark.parametrize(("limit", "code"), [("1", 0), ("0", 2), ("10001", 2), ("many", 2)])
    def test_so_many_and_no_more(self, cases: list[Case], limit: str, code: int) -> None:
        result = run("list", "--limit", limit)

        assert result.exit_code == code
        if code == 0:
            [line] = result.output.splitlines()
            assert line.split()[1:] == ["new", "髙橋", "美咲", "件3"]

    def test_none_is_an_empty_list(self, db: None) -> None:
        assert answer("list") == []
        assert run("list").output == ""


class TestShow:
    def test_everything_there_is(self, world: World, cases: list[Case], number: str) -> None:
        agent = actor_of(world.ours.agent)
        with clock.held_at(MORNING + timedelta(days=1)):
            said = say_again(cases[0], text="まだです")
        with scope.acting_for(agent.companies), clock.held_at(MORNING + timedelta(days=2)):
            add_note(cases[0], text="在庫あり", by=agent)
        answer("reply", number, "--as", world.ours.agent.email, "--text", "送ります。")

        whole = answer("show", number)

        parts = ["messages", "matter", "fields", "links", "pending", "notes", "hops", "hand_offs", "events"]
        assert list(whole)[-9:] == parts
        assert (whole["hops"], whole["hand_offs"]) == (0, [])
        assert (whole["number"], whole["status"], whole["messages"][1]["id"]) == (
            number,
            "waiting_customer",
            said.pk,
        )
        assert [m["author"] for m in whole["messages"]] == ["customer", "customer", "staff"]
        first, _second, ours = whole["messages"]
        assert (first["from"], first["from_name"], first["text"]) == (
            "misaki@home.example",
            "髙橋 美咲",
            "靴0の返品",
        )
        assert (first["reply_text"], first["automatic"], first["outgoing"]) == ("靴0の返品", "", None)
        assert ours["to"] == [{"name": "髙橋 美咲", "address": "misaki@home.example"}]
        assert ours["outgoing"]["message_id"] == ours["message_id"]
        assert (ours["outgoing"]["state"], ours["outgoing"]["tries"]) == ("queued", 0)
        assert (ours["outgoing"]["receipt"], ours["outgoing"]["receipt_at"]) == ("", None)
        assert [(n["by"], n["text"]) for n in whole["notes"]] == [(world.ours.agent.email, "在庫あり")]
        assert [e["kind"] for e in whole["events"]] == [
            "case.opened",
            "message.received",
            "note.added",
            "case.status",
            "message.written",
            "message.queued",
        ]
        assert whole["events"][2]["by"] == "青木 翔"

    def test_what_was_reported_of_a_sent_one(self, world: World) -> None:
        made = make_case(world.ours.entry_point)
        at = datetime.fromisoformat("2026-11-29T09:00:00+00:00")
        with world.ours.scope():
            sent = reply(made, Reply(text="はい。"), by=actor_of(world.ours.agent))
            Outgoing.objects.filter(pk=sent.pk).update(state="sent", receipt="delayed", receipt_at=at)
        number = made.spoken_number(world.ours.company.prefix)

        [_asked, ours] = answer("show", number)["messages"]

        assert (ours["outgoing"]["state"], ours["outgoing"]["receipt"]) == ("sent", "delayed")
        assert ours["outgoing"]["receipt_at"] == "2026-11-29T09:00:00+00:00"
        assert "[delayed]" in run("show", number).output

    def test_files_by_name_type_size_and_hash(self, world: World) -> None:
        made = make_case(world.ours.entry_point, files=(File("写真.png", "image/png", b"\x89PNG"),))

        [message] = answer("show", made.spoken_number(world.ours.company.prefix))["messages"]

        [file] = message["attachments"]
        assert (file["filename"], file["content_type"], file["size"]) == ("写真.png", "image/png", 4)
        assert len(file["sha256"]) == 64

    def test_in_words(self, cases: list[Case], number: str) -> None:
        result = run("show", number)

        assert result.exit_code == 0
        assert result.output.splitlines()[0] == f"{number}  件0  (new)"
        assert "misaki@home.example" in result.output
        assert "靴0の返品" in result.output

    @pytest.mark.parametrize("written", ["ZZZ-1001", "1001", "", "?"])
    def test_what_is_not_there(self, cases: list[Case], written: str) -> None:
        result = run("show", written)

        assert isinstance(result.exception, NotFound)
        assert str(result.exception) == f"There is no case {written}."


class TestReply:
    def test_it_is_sent_as_the_person_named(self, world: World, cases: list[Case], number: str) -> None:
        said = answer("reply", number, "--as", world.ours.agent.email.upper(), "--text", "送ります。")

        [outgoing] = everything(Outgoing)
        assert said == {
            "case": number,
            "message_id": outgoing.external_id,
            "state": "queued",
            "due_at": outgoing.due_at.isoformat(),
        }
        ours = [m for m in everything(Message) if m.author == "staff"]
        assert [(m.user_id, m.text) for m in ours] == [(world.ours.agent.pk, "送ります。")]
        assert everything(Case)[0].status == "waiting_customer"

    def test_the_words_may_come_from_standard_input(self, world: World, number: str) -> None:
        arguments = ("reply", number, "--as", world.ours.agent.email, "--text", "-", "--solve")
        result = run(*arguments, given="一行目\n二行目\n")

        assert result.exit_code == 0
        assert result.output.startswith(f"{number}: queued, leaves at ")
        assert [m.text for m in everything(Message) if m.author == "staff"] == ["一行目\n二行目\n"]
        assert everything(Case)[0].status == "solved"

    def test_nobody_is_not_somebody(self, world: World, number: str) -> None:
        world.ours.agent.is_active = False
        world.ours.agent.save()
        for email in ("nobody@staff.example", world.ours.agent.email):
            result = run("reply", number, "--as", email, "--text", "はい")
            assert result.exit_code == 2
            assert f"Nobody has the address {email}." in result.output
        assert everything(Outgoing) == []

    @pytest.mark.parametrize(
        ("who", "error"), [("company_staff", NotAllowed), ("company_manager", NotAllowed)]
    )
    def test_with_their_rights_and_no_more(
        self, world: World, number: str, who: str, error: type[Exception]
    ) -> None:
        result = run("reply", number, "--as", getattr(world.ours, who).email, "--text", "はい")

        assert isinstance(result.exception, error)
        assert everything(Outgoing) == []

    def test_a_strangers_case_is_not_there(self, world: World, number: str) -> None:
        result = run("reply", number, "--as", world.theirs.agent.email, "--text", "はい")

        assert isinstance(result.exception, NotFound)
        assert everything(Outgoing) == []

    def test_an_empty_answer_is_refused(self, world: World, number: str) -> None:
        result = run("reply", number, "--as", world.ours.agent.email, "--text", "  ")

        assert isinstance(result.exception, Refused)
        assert not isinstance(result.exception, Conflict)
        assert everything(Outgoing) == []

    def test_who_and_what_must_be_said(self, number: str) -> None:
        assert run("reply", number, "--text", "はい").exit_code == 2
        assert run("reply", number, "--as", "a@b.example").exit_code == 2

    def test_undo_time_is_counted(self, world: World, number: str, settings: LazySettings) -> None:
        settings.UNDO_SECONDS = 30
        with clock.held_at(MORNING):
            said = answer("reply", number, "--as", world.ours.agent.email, "--text", "はい")

        assert said["due_at"] == "2026-08-03T09:00:30+09:00"


def test_a_filter_narrows_the_list(cases: list[Case]) -> None:
    """Given three cases of ours, a filter finds those it wants, and nonsense is refused with what to write."""
    wanted = {"version": 1, "any": [{"field": "subject", "test": "contains", "value": word} for word in "02"]}

    found = answer("list", "--filter", json.dumps(wanted))
    refused = run("list", "--filter", '{"version": 1, "all": [{"field": "colour"}]}')

    assert [row["subject"] for row in found] == ["件2", "件0"]
    assert refused.exit_code == 2
    assert "次から選んでください: status" in refused.output
