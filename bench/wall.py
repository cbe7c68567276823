"""The supervisors' wall while contacts come: what drawing it costs in time and CPU, against the least page there is.

A process of its own opens cases at the asked rate (20 a second); meanwhile a signed-in supervisor's wall is drawn anew
again and again, as a live page asks for it. The floor, measured in the same run and under the same load, is the head of
the console that says what one is: session, actor, one row. CPU time of the process and of the whole database stand
beside the time that passed, for others may use the machine.

Run: `.venv/bin/python bench/wall.py [--rate 20] [--seconds 30] [--waiting 2000]`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock, own_database

WALL, FLOOR = "/wall/", "/presence/"


def main() -> None:
    """Make a database of our own, fill it, and measure in a process that has known no other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=float, default=20)
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--waiting", type=int, default=2_000)
    arguments.add_argument("--part", choices=("measure", "feed"), default="")
    chosen = arguments.parse_args()
    if chosen.part:
        import django

        django.setup()
        (measure if chosen.part == "measure" else feed)(chosen)
        return
    with own_database() as environ:
        settings = {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
        subprocess.run(again("measure", chosen), env=environ | settings, check=True)


def again(part: str, chosen: argparse.Namespace) -> list[str]:
    """This file once more, to do one part of the work."""
    values = ("--rate", str(chosen.rate), "--seconds", str(chosen.seconds), "--waiting", str(chosen.waiting))
    return [sys.executable, __file__, "--part", part, *values]


def feed(chosen: argparse.Namespace) -> None:
    """Open cases at the rate, each at its moment or as soon after as can be; say how many came of it."""
    from madoguchi.cases.factories import make_case
    from madoguchi.companies.models import EntryPoint
    from madoguchi.infra import scope

    with scope.everywhere(reason="a benchmark"):
        point = EntryPoint.objects.select_related("desk", "company").earliest("pk")
    begun, count = time.perf_counter(), 0
    while (now := time.perf_counter() - begun) < chosen.seconds:
        if now * chosen.rate >= count:
            make_case(point)
            count += 1
        else:
            time.sleep(count / chosen.rate - now)
    print(f"{count / chosen.seconds:.1f} contacts a second came in", flush=True)


def measure(chosen: argparse.Namespace) -> None:
    """Draw the wall and the least page by turns while cases come; print a line for each."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from madoguchi.cases.factories import make_case
    from madoguchi.people.factories import make_world

    settings.ALLOWED_HOSTS = ["*"]
    world = make_world()
    for _one in range(chosen.waiting):
        make_case(world.ours.entry_point)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"HX-Request": "true"})
    client.force_login(world.ours.supervisor, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert connection.connection is not None
    database = DatabaseClock(connection.connection)
    for address in (WALL, FLOOR):
        assert client.get(address).status_code == 200
    feeder = subprocess.Popen(again("feed", chosen))
    shown: dict[str, list[tuple[float, float]]] = {WALL: [], FLOOR: []}
    while feeder.poll() is None:
        for address, found in shown.items():
            found.append(drawn(lambda address=address: client.get(address)))
    idle = {address: [cost_of_database(database, client, address) for _ in range(10)] for address in shown}
    for address, found in shown.items():
        report(address, found, idle[address])
    walls, least = (statistics.median(cpu for _time, cpu in shown[one]) for one in (WALL, FLOOR))
    print(f"the wall: {walls / least:.1f} × the least page; load of the machine {os.getloadavg()[0]:.1f}")


def drawn(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds that passed, and those of this process's CPU."""
    time_begun, cpu_begun = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - time_begun) * 1e3, (time.process_time() - cpu_begun) * 1e3


def cost_of_database(database: DatabaseClock, client: object, address: str) -> float:
    """CPU milliseconds of the database for ten draws, one of them, when nothing else comes."""
    begun = database.seconds()
    for _one in range(10):
        client.get(address)  # type: ignore[attr-defined]
    return (database.seconds() - begun) * 100


def report(address: str, found: list[tuple[float, float]], idle: list[float]) -> None:
    """One line."""
    took = sorted(passed for passed, _cpu in found)
    cpu = statistics.median(cpu for _passed, cpu in found)
    p95 = took[int(len(took) * 0.95)]
    print(
        f"{address:<11}{len(found):>5} draws: {statistics.median(took):7.1f} ms, p95 {p95:7.1f} ms;"
        f" CPU {cpu:5.1f} ms, of the database {statistics.median(idle):5.1f} ms"
    )


if __name__ == "__main__":
    main()
