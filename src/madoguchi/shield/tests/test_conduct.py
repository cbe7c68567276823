"""The policy that customers read, the police, the customer's own appeal and its answer, temporary staff's employers."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.delivery.models import Outgoing
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up
from madoguchi.kernel.actor import Actor, OperatingModel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.shield import appealing, caring, conduct, marking, queries, stopping
from madoguchi.shield.duties import duties_of, set_duty
from madoguchi.shield.evidence import fetch_evidence
from madoguchi.shield.models import Appeal, ConductPolicy, Consultation, Mark, PoliceReport
from madoguchi.shield.police import note_police
from madoguchi.shield.tests.conftest import NINE, told

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]
QUOTED = "やり取りを終え、ご用件は別の方法でお答えします。"


@pytest.fixture
def warned(case: Case, marked: Mark, world: World) -> Mark:
    """A mark of which the customer was told by a warning."""
    with world.ours.scope():
        Mark.objects.filter(pk=marked.pk).update(warned_at=NINE)
    return marked


@pytest.fixture
def temporary(world: World) -> None:
    """The desk's people are temporary staff, whom the company directs."""
    with world.ours.scope():
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(model=OperatingModel.TEMP_STAFF)


class TestPolicy:
    def test_each_version_is_read_once_approved_and_quoted_in_warnings(
        self, world: World, company: Actor, agent: Actor, acting: Acting, marked: Mark, approved: None
    ) -> None:
        ours = world.ours.company
        acting(conduct.write_policy, ours, text="方針です。", quoted=QUOTED, by=company)
        assert "方針" not in acting(stopping.words_for, marked, what="warning", actor=agent)
        with pytest.raises(NotFound):
            conduct.policy_of(ours.slug, None)

        acting(conduct.approve_policy, ours, version=1, by=company)

        said = acting(stopping.words_for, marked, what="warning", actor=agent)
        assert said.endswith(
            "当社のカスタマーハラスメントに対する方針 第1版\n"
            f"「{QUOTED}」\n{settings.BASE_URL}/conduct/{ours.slug}/1/"
        )
        acting(conduct.write_policy, ours, text="新しい方針です。", quoted="", by=company)
        assert conduct.policy_of(ours.slug, None)[0].text == "方針です。"
        acting(conduct.approve_policy, ours, version=2, by=company)
        (newest, holds), (before, held) = conduct.policy_of(ours.slug, None), conduct.policy_of(ours.slug, 1)
        assert (newest.text, holds, before.text, held) == ("新しい方針です。", True, "方針です。", False)
        assert told(world)[-1] != "conduct_policy.approved"  # of the company, not of a case
        with world.ours.scope():
            kinds = Event.objects.filter(kind__startswith="conduct_policy").order_by("pk")
            assert (
                list(kinds.values_list("kind", flat=True))
                == [
                    "conduct_policy.written",
                    "conduct_policy.approved",
                ]
                * 2
            )

    def test_what_is_as_it_was_makes_no_version_and_none_is_approved_unseen(
        self, world: World, company: Actor, manager: Actor, acting: Acting
    ) -> None:
        ours = world.ours.company
        for _again in range(2):
            acting(conduct.write_policy, ours, text="方針です。", quoted="", by=company)
        for by, text, quoted, error in (
            (manager, "別の方針", "", NotAllowed),
            (actor_of(world.theirs.company_manager), "別の方針", "", NotAllowed),
            (company, " ", "", Refused),
            (company, "方針", "長" * 301, Refused),
        ):
            with pytest.raises(error):
                acting(conduct.write_policy, ours, text=text, quoted=quoted, by=by)
        acting(conduct.write_policy, ours, text="次の方針です。", quoted="", by=company)
        with pytest.raises(Conflict):
            acting(conduct.approve_policy, ours, version=1, by=company)
        with pytest.raises(NotAllowed):
            acting(conduct.approve_policy, ours, version=2, by=manager)

        with world.ours.scope():
            rows = ConductPolicy.objects.order_by("version").values_list("version", "text", "approved_at")
            assert list(rows) == [(1, "方針です。", None), (2, "次の方針です。", None)]


class TestPolice:
    def test_it_stands_at_the_mark_and_in_the_evidence(
        self, world: World, marked: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        said = {
            "place": "丸の内警察署",
            "officer": "生活安全課 田中",
            "number": "第1234号",
            "words": "脅迫の件",
        }
        acting(note_police, marked, way="station", at=NINE, later=1, by=supervisor, **said)

        with world.ours.scope():
            [kept] = PoliceReport.objects.values("way", "told_at", "told_by_id", *said)
        assert kept == {"way": "station", "told_at": NINE, "told_by_id": supervisor.id, **said}
        assert told(world)[-1] == "harassment.police"
        with acting(fetch_evidence, marked, by=supervisor) as bundle:
            assert "第1234号" in zipfile.ZipFile(bundle).read("mark.json").decode()

    @pytest.mark.parametrize(
        ("field", "value"),
        [("way", "119"), ("place", " "), ("number", "1" * 61), ("at", NINE + timedelta(hours=2))],
    )
    def test_what_makes_no_sense_is_refused(
        self,
        world: World,
        marked: Mark,
        supervisor: Actor,
        agent: Actor,
        acting: Acting,
        field: str,
        value: Any,
    ) -> None:
        said: dict[str, Any] = {"way": "110", "place": "110番", "number": "", "at": NINE}
        with pytest.raises(Refused) as refused:
            acting(note_police, marked, by=supervisor, later=1, **said | {field: value})
        with pytest.raises(NotAllowed):
            acting(note_police, marked, by=agent, later=1, **said)

        assert field in refused.value.fields
        with world.ours.scope():
            assert not PoliceReport.objects.exists()


class TestCustomersAppeal:
    def test_it_is_answered_by_another_and_the_answer_goes_to_them(
        self, case: Case, world: World, warned: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        made = acting(appealing.object_to, warned, words="怒鳴っていません")
        with pytest.raises(Conflict):
            acting(appealing.object_to, warned, words="まだですか")
        assert (made.entered_by_id, made.due_at) == (None, NINE + timedelta(days=7))

        answer = "ご指摘のとおりでした。お詫びいたします。"
        acting(appealing.decide_appeal, made, state="granted", answer=answer, send=True, by=supervisor)

        with world.ours.scope():
            kept, sent = Appeal.objects.get(), Outgoing.objects.exclude(message__author="system").get()
            [measure] = queries.measures_of(case)
            assert (kept.state, kept.told_in_id, sent.message.text) == ("granted", sent.message_id, answer)
        assert (measure.at, measure.mark.state, [a.answer for a in measure.appeals]) == (
            NINE,
            "cleared",
            [answer],
        )
        assert told(world)[-2:] == ["appeal.decided", "appeal.answered"]

    def test_where_it_cannot_be_sent_nothing_is_decided(
        self, world: World, warned: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        made = acting(appealing.object_to, warned, words="怒鳴っていません")
        with world.ours.scope():
            desk = world.ours.desk
            type(desk).objects.filter(pk=desk.pk).update(forbidden_words="お詫び")

        with pytest.raises(Refused) as refused:
            acting(
                appealing.decide_appeal,
                made,
                state="granted",
                answer="お詫びします",
                send=True,
                by=supervisor,
            )

        assert refused.value.field == "answer"
        with world.ours.scope():
            assert Appeal.objects.get().state == "open"
            assert Mark.objects.get().state == "suspected"

    def test_nobody_objects_to_a_suspicion_that_they_were_not_told_of(
        self, world: World, case: Case, marked: Mark, acting: Acting
    ) -> None:
        with pytest.raises(NotFound):
            acting(appealing.object_to, marked, words="なぜですか")

        with world.ours.scope():
            assert (queries.measures_of(case), Appeal.objects.count()) == ([], 0)


class TestTemporaryStaff:
    def test_both_employers_are_told_and_have_their_duties(
        self, world: World, temporary: None, case: Case, acting: Acting
    ) -> None:
        side = world.ours
        agent, supervisor, company = map(actor_of, (side.agent, side.supervisor, side.company_manager))
        made = acting(marking.mark, case, sort="threat", by=agent)
        acting(marking.decide, made, state="confirmed", reason="脅迫", by=supervisor)
        catch_up("following.notify")

        with side.scope():
            told_to = set(Notification.objects.values_list("user", "kind"))
        employers = (side.manager.pk, side.company_manager.pk)
        assert told_to >= {
            (pk, kind) for pk in employers for kind in ("harassment.marked", "harassment.decided")
        }
        here = (side.company.pk, side.operator.pk)
        rows = acting(duties_of, *here, actor=company)
        assert [[one.side for one in row if one.mine] for row in rows] == [["company", "client"]] * 6
        acting(set_duty, *here, "client.care", who="人事 小林", due_on=None, done=False, by=company)
        assert acting(duties_of, *here, actor=company)[3][2].row.who == "人事 小林"

    def test_they_ask_the_firm_only_where_they_wish_it(
        self, world: World, temporary: None, case: Case, acting: Acting
    ) -> None:
        side = world.ours
        agent, company = actor_of(side.agent), actor_of(side.company_manager)
        alone = acting(caring.consult, case, words="派遣元だけに", by=agent)
        both = acting(caring.consult, case, words="両方に", to_client=True, by=agent)

        assert acting(lambda: [one.pk for one in queries.consultations_at(company)]) == [both.pk]
        with pytest.raises(NotFound):
            acting(queries.consultation_by_id, alone.pk, actor=company)
        with pytest.raises(NotAllowed):
            acting(caring.give_counsel, alone, answer="聞きました", by=company)
        acting(caring.give_counsel, both, answer="席を替えます", by=company)
        with side.scope():
            answers = Consultation.objects.order_by("pk").values_list("answer", flat=True)
            assert list(answers) == ["", "席を替えます"]

    def test_where_none_work_there_is_no_third_side_and_nobody_to_ask(
        self, world: World, case: Case, agent: Actor, company: Actor, acting: Acting
    ) -> None:
        here = (world.ours.company.pk, world.ours.operator.pk)
        assert {len(row) for row in acting(duties_of, *here, actor=company)} == {2}
        with pytest.raises(NotFound):
            acting(set_duty, *here, "client.care", who="小林", due_on=None, done=False, by=company)
        with pytest.raises(NotAllowed):
            acting(caring.consult, case, words="会社に", to_client=True, by=agent)

        with world.ours.scope():
            assert not Consultation.objects.exists()
