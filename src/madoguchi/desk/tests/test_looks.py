"""What pages show of a customer is kept, and shown to those who answer for the data."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from madoguchi.cases.actions import note_look
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Look, Message
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db


def written(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def looks() -> list[tuple[int, int, int]]:
    with scope.everywhere(reason="a test looks at what is kept"):
        return list(Look.objects.order_by("case_id").values_list("case_id", "times", "shown"))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_case_that_is_opened_is_kept_once(
    agent: Client, case: Case, number: str, headers: dict[str, str]
) -> None:
    for _ in range(2):
        assert agent.get(f"/cases/{number}/", headers=headers).status_code == 200
    assert looks() == [(case.pk, 1, 1)]


@pytest.mark.parametrize(("act", "status"), [("reply", 422), ("follow", 200)])
def test_a_case_that_is_shown_after_an_act_is_kept(
    agent: Client, case: Case, number: str, act: str, status: int
) -> None:
    answer = agent.post(f"/cases/{number}/{act}/", {"text": ""}, headers=HTMX)

    assert (answer.status_code, looks()) == (status, [(case.pk, 1, 1)])


def test_a_file_and_a_laid_out_mail_are_looks_too(agent: Client, world: World) -> None:
    case = make_case(world.ours.entry_point, files=(File("a.txt", "text/plain", b"a"),))
    with scope.everywhere(reason="a test finds what came"):
        message = Message.objects.filter(case=case).earliest("id")
        Message.objects.filter(pk=message.pk).update(html="<p>靴</p>")
        file = Attachment.objects.get(message__case=case)
    agent.get(f"/messages/{message.pk}/html/")
    assert looks() == [(case.pk, 1, 1)]
    with scope.everywhere(reason="a test begins anew"):
        Look.objects.all().delete()
    agent.get(f"/attachments/{file.pk}/{file.filename}")
    assert looks() == [(case.pk, 1, 1)]


def test_an_empty_list_is_no_look_and_whom_searches_show_counts_once(agent: Client, case: Case) -> None:
    index_everything()
    agent.get("/cases/")
    assert looks() == []
    for _ in range(2):
        assert case.subject in agent.get("/cases/?q=炊飯器").content.decode().replace("<mark>", "").replace(
            "</mark>", ""
        )
    agent.get("/find/?q=炊飯器")
    assert looks() == [(0, 3, 1)]


def test_who_is_refused_leaves_no_look(world: World, case: Case, number: str) -> None:
    assert signed_in(world.theirs.agent).get(f"/cases/{number}/").status_code == 404
    assert looks() == []


class TestThePage:
    @pytest.mark.parametrize("who", ["supervisor", "manager", "company_manager"])
    def test_it_tells_those_who_answer_for_the_case(
        self, world: World, case: Case, number: str, who: str
    ) -> None:
        with world.ours.scope():
            note_look(case, by=actor_of(world.ours.agent))
        reader = signed_in(getattr(world.ours, who))

        assert f'href="/cases/{number}/looks/"' in reader.get(f"/cases/{number}/").content.decode()
        page = reader.get(f"/cases/{number}/looks/").content.decode()

        assert world.ours.agent.name in page
        assert "閲覧した人" in page

    @pytest.mark.parametrize("who", ["agent", "company_staff"])
    def test_others_are_not_offered_it(self, world: World, number: str, who: str) -> None:
        reader = signed_in(getattr(world.ours, who))
        assert "/looks/" not in reader.get(f"/cases/{number}/").content.decode()
        assert reader.get(f"/cases/{number}/looks/").status_code == 403
        assert reader.get("/looks.csv").status_code == 403

    def test_all_of_a_month_is_a_file_in_which_nothing_counts_as_a_formula(
        self, world: World, case: Case, number: str
    ) -> None:
        with world.ours.scope():
            world.ours.agent.name = "=1+1"
            world.ours.agent.save()
            note_look(case, by=actor_of(world.ours.agent))
        response = signed_in(world.ours.company_manager).get("/looks.csv")

        assert response.headers["Content-Disposition"] == 'attachment; filename="access.csv"'
        head, row = csv.reader(StringIO(written(response)))
        assert head == ["日時", "閲覧者", "メール", "委託元", "用件", "検索回数", "表示した顧客数"]
        assert row[1:] == ["'=1+1", world.ours.agent.email, world.ours.company.name, number, "", "1"]

    def test_that_it_was_taken_along_is_kept_with_how_much(self, world: World, case: Case) -> None:
        with world.ours.scope():
            note_look(case, by=actor_of(world.ours.agent))
            note_look(case, by=actor_of(world.ours.supervisor))
        signed_in(world.theirs.company_manager).get("/looks.csv")
        signed_in(world.ours.agent).get("/looks.csv")
        with scope.everywhere(reason="a test looks at the logs of all companies"):
            assert not Event.objects.filter(kind="looks.downloaded").exists()
        since = timezone.localdate(clock.now()) - timedelta(days=31)
        signed_in(world.ours.company_manager).get("/looks.csv")
        with scope.everywhere(reason="a test looks at the logs of all companies"):
            event = Event.objects.get(kind="looks.downloaded")
        assert (event.company_id, event.actor_id) == (world.ours.company.pk, world.ours.company_manager.pk)
        assert event.data == {"form": "csv", "looks": 2, "since": since.isoformat()}

    def test_of_another_company_nothing_is_told(self, world: World, case: Case) -> None:
        with world.ours.scope():
            note_look(case, by=actor_of(world.ours.agent))
        response = signed_in(world.theirs.company_manager).get("/looks.csv")
        assert len(list(csv.reader(StringIO(written(response))))) == 1

    def test_it_is_written_as_it_is_read_in_a_scope_of_its_own(self, world: World, case: Case) -> None:
        with world.ours.scope():
            note_look(case, by=actor_of(world.ours.agent))
        response = signed_in(world.ours.company_manager).get("/looks.csv")
        assert response.headers["Cache-Control"] == "no-store, private"
        lines = iter(response.streaming_content)

        assert next(lines).startswith("\ufeff日時".encode())
        # What is looked at once it has begun is told too, for nothing was read before.
        other = make_case(world.ours.entry_point)
        with world.ours.scope():
            note_look(other, by=actor_of(world.ours.agent))
        assert len(list(lines)) == 2
        with pytest.raises(scope.Unscoped):
            scope.current()
