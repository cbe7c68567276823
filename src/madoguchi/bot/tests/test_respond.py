"""What the bot does with what a customer writes: answers, suggests, hands over, and never speaks beside a person."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection

from madoguchi.bot.actions import fall_silent, hand_back, respond
from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Bot, Talk, Turn
from madoguchi.bot.reader import Reader
from madoguchi.cases.actions import be_here
from madoguchi.cases.models import Case, Message, Status
from madoguchi.delivery.actions import Reply, reply, taken
from madoguchi.delivery.bases import told_wrong
from madoguchi.delivery.models import ArticleBasis, How, Outgoing
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.actions import Term, retire_article, set_term
from madoguchi.knowledge.factories import approve, make_article, rewrite
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
RETURN = "返品の期限と送料を教えてください"
# A Monday at noon, and at nine in the evening, in Tokyo.
NOON, NIGHT = datetime(2027, 8, 2, 3, 0, tzinfo=UTC), datetime(2027, 8, 2, 12, 0, tzinfo=UTC)


def said_by_bot(guest) -> list[str]:
    with guest.acting():
        rows = Message.objects.filter(case=guest.case, automatic="bot").order_by("pk")
        return list(rows.values_list("text", flat=True))


def test_who_asks_for_a_person_first_has_a_case_that_is_called_by_their_own_words(guest, articles):
    guest.says("人と話す")
    assert guest.case.subject == "人と話す"

    guest.says("届いた靴の左右の\n大きさが違います")
    guest.says("交換できますか")

    assert guest.case.subject == "届いた靴の左右の 大きさが違います"


def test_it_answers_in_the_words_of_the_article_with_its_source_and_keeps_the_version(guest, articles):
    # when
    asked = guest.says(RETURN)

    # then
    [turn] = guest.turns()
    assert (turn.outcome, turn.asked_id, turn.helped) == ("answer", asked.pk, None)
    assert turn.version.article_id == articles["返品"].pk
    assert turn.confidence >= 75
    [text] = said_by_bot(guest)
    assert text.startswith("商品到着後8日以内にご連絡ください。返品の送料はお客様のご負担です。\n\n")
    assert "出典：返品の期限と送料について\nhttp" in text
    with guest.acting():
        basis = ArticleBasis.objects.get()
        assert (basis.message_id, basis.version_id, basis.how) == (turn.said_id, turn.version_id, How.TEXT)
        outgoing = Outgoing.objects.get()
        assert (outgoing.channel, outgoing.message_id) == ("chat", turn.said_id)
        message = turn.said
        assert (message.author, message.automatic, message.sender_name) == ("system", "bot", "案内ボット")
        assert message.to == [{"address": guest.visitor, "name": ""}]
        [fact] = Event.objects.filter(kind="bot.spoke")
        assert fact.data == {
            "message": turn.said_id,
            "outcome": "answer",
            "versions": [turn.version_id],
            "confidence": turn.confidence,
        }
    assert guest.case.status == Status.WAITING_CUSTOMER
    assert guest.case.first_replied_at is None  # no person has answered


def test_what_is_heard_twice_is_answered_once(guest, reader):
    asked = guest.says(RETURN)
    respond(asked.pk, company=guest.point.company_id, reader=reader)
    assert (len(guest.turns()), len(said_by_bot(guest))) == (1, 1)


def test_where_it_is_less_sure_it_suggests_three_and_a_choice_by_title_or_number_is_answered(
    guest, another, world, articles
):
    # given: a desk that wants to be very sure
    with world.ours.scope():
        bot_on(world.ours.desk, answer_from=100, suggest_from=1)

    # when
    guest.says(RETURN)

    # then
    [turn] = guest.turns()
    assert (turn.outcome, turn.version_id, len(turn.offered)) == ("suggest", None, 3)
    lines = said_by_bot(guest)[0].splitlines()
    assert (len(lines), lines[1]) == (4, "1. 返品の期限と送料について")
    with guest.acting():
        assert not ArticleBasis.objects.exists()

    # when
    guest.says("1")
    other = another()
    other.says(RETURN)
    other.says("返品の期限と送料について")

    # then
    for who in (guest, other):
        assert [(t.outcome, t.version_id) for t in who.turns()] == [
            ("suggest", None),
            ("answer", turn.offered[0]),
        ]


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("人と話す", "human", "担当者がお引き継ぎします。"),
        ("もう三回も言っています。ふざけるな", "anger", "ご不便をおかけし、申し訳ございません。"),
        ("母が亡くなり、どうしていいかわかりません", "distress", "お知らせいただき、ありがとうございます。"),
        ("弁護士に相談します", "legal", "担当者がお引き継ぎします。"),
        ("使ったあと湿疹が出ました", "medical", "体調がすぐれないときは、医師にご相談ください。"),
        ("充電中に煙が出ました", "safety", "ただちに使用をやめ、"),
        ("御社の決算短信の開示時刻", "unsure", "担当者がお引き継ぎします。"),
    ],
)
def test_a_person_is_asked_at_once_and_the_bot_is_silent_from_then_on(guest, text, reason, words):
    # when
    guest.says(text)

    # then
    [turn] = guest.turns()
    assert (turn.outcome, turn.reason) == ("person", reason)
    assert said_by_bot(guest)[0].startswith(words)
    assert "もう一度お書きいただく必要はありません" in said_by_bot(guest)[0]
    assert (guest.talk().held_by, guest.talk().reason) == (Talk.With.PERSON, reason)
    case = guest.case
    assert (case.status, case.waiting_since is not None) == (Status.NEW, True)
    with guest.acting():
        [fact] = Event.objects.filter(kind="bot.handed_over")
        assert fact.data == {"reason": reason}

    # when
    guest.says(RETURN)

    # then
    assert (len(guest.turns()), len(said_by_bot(guest))) == (1, 1)


def test_what_a_file_shows_only_a_person_sees(guest):
    # when
    guest.says("これはどうすればいいですか。返品の期限は？", files=(File("箱.png", "image/png", b"\x89PNG"),))

    # then
    [turn] = guest.turns()
    assert (turn.outcome, turn.reason, turn.version_id) == ("person", "file", None)
    assert "担当者がお引き継ぎします。" in said_by_bot(guest)[0]


def test_a_question_put_again_and_an_answer_told_again_go_to_a_person(guest, another):
    guest.says(RETURN)
    guest.says(RETURN)
    other = another()
    other.says(RETURN)
    other.says("返品の期限と、送料のこと")
    for who in (guest, other):
        assert [(t.outcome, t.reason) for t in who.turns()] == [("answer", ""), ("person", "repeated")]


@pytest.mark.parametrize("yes", ["解決しました", "はい", "ありがとうございます"])
def test_who_says_that_it_helped_ends_the_case(guest, yes):
    guest.says(RETURN)
    guest.says(yes)
    answered, done = guest.turns()
    assert (answered.helped, done.outcome) == (True, "done")
    assert guest.case.status == Status.SOLVED
    with guest.acting():
        [fact] = Event.objects.filter(kind="bot.judged")
        assert fact.data == {"message": answered.said_id, "helped": True}


def test_who_says_that_it_did_not_help_is_given_a_person(guest):
    guest.says(RETURN)
    guest.says("解決していません")
    answered, handed = guest.turns()
    assert (answered.helped, handed.outcome, handed.reason) == (False, "person", "not_helped")
    assert guest.case.status == Status.OPEN


def test_a_persons_first_word_locks_it_out_until_the_talk_is_handed_back(guest, agent, another):
    # given
    guest.says(RETURN)
    with guest.acting():
        reply(guest.case, Reply(text="担当の青木です。"), by=agent)

    # when: even before the reaction has seen it
    guest.says("領収書の発行について")

    # then
    assert len(guest.turns()) == 1

    # when
    with guest.acting():
        assert fall_silent(guest.case, reason="taken_over", by=system("bot")) is True
        assert fall_silent(guest.case, reason="taken_over", by=system("bot")) is False
        hand_back(guest.case, by=agent)
        with pytest.raises(Conflict):
            hand_back(guest.case, by=agent)
    guest.says("領収書の発行について教えて")

    # then
    assert [turn.outcome for turn in guest.turns()] == ["answer", "answer"]
    assert guest.talk().held_by == Talk.With.BOT


def test_while_somebody_writes_an_answer_it_says_nothing(guest, agent):
    guest.says(RETURN, heard=False)
    with guest.acting():
        be_here(guest.case, writing=True, by=agent)
    guest.says("領収書の発行について")
    assert guest.turns() == []


def test_only_who_may_answer_hands_a_talk_back(guest, world):
    guest.says("人と話す")
    with guest.acting(), pytest.raises(NotAllowed):
        hand_back(guest.case, by=actor_of(world.ours.company_staff))
    assert guest.talk().held_by == Talk.With.PERSON


def test_several_words_in_a_row_are_one_question(guest):
    guest.says("返品の期限と送料", heard=False)
    guest.says("について知りたいです")
    [turn] = guest.turns()
    assert turn.outcome == "answer"


def test_an_older_word_is_left_to_the_newest(guest, reader):
    older = guest.says("返品の送料", heard=False)
    guest.says("返品の期限", heard=False)
    respond(older.pk, company=guest.point.company_id, reader=reader)
    assert guest.turns() == []


def test_what_has_ended_or_was_withdrawn_is_not_told_any_more(guest, another, articles, company_manager):
    # given
    guest.says(RETURN)
    told = guest.turns()[0].version_id
    with guest.acting():
        retire_article(articles["返品"], by=company_manager)
        ended = Term(since=clock.now() - timedelta(days=2), until=clock.now() - timedelta(days=1))
        set_term(articles["領収書"], 1, term=ended, by=company_manager)

    # when
    returns, receipt = another(), another()
    returns.says(RETURN)
    receipt.says("領収書の発行について")

    # then
    for who in (returns, receipt):
        assert told not in [turn.version_id for turn in who.turns()]
        assert "ダウンロード" not in said_by_bot(who)[0]
        assert [turn.outcome for turn in who.turns()] != ["answer"]


def test_what_is_withdrawn_while_it_reads_is_not_told(guest, articles, company_manager, reader):
    """The articles are read outside of any transaction; what is said is looked at again before it is said."""

    class Slow(Reader):
        def ask(self, key, text, faq, *, of):
            found = reader.ask(key, text, faq, of=of)
            with guest.acting():
                retire_article(articles["返品"], by=company_manager)
            return found

    asked = guest.says(RETURN, heard=False)
    respond(asked.pk, company=guest.point.company_id, reader=Slow())
    [turn] = guest.turns()
    assert (turn.outcome, turn.reason, turn.version_id) == ("person", "unsure", None)


def test_no_transaction_is_open_while_it_reads(guest, reader):
    seen = []

    class Watched(Reader):
        def ask(self, key, text, faq, *, of):
            seen.append((scope.known(), connection.in_atomic_block))
            brought = faq()
            seen.append((scope.known(), connection.in_atomic_block, len(brought.entries)))
            return reader.ask(key, text, lambda: brought, of=of)

    asked = guest.says(RETURN, heard=False)
    respond(asked.pk, company=guest.point.company_id, reader=Watched())
    assert seen == [(None, False), (None, False, 5)]
    assert [turn.outcome for turn in guest.turns()] == ["answer"]


@pytest.mark.parametrize("meanwhile", ["a person", "a newer word", "another case", "off"])
def test_what_happens_while_it_reads_silences_it(guest, another, world, agent, reader, meanwhile):
    class Slow(Reader):
        def ask(self, key, text, faq, *, of):
            found = reader.ask(key, text, faq, of=of)
            match meanwhile:
                case "a person":
                    with guest.acting():
                        reply(guest.case, Reply(text="担当の青木です。"), by=agent)
                case "a newer word":
                    guest.says("それから領収書のことも", heard=False)
                case "another case":
                    with guest.acting():
                        Message.objects.filter(pk=asked.pk).update(case=other.case)
                case _:
                    with guest.acting():
                        bot_on(world.ours.desk, is_on=False)
            return found

    other = another()
    other.says("人と話す")
    asked = guest.says(RETURN, heard=False)
    respond(asked.pk, company=guest.point.company_id, reader=Slow())
    with guest.acting():
        assert not Turn.objects.filter(asked=asked).exists()
        assert Message.objects.filter(automatic="bot").count() == 1  # what the other was told


def test_after_a_burst_the_newest_ten_are_the_question_and_limits_are_sought_in_all(guest, another, reader):
    read = []

    class Noting(Reader):
        def ask(self, key, text, faq, *, of):
            read.append(text.splitlines())
            return reader.ask(key, text, faq, of=of)

    # given
    for place in range(11):
        guest.says(f"商品番号は{place}です", heard=False)
    newest = guest.says("返品の期限", heard=False)

    # when
    respond(newest.pk, company=guest.point.company_id, reader=Noting())

    # then
    assert read == [[*(f"商品番号は{place}です" for place in range(2, 11)), "返品の期限"]]

    # when: a limit is touched by the last of twelve, or by the first
    last, first = another(), another()
    for place in range(11):
        last.says(f"商品番号は{place}です", heard=False)
    last.says("人と話したいです、弁護士に相談します")
    first.says("弁護士に相談します", heard=False)
    for place in range(10):
        first.says(f"商品番号は{place}です", heard=False)
    first.says("返品の期限")

    # then
    assert [(t.outcome, t.reason) for t in last.turns()] == [("person", "human")]
    assert [(t.outcome, t.reason) for t in first.turns()] == [("person", "legal")]


def test_drafts_words_for_operators_and_those_of_other_desks_and_companies_are_never_told(
    world, chat, bot, reader, company_manager, another
):
    title, body = "決算短信の開示時刻", "午後三時に開示します。社外秘です。"
    with world.ours.scope():
        make_article(world.ours.company, by=company_manager, title=title, body=body)
        hidden = make_article(
            world.ours.company, by=company_manager, title=title, body=body, audience="operator"
        )
        approve(hidden, by=company_manager)
    with world.theirs.scope():
        theirs = actor_of(world.theirs.company_manager)
        approve(make_article(world.theirs.company, by=theirs, title=title, body=body), by=theirs)
    guest = another()
    guest.says("決算短信の開示時刻")
    assert [(t.outcome, t.reason) for t in guest.turns()] == [("person", "unsure")]


def test_where_the_articles_cannot_be_read_a_person_is_asked(guest):
    asked = guest.says(RETURN, heard=False)
    broken = Reader(("false",))
    respond(asked.pk, company=guest.point.company_id, reader=broken)
    assert [(t.outcome, t.reason) for t in guest.turns()] == [("person", "unavailable")]


def test_what_is_answered_at_night_stays_for_the_people_of_tomorrow(guest, another, world):
    with world.ours.scope():
        desk = world.ours.desk
        desk.opens, desk.closes = time(9), time(18)
        desk.save()
    with clock.held_at(NIGHT):
        guest.says(RETURN)
        other = another()
        other.says("人と話す")
    assert guest.turns()[0].outcome == "answer"
    assert (guest.case.status, guest.case.waiting_since) == (Status.NEW, NIGHT)
    assert "8月3日 9:00以降にお返事します" in said_by_bot(other)[0].replace("09:00", "9:00")
    with clock.held_at(NOON):
        third = another()
        third.says(RETURN)
    assert third.case.status == Status.WAITING_CUSTOMER


@pytest.mark.parametrize(
    ("hours", "at", "answers"),
    [
        (Bot.Hours.CLOSED, NOON, False),
        (Bot.Hours.CLOSED, NIGHT, True),
        (Bot.Hours.OPEN, NOON, True),
        (Bot.Hours.OPEN, NIGHT, False),
        (Bot.Hours.ALWAYS, NIGHT, True),
    ],
)
def test_it_answers_at_the_hours_that_the_desk_wants(guest, world, hours, at, answers):
    with world.ours.scope():
        desk = world.ours.desk
        desk.opens, desk.closes = time(9), time(18)
        desk.save()
        bot_on(desk, hours=hours)
    with clock.held_at(at):
        guest.says(RETURN)
    assert bool(guest.turns()) is answers


def test_a_bot_that_is_off_hears_nothing(guest, world):
    with world.ours.scope():
        bot_on(world.ours.desk, is_on=False)
    guest.says(RETURN)
    assert (guest.turns(), said_by_bot(guest), guest.case.status) == ([], [], Status.NEW)


def test_a_greeting_is_answered_once_and_in_the_visitors_language(guest, another):
    guest.says("こんにちは")
    other = another()
    other.says("Hello", language="en")
    assert said_by_bot(guest) == ["こんにちは。案内ボットが自動でお答えしています。ご用件をお書きください。"]
    assert said_by_bot(other) == [
        "Hello, this is 案内ボット, an automatic answer. Please write what it is about."
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_who_writes_in_another_language_is_answered_in_english(guest, language, reader):
    asked = guest.says("こんにちは", heard=False)
    with guest.acting():
        Case.objects.update(language=language)
    respond(asked.pk, company=guest.point.company_id, reader=reader)
    assert said_by_bot(guest) == [
        "Hello, this is 案内ボット, an automatic answer. Please write what it is about."
    ]


def test_who_was_told_by_the_bot_what_turns_out_wrong_is_found(guest, articles, company_manager, agent):
    guest.says(RETURN)
    with guest.acting():
        taken(guest.case.pk, visitor=guest.visitor, upto=guest.turns()[0].said_id)
        rewrite(articles["返品"], "商品到着後14日以内です。", by=company_manager, corrects=True)
        [told] = told_wrong(articles["返品"], actor=agent)
    assert told.message_id == guest.turns()[0].said_id


def test_another_companys_bot_is_no_matter_of_ours(world: World, guest) -> None:
    guest.says(RETURN)
    with world.theirs.scope():
        assert (Turn.objects.count(), Talk.objects.count(), Bot.objects.count()) == (0, 0, 0)
