"""Who answers what: assignments a second with many people and a long queue, against two heaps without any rule.

So many cases wait, of so many kinds (skills, languages, targets), and so many people are here, some of whom know more.
*Given out*: all that can be is given out at once, as a push does. *Taken*: people ask one after the other, as a pull
does; of one case in five it is known who answered last. *Each due by itself*: no two cases have the same time, as where
calendars decide it. The floor takes the first of a heap of cases and the first of a heap of people and puts the person
back: no skill, no language, nobody who answered last.

Run: `.venv/bin/python bench/routing.py [--people 1000] [--waiting 10000] [--kinds 20]`; no database. With `--database`
it is the product that is asked instead, claim and facts included (`claims.py`), against one UPDATE and two facts of
plain SQL in the same run; it ends with 1 where that is over its bound.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
sys.path.insert(0, str(Path(__file__).parent))

import claims
from ground import own_database

from madoguchi.routing.logic import Floor, Order, Person, Policy, Waiting

NOW = 100_000.0
DESK = 1
ROUNDS = 3
TAKEN = 60


def queue(count: int, *, kinds: int, people: int, random: Random, apart: bool = False) -> list[Waiting]:
    """Cases of so many kinds; of one in five it is known who answered last. `apart`: each has a time of its own."""
    skills = [frozenset({(f"skill{n % 10}", 1 + n % 3)}) if n % 2 else frozenset() for n in range(kinds)]
    made = []
    for number in range(count):
        kind, since = random.randrange(kinds), NOW - random.randrange(1, 50_000)
        due = since + 3600 * (1 + kind % 4) + (number / 7 if apart else 0)
        last = random.randrange(people) if random.random() < 0.2 else None
        made.append(
            Waiting(
                id=number,
                desk=DESK,
                since=since,
                due=due,
                needs=skills[kind],
                language=("ja", "en")[kind % 7 == 0],
                last=last,
            )
        )
    return made


def staff(count: int, random: Random) -> list[Person]:
    """People who know nothing up to four things."""
    return [
        Person(
            id=number,
            desks=frozenset({DESK}),
            skills={f"skill{random.randrange(10)}": 3 for _ in range(random.randrange(5))},
            languages=frozenset({"ja"} if random.random() < 0.7 else {"ja", "en"}),
            free_since=random.uniform(0, NOW),
        )
        for number in range(count)
    ]


def best(work: Callable[[], int]) -> float:
    """Assignments a CPU second, the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        given = work()
        found.append(given / (time.process_time() - start))
    return max(found)


def floor_of(cases: list[Waiting], count: int) -> int:
    """The two heaps."""
    waits = [(-(NOW - case.since), case.id) for case in cases]
    people = [(0, number) for number in range(count)]
    heapify(waits)
    heapify(people)
    for _ in cases:
        heappop(waits)
        taken, number = people[0]
        heapreplace(people, (taken + 1, number))
    return len(cases)


def filled(cases: list[Waiting], people: list[Person]) -> Floor:
    """All of them, anew."""
    policy = Policy(order=Order.URGENCY)
    made = Floor({DESK: policy}, [Person(**{n: getattr(p, n) for n in Person.__slots__}) for p in people])
    for case in cases:
        made.wait(case)
    return made


def given_out(cases: list[Waiting], people: list[Person]) -> int:
    """As a push gives out; filling the floor counts."""
    return len(filled(cases, people).match(DESK, NOW))


def taken(floor: Floor) -> int:
    """As people ask, one after the other."""
    people, count = list(floor.people.values()), 0
    for n in range(TAKEN):
        person = people[n % len(people)]
        count += floor.next_for(person, NOW) is not None
    return count


def main() -> None:
    """Print a line for each way."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--waiting", type=int, default=10_000)
    arguments.add_argument("--kinds", type=int, default=20)
    arguments.add_argument("--database", choices=("own", "filled"), nargs="?", const="own")
    asked = arguments.parse_args()
    if asked.database:
        sys.exit(through_database(asked))
    random = Random(1)
    cases = queue(asked.waiting, kinds=asked.kinds, people=asked.people, random=random)
    people = staff(asked.people, random)
    ground = best(lambda: floor_of(cases, asked.people))
    print(f"{asked.waiting:,} wait, {asked.people:,} people; two heaps: {ground:,.0f} a CPU second")
    report("given out", best(lambda: given_out(cases, people)), ground)
    report("taken", best(lambda: taken(filled(cases, people))), ground)
    apart = queue(asked.waiting, kinds=asked.kinds, people=asked.people, random=random, apart=True)
    report("given out, each due by itself", best(lambda: given_out(apart, people)), ground)
    report("taken, each due by itself", best(lambda: taken(filled(apart, people))), ground)


def through_database(asked: argparse.Namespace) -> int:
    """In a process that has known no other database than one made for it; how it ended."""
    sizes = {"people": asked.people, "waiting": asked.waiting, "kinds": asked.kinds}
    if asked.database == "filled":
        return 0 if claims.measure(**sizes) else 1
    words = [word for name, count in sizes.items() for word in (f"--{name}", str(count))]
    with own_database() as environ:
        settings = {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
        again = [sys.executable, __file__, "--database", "filled", *words]
        return subprocess.run(again, env=environ | settings, check=False).returncode


def report(name: str, found: float, ground: float) -> None:
    """One line."""
    print(f"{name:<32}{found:>10,.0f} a CPU second, 1/{ground / found:.0f} of two heaps", flush=True)


if __name__ == "__main__":
    main()
