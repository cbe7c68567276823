"""An index of what a test has made."""

from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.search.actions import index
from madoguchi.search.models import Progress


def index_everything() -> None:
    """Do what the worker does a moment after something happened, for all there is."""
    with scope.everywhere(reason="a factory indexes what a test has made, whosever it is"):
        cases = list(Case.objects.order_by("pk").values_list("pk", flat=True))
        index(cases=cases)
        Progress.objects.update(done=cases[-1] if cases else 0, finished=True)
