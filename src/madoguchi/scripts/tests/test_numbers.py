"""The talk script of a number: who says so, and which one is shown to whom."""

import pytest

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.factories import approve, make_article
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.scripts.models import NumberScript
from madoguchi.scripts.numbers import script_at, script_of, set_script

pytestmark = pytest.mark.django_db
KIND = "phone_number.script_changed"


@pytest.fixture
def number(world: World) -> EntryPoint:
    with world.ours.scope():
        return make_entry_point(world.ours.desk, kind=Channel.PHONE)


def script(side: Side, title: str = "店舗の受付", *, in_force: bool = True) -> Article:
    with side.scope():
        by = actor_of(side.company_manager)
        said = Said(title, "お電話ありがとうございます。\n- はい\n  承ります。")
        made = add_article(side.company, said, Settings(audience="operator"), kind=Article.Kind.SCRIPT, by=by)
        return approve(made, by=by) if in_force else made


def test_callers_of_a_number_are_spoken_with_by_its_script(world: World, number: EntryPoint) -> None:
    own, by, agent = script(world.ours), actor_of(world.ours.company_manager), actor_of(world.ours.agent)
    with world.ours.scope():
        other = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000008")
        for _twice in range(2):
            set_script(number, own.pk, by=by)

        found = script_at(number.desk, number.pk, reader=agent)
        assert found is not None
        assert (found.article_id, found.title) == (own.pk, "店舗の受付")
        assert script_at(number.desk, other.pk, reader=agent) is None
        set_script(number, None, by=by)
        assert (script_of(number), script_at(number.desk, number.pk, reader=agent)) == (None, None)
        told = Event.objects.filter(kind=KIND).order_by("id").values_list("data", flat=True)
        assert [(one["entry_point"], one["article"]) for one in told] == [
            (number.pk, own.pk),
            (number.pk, None),
        ]


def test_what_is_none_of_its_scripts_is_refused_and_nothing_changes(world: World, number: EntryPoint) -> None:
    own, by = script(world.ours), actor_of(world.ours.company_manager)
    draft, foreign = script(world.ours, "下書き", in_force=False), script(world.theirs)
    with world.ours.scope():
        plain = make_article(world.ours.company, by=by)
        set_script(number, own.pk, by=by)
        for wrong in (draft.pk, foreign.pk, plain.pk, 0):
            with pytest.raises(Refused):
                set_script(number, wrong, by=by)
        with pytest.raises(Refused):
            set_script(world.ours.entry_point, own.pk, by=by)
        for stranger in (world.ours.agent, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                set_script(number, None, by=actor_of(stranger))

        assert script_of(number) == own.pk
        assert NumberScript.objects.count() == Event.objects.filter(kind=KIND).count() == 1
