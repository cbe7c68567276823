"""The small steps of writing actions."""

from datetime import date

import pytest

from madoguchi.companies.factories import make_operator
from madoguchi.companies.models import Engagement, OperatorCompany
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World


def test_only_what_differs_is_written_and_told(world: World) -> None:
    engagement = world.ours.engagement
    with world.ours.scope():
        told = set_changed(engagement, ends_on=date(2027, 3, 31), model=engagement.model)
        kept = Engagement.objects.get(pk=engagement.pk)
    assert told == {"ends_on": [None, "2027-03-31"]}
    assert kept.ends_on == date(2027, 3, 31)


def test_nothing_is_written_when_nothing_differs(world: World, django_assert_num_queries: object) -> None:
    operator = world.ours.operator
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert set_changed(operator, name=operator.name) == {}


def test_what_exists_already_is_refused_in_our_words(db: None) -> None:
    make_operator(name="みどり")
    with pytest.raises(Refused) as refused, unique("その名前は使われています。", field="name"):
        OperatorCompany.objects.create(name="みどり")
    assert (str(refused.value), refused.value.field) == ("その名前は使われています。", "name")
    assert OperatorCompany.objects.filter(name="みどり").count() == 1
