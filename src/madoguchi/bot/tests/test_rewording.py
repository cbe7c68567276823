"""A question is put in other words by a language model, which never says anything to a customer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.deciding import Before, Decision, by_other_words
from madoguchi.bot.models import Bot, Reason, Turn
from madoguchi.bot.reader import Reading
from madoguchi.bot.rewording import MOST_LETTERS, MOST_WAYS, reworded, ways_in
from madoguchi.cases.models import Message
from madoguchi.infra.tests.webserver import Site, website
from madoguchi.kernel.leaving import MOST_ASKED, what_may_leave
from madoguchi.knowledge.models import ArticleVersion

Outcome = Turn.Outcome
NOTHING = Decision(Outcome.PERSON, confidence=0.1, reason=Reason.UNSURE)
ODD, KNOWN = "御社の決算短信の開示時刻", "返品の期限と送料を教えてください"


def completion(words: Any) -> bytes:
    """What such a service answers, as the description of OpenAI's has it."""
    message = {"role": "assistant", "content": words}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"id": "x", "object": "chat.completion", "choices": [choice]}).encode()


@pytest.fixture
def model(settings: Any) -> Iterator[Site]:
    with website() as site:
        settings.LLM_URL, settings.LLM_MODEL, settings.LLM_KEY = site.address("/v1"), "small", "sesame"
        site.serve("/v1/chat/completions", completion(f"1. {KNOWN}\n・返品の送料は？"))
        yield site


class TestAsking:
    def test_it_is_asked_with_its_key_and_says_other_ways(self, model: Site) -> None:
        assert reworded(ODD) == [KNOWN, "返品の送料は？"]

        [(method, path, headers, body)] = model.asked
        assert (method, path, headers["Authorization"]) == (
            "POST",
            "/v1/chat/completions",
            "Bearer sesame",
        )
        said = json.loads(body)
        assert (said["model"], said["messages"][-1]) == ("small", {"role": "user", "content": ODD})

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            (b"", 200),
            (b"<html>", 200),
            (b"{}", 200),
            (b'{"choices": []}', 200),
            (b'{"choices": [{"message": null}]}', 200),
            (b"[1]", 200),
            (completion(KNOWN), 500),
            (completion(KNOWN), 302),
            (b"x" * 300_000, 200),
        ],
    )
    def test_what_cannot_be_used_is_nothing(self, model: Site, answer: bytes, status: int) -> None:
        model.serve("/v1/chat/completions", answer, status=status, Location="/v1/elsewhere")

        assert reworded(ODD) == []
        assert model.paths() == ["/v1/chat/completions"]

    def test_nobody_is_asked_where_none_is_set_up(self, model: Site, settings: Any) -> None:
        settings.LLM_URL = ""

        assert reworded(ODD) == []
        assert model.asked == []

    def test_nobody_there_is_nothing(self, settings: Any) -> None:
        with website() as site:
            settings.LLM_URL, settings.LLM_MODEL = site.address("/v1"), "small"

        assert reworded(ODD) == []


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ("kato@example.jp に送って", "… に送って"),
        ("電話は 090-1234-5678 です", "電話は … です"),
        ("注文 A-20261130 が届かない", "注文 A-… が届かない"),
        ("4111 1111 1111 1111", "■■■■ ■■■■ ■■■■ …"),
        ("３日以内の返品", "3日以内の返品"),
        ("taro＠example.jp と taro @ example.jp", "… と …"),
        ("〇九〇ー一二三四ー五六七八", "…"),
        ("０９０・１２３４・５６７８", "…"),
        ("二、三日で一つ", "二、三日で一つ"),
        ("a" * 9_000, "a" * MOST_ASKED),
    ],
)
def test_neither_addresses_nor_longer_numbers_leave_the_house(said: str, leaves: str) -> None:
    assert what_may_leave(said) == leaves


@given(st.text(max_size=2_000), st.text(max_size=40))
def test_ways_are_few_short_single_lines_and_never_the_question_itself(said: str, asked: str) -> None:
    ways = ways_in(said, but=asked)

    assert len(ways) <= MOST_WAYS
    assert len(set(ways)) == len(ways)
    assert all(way.strip() == way != asked and 0 < len(way) <= MOST_LETTERS for way in ways)
    assert all(len(way.splitlines()) == 1 for way in ways)


class TestDeciding:
    SURE, WEAK = Reading((8, 7, 9, 6), 0.97), Reading((5,), 0.2)

    def test_what_fits_other_words_best_is_suggested_however_sure_it_is(self) -> None:
        decided = by_other_words(NOTHING, [self.WEAK, self.SURE], Before(offered={}), suggest_from=35)

        assert decided == Decision(Outcome.SUGGEST, (8, 7, 9), 0.97, reworded=True)

    @pytest.mark.parametrize(
        ("decided", "before"),
        [
            (Decision(Outcome.PERSON, reason=Reason.ANGER), Before(offered={})),
            (Decision(Outcome.ANSWER, (3,), 0.9), Before(offered={})),
            (NOTHING, Before(offered={}, suggested=2)),
            (NOTHING, Before(offered={}, told=[8, 7, 9])),
        ],
    )
    def test_else_it_stays_as_it_was(self, decided: Decision, before: Before) -> None:
        assert by_other_words(decided, [self.SURE], before, suggest_from=35) == decided

    def test_what_is_unsure_in_other_words_too_is_for_a_person(self) -> None:
        assert by_other_words(NOTHING, [self.WEAK], Before(offered={}), suggest_from=35) == NOTHING


@pytest.mark.django_db(transaction=True)
class TestInTheChat:
    def test_what_no_article_fits_is_looked_for_in_other_words(self, guest, articles, model: Site) -> None:
        with guest.acting():
            Bot.objects.update(rewords=True)

        guest.says(ODD)

        [turn] = guest.turns()
        assert (turn.outcome, turn.reworded, turn.version) == ("suggest", True, None)
        with guest.acting():
            best = ArticleVersion.objects.get(pk=turn.offered[0])
            assert not Message.objects.filter(text__contains="返品の送料は？").exists()
        assert best.article_id == articles["返品"].pk

    @pytest.mark.parametrize(("wished", "text"), [(False, ODD), (True, KNOWN), (True, "責任者を出せ")])
    def test_nobody_is_asked_where_that_is_not_wished_or_not_needed(
        self, guest, articles, model: Site, wished: bool, text: str
    ) -> None:
        with guest.acting():
            Bot.objects.update(rewords=wished)

        guest.says(text)

        assert model.asked == []
        assert [turn.reworded for turn in guest.turns()] == [False]

    def test_where_it_says_nothing_a_person_is_asked(self, guest, articles, model: Site) -> None:
        with guest.acting():
            Bot.objects.update(rewords=True)
        model.serve("/v1/chat/completions", b"", status=503)

        guest.says(ODD)

        assert [(turn.outcome, turn.reason) for turn in guest.turns()] == [("person", "unsure")]
