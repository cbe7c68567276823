"""`madoguchi events`: every kind of event is explained, and the audit chain is checked."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection

from madoguchi.cases.factories import make_case
from madoguchi.infra import facts, scope
from madoguchi.infra.models import Event, FailedReaction, Seal
from madoguchi.infra.tries import MOST_TRIES
from madoguchi.people.factories import World
from madoguchi.project import doctor
from madoguchi.project.cli.events import events as command
from madoguchi.project.tests.shell import Shell

run = Shell(command).run
OPENED = [
    "bot.hear",
    "delivery.acknowledge",
    "following.notify",
    "promises.read_clocks",
    "routing.push",
    "rules.apply",
    "search.index",
    "shield.notice",
    "signals.look",
    "webhooks.tell",
]


class TestKinds:
    def test_each_has_a_meaning_and_its_readers(self) -> None:
        rows = [json.loads(line) for line in run("--json").stdout.splitlines()]

        assert [row["kind"] for row in rows] == sorted(facts.known())
        assert [row["kind"] for row in rows if not row["meaning"]] == []
        readers = {row["kind"]: row["reactions"] for row in rows}
        assert readers["case.opened"] == OPENED
        assert readers["case.split"] == [
            "delivery.hold",
            "promises.read_clocks",
            "search.index",
            "webhooks.tell",
        ]
        assert readers["case.handed_off"] == []

    def test_in_words(self) -> None:
        lines = run().output.splitlines()
        place = next(n for n, line in enumerate(lines) if line.startswith("case.opened "))

        assert "A new matter began" in lines[place]
        shown = lines[place + 1 : place + 1 + len(OPENED)]
        assert [line.strip() for line in shown] == [f"→ {name}" for name in OPENED]


@pytest.mark.django_db(transaction=True)
class TestRetry:
    def test_what_is_given_up_is_told_by_the_doctor_until_it_is_to_be_tried_again(
        self, world: World, database_url: str
    ) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            event = Event.objects.filter(case_id=case.pk).earliest("id")
            common = {"company_id": world.ours.company.pk, "reader": "search.index", "next_try_at": event.at}
            for event_id, tries in ((event.pk, MOST_TRIES), (event.pk + 1, 2)):
                FailedReaction.objects.create(**common, event_id=event_id, tries=tries, error=f"E({tries})")

        (told,) = doctor.failed_reactions(database_url)
        retried = [run("retry").output, run("retry").output]
        (later,) = doctor.failed_reactions(database_url)

        said = (
            f"search.index: 2 failed since {event.at:%Y-%m-%d %H:%M} UTC, 1 of them given up; the last: E(2)"
        )
        assert (told.state, told.text) == ("wrong", said)
        assert told.remedy == "Mend what the error says, then run: madoguchi events retry"
        ending = "to be tried again by the worker; `madoguchi doctor` says what still fails.\n"
        assert retried == [f"1 {ending}", f"0 {ending}"]
        assert (later.state, later.text) == ("note", said.replace("1 of them", "0 of them"))


@pytest.mark.django_db(transaction=True)
class TestVerify:
    def test_an_untouched_log_is_whole(self, world: World) -> None:
        for _ in range(3):
            make_case(world.ours.entry_point)

        result = run("verify")

        digest = bytes(Seal.objects.get().digest).hex()
        told = f"newest seal {digest}\n1 seals checked, 0 broken\n"
        assert (result.exit_code, result.output) == (0, told)
        assert run("verify", "--expect", digest).output == told
        assert Seal.objects.get().count == 6

    def test_a_chain_whose_end_was_cut_off_is_found_by_what_was_kept_of_it(self) -> None:
        result = run("verify", "--expect", "ab" * 32)

        assert result.exit_code == 1
        assert f"the seal {'ab' * 32} is no longer in the chain" in result.output
        assert run("verify", "--expect", "no digest").exit_code == 2

    def test_an_empty_log_is_whole(self, db: None) -> None:
        assert (run("verify").exit_code, run("verify").output) == (0, "0 seals checked, 0 broken\n")

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE infra_event SET actor_name = 'x' WHERE id = %s",
            "UPDATE infra_event SET at = at + interval '1 second' WHERE id = %s",
            "UPDATE infra_event SET data = '{}' WHERE id = %s",
            "DELETE FROM infra_event WHERE id = %s",
        ],
    )
    def test_what_was_changed_afterwards_is_named(
        self, world: World, as_owner: Callable[[], AbstractContextManager[None]], tampering: str
    ) -> None:
        make_case(world.ours.entry_point)
        run("verify")
        with scope.everywhere(reason="a test"):
            [first, last] = Event.objects.order_by("id")
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE infra_event DISABLE TRIGGER ALL")
            cursor.execute("ALTER TABLE infra_event NO FORCE ROW LEVEL SECURITY")
            cursor.execute(tampering, [first.pk])
            cursor.execute("ALTER TABLE infra_event FORCE ROW LEVEL SECURITY")
            cursor.execute("ALTER TABLE infra_event ENABLE TRIGGER ALL")

        result = run("verify")

        assert result.exit_code == 1
        assert f"events {first.pk} to {last.pk} are not what was sealed" in result.output
        assert result.output.splitlines()[-1] == "1 seals checked, 1 broken"
