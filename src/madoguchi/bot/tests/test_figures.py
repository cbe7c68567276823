"""How a bot is scored, and what of its talks a visitor and a reader of the case are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.bot.actions import hand_back
from madoguchi.bot.factories import bot_on
from madoguchi.bot.figures import Content, Figures, curve_at, figures_of
from madoguchi.bot.models import Bot, Turn
from madoguchi.bot.queries import (
    THINKING,
    Scene,
    bots_at,
    faq_of,
    may_be_said,
    scene_of,
    talk_of,
    unanswered,
)
from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.channels.webchat.actions import judge
from madoguchi.delivery.actions import Reply, reply, taken
from madoguchi.delivery.bases import note_bases
from madoguchi.kernel import clock
from madoguchi.knowledge.actions import retire_article
from madoguchi.knowledge.factories import rewrite
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
RETURN, RECEIPT = "返品の期限と送料を教えてください", "領収書の発行について"


def figures(world: World) -> Figures:
    with world.ours.scope():
        return figures_of(Bot(company=world.ours.company, desk=world.ours.desk))


def test_a_desk_without_talks_has_no_figures(world, bot) -> None:
    found = figures(world)
    assert (found.talks, found.asked) == (0, 0)
    assert (found.percent_solved, found.percent_helped, found.wait) == (None, None, None)
    assert found.reasons == []


def test_what_it_did_is_counted_and_what_was_solved_only_after_seven_days(
    guest, another, world, agent, articles, company_manager
) -> None:
    # given: one helped, one not helped and answered by a person, one whose customer is angry at once
    guest.says(RETURN)
    guest.says("解決しました")
    second, third = another(), another()
    now = clock.now()
    with clock.held_at(now):
        second.says(RECEIPT)
        second.says("解決していません")
        third.says("ふざけるな")
    with clock.held_at(now + timedelta(seconds=40)), second.acting():
        reply(second.case, Reply(text="担当の青木です。"), by=agent)

    # then
    found = figures(world)
    assert (found.talks, found.asked, found.answered, found.suggested, found.handed) == (3, 5, 2, 0, 2)
    assert (found.helped, found.not_helped, found.percent_helped) == (1, 1, 50)
    assert (found.solved, found.decided, found.percent_solved) == (0, 0, None)
    assert found.reasons == [("怒り", 1), ("回答では解決しなかった", 1)]
    assert found.wait == 40

    # when: a week later, and one of the articles was wrong
    with clock.held_at(clock.now() + timedelta(days=7, minutes=1)):
        with guest.acting():
            rewrite(articles["返品"], "商品到着後14日以内です。", by=company_manager, corrects=True)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = figures(world)

    # then
    assert (found.solved, found.decided, found.percent_solved, found.wrong) == (1, 2, 50, 1)
    said = [
        one["sql"] for one in asked if not one["sql"].startswith(("SELECT set_config", "BEGIN", "COMMIT"))
    ]
    assert len(said) == 11  # however many talks there were


def test_how_content_customers_are_is_told_of_talks_it_had_alone_beside_the_others(
    guest, another, world, agent
) -> None:
    # given: two it had alone, one with a person, one that says nothing
    second, third, fourth = another(), another(), another()
    for who in (guest, second, third, fourth):
        who.says(RETURN)
    third.says("人と話す")
    for who in (guest, second, third, fourth):
        with who.acting():
            change_status(who.case, to=Status.SOLVED, by=agent, without_words=True)
    for who, score in ((guest, 5), (second, 4), (third, 2)):
        with who.acting():
            judge(who.case.pk, score=score)

    # then
    found = figures(world)
    assert (found.content, found.content_with_people) == (Content(4.5, 2), Content(2, 1))


def test_how_right_it_is_from_each_confidence_on(
    guest, another, world, articles, company_manager, django_assert_num_queries: Any
) -> None:
    # given: one helped, one did not; then what was said to the first is corrected
    guest.says(RETURN)
    guest.says("解決しました")
    second = another()
    second.says(RECEIPT)
    second.says("いいえ")
    sure = [
        turn.confidence or 0 for one in (guest, second) for turn in one.turns() if turn.outcome == "answer"
    ]

    def known() -> list[tuple[int, int]]:
        with world.ours.scope(), django_assert_num_queries(2):
            return [
                (point.known, point.right) for point in curve_at(world.ours.desk) if point.confidence == 75
            ]

    assert (len(sure), min(sure) >= 75, known()) == (2, True, [(2, 1)])

    with world.ours.scope():
        rewrite(articles["返品"], "10日以内です。", by=company_manager, corrects=True)
    assert known() == [(2, 0)]
    with world.theirs.scope():
        assert curve_at(world.theirs.desk)[0].known == 0


def test_who_asks_anew_within_a_week_was_not_helped(guest, world) -> None:
    guest.says(RETURN)
    with guest.acting():
        again = make_case(world.ours.entry_point)
        Case.objects.filter(pk=again.pk).update(customer=guest.case.customer)
    with clock.held_at(clock.now() + timedelta(days=8)):
        found = figures(world)
    assert (found.solved, found.decided) == (0, 1)


def test_what_no_article_answered_is_listed_and_the_rest_is_not(guest, another, world) -> None:
    guest.says("御社の決算短信の開示時刻")
    other = another()
    other.says("ふざけるな")
    with world.ours.scope():
        assert [turn.asked.text for turn in unanswered([world.ours.desk], days=30)] == [
            "御社の決算短信の開示時刻"
        ]
        assert [one.desk_id for one in bots_at([world.ours.desk])] == [world.ours.desk.pk]
    with world.theirs.scope():
        assert list(unanswered([world.theirs.desk], days=30)) == []


def scene(guest) -> Scene:
    with guest.acting():
        return scene_of(guest.case)


def test_a_visitor_sees_that_an_answer_is_sought_and_what_can_be_chosen(guest, agent) -> None:
    # when
    guest.says(RETURN, heard=False)

    # then
    assert scene(guest) == Scene(by_bot=True, thinking=True)
    with clock.held_at(clock.now() + THINKING + timedelta(seconds=1)):
        assert scene(guest) == Scene(by_bot=True, thinking=False)

    # when
    guest.says("です")

    # then
    [turn] = guest.turns()
    assert scene(guest) == Scene(
        by_bot=True, under=turn.said_id, choices=("解決しました", "解決していません")
    )

    # when
    guest.says("人と話す")

    # then
    assert scene(guest) == Scene(by_bot=False)

    # when
    with guest.acting():
        assert talk_of(guest.case).reason == "human"
        hand_back(guest.case, by=agent)

    # then: what was said stays, and nothing of it can be chosen
    assert scene(guest) == Scene(by_bot=True, under=guest.turns()[-1].said_id)


def test_what_a_visitor_sees_costs_as_few_queries_as_it_says(
    guest, world, django_assert_num_queries: Any
) -> None:
    def costs(queries: int) -> None:
        with guest.acting():
            case = guest.case
            with django_assert_num_queries(queries):
                scene_of(case)

    guest.says(RETURN)
    costs(4)
    with world.ours.scope():
        [turn] = Turn.objects.all()
        Turn.objects.filter(pk=turn.pk).update(outcome="suggest", version=None, offered=[turn.version_id])
    costs(6)
    with world.ours.scope():
        bot_on(world.ours.desk, is_on=False)
    costs(1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ("解決しました", "解決していません")),
        ("", ("解決しました", "解決していません")),
        ("en", ("It helped", "It did not help")),
        ("ko", ("It helped", "It did not help")),
    ],
)
def test_choices_stand_in_the_one_of_our_languages_that_the_visitor_reads(guest, language, words) -> None:
    guest.says(RETURN)
    with guest.acting():
        Case.objects.update(language=language)
    assert scene(guest).choices == words


def test_suggestions_can_be_chosen_by_their_titles(guest, world) -> None:
    with world.ours.scope():
        bot_on(world.ours.desk, answer_from=100, suggest_from=1)
    guest.says(RETURN)
    with guest.acting():
        [turn] = Turn.objects.all()
        assert scene_of(guest.case).choices[0] == "返品の期限と送料について"
        assert scene_of(guest.case).choices[-1] == "どれも違う"
        assert len(scene_of(guest.case).choices) == len(turn.offered) + 1


def test_what_has_ended_since_cannot_be_chosen_any_more(guest, world, articles, company_manager) -> None:
    # given three suggestions, the first of which is withdrawn
    with world.ours.scope():
        bot_on(world.ours.desk, answer_from=100, suggest_from=1)
    guest.says(RETURN)
    offered = scene(guest).choices
    with guest.acting():
        retire_article(articles["返品"], by=company_manager)

    # then
    assert scene(guest).choices == offered[1:]

    # and by its title it is a question like any other: nothing of it is told
    guest.says("返品の期限と送料について")
    assert [turn.version_id for turn in guest.turns()] == [None, None]
    with guest.acting():
        said = [turn.said.text for turn in guest.turns()]
    assert all("8日以内" not in words for words in said)


def test_how_customers_asked_before_is_learned_from_peoples_answers_and_from_those_that_helped(
    guest, another, world, agent, articles
) -> None:
    # given: a person answers in the words of the article, which the bot did not find
    guest.says("レシートは出ますか", heard=False)
    with guest.acting():
        outgoing = reply(
            guest.case, Reply(text="マイページの注文履歴から領収書をダウンロードできます。"), by=agent
        )
        taken(guest.case.pk, visitor=guest.visitor, upto=outgoing.message_id)
        note_bases(outgoing.message_id, at=clock.now())
    other = another()
    other.says(RETURN)
    other.says("解決しました")

    # when
    with world.ours.scope():
        faq = faq_of(world.ours.desk, may_be_said(world.ours.desk, language="ja"))
        version = {article: str(articles[article].versions.get().pk) for article in articles}

    # then
    assert faq.phrasings == [[version["返品"], RETURN], [version["領収書"], "レシートは出ますか"]]
    assert len(faq.entries) == 5
