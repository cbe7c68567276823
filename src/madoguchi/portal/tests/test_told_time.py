"""The time that the acknowledgement told stands on the customer's own page, and no other estimate."""

from datetime import timedelta

import pytest

from madoguchi.cases.models import ReplyTime
from madoguchi.cases.reply_time import slot_of
from madoguchi.delivery.actions import acknowledge
from madoguchi.kernel import clock
from madoguchi.portal.links import sign
from madoguchi.portal.tests.conftest import OPENED_AT, all_rows, only_case, typed
from madoguchi.portal.tests.test_case_page import read

pytestmark = pytest.mark.django_db


def test_the_time_that_was_told_stands_there_in_place_of_an_estimate(visitor, form_url):
    visitor.send(form_url, typed())
    case = only_case()
    with all_rows():
        where = {"company_id": case.company_id, "desk": case.desk, "measured_at": OPENED_AT}
        ReplyTime.objects.create(slot=slot_of(OPENED_AT), seconds=5_000, cases=40, **where)
        with clock.held_at(OPENED_AT + timedelta(seconds=1)):
            assert acknowledge(case.pk, cause=1) is not None

    page = read(visitor, f"/my/{sign(case.pk, case.company_id)}/")

    assert ("お返事の目安" in page, "12:00" in page) == (False, True)
