"""What is agreed on harassment and approved, and both sides' duties, in the settings."""

from collections.abc import Callable

import pytest
from django.test import Client

from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.shield.models import Duty, Terms
from madoguchi.shield.terms import USUAL_WARNING

pytestmark = pytest.mark.django_db


@pytest.fixture
def come() -> Callable[[User], Client]:
    def come(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return come


def agreed(**said: str) -> dict[str, str]:
    values = {"hold_minutes": "45", "repeats": "3", "care_hours": "24", "warning": "お控えください。"}
    return values | {"ending": "終了します。", "words": ""} | said


def terms() -> list[Terms]:
    with scope.everywhere(reason="test"):
        return list(Terms.objects.all())


def duties() -> list[tuple[str, str, str, bool]]:
    with scope.everywhere(reason="test"):
        rows = Duty.objects.order_by("key").values_list("key", "who", "due_on", "done_on")
        return [(key, who, str(due or ""), done is not None) for key, who, due, done in rows]


def test_words_are_begun_with_written_and_approved(world: World, come: Callable[[User], Client]) -> None:
    manager = come(world.ours.company_manager)
    address = f"/administration/shields/{world.ours.company.pk}/"
    assert world.ours.company.name in manager.get("/administration/shields/").text
    assert USUAL_WARNING.splitlines()[1] in manager.get(address).text

    assert manager.post(address, agreed()).status_code == 302
    assert "この文面で承認する" in manager.get(address).text
    manager.post(f"{address}approve/", {"version": "1"})

    [kept] = terms()
    assert (kept.hold_minutes, kept.warning, kept.version, kept.approved) == (45, "お控えください。", 1, 1)
    assert "承認済み" in manager.get(address).text
    # Pressed again, or of words that were never seen, nothing changes.
    for version in ("1", "7", "x", ""):
        manager.post(f"{address}approve/", {"version": version})
    assert terms()[0].approved == 1


@pytest.mark.parametrize(
    ("field", "value"), [("hold_minutes", "5"), ("repeats", "2"), ("words", "loud: 大声")]
)
def test_what_makes_no_sense_is_refused_at_its_field(
    world: World, come: Callable[[User], Client], field: str, value: str
) -> None:
    address = f"/administration/shields/{world.ours.company.pk}/"

    page = come(world.ours.company_manager).post(address, agreed(**{field: value}))

    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert terms() == []


def test_all_that_makes_no_sense_is_told_at_once(world: World, come: Callable[[User], Client]) -> None:
    address = f"/administration/shields/{world.ours.company.pk}/"

    page = come(world.ours.company_manager).post(address, agreed(hold_minutes="5", repeats="2"))

    assert (page.status_code, set(page.context["form"].errors)) == (422, {"hold_minutes", "repeats"})
    assert terms() == []


def test_an_administrator_writes_words_and_does_not_approve_them(
    world: World, come: Callable[[User], Client]
) -> None:
    administrator, address = come(world.administrator), f"/administration/shields/{world.ours.company.pk}/"
    assert administrator.post(address, agreed()).status_code == 302

    assert "この文面で承認する" not in administrator.get(address).text
    assert administrator.post(f"{address}approve/", {"version": "1"}).status_code == 403
    assert terms()[0].approved == 0


def test_each_side_sets_its_own_duties_and_sees_the_other(
    world: World, come: Callable[[User], Client]
) -> None:
    address = f"/administration/duties/{world.ours.company.pk}/{world.ours.operator.pk}/"
    ours, theirs = come(world.ours.manager), come(world.ours.company_manager)
    assert world.ours.operator.name in ours.get("/administration/duties/").text

    said = {"key": "operator.care", "who": "石川", "due": "2026-12-24"}
    assert ours.post(address, said).status_code == 302
    assert theirs.post(address, {"key": "company.policy", "who": "小林", "done": "yes"}).status_code == 302

    assert duties() == [("company.policy", "小林", "", True), ("operator.care", "石川", "2026-12-24", False)]
    for client in (ours, theirs):
        shown = client.get(address).text
        assert ("石川" in shown, "小林" in shown) == (True, True)
        assert shown.count('name="key"') == 6


def test_the_others_side_is_refused_and_so_is_what_makes_no_sense(
    world: World, come: Callable[[User], Client]
) -> None:
    address = f"/administration/duties/{world.ours.company.pk}/{world.ours.operator.pk}/"
    manager = come(world.ours.manager)

    assert manager.post(address, {"key": "company.policy", "who": "x", "done": "yes"}).status_code == 403
    assert manager.post(address, {"key": "operator.policy", "due": "2026-12-24"}).status_code == 422
    assert manager.post(address, {"key": "operator.policy", "who": "x", "due": "soon"}).status_code == 422
    assert manager.post(address, {"key": "operator.x", "who": "x"}).status_code == 404
    assert come(world.theirs.manager).get(address).status_code == 404
    assert come(world.ours.agent).get(address).status_code == 403
    assert duties() == []


def test_a_policy_is_written_approved_and_read_by_anybody(
    world: World, come: Callable[[User], Client]
) -> None:
    manager, ours = come(world.ours.company_manager), world.ours.company
    address, public = f"/administration/shields/{ours.pk}/policy/", f"/conduct/{ours.slug}/"
    assert "■ お客様の権利" in manager.get(address).text

    assert manager.post(address, {"text": "方針です。", "quoted": ""}).status_code == 302
    assert Client().get(public).status_code == 404
    manager.post(f"{address}approve/", {"version": "1"})
    manager.post(address, {"text": "<b>次の方針", "quoted": ""})
    manager.post(f"{address}approve/", {"version": "x"})

    assert "方針です。" in Client().get(public).text
    assert Client().get(f"{public}2/").status_code == 404
    manager.post(f"{address}approve/", {"version": "2"})
    assert "&lt;b&gt;次の方針" in Client().get(public).text
    assert (
        "この方針には新しい版があります" in Client(headers={"Accept-Language": "ja"}).get(f"{public}1/").text
    )


def test_the_firm_of_temporary_staff_has_a_side_of_its_own(
    world: World, come: Callable[[User], Client]
) -> None:
    side = world.ours
    address = f"/administration/duties/{side.company.pk}/{side.operator.pk}/"
    company = come(side.company_manager)
    assert "派遣先として" not in company.get(address).text
    assert company.post(address, {"key": "client.care", "who": "小林"}).status_code == 404
    with side.scope():
        type(side.engagement).objects.filter(pk=side.engagement.pk).update(model="temp_staff")

    assert "派遣先として" in company.get(address).text
    assert (
        company.post(address, {"key": "client.care", "who": "小林", "due": "2027-01-31"}).status_code == 302
    )

    assert duties() == [("client.care", "小林", "2027-01-31", False)]
    assert come(side.manager).post(address, {"key": "client.care", "who": "別の人"}).status_code == 403
    assert duties() == [("client.care", "小林", "2027-01-31", False)]
