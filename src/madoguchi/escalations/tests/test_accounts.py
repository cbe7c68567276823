"""Severe trouble at an account: all who answer for it are told at once, each once, by bell or slip."""

import pytest

from madoguchi.cases.actions import merge, set_severity
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Severity
from madoguchi.customers.account import Alerted, Part, alerted_of
from madoguchi.customers.actions import belong_to_new
from madoguchi.customers.models import Customer
from madoguchi.escalations.accounts import alert, keep_account
from madoguchi.escalations.models import Slip
from madoguchi.escalations.tests.conftest import MISAKI
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import run_all
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
DEVELOPER = Alerted(Part.DEVELOPMENT, "開発 花子", "dev@maker.example")


@pytest.fixture
def firm(world: World, case: Case, supervisor: Actor) -> Customer:
    """The firm of the case's customer: a salesman of the desk and a developer outside answer for it."""
    sales = Alerted(Part.SALES, "営業 太郎", world.ours.supervisor.email)
    with world.ours.scope():
        firm = belong_to_new(case.customer, sort="firm", name="㈱髙﨑商事", by=supervisor).group
        keep_account(case, firm, rank="A", alerted=[sales, DEVELOPER], by=supervisor)
        firm.refresh_from_db()
    return firm


def told(world: World) -> tuple[list[dict[str, int]], list[str], list[int]]:
    """What the log says was told, where slips went, and who got the bell."""
    with world.ours.scope():
        said = Event.objects.filter(kind="account.alerted").order_by("id")
        return (
            [{name: one.data[name] for name in ("severity", "slips", "missed")} for one in said],
            list(Slip.objects.order_by("pk").values_list("to_address", flat=True)),
            list(Notification.objects.filter(kind="account.alerted").values_list("user", flat=True)),
        )


def judge(world: World, case: Case, to: Severity, by: Actor) -> None:
    with world.ours.scope():
        set_severity(case, to=to, by=by)
    run_all()


def test_all_are_told_at_once_and_again_when_it_is_graver(
    world: World, case: Case, firm: Customer, agent: Actor
) -> None:
    judge(world, case, Severity.PARTIAL, agent)
    assert told(world) == ([], [], [])

    judge(world, case, Severity.SERIOUS, agent)

    serious = {"severity": 3, "slips": 1, "missed": 0}
    other = world.ours.supervisor.pk
    assert told(world) == ([serious], ["dev@maker.example"], [other])
    with world.ours.scope():
        [slip] = Slip.objects.all()
        assert slip.words.startswith("㈱髙﨑商事で障害が発生しています（重大度: 重大）。案件番号 ")
        cause = Event.objects.get(kind="account.alerted").data["cause"]
        alert(case, severity=3, cause=cause)
    judge(world, case, Severity.SLIGHT, agent)
    assert told(world)[0] == [serious]

    judge(world, case, Severity.CRITICAL, agent)
    critical = {"severity": 4, "slips": 1, "missed": 0}
    assert told(world) == ([serious, critical], ["dev@maker.example"] * 2, [other, other])


def test_who_may_not_send_slips_there_names_nobody_new(
    world: World, case: Case, firm: Customer, agent: Actor
) -> None:
    stranger = Alerted(Part.SALES, "どなたか", "who@else.example")
    with world.ours.scope(), pytest.raises(Refused) as error:
        keep_account(case, firm, rank="B", alerted=[stranger], by=agent)
    assert error.value.field == "address"
    with world.ours.scope():
        firm.refresh_from_db()
        assert (firm.rank, [one.name for one in alerted_of(firm)]) == ("A", ["営業 太郎", "開発 花子"])
        # Who is there already stays, and what concerns nobody's address can be said.
        keep_account(case, firm, rank="B", alerted=[DEVELOPER], by=agent)
        firm.refresh_from_db()
        assert (firm.rank, alerted_of(firm)) == ("B", [DEVELOPER])


def test_a_person_has_no_rank(world: World, case: Case, supervisor: Actor) -> None:
    with world.ours.scope(), pytest.raises(Refused) as error:
        keep_account(case, case.customer, rank="A", alerted=[], by=supervisor)
    assert error.value.field == "rank"
    with world.ours.scope():
        case.customer.refresh_from_db()
        assert case.customer.rank == ""


def test_who_no_longer_works_there_gets_a_slip_in_place_of_the_bell(
    world: World, case: Case, firm: Customer, agent: Actor
) -> None:
    with scope.everywhere(reason="a test takes somebody from a desk"):
        OperatorMember.objects.filter(user=world.ours.supervisor).delete()
    judge(world, case, Severity.CRITICAL, agent)
    expected = [{"severity": 4, "slips": 2, "missed": 0}]
    assert told(world) == (expected, [world.ours.supervisor.email, "dev@maker.example"], [])


def test_each_account_of_a_customer_is_told_of_by_itself(
    world: World, case: Case, firm: Customer, agent: Actor, supervisor: Actor
) -> None:
    with world.ours.scope():
        house = belong_to_new(case.customer, sort="household", name="髙橋家", by=supervisor).group
        empty = belong_to_new(case.customer, sort="firm", name="誰もいない会社", by=supervisor).group
        keep_account(case, house, rank="", alerted=[DEVELOPER], by=supervisor)
    judge(world, case, Severity.SERIOUS, agent)
    with world.ours.scope():
        rows = Event.objects.filter(kind="account.alerted").order_by("id")
        assert [one.data["account"] for one in rows] == [firm.pk, house.pk]
        assert empty.pk not in [one.data["account"] for one in rows]
        assert sorted(Slip.objects.values_list("caller", flat=True)) == sorted([firm.name, house.name])


def test_of_a_case_that_went_on_in_another_that_one_is_told_of(
    world: World, case: Case, firm: Customer, agent: Actor, supervisor: Actor
) -> None:
    later = make_case(world.ours.entry_point, sender=MISAKI, subject="続きの件")
    with world.ours.scope():
        set_severity(case, to=Severity.CRITICAL, by=agent)
        merge(Case.objects.get(pk=case.pk), into=later, by=supervisor)
    run_all()
    with world.ours.scope():
        [one] = Event.objects.filter(kind="account.alerted")
        [slip] = Slip.objects.all()
        assert (one.case_id, slip.case_id) == (later.pk, later.pk)


def test_what_a_stranger_is_asked_to_judge_is_told_to_nobody(
    world: World, case: Case, firm: Customer
) -> None:
    with world.ours.scope(), pytest.raises(NotAllowed):
        set_severity(case, to=Severity.CRITICAL, by=actor_of(world.theirs.manager))
    run_all()
    assert told(world) == ([], [], [])


@pytest.mark.parametrize(
    ("name", "address"),
    [("", "dev@maker.example"), ("開発 花子", "dev"), ("開発 花子", ""), ("x" * 500, "a@b.example")],
)
def test_who_is_no_name_with_an_address_is_not_kept(
    world: World, case: Case, firm: Customer, supervisor: Actor, name: str, address: str
) -> None:
    with world.ours.scope():
        before = alerted_of(Customer.objects.get(pk=firm.pk))
        with pytest.raises(Refused) as error:
            keep_account(case, firm, rank="A", alerted=[Alerted(Part.SALES, name, address)], by=supervisor)
        assert error.value.field == "alerted"
        assert alerted_of(Customer.objects.get(pk=firm.pk)) == before


def test_whoever_is_named_twice_is_told_once(
    world: World, case: Case, firm: Customer, agent: Actor, supervisor: Actor
) -> None:
    twice = [DEVELOPER, Alerted(Part.SALES, "営業も 花子", "DEV@maker.example")]
    with world.ours.scope():
        keep_account(case, firm, rank="A", alerted=twice, by=supervisor)
        kept = alerted_of(Customer.objects.get(pk=firm.pk))
        assert [one.address.casefold() for one in kept] == ["dev@maker.example"]
    judge(world, case, Severity.SERIOUS, agent)
    assert len(told(world)[1]) == 1
