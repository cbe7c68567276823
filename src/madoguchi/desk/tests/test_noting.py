"""Notes that only staff see, as pages add them."""

import json

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Draft, Mention, Message, Note
from madoguchi.companies.models import Desk
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


class TestNote:
    def test_it_is_kept_for_staff_and_its_draft_is_gone(self, agent: Client, case: Case, number: str) -> None:
        agent.post(f"/cases/{number}/draft/note/", {"note": "在庫は"})

        agent.post(f"/cases/{number}/note/", {"note": "在庫は12台です。"})

        assert [note.text for note in everything(Note)] == ["在庫は12台です。"]
        assert everything(Draft) == everything(Message, author="staff") == []

    def test_company_staff_may_not_note(self, company_staff: Client, number: str) -> None:
        assert company_staff.post(f"/cases/{number}/note/", {"note": "急いで"}).status_code == 403
        assert everything(Note) == []

    def test_it_can_name_the_desks_other_people_and_the_desk(
        self, agent: Client, world: World, number: str
    ) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(name="返品窓口", kana="へんぴんまどぐち")

        *people, team = agent.get(f"/cases/{number}/colleagues/").json()["names"]

        assert sorted(one["name"] for one in people) == sorted(
            person.name for person in (world.ours.supervisor, world.ours.manager)
        )
        assert {(one["kana"], one["beside"]) for one in people} == {("さとう はなこ", "さとう はなこ")}
        assert team == {"name": "返品窓口", "kana": "へんぴんまどぐち", "beside": "2名"}

    def test_before_it_tells_very_many_it_is_asked_whether_that_is_meant(
        self, agent: Client, world: World, number: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("madoguchi.cases.actions.note.MOST_UNASKED", 1)
        words = {"note": f"@{world.ours.desk.name} 本日の午後は回線の工事です。"}
        question = f"「@{world.ours.desk.name}」で2名に知らせます。よろしいですか。"

        asked = agent.post(f"/cases/{number}/note/", words, headers=HTMX)
        plain = agent.post(f"/cases/{number}/note/", words)

        assert (asked.status_code, plain.status_code) == (422, 422)
        assert question in asked.content.decode()
        assert question in plain.content.decode()
        assert everything(Note) == []
        assert [one.text for one in everything(Draft)] == [words["note"]]

        agent.post(f"/cases/{number}/note/", words | {"confirmed": "many"})

        assert [one.text for one in everything(Note)] == [words["note"]]
        assert {(one.user_id, one.team) for one in everything(Mention)} == {
            (person.pk, world.ours.desk.name) for person in (world.ours.supervisor, world.ours.manager)
        }

    def test_whoever_names_nobody_learns_it(self, agent: Client, world: World, number: str) -> None:
        words = {"note": f"@佐東さん @{world.ours.supervisor.name} shop@example.jp を見てください"}

        answer = agent.post(f"/cases/{number}/note/", words, headers=HTMX)

        told = "「@佐東さん」に当たる人やチームが1つに決まらないため、これではだれにも知らせていません。"
        assert told in json.loads(answer["HX-Trigger"])["toast"]["text"]
        assert [one.user_id for one in everything(Mention)] == [world.ours.supervisor.pk]

    def test_the_name_of_a_desk_stands_out_in_it(self, agent: Client, world: World, number: str) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(name="EC サイト窓口")
        agent.post(f"/cases/{number}/note/", {"note": "@EC サイト窓口 値札を確認してください"})

        page = agent.get(f"/cases/{number}/").content.decode()

        assert '<span class="mention">@EC サイト窓口</span>' in page

    def test_who_may_not_note_is_told_no_names(
        self, company_staff: Client, stranger: Client, number: str
    ) -> None:
        assert company_staff.get(f"/cases/{number}/colleagues/").status_code == 403
        assert stranger.get(f"/cases/{number}/colleagues/").status_code == 404

    def test_an_empty_one_is_refused(self, agent: Client, number: str) -> None:
        assert agent.post(f"/cases/{number}/note/", {"note": " "}, headers=HTMX).status_code == 422
        assert everything(Note) == []
