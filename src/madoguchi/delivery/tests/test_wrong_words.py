"""Words of an article that was found wrong: asked about before they leave, and not let out by themselves."""

from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.actions.schedule import let_out_due, submit
from madoguchi.delivery.bases import cite, wrong_words_in
from madoguchi.delivery.checks import gone_past
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import AskFirst
from madoguchi.knowledge.actions import say_wrong
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
TITLE = "初期不良のとき"
SAME = "着払いの伝票でお送りください。"
WRONG = f"初期不良の送料はお客様のご負担です。\n{SAME}"
RIGHT = f"初期不良の送料は当社が負担します。\n{SAME}"


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def article(world: World) -> Article:
    side = world.ours
    with side.scope():
        return approved(side.company, by=actor_of(side.company_manager), title=TITLE, body=WRONG)


def corrected(world: World, article: Article) -> None:
    rewrite(article, RIGHT, by=actor_of(world.ours.company_manager), corrects=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (WRONG, True),
        ("お世話になります。初期不良の送料は、お客様の ご負担です。", True),
        ("> 初期不良の送料はお客様のご負担です。\n失礼しました。送料は当社が負担します。", False),
        (RIGHT, False),
        (SAME, False),
        ("はい。", False),
    ],
)
def test_what_is_not_right_any_more_is_found_and_what_still_is_is_not(
    world: World, case: Case, agent: Actor, article: Article, text: str, found: bool
) -> None:
    with world.ours.scope():
        assert wrong_words_in(case, text, by=agent) == []
        corrected(world, article)

        assert wrong_words_in(case, text, by=agent) == ([TITLE] if found else [])


def test_of_one_that_has_no_right_words_yet_each_sentence_counts(
    world: World, case: Case, agent: Actor, article: Article
) -> None:
    with world.ours.scope():
        say_wrong(article, 1, by=actor_of(world.ours.company_manager))

        assert wrong_words_in(case, SAME, by=agent) == [TITLE]


def test_what_is_marked_as_resting_on_it_is_asked_about_whatever_it_says(
    world: World, case: Case, agent: Actor, article: Article
) -> None:
    with world.ours.scope():
        cite(case, article.versions.get().pk, "mark", by=agent)
        corrected(world, article)

        assert wrong_words_in(case, "送料はお客様持ちです。", by=agent) == [TITLE]


def test_an_old_mistake_is_asked_about_no_more(
    world: World, case: Case, agent: Actor, article: Article
) -> None:
    with world.ours.scope():
        corrected(world, article)
        with clock.held_at(clock.now() + timedelta(days=91)):
            assert wrong_words_in(case, WRONG, by=agent) == []


def test_the_writer_is_asked_and_may_say_yes(
    world: World, case: Case, agent: Actor, article: Article
) -> None:
    with world.ours.scope():
        corrected(world, article)
        with pytest.raises(AskFirst) as asked:
            reply(case, Reply(text=WRONG), by=agent)
        [(key, words)] = asked.value.questions
        assert key == f"wrong {TITLE}"
        assert (
            words
            == f"記事「{TITLE}」は誤りと分かり、この返信にはその内容が残っています。今の記事をご確認ください。"
        )
        assert not Outgoing.objects.exists()

        sent = reply(case, Reply(text=WRONG, confirmed=frozenset({key})), by=agent)

        assert sent.message.text.startswith("初期不良の送料はお客様のご負担です。")
        assert gone_past([key]) == [words]


def test_an_answer_that_waits_does_not_leave_with_what_was_found_wrong_meanwhile(
    world: World, case: Case, agent: Actor, article: Article
) -> None:
    with world.ours.scope():
        waits = submit(case, Reply(text=WRONG), at=clock.now() + timedelta(hours=2), by=agent)
        assert isinstance(waits, PendingAnswer)
        corrected(world, article)

        with clock.held_at(clock.now() + timedelta(hours=2, minutes=1)):
            let_out_due(waits.pk, company=world.ours.company.pk)

        waits.refresh_from_db()
        assert (waits.state, waits.why) == ("held", "checks")
        assert TITLE in waits.detail
        assert not Outgoing.objects.exists()
