"""Saying what a desk keeps towards its customers: by whom, in versions, and what is refused."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.companies.models import Engagement
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, OperatingModel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import read_clocks, set_levels, switch_levels
from madoguchi.promises.models import ServiceLevels, ServiceLevelsVersion
from madoguchi.promises.tests.living import LEVELS

pytestmark = pytest.mark.django_db


class TestSayingWhatIsKept:
    def test_every_version_is_kept_and_nothing_counts_before_it_is_in_use(
        self, world: World, manager: Actor
    ) -> None:
        with world.ours.scope():
            levels = set_levels(world.ours.desk, text=LEVELS, by=manager)
            again = set_levels(world.ours.desk, text=LEVELS, by=manager)
            changed = set_levels(world.ours.desk, text='{"targets": {"first_reply": 60}}', by=manager)

            assert (levels.pk, again.version, changed.version, changed.active) == (changed.pk, 1, 2, False)
            versions = ServiceLevelsVersion.objects.order_by("number").values_list("number", "user_id")
            assert list(versions) == [(1, manager.id), (2, manager.id)]
            assert read_clocks(make_case(world.ours.entry_point).pk) == []

    def test_what_is_not_right_is_said_with_its_place_and_changes_nothing(
        self, world: World, manager: Actor
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused, match=r"2行目: targets\.first_replies: "):
                set_levels(world.ours.desk, text='{"targets": {\n"first_replies": 60}}', by=manager)

            assert not ServiceLevels.objects.exists()

    @pytest.mark.parametrize("targets", ["[" * 700 + "]" * 700, '{"first_reply": ' + "9" * 5000 + "}"])
    def test_what_no_machine_reads_is_refused_as_anything_else(
        self, world: World, manager: Actor, targets: str
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused, match=r"1行目: targets"):
                set_levels(world.ours.desk, text='{"targets": ' + targets + "}", by=manager)

            assert not ServiceLevels.objects.exists()

    @pytest.mark.parametrize("person", ["agent", "supervisor", "manager", "company_staff"])
    def test_it_is_the_companys_to_say(self, world: World, levels: ServiceLevels, person: str) -> None:
        by = actor_of(getattr(world.ours, person))
        with world.ours.scope():
            with pytest.raises(NotAllowed):
                set_levels(world.ours.desk, text='{"targets": {"first_reply": 60}}', by=by)
            with pytest.raises(NotAllowed):
                switch_levels(levels, active=False, by=by)

            assert ServiceLevels.objects.get().active
            assert ServiceLevels.objects.get().text == LEVELS

    def test_it_is_in_the_log(self, world: World, levels: ServiceLevels) -> None:
        with world.ours.scope():
            found = Event.objects.filter(kind__startswith="service_levels.").order_by("id")
            assert [(e.kind, e.data["version"]) for e in found] == [
                ("service_levels.changed", 1),
                ("service_levels.switched", 1),
            ]


HANDED = '{"targets": {"first_reply": 60}, "name": "急ぎ", "acts": [{"do": "%s", "value": "%s"}]}'


class TestDirectingByAPolicy:
    """37号告示: a company does not direct the people of another employer, by a policy either."""

    @pytest.mark.parametrize(
        ("do", "value"), [("assign", "seniors"), ("notify", "seniors"), ("task", "今すぐ電話")]
    )
    def test_who_may_not_direct_people_lets_no_policy_do_so(
        self, world: World, manager: Actor, do: str, value: str
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused, match="運営会社に依頼") as refused:
                set_levels(world.ours.desk, text=HANDED % (do, value), by=manager)

            assert refused.value.field == "text"
            assert not ServiceLevels.objects.exists()

    @pytest.mark.parametrize(("do", "value"), [("priority", "urgent"), ("tag", "至急")])
    def test_what_concerns_the_case_alone_is_the_companys_to_say(
        self, world: World, manager: Actor, do: str, value: str
    ) -> None:
        with world.ours.scope():
            assert set_levels(world.ours.desk, text=HANDED % (do, value), by=manager).version == 1

    def test_what_others_wrote_there_stays_when_the_company_changes_something_else(
        self, world: World, manager: Actor
    ) -> None:
        text = HANDED % ("assign", "seniors")
        with world.ours.scope():
            set_levels(world.ours.desk, text=text, by=actor_of(world.administrator))
            changed = set_levels(world.ours.desk, text=text.replace("60", "90"), by=manager)

            assert changed.version == 2

    def test_a_company_that_answers_itself_directs_its_people(self, world: World) -> None:
        with world.ours.scope():
            Engagement.objects.filter(pk=world.ours.engagement.pk).update(model=OperatingModel.IN_HOUSE)
        lead = actor_of(world.ours.supervisor)
        with world.ours.scope():
            assert set_levels(world.ours.desk, text=HANDED % ("assign", "seniors"), by=lead).version == 1
