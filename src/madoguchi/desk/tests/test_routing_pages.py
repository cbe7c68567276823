"""What one is now, the next case, the queues; how a desk shares out, and what people know."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_company, make_desk, make_engagement, make_operator
from madoguchi.desk.pages.parts import case_url
from madoguchi.desk.tests.conftest import HTMX, counted, everything, signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import OperatorMember
from madoguchi.routing.dividing import divide, set_division
from madoguchi.routing.factories import at_work, knows
from madoguchi.routing.models import Sharing, Skill, State, Worker

pytestmark = pytest.mark.django_db
SHARED = {"order": "fifo", "kept_minutes": "5", "target_minutes": "60", "mails": "9"}


def words(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200
    return answer.content.decode()


class TestPresence:
    def test_the_head_says_what_one_is_and_one_key_changes_it(self, world: World, agent: Client) -> None:
        said = words(agent, "/presence/")
        assert '<b role="status">退勤</b>' in said
        assert 'value="available" data-key="P"' in said

        answer = agent.post("/presence/set/", {"state": "available"}, headers=HTMX)

        assert '<b role="status">対応可</b>' in answer.content.decode()
        assert 'value="away" data-key="P"' in answer.content.decode()
        assert Worker.objects.get(user=world.ours.agent).state == State.AVAILABLE

    def test_without_scripts_it_leads_to_the_queues(self, world: World, agent: Client) -> None:
        answer = agent.post("/presence/set/", {"state": "break"})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/queue/")
        assert '<b role="status">休憩</b>' in words(agent, "/queue/")

    def test_what_is_no_state_changes_nothing(self, world: World, agent: Client) -> None:
        assert agent.post("/presence/set/", {"state": "asleep"}).status_code == 422
        assert not Worker.objects.exists()

    def test_who_was_not_heard_of_is_shown_away(self, world: World, agent: Client) -> None:
        at_work(world.ours.agent)
        Worker.objects.update(seen_at=clock.now() - timedelta(minutes=6))
        assert '<b role="status">離席</b>' in words(agent, "/presence/")

        Worker.objects.update(seen_at=clock.now() - timedelta(minutes=4))
        assert agent.post("/presence/here/").status_code == 204
        assert Worker.objects.get().seen_at > clock.now() - timedelta(minutes=1)

    def test_every_page_of_the_console_asks_for_it_for_who_answers(
        self, agent: Client, company_staff: Client
    ) -> None:
        assert 'hx-get="/presence/"' in words(agent, "/")
        assert 'hx-get="/presence/"' not in words(company_staff, "/")


class TestNext:
    def test_it_is_taken_and_opened(self, world: World, agent: Client, case: Case, number: str) -> None:
        at_work(world.ours.agent)
        answer = agent.post("/next/")

        assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{number}/")
        assert everything(Case, pk=case.pk)[0].assignee_id == world.ours.agent.pk

    def test_where_nothing_waits_that_is_said(self, world: World, agent: Client) -> None:
        at_work(world.ours.agent)
        answer = agent.post("/next/", follow=True)
        assert "いま受けられる用件は待っていません。" in answer.content.decode()

    def test_who_is_away_is_told_what_to_do(self, world: World, agent: Client, case: Case) -> None:
        answer = agent.post("/next/", follow=True)
        assert "状態を「対応可」にしてから" in answer.content.decode()
        assert everything(Case, pk=case.pk)[0].assignee_id is None

    def test_going_away_gives_back_what_was_not_begun(self, world: World, agent: Client, case: Case) -> None:
        at_work(world.ours.agent)
        agent.post("/next/")
        answer = agent.post("/presence/set/", {"state": "away"}, headers=HTMX)

        assert "1 件が待ち行列に戻りました。" in answer.headers["HX-Trigger"].encode().decode(
            "unicode_escape"
        )
        assert everything(Case, pk=case.pk)[0].assignee_id is None
        assert [e.data for e in everything(Event, kind="routing.returned")] == [
            {"person": world.ours.agent.pk}
        ]


class TestQueues:
    def test_how_they_stand_and_who_is_here(self, world: World, agent: Client, case: Case) -> None:
        at_work(world.ours.supervisor)
        said = words(agent, "/queue/")
        assert "緊急度順" in said
        assert world.ours.supervisor.name in said
        assert "対応可" in said

    def test_a_company_sees_the_queue_and_how_many_but_nobody_by_name(
        self, world: World, company_staff: Client, case: Case
    ) -> None:
        at_work(world.ours.agent)
        said = words(company_staff, "/queue/")
        assert world.ours.desk.name in said
        assert world.ours.agent.name not in said
        assert "/queue/" + str(world.ours.desk.pk) not in said

    def test_nothing_of_another_company_is_there(self, world: World, stranger: Client, case: Case) -> None:
        assert world.ours.desk.name not in words(stranger, "/queue/").replace(world.theirs.desk.name, "")


def test_no_two_places_of_the_rail_have_the_same_key(world: World, supervisor: Client) -> None:
    keys = re.findall(r'data-go="(.)"', words(supervisor, "/"))
    assert {"i", "u", "o", "r", "n"} <= set(keys)
    assert sorted(keys) == sorted(set(keys))


class TestSharing:
    def test_who_leads_the_desk_says_how(self, world: World, supervisor: Client) -> None:
        address = f"/queue/{world.ours.desk.pk}/"
        assert 'value="urgency" selected' in words(supervisor, address)
        supervisor.post(address, SHARED | {"pushes": "on", "needs": "返品: 返品対応 2"})

        [kept] = everything(Sharing)
        assert (kept.order, kept.pushes, kept.prefers_last, kept.mails) == ("fifo", True, False, 9)
        assert kept.needs == [{"tag": "返品", "skill": "返品対応", "level": 2}]
        assert "返品: 返品対応 2" in words(supervisor, address)
        [told] = everything(Event, kind="routing.changed")
        assert told.data["changes"]["order"] == ["urgency", "fifo"]

    def test_what_makes_no_sense_is_said_at_its_field(self, world: World, supervisor: Client) -> None:
        answer = supervisor.post(f"/queue/{world.ours.desk.pk}/", SHARED | {"needs": "返品"})
        assert answer.status_code == 422
        assert "「返品」を読み取れません" in answer.content.decode()
        assert everything(Sharing) == []

    def test_nobody_else_does(self, world: World, agent: Client, stranger: Client, client: Client) -> None:
        client.force_login(world.ours.company_manager)
        asked = [who.post(f"/queue/{world.ours.desk.pk}/", SHARED) for who in (agent, stranger, client)]
        assert [answer.status_code for answer in asked] == [403, 404, 403]
        assert everything(Sharing) == []


class TestSkills:
    def member(self, world: World) -> OperatorMember:
        return OperatorMember.objects.get(user=world.ours.agent)

    def test_who_leads_says_what_people_know_and_speak(self, world: World, supervisor: Client) -> None:
        address = f"/skills/{self.member(world).pk}/"
        supervisor.post(address, {"skills": "返品 3 2027-03-31\n英語", "languages": "ja, EN"})

        kept = [(s.name, s.level, str(s.expires_on)) for s in Skill.objects.order_by("name")]
        assert kept == [("英語", 1, "None"), ("返品", 3, "2027-03-31")]
        assert Worker.objects.get(user=world.ours.agent).languages == ["ja", "en"]
        assert "返品 3 (2027-03-31)" in words(supervisor, "/skills/")
        [told] = everything(Event, kind="skills.changed")
        assert told.data == {"person": world.ours.agent.pk, "operator": world.ours.operator.pk}

    def test_four_skills_of_all_stand_as_a_matrix_and_lead_cases_like_any_other(
        self, world: World, supervisor: Client
    ) -> None:
        member = self.member(world)
        address = f"/skills/{member.pk}/"
        said = {"four_1": "4", "four_3": "2", "skills": "返品 3\n協調 5 2020-01-01", "languages": ""}
        assert supervisor.post(address, said).status_code == 302

        kept = [(s.name, s.level, s.expires_on) for s in Skill.objects.order_by("name")]
        assert kept == [("協調", 2, None), ("商品知識", 4, None), ("返品", 3, None)]
        matrix = {one.name: one.levels[member.pk] for one in supervisor.get("/skills/").context["four"]}
        assert matrix == {"コミュニケーション": 0, "商品知識": 4, "問題解決": 0, "協調": 2}
        form = supervisor.get(address).context["form"]
        assert [form[name].value() for name in ("four_0", "four_1", "four_3", "skills")] == [
            "",
            "4",
            "2",
            "返品 3",
        ]
        assert supervisor.post(address, said | {"four_1": "6"}).status_code == 422
        Skill.objects.filter(name="商品知識").update(expires_on="2020-01-01")
        assert supervisor.get("/skills/").context["four"][1].mean is None

    def test_who_leads_says_how_much_somebody_holds(self, world: World, supervisor: Client) -> None:
        address, said = f"/skills/{self.member(world).pk}/", {"skills": "", "languages": ""}
        assert 'name="capacity" value="100"' in supervisor.get(address).text

        assert supervisor.post(address, said | {"capacity": "50"}).status_code == 302
        for wrong in ("5", "301", "x"):
            assert supervisor.post(address, said | {"capacity": wrong}).status_code == 422
        supervisor.post(address, said | {"capacity": ""})

        assert Worker.objects.get(user=world.ours.agent).capacity == 50
        assert len(everything(Event, kind="skills.changed")) == 1

    def test_who_leads_says_how_many_minutes_of_answers_are_enough_and_sees_who_is_over(
        self, world: World, supervisor: Client
    ) -> None:
        address, said = f"/skills/{self.member(world).pk}/", {"skills": "", "languages": ""}
        assert "120分中0分" in words(supervisor, "/skills/")

        for wrong in ("-1", "2401", "x"):
            assert supervisor.post(address, said | {"answer_minutes": wrong}).status_code == 422
        assert supervisor.post(address, said | {"answer_minutes": "0"}).status_code == 302

        assert Worker.objects.get(user=world.ours.agent).answer_minutes == 0
        assert 'name="answer_minutes" value="0"' in supervisor.get(address).text
        assert "0分中0分</span> ほかの方が先に質問されます" in words(supervisor, "/skills/")
        supervisor.post(address, said | {"answer_minutes": ""})
        assert Worker.objects.get(user=world.ours.agent).answer_minutes is None

    def test_saying_the_same_again_tells_nobody(self, world: World, supervisor: Client) -> None:
        address = f"/skills/{self.member(world).pk}/"
        for _ in range(2):
            supervisor.post(address, {"skills": "返品 3", "languages": "ja"})
        assert len(everything(Event, kind="skills.changed")) == 1

    @pytest.mark.parametrize("line", ["返品 9", "返品 3 2027-13-31", "返品 三"])
    def test_a_line_without_sense_is_refused_and_nothing_lost(
        self, world: World, supervisor: Client, line: str
    ) -> None:
        knows(world.ours.agent, "英語", 2)
        answer = supervisor.post(f"/skills/{self.member(world).pk}/", {"skills": line, "languages": ""})
        assert answer.status_code == 422
        assert line in answer.content.decode()
        assert [s.name for s in Skill.objects.all()] == ["英語"]

    def test_another_operators_people_are_not_there(self, world: World, stranger: Client) -> None:
        answer = stranger.post(f"/skills/{self.member(world).pk}/", {"skills": "返品 1", "languages": ""})
        assert answer.status_code == 404
        assert world.ours.agent.name not in words(stranger, "/skills/").replace(world.theirs.agent.name, "")
        assert not Skill.objects.exists()

    def test_a_colleague_at_another_companys_desk_is_the_managers_to_say(
        self, world: World, supervisor: Client
    ) -> None:
        elsewhere = make_engagement(world.ours.operator, make_desk(make_company()))
        colleague = make_operator_person(world.ours.operator, seats=(elsewhere,), name="遠山 渚")
        address = f"/skills/{OperatorMember.objects.get(user=colleague).pk}/"

        assert supervisor.post(address, {"skills": "返品 1", "languages": "fr"}).status_code == 404
        assert "遠山 渚" not in words(supervisor, "/skills/")
        assert not Skill.objects.exists()

        signed_in(world.ours.manager).post(address, {"skills": "返品 1", "languages": "ja"})
        assert [skill.name for skill in Skill.objects.all()] == ["返品"]

    @pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager"])
    def test_nor_do_agents_and_companies_say_it(self, world: World, who: str) -> None:
        client = signed_in(getattr(world.ours, who))
        assert client.post(f"/skills/{self.member(world).pk}/", {"skills": "返品 1"}).status_code == 403
        assert client.get("/skills/").status_code == 403
        assert not Skill.objects.exists()


def test_a_page_of_the_queues_costs_as_many_queries_however_much_waits(world: World, agent: Client) -> None:
    make_case(world.ours.entry_point)
    with counted() as one:
        words(agent, "/queue/")
    for _ in range(5):
        make_case(world.ours.entry_point)
    with counted() as many:
        words(agent, "/queue/")
    assert len(many) == len(one)


class TestDivided:
    """What the conversation says of a rule that sent the case on."""

    @pytest.fixture
    def case(self, world: World) -> Case:
        side = world.ours
        case = make_case(side.entry_point)
        with side.scope():
            there = make_desk(side.company, name="夜の窓口")
            make_engagement(side.operator, there)
            rule = {"name": "夜間", "by": "order", "to": [{"desk": there.pk}]}
            set_division(side.desk, rules=[rule], is_on=True, by=system("test"))
            assert divide(case) == there
            case.refresh_from_db()
            self.address = case_url(case)
        return case

    def test_who_sees_the_desk_of_the_rules_is_told_which_and_why(self, world: World, case: Case) -> None:
        page = words(signed_in(world.ours.company_staff), self.address)
        assert "規則「夜間」により夜の窓口へ送られました(順番: 1窓口中1番目)" in page

    def test_who_works_at_the_other_desk_alone_is_told_that_one_did(self, world: World, case: Case) -> None:
        with world.ours.scope():
            operator = make_operator(name="夜間受託")
            person = make_operator_person(operator, seats=(make_engagement(operator, case.desk),))
        page = words(signed_in(person), self.address)
        assert "委託元の規則により、この窓口に届きました" in page
        assert "夜間」" not in page
