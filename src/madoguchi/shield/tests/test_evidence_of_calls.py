"""Which cases keep their recordings, for they may be evidence."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.people.factories import World
from madoguchi.shield.models import Mark
from madoguchi.shield.queries import cases_with_marks

pytestmark = pytest.mark.django_db


def test_a_mark_spares_all_that_went_on_in_one_case(world: World, marked: Mark) -> None:
    with world.ours.scope():
        # given a marked case that went on in another, into which a third had gone on too; and one beside them
        into, third, beside = (make_case(world.ours.entry_point) for _n in range(3))
        Case.objects.filter(pk__in=[marked.case_id, third.pk]).update(continued_in=into)
        among = {marked.case_id, into.pk, third.pk, beside.pk}

        assert cases_with_marks(among) == {marked.case_id, into.pk, third.pk}

        Mark.objects.update(state=Mark.State.CLEARED)
        assert cases_with_marks(among) == set()
