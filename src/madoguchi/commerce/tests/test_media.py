"""What appears in media is kept as the company says it: what makes no sense is refused, and nothing is kept of it."""

from datetime import datetime
from typing import Any

import pytest

from madoguchi.commerce.factories import make_media_event
from madoguchi.commerce.media import SaidOfMedia, keep_media_event, media_events_of, medium_of
from madoguchi.commerce.models import MediaEvent
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 8, 3, 5, 0, tzinfo=clock.TOKYO)
_SHELL = system("test")


def said_of(world: World, **said: Any) -> SaidOfMedia:
    usual: dict[str, Any] = {"code": "A-1", "medium": "新聞", "appears_at": MORNING, "circulation": 100_000}
    return SaidOfMedia(**usual | {"entry_point": world.ours.entry_point.pk} | said)


def told(world: World) -> list[dict[str, Any]]:
    rows = Event.objects.filter(company_id=world.ours.company.pk, kind="media_event.kept")
    return list(rows.order_by("id").values_list("data", flat=True))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"code": " "}, "code"),
        ({"medium": " "}, "medium"),
        ({"entry_point": 0}, "entry_point"),
        ({"circulation": 0}, "circulation"),
        ({"circulation": 100_000_001}, "circulation"),
        ({"cost": -1}, "cost"),
        ({"expected": 1_000_001}, "expected"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, said: dict[str, Any], field: str) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            keep_media_event(world.ours.company, said_of(world, **said), by=_SHELL)

        assert refused.value.field == field
        assert (MediaEvent.objects.count(), told(world)) == (0, [])


def test_a_number_of_others_and_a_code_that_is_taken_are_refused(world: World) -> None:
    first = make_media_event(world.ours.entry_point, code="A-1")
    with world.ours.scope():
        for wrong in ({"entry_point": world.theirs.entry_point.pk, "code": "A-2"}, {"medium": "テレビ"}):
            with pytest.raises(Refused):
                keep_media_event(world.ours.company, said_of(world, **wrong), by=_SHELL)

        kept = [(one.pk, one.medium) for one in media_events_of(world.ours.company.pk)]
        assert (kept, len(told(world))) == ([(first.pk, "新聞")], 1)
    # What others call alike is theirs.
    assert make_media_event(world.theirs.entry_point, code="A-1").pk != first.pk


def test_only_who_keeps_the_shop_says_it(world: World) -> None:
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            keep_media_event(world.ours.company, said_of(world), by=actor_of(world.ours.agent))

        assert (MediaEvent.objects.count(), told(world)) == (0, [])


def test_a_change_is_told_and_the_same_again_is_none(world: World) -> None:
    with world.ours.scope():
        made = keep_media_event(world.ours.company, said_of(world), by=_SHELL)
        for _time in range(2):
            keep_media_event(world.ours.company, said_of(world, cost=300), event=made, by=_SHELL)

        assert [one["changes"] for one in told(world)] == [{}, {"cost": [0, 300]}]
        made.refresh_from_db()
        assert (made.cost, str(made), made.appears_at) == (300, "A-1", MORNING)


def test_where_a_number_is_published(world: World) -> None:
    ours, theirs = world.ours, world.theirs
    with ours.scope():
        ours.entry_point.medium = "同梱チラシ"
        ours.entry_point.save()
        assert medium_of(ours.entry_point.pk, company=ours.company.pk) == "同梱チラシ"
        assert medium_of(None, company=ours.company.pk) == ""
        assert medium_of(ours.entry_point.pk, company=theirs.company.pk) == ""
        # Where nothing else is said it is that of the number.
        made = keep_media_event(ours.company, said_of(world, medium=""), by=_SHELL)
        assert made.medium == "同梱チラシ"
