"""Whoever goes back to an earlier version can, whatever people were told of since."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from madoguchi.cases.factories import make_case
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.people.factories import World

NAME = "0009_knowledge"
_NULLABLE = (
    "SELECT is_nullable FROM information_schema.columns"
    " WHERE table_name = 'following_notification' AND column_name = 'case_id'"
)


@pytest.mark.django_db(transaction=True)
def test_what_is_of_no_case_goes_and_what_is_of_one_stays(world: World, as_owner: Any) -> None:
    # given: in each company one told of a case and one of knowledge
    kept = []
    for event, side in enumerate((world.ours, world.theirs), 1):
        with side.scope():
            case = make_case(side.entry_point)
            told = {"company": side.company, "user": side.agent, "who": "", "at": clock.now()}
            of_case = Notification.objects.create(
                case=case, event=event, kind="case.opened", why="wrote", **told
            )
            Notification.objects.create(event=-event, kind="bot.stopped", why="knowledge", **told)
            kept.append(of_case.pk)
    migration: type[Migration] = import_module(f"madoguchi.following.migrations.{NAME}").Migration
    with as_owner():
        loader = MigrationLoader(connection, replace_migrations=False)
        before = loader.project_state([("following", migration.dependencies[1][1])])
        before.apps  # noqa: B018 - what a state holds is rendered before it is changed

        # when
        with connection.schema_editor(atomic=True) as editor:
            migration(NAME, "following").unapply(before.clone(), editor)
        try:
            back = fetch_all(_NULLABLE, {})
            left = fetch_all("SELECT id FROM following_notification ORDER BY id", {})
        finally:
            with connection.schema_editor(atomic=True) as editor:
                migration(NAME, "following").apply(before.clone(), editor)

    # then
    assert (back, left) == ([("NO",)], [(pk,) for pk in kept])
    with scope.everywhere(reason="a test looks at all companies"):
        assert list(Notification.objects.order_by("pk").values_list("pk", flat=True)) == kept
    assert fetch_all(_NULLABLE, {}) == [("YES",)]
