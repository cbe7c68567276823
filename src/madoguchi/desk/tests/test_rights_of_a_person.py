"""From a case to what its customer may demand of their data: for those who see to that, and for nobody else."""

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
LINK = "この方の情報の開示・消去"


@pytest.mark.parametrize(
    ("who", "times"),
    [("agent", 0), ("supervisor", 0), ("manager", 0), ("company_staff", 0), ("company_manager", 1)],
)
def test_who_sees_to_demands_gets_there_from_the_case(world: World, who: str, times: int) -> None:
    case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)

    page = signed_in(getattr(world.ours, who)).get(reverse("desk:case", args=[number])).content.decode()

    link = f"{reverse('administration:right_new')}?company={case.company_id}&amp;who={number}"
    assert (page.count(LINK), page.count(link)) == (times, times)


def test_an_administrator_finds_company_and_person_filled_in(world: World) -> None:
    number = make_case(world.theirs.entry_point).spoken_number(world.theirs.company.prefix)
    said = {"company": world.theirs.company.pk, "who": number}

    page = signed_in(world.administrator).get(reverse("administration:right_new"), said).content.decode()

    assert f'<option value="{world.theirs.company.pk}" selected>' in page
    assert f'<option value="{world.ours.company.pk}">' in page
    assert f'value="{number}"' in page
