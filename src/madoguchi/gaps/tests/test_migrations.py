"""What was asked for before is known by what it is about."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from madoguchi.gaps.models import Gap
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SAID_FIRST = import_module("madoguchi.gaps.migrations.0003_about").SAID_FIRST


def test_the_first_word_of_what_was_asked_for_becomes_what_it_is_about(world: World) -> None:
    # given
    words = [
        ("asked", ["互換性", "急須", "IH-9"]),
        ("asked", ["Diagnosis", "動かない"]),
        ("asked", ["互換性"]),
        ("asked", ["保証", "互換性"]),
        ("questions", ["互換性", "急須"]),
    ]
    with scope.everywhere(reason="a test writes as was written before, of any company"):
        for company in (world.ours.company, world.theirs.company):
            for kind, said in words:
                now = clock.now() - timedelta(days=1)
                rest = {"figures": {"times": 1}, "first_at": now, "seen_at": now}
                Gap.objects.create(company=company, kind=kind, words=said, **rest)

    # when
    with connection.cursor() as cursor:
        cursor.execute(SAID_FIRST)

    # then
    became = [
        ("fit", ["急須", "IH-9"]),
        ("diagnosis", ["動かない"]),
        ("", ["互換性"]),
        ("", ["保証", "互換性"]),
        ("", ["互換性", "急須"]),
    ]
    for side in (world.ours, world.theirs):
        with side.scope():
            assert [(one.about, one.words) for one in Gap.objects.order_by("pk")] == became
