"""The shield on the console: by keys beside a case, on a mark's page, in lists; and what a company sees of it."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.desk.tests.conftest import HTMX, everything, signed_in
from madoguchi.desk.tests.test_trouble_pages import at
from madoguchi.escalations.tests.conftest import HOUR, NINE
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.shield import appealing, marking
from madoguchi.shield.models import Appeal, Care, Consultation, Help, Mark, PoliceReport, Stop, Suggestion
from madoguchi.shield.noticing import look_at_message
from madoguchi.shield.terms import USUAL_ENDING, USUAL_WARNING, approve_terms, set_terms

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Any], Client]


@pytest.fixture
def mark(world: World, case: Case) -> Mark:
    with world.ours.scope(), clock.held_at(NINE):
        return marking.mark(case, sort="threat", words="家に行くぞ", by=actor_of(world.ours.agent))


@pytest.fixture
def supervisor(world: World) -> Client:
    client = Client()
    client.force_login(world.ours.supervisor)
    return client


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.ours.manager)
    return client


class TestBesideACase:
    def test_a_contact_is_marked_with_a_sort(self, number: str, agent: Client) -> None:
        assert "mark-sort" in at(agent, NINE, f"/cases/{number}/raised/?form=mark").text
        with clock.held_at(NINE):
            said = {"sort": "sexual", "words": "下着の話"}
            shown = agent.post(f"/cases/{number}/shield/mark/", said, headers=HTMX).text

        [made] = everything(Mark)
        assert (made.sort, made.words, made.state) == ("sexual", "下着の話", "suspected")
        assert "性的な言動" in shown
        assert 'data-key="W"' in shown

    def test_a_plain_page_is_led_back_to_the_case(self, number: str, agent: Client) -> None:
        went = at(agent, NINE, f"/cases/{number}/shield/mark/", sort="threat", words="家に行くぞ")

        assert (went.status_code, went["Location"]) == (302, f"/cases/{number}/")
        assert [(one.sort, one.words) for one in everything(Mark)] == [("threat", "家に行くぞ")]

    def test_what_was_typed_stays_when_no_sort_is_chosen(self, number: str, agent: Client) -> None:
        with clock.held_at(NINE):
            shown = agent.post(f"/cases/{number}/shield/mark/", {"words": "怒鳴る"}, headers=HTMX)

        assert (shown.status_code, ">怒鳴る</textarea>" in shown.text) == (422, True)
        assert 'aria-describedby="wrong-sort"' in shown.text
        assert everything(Mark) == []

    def test_a_senior_is_called_and_comes(self, number: str, agent: Client, supervisor: Client) -> None:
        at(agent, NINE, f"/cases/{number}/shield/call/", x="1")
        [call] = everything(Help)
        assert "上長を呼んでいます" in at(supervisor, NINE, f"/cases/{number}/raised/").text
        assert "まだ誰も来ていません" in at(supervisor, NINE, "/shield/").text

        went = at(supervisor, NINE + HOUR / 120, f"/shield/helps/{call.pk}/come/", x="1")

        assert (went.status_code, went["Location"]) == (302, f"/cases/{number}/")
        assert everything(Help)[0].seconds == 30
        assert "30秒 <span" in at(supervisor, NINE, "/shield/?which=help").text
        assert "さんが30秒後に合流しました" in at(supervisor, NINE, f"/cases/{number}/").text
        assert "上長を呼んでいます" not in at(supervisor, NINE, f"/cases/{number}/raised/").text

    def test_what_was_noticed_is_marked_or_set_aside(
        self, world: World, case: Case, number: str, agent: Client
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            message = Message.objects.get(case=case)
            Message.objects.filter(pk=message.pk).update(text="死ね、土下座しろ", new_text="", at=NINE)
            look_at_message(message.pk)
        abuse, apology = sorted(everything(Suggestion), key=lambda one: one.sort)
        shown = at(agent, NINE, f"/cases/{number}/raised/").text
        assert "自動で検知したものです" in shown

        at(agent, NINE, f"/shield/noticed/{abuse.pk}/mark/", x="1")
        at(agent, NINE, f"/shield/noticed/{apology.pk}/aside/", reason="引用")

        assert [(one.sort, one.words) for one in everything(Mark)] == [("abuse", "死ね")]
        assert [one.reason for one in everything(Suggestion)] == ["", "引用"]
        assert at(agent, NINE, f"/shield/noticed/{abuse.pk}/eat/", x="1").status_code == 404

    def test_the_approved_warning_is_proposed(self, world: World, mark: Mark, agent: Client) -> None:
        refused = at(agent, NINE, f"/shield/{mark.pk}/words/warning/")
        assert (refused.status_code, refused["Content-Type"]) == (409, "text/plain; charset=utf-8")
        assert refused.text == (
            "この文面はまだ承認されていないため、差し込めません。上長を呼ぶか（E）、管理責任者に承認を依頼してください。"
        )
        assert at(agent, NINE, f"/shield/{mark.pk}/words/other/").status_code == 404
        by, ours = actor_of(world.ours.company_manager), world.ours.company
        with world.ours.scope(), clock.held_at(NINE):
            said = {"hold_minutes": 60, "repeats": 3, "care_hours": 24, "words": ""}
            set_terms(ours, by=by, warning=USUAL_WARNING, ending=USUAL_ENDING, **said)
            approve_terms(ours, version=1, by=by)

        words = at(agent, NINE, f"/shield/{mark.pk}/words/warning/")

        assert (words["Content-Type"], "お控えくださいますよう" in words.text) == (
            "text/plain; charset=utf-8",
            True,
        )

    def test_the_page_of_a_mark_leads_to_where_one_warns(
        self, world: World, mark: Mark, number: str, agent: Client
    ) -> None:
        way = f'href="/cases/{number}/#mark-{mark.pk}"'
        assert way in at(agent, NINE, f"/shield/{mark.pk}/").text
        with world.ours.scope():
            Mark.objects.filter(pk=mark.pk).update(state="cleared", reason="正当な苦情")
        assert way not in at(agent, NINE, f"/shield/{mark.pk}/").text

    def test_the_end_is_not_offered_while_nobody_can_warn(
        self, world: World, case: Case, mark: Mark, agent: Client
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            loud = marking.mark(case, sort="abuse", words="怒鳴る", by=actor_of(world.ours.agent))

        offered = {
            one: 'name="onward"' in at(agent, NINE, f"/shield/{one}/").text for one in (mark.pk, loud.pk)
        }

        # Nobody has to warn first who is threatened.
        assert offered == {mark.pk: True, loud.pk: False}


class TestAMark:
    def act(self, client: Client, mark: Mark, what: str, **form: str) -> Any:
        return at(client, NINE, f"/shield/{mark.pk}/{what}/", **form)

    def test_from_asking_to_the_end_of_an_appeal(
        self, mark: Mark, agent: Client, supervisor: Client, manager: Client
    ) -> None:
        refused = self.act(agent, mark, "stop", onward="letter", reason="脅しが続く")
        assert (refused.status_code, "脅しが続く</textarea>" in refused.text) == (422, True)
        assert self.act(agent, mark, "stop", onward="mail", reason="脅しが続く").status_code == 302
        assert "2人目の承認が必要です" in at(agent, NINE, f"/shield/{mark.pk}/").text
        self.act(supervisor, mark, "settle-stop", agreed="yes", words="録音を確認")
        [stop] = everything(Stop)
        assert (stop.state, stop.second_words) == ("agreed", "録音を確認")

        self.act(agent, mark, "appeal", words="脅していない")
        assert self.act(supervisor, mark, "settle-appeal", state="granted", answer="x").status_code == 403
        assert (
            self.act(manager, mark, "settle-appeal", state="granted", answer="お詫びします").status_code
            == 302
        )

        assert [(one.state, one.answer) for one in everything(Appeal)] == [("granted", "お詫びします")]
        assert (everything(Mark)[0].state, everything(Stop)[0].lifted_at) == ("cleared", NINE)
        assert self.act(manager, mark, "eat", x="1").status_code == 404
        assert self.act(manager, mark, "settle-appeal", state="upheld", answer="x").status_code == 422

    def test_a_senior_decides_and_lifts(self, mark: Mark, agent: Client, supervisor: Client) -> None:
        assert self.act(agent, mark, "decide", state="confirmed", reason="x").status_code == 403
        assert self.act(supervisor, mark, "decide", state="confirmed", reason="").status_code == 422
        self.act(supervisor, mark, "decide", state="confirmed", reason="録音で確認")
        assert [care.sort for care in everything(Care)] == ["rest", "talk", "later"]
        self.act(agent, mark, "stop", onward="mail", reason="続く")
        self.act(supervisor, mark, "settle-stop", agreed="yes")
        self.act(supervisor, mark, "lift", x="1")

        assert everything(Stop)[0].lifted_at == NINE
        assert self.act(supervisor, mark, "settle-stop", agreed="yes").status_code == 422

    def test_all_that_a_decision_lacks_is_told_at_once(
        self, mark: Mark, agent: Client, supervisor: Client, world: World
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            appealing.appeal(mark, words="納得できない", by=actor_of(world.ours.agent))
        forms = [
            (supervisor, "decide", {"state": "maybe", "reason": " "}, ["state", "reason"]),
            (agent, "stop", {"onward": "pigeon", "reason": ""}, ["onward", "reason"]),
            (world.ours.manager, "settle-appeal", {"state": "", "answer": ""}, ["state", "answer"]),
            (supervisor, "decide", {"state": "cleared", "reason": ""}, ["reason"]),
        ]

        for who, what, typed, fields in forms:
            client = who if isinstance(who, Client) else signed_in(who)
            answer = client.post(f"/shield/{mark.pk}/{what}/", typed)
            page = answer.content.decode().partition("<main")[2].partition("</main")[0]
            assert (answer.status_code, re.findall(r'id="wrong-([a-z]+)"', page)) == (422, fields), what
            assert page.count('aria-invalid="true"') == len(fields)
            assert page.count('role="alert"') == len(fields)
        with world.ours.scope():
            assert (Mark.objects.get().state, Stop.objects.count()) == ("suspected", 0)
            assert [one.state for one in Appeal.objects.all()] == ["open"]

    def test_evidence_leaves_as_a_file(
        self, mark: Mark, number: str, agent: Client, supervisor: Client
    ) -> None:
        assert at(agent, NINE, f"/shield/{mark.pk}/evidence/", x="1").status_code == 403

        sent = at(supervisor, NINE, f"/shield/{mark.pk}/evidence/", x="1")

        assert sent["Content-Disposition"] == f'attachment; filename="{number}-{mark.pk}.zip"'
        with zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content))) as archive:
            assert "manifest.json" in archive.namelist()


class TestPeople:
    def test_care_is_settled_in_the_list(self, mark: Mark, agent: Client, supervisor: Client) -> None:
        at(supervisor, NINE, f"/shield/{mark.pk}/decide/", state="confirmed", reason="x")
        rest, talk, _later = everything(Care)
        assert "休憩の提案" in at(agent, NINE + 2 * HOUR, "/shield/?which=care").text

        at(agent, NINE, f"/shield/cares/{rest.pk}/settle/", outcome="done")
        at(supervisor, NINE, f"/shield/cares/{talk.pk}/settle/", outcome="eat")

        assert [care.outcome for care in everything(Care)] == ["done", "", ""]

    def test_counsel_is_asked_and_given(
        self, number: str, agent: Client, supervisor: Client, company_staff: Client
    ) -> None:
        assert at(agent, NINE, f"/cases/{number}/shield/consult/").status_code == 200
        at(agent, NINE, f"/cases/{number}/shield/consult/", words="怖い")
        [asked] = everything(Consultation)
        page = f"/shield/counsel/{asked.pk}/"
        assert "怖い" in at(supervisor, NINE, page).text
        assert at(supervisor, NINE, page, answer=" ").status_code == 422
        at(supervisor, NINE, page, answer="休みましょう")

        assert "休みましょう" in at(agent, NINE, page).text
        assert "回答済み" in at(agent, NINE, "/shield/?which=counsel").text
        for address in (page, f"/cases/{number}/shield/consult/"):
            assert at(company_staff, NINE, address).status_code == 403

    def test_a_senior_from_another_desk_reads_the_counsel_and_not_the_case(
        self, world: World, case: Case, number: str, agent: Client, supervisor: Client
    ) -> None:
        """Given a senior of the same employer who is seated at another desk, then the case's subject is not there."""
        at(agent, NINE, f"/cases/{number}/shield/consult/", words="怖い")
        [asked] = everything(Consultation)
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(subject="極秘の件名")
        operator = world.ours.operator
        elsewhere = make_engagement(operator, make_desk(world.ours.company))
        senior = signed_in(make_operator_person(operator, Role.SUPERVISOR, seats=(elsewhere,)))
        page, link = f"/shield/counsel/{asked.pk}/", f'href="/cases/{number}/"'

        shown = at(senior, NINE, page).text
        assert ("怖い" in shown, "極秘の件名" in shown, link in shown) == (True, False, False)
        listed = at(senior, NINE, "/shield/?which=counsel").text
        assert (page in listed, number in listed, link in listed) == (True, True, False)
        own = at(supervisor, NINE, page).text
        assert ("極秘の件名" in own, link in own) == (True, True)
        assert link in at(supervisor, NINE, "/shield/?which=counsel").text

    def test_seniors_see_the_load(self, mark: Mark, supervisor: Client, world: World) -> None:
        shown = at(supervisor, NINE, "/shield/?which=load").text

        assert world.ours.agent.name in shown


class TestTheCompany:
    def test_it_sees_that_a_case_is_in_the_shield_and_nobody_of_it(
        self, world: World, number: str, mark: Mark, company_staff: Client, agent: Client
    ) -> None:
        at(agent, NINE, f"/cases/{number}/shield/call/", x="1")
        name = world.ours.agent.name

        panel = at(company_staff, NINE, f"/cases/{number}/raised/").text
        listed = at(company_staff, NINE, "/shield/").text
        page = at(company_staff, NINE, f"/shield/{mark.pk}/").text

        for text in (panel, listed, page):
            assert "脅迫" in text
            assert name not in text.partition("</header>")[2] or name in world.ours.company_staff.name
        # A column in which nobody may stand is none.
        column = "被害を受けた従業員"
        assert (column in listed, column in at(agent, NINE, "/shield/?which=suspected").text) == (False, True)
        for which in ("help", "care", "counsel", "load", "noticed"):
            assert f"which={which}" not in listed
            assert name not in at(company_staff, NINE, f"/shield/?which={which}").text

    def test_a_stranger_finds_nothing(self, mark: Mark, stranger: Client) -> None:
        assert at(stranger, NINE, f"/shield/{mark.pk}/").status_code == 404
        assert "脅迫" not in at(stranger, NINE, "/shield/?which=suspected").text


@pytest.mark.parametrize(
    "which", ["help", "noticed", "suspected", "confirmed", "cleared", "care", "counsel", "load"]
)
def test_every_list_has_something_to_say_when_empty(which: str, supervisor: Client) -> None:
    shown = at(supervisor, NINE, f"/shield/?which={which}")

    assert shown.status_code == 200
    assert ("該当するものはありません" in shown.text) == (which != "load")


def test_a_colleague_reads_nobodys_care(world: World, mark: Mark, supervisor: Client) -> None:
    at(supervisor, NINE, f"/shield/{mark.pk}/decide/", state="confirmed", reason="x")
    side, colleague = world.ours, Client()
    colleague.force_login(make_operator_person(side.operator, seats=(side.engagement,)))

    assert "休憩の提案" not in at(colleague, NINE, "/shield/?which=care").text
    assert (
        at(colleague, NINE, f"/shield/cares/{everything(Care)[0].pk}/settle/", outcome="done").status_code
        == 404
    )


def test_the_police_are_written_down_by_a_senior(
    mark: Mark, number: str, agent: Client, supervisor: Client
) -> None:
    said = {"way": "110", "at": "2026-07-31T08:30", "place": "110番", "officer": "田中", "number": "第12号"}
    address = f"/shield/{mark.pk}/police/"
    shown = at(supervisor, NINE, address, **said | {"place": "", "at": "x"})
    assert (shown.status_code, 'aria-describedby="wrong-at"' in shown.text) == (422, True)
    assert at(agent, NINE, address, **said).status_code == 403
    assert everything(PoliceReport) == []

    assert at(supervisor, NINE, address, **said).status_code == 302

    page = at(agent, NINE, f"/shield/{mark.pk}/").text
    assert "担当官 田中" in page
    assert "受理番号 第12号" in page
    shown = at(supervisor, NINE, f"/cases/{number}/").text

    assert "警察への通報を記録しました: 110番" in shown


def appealed(world: World, mark: Mark) -> Appeal:
    """The customer objects, as somebody wrote it down."""
    with world.ours.scope(), clock.held_at(NINE):
        return appealing.appeal(mark, words="脅していません", by=actor_of(world.ours.agent))


def test_the_answer_to_an_appeal_leaves_from_the_mark(world: World, mark: Mark, supervisor: Client) -> None:
    appealed(world, mark)
    said = {"state": "upheld", "answer": "確認しましたが、判断は変わりません。", "send": "yes"}

    assert at(supervisor, NINE, f"/shield/{mark.pk}/settle-appeal/", **said).status_code == 302

    [kept] = everything(Appeal)
    assert (kept.state, kept.told_in_id is not None) == ("upheld", True)
    assert f"#message-{kept.told_in_id}" in at(supervisor, NINE, f"/shield/{mark.pk}/").text


def test_what_must_not_leave_the_desk_decides_nothing(world: World, mark: Mark, supervisor: Client) -> None:
    appealed(world, mark)
    with world.ours.scope():
        type(world.ours.desk).objects.filter(pk=world.ours.desk.pk).update(forbidden_words="絶対に")
    said = {"state": "upheld", "answer": "絶対に変わりません。", "send": "yes"}

    page = at(supervisor, NINE, f"/shield/{mark.pk}/settle-appeal/", **said)

    assert (page.status_code, ">絶対に変わりません。</textarea>" in page.text) == (422, True)
    assert 'name="sure"' in page.text
    assert [(one.state, one.answer) for one in everything(Appeal)] == [("open", "")]
    without = said | {"send": ""}
    assert at(supervisor, NINE, f"/shield/{mark.pk}/settle-appeal/", **without).status_code == 302
    assert [(one.state, one.told_in_id) for one in everything(Appeal)] == [("upheld", None)]


def test_temporary_staff_choose_whether_the_firm_reads_it(
    world: World, number: str, agent: Client, case: Case
) -> None:
    page = at(agent, NINE, f"/cases/{number}/shield/consult/").text
    assert 'name="to_client"' not in page
    assert at(agent, NINE, f"/cases/{number}/shield/consult/", words="x", to_client="yes").status_code == 403
    with world.ours.scope():
        type(world.ours.engagement).objects.filter(pk=world.ours.engagement.pk).update(model="temp_staff")

    assert 'name="to_client"' in at(agent, NINE, f"/cases/{number}/shield/consult/").text
    at(agent, NINE, f"/cases/{number}/shield/consult/", words="派遣元だけに")
    at(agent, NINE, f"/cases/{number}/shield/consult/", words="派遣先にも", to_client="yes")

    firm = Client()
    firm.force_login(world.ours.company_manager)
    alone, both = everything(Consultation)
    assert at(firm, NINE, f"/shield/counsel/{alone.pk}/").status_code == 404
    assert "派遣先にも" in at(firm, NINE, f"/shield/counsel/{both.pk}/").text
    assert at(firm, NINE, f"/shield/counsel/{both.pk}/", answer="席を替えます").status_code == 302
    assert [one.answer for one in everything(Consultation)] == ["", "席を替えます"]
