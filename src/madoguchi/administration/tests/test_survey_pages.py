"""Setting up what customers are asked once their case is solved."""

import pytest

from madoguchi.administration.tests.conftest import Browser
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.surveys.models import Survey

pytestmark = pytest.mark.django_db


def test_a_desk_is_set_up_changed_and_its_page_leads_there(world: World, signed_in: Browser) -> None:
    desk, manager = world.ours.desk, signed_in(world.ours.company_manager)
    address = f"/administration/desks/{desk.pk}/survey/"
    assert f'href="{address}"' in manager.get(f"/administration/desks/{desk.pk}/").content.decode()
    assert manager.get(address).status_code == 200

    given = {"active": "on", "satisfied": "on", "easy": "on", "review_url": "https://reviews.example/"}
    assert manager.post(address, given).status_code == 302
    assert manager.post(address, given | {"recommends": "on", "easy": ""}).status_code == 302

    with world.ours.scope():
        survey = Survey.objects.get()
        told = [one.data["changes"] for one in Event.objects.filter(kind="survey.kept").order_by("id")]
    assert (survey.desk_id, survey.active, survey.satisfied, survey.recommends) == (desk.pk, True, True, True)
    assert told == [
        {"active": [False, True], "easy": [False, True], "review_url": ["", "https://reviews.example/"]},
        {"easy": [True, False], "recommends": [False, True]},
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"active": "on"}, "質問を1つ以上"),
        ({"satisfied": "on", "review_url": "http://reviews.example/"}, "https://"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_kept(
    world: World, signed_in: Browser, given: dict[str, str], words: str
) -> None:
    address = f"/administration/desks/{world.ours.desk.pk}/survey/"

    answer = signed_in(world.ours.company_manager).post(address, given)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    with world.ours.scope():
        assert not Survey.objects.exists()


def test_a_desk_of_elsewhere_and_who_sets_nothing_up_find_nothing(world: World, signed_in: Browser) -> None:
    theirs = f"/administration/desks/{world.theirs.desk.pk}/survey/"
    ours = f"/administration/desks/{world.ours.desk.pk}/survey/"

    assert signed_in(world.ours.company_manager).get(theirs).status_code == 404
    assert signed_in(world.ours.agent).get(ours).status_code == 403
