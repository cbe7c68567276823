"""What the editor of a scenario shows at each place, and what its form takes."""

import pytest

from madoguchi.administration.forms.scenarios import ChoiceForm
from madoguchi.administration.scenario import Sheet, sheet_of
from madoguchi.bot.factories import led_by
from madoguchi.bot.tree import Kind, Node
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.actions import retire_article
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.trees import ROOT
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def at(world: World, node: int) -> Sheet:
    return sheet_of(world.ours.desk, "ja", at=node, first_question="ご用件は？")


def test_each_place_is_shown_as_customers_would_see_it(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="repair")
    with world.ours.scope():
        # given
        article = approved(world.ours.company, by=by, title="返品の送料", body="当社の負担です。")
        led_by(
            world.ours.desk,
            Node(0, ROOT, "返品", Kind.ANSWER, article=article.pk),
            Node(0, ROOT, "修理", Kind.FORM, "型番をお書きください。", form=form.pk),
            Node(0, ROOT, "相談", Kind.PERSON),
            by=by,
        )

        # then
        root = at(world, ROOT).context()
        assert [(line.node.id, line.depth, line.dead) for line in root["lines"]] == [
            *((1, 0, False), (2, 1, False), (3, 1, False), (4, 1, False)),
        ]
        assert [one.label for one in root["preview"].choices] == ["返品", "修理", "相談"]
        assert (root["asks"], root["is_root"], root["dead"]) == (True, True, 0)
        answer = at(world, 2).context()["preview"]
        assert (answer.words, answer.source, bool(answer.link)) == ("当社の負担です。", "返品の送料", True)
        shown = at(world, 3).context()["preview"]
        assert (shown.words, shown.link.endswith("/form/repair/")) == ("型番をお書きください。", True)
        person = at(world, 4).context()
        assert (person["preview"].words, person["asks"], person["is_root"]) == ("", False, False)
        assert at(world, 99).at.id == ROOT
        assert at(world, ROOT).seen == 0

        # when
        retire_article(article, by=by)

        # then
        after = at(world, 2).context()
        assert (after["preview"].words, after["dead"]) == ("", 1)
        assert [one.label for one in at(world, ROOT).context()["preview"].choices] == ["修理", "相談"]


def test_the_form_takes_what_a_choice_can_be_and_offers_what_is_there(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    with world.ours.scope():
        # given
        article = approved(world.ours.company, by=by, title="返品の送料")
        approved(world.ours.company, by=by, title="社内の手順", audience="operator")

        # when
        form = ChoiceForm({"label": "返品", "kind": "answer", "article": article.pk}, desk=world.ours.desk)

        # then
        assert form.is_valid()
        assert form.node(parent=ROOT) == Node(0, ROOT, "返品", Kind.ANSWER, article=article.pk)
        assert [name for _pk, name in form.fields["article"].choices] == ["なし", "返品の送料"]
        root = ChoiceForm({"words": "何でしょう"}, desk=world.ours.desk, node=Node(ROOT, 0, "", Kind.MENU))
        assert (root.is_valid(), list(root.fields)) == (True, ["words"])
        assert root.node(parent=0) == Node(ROOT, 0, "", Kind.MENU, "何でしょう")
        for wrong in ({"kind": "x"}, {"article": "0"}, {"label": ""}):
            said = {"label": "返品", "kind": "answer", "article": article.pk} | wrong
            assert not ChoiceForm(said, desk=world.ours.desk).is_valid()
