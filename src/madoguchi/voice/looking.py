"""Which of the calls that wait are worth a look now. Callers ask again and again for somebody, and mostly nobody is
free: what they all need to know is asked for once, however many they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from madoguchi.kernel import clock
from madoguchi.routing.division import Rule
from madoguchi.routing.division_queries import desks_of_divisions
from madoguchi.routing.division_rules import read_rules
from madoguchi.routing.models import Division
from madoguchi.voice.floor import Floor, floor_of
from madoguchi.voice.models import Call
from madoguchi.voice.whereto import Where, whereto


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call to a number of the desk `front` for which somebody is wanted: at a `desk` that is wished (0: none)."""

    uid: str
    front: int
    desk: int = 0


def worth_a_look(wanted: Sequence[Wanted]) -> set[str]:
    """Those of these calls of one company, in their order, for which somebody may be free, or that are to be elsewhere.
    So many queries as there are of one.
    """
    calls = Call.objects.filter(uid__in=[one.uid for one in wanted if not one.desk])
    known = {uid: (desk, divided) for uid, desk, divided in calls.values_list("uid", "desk_id", "divided")}
    rules = _rules_of({one.front for one in wanted})
    at = {one.uid: _where(one, known) for one in wanted}
    places = {place.desk for some in rules.values() for rule in some for place in rule.places}
    floor = floor_of([*{one.at for one in at.values()} | {one.front for one in at.values()} | places])
    found: set[str] = set()
    # Each who is ready is somebody for one of them.
    taken: set[int] = set()
    for one in wanted:
        some = () if one.desk else rules.get(one.front, ())
        moves = not one.desk and _moves(at[one.uid], some, floor)
        free = floor.ready[at[one.uid].at] - taken
        taken.update([min(free)] if free and not moves else [])
        if moves or free:
            found.add(one.uid)
    return found


def _where(one: Wanted, known: Mapping[str, tuple[int, Sequence[Mapping[str, object]]]]) -> Where:
    at, divided = known.get(one.uid, (one.desk or one.front, ()))
    return Where(at, one.front, divided)


def _moves(where: Where, rules: Sequence[Rule], floor: Floor) -> bool:
    return (
        whereto(where, rules, floor.loads, lambda desk: bool(floor.ready.get(desk)), clock.now()) is not None
    )


def _rules_of(fronts: set[int]) -> dict[int, list[Rule]]:
    """The rules in use, by desk. Two queries, one where there are none."""
    divisions = list(Division.objects.filter(desk__in=fronts, is_on=True))
    desks = desks_of_divisions(divisions) if divisions else {}
    return {
        one.desk_id: read_rules(one.rules, among=[desk for desk in desks if desk != one.desk_id])
        for one in divisions
    }
