"""Single rules of a division written, moved and left out, so that two who do so at once lose nothing of one another: a
rule is known by what it said when it was looked at, wherever it stands by now.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.routing.dividing import set_division
from madoguchi.routing.division_rules import mark_of
from madoguchi.routing.models import Division


@transaction.atomic
def put_rule(desk: Desk, rule: dict[str, Any], *, seen: str, by: Actor) -> Division:
    """Write a rule in place of the one that was `seen` (its mark), or after all others (empty). Raises as
    `set_division`, and Refused where somebody else has changed or removed that rule since.
    """
    division = _locked(desk, by)
    rules = list(division.rules)
    if not seen:
        rules.append(rule)
    elif (here := _where_now(division, seen)) is not None:
        rules[here] = rule
    else:
        raise Refused(
            _(
                "Somebody else has changed or removed this rule in the meantime. What you have written stays here:"
                " open the rules in another window, and take over what you need."
            )
        )
    return set_division(desk, rules=rules, is_on=division.is_on, by=by)


@transaction.atomic
def move_rule(desk: Desk, *, seen: str, to: str, by: Actor) -> None:
    """Ask a rule earlier (`up`) or later (`down`) than its neighbour of now, or leave it out (`away`). Raises as
    `put_rule`.
    """
    division = _locked(desk, by)
    rules, here = list(division.rules), _where_now(division, seen)
    if here is None:
        raise Refused(
            _("Somebody else has changed this in the meantime. See how it stands now, and do it again.")
        )
    rule = rules.pop(here)
    if to != "away":
        rules.insert(max(0, here - 1) if to == "up" else here + 1, rule)
    set_division(desk, rules=rules, is_on=division.is_on, by=by)


def _locked(desk: Desk, by: Actor) -> Division:
    if not by.may(Permission.DESKS, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
    Division.objects.get_or_create(desk=desk, defaults={"company_id": desk.company_id})
    return Division.objects.select_for_update().get(desk=desk)


def _where_now(division: Division, seen: str) -> int | None:
    return next((place for place, rule in enumerate(division.rules) if mark_of(rule) == seen), None)
