"""Thirty-two press the same time in the same moment: one has it, all others are told and keep what they wrote."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_reserving_pages import hidden, times
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.reservations.models import Reservation

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 32


def test_of_thirty_two_browsers_one_has_the_time(world: World) -> None:
    fitting = make_resource(make_store(world.ours.company))
    cases = [make_case(world.ours.entry_point) for _browser in range(CLIENTS)]
    day = f"{clock.now().astimezone(clock.TOKYO) + timedelta(days=1):%Y-%m-%d}"

    def pressing(place: int) -> Callable[[], Any]:
        browser = Client()
        browser.force_login(world.ours.agent)
        address = f"/cases/{cases[place].spoken_number(world.ours.company.prefix)}/reservation/"
        form = {"day": day, "resource": str(fitting.pk), "people": "1", "nights": "1", "note": f"{place}番"}
        there = text(browser.post(address, hidden(text(browser.get(address))) | form))
        chosen = form | hidden(there) | {"at": times(there)["10:00"]}
        return lambda: browser.post(address, chosen)

    answers = at_once(*[pressing(place) for place in range(CLIENTS)])

    (made,) = everything(Reservation)
    had = [place for place, answer in enumerate(answers) if answer.status_code == 302]
    assert [cases[place].pk for place in had] == [made.case_id]
    assert made.note == f"{had[0]}番"
    for place, answer in enumerate(answers):
        if place not in had:
            assert answer.status_code == 409
            assert f'value="{place}番"' in text(answer)
