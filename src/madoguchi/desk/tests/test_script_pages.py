"""Talk scripts in the console: written as a tree, walked beside a case by keys, and how their branches did."""

import pytest
from django.test import Client

from madoguchi.cases.models import Case
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Cited
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.factories import approve
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import shown_version
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.scripts.models import Walk

pytestmark = pytest.mark.django_db
TEXT = "ご注文番号を伺えますか。\n- ある\n  お調べします。\n- ない\n  > 折り返しにする"


@pytest.fixture
def script(world: World) -> Article:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        settings = Settings(audience="operator")
        made = add_article(
            world.ours.company, Said("配送の確認", TEXT), settings, kind=Article.Kind.SCRIPT, by=by
        )
        return approve(made, by=by)


def test_it_is_walked_beside_a_case_by_keys(
    agent: Client, case: Case, number: str, script: Article, world: World
) -> None:
    at = f"/cases/{number}/script/"
    assert f'hx-get="{at}"' in text(agent.get(f"/cases/{number}/"))
    with world.ours.scope():
        version = shown_version(script)
    assert version is not None
    assert "配送の確認" in text(agent.get(at, headers=HTMX))

    first = text(agent.post(f"{at}begin/", {"to": version.pk}, headers=HTMX))
    assert "ご注文番号を伺えますか。" in first
    assert ('data-key="1">ある' in first, 'data-key="2">ない' in first, "Backspace" in first) == (
        True,
        True,
        False,
    )
    said = agent.post(f"{at}words/")
    second = text(agent.post(f"{at}on/", {"to": 3}, headers=HTMX))

    assert said.content.decode() == "ご注文番号を伺えますか。"
    assert [(one.case_id, one.words) for one in everything(Cited)] == [(case.pk, "ご注文番号を伺えますか。")]
    assert ("折り返しにする" in second, "この文を挿入" in second, 'data-key="Backspace"' in second) == (
        True,
        False,
        True,
    )
    assert "すでに別のステップ" in text(agent.post(f"{at}on/", {"to": 2}, headers=HTMX))
    assert "配送の確認 (第1版) → ない" in main_of(agent.post(f"{at}end/", follow=True))
    assert [one.path for one in everything(Walk)] == [[1, 3]]


def test_it_is_written_as_a_tree(agent: Client, world: World) -> None:
    place = f"company:{world.ours.company.pk}"
    begun = {"where": place, "language": "ja", "title": "返品の受付", "body": "ご用件を伺います。"}
    agent.post("/articles/scripts/new/", begun)
    (article,) = everything(Article)
    at = f"/articles/{article.pk}/steps/"
    assert (article.kind, article.audience) == ("script", "operator")

    agent.post(
        f"{at}?at=1&add=1", {"at": 1, "seen": 1, "label": "不良品", "said": "お詫びいたします。", "hint": ""}
    )
    agent.post(f"{at}?at=1&add=1", {"at": 1, "seen": 2, "label": "サイズ", "said": "", "hint": "在庫を見る"})
    stale = agent.post(f"{at}up/", {"at": 3, "seen": 1}, follow=True)
    agent.post(f"{at}up/", {"at": 3, "seen": 3})

    body = "ご用件を伺います。\n\n- サイズ\n  > 在庫を見る\n- 不良品\n  お詫びいたします。"
    (version,) = _versions(world, article)
    assert version == body
    assert "ほかの人が" in text(stale)
    agent.post(f"{at}remove/", {"at": 3, "seen": 4})
    assert _versions(world, article) == ["ご用件を伺います。\n\n- サイズ\n  > 在庫を見る"]
    agent.post(f"{at}undo/", {"seen": 5})
    assert _versions(world, article) == [body]


def _versions(world: World, article: Article) -> list[str]:
    with world.ours.scope():
        return list(article.versions.values_list("body", flat=True))


def test_what_cannot_be_walked_stays_in_the_form(agent: Client, script: Article, world: World) -> None:
    at = f"/articles/{script.pk}/steps/?at=1&add=1"
    refused = agent.post(at, {"at": 1, "seen": 1, "label": "ある", "said": "もう一度", "hint": ""})

    assert (refused.status_code, "同じ返答が2つあります" in text(refused)) == (422, True)
    assert "もう一度" in text(refused)
    assert len(_versions(world, script)) == 1


def test_its_page_says_how_its_branches_did(
    agent: Client, case: Case, number: str, script: Article, world: World
) -> None:
    with world.ours.scope():
        version = shown_version(script)
    assert version is not None
    agent.post(f"/cases/{number}/script/begin/", {"to": version.pk})
    agent.post(f"/cases/{number}/script/on/", {"to": 2})

    page = main_of(agent.get(f"/articles/{script.pk}/"))

    assert "分岐ごとの実績" in page
    for said, times in (("ある", 1), ("ない", 0)):
        walked = f'<td class="num" data-label="通過回数">{times}</td><td data-label="7日以内の解決">–</td>'
        assert f'<div class="depth-1">{said}</div></th>{walked}' in page


@pytest.mark.parametrize(
    ("wish", "plainly"),
    [({"detail": "plain"}, True), ({"pace": "slow"}, True), ({"detail": "short"}, False), ({}, False)],
)
def test_who_wishes_plain_words_is_told_those_and_others_stand_one_key_away(
    agent: Client, case: Case, number: str, world: World, wish: dict[str, str], plainly: bool
) -> None:
    # given a script that says its first step in plain words, too
    usual, plain = "ご注文番号を伺えますか。", "ちゅうもんの ばんごうを 教えてください。"
    with world.ours.scope():
        by, said = (
            actor_of(world.ours.company_manager),
            Said("配送の確認", f"{usual}\n~ {plain}\n- ある\n  はい"),
        )
        made = add_article(
            world.ours.company, said, Settings(audience="operator"), kind=Article.Kind.SCRIPT, by=by
        )
        version = shown_version(approve(made, by=by))
        assert version is not None
        Customer.objects.filter(pk=case.customer_id).update(**wish)

    # when
    page = text(agent.post(f"/cases/{number}/script/begin/", {"to": version.pk}, headers=HTMX))
    taken = agent.post(f"/cases/{number}/script/words/").content.decode()

    # then
    assert page.index(plain) < page.index(usual) if plainly else page.index(usual) < page.index(plain)
    assert page.count('data-key="X"') == 1
    assert (taken, [one.words for one in everything(Cited)]) == (
        (plain, [plain]) if plainly else (usual, [usual])
    )
    # and the next step, which has no plain words, is said as it is
    assert "はい" in text(agent.post(f"/cases/{number}/script/on/", {"to": 2}, headers=HTMX))


def test_plain_words_are_typed_in_the_tree_and_stay_in_the_text(agent: Client, world: World) -> None:
    place = f"company:{world.ours.company.pk}"
    agent.post(
        "/articles/scripts/new/", {"where": place, "language": "ja", "title": "返品", "body": "はい。"}
    )
    (article,) = everything(Article)
    at = f"/articles/{article.pk}/steps/"
    assert 'name="plain"' in text(agent.get(f"{at}?at=1&add=1"))
    typed = {"at": 1, "seen": 1, "label": "不良品", "hint": ""}

    refused = agent.post(f"{at}?at=1&add=1", typed | {"said": "", "plain": "ごめんなさい"})
    agent.post(f"{at}?at=1&add=1", typed | {"said": "お詫びいたします。", "plain": "ごめんなさい"})

    assert (refused.status_code, "ふだんの言い方も" in text(refused)) == (422, True)
    assert _versions(world, article) == ["はい。\n\n- 不良品\n  お詫びいたします。\n  ~ ごめんなさい"]
