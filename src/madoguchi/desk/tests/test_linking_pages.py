"""Linking cases by pages: made, shown on both sides, taken away and put back; and all refusals."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from madoguchi.cases.actions import link
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, CaseLink
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.desk.tests.conftest import HTMX, MISAKI, counted, everything, signed_in
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(world: World) -> Case:
    return make_case(world.ours.entry_point, subject="本部の対応状況")


@pytest.fixture
def second_number(world: World, second: Case) -> str:
    return second.spoken_number(world.ours.company.prefix)


def ties_in(page: str) -> str:
    """The words of the list of linked cases."""
    found = re.search(r'<section class="ties".*?</section>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def test_it_is_made_and_shown_on_both_sides(
    agent: Client, world: World, number: str, second_number: str
) -> None:
    done = agent.post(f"/cases/{number}/links/", {"role": "parent", "other": second_number}, follow=True)

    assert done.redirect_chain == [(f"/cases/{number}/", 302)]
    page = done.content.decode()
    assert ties_in(page) == f"上位の用件 {second_number} 本部の対応状況 新規 {world.ours.desk.name}"
    assert f"さんが{second_number}を関連付けました（上位の用件）" in page
    other = agent.get(f"/cases/{second_number}/").content.decode()
    assert ties_in(other).startswith(f"下位の用件 {number}")
    assert f"さんが{number}を関連付けました（下位の用件）" in other


def test_a_number_is_read_as_people_type_it(agent: Client, number: str, second_number: str) -> None:
    typed = second_number.lower().replace("-", "－")

    agent.post(f"/cases/{number}/links/", {"role": "defect", "other": f" {typed} "})

    assert [made.kind for made in everything(CaseLink)] == ["defect"]


def test_the_letters_of_a_number_may_be_left_out(
    agent: Client, case: Case, number: str, second: Case
) -> None:
    agent.post(f"/cases/{number}/links/", {"role": "defect", "other": str(second.number)})

    assert [(made.case_id, made.other_id) for made in everything(CaseLink)] == [(case.pk, second.pk)]


def test_a_number_without_letters_is_none_of_another_company(
    agent: Client, world: World, number: str
) -> None:
    theirs = make_case(world.theirs.entry_point)
    for _ in range(3):
        theirs = make_case(world.theirs.entry_point)

    refused = agent.post(
        f"/cases/{number}/links/", {"role": "defect", "other": str(theirs.number)}, headers=HTMX
    )

    assert refused.status_code == 422
    assert everything(CaseLink) == []


def test_it_is_taken_away_and_put_back_with_fresh_parts(
    agent: Client, number: str, second_number: str
) -> None:
    form = {"role": "cause", "other": second_number}
    made = agent.post(f"/cases/{number}/links/", form, headers=HTMX)
    [tie] = everything(CaseLink)
    assert "原因の用件" in ties_in(made.content.decode())

    gone = agent.post(f"/cases/{number}/links/{tie.pk}/remove/", headers=HTMX)
    assert ties_in(gone.content.decode()) == ""
    assert f"/cases/{number}/links/{tie.pk}/restore/" in gone.headers["HX-Trigger"]

    back = agent.post(f"/cases/{number}/links/{tie.pk}/restore/", headers=HTMX)
    assert "原因の用件" in ties_in(back.content.decode())


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("ZZ-9999", "ZZ-9999という用件は見つかりません"),
        ("", "用件は見つかりません"),
        ("itself", "同じ用件です"),
    ],
)
def test_what_makes_no_sense_is_told(agent: Client, number: str, other: str, words: str) -> None:
    form = {"role": "parent", "other": number if other == "itself" else other}

    answer = agent.post(f"/cases/{number}/links/", form, headers=HTMX)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert everything(CaseLink) == []


def test_another_companys_case_is_not_there(agent: Client, world: World, number: str) -> None:
    theirs = make_case(world.theirs.entry_point).spoken_number(world.theirs.company.prefix)

    answer = agent.post(f"/cases/{number}/links/", {"role": "parent", "other": theirs}, headers=HTMX)

    assert answer.status_code == 422
    assert "見つかりません" in answer.content.decode()
    assert everything(CaseLink) == []


def test_of_a_case_at_a_desk_without_a_seat_nothing_is_shown_but_that_there_is_one(
    agent: Client, world: World, case: Case, number: str
) -> None:
    desk = make_desk(world.ours.company)
    make_engagement(world.ours.operator, desk)
    hidden = make_case(make_entry_point(desk), subject="見えない窓口の件")
    hidden_number = hidden.spoken_number(world.ours.company.prefix)
    with world.ours.scope():
        made = link(case, role="parent", other=hidden, by=actor_of(world.ours.manager))

    page = agent.get(f"/cases/{number}/").content.decode()

    assert ties_in(page) == "表示できない窓口の用件が、ほかに 1 件関連付けられています。"
    assert "さんが別の窓口の用件を関連付けました" in page
    assert hidden_number not in page
    assert "見えない窓口の件" not in page
    assert agent.post(f"/cases/{number}/links/{made.pk}/remove/").status_code == 404
    assert agent.post(f"/cases/{number}/links/", {"role": "child", "other": hidden_number}).status_code == 422
    assert hidden_number in signed_in(world.ours.manager).get(f"/cases/{number}/").content.decode()


def test_company_staff_see_links_and_make_none(
    company_staff: Client, world: World, case: Case, number: str, second: Case, second_number: str
) -> None:
    with world.ours.scope():
        made = link(case, role="duplicate", other=second, by=actor_of(world.ours.agent))

    page = company_staff.get(f"/cases/{number}/").content.decode()
    assert "重複元の用件" in ties_in(page)
    assert f"/links/{made.pk}/remove/" not in page
    for address in (f"{number}/links/", f"{number}/links/{made.pk}/remove/"):
        form = {"role": "parent", "other": second_number}
        assert company_staff.post(f"/cases/{address}", form).status_code == 403
    assert [tie.removed_at for tie in everything(CaseLink)] == [None]


def test_what_a_case_is_linked_to_costs_as_much_for_ten_as_for_one(
    agent: Client, world: World, case: Case, number: str, make_linked: Callable[[int], None]
) -> None:
    make_linked(1)
    agent.get(f"/cases/{number}/", headers=HTMX)
    with counted() as one:
        agent.get(f"/cases/{number}/", headers=HTMX)
    make_linked(9)
    with counted() as ten:
        agent.get(f"/cases/{number}/", headers=HTMX)

    # Two for what it is linked to and one for the numbers that its history tells, besides what any case costs.
    assert len(ten) == len(one) == 25, ten.queries


@pytest.fixture
def make_linked(world: World, case: Case) -> Callable[[int], None]:
    def make(count: int) -> None:
        others = [make_case(world.ours.entry_point, sender=MISAKI) for _ in range(count)]
        with world.ours.scope():
            for other in others:
                link(case, role="child", other=other, by=actor_of(world.ours.agent))

    return make
