"""What the sample desks keep towards their customers, by their own hours, and the clocks of what is to be done."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import read_clocks_of, set_levels, switch_levels
from madoguchi.sample import world
from madoguchi.sample.world import TEXTS, sample_world

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Those in which a customer waits are read here and now, the youngest first, then others as far as a newcomer's patience
# goes; the rest are read when something happens to them.
_MOST = 120


def keep(desks: Mapping[str, Desk], people: Mapping[str, User]) -> None:
    """Say what each desk keeps, and take it into use: the company's manager does."""
    for row in tomllib.loads((TEXTS / "levels.toml").read_text("utf-8"))["desk"]:
        desk = sample_world().desk(row["key"])
        by = actor_of(next(people[p.key] for p in sample_world().people if _manages(p, desk.company)))
        text = json.dumps(_document(desk, row["policy"]), ensure_ascii=False, indent=2) + "\n"
        switch_levels(set_levels(desks[row["key"]], text=text, by=by), active=True, by=by)


def wind(desks: Mapping[str, Desk], *, now: datetime) -> None:
    """Read the clocks of cases that are not solved."""
    active = Case.objects.filter(desk__in=[desk.pk for desk in desks.values()], status__in=ACTIVE)
    first = (F("waiting_since").desc(nulls_last=True), "-opened_at", "-id")
    with clock.held_at(now):
        read_clocks_of(active.order_by(*first).values_list("id", flat=True)[:_MOST])


def _manages(person: world.Person, company: str) -> bool:
    return person.role == "company_manager" and person.organisation == company


def _document(desk: world.Desk, policies: list[dict[str, Any]]) -> dict[str, Any]:
    hours = zip(_DAYS, desk.opens, desk.closes, strict=True)
    week = {day: f"{opens:02}:00-{closes:02}:00" for day, opens, closes in hours if closes}
    rests = {} if len(week) == len(_DAYS) else {"holidays": "JP", "closed": ["12-29/01-03"]}
    return {
        "calendars": {desk.hours: {"week": week} | rests},
        "policies": [{"name": policy["name"], "calendar": desk.hours} | policy for policy in policies],
    }
