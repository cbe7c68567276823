"""What is there once everything is quiet, against what was accepted."""

import re
import subprocess
import time
from collections import Counter
from typing import Any

import psycopg

from tests.load.installation import ADDRESS, Installation
from tests.load.people import Agent, Customers, Screen
from tests.load.sink import Sink

_BUSY = """
    SELECT (SELECT count(*) FROM intake_arrival WHERE state = 'stored'),
        (SELECT count(*) FROM delivery_outgoing WHERE state IN ('queued', 'sending'))
"""
_MAILS = "SELECT external_id, case_id FROM cases_message WHERE external_id = ANY(%s)"
_ANSWERS = "SELECT text FROM cases_message WHERE author = 'staff' AND text LIKE '%%answer-%%'"
_SENT = "SELECT external_id, state FROM delivery_outgoing WHERE channel = 'email' AND created_at >= %s"
_EVENTS = """
    SELECT id FROM infra_event WHERE kind IN ('case.opened', 'message.received', 'message.sent') AND id > %s
    AND desk_id = (SELECT desk_id FROM companies_entrypoint WHERE address = %s)
"""
_TOLD_SECONDS = 30
_KEY = re.compile(r"answer-[a-p]{32}")


Session = psycopg.Connection[tuple[Any, ...]]


class Verdict:
    """Compares, once it is quiet."""

    def __init__(
        self, house: Installation, customers: Customers, agent: Agent, screen: Screen, sink: Sink
    ) -> None:
        self.house, self.customers, self.agent, self.screen, self.sink = house, customers, agent, screen, sink
        self.wrong: list[str] = []

    def wait_until_quiet(self, seconds: float) -> None:
        """Until nothing waits to be handled or sent; says what is left when that takes too long."""
        deadline, left = time.monotonic() + seconds, (-1, -1)
        while time.monotonic() < deadline:
            try:
                with self.house.database() as database:
                    left = database.execute(_BUSY).fetchone() or left
                if not any(left):
                    return
            except psycopg.OperationalError:
                pass
            time.sleep(1)
        self._found(f"after {seconds:g} s {left[0]} mails wait to be handled and {left[1]} to be sent")

    def told(self) -> int:
        """Print what was found; 1 if anything is wrong."""
        with self.house.database() as database:
            self._mails(database)
            self._answers(database)
            self._left(database)
            self._screen(database)
        self._log()
        killed = ", ".join(f"{part} {times}" for part, times in self.house.killed.items())
        print(f"killed: {killed}; cut off meanwhile: customers {self.customers.refusals} times,")
        print(
            f"the agent {self.agent.refusals}, the screen {self.screen.came_back} ({self.screen.reloads} reloads)"
        )
        for line in self.wrong:
            print(f"WRONG: {line}")
        print("nothing lost, nothing double" if not self.wrong else f"{len(self.wrong)} things wrong")
        return int(bool(self.wrong))

    def _mails(self, database: Session) -> None:
        taken = self.customers.taken
        rows = database.execute(_MAILS, [taken]).fetchall()
        there, cases = Counter(row[0] for row in rows), dict(rows)
        for key in taken:
            if there[key] != 1:
                self._found(f"the mail {key} is there {there[key]} times")
        parted = [k for k, parent in self.customers.parents.items() if cases.get(k) != cases.get(parent)]
        for key in parted:
            self._found(f"the mail {key} is not in the case of what it answers")
        answers = len(self.customers.parents)
        right = f"{answers - len(parted)} of {answers} in the case of what they answer"
        print(f"{len(taken)} mails accepted, {sum(there.values())} there; {right}")

    def _answers(self, database: Session) -> None:
        there = Counter(key for (text,) in database.execute(_ANSWERS, []) for key in _KEY.findall(text))
        for key in {*self.agent.taken, *there}:
            if there[key] != 1:
                self._found(f"the answer {key} is there {there[key]} times")
        others = ", ".join(f"{times} × {what}" for what, times in self.agent.others.items()) or "none"
        print(f"{len(self.agent.taken)} answers taken, {sum(there.values())} there; not taken: {others}")

    def _left(self, database: Session) -> None:
        rows = dict(database.execute(_SENT, [self.house.began]).fetchall())
        came = self.sink.came
        for key, state in rows.items():
            if state != "sent" or not came[key]:
                self._found(f"{key} is {state} and came {came[key]} times")
        for key in came.keys() - rows.keys():
            self._found(f"{key} came and is not known here")
        again = sum(times - 1 for times in came.values())
        print(
            f"{len(rows)} mails sent, {len(came)} came, {again} of them once more under the same Message-ID"
        )

    def _screen(self, database: Session) -> None:
        happened = [row[0] for row in database.execute(_EVENTS, [self.screen.first, ADDRESS])]
        deadline = time.monotonic() + _TOLD_SECONDS
        while (missed := [e for e in happened if e not in self.screen.told]) and time.monotonic() < deadline:
            time.sleep(0.2)  # one that comes back is told a moment later of what it missed
        if missed:
            place = f"{missed[0]}, the last {happened[-1]}"
            self._found(f"the screen was not told of {len(missed)} of {len(happened)} events, first {place}")
        print(f"{len(happened)} events for the screen, told of {len(happened) - len(missed)}")

    def _log(self) -> None:
        try:
            print(self.house.cli("events", "verify").strip())
        except subprocess.CalledProcessError as error:
            self._found(f"events verify: {error}")

    def _found(self, what: str) -> None:
        self.wrong.append(what)
