"""What belongs together is shown so: cases of one matter, and who speaks in a conversation."""

import pytest
from django.test import Client

from madoguchi.cases.actions import continue_case, join, move_to_desk, open_case
from madoguchi.cases.factories import arriving, make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk
from madoguchi.customers.actions import mark_undeliverable
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import customer_parties
from madoguchi.desk.tests.conftest import HTMX, MISAKI, counted
from madoguchi.desk.tests.test_browsing import text
from madoguchi.intake.actions import INTAKE
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
COLLEAGUE = Party("taro@work.example", "佐藤 太郎")


def joins_in(world: World, case: Case, who: Party, *, automatic: str = "") -> None:
    with world.ours.scope():
        came = arriving(world.ours.entry_point, sender=who, text="横から失礼します。", automatic=automatic)
        continue_case(case.pk, came, by=INTAKE)


class TestWhatAMachineWrote:
    def test_is_marked_in_the_list_until_a_person_writes(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        joins_in(world, case, MISAKI, automatic="auto-reply")
        assert "自動返信" in text(agent.get("/cases/?view=all"))
        acted = agent.post(f"/cases/{number}/priority/", {"priority": "3"}, headers=HTMX)
        assert "自動返信" in acted.content.decode().partition('class="meta"')[2]

        joins_in(world, case, MISAKI)

        assert "自動返信" not in text(agent.get("/cases/?view=all"))


class TestWhoSpeaks:
    def test_somebody_else_is_named_and_marked(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        joins_in(world, case, COLLEAGUE)

        page = text(agent.get(f"/cases/{number}/"))

        assert "佐藤 太郎 様" in page
        assert page.count("お客様とは別の方") == 1

    def test_the_customer_is_not_marked_whatever_they_call_themselves(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        joins_in(world, case, Party(MISAKI.address, "みさき"))

        assert "お客様とは別の方" not in text(agent.get(f"/cases/{number}/"))

    def test_the_answer_still_goes_to_the_customer(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        joins_in(world, case, COLLEAGUE)
        joins_in(world, case, Party("mailer-daemon@home.example"), automatic="auto-reply")

        page = text(agent.get(f"/cases/{number}/"))

        assert f'placeholder="{MISAKI.address}"' in page
        assert f'placeholder="{COLLEAGUE.address}"' not in page
        with world.ours.scope():
            assert customer_parties(case) == (MISAKI,)
            Identity.objects.filter(customer=case.customer_id).delete()
            assert customer_parties(case) == (MISAKI,)


class TestOneMatter:
    def test_a_new_case_and_the_old_one_that_it_follows_lead_to_each_other(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        with world.ours.scope():
            came = arriving(world.ours.entry_point, sender=MISAKI)
            later = Case.objects.get(pk=open_case(came, by=INTAKE, follows=case.pk).case)
        later_number = later.spoken_number(world.ours.company.prefix)

        old, new = text(agent.get(f"/cases/{number}/")), text(agent.get(f"/cases/{later_number}/"))

        assert f"その後の用件 {later_number}" in old
        assert f"前の用件 {number}" in new

    def test_the_number_of_a_case_of_another_desk_is_not_told(
        self, world: World, agent: Client, company_staff: Client, case: Case, number: str
    ) -> None:
        """The case that it follows lies, and the one that it went on in was moved, where the agent has no seat."""
        with world.ours.scope():
            elsewhere = make_desk(world.ours.company, name="修理窓口")
            came = arriving(world.ours.entry_point, sender=MISAKI)
            later = Case.objects.get(pk=open_case(came, by=INTAKE, follows=case.pk).case)
            target = make_case(world.ours.entry_point, sender=MISAKI)
            assert join(later.pk, into=target.pk, by=INTAKE)
            for gone in (case, target):
                move_to_desk(gone, to=elsewhere, by=INTAKE)
        prefix = world.ours.company.prefix
        later_number, target_number = later.spoken_number(prefix), target.spoken_number(prefix)

        for_agent = text(agent.get(f"/cases/{later_number}/"))
        for_company = text(company_staff.get(f"/cases/{later_number}/"))

        assert later_number in for_agent
        assert number not in for_agent
        assert target_number not in for_agent
        assert "別の窓口の用件に統合されました" in for_agent
        assert f"前の用件 {number}" in for_company
        assert f"続きは {target_number}" in for_company

    def test_a_case_that_went_on_in_another_leads_there(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        gone = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            assert join(gone.pk, into=case.pk, by=INTAKE)

        page = text(agent.get(f"/cases/{gone.spoken_number(world.ours.company.prefix)}/"))

        assert f"続きは {number}" in page

    def test_only_a_case_with_others_asks_for_them(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        agent.get(f"/cases/{number}/")
        with counted() as alone:
            agent.get(f"/cases/{number}/")
        with world.ours.scope():
            open_case(arriving(world.ours.entry_point, sender=MISAKI), by=INTAKE, follows=case.pk)
        with counted() as followed:
            agent.get(f"/cases/{number}/")

        # The other case stands beside the person, too; neither costs more than one question.
        assert len(followed) - len(alone) == 1


class TestAnAddressThatIsGone:
    def test_is_shown_beside_the_customer_and_before_one_answers(
        self, world: World, agent: Client, case: Case, number: str
    ) -> None:
        before = text(agent.get(f"/cases/{number}/"))
        with world.ours.scope():
            told = {"company": world.ours.company.pk, "address": MISAKI.address, "status": "5.1.1"}
            mark_undeliverable(**told, why="550 5.1.1 User unknown", by=INTAKE)

        page = text(agent.get(f"/cases/{number}/"))

        for words in ("このアドレスへのメールは届きません", "550 5.1.1 User unknown", "不達になっています"):
            assert (before.count(words), page.count(words)) == (0, 1)

    @pytest.mark.parametrize("gone", [False, True])
    def test_is_said_as_well_when_an_act_draws_the_composer_anew(
        self, world: World, agent: Client, number: str, gone: bool
    ) -> None:
        with world.ours.scope():
            told = {"company": world.ours.company.pk, "address": MISAKI.address, "status": "5.1.1"}
            if gone:
                mark_undeliverable(**told, why="550 5.1.1 User unknown", by=INTAKE)

        drawn = text(
            agent.post(f"/cases/{number}/note/", {"note": "電話で確認"}, headers={"HX-Request": "true"})
        )

        assert 'id="composer"' in drawn
        assert drawn.count("不達になっています") == (1 if gone else 0)
