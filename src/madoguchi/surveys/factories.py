"""Surveys, made for tests."""

from typing import Any

from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.surveys.actions import SaidOfSurvey, keep_survey
from madoguchi.surveys.models import Survey


def make_survey(desk: Desk, **said: Any) -> Survey:
    """A desk that asks how satisfied its customers are, or as said."""
    values = {"active": True, "satisfied": True, "easy": False, "recommends": False} | said
    with scope.acting_for([desk.company_id]):
        return keep_survey(desk, SaidOfSurvey(**values), by=system("test"))
