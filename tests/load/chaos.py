"""Kill -9 of web, live, worker, mail door and database in turn under load: nothing is lost, nothing double.

Run by hand: `.venv/bin/python -m tests.load.chaos [--minutes 5] [--pause 6] [--seed 1]`. It starts an installation of
its own as `madoguchi up` does, with sample data, and beside it a live process. While one part after the other is
killed, customers send mail by SMTP, an agent answers through the API, and a screen listens for what happens. At the
end it waits until everything has been handled, and says what became of each mail that a door had accepted, each
answer that the API had taken, and each event. It ends with 1 if anything is missing or double.

A sender that is killed after the other side's 250 and before it could note it has to send again (RFC 5321, 6.1): such
a repeat bears the same Message-ID, by which a receiver knows it. Those are counted apart.
"""

import argparse
import random
import sys
import threading
import time

from tests.load.installation import Installation
from tests.load.people import Agent, Customers, Screen
from tests.load.sink import Sink
from tests.load.verdict import Verdict

QUIET_SECONDS = 240


def main() -> None:
    """One run."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--pause", type=float, default=6, help="seconds between two killings")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with Sink() as sink, Installation(sink.port) as house:
        customers, agent, screen = Customers(house, asked.seed), Agent(house), Screen(house)
        enough = threading.Event()
        crowd = [threading.Thread(target=each.work, args=[enough]) for each in (*customers.senders(2), agent)]
        listening = threading.Thread(target=screen.work, args=[enough], daemon=True)
        for one in (*crowd, listening):
            one.start()
        kill_in_turn(
            house, random.Random(asked.seed), until=time.monotonic() + asked.minutes * 60, pause=asked.pause
        )
        enough.set()
        for one in crowd:
            one.join()
        verdict = Verdict(house, customers, agent, screen, sink)
        verdict.wait_until_quiet(QUIET_SECONDS)
        sys.exit(verdict.told())


def kill_in_turn(house: Installation, dice: random.Random, *, until: float, pause: float) -> None:
    """One process of one part after the other, whichever of its processes chance picks."""
    parts = house.parts()
    while time.monotonic() < until:
        for part in parts:
            time.sleep(pause * dice.uniform(0.5, 1.5))
            house.kill(part, dice)


if __name__ == "__main__":
    main()
