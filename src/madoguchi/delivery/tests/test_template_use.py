"""From which templates answers are written: asked before a bare one leaves, noted once it has left."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing, TemplateUse
from madoguchi.delivery.template_use import note_use, usage_of
from madoguchi.kernel import clock
from madoguchi.kernel.errors import AskFirst
from madoguchi.knowledge.actions import add_template
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BODY = "{{customer}}様\nお問い合わせありがとうございます。\n担当より明日ご連絡いたします。"
FILLED = BODY.replace("{{customer}}", "髙橋 美咲")
OWN = "\n内釜だけでもお求めいただけるか、工場に確かめております。"


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def template(world: World) -> ReplyTemplate:
    side = world.ours
    with side.scope():
        return add_template(
            side.company, desk=None, name="受付", body=BODY, by=actor_of(side.company_manager)
        )


def send(case: Case, world: World, text: str, *confirmed: str) -> Outgoing:
    with world.ours.scope():
        return reply(case, Reply(text=text, confirmed=frozenset(confirmed)), by=actor_of(world.ours.agent))


def test_a_bare_template_is_asked_about_once(world: World, case: Case, template: ReplyTemplate) -> None:
    for text in (FILLED, f"> 前のメール\n> 炊飯器のこと\n{FILLED}\n"):
        with pytest.raises(AskFirst) as asked:
            send(case, world, text)
        assert [key for key, _words in asked.value.questions] == ["bare 受付"]
    with world.ours.scope():
        assert Outgoing.objects.count() == 0

    assert send(case, world, FILLED, "bare 受付").state == "queued"


def test_words_of_ones_own_and_desks_that_do_not_ask_are_not_asked(
    world: World, case: Case, template: ReplyTemplate
) -> None:
    assert send(case, world, FILLED + OWN).state == "queued"
    other = make_case(world.ours.entry_point)
    with world.ours.scope():
        other.desk.check_bare = False
        other.desk.save()
    assert send(other, world, FILLED).state == "queued"


def test_what_left_is_counted_with_the_share_that_was_changed(
    world: World, case: Case, template: ReplyTemplate
) -> None:
    """Given one answer with all of the template and one without a sentence of 14 of its 31 letters."""
    whole = send(case, world, FILLED + OWN)
    part = send(
        make_case(world.ours.entry_point), world, f"髙橋 美咲様\nお問い合わせありがとうございます。{OWN}"
    )
    none = send(make_case(world.ours.entry_point), world, OWN)
    with world.ours.scope():
        for outgoing in (whole, part, none, whole):
            note_use(outgoing.message_id, at=clock.now())

        uses = list(TemplateUse.objects.order_by("message").values_list("message", "version", "kept"))
        assert uses == [(whole.message_id, 1, 1.0), (part.message_id, 1, pytest.approx(17 / 31))]
        usage = usage_of([template.pk])[template.pk]
    assert usage.answers == 2
    assert usage.edited == pytest.approx((14 / 31) / 2)
    assert usage.percent == 23
