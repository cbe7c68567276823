"""What may be done to an upload in each of its states; what may not says so and changes nothing."""

from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.companies.models import Desk
from madoguchi.imports.actions.uploading import look_again, names_of, start, stop, throw_away
from madoguchi.imports.models import Upload
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
TOO_SOON = "It is not the time for that now: look at the page once more."


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def upload_in(state: str, *, desk: Desk, owner: int, began: bool) -> Upload:
    now = clock.now()
    return Upload.objects.create(
        company_id=desk.company_id,
        desk=desk,
        owner_id=owner,
        system="csv",
        folder="f" * 32,
        files=[{"name": "a.csv", "sha256": "0" * 64, "size": 1}],
        state=state,
        created_at=now,
        started_at=now if began else None,
    )


def stands(upload: Upload) -> tuple[Any, ...]:
    return Upload.objects.filter(pk=upload.pk).values_list().get()


# state, whether it was begun to be brought in, and what may be done
TURNS = [
    ("looking", False, {"stop"}),
    ("looked", False, {"look again", "start", "throw away"}),
    ("running", True, {"stop"}),
    ("done", True, {"throw away"}),
    ("stopped", False, {"look again", "throw away"}),
    ("stopped", True, {"start", "throw away"}),
    ("failed", False, {"look again", "throw away"}),
    ("failed", True, {"start", "throw away"}),
]
ACTS: dict[str, Any] = {
    "look again": lambda upload, by: look_again(upload, said={}, by=by),
    "start": lambda upload, by: start(upload, by=by),
    "stop": lambda upload, by: stop(upload, by=by),
    "throw away": lambda upload, by: throw_away(upload, by=by),
}


@pytest.mark.parametrize(("state", "began", "may"), TURNS)
def test_each_state_leads_where_it_may_and_nowhere_else(
    world: World, boss: Actor, state: str, began: bool, may: set[str]
) -> None:
    with world.ours.scope():
        for name, act in ACTS.items():
            upload = upload_in(state, desk=world.ours.desk, owner=world.ours.company_manager.pk, began=began)
            before = stands(upload)
            if name in may:
                act(upload, boss)
                assert stands(upload) != before, name
                continue
            if name != "stop":
                # to stop what has ended already is no mistake
                with override("en"), pytest.raises(Conflict) as refused:
                    act(upload, boss)
                assert str(refused.value) == TOO_SOON
            else:
                act(upload, boss)
            assert stands(upload) == before, name


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_nobody_else_touches_an_upload(world: World, who: str) -> None:
    strangers = [
        actor_of(getattr(world.ours, who)),
        actor_of(world.theirs.company_manager),
        actor_of(world.administrator),
    ]
    with world.ours.scope():
        upload = upload_in("looked", desk=world.ours.desk, owner=world.ours.company_manager.pk, began=False)
        before = stands(upload)
        for by in strangers:
            for act in ACTS.values():
                with pytest.raises(NotAllowed):
                    act(upload, by)
        assert stands(upload) == before
        assert not Event.objects.filter(kind__startswith="import.").exists()


def test_what_was_thrown_away_is_not_read_again_nor_brought_in(world: World, boss: Actor) -> None:
    with world.ours.scope():
        upload = upload_in("looked", desk=world.ours.desk, owner=world.ours.company_manager.pk, began=False)
        throw_away(upload, by=boss)
        before = stands(upload)
        for name in ("look again", "start"):
            with pytest.raises(Conflict):
                ACTS[name](upload, boss)
        assert stands(upload) == before


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a.csv"], ["a.csv"]),
        (["a.csv", "b.csv"], ["a.csv", "b.csv"]),
        (["a.csv", "b.csv", "a.csv"], ["1/a.csv", "b.csv", "3/a.csv"]),
    ],
)
def test_each_file_is_named_once(names: list[str], told: list[str]) -> None:
    files = [{"name": name, "sha256": str(n)} for n, name in enumerate(names)]
    assert list(names_of(Upload(files=files)).items()) == list(zip(told, "012", strict=False))
