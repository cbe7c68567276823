"""How many people a desk's calls need, and where a desk of one's own pays: a calculator that begins with what was."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.companies.models import Desk
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Wanted, records_of
from madoguchi.insight.records import Call
from madoguchi.kernel import clock
from madoguchi.routing.erlang import ErlangA, ErlangC
from madoguchi.routing.planning import (
    MOST_SECONDS,
    MOST_TARGET,
    Tariff,
    break_even,
    cheapest,
    pays_from,
    people_within,
    read_tariffs,
    rostered,
)

LOOKED_AT, SLOT = timedelta(days=28), timedelta(minutes=30)
# What stands there where nothing was: half an hour of a usual desk.
USUAL = {"calls": 20, "handle": 300, "target": 20, "share": 80, "shrinkage": 30, "occupancy": 88}


class PlanningForm(forms.Form):
    """Half an hour of calls, what is wanted of it, and what a month costs here and elsewhere."""

    calls = forms.FloatField(label=gettext_lazy("Calls in half an hour"), min_value=0.1, max_value=10_000)
    handle = forms.FloatField(
        label=gettext_lazy("Seconds that one takes, wrapping up included"),
        min_value=1,
        max_value=MOST_SECONDS,
    )
    target = forms.FloatField(
        label=gettext_lazy("Answered within so many seconds"), min_value=0, max_value=MOST_TARGET
    )
    share = forms.FloatField(label=gettext_lazy("Of so many percent"), min_value=1, max_value=99.9)
    patience = forms.FloatField(
        label=gettext_lazy("Seconds after which callers give up, on average"),
        required=False,
        min_value=1,
        max_value=MOST_SECONDS,
        help_text=gettext_lazy("Empty: nobody gives up, which needs more people than there is need for."),
    )
    shrinkage = forms.FloatField(
        label=gettext_lazy("Shrinkage (percent)"),
        min_value=0,
        max_value=99,
        help_text=gettext_lazy(
            "The part of paid time that is not spent at the queue: leave, breaks, training."
        ),
    )
    occupancy = forms.FloatField(
        label=gettext_lazy("Occupancy at most (percent)"),
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("How busy people may be at the queue. Above 88 to 90 nobody keeps it up."),
    )
    month = forms.IntegerField(
        label=gettext_lazy("Calls in a month"), required=False, min_value=0, max_value=10_000_000
    )
    fixed = forms.IntegerField(
        label=gettext_lazy("What a desk of one's own costs a month (yen)"),
        required=False,
        min_value=0,
        max_value=10_000_000_000,
    )
    own = forms.IntegerField(
        label=gettext_lazy("And each call there (yen)"), required=False, min_value=0, max_value=1_000_000
    )
    price = forms.IntegerField(
        label=gettext_lazy("Price of a call elsewhere (yen)"),
        required=False,
        min_value=0,
        max_value=1_000_000,
    )
    tariffs = forms.CharField(
        label=gettext_lazy("Tariffs"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A line each: name: yen a month / calls included / yen for each further one."),
    )

    def clean_tariffs(self) -> list[Tariff]:
        """The tariffs, or which line makes no sense."""
        try:
            return read_tariffs(self.cleaned_data["tariffs"])
        except ValueError as error:
            words = _(
                "This line makes no sense: %(line)s. Write a name, a colon and three numbers between slashes, as in"
                " “Light: 100,000 / 500 / 300” (yen a month / calls included / yen for each further one)."
            ) % {"line": str(error)}
            raise forms.ValidationError(words) from None

    def clean(self) -> dict[str, Any]:
        """Prices are of so many calls: where there are tariffs, the number is asked for."""
        said = super().clean() or self.cleaned_data
        if said.get("tariffs") and "month" in said and said["month"] is None:
            self.add_error("month", _("Enter how many calls come in a month: the price depends on it."))
        return said


@dataclass(frozen=True, slots=True)
class Needed:
    """What one formula says: people at the queue and on the roster, and what is to be expected of so many."""

    name: str
    people: int
    rostered: int
    share: float
    gives_up: float
    wait: float
    busy: float


def begun(desk: Desk | None) -> dict[str, Any]:
    """What stands in the form to begin with: of a desk its busiest half hour and its month, as the last weeks were."""
    if desk is None:
        return dict(USUAL)
    now = clock.now()
    wanted = Wanted(company=desk.company_id, span=Span(now - LOOKED_AT, now, now), desks=frozenset({desk.pk}))
    calls = [one for one in records_of(Call, wanted) or () if isinstance(one, Call) and not one.turn]
    return USUAL | _measured(calls)


@dataclass(frozen=True, slots=True)
class Price:
    """What a month costs by a tariff, the desk of one's own among them, and in words from where on that one pays."""

    name: str
    yen: int
    pays: str = ""


def needed_of(said: dict[str, Any]) -> list[Needed]:
    """How many people are needed, by Erlang C and, where callers give up, by Erlang A. Raises ValueError where no
    number of them suffices.
    """
    rate, handle, share = said["calls"] / SLOT.total_seconds(), said["handle"], said["share"] / 100

    def by_c(agents: int) -> ErlangC:
        return ErlangC(rate=rate, handle=handle, agents=agents)

    def by_a(agents: int) -> ErlangA:
        return ErlangA(rate=rate, handle=handle, patience=said["patience"], agents=agents)

    most, target = said["occupancy"] / 100, said["target"]
    found = [_needed("Erlang C", by_c(people_within(share, target, by_c, occupancy=most)), said)]
    if said["patience"]:
        found.append(_needed("Erlang A", by_a(people_within(share, target, by_a, occupancy=most)), said))
    return found


def cost_of(said: dict[str, Any]) -> dict[str, Any]:
    """The price of a month by each tariff and at a desk of one's own, the cheapest, and from how many calls on the
    latter pays.
    """
    month, tariffs = said["month"] or 0, [*said["tariffs"], *_own(said)]
    asked = None not in (said["fixed"], said["own"], said["price"])
    return {
        "prices": [Price(one.name, one.price(month), _pays(said, one)) for one in tariffs],
        "best": cheapest(tariffs, month).name if tariffs else "",
        "asked": asked,
        "even": break_even(said["fixed"], said["own"], said["price"]) if asked else None,
    }


def _own(said: dict[str, Any]) -> list[Tariff]:
    """A desk of one's own as a tariff, where it is said what it costs: so much a month, and for each call."""
    fixed, own = said["fixed"], said["own"]
    return [] if None in (fixed, own, said["month"]) else [Tariff(_("A desk of one's own"), fixed, 0, own)]


def _pays(said: dict[str, Any], tariff: Tariff) -> str:
    """From where on a desk of one's own costs no more than a tariff, in words; nothing where that is not known."""
    if tariff not in said["tariffs"] or not _own(said):
        return ""
    calls = pays_from(said["fixed"], said["own"], tariff)
    if calls is None:
        return _("The tariff stays cheaper")
    return _("From %(calls)s calls a month on") % {"calls": f"{calls:,}"} if calls else _("Always")


def _needed(name: str, queue: ErlangA | ErlangC, said: dict[str, Any]) -> Needed:
    return Needed(
        name=name,
        people=queue.agents,
        rostered=rostered(queue.agents, said["shrinkage"] / 100),
        share=100 * queue.service_level(said["target"]),
        gives_up=100 * queue.abandonment() if isinstance(queue, ErlangA) else 0.0,
        wait=queue.wait(),
        busy=100 * queue.occupancy(),
    )


def _measured(calls: list[Call]) -> dict[str, Any]:
    """The busiest half hour of a day, on average over the days on which somebody called; how long one took; and how
    long callers wait until they give up: all their waiting, by how many did.
    """
    by_slot: dict[int, int] = defaultdict(int)
    days: set[date] = set()
    for at in (one.at.astimezone(clock.TOKYO) for one in calls if one.at):
        by_slot[at.hour * 2 + at.minute // 30] += 1
        days.add(at.date())
    found: dict[str, Any] = {}
    if days:
        found["calls"] = round(max(by_slot.values()) / len(days), 1)
        found["month"] = round(len(calls) * 30 / LOOKED_AT.days)
    answered, gone = [one.handled_for for one in calls if one.answered], sum(one.gave_up for one in calls)
    if answered:
        found["handle"] = max(1, round(sum(answered) / len(answered)))
    if gone:
        found["patience"] = max(1, round(sum(one.waited for one in calls) / gone))
    return found
