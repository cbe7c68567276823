"""How one wishes to be told, on the page."""

from datetime import time

import pytest
from django.test import Client

from madoguchi.desk.tests.conftest import counted
from madoguchi.following.models import Way, Wishes
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
PAGE = "/notifications/wishes/"


def test_each_kind_has_its_way_and_what_is_collected_its_time(agent: Client, world: World) -> None:
    form = {
        "mentioned": "mail",
        "assigned": "digest",
        "followed": "none",
        "collected": "daily",
        "digest_at": "16:30",
    }

    answer = agent.post(PAGE, form | {"follows_own": "1"})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    [wishes] = Wishes.objects.all()
    assert (wishes.user_id, wishes.follows_own, wishes.in_browser) == (world.ours.agent.pk, True, False)
    assert (wishes.mentioned, wishes.assigned, wishes.approval, wishes.task, wishes.followed) == (
        Way.MAIL,
        Way.DIGEST,
        Way.BELL,
        Way.BELL,
        Way.NONE,
    )
    assert (wishes.hourly, wishes.digest_at) == (False, time(16, 30))
    with counted() as cost:
        page = agent.get(PAGE).content.decode()
    assert len(cost) <= 8
    assert '<option value="mail" selected>画面とメール（すぐに）</option>' in page
    assert 'name="digest_at" value="16:30"' in page
    assert f"メールは {world.ours.agent.email} に届きます。" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"mentioned": "pigeon"}, "通知の方法を選んでください。"),
        ({"digest_at": "25:00"}, "時刻を正しく入力してください。"),
        ({"digest_at": "朝"}, "時刻を正しく入力してください。"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    agent: Client, form: dict[str, str], words: str
) -> None:
    answer = agent.post(PAGE, form)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Wishes.objects.exists()


def test_a_time_beside_hourly_is_kept_for_later(agent: Client) -> None:
    agent.post(PAGE, {"collected": "hourly", "digest_at": "08:15"})

    [wishes] = Wishes.objects.all()
    assert (wishes.hourly, wishes.digest_at) == (True, time(8, 15))
