"""Which of the calls that wait are worth a look now. Callers ask again and again for somebody, and mostly nobody is
free: what they all need to know is asked for once, however many they are.
"""

from collections import deque
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
    taken: dict[int, int] = {}
    for one in wanted:
        some = () if one.desk else rules.get(one.front, ())
        if (not one.desk and _moves(at[one.uid], some, floor)) or takes(at[one.uid].at, floor.ready, taken):
            found.add(one.uid)
    return found


def takes(desk: int, ready: Mapping[int, frozenset[int]], taken: dict[int, int]) -> bool:
    """Whether a desk can have one more of those who are ready, each of whom is somebody for one call; then it has.

    Who is `taken`, and by which desk, is no promise: where a desk has one of this one's people and could have another,
    it gets the other, however many desks that leads over. So no call is passed over for whom there is somebody yet.
    """
    # From which desk each one was come to, and for whom it would be asked.
    came: dict[int, tuple[int, int] | None] = {desk: None}
    to_ask = deque([desk])
    while to_ask:
        here = to_ask.popleft()
        if free := ready[here] - taken.keys():
            _pass_on(here, min(free), came, taken)
            return True
        for person in ready[here]:
            if taken[person] not in came:
                came[taken[person]] = (here, person)
                to_ask.append(taken[person])
    return False


def _pass_on(
    desk: int, person: int, came: Mapping[int, tuple[int, int] | None], taken: dict[int, int]
) -> None:
    """Somebody who is free goes to a desk; whom it has in return, to the desk that came for them; and so on."""
    taken[person] = desk
    while (before := came[desk]) is not None:
        desk, person = before
        taken[person] = desk


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
