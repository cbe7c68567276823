"""What a customer's page says of the shield comes with their case, and costs no query where there is none."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.portal.tests.test_case_page import case, url
from madoguchi.shield.conduct import approve_policy, write_policy

__all__ = ["case", "url"]
pytestmark = pytest.mark.django_db


def test_a_policy_costs_the_page_no_query_and_a_mark_only_its_own(
    visitor: Any, case: Case, url: str, world: World
) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for([case.company_id]):
        policy = write_policy(world.ours.company, text="お控えください。", quoted="", by=by)
        written_only = visitor.open(url).content.decode()
        approve_policy(world.ours.company, version=policy.version, by=by)

    with CaptureQueriesContext(connection) as asked:
        approved = visitor.open(url).content.decode()

    link = f"/conduct/{world.ours.company.slug}/"
    assert (link in written_only, link in approved) == (False, True)
    assert sum(query["sql"].startswith('SELECT "') for query in asked) == 7
