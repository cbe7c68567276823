"""What works together, kept on a page of its own: one by one, as a table, dropped and kept again."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Fit
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
PAIR = {
    "product": "POT",
    "other": "LID",
    "verdict": "conditions",
    "conditions": "弱火のみ",
    "source": "https://maker.example/fit",
    "sourced_on": "2026-07-01",
}


@pytest.fixture
def at(world: World) -> str:
    for code, name in (("POT", "急須"), ("LID", "蓋")):
        make_variant(world.ours.company, code=code, name=name)
    return f"/administration/shops/{world.ours.company.pk}/fits/"


@pytest.fixture
def keeper(world: World, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(world.ours.company_manager)


def kept(world: World) -> list[tuple[str, str]]:
    with world.ours.scope():
        return [(str(one), one.verdict) for one in Fit.objects.order_by("pk")]


def test_a_pair_is_kept_shown_dropped_and_offered_again(keeper: Client, world: World, at: str) -> None:
    assert "互換性の登録はまだありません。" in keeper.get(at).content.decode()

    page = keeper.post(f"{at}keep/", PAIR, follow=True).content.decode()
    assert (kept(world), "条件付きで使える" in page) == ([("急須 × 蓋", "conditions")], True)
    with world.ours.scope():
        pk = Fit.objects.get().pk
    dropped = keeper.post(f"{at}{pk}/drop/", follow=True).content.decode()
    assert (kept(world), "弱火のみ" in dropped, 'value="POT"' in dropped) == ([], True, True)
    assert keeper.post(f"{at}{pk}/drop/").status_code == 404


def test_what_is_wrong_stands_at_its_field(keeper: Client, world: World, at: str) -> None:
    answer = keeper.post(f"{at}keep/", PAIR | {"other": "NONE"})

    assert (answer.status_code, "コードNONEの商品はありません。" in answer.content.decode()) == (422, True)
    assert kept(world) == []


def test_a_table_comes_in_and_goes_out(keeper: Client, world: World, at: str) -> None:
    rows = (
        "商品コード,外部の機種,互換性,出典,確認日\nPOT,IH-1,可,本,2026-07-01\nPOT,IH-2,多分,本,2026-07-01\n"
    )
    table = SimpleUploadedFile("fits.csv", rows.encode("cp932"))

    answer = keeper.post(f"{at}in/", {"table": table})

    assert kept(world) == [("急須 × IH-1", "works")]
    assert "3行目: 「多分」は可・条件付き・不可のどれでもありません。" in answer.content.decode()
    out = keeper.get(f"{at}out/").content.decode()
    assert out.splitlines()[1] == "POT,,IH-1,可,,本,2026-07-01"
    assert "急須" in keeper.get(at, {"q": "ＩＨ１"}).content.decode()
    assert "IH-1" not in keeper.get(at, {"q": "ない機種"}).content.decode()


def test_agents_and_strangers_keep_nothing(
    world: World, signed_in: Callable[[User], Client], at: str
) -> None:
    for user, code in ((world.ours.agent, 403), (world.theirs.company_manager, 404)):
        assert signed_in(user).post(f"{at}keep/", PAIR).status_code == code
    assert kept(world) == []
