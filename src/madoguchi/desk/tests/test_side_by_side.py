"""Operators side by side: the same figures of each, and what their questions cost the company."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.actions import change_company_hour
from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.desk.side_by_side import SHOWN, boards_of, months_before, rates_of, read_month
from madoguchi.escalations.actions import Whom, answer, ask
from madoguchi.escalations.tests.conftest import HOUR, MISAKI, NINE, question
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def solve(world: World, agent: User, *, asks: User | None = None) -> Case:
    """A case that somebody solves; `asks` (their manager) has asked the company, which took 30 minutes."""
    side = world.ours
    with clock.held_at(NINE):
        case = make_case(side.entry_point, sender=MISAKI)
    with side.scope(), clock.held_at(NINE + HOUR):
        if asks:
            made = ask(case, Whom(to="company"), question(), by=actor_of(asks))
            answer(made, text="はい。", minutes=30, by=actor_of(side.company_staff))
        reply(case, Reply(text="はい。"), by=actor_of(agent))
        case.refresh_from_db()
        change_status(case, to=Status.SOLVED, by=actor_of(agent))
    return case


@pytest.fixture
def other(world: World) -> User:
    """Somebody of a second operator at the same desk."""
    operator = make_operator(name="みなとコンタクト")
    with world.ours.scope():
        engaged = make_engagement(operator, world.ours.desk)
    return make_operator_person(operator, seats=(engaged,))


def test_each_operator_has_its_own_rate_and_the_companys_minutes_in_yen(world: World, other: User) -> None:
    side = world.ours
    solve(world, side.agent, asks=side.manager)
    solve(world, side.agent)
    solve(world, other)
    company = actor_of(side.company_manager)
    with side.scope():
        change_company_hour(side.engagement, company_hour=4_200, by=company)

    with side.scope(), clock.held_at(NINE + timedelta(days=1)):
        [board] = boards_of(company, NINE.date())
        [own] = boards_of(actor_of(side.agent), NINE.date())

    theirs, ours = sorted(
        (side.operator.name, "みなとコンタクト"), key=lambda name: name == side.operator.name
    )
    assert set(board.operators) == {theirs, ours}
    [rate] = [line for line in board.lines if line.key == "escalation_rate v3"]
    assert dict(rate.by_operator) == {ours: "50.0%", theirs: "0.0%"}
    asked = [
        (one.operator, one.cause, one.sums, one.minutes, one.yen)
        for one in board.asked
        if one.month == NINE.date()
    ]
    assert sorted(asked) == sorted(
        [
            (ours, "すべての原因", "1 ÷ 2", 30, "2,100"),
            (ours, "権限", "1 ÷ 2", 30, "2,100"),
            (theirs, "すべての原因", "0 ÷ 1", 0, "0"),
        ]
    )
    # Who works for one operator sees nothing of another.
    assert list(own.operators) == [ours]


def test_the_rate_of_a_company_is_of_what_was_handled_and_a_stranger_counts_none(world: World) -> None:
    side = world.ours
    solve(world, side.agent, asks=side.manager)
    solve(world, side.agent)
    span = {"begin": NINE, "end": NINE + timedelta(days=1)}

    with side.scope():
        [(name, figure, share)] = rates_of(actor_of(side.supervisor), **span)
    with world.theirs.scope():
        [(elsewhere, _figure, none)] = rates_of(actor_of(world.theirs.supervisor), **span)

    assert (name, figure.definition.key, figure.value, share) == (
        side.company.name,
        "escalation_rate v1",
        0.5,
        "50.0%",
    )
    assert (elsewhere, none) == (world.theirs.company.name, "–")


def test_the_page_shows_a_month_and_strangers_see_their_own(world: World, other: User) -> None:
    client, stranger = Client(), Client()
    client.force_login(world.ours.company_manager)
    stranger.force_login(world.theirs.company_manager)

    with clock.held_at(NINE):
        page = client.get("/wall/operators/?month=2026-11")
        elsewhere = stranger.get("/wall/operators/")

    assert (page.status_code, 'value="2026-11"' in page.text, "みなとコンタクト" in page.text) == (
        200,
        True,
        True,
    )
    assert "みなとコンタクト" not in elsewhere.text


def test_the_same_figures_stand_by_kind_of_desk_where_there_are_several(world: World) -> None:
    side = world.ours
    solve(world, side.agent, asks=side.manager)
    company = actor_of(side.company_manager)
    with side.scope():
        with clock.held_at(NINE + timedelta(days=1)):
            [alone] = boards_of(company, NINE.date())
        recall = make_desk(side.company)
        Desk.objects.filter(pk=recall.pk).update(kind=Desk.Kind.RECALL)
        with clock.held_at(NINE + timedelta(days=1)):
            [board] = boards_of(company, NINE.date())

    assert (alone.kinds, alone.by_kind) == (["カスタマーセンター"], [])
    assert board.kinds == ["カスタマーセンター", "リコール窓口"]
    [rate] = [line for line in board.by_kind if line.key == "escalation_rate v3"]
    assert rate.by_operator == [("カスタマーセンター", "100.0%"), ("リコール窓口", "–")]


def test_yen_are_for_the_company_and_the_operators_managers(world: World) -> None:
    side, seen = world.ours, {}
    solve(world, side.agent, asks=side.manager)
    with side.scope():
        change_company_hour(side.engagement, company_hour=4_200, by=actor_of(side.company_manager))

    for who in ("agent", "supervisor", "manager", "company_staff", "company_manager"):
        client = Client()
        client.force_login(getattr(side, who))
        with clock.held_at(NINE + timedelta(days=1)):
            pages = [client.get(f"/wall/operators/?month={month}") for month in ("2026-12", "0001-01")]
        assert [page.status_code for page in pages] == [200, 200]
        assert 'value="2000-01"' in pages[1].text
        seen[who] = ("2,100" in pages[0].text, 'data-label="円換算"' in pages[0].text)

    none, both = (False, False), (True, True)
    assert seen == {
        "agent": none,
        "supervisor": none,
        "manager": both,
        "company_staff": both,
        "company_manager": both,
    }


def test_formulas_are_folded_away_and_it_is_said_where_nobody_is_to_be_compared_with(world: World) -> None:
    client = Client()
    client.force_login(world.ours.company_manager)

    with clock.held_at(NINE):
        alone = client.get("/wall/operators/").text
        other = make_operator(name="みなとコンタクト")
        with world.ours.scope():
            make_engagement(other, world.ours.desk)
        two = client.get("/wall/operators/").text

    folded = r'<details class="formula small muted"><summary>計算方法</summary>分母の意味: [^<]+<br><span>'
    assert len(re.findall(folded, alone)) == len(SHOWN)
    assert 'lang="en"' not in "".join(re.findall(r'<details class="formula.*?</details>', alone))
    words = "比べられる受託者が、ほかにありません。"
    assert (words in alone, words in two) == (True, False)


def test_months_are_read_and_counted_back() -> None:
    with clock.held_at(NINE):
        read = [read_month(written).isoformat() for written in ("2026-02", "2027-01", "x", "")]
        read += [read_month(written).isoformat() for written in ("0001-01", "1999-12")]

    assert read == ["2026-02-01", "2026-12-01", "2026-12-01", "2026-12-01", "2000-01-01", "2000-01-01"]
    assert [months_before(NINE.date(), n).isoformat() for n in (-1, 0, 12)] == [
        "2027-01-01",
        "2026-12-01",
        "2025-12-01",
    ]


def test_only_the_company_says_what_its_hour_costs(world: World) -> None:
    side = world.ours
    for by, hour, error in ((side.manager, 4_200, NotAllowed), (side.company_manager, 1_000_001, Refused)):
        with side.scope(), pytest.raises(error):
            change_company_hour(side.engagement, company_hour=hour, by=actor_of(by))

    with side.scope():
        side.engagement.refresh_from_db()
    assert side.engagement.company_hour is None


def test_the_company_writes_the_price_of_its_hour_at_the_engagement(world: World) -> None:
    manager, address = Client(), f"/administration/engagements/{world.ours.engagement.pk}/"
    manager.force_login(world.ours.company_manager)

    refused = manager.post(f"{address}hour/", {"company_hour": "1000001"})
    assert (refused.status_code, 'name="company_hour"' in refused.text) == (422, True)
    assert manager.post(f"{address}hour/", {"company_hour": "4200"}).status_code == 302

    with world.ours.scope():
        world.ours.engagement.refresh_from_db()
    assert world.ours.engagement.company_hour == 4_200
    assert 'value="4200"' in manager.get(address).text
    manager.post(f"{address}hour/", {"company_hour": ""})
    with world.ours.scope():
        world.ours.engagement.refresh_from_db()
    assert world.ours.engagement.company_hour is None


def test_minutes_without_a_price_have_no_yen(world: World) -> None:
    side = world.ours
    solve(world, side.agent, asks=side.manager)

    with side.scope(), clock.held_at(NINE + timedelta(days=1)):
        [board] = boards_of(actor_of(side.company_manager), NINE.date())

    [whole, _of_a_cause] = [one for one in board.asked if one.month == NINE.date()]
    assert (whole.rate, whole.minutes, whole.yen) == ("100.0%", 30, "—")
