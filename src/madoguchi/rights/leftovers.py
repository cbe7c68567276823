"""Files of the store to which nothing leads, for whoever was about to write them down was killed: they go."""

from datetime import timedelta
from functools import partial

from madoguchi.companies.models import Company
from madoguchi.infra import files, scope
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.knowledge.actions import forget_unsaved
from madoguchi.rights.erasing import is_named
from madoguchi.voice.queries import calls_going_on

# Long after what was put has been written down, or never will be.
_LATE = timedelta(days=1)
_HOURS, _SHELVES = 24, 256


def sweep(hour: int) -> int:
    """Remove half written files, recordings that no row names, and what was put into articles that nobody saved, older
    than a day; returns how many. What was recorded of a call stays as long as that is not ended, as where the disk is
    full.

    Of the recordings a part each hour, and all of them in a day. What is not encrypted stays: it is put by who names
    it in the same transaction. May be done at any time, and ended in the middle.
    """
    before, going_on = (clock.now() - _LATE).timestamp(), calls_going_on()
    gone = files.drop_drafts(before=before, spared=lambda name: name.partition("-")[0] in going_on)
    with scope.everywhere(reason="a killed process of any company may have left files"):
        companies = list(Company.objects.values_list("pk", flat=True))
    for company in companies:
        for shelf in range(hour % _HOURS, _SHELVES, _HOURS):
            if is_stopping():
                return gone
            gone += _sweep_shelf(company, f"{shelf:02x}", before)
        gone += _drop_unsaved(company)
    return gone


def _drop_unsaved(company: int) -> int:
    """What was put into an article that nobody saved."""
    with scope.acting_for([company]):
        hashes = forget_unsaved(company)
        return sum(
            files.drop_unless(partial(is_named, one, company=company), one, company=company) for one in hashes
        )


def _sweep_shelf(company: int, shelf: str, before: float) -> int:
    gone = 0
    for name in files.sealed_since(company, shelf, before=before):
        with scope.acting_for([company]):
            gone += files.drop_unless(partial(is_named, name, company=company), name, company=company)
    return gone
