"""Words of macros: where the company approves them, only approved ones are offered."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.rows import all_of

from madoguchi.administration.tests.conftest import Browser
from madoguchi.batches.acts import macros_for_many, wanted
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft
from madoguchi.following.queries import notifications_of
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel.actor import Actor, OperatingModel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.actions import set_policy
from madoguchi.macros.actions import (
    add_macro,
    change_macro,
    delete_macro,
    drop_proposal,
    restore_macro,
    run_macro,
)
from madoguchi.macros.approving import approve_macro, macro_digest, return_macro
from madoguchi.macros.models import Macro
from madoguchi.macros.queries import macros_for, macros_to_approve
from madoguchi.macros.steps import words_of
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
Acts = list[dict[str, str]]


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def saying(text: str, tag: str = "返品") -> Acts:
    return [{"do": "tag", "value": tag}, {"do": "text", "value": text}]


def write(world: World, by: Actor, acts: Acts, **more: Any) -> Macro:
    side = world.ours
    return add_macro(side.company, desk=side.desk, name="返品", acts=acts, by=by, **more)


def asked(world: World, boss: Actor, wanted: bool = True) -> None:
    set_policy(world.ours.company, macro_words=wanted, by=boss)


def offered(case: Case, by: Actor) -> list[str]:
    return [one.name for one in macros_for(case, actor=by)]


def test_words_are_offered_once_they_are_approved(
    world: World, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    with world.ours.scope():
        macro = write(world, supervisor, saying("承りました。"))
        assert offered(case, agent) == ["返品"]

        # when: the company wants to approve what macros say
        asked(world, boss)
        assert offered(case, agent) == []
        with pytest.raises(NotFound):
            run_macro(macro, case, by=agent)
        assert Draft.objects.count() == 0
        assert [(one.pk, one.waits) for one in macros_to_approve(boss)] == [(macro.pk, True)]

        approve_macro(macro, by=boss)
        assert offered(case, agent) == ["返品"]
        assert run_macro(macro, case, by=agent).texts == ["承りました。"]
        told = Event.objects.filter(kind="macro.approved").values_list("actor_id", "data__words")
        assert list(told) == [(boss.id, ["承りました。"])]


def test_other_words_are_a_proposal_and_other_acts_are_not(
    world: World, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    with world.ours.scope():
        asked(world, boss)
        macro = write(world, supervisor, saying("承りました。"))
        approve_macro(macro, by=boss)

        # when: the desk arranges what the macro does
        change_macro(macro, name="返品受付", acts=saying("承りました。", "急ぎ"), by=supervisor)
        assert (offered(case, agent), macro.state, macro.proposed) == (["返品受付"], "approved", None)

        # when: it is to say something else
        change_macro(macro, name="返品受付", acts=saying("お預かりします。"), by=supervisor)
        assert run_macro(macro, case, by=agent).texts == ["承りました。"]
        approve_macro(macro, seen=macro_digest(macro), by=boss)
        macro.refresh_from_db()
        assert (macro.acts, macro.proposed) == (saying("お預かりします。"), None)

        # when: what is proposed is given back, and thrown away
        change_macro(macro, name="返品受付", acts=saying("いりません。"), by=supervisor)
        return_macro(macro, comment="言い方を改めてください", by=boss)
        assert (macro.proposed["waits"], macro.comment) == (False, "言い方を改めてください")
        assert [one.waits for one in macros_to_approve(boss)] == [False]
        drop_proposal(macro, by=supervisor)
        macro.refresh_from_db()
        assert (macro.acts, macro.state, macro.comment) == (saying("お預かりします。"), "approved", "")
        assert offered(case, agent) == ["返品受付"]


def test_an_approval_is_taken_back_at_once(
    world: World, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    with world.ours.scope():
        asked(world, boss)
        macro = write(world, supervisor, saying("承りました。"))
        approve_macro(macro, by=boss)
        return_macro(macro, comment="古い", by=boss)
        assert (offered(case, agent), macros_to_approve(boss).count()) == ([], 0)
        change_macro(macro, name="返品", acts=saying("承りました。"), by=supervisor)
        assert (offered(case, agent), macros_to_approve(boss).count()) == ([], 1)


def test_drafts_are_offered_to_nobody_and_macros_without_words_need_no_approval(
    world: World, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    tags = [{"do": "tag", "value": "返品"}]
    with world.ours.scope():
        macro = write(world, supervisor, tags, draft=True)
        assert (offered(case, agent), macros_for_many(agent)) == ([], [])
        with pytest.raises(Refused):
            wanted("macro", str(macro.pk), by=agent)
        asked(world, boss)
        change_macro(macro, name="返品", acts=tags, by=supervisor)
        assert (offered(case, agent), macros_for_many(agent)) == (["返品"], [macro])
        assert not macros_to_approve(boss).exists()

        # when: what is in use is written on as a draft
        change_macro(macro, name="返品2", acts=tags, draft=True, by=supervisor)
        assert (offered(case, agent), macro.proposed["waits"]) == (["返品"], False)


def test_ones_own_macro_says_only_what_is_approved(
    world: World, case: Case, agent: Actor, boss: Actor
) -> None:
    side = world.ours
    with side.scope():
        asked(world, boss)
        macro = add_macro(side.company, desk=None, name="私の", acts=saying("どうも。"), by=agent)
        assert offered(case, agent) == []
        approve_macro(macro, by=boss)
        assert offered(case, agent) == ["私の"]


def test_who_may_not_approves_nothing(world: World, supervisor: Actor, boss: Actor) -> None:
    with world.ours.scope():
        asked(world, boss)
        set_policy(world.ours.company, four_eyes=True, by=boss)
        macro = write(world, supervisor, saying("承りました。"))
        stale = macro_digest(macro)
        change_macro(macro, name="返品", acts=saying("お預かりします。"), by=supervisor)
        gone = write(world, supervisor, saying("さようなら。"))
        delete_macro(gone, by=supervisor)
        Macro.objects.filter(pk=macro.pk).update(words_by=boss.id)
        before = all_of(world.ours.company.pk)
        for refused, by, one, seen in (
            (NotAllowed, supervisor, macro, None),
            (NotAllowed, actor_of(world.ours.company_staff), macro, None),
            (NotAllowed, actor_of(world.theirs.company_manager), macro, None),
            (Conflict, boss, macro, stale),
            (Conflict, boss, gone, None),
            # then: boss wrote it, and the company wants four eyes
            (Refused, boss, macro, None),
        ):
            with pytest.raises(refused):
                approve_macro(one, seen=seen, by=by)
        with pytest.raises(NotAllowed):
            return_macro(macro, comment="", by=supervisor)
        with pytest.raises(NotAllowed):
            change_macro(macro, name="x", acts=saying("x"), by=boss)
        assert all_of(world.ours.company.pk) == before


@pytest.mark.django_db(transaction=True)
def test_the_company_approves_the_words_on_a_page_and_cannot_change_the_acts(
    world: World, signed_in: Browser, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    side = world.ours
    enrol()
    client = signed_in(side.company_manager)
    client.post(reverse("desk:article_policy", args=[side.company.pk]), {"macro_words": "1"})
    with side.scope():
        macro = write(world, supervisor, saying("承りました。"))
    catch_up("following.tell")

    with side.scope():
        assert [one.kind for one in notifications_of(boss).notifications] == ["macro.proposed"]
    assert "返品" in client.get(reverse("administration:macro_words")).text
    page = client.get(reverse("administration:words_of_macro", args=[macro.pk]))
    assert "承りました。" in page.text
    assert "タグを付ける" in page.text
    assert client.get(reverse("administration:macro", args=[macro.pk])).status_code == 403
    assert _approve(client, macro, "old")["Location"].endswith(f"/words/{macro.pk}/")
    with side.scope():
        assert offered(case, agent) == []

    assert _approve(client, macro, page.context["seen"])["Location"] == reverse("administration:macro_words")
    with side.scope():
        assert offered(case, agent) == ["返品"]
    catch_up("following.tell")
    with side.scope():
        assert [one.kind for one in notifications_of(supervisor).notifications] == ["macro.approved"]


def _approve(client: Client, macro: Macro, seen: str) -> Any:
    return client.post(reverse("administration:macro_words_act", args=[macro.pk, "approve"]), {"seen": seen})


@pytest.mark.parametrize(
    ("before", "asks", "draft", "text", "after"),
    [
        # before: state, words proposed; after: state, words of what is offered, words proposed and whether they wait
        ("waits", False, False, "新", ("waits", "新", None)),
        ("waits", False, True, "新", ("waits", "旧", ("新", False))),
        ("waits", True, False, "新", ("waits", None, None)),
        ("draft", False, False, "新", ("waits", "新", None)),
        ("draft", True, False, "新", ("waits", None, None)),
        ("draft", True, True, "新", ("draft", None, None)),
        ("approved", False, False, "新", ("waits", "新", None)),
        ("approved", False, False, "旧", ("approved", "旧", None)),
        ("approved", True, False, "旧", ("approved", "旧", None)),
        ("approved", True, False, "新", ("approved", "旧", ("新", True))),
        ("approved", True, True, "新", ("approved", "旧", ("新", False))),
        # then: nothing is said any more, so there is nothing to approve
        ("approved", True, False, "", ("waits", "", None)),
    ],
)
def test_what_a_change_makes_of_a_macro(
    world: World,
    case: Case,
    agent: Actor,
    supervisor: Actor,
    boss: Actor,
    before: str,
    asks: bool,
    draft: bool,
    text: str,
    after: tuple[str, str | None, tuple[str, bool] | None],
) -> None:
    with world.ours.scope():
        macro = write(world, supervisor, saying("旧"))
        Macro.objects.filter(pk=macro.pk).update(state=before)
        asked(world, boss, asks)

        acts = saying(text) if text else [{"do": "tag", "value": "返品"}]
        change_macro(macro, name="返品", acts=acts, draft=draft, by=supervisor)

        macro.refresh_from_db()
        said = "".join(words_of(macro.acts)) if offered(case, agent) else None
        proposed = macro.proposed and ("".join(words_of(macro.proposed["acts"])), macro.proposed["waits"])
        assert (macro.state, said, proposed) == after
        if said is None:
            with pytest.raises(NotFound):
                run_macro(macro, case, by=agent)
        else:
            assert run_macro(macro, case, by=agent).texts == ([said] if said else [])
        events = Event.objects.filter(kind="macro.proposed").count()
        waits = (macro.state == "waits" and said is None) or bool(proposed and proposed[1])
        assert events == (1 if waits else 0)


def test_whoever_approves_and_leads_says_it_at_once_unless_the_company_wants_four_eyes(
    world: World, case: Case, agent: Actor, boss: Actor
) -> None:
    """Where a company answers itself, its heads approve."""
    side = world.ours
    with side.scope():
        side.engagement.model = OperatingModel.IN_HOUSE
        side.engagement.save()
    head = actor_of(side.supervisor)
    with side.scope():
        asked(world, boss)
        macro = write(world, head, saying("承りました。"))
        assert (macro.state, offered(case, agent)) == ("approved", ["返品"])

        set_policy(side.company, four_eyes=True, by=boss)
        change_macro(macro, name="返品", acts=saying("お預かりします。"), by=head)
        assert macro.proposed == {"name": "返品", "acts": saying("お預かりします。"), "waits": True}
        with pytest.raises(Refused):
            approve_macro(macro, by=head)
        approve_macro(macro, by=actor_of(side.manager))
        assert run_macro(macro, case, by=agent).texts == ["お預かりします。"]


def test_a_macro_is_kept_as_a_draft_put_away_and_had_back_on_the_pages(
    world: World, signed_in: Browser, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    side, lead = world.ours, signed_in(world.ours.supervisor)
    fields = {"name": "返品", "where": f"desk:{side.desk.pk}", "text": "承りました。"}
    lead.post(reverse("administration:macro_new"), fields | {"draft": "1"})
    with side.scope():
        macro = Macro.objects.get()
        assert (macro.state, offered(case, agent)) == ("draft", [])
    listed, page = reverse("administration:macros"), reverse("administration:macro", args=[macro.pk])
    assert "下書き" in lead.get(listed).text

    # when: it is asked for, approved, and changed
    with side.scope():
        asked(world, boss)
    lead.post(page, {"name": "返品", "text": "承りました。"})
    assert "承認待ち" in lead.get(listed).text
    with side.scope():
        approve_macro(macro, by=boss)
    lead.post(page, {"name": "返品", "text": "お預かりします。"})
    shown = lead.get(page).text
    assert ("変更案が承認待ちです" in shown, "お預かりします。" in shown) == (True, True)

    # when: the change is thrown away, and the macro put away
    assert lead.post(reverse("administration:macro_drop", args=[macro.pk]))["Location"] == page
    assert "承りました。" in lead.get(page).text
    lead.post(reverse("administration:macro_delete", args=[macro.pk]))
    with side.scope():
        assert (offered(case, agent), macros_to_approve(boss).count()) == ([], 0)
    assert reverse("administration:macro_restore", args=[macro.pk]) in lead.get(listed).text
    lead.post(reverse("administration:macro_restore", args=[macro.pk]))
    with side.scope():
        assert (offered(case, agent), macros_to_approve(boss).count()) == (["返品"], 1)


def test_what_is_put_away_comes_back_only_where_there_is_room(
    world: World, supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("madoguchi.macros.actions.MOST_MACROS", 1)
    with world.ours.scope():
        away = write(world, supervisor, saying("旧"))
        delete_macro(away, by=supervisor)
        write(world, supervisor, saying("新"))
        before = all_of(world.ours.company.pk)
        with pytest.raises(Refused):
            restore_macro(Macro.objects.get(pk=away.pk), by=supervisor)
        assert all_of(world.ours.company.pk) == before


def test_another_companys_approver_sees_none_of_it(
    world: World, signed_in: Browser, supervisor: Actor, boss: Actor
) -> None:
    with world.ours.scope():
        asked(world, boss)
        macro = write(world, supervisor, saying("承りました。"))
    stranger = signed_in(world.theirs.company_manager)
    before = all_of(world.ours.company.pk)
    listed = stranger.get(reverse("administration:macro_words"))
    assert (listed.status_code, "返品" in listed.text) == (200, False)
    assert stranger.get(reverse("administration:words_of_macro", args=[macro.pk])).status_code == 404
    assert _approve(stranger, macro, "").status_code == 404
    assert all_of(world.ours.company.pk) == before


def test_the_page_shows_what_changes_and_gives_it_back(
    world: World, signed_in: Browser, case: Case, agent: Actor, supervisor: Actor, boss: Actor
) -> None:
    client = signed_in(world.ours.company_manager)
    assert "承認なしで使われています" in client.get(reverse("administration:macro_words")).text
    with world.ours.scope():
        asked(world, boss)
        macro = write(world, supervisor, saying("承りました。"))
        approve_macro(macro, by=boss)
        change_macro(macro, name="受付", acts=saying("お預かりします。"), by=supervisor)
    assert "お預かりします。" in client.get(reverse("administration:macro_words")).text
    place = reverse("administration:words_of_macro", args=[macro.pk])
    page = client.get(place)
    assert ("<del>" in page.text, "<ins>" in page.text, "これまでの名前は「返品」" in page.text) == (
        True,
    ) * 3

    back = reverse("administration:macro_words_act", args=[macro.pk, "return"])
    client.post(back, {"seen": page.context["seen"], "comment": "丁寧に"})
    with world.ours.scope():
        macro.refresh_from_db()
        assert (macro.proposed, macro.comment) == (
            {"name": "受付", "acts": saying("お預かりします。"), "waits": False},
            "丁寧に",
        )
        assert run_macro(macro, case, by=agent).texts == ["承りました。"]
    assert client.get(place).context["waits"] is False
    assert client.post(reverse("administration:macro_words_act", args=[macro.pk, "x"])).status_code == 404
    lead = signed_in(world.ours.supervisor)
    assert "丁寧に" in lead.get(reverse("administration:macro", args=[macro.pk])).text
