"""To whom slips may go and with which words; that where they went is kept, and until when their links open."""

from datetime import timedelta

import pytest

from madoguchi.administration.audit import words_seen
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.escalations import actions, slips
from madoguchi.escalations.actions import Whom
from madoguchi.escalations.destinations import SHARED
from madoguchi.escalations.links import open_slip, sign
from madoguchi.escalations.models import Escalation, Slip, SlipLetter
from madoguchi.escalations.queries import addresses_of
from madoguchi.escalations.slips import make_slip
from madoguchi.escalations.tests.conftest import HOUR, NINE, Asking
from madoguchi.escalations.tests.test_slips import written
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
OURS, MARI = "kenji@shop.example", "mari@factory.example"


def made(world: World, case: Case, by: Actor, **said: object) -> Slip:
    with world.ours.scope(), clock.held_at(NINE):
        return make_slip(case, written(**said), by=by)


def refused(world: World, case: Case, by: Actor, **said: object) -> str:
    """The field that is refused; nothing is written."""
    with world.ours.scope():
        before = (Slip.objects.count(), SlipLetter.objects.count(), Event.objects.count())
    with pytest.raises(Refused) as error:
        made(world, case, by, **said)
    with world.ours.scope():
        assert (Slip.objects.count(), SlipLetter.objects.count(), Event.objects.count()) == before
    return error.value.field


class TestToWhom:
    def test_an_agent_writes_to_the_desks_own_domain_alone(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        assert made(world, case, agent, to_address=OURS).to_address == OURS
        for other in (MARI, "x@shop.example.evil.example", "x@sub.shop.example", "x@notshop.example"):
            assert refused(world, case, agent, to_address=other) == "address"

    def test_where_a_supervisor_sent_one_an_agent_does_after(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        made(world, case, supervisor, to_address="Mari@Factory.example")

        assert made(world, case, agent, to_address=MARI).to_address == MARI
        assert refused(world, case, agent, to_address="other@factory.example") == "address"
        with world.ours.scope():
            letters = SlipLetter.objects.order_by("created_at", "slip_id").values_list(
                "to_address", "vouched"
            )
            assert list(letters) == [(MARI, True), (MARI, False)]

    def test_no_agent_sends_one_elsewhere_later(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        slip = made(world, case, agent, to_address=OURS)
        with world.ours.scope(), clock.held_at(NINE):
            with pytest.raises(Refused):
                slips.send_again(slip, address=MARI, by=agent)
            kept = Slip.objects.get(pk=slip.pk)
            assert (kept.to_address, kept.generation, SlipLetter.objects.count()) == (OURS, 1, 1)
            slips.send_again(slip, address=MARI, by=supervisor)
            slips.send_again(slip, by=agent)

        assert (slip.to_address, slip.generation) == (MARI, 3)

    def test_nor_a_question(self, world: World, asking: Asking) -> None:
        with pytest.raises(Refused) as error:
            asking(Whom(to="outside", name="真理", address=MARI))

        assert error.value.field == "address"
        with world.ours.scope():
            assert (Escalation.objects.count(), SlipLetter.objects.count()) == (0, 0)

    def test_a_desk_at_a_provider_of_everybodys_mail_allows_none_of_it(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        make_entry_point(world.ours.desk, address="our.shop@gmail.com")

        assert {"gmail.com", "yahoo.co.jp", "docomo.ne.jp", "outlook.jp"} <= SHARED
        assert refused(world, case, agent, to_address="mine@gmail.com") == "address"

    def test_no_desk_of_another_company_allows_it(self, world: World, case: Case, agent: Actor) -> None:
        make_entry_point(world.theirs.desk, address="support@theirs.example")

        assert refused(world, case, agent, to_address="x@theirs.example") == "address"

    def test_offered_are_those_of_cases_in_sight(self, world: World, case: Case, agent: Actor) -> None:
        made(world, case, agent)
        with world.ours.scope():
            elsewhere = Desk.objects.create(company=world.ours.company, name="別の窓口")
            Case.objects.filter(pk=case.pk).update(desk=elsewhere)

            assert addresses_of(case.company_id, actor=agent) == []
            Case.objects.filter(pk=case.pk).update(desk=world.ours.desk)
            assert addresses_of(case.company_id, actor=agent) == [(OURS, "工場 健司")]


class TestWithWhichWords:
    @pytest.mark.parametrize("where", ["words", "caller", "call_back"])
    def test_what_must_not_leave_the_desk_does_not(
        self, world: World, case: Case, supervisor: Actor, where: str
    ) -> None:
        forbid(world, case)

        assert refused(world, case, supervisor, **{where: "これは社外秘です"}) == "words"

    def test_nor_in_a_question(self, world: World, case: Case, asking: Asking, agent: Actor) -> None:
        forbid(world, case)
        for said in ({"question": "社外秘の単価は？"}, {"tried": "社外秘の表"}):
            with pytest.raises(Refused):
                asking(Whom(to="outside", name="健司", address=OURS), **said)

        with world.ours.scope():
            assert (Escalation.objects.count(), SlipLetter.objects.count()) == (0, 0)


class TestWhereItWent:
    def test_it_stands_beside_the_log(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        slip = made(world, case, agent)
        with world.ours.scope(), clock.held_at(NINE):
            slips.send_again(slip, address=MARI, by=supervisor)
        with world.ours.scope():
            found = list(Event.objects.filter(kind__in=["slip.made", "slip.sent_again"]).order_by("pk"))
            words = words_of(event.pk for event in found)
            seen = words_seen(found, actor_of(world.ours.supervisor))

        assert [words[event.pk] for event in found] == [{"address": ["", OURS]}, {"address": [OURS, MARI]}]
        assert seen == words
        assert "@" not in str([event.data for event in found])

    def test_it_was_opened_is_told_once_a_link(self, world: World, case: Case, agent: Actor) -> None:
        slip = made(world, case, agent)
        with world.ours.scope(), clock.held_at(NINE):
            for _ in range(2):
                slips.note_opened(slip)
            slips.send_again(slip, by=agent)
            slips.note_opened(slip)
            told = Event.objects.filter(kind="slip.opened").order_by("pk").values_list("data", flat=True)

            assert [data["generation"] for data in told] == [1, 2]


class TestUntilWhen:
    def test_thirty_days_after_it_was_sent_at_most(self, world: World, case: Case, agent: Actor) -> None:
        slip = made(world, case, agent, due_at=NINE + timedelta(days=300))

        assert slip.expires_at == NINE + timedelta(days=30)
        with world.ours.scope(), clock.held_at(NINE + timedelta(days=29)):
            slips.send_again(slip, by=agent)
        assert slip.expires_at == NINE + timedelta(days=59)

    def test_withdrawn_when_done_it_opens_no_more(self, world: World, case: Case, agent: Actor) -> None:
        slip = made(world, case, agent)
        signed = sign(slip, generation=1)
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            slips.finish_slip(slip, words="", by=agent)
            assert open_slip(signed).pk == slip.pk
            slips.withdraw_slip(slip, by=agent)
            with pytest.raises(NotFound):
                open_slip(signed)
            with pytest.raises(Conflict):
                slips.withdraw_slip(slip, by=agent)

    def test_so_of_a_question_that_was_answered(
        self, world: World, case: Case, asking: Asking, agent: Actor
    ) -> None:
        one = asking(Whom(to="outside", name="健司", address=OURS))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            slip = one.slips.get()
            actions.answer_by_slip(slip, text="十個です。")
            slips.done_by_link(slip, words="")
            slips.drop_of(one, by=agent)
            with pytest.raises(NotFound):
                open_slip(sign(slip, generation=1))


def forbid(world: World, case: Case) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=case.desk_id).update(forbidden_words="社外秘")
        case.desk.refresh_from_db()
