"""Symptoms written on a page, looked at before they are kept, and taken out of use."""

from collections.abc import Callable

import pytest
from django.test import Client

from madoguchi.commerce.models import Remedy, Symptom
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
SAID = {"name": "電源が入らない", "code": "", "remedies": "緩み | 差し直す\nヒューズ切れ | 交換する"}


@pytest.fixture
def at(world: World) -> str:
    return f"/administration/shops/{world.ours.company.pk}/symptoms/"


def there(world: World) -> list[tuple[str, bool, int]]:
    with world.ours.scope():
        rows = Symptom.objects.order_by("pk")
        return [(one.name, one.active, one.remedies.filter(active=True).count()) for one in rows]


def test_it_is_looked_at_kept_changed_and_taken_out_of_use(
    world: World, signed_in: Callable[[User], Client], at: str
) -> None:
    keeper = signed_in(world.ours.company_manager)
    assert "症状の登録はまだありません。" in keeper.get(at).content.decode()

    looked = keeper.post(f"{at}new/", SAID | {"preview": "1"}).content.decode()
    assert ("<b>ヒューズ切れ</b> 交換する" in looked, there(world)) == (True, [])
    assert keeper.post(f"{at}new/", SAID)["Location"] == at
    with world.ours.scope():
        pk = Symptom.objects.get().pk
    page = keeper.get(f"{at}{pk}/").content.decode()
    assert ("緩み | 差し直す" in page, "まだ試した記録はありません" in page) == (True, True)
    keeper.post(f"{at}{pk}/", SAID | {"remedies": "緩み | 差し直す"})
    assert there(world) == [("電源が入らない", True, 1)]
    keeper.post(f"{at}{pk}/use/")
    assert (there(world)[0][1], "使用を再開" in keeper.get(at).content.decode()) == (False, True)


def test_what_is_wrong_stands_at_its_field_and_others_write_nothing(
    world: World, signed_in: Callable[[User], Client], at: str
) -> None:
    wrong = signed_in(world.ours.company_manager).post(f"{at}new/", SAID | {"remedies": "緩みだけ"})
    assert (wrong.status_code, "1行目：「原因 | 対処」の形で" in wrong.content.decode()) == (422, True)
    for user, code in ((world.ours.agent, 403), (world.theirs.company_manager, 404)):
        assert signed_in(user).post(f"{at}new/", SAID).status_code == code
    with world.ours.scope():
        assert (there(world), Remedy.objects.count()) == ([], 0)
