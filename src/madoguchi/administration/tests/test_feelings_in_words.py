"""Templates and macros for how customers feel, written on their pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.macros.models import Macro
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def url(name: str, *args: object) -> str:
    return reverse(f"administration:{name}", args=args)


def sent(world: World, **more: Any) -> dict[str, Any]:
    where = f"desk:{world.ours.desk.pk}"
    empty = {"owner": "", "review_on": "", "ends_on": ""}
    return {"name": "お詫び", "where": where, "body": "申し訳ございません。", "active": "on", **empty, **more}


def ticked(page: str) -> list[str]:
    return [
        found[1]
        for one in re.findall(r'<input[^>]*name="feelings"[^>]*>', page)
        if "checked" in one and (found := re.search(r'value="(\w+)"', one))
    ]


def kept() -> list[list[str]]:
    return list(ReplyTemplate.objects.values_list("feelings", flat=True))


def test_a_template_says_for_whom_it_is_offered_first(world: World, signed_in: Browser) -> None:
    boss = signed_in(world.ours.company_manager)
    assert ticked(boss.get(url("template_new")).text) == []

    boss.post(url("template_new"), sent(world, feelings=["anger", "haste"]))
    with world.ours.scope():
        template = ReplyTemplate.objects.get()
        assert template.feelings == ["anger", "haste"]
    assert ticked(boss.get(url("template", template.pk)).text) == ["anger", "haste"]

    # What is no feeling changes nothing.
    wrong = boss.post(url("template", template.pk), sent(world, feelings=["hungry"]))
    with world.ours.scope():
        assert (wrong.status_code, kept()) == (422, [["anger", "haste"]])
    boss.post(url("template", template.pk), sent(world, feelings=["elderly"]))
    with world.ours.scope():
        assert kept() == [["elderly"]]
    boss.post(url("template", template.pk), sent(world))
    with world.ours.scope():
        assert kept() == [[]]


def test_a_proposal_of_words_leaves_for_whom_it_is_to_its_writer(world: World, signed_in: Browser) -> None:
    boss, lead = signed_in(world.ours.company_manager), signed_in(world.ours.supervisor)
    boss.post(url("template_new"), sent(world, feelings=["anger"]))
    with world.ours.scope():
        template = ReplyTemplate.objects.get()
    lead.post(url("template", template.pk), sent(world, body="誠に申し訳ございません。", feelings=["anger"]))
    boss.post(url("template_act", template.pk, 2, "approve"))
    with world.ours.scope():
        template.refresh_from_db()
        assert (template.body, template.version, template.feelings) == (
            "誠に申し訳ございません。",
            2,
            ["anger"],
        )
    boss.post(url("template_version", template.pk, 1))
    with world.ours.scope():
        template.refresh_from_db()
        assert (template.body, template.feelings) == ("申し訳ございません。", ["anger"])


def test_a_macro_judges_a_feeling_and_a_rule_does_not(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    where = next(
        value
        for value in re.findall(r'<option value="([^"]+)"', lead.get(url("macro_new")).text)
        if value.endswith(str(world.ours.desk.pk)) and not value.isdecimal()
    )
    form = {"name": "お詫びから", "where": where, "feeling": "anger", "tag": "お詫び"}
    assert lead.post(url("macro_new"), form).status_code == 302
    with world.ours.scope():
        macro = Macro.objects.get()
    assert macro.acts == [{"do": "tag", "value": "お詫び"}, {"do": "feeling", "value": "anger"}]
    assert '<option value="anger" selected>' in lead.get(url("macro", macro.pk)).text
    assert "お客様の気持ち" in lead.get(url("macros")).text
    wrong = lead.post(url("macro", macro.pk), form | {"feeling": "hungry"})
    with world.ours.scope():
        assert (wrong.status_code, Macro.objects.get().acts) == (422, macro.acts)
    assert 'name="feeling"' not in lead.get(url("rule_new")).text
