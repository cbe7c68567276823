"""What cannot be handled for a reason that says nothing of it is put off, but not for ever."""

from typing import Any

import pytest
from django.db import connection

from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.actions import handle_left_over, handle_many, handling, retry
from madoguchi.intake.models import Arrival
from madoguchi.intake.tests.test_handling import arrive, kinds, mail, store
from madoguchi.kernel.channel import Inbound
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_what_is_put_off_all_day_goes_to_quarantine_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the server stops the statement each time."""
    monkeypatch.setattr(handling, "MOST_PUT_OFF", 2)
    real = handling.look_up

    def too_slow(inbound: Inbound, **more: Any) -> Any:
        if inbound.subject == "matter 1":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 1")
                cursor.execute("SELECT pg_sleep(10)")
        return real(inbound, **more)

    monkeypatch.setattr(handling, "look_up", too_slow)
    kept, seen = store(world.ours, mail()), []
    for n in range(4):
        good = store(world.ours, mail(n + 2))
        handle_left_over()
        with world.ours.scope():
            bad = Arrival.objects.get(pk=kept)
            seen.append((bad.state, bad.tries, bad.put_off, Arrival.objects.get(pk=good).state))

    assert seen == [
        ("stored", 0, 1, "handled"),
        ("stored", 0, 2, "handled"),
        ("quarantined", 1, 2, "handled"),
        ("quarantined", 1, 2, "handled"),
    ]
    assert bad.reason == (
        "1日にわたって毎分試みましたが、処理できませんでした。 "
        "OperationalError: canceling statement due to statement timeout"
    )
    assert kinds().count("arrival.quarantined") == 1

    monkeypatch.setattr(handling, "look_up", real)
    with world.ours.scope():
        assert retry(kept, by=actor_of(world.ours.supervisor)).state == "handled"


def test_so_does_what_breaks_off_before_it_can_say_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise OSError("trouble")

    kept = store(world.ours, mail())
    with world.ours.scope():
        Arrival.objects.update(put_off=handling.MOST_PUT_OFF)
    monkeypatch.setattr(handling, "own_addresses", break_off)
    handle_left_over()
    with world.ours.scope():
        assert Arrival.objects.get(pk=kept).state == "stored"

    handle_left_over()

    with world.ours.scope():
        arrival = Arrival.objects.get(pk=kept)
        assert (arrival.state, arrival.tries) == ("quarantined", 0)
    assert arrival.reason == "1日にわたって毎分試みましたが、処理できませんでした。"


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_table_that_changes_under_a_plan_quarantines_nothing_and_is_planned_anew(
    world: World, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = handling.look_up

    def look_up(*given: Any, **more: Any) -> Any:
        fetch_all("SELECT size FROM changing", [])
        return real(*given, **more)

    def as_another_process(statement: str) -> None:
        """In a block: what psycopg itself sees to be a change makes it forget its plans."""
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN {statement}; END $$")

    as_another_process("CREATE TEMPORARY TABLE changing (size integer)")
    monkeypatch.setattr(handling, "look_up", look_up)
    assert arrive(world.ours, mail()).state == "handled"
    as_another_process("ALTER TABLE changing ALTER COLUMN size TYPE text")

    kept = [store(world.ours, mail(n + 2)) for n in range(at_once)]
    first = [a.state for a in handle_many(kept, company=world.ours.company.pk)]
    handle_left_over()

    assert first == (["stored"] if at_once == 1 else ["handled", "handled"])
    with world.ours.scope():
        assert set(Arrival.objects.values_list("state", flat=True)) == {"handled"}
