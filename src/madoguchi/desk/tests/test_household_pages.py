"""The household or firm of a customer: made, found, shown beside the case, kept from whom it is."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.customers.models import Belonging, Customer
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.search.actions import index
from madoguchi.search.factories import index_everything

pytestmark = pytest.mark.django_db
NEW = {"do": "new", "sort": "firm", "name": "㈱髙﨑商事 長い名前の株式会社", "role": "購買担当"}


def test_a_firm_is_made_and_stands_beside_the_case(agent: Client, case: Case, number: str) -> None:
    at, beside = f"/cases/{number}/household/", f"/cases/{number}/"
    assert (at in text(agent.get(beside)), "世帯にも法人にも属していません。" in main_of(agent.get(at))) == (
        True,
        True,
    )

    done = agent.post(at, NEW, follow=True)

    [row] = everything(Belonging)
    assert (row.customer_id, row.role) == (case.customer_id, "購買担当")
    assert ("結び付けました。" in text(done), "ほかに属する方はいません。" in main_of(done)) == (True, True)
    assert "㈱髙﨑商事 長い名前の株式会社（購買担当）" in text(agent.get(beside))
    gone = agent.post(at, {"do": "leave", "belonging": row.pk}, follow=True)
    assert ("結び付きを外しました。" in text(gone), everything(Belonging)) == (True, [])


def test_another_person_is_added_by_search_and_shown_with_their_case(
    agent: Client, world: World, case: Case, number: str
) -> None:
    agent.post(f"/cases/{number}/household/", NEW)
    other = make_case(world.ours.entry_point, sender=Party("ito@home.example", "伊藤 千尋"), subject="靴の件")
    with world.ours.scope():
        index(cases=[], customers=[one.pk for one in everything(Customer)])
    theirs = other.spoken_number(world.ours.company.prefix)
    at = f"/cases/{theirs}/household/"
    found = main_of(agent.get(at, {"q": "㈱髙﨑商事　長い名前の株式会社"}))
    [firm] = [one for one in everything(Customer) if one.sort == "firm"]
    assert f'name="other" value="{firm.pk}"' in found

    agent.post(at, {"do": "belong", "other": firm.pk, "role": "経理"})

    page = main_of(agent.get(f"/cases/{number}/household/"))
    assert all(words in page for words in ("伊藤 千尋", "経理", theirs, "靴の件"))
    assert len(everything(Belonging)) == 2


def test_of_a_firm_its_people_are_shown(agent: Client, world: World, case: Case, number: str) -> None:
    at = f"/cases/{number}/household/"
    other = make_case(world.ours.entry_point, sender=Party("ito@home.example", "伊藤 千尋"))
    index_everything()
    agent.post(at, {"do": "sort", "sort": "firm"})
    found = main_of(agent.get(at, {"q": "ito@home.example"}))
    assert f'name="other" value="{other.customer_id}"' in found

    agent.post(at, {"do": "belong", "other": other.customer_id})

    assert "伊藤 千尋" in main_of(agent.get(at))
    assert "属する方 1人" in text(agent.get(f"/cases/{number}/"))
    refused = agent.post(at, {"do": "sort", "sort": ""})
    assert (refused.status_code, "この記録に属する方がいます" in text(refused)) == (422, True)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"do": "new", "sort": "", "name": ""}, "世帯か法人かを選んでください。"),
        ({"do": "belong", "other": "x"}, "記録を選んでください。"),
        ({"do": "sort", "sort": "club"}, "個人・世帯・法人のどれか"),
    ],
)
def test_what_is_wrong_is_said(
    agent: Client, case: Case, number: str, said: dict[str, str], words: str
) -> None:
    answer = agent.post(f"/cases/{number}/household/", said)

    assert (answer.status_code, words in main_of(answer), everything(Belonging)) == (422, True, [])
    nobody = agent.get(f"/cases/{number}/household/", {"q": "どこにもない商事"})
    assert (nobody.status_code, "どこにもない商事" in main_of(nobody)) == (422, True)


def test_who_sees_customers_in_part_says_nothing_and_sees_them_masked(
    agent: Client, world: World, case: Case, number: str
) -> None:
    at = f"/cases/{number}/household/"
    agent.post(at, NEW)
    with world.ours.scope():
        Engagement.objects.update(masked=["name"])
    kept = signed_in(world.ours.agent)

    page = main_of(kept.get(at))
    assert ("髙﨑商事" in page, "㈱••••" in page, "新しく作る" in page) == (False, True, False)
    assert 'name="other"' not in main_of(kept.get(at, {"q": "㈱髙﨑商事 長い名前の株式会社"}))
    [row] = everything(Belonging)
    for said in (NEW, {"do": "leave", "belonging": row.pk}, {"do": "sort", "sort": "firm"}):
        assert kept.post(at, said).status_code == 403
    assert signed_in(world.theirs.agent).post(at, NEW).status_code == 404
    assert [one.pk for one in everything(Belonging)] == [row.pk]
