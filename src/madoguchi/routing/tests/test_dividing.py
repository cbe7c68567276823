"""What comes to a desk goes on to the desks of several operators, as the company has said."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.actions import assign, move_to_desk, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.companies.models import Desk
from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role, system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing import actions
from madoguchi.routing.dividing import divide, overflow, set_division
from madoguchi.routing.division_queries import try_rules
from madoguchi.routing.division_rules import read_rules
from madoguchi.routing.factories import at_work, knows
from madoguchi.routing.models import Division, Sharing

pytestmark = pytest.mark.django_db
TEST = system("test")


@dataclass(frozen=True)
class Two:
    """The desk of ours as the one to which everything comes, and those of two operators with a person each."""

    world: World
    first: Desk
    second: Desk
    here: User
    there: User

    def rules(self, *rules: dict[str, Any]) -> Division:
        with self.world.ours.scope():
            return set_division(self.world.ours.desk, rules=rules, is_on=True, by=TEST)

    def rule(self, by: str = "share", **more: Any) -> dict[str, Any]:
        to = [{"desk": self.first.pk, "weight": 2}, {"desk": self.second.pk, "weight": 1}]
        return {"name": "すべて", "by": by, "to": to} | more

    def sent(self, count: int = 1) -> list[Desk | None]:
        cases = [make_case(self.world.ours.entry_point) for _ in range(count)]
        with self.world.ours.scope():
            return [divide(case) for case in cases]

    def told(self) -> list[dict[str, Any]]:
        with self.world.ours.scope():
            return [e.data for e in Event.objects.filter(kind="routing.divided").order_by("id")]


@pytest.fixture
def two(world: World) -> Two:
    side = world.ours
    with side.scope():
        desks = [make_desk(side.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        people = []
        for number, desk in enumerate(desks):
            operator = make_operator(name=f"受託{number}")
            people.append(make_operator_person(operator, seats=(make_engagement(operator, desk),)))
    return Two(world, *desks, *people)


class TestDividing:
    def test_by_share_and_the_case_was_passed_on_by_nobody(self, two: Two) -> None:
        two.rules(two.rule())
        assert Counter(two.sent(6)) == {two.first: 4, two.second: 2}
        with two.world.ours.scope():
            assert set(Case.objects.values_list("desk", "hops")) == {(two.first.pk, 0), (two.second.pk, 0)}

    def test_it_is_told_at_the_desk_of_the_rules_why(self, two: Two) -> None:
        two.rules(two.rule())
        two.sent(2)
        same = {"named": "すべて", "chosen_by": "share", "minutes": 0}
        assert two.told() == [
            same | {"to_desk": two.first.pk, "own": 0, "whole": 0},
            same | {"to_desk": two.second.pk, "own": 0, "whole": 1},
        ]
        with two.world.ours.scope():
            desks = Event.objects.filter(kind="routing.divided").values_list("desk_id", flat=True)
            assert set(desks) == {two.world.ours.desk.pk}

    def test_no_operator_sees_what_was_not_sent_to_it(self, two: Two) -> None:
        two.rules(two.rule(to=[{"desk": two.second.pk}]))
        two.sent()
        with two.world.ours.scope():
            [case] = Case.objects.all()
            desks = {actor_of(person): person for person in (two.here, two.there)}
            read = {
                p: a.may("case.read", company=case.company_id, desk=case.desk_id) for a, p in desks.items()
            }
        assert read == {two.here: False, two.there: True}

    def test_what_no_rule_is_for_and_what_somebody_has_stays(self, two: Two) -> None:
        two.rules(two.rule(words=["返品"]))
        assert two.sent() == [None]
        two.rules(two.rule())
        case = make_case(two.world.ours.entry_point)
        with two.world.ours.scope():
            assign(case, to=two.world.ours.agent.pk, by=TEST)
            assert divide(case) is None
            case.refresh_from_db()
            assert (case.desk_id, case.assignee_id) == (two.world.ours.desk.pk, two.world.ours.agent.pk)
        assert two.told() == []

    def test_who_sends_one_back_by_hand_knows_better(self, two: Two) -> None:
        two.rules(two.rule())
        case = make_case(two.world.ours.entry_point)
        with two.world.ours.scope():
            divide(case)
            move_to_desk(case, to=two.world.ours.desk, by=TEST)
            assert divide(case) is None
            assert len(two.told()) == 1

    def test_a_desk_that_is_closed_or_nobody_is_engaged_at_takes_no_part(self, two: Two) -> None:
        two.rules(two.rule())
        with two.world.ours.scope():
            Desk.objects.filter(pk=two.first.pk).update(active=False)
        assert two.sent(2) == [two.second, two.second]
        with two.world.ours.scope():
            Desk.objects.filter(pk=two.second.pk).update(active=False)
        assert two.sent() == [None]

    def test_by_load_and_by_skill_it_goes_to_who_is_here(self, two: Two) -> None:
        two.rules(two.rule("load"))
        at_work(two.there)
        assert two.sent() == [two.second]

        two.rules(two.rule("skill"))
        at_work(two.here)
        knows(two.here, "返品", 2)
        case = make_case(two.world.ours.entry_point)
        with two.world.ours.scope():
            needs = [{"tag": "返品", "skill": "返品", "level": 2}]
            Sharing.objects.create(company=two.world.ours.company, desk=two.world.ours.desk, needs=needs)
            set_tags(case, to=["返品"], by=TEST)
            assert divide(case) == two.first
        assert two.told()[-1]["own"] == 1

    def test_over_the_brim_it_goes_to_the_next(self, two: Two) -> None:
        two.rules(two.rule("order", to=[{"desk": two.first.pk, "most": 2}, {"desk": two.second.pk}]))
        assert two.sent(3) == [two.first, two.first, two.second]

    @pytest.mark.parametrize("how", ["pull", "push"])
    def test_what_went_on_after_the_look_is_given_to_nobody_of_the_desk_it_left(
        self, two: Two, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        side = two.world.ours
        two.rules(two.rule(to=[{"desk": two.first.pk}]))
        gone, kept = make_case(side.entry_point), make_case(side.entry_point)
        with side.scope():
            Sharing.objects.create(company=side.company, desk=side.desk, pushes=True, order="fifo")
        at_work(side.agent)
        claim_first = actions.claim_first

        def late(*args: Any, **kwargs: Any) -> Case | None:
            divide(gone)
            return claim_first(*args, **kwargs)

        monkeypatch.setattr(actions, "claim_first", late)
        actor = actor_of(side.agent)
        with scope.acting_for(actor.companies):
            given = actions.pull(by=actor) if how == "pull" else actions.push(side.desk)
            held = set(Case.objects.values_list("pk", "desk", "assignee"))
        assert given == (kept if how == "pull" else 1)
        assert held == {(gone.pk, two.first.pk, None), (kept.pk, side.desk.pk, side.agent.pk)}

    @pytest.mark.django_db(transaction=True)
    def test_what_comes_is_sent_on_at_once_by_the_log(self, two: Two) -> None:
        two.rules(two.rule())
        make_case(two.world.ours.entry_point)
        reactions.run_all()
        with two.world.ours.scope():
            assert list(Case.objects.values_list("desk", flat=True)) == [two.first.pk]


class TestOverflow:
    def test_what_nobody_takes_up_goes_where_somebody_is_once(self, two: Two) -> None:
        division = two.rules(two.rule(after=30))
        two.sent()
        later = clock.now() + timedelta(minutes=31)
        with two.world.ours.scope(), clock.held_at(later):
            assert overflow(division) == 0
            at_work(two.there)
            assert overflow(division) == 1
            [case] = Case.objects.all()
            assert (case.desk_id, case.hops) == (two.second.pk, 0)
        assert two.told()[-1]["minutes"] == 31
        with two.world.ours.scope(), clock.held_at(later + timedelta(minutes=31)):
            at_work(two.here)
            assert overflow(division) == 0

    def test_what_has_nowhere_left_holds_up_nothing(self, two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("madoguchi.routing.dividing.AT_ONCE", 1)
        division = two.rules(two.rule(after=30))
        two.sent()
        at = clock.now() + timedelta(minutes=31)
        with two.world.ours.scope(), clock.held_at(at):
            at_work(two.there)
            assert overflow(division) == 1
        two.sent()
        with two.world.ours.scope(), clock.held_at(at + timedelta(minutes=31)):
            at_work(two.there)
            at_work(two.here)
            newest = Case.objects.latest("pk")
            came_to = newest.desk_id
            assert overflow(division) == 1
            newest.refresh_from_db()
            assert newest.desk_id != came_to

    def test_what_cannot_be_placed_is_not_told(self, two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
        two.rules(two.rule())
        monkeypatch.setattr("madoguchi.routing.dividing.place_at_desk", lambda _case, **_to: False)
        assert (two.sent(), two.told()) == ([None], [])

    def test_not_before_its_time_nor_what_somebody_has(self, two: Two) -> None:
        division = two.rules(two.rule(after=30))
        at_work(two.there)
        two.sent(2)
        with two.world.ours.scope():
            with clock.held_at(clock.now() + timedelta(minutes=29)):
                assert overflow(division) == 0
            for case in Case.objects.all():
                assign(case, to=(two.here if case.desk_id == two.first.pk else two.there).pk, by=TEST)
            with clock.held_at(clock.now() + timedelta(minutes=31)):
                assert overflow(division) == 0


class TestSetting:
    def test_the_company_decides_and_no_operator_does(self, two: Two) -> None:
        side, rule = two.world.ours, two.rule()
        with side.scope():
            set_division(side.desk, rules=[rule], is_on=True, by=actor_of(side.company_manager))
            manager = make_operator_person(side.operator, Role.MANAGER)
            for person in (side.agent, side.supervisor, manager, side.company_staff):
                with pytest.raises(NotAllowed):
                    set_division(side.desk, rules=[], is_on=False, by=actor_of(person))
            assert Division.objects.get().rules == [rule]

    @pytest.mark.parametrize(
        "wrong",
        [{"name": ""}, {"to": []}, {"to": [{"desk": 0}]}, {"from": "18:00"}, {"from": "8", "until": "9:00"}],
    )
    def test_a_rule_that_cannot_be_is_refused(self, two: Two, wrong: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            two.rules(two.rule() | wrong)
        with two.world.ours.scope():
            assert not Division.objects.exists()

    def test_a_refusal_leaves_rules_shares_and_log_as_they_were(self, two: Two) -> None:
        # given rules by which something went already
        side = two.world.ours
        division = two.rules(two.rule())
        two.sent(3)
        with side.scope():
            division.refresh_from_db()
            told = Event.objects.count()
        counted = division.given
        assert [count["had"] for count in counted] == [[2, 1]]

        # when: to a desk of another company, to itself, with a weight of none, by one name twice, by a stranger
        to = (
            [{"desk": two.world.theirs.desk.pk}],
            [{"desk": side.desk.pk}],
            [{"desk": two.first.pk, "weight": 0}],
        )
        for rules in (*[[two.rule(to=one)] for one in to], [two.rule(), two.rule()]):
            with pytest.raises(Refused):
                two.rules(*rules)
        with side.scope(), pytest.raises(NotAllowed):
            set_division(side.desk, rules=[], is_on=False, by=actor_of(two.world.theirs.company_manager))

        # then
        with side.scope():
            kept = Division.objects.get()
            assert (kept.rules, kept.given, kept.is_on) == (division.rules, counted, True)
            assert Event.objects.count() == told
        with two.world.theirs.scope():
            assert not Division.objects.exists()

    def test_shares_are_counted_anew_from_a_change_on(self, two: Two) -> None:
        two.rules(two.rule())
        two.sent(2)
        two.rules(two.rule(name="新しい規則"))
        with two.world.ours.scope():
            assert Division.objects.get().given == []


def test_rules_are_tried_on_what_came_and_change_nothing(two: Two) -> None:
    side = two.world.ours
    for subject in ("返品したい", "返品の件", "修理の件", "在庫について"):
        make_case(side.entry_point, subject=subject)
    call = make_case(side.entry_point, subject="返品")
    rules = read_rules(
        [two.rule(words=["返品"]), two.rule("order", name="修理", words=["修理"])],
        among=[two.first.pk, two.second.pk],
    )
    with side.scope():
        Case.objects.filter(pk=call.pk).update(channel=Channel.PHONE)
        tried = try_rules(side.desk, rules)
        assert set(Case.objects.values_list("desk", flat=True)) == {side.desk.pk}
    assert (tried.cases, tried.more, tried.stayed) == (4, False, 1)
    assert tried.sent == {(0, two.first.pk): 1, (0, two.second.pk): 1, (1, two.first.pk): 1}
