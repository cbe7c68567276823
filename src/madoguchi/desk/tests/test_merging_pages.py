"""Making one case of two by pages: chosen, seen beforehand, done, undone; and all refusals."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Merge
from madoguchi.desk.tests.conftest import HTMX, MISAKI, everything
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(world: World, case: Case) -> Case:
    """The same customer's next case."""
    return make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の続き")


@pytest.fixture
def second_number(world: World, second: Case) -> str:
    return second.spoken_number(world.ours.company.prefix)


def test_the_customers_other_cases_are_offered(agent: Client, number: str, second_number: str) -> None:
    page = agent.get(f"/cases/{number}/merge/").content.decode()

    assert f'value="{second_number}"' in page
    assert "炊飯器の続き" in page
    assert ('id="bell"' in page, f"<span>{number}</span>" in page) == (True, True)


def test_the_preview_says_what_would_happen_and_changes_nothing(
    agent: Client, case: Case, number: str, second: Case, second_number: str, now
) -> None:
    page = agent.get(f"/cases/{number}/merge/", {"other": second_number}).content.decode()

    assert f"{second_number} を {number} に統合します" in page
    assert "メッセージ 1 件、社内メモ 0 件、ファイル 0 件" in page
    assert now(second).continued_in_id is None
    assert everything(Merge) == []


def test_the_letters_of_a_number_may_be_left_out(
    agent: Client, number: str, second: Case, second_number: str
) -> None:
    page = agent.get(f"/cases/{number}/merge/", {"other": str(second.number)}).content.decode()

    assert f"{second_number} を {number} に統合します" in page


def test_the_other_way_round(agent: Client, number: str, second_number: str) -> None:
    asked = {"other": second_number, "into": "newer"}

    page = agent.get(f"/cases/{number}/merge/", asked).content.decode()

    assert f"{number} を {second_number} に統合します" in page


def test_it_is_done_shown_and_undone(
    agent: Client, case: Case, number: str, second: Case, second_number: str, now
) -> None:
    done = agent.post(f"/cases/{second_number}/merge/", {"other": number, "into": "older"}, follow=True)

    assert done.redirect_chain == [(f"/cases/{number}/", 302)]
    assert (now(second).continued_in_id, now(case).message_count) == (case.pk, 2)
    [merged] = everything(Merge)
    page = done.content.decode()
    assert f"さんが{second_number}をこの用件に統合しました" in page
    assert f'action="/merges/{merged.pk}/undo/"' in page

    back = agent.post(f"/merges/{merged.pk}/undo/", follow=True).content.decode()
    assert (now(second).continued_in_id, now(second).status, now(case).message_count) == (None, "new", 1)
    assert "さんが統合を元に戻しました" in back
    assert f'action="/merges/{merged.pk}/undo/"' not in back


def test_the_undo_of_the_notice_leads_to_the_case(
    agent: Client, case: Case, number: str, second: Case, second_number: str, now
) -> None:
    agent.post(f"/cases/{second_number}/merge/", {"other": number, "into": "older"})
    [merged] = everything(Merge)

    answer = agent.post(f"/merges/{merged.pk}/undo/", headers=HTMX)

    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/cases/{number}/")
    assert now(second).continued_in_id is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_number_is_told(agent: Client, number: str, method: str) -> None:
    page = getattr(agent, method)(f"/cases/{number}/merge/", {"other": "ZZ-9999"})

    assert page.status_code == 422
    assert "ZZ-9999という用件は見つかりません" in page.content.decode()


def test_another_customers_case_is_refused(agent: Client, world: World, number: str) -> None:
    other = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)

    page = agent.post(f"/cases/{number}/merge/", {"other": other})

    assert page.status_code == 422
    assert "二人のお客様の用件です" in page.content.decode()
    assert everything(Merge) == []


def test_another_companys_case_is_not_there(agent: Client, world: World, number: str) -> None:
    theirs = make_case(world.theirs.entry_point).spoken_number(world.theirs.company.prefix)

    page = agent.post(f"/cases/{number}/merge/", {"other": theirs})

    assert page.status_code == 422
    assert "見つかりません" in page.content.decode()


def test_strangers_and_company_staff_undo_nothing(
    agent: Client, stranger: Client, company_staff: Client, case: Case, number: str, second_number: str, now
) -> None:
    agent.post(f"/cases/{second_number}/merge/", {"other": number})
    [merged] = everything(Merge)

    assert stranger.post(f"/merges/{merged.pk}/undo/").status_code == 404
    assert company_staff.post(f"/merges/{merged.pk}/undo/").status_code == 403
    assert now(case).message_count == 2


def test_an_answer_to_the_one_that_ended_arrives_in_the_one_that_goes_on(
    agent: Client, world: World, case: Case, number: str, second: Case, second_number: str, now
) -> None:
    agent.post(f"/cases/{second_number}/merge/", {"other": number})

    page = agent.get(f"/cases/{second_number}/").content.decode()

    assert f"{number}に統合されました" in page
