"""Questions and message slips on the console: beside the case, on a page of their own, in lists; who may do what."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.desk.tests.conftest import HTMX, counted, everything, signed_in
from madoguchi.escalations.actions import Whom, answer, ask
from madoguchi.escalations.models import Escalation, EscalationFile, Slip
from madoguchi.escalations.slips import make_slip
from madoguchi.escalations.tests.conftest import HOUR, NINE, question
from madoguchi.escalations.tests.test_slips import written
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.knowledge.factories import make_article
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.routing.models import Worker

pytestmark = pytest.mark.django_db


def asked(world: World, case: Case, **whom: Any) -> Escalation:
    """The agent asks at nine, by default the supervisor."""
    to = Whom(**({"to": "person", "person": world.ours.supervisor.pk} | whom))
    with world.ours.scope(), clock.held_at(NINE):
        return ask(case, to, question(), by=actor_of(world.ours.agent))


def answered(world: World, case: Case) -> Escalation:
    one = asked(world, case)
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        answer(one, text="一年まで延ばせます。", minutes=3, by=actor_of(world.ours.supervisor))
    return one


def at(client: Client, moment: Any, path: str, /, **form: str) -> Any:
    with clock.held_at(moment):
        return client.post(path, form) if form else client.get(path)


def form(**said: str) -> dict[str, str]:
    values = {"question": "保証は延ばせますか。", "cause": "rule", "tried": "規程を見た"}
    return values | {"due": "2026-12-01T15:00", "to": "seniors"} | said


class TestBesideTheCase:
    def test_a_question_is_asked_there_and_shown(
        self, world: World, case: Case, number: str, agent: Client
    ) -> None:
        opened = at(agent, NINE, f"/cases/{number}/raised/?form=ask")
        values = [value for _group, some in opened.context["board"].choices.whom for value, _words in some]
        colleagues = [f"person:{one.pk}" for one in (world.ours.supervisor, world.ours.manager)]
        assert values == ["team", "seniors", "managers", "outside", *colleagues]
        assert opened.context["board"].choices.due == "2026-12-01T13:00"
        evening = at(agent, NINE + 8 * HOUR, f"/cases/{number}/raised/?form=ask")
        assert evening.context["board"].choices.due == "2026-12-02T12:00"

        with clock.held_at(NINE):
            shown = agent.post(
                f"/cases/{number}/ask/", form(to=f"person:{world.ours.supervisor.pk}"), headers=HTMX
            )

        assert shown.status_code == 200
        [one] = everything(Escalation)
        assert (one.person_id, one.cause, one.question) == (
            world.ours.supervisor.pk,
            "rule",
            "保証は延ばせますか。",
        )
        assert world.ours.supervisor.name in shown.text
        assert "回答待ち" in shown.text

    def test_whom_answering_took_long_lately_is_named_last_with_how_long(
        self, world: World, case: Case, number: str, agent: Client
    ) -> None:
        supervisor, manager = world.ours.supervisor, world.ours.manager
        for person, minutes in ((supervisor, 70), (supervisor, 50), (manager, 119)):
            one = asked(world, case, person=person.pk)
            with world.ours.scope(), clock.held_at(NINE + HOUR):
                answer(one, text="延ばせます。", minutes=minutes, by=actor_of(person))

        def colleagues(later: timedelta) -> list[str]:
            page = at(agent, NINE + later, f"/cases/{number}/raised/?form=ask")
            words = page.context["board"].choices.whom[1][1]
            return [name for _value, name in words]

        assert colleagues(2 * HOUR) == [
            f"{manager.name}（この7日間の回答に119分）",
            f"{supervisor.name}（この7日間の回答に120分、上限120分：ほかの方に先にたずねてください）",
        ]
        with world.ours.scope():
            Worker.objects.create(user=manager, since=NINE, seen_at=NINE, answer_minutes=100)
            Worker.objects.create(user=supervisor, since=NINE, seen_at=NINE, answer_minutes=121)
        assert colleagues(2 * HOUR) == [
            f"{supervisor.name}（この7日間の回答に120分）",
            f"{manager.name}（この7日間の回答に119分、上限100分：ほかの方に先にたずねてください）",
        ]
        with clock.held_at(NINE + 2 * HOUR):
            told = form(to=f"person:{manager.pk}")
            assert agent.post(f"/cases/{number}/ask/", told, headers=HTMX).status_code == 200
        assert colleagues(timedelta(days=8)) == [supervisor.name, manager.name]

    def test_files_go_along_and_are_saved_from_the_page_of_the_question(
        self, world: World, agent: Client
    ) -> None:
        came = File("蓋.png", "image/png", b"\x89PNG")
        case = make_case(world.ours.entry_point, files=(came,))
        number, [photo] = case.spoken_number(world.ours.company.prefix), everything(Attachment)
        opened = at(agent, NINE, f"/cases/{number}/raised/?form=ask")
        assert f'name="chosen" value="{photo.pk}"' in opened.text
        sent = {"chosen": [photo.pk], "files": [SimpleUploadedFile("図.txt", b"a")]}
        with clock.held_at(NINE):
            refused = agent.post(f"/cases/{number}/ask/", form(question="") | sent, headers=HTMX)
            assert (refused.status_code, everything(EscalationFile)) == (422, [])
            assert f'value="{photo.pk}" checked' in refused.text
            assert "もう一度選び直してください" in refused.text
            sent["files"][0].seek(0)
            assert agent.post(f"/cases/{number}/ask/", form() | sent, headers=HTMX).status_code == 200

        [one], kept = everything(Escalation), everything(EscalationFile)
        asked = signed_in(world.ours.supervisor)
        page = asked.get(f"/escalations/{one.pk}/").text
        saved = [asked.get(f"/escalations/{one.pk}/files/{file.pk}/") for file in kept]

        assert all(f"/escalations/{one.pk}/files/{file.pk}/" in page for file in kept)
        assert [answer.content for answer in saved] == [b"\x89PNG", b"a"]
        assert saved[1]["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%9B%B3.txt"
        assert (
            signed_in(world.theirs.agent).get(f"/escalations/{one.pk}/files/{kept[0].pk}/").status_code == 404
        )
        flow = agent.get(f"/cases/{number}/").text
        assert f"{world.ours.supervisor.name}さんが質問のファイルを取得しました" in flow

    def test_what_was_typed_stays_when_it_is_refused(self, number: str, agent: Client) -> None:
        with clock.held_at(NINE):
            shown = agent.post(f"/cases/{number}/ask/", form(due="2026-12-01T08:00"), headers=HTMX)

        assert shown.status_code == 422
        assert "これからの、1年以内の日時を選んでください。" in shown.text
        assert "規程を見た" in shown.text
        assert everything(Escalation) == []

    @pytest.mark.parametrize(
        ("path", "wrong", "field", "words"),
        [
            (
                "ask",
                {"to": "outside", "address": "k@shop.example"},
                "ask-name",
                "宛先の名前を書いてください。",
            ),
            ("ask", {"due": "2026-12-01T08:00"}, "ask-due", "これからの、1年以内の日時を選んでください。"),
            ("ask", {"question": ""}, "ask-question", "質問を書いてください。"),
            (
                "slip",
                {"name": "健司", "address": "健司"},
                "slip-address",
                "メールアドレスの形になっていません。",
            ),
            ("slip", {"name": "", "address": "k@shop.example"}, "slip-name", "宛先の名前を書いてください。"),
            ("signal", {"words": ""}, "signal-words", "気になることを 1 行で書いてください。"),
        ],
    )
    def test_what_is_refused_is_said_at_its_field_once(
        self, number: str, agent: Client, path: str, wrong: dict[str, str], field: str, words: str
    ) -> None:
        with clock.held_at(NINE):
            shown = agent.post(f"/cases/{number}/{path}/", form(**({"words": "在庫"} | wrong)), headers=HTMX)

        assert shown.status_code == 422
        [control] = re.findall(
            r'<(?:input|textarea|select)[^>]* id="([^"]+)"[^>]*aria-invalid="true"', shown.text
        )
        assert control == field
        assert re.search(f'{field}"[^§]*?<p class="error" id="wrong-[^§]*?{words}', shown.text)
        assert (shown.text.count(words), shown.text.count('role="alert"')) == (1, 1)
        assert (everything(Escalation), everything(Slip)) == ([], [])

    @pytest.mark.parametrize(
        ("path", "wrong", "controls"),
        [
            (
                "ask",
                {"to": "outside", "question": "", "cause": "", "due": ""},
                ["ask-name", "ask-address", "ask-question", "ask-due"],
            ),
            ("slip", {"words": "", "due": ""}, ["slip-name", "slip-address", "slip-words", "slip-due"]),
        ],
    )
    def test_all_that_is_wrong_is_said_at_once_and_the_first_has_the_focus(
        self, number: str, agent: Client, path: str, wrong: dict[str, str], controls: list[str]
    ) -> None:
        with clock.held_at(NINE):
            shown = agent.post(f"/cases/{number}/{path}/", form(**wrong), headers=HTMX)

        assert shown.status_code == 422
        found = re.findall(r'<(?:input|textarea)[^>]* id="([^"]+)"[^>]*aria-invalid="true"', shown.text)
        assert found == controls
        [focused] = re.findall(r'id="([^"]+)"[^>]* autofocus', shown.text)
        assert focused == controls[0]
        assert shown.text.count('role="alert"') == len(controls) + (path == "ask")
        assert (everything(Escalation), everything(Slip)) == ([], [])

    @pytest.mark.parametrize(
        ("opened", "marks"), [("raised/?form=ask", 6), ("raised/?form=slip", 4), ("raised/?form=signal", 2)]
    )
    def test_what_is_needed_is_marked(self, number: str, agent: Client, opened: str, marks: int) -> None:
        page = at(agent, NINE, f"/cases/{number}/{opened}").text

        assert page.count('<span class="need">必須</span>') == marks
        assert "checked" not in page
        assert 'data-combo="mod+enter"' in page

    def test_a_slip_is_written_there_done_and_opened_again(
        self, world: World, number: str, agent: Client
    ) -> None:
        said = {"name": "工場 健司", "address": "kenji@shop.example", "words": "部品の在庫"}
        at(agent, NINE, f"/cases/{number}/slip/", **said, caller="髙橋 美咲", due="2026-12-01T12:00")
        [slip] = everything(Slip)
        assert (slip.to_address, slip.caller, slip.due_at) == (
            "kenji@shop.example",
            "髙橋 美咲",
            NINE + 3 * HOUR,
        )

        at(agent, NINE, f"/slips/{slip.pk}/done/", text="電話で聞いた")
        assert everything(Slip)[0].done_words == "電話で聞いた"
        at(agent, NINE, f"/slips/{slip.pk}/reopen/", x="1")
        assert everything(Slip)[0].done_at is None
        at(agent, NINE, f"/slips/{slip.pk}/withdraw/", x="1")
        assert "取り下げ" in at(agent, NINE, f"/cases/{number}/raised/").text

    def test_the_conversation_tells_of_it(self, world: World, case: Case, number: str, agent: Client) -> None:
        answered(world, case)

        page = agent.get(f"/cases/{number}/").text

        assert f"{world.ours.agent.name}さんが質問しました: 同じ窓口の人" in page
        assert f"{world.ours.supervisor.name}さんが質問に回答しました" in page

    def test_it_costs_the_same_at_any_number(
        self, world: World, case: Case, number: str, agent: Client
    ) -> None:
        asked(world, case, to="outside", person=None, name="健司", address="k@shop.example")
        with counted() as few:
            agent.get(f"/cases/{number}/raised/", headers=HTMX)
        for _ in range(5):
            asked(world, case, to="outside", person=None, name="健司", address="k@shop.example")
        with counted() as many:
            agent.get(f"/cases/{number}/raised/", headers=HTMX)

        assert len(many) == len(few)


class TestItsPage:
    def test_who_is_asked_answers_there_and_opening_is_kept(
        self, world: World, case: Case, agent: Client, supervisor: Client
    ) -> None:
        one = asked(world, case)
        address = reverse("desk:escalation", args=[one.pk])
        assert "answer-text" not in at(agent, NINE, address).text
        assert "answer-text" in at(supervisor, NINE + timedelta(minutes=5), address).text

        told = at(
            supervisor, NINE + timedelta(minutes=9), f"{address}answer/", text="延ばせます。", minutes=""
        )

        assert told.status_code == 302
        [one] = everything(Escalation)
        assert (one.state, one.answer, one.minutes) == ("answered", "延ばせます。", 5)

    def test_the_caret_stands_in_the_answer_once_nobody_else_could_take_it_up(
        self, world: World, case: Case, supervisor: Client
    ) -> None:
        """Else the key that takes it up would be typed into the answer."""
        mine = asked(world, case)
        for_all = asked(world, case, to="seniors", person=None)
        path = f"/escalations/{for_all.pk}/"
        caret = re.compile('<textarea id="answer-text"[^>]* autofocus')
        assert caret.search(at(supervisor, NINE, f"/escalations/{mine.pk}/").text)
        before = at(supervisor, NINE, path).text
        at(supervisor, NINE, f"{path}take/", any="1")
        after = at(supervisor, NINE, path).text
        assert [(bool(caret.search(one)), 'data-key="t"' in one) for one in (before, after)] == [
            (False, True),
            (True, False),
        ]
        assert "回答する <kbd" in after
        assert "返信" not in after.partition("<main")[2].partition("</main>")[0]

    def test_a_refused_answer_stays_as_typed(self, world: World, case: Case, supervisor: Client) -> None:
        one = asked(world, case)

        shown = at(supervisor, NINE, f"/escalations/{one.pk}/answer/", text="長い回答", minutes="たくさん")

        assert shown.status_code == 422
        assert "長い回答" in shown.text
        assert everything(Escalation)[0].state == "open"

    def test_the_answer_becomes_knowledge_before_it_closes(
        self, world: World, case: Case, agent: Client
    ) -> None:
        one = answered(world, case)
        address = f"/escalations/{one.pk}/"
        offered = at(agent, NINE, address).text
        for words in ("記事を提案する", "すでに記事にある", "ほかの人が知る必要はない"):
            assert words in offered
        assert at(agent, NINE, f"{address}no-article/", reason=" ").status_code == 422
        assert everything(Escalation)[0].state == "answered"

        at(agent, NINE, f"{address}draft/", title="保証の延長", body="一年まで延ばせます。")

        [made] = everything(Article)
        assert (everything(Escalation)[0].state, everything(Escalation)[0].article_id) == ("closed", made.pk)
        assert f'href="/articles/{made.pk}/"' in at(agent, NINE, address).text

    def test_it_is_closed_by_an_article_that_is_there(self, world: World, case: Case, agent: Client) -> None:
        one = answered(world, case)
        with world.ours.scope():
            article = make_article(world.ours.company, by=actor_of(world.ours.agent))

        at(agent, NINE, f"/escalations/{one.pk}/article/", article=str(article.pk))

        assert everything(Escalation)[0].article_id == article.pk

    def test_it_is_passed_on_asked_again_and_withdrawn(
        self, world: World, case: Case, agent: Client, supervisor: Client
    ) -> None:
        one = answered(world, case)
        address = f"/escalations/{one.pk}/"
        at(agent, NINE, f"{address}again/", words="二年では？", due="2026-12-01T17:00")
        at(supervisor, NINE, f"{address}pass-on/", to="managers")
        assert (everything(Escalation)[0].to, everything(Escalation)[0].state) == ("managers", "open")

        at(agent, NINE, f"{address}withdraw/", x="1")

        assert everything(Escalation)[0].state == "withdrawn"

    def test_nothing_else_is_done(self, world: World, case: Case, agent: Client) -> None:
        one = asked(world, case)

        assert at(agent, NINE, f"/escalations/{one.pk}/burn/", x="1").status_code == 404

    def test_a_stranger_finds_nothing(self, world: World, case: Case, stranger: Client) -> None:
        one = asked(world, case)

        assert at(stranger, NINE, f"/escalations/{one.pk}/").status_code == 404
        assert at(stranger, NINE, f"/escalations/{one.pk}/withdraw/", x="1").status_code == 404
        assert everything(Escalation)[0].state == "open"


class TestTheCompanysSide:
    """37号告示: it is asked by the manager alone, asks nobody but that one, and acts on nobody's questions."""

    def test_it_may_ask_the_manager_and_nobody_else(
        self, world: World, number: str, company_staff: Client
    ) -> None:
        opened = at(company_staff, NINE, f"/cases/{number}/raised/?form=ask")
        assert [value for _g, some in opened.context["board"].choices.whom for value, _w in some] == [
            "managers"
        ]

        refused = at(company_staff, NINE, f"/cases/{number}/ask/", **form(to=f"person:{world.ours.agent.pk}"))
        assert (refused.status_code, everything(Escalation)) == (403, [])
        at(company_staff, NINE, f"/cases/{number}/ask/", **form(to="managers"))
        assert [one.to for one in everything(Escalation)] == ["managers"]

    def test_what_it_is_asked_stands_in_its_list_and_it_answers(
        self, world: World, case: Case, number: str, company_staff: Client
    ) -> None:
        manager = signed_in(world.ours.manager)
        at(manager, NINE, f"/cases/{number}/ask/", **form(to="company"))
        [one] = everything(Escalation)

        listed = at(company_staff, NINE, "/escalations/")
        assert [line.one.pk for line in listed.context["lines"]] == [one.pk]
        assert re.sub(r"<[^>]+>", "", at(company_staff, NINE, "/escalations/waiting/").text).strip()[0] == "1"
        at(company_staff, NINE, f"/escalations/{one.pk}/answer/", text="差し支えありません。")

        assert everything(Escalation)[0].answered_by_id == world.ours.company_staff.pk

    def test_it_sees_the_others_and_acts_on_none(
        self, world: World, case: Case, company_staff: Client
    ) -> None:
        one = asked(world, case)
        address = f"/escalations/{one.pk}/"
        assert at(company_staff, NINE, address).status_code == 200

        for what in ("answer", "pass-on", "withdraw"):
            assert (
                at(company_staff, NINE, f"{address}{what}/", text="急いで", to="managers").status_code == 403
            )
        assert everything(Escalation)[0].state == "open"


class TestLists:
    def test_what_is_late_is_listed_for_supervisors(
        self, world: World, case: Case, agent: Client, supervisor: Client
    ) -> None:
        one = asked(world, case)
        for which, client, found in (
            ("mine", supervisor, [one.pk]),
            ("mine", agent, []),
            ("asked", agent, [one.pk]),
            ("late", supervisor, [one.pk]),
            ("over", supervisor, []),
        ):
            page = at(client, NINE + 5 * HOUR, f"/escalations/?which={which}")
            assert [line.one.pk for line in page.context["lines"]] == found, which
        assert "2時間超過" in at(supervisor, NINE + 5 * HOUR, "/escalations/?which=late").text

    def test_slips_by_state_with_pages(
        self, world: World, case: Case, agent: Client, stranger: Client
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            slip = make_slip(case, written(), by=actor_of(world.ours.agent))
            rows = [Slip(**{**_columns(slip), "to_name": f"宛先{n}"}) for n in range(50)]
            Slip.objects.bulk_create(rows)

        first, second = (at(agent, NINE, f"/slips/?page={page}") for page in (1, 2))

        assert (len(first.context["lines"]), len(second.context["lines"])) == (50, 1)
        assert at(agent, NINE, "/slips/?state=done").context["lines"] == []
        assert at(stranger, NINE, "/slips/?state=").context["lines"] == []
        assert at(stranger, NINE, f"/slips/{slip.pk}/withdraw/", x="1").status_code == 404

    def test_causes_are_counted(self, world: World, supervisor: Client) -> None:
        with clock.held_at(NINE - HOUR):
            answered(world, make_case(world.ours.entry_point))

        page = at(supervisor, NINE + 5 * HOUR, "/escalations/causes/")

        [row] = page.context["rows"]
        assert (row.cause, row.asked, row.answered, row.took) == ("権限", 1, 1, 3)
        assert "escalation_rate v1" in page.text


def _columns(slip: Slip) -> dict[str, Any]:
    names = ("company_id", "case_id", "to_address", "words", "due_at", "made_by_id", "made_at", "expires_at")
    return {name: getattr(slip, name) for name in names}
