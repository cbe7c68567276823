"""Pages of macros: written, changed, put away and had back, by whom they are for; and run on an open case."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration.tests.conftest import Browser
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft
from madoguchi.macros.actions import add_macro
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
Fields = dict[str, Any]


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def macro(world: World) -> Macro:
    side = world.ours
    acts = [{"do": "tag", "value": "返品"}, {"do": "text", "value": "承りました。"}]
    with side.scope():
        return add_macro(side.company, desk=side.desk, name="返品", acts=acts, by=actor_of(side.supervisor))


def there(world: World) -> list[tuple[str, int | None, list[dict[str, str]]]]:
    with world.ours.scope():
        return list(Macro.objects.filter(deleted_at=None).order_by("id").values_list("name", "desk", "acts"))


def text(page: Any) -> str:
    return page.content.decode()


def test_a_macro_is_written_changed_and_put_away(world: World, signed_in: Browser) -> None:
    lead, desk = signed_in(world.ours.supervisor), world.ours.desk
    assert "マクロはまだありません" in text(lead.get(reverse("administration:macros")))

    fields = {
        "name": "返品を受ける",
        "where": f"desk:{desk.pk}",
        "status": "waiting_third",
        "tag": "返品、VIP",
    }
    added = lead.post(
        reverse("administration:macro_new"), fields | {"assign": "me", "text": "{{customer}}様"}
    )

    assert (added.status_code, added["Location"]) == (302, reverse("administration:macros"))
    acts = [
        ("tag", "返品"),
        ("tag", "VIP"),
        ("assign", "me"),
        ("status", "waiting_third"),
        ("text", "{{customer}}様"),
    ]
    assert there(world) == [("返品を受ける", desk.pk, [{"do": do, "value": value} for do, value in acts])]
    with world.ours.scope():
        pk = Macro.objects.get().pk
    page = text(lead.get(reverse("administration:macro", args=[pk])))
    assert 'value="返品、VIP"' in page
    assert '<option value="me" selected>' in page

    lead.post(reverse("administration:macro", args=[pk]), {"name": "返品", "assign": "nobody"})
    assert there(world) == [("返品", desk.pk, [{"do": "assign", "value": ""}])]

    lead.post(reverse("administration:macro_delete", args=[pk]))
    assert there(world) == []
    lead.post(reverse("administration:macro_restore", args=[pk]))
    assert [name for name, *_rest in there(world)] == ["返品"]


def test_what_is_wrong_is_said_and_nothing_kept(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    where = f"owner:{world.ours.company.pk}"
    wrong: list[tuple[Fields, str]] = [
        ({"name": "空", "where": where}, "操作を 1 個から"),
        ({"name": " ", "where": where, "tag": "x"}, "この項目は必須です"),
        ({"name": "n", "where": f"desk:{world.theirs.desk.pk}", "tag": "x"}, "正しく選択してください"),
    ]
    for fields, _said in wrong:
        page = lead.post(reverse("administration:macro_new"), fields)
        assert page.status_code == 422, fields
    assert there(world) == []


def test_agents_write_their_own_and_read_the_desks(world: World, macro: Macro, signed_in: Browser) -> None:
    agent = signed_in(world.ours.agent)
    desks = f"desk:{world.ours.desk.pk}"

    assert (
        agent.post(reverse("administration:macro_new"), {"name": "n", "where": desks, "tag": "x"}).status_code
        == 422
    )
    own = {"name": "自分用", "where": f"owner:{world.ours.company.pk}", "tag": "x"}
    assert agent.post(reverse("administration:macro_new"), own).status_code == 302
    assert "窓口のSV" in text(agent.get(reverse("administration:macro", args=[macro.pk])))
    refused = agent.post(reverse("administration:macro", args=[macro.pk]), {"name": "別", "tag": "y"})
    assert refused.status_code == 403
    assert [name for name, *_rest in there(world)] == ["返品", "自分用"]
    for onlooker in (world.ours.company_staff, world.ours.company_manager):
        assert signed_in(onlooker).get(reverse("administration:macros")).status_code == 403


def run(browser: Client, world: World, case: Case, **fields: str) -> Any:
    number = case.spoken_number(world.ours.company.prefix)
    return browser.post(reverse("desk:macro", args=[number]), fields)


def test_it_is_run_and_undone_on_the_open_case(
    world: World, case: Case, macro: Macro, signed_in: Browser
) -> None:
    agent, number = signed_in(world.ours.agent), case.spoken_number(world.ours.company.prefix)
    page = text(agent.get(reverse("desk:case", args=[number])))
    assert f'name="macro" value="{macro.pk}"' in page
    assert 'data-command="マクロ: 返品"' in page

    done = run(agent, world, case, macro=str(macro.pk), text="髙橋様", to="", cc="", bcc="")

    assert done.status_code == 302
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).tags == ["返品"]
        assert Draft.objects.get(case=case).text == "髙橋様\n\n承りました。"
        ran = MacroRun.objects.get()
    assert reverse("desk:macro_undo", args=[ran.pk]) in text(agent.get(done["Location"]))

    assert agent.post(reverse("desk:macro_undo", args=[ran.pk])).status_code == 302
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).tags == []
        assert Draft.objects.get(case=case).text == "髙橋様"
    assert agent.post(reverse("desk:macro_undo", args=[ran.pk])).status_code == 404


def test_words_are_asked_for_first_where_the_desk_wants_them(
    world: World, case: Case, signed_in: Browser
) -> None:
    side, lead = world.ours, signed_in(world.ours.supervisor)
    with side.scope():
        Case.objects.filter(pk=case.pk).update(first_replied_at=case.opened_at)
        acts = [{"do": "assign", "value": str(side.agent.pk)}]
        macro = add_macro(side.company, desk=side.desk, name="渡す", acts=acts, by=actor_of(side.supervisor))

    asked = run(lead, world, case, macro=str(macro.pk))
    assert 'id="hand-off-reason"' in text(asked)
    assert f'name="macro" value="{macro.pk}"' in text(asked)
    with side.scope():
        assert Case.objects.get(pk=case.pk).assignee_id is None

    words = {
        "hand_off": "yes",
        "reason": "交代",
        "summary": "炊飯器",
        "next_step": "折り返す",
        "promises": "",
    }
    assert run(lead, world, case, macro=str(macro.pk), **words).status_code == 302
    with side.scope():
        now = Case.objects.select_related("hand_off").get(pk=case.pk)
        assert (now.assignee_id, now.hand_off and now.hand_off.reason) == (side.agent.pk, "交代")


def test_what_is_no_macro_is_not_found(world: World, case: Case, signed_in: Browser) -> None:
    agent = signed_in(world.ours.agent)
    for asked in ("", "x", "9" * 30, "987654"):
        assert run(agent, world, case, macro=asked).status_code == 404
