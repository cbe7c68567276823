"""Two cases that the tests of the search look for."""

from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World

START = datetime.fromisoformat("2026-08-01T10:00:00+09:00")


@pytest.fixture
def shoes(world: World) -> Case:
    sender = Party("kutsu@home.example", "山﨑 悠")
    with clock.held_at(START):
        return make_case(
            world.ours.entry_point, text="靴の返品をお願いします。", subject="サイズ違い", sender=sender
        )


@pytest.fixture
def receipt(world: World) -> Case:
    sender = Party("other@home.example", "斎藤 一")
    with clock.held_at(START + timedelta(days=3)):
        return make_case(
            world.ours.entry_point, text="領収書を送ってください", subject="領収書", sender=sender
        )
