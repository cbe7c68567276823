"""Figures as tests ask for them, from the log of one company."""

from datetime import timedelta

from madoguchi.insight.catalogue import definition
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Figure, Wanted, figures
from madoguchi.people.factories import Side
from madoguchi.promises.tests.living import NINE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Span(NINE - HOUR, NINE + 7 * DAY, NINE + 30 * DAY)


def figure(side: Side, name: str, version: str = "", *, span: Span = WEEK, **narrower: object) -> Figure:
    """A figure of a company over a week."""
    with side.scope():
        wanted = Wanted(company=side.company.pk, span=span, **narrower)  # type: ignore[arg-type]
        [found] = figures(wanted, [definition(name, version)])
        return found


def sums(found: Figure) -> tuple[float | None, float] | None:
    """What is divided, and by what."""
    return (found.reckoned.over, found.reckoned.under) if found.reckoned else None
