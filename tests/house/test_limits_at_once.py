"""How many there may be at most holds also when the last one is added twice in the same moment."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.fields.actions import MOST_FIELDS, MOST_MATTERS
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.models import Field, Matter
from madoguchi.kernel.errors import Refused
from madoguchi.macros.actions import MOST_MACROS, add_macro
from madoguchi.macros.models import Macro
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import add_rule
from madoguchi.rules.actions.writing import MOST_RULES
from madoguchi.rules.models import Rule
from madoguchi.rules.tests.rules import said
from madoguchi.views.actions import MOST_OWN, add_view
from madoguchi.views.models import SavedView
from tests.house.at_once import at_once
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
ACTS = [{"do": "tag", "value": "新着"}]
EVERY = {"version": 1, "all": []}
Add = Callable[[Side], Any]


def rule(side: Side) -> Rule:
    return add_rule(side.desk, said=said(), by=actor_of(side.supervisor))


def macro(side: Side) -> Macro:
    by = actor_of(side.supervisor)
    return add_macro(side.company, desk=side.desk, name="受付", acts=ACTS, by=by)


def view(side: Side) -> SavedView:
    by = actor_of(side.agent)
    return add_view(side.company, audience=SavedView.Audience.OWNER, name="急ぎ", filter=EVERY, by=by)


def field(side: Side) -> Field:
    return make_field(side.desk)


def matter(side: Side) -> Matter:
    return make_matter(side.desk)


@pytest.mark.parametrize(
    ("add", "model", "most"),
    [
        (rule, Rule, MOST_RULES),
        (macro, Macro, MOST_MACROS),
        (view, SavedView, MOST_OWN),
        (field, Field, MOST_FIELDS),
        (matter, Matter, MOST_MATTERS),
    ],
)
def test_the_last_place_is_taken_once(world: World, add: Add, model: Any, most: int) -> None:
    def added() -> Any:
        with world.ours.scope():
            return add(world.ours)

    first = added()
    with world.ours.scope():
        values = {
            f.attname: getattr(first, f.attname) for f in model._meta.concrete_fields if not f.primary_key
        }
        named = "label" if "label" in values else "name"
        model.objects.bulk_create(model(**values | {named: f"{n}"}) for n in range(most - 2))

    outcomes = at_once(added, added)

    assert sorted(type(one).__name__ for one in outcomes) == sorted([model.__name__, Refused.__name__])
    assert len(everything(model)) == most
