"""An index of what a test has made."""

from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.search.actions import index


def index_everything() -> None:
    """Do what the worker does a moment after something happened, for all there is."""
    with scope.everywhere(reason="a factory indexes what a test has made, whosever it is"):
        index(cases=list(Case.objects.values_list("pk", flat=True)))
