"""Severe trouble at an account: all who answer for it are told at once, each once, by bell or slip."""

import pytest

from madoguchi.cases.actions import set_severity
from madoguchi.cases.models import Case, Severity
from madoguchi.customers.account import Alerted, Part, alerted_of
from madoguchi.customers.actions import belong_to_new
from madoguchi.customers.models import Customer
from madoguchi.escalations.accounts import alert, keep_account
from madoguchi.escalations.models import Slip
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import run_all
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

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
