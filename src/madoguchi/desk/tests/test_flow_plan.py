"""What happened to a case is read by the index of the case alone, however long the log is."""

import pytest

from madoguchi.desk import queries
from madoguchi.infra import scope

pytestmark = pytest.mark.django_db


def test_moments_are_asked_for_in_a_way_that_no_index_by_time_answers() -> None:
    with scope.everywhere(reason="only the statement is read"):
        statement = queries._TOLD._compile("some").statement

    assert '"infra_event"."at" >=' not in statement
    assert '"infra_event"."at" <' not in statement
    assert 'COALESCE("infra_event"."at", "infra_event"."at") >= ($' in statement
    assert 'COALESCE("infra_event"."at", "infra_event"."at") < ($' in statement
