"""The household or firm of a customer: made, found, shown beside the case, kept from whom it is."""

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Belonging, Customer
from madoguchi.customers.unmasking import unmask
from madoguchi.desk.about import about_of
from madoguchi.desk.household import Household, groups_in_words, household_of
from madoguchi.desk.tests.conftest import counted, everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
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


def filled(world: World, group: Customer, people: int) -> None:
    """So many more people of a group, each with an address."""
    with world.ours.scope():
        for _ in range(people):
            one = make_customer(world.ours.company)
            Belonging.objects.create(company=world.ours.company, customer=one, group=group, at=one.created_at)


def shown(case: Case, reader: User) -> tuple[int, Household, list[str], int]:
    """How many queries it took, and what was shown: of the whole household, and of it beside the case."""
    with scope.acting_for([case.company_id]):
        case, actor = Case.objects.select_related("customer").get(pk=case.pk), actor_of(reader)
        with counted() as cost:
            household, beside = household_of(case, actor=actor), groups_in_words(case.customer, actor=actor)
    return len(cost), household, *beside


def about_costs(case: Case, reader: User) -> int:
    """How many queries it takes to say whom a case is for."""
    with scope.acting_for([case.company_id]):
        case, actor = Case.objects.select_related("customer").get(pk=case.pk), actor_of(reader)
        with counted() as cost:
            about_of(case, actor=actor)
    return len(cost)


@pytest.mark.parametrize("masked", [[], ["name"]])
def test_many_people_cost_no_more_queries_than_one(
    agent: Client, world: World, case: Case, number: str, masked: list[str]
) -> None:
    # given
    agent.post(f"/cases/{number}/household/", NEW)
    [firm] = [one for one in everything(Customer) if one.sort == "firm"]
    theirs = make_case(world.ours.entry_point, sender=Party("info@firm.example", "総務"))
    with world.ours.scope():
        Case.objects.filter(pk=theirs.pk).update(customer=firm)
        Engagement.objects.update(masked=masked)
    filled(world, firm, 1)
    of_one, of_firm = shown(case, world.ours.agent)[0], shown(theirs, world.ours.agent)[0]

    # when
    filled(world, firm, 9)
    cost, household, words, none = shown(case, world.ours.agent)
    of_ten, its, nothing, people = shown(theirs, world.ours.agent)

    # then
    costs = [about_costs(one, world.ours.agent) for one in (case, theirs)]
    assert costs == ([7, 6] if masked else [5, 5])
    assert (cost, of_ten) == (of_one, of_firm) == ((8, 6) if masked else (6, 5))
    assert len(household.groups[0].others) == 10
    assert all(one.person.emails for one in household.groups[0].others)
    called = "㈱••••（購買担当）" if masked else f"{NEW['name']}（購買担当）"
    assert (words, none, nothing, people, len(its.people)) == ([called], 0, [], 11, 11)


def test_what_is_shown_of_one_of_them_for_now_is_seen_of_that_one(
    world: World, case: Case, number: str, agent: Client
) -> None:
    agent.post(f"/cases/{number}/household/", NEW)
    [firm] = [one for one in everything(Customer) if one.sort == "firm"]
    filled(world, firm, 1)
    with world.ours.scope():
        Engagement.objects.update(masked=["name"])
        unmask(
            firm, "name", reason="登記と照らし合わせる", desk=case.desk_id, by=actor_of(world.ours.supervisor)
        )

    _cost, household, words, _people = shown(case, world.ours.supervisor)

    [group] = household.groups
    assert (group.group.name, words) == (NEW["name"], [f"{NEW['name']}（購買担当）"])
    assert all("••" in one.person.name for one in group.others)
    assert "••" in household.person.name


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


def test_an_account_has_a_rank_and_people_who_are_told(
    agent: Client, world: World, case: Case, number: str
) -> None:
    agent.post(f"/cases/{number}/household/", NEW)
    [firm] = [one for one in everything(Customer) if one.sort == "firm"]
    at, beside = f"/cases/{number}/accounts/{firm.pk}/", f"/cases/{number}/"
    assert at in text(agent.get(f"/cases/{number}/household/"))
    wanted = {"rank": "A", "sales": f"営業　太郎　{world.ours.supervisor.email}", "development": ""}
    refused = agent.post(at, wanted | {"development": "開発 花子 dev@elsewhere.example"})
    assert refused.status_code == 422
    assert "スーパーバイザー" in text(refused) or "監督者" in text(refused) or "SV" in text(refused)
    assert [one.alerted for one in everything(Customer) if one.pk == firm.pk] == [[]]

    done = agent.post(at, wanted, follow=True)

    assert "取引先のランクと連絡先を保存しました。" in text(done)
    assert f"営業 太郎 {world.ours.supervisor.email}" in main_of(agent.get(at))
    assert "ランクA" in text(agent.get(beside))
    assert agent.get(f"/cases/{number}/accounts/{case.customer_id}/").status_code == 404
    agent.post(f"/cases/{number}/severity/", {"severity": "4"})
    assert ("致命的" in text(agent.get(beside)), everything(Case)[0].severity) == (True, 4)


@pytest.fixture
def account(agent: Client, case: Case, number: str) -> str:
    """Where the account of the case's customer stands."""
    agent.post(f"/cases/{number}/household/", NEW)
    [firm] = [one for one in everything(Customer) if one.sort == "firm"]
    return f"/cases/{number}/accounts/{firm.pk}/"


def kept_of() -> list[tuple[str, list[dict[str, str]]]]:
    return [(one.rank, one.alerted) for one in everything(Customer) if one.sort == "firm"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"rank": "Z"}, "正しく選択してください"),
        ({"rank": "A", "sales": "太郎"}, "メールアドレス"),
        ({"rank": "A", "sales": "太郎 a@b@c"}, "メールアドレス"),
        ({"rank": "A", "sales": "太" * 2001}, "2000"),
    ],
)
def test_an_account_that_cannot_be_kept_says_why_and_keeps_what_was_typed(
    agent: Client, account: str, wanted: dict[str, str], said: str
) -> None:
    refused = agent.post(account, {"rank": "", "sales": "", "development": ""} | wanted)
    assert (refused.status_code, kept_of()) == (422, [("", [])])
    assert said in main_of(refused)
    assert wanted.get("sales", "")[:20] in main_of(refused)


def test_strangers_and_readers_change_no_account(
    agent: Client, stranger: Client, world: World, account: str
) -> None:
    wanted = {"rank": "A", "sales": f"太郎 {world.ours.supervisor.email}", "development": ""}
    assert stranger.get(account).status_code == 404
    assert stranger.post(account, wanted).status_code == 404
    reader = signed_in(make_company_person(world.ours.company, Role.COMPANY_STAFF))
    assert 'type="submit">保存' not in main_of(reader.get(account))
    assert reader.post(account, wanted).status_code == 403
    assert kept_of() == [("", [])]


def test_who_sees_customers_in_part_sees_no_account(agent: Client, world: World, account: str) -> None:
    with scope.everywhere(reason="a test changes a contract"):
        Engagement.objects.filter(desk=world.ours.desk).update(masked=["name"])
    assert agent.get(account).status_code == 403
    assert agent.post(account, {"rank": "A", "sales": "", "development": ""}).status_code == 403
    assert kept_of() == [("", [])]


@pytest.mark.parametrize("severity", ["", "9", "grave"])
def test_no_severity_is_kept_that_is_none(agent: Client, case: Case, number: str, severity: str) -> None:
    assert agent.post(f"/cases/{number}/severity/", {"severity": severity}).status_code in (400, 404, 422)
    assert [one.severity for one in everything(Case)] == [0]
