"""The pages of bots: the list, one bot, and the words at which a person takes over."""

import re
from collections.abc import Callable
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.bot.curve import Labelled, curve_of
from madoguchi.bot.limits import Kind, usual
from madoguchi.bot.models import Bot
from madoguchi.bot.queries import limit_words
from madoguchi.cases.factories import make_case
from madoguchi.gaps.models import Rehearsal
from madoguchi.gaps.rehearsed import curve_by_people
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
SAID = {"name": "案内", "greeting": "", "hours": "always", "answer_from": "80", "suggest_from": "40"} | {
    "yen_a_month": "30000",
    "yen_a_talk": "5",
    "yen_by_people": "900",
}


@pytest.fixture
def manager(world: World, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(world.ours.company_manager)


def test_a_bot_is_switched_on_and_stands_so_in_the_list(world: World, manager: Client) -> None:
    # given
    assert "停止中" in manager.get(reverse("administration:bots")).content.decode()

    # when
    answer = manager.post(reverse("administration:bot", args=[world.ours.desk.pk]), {"is_on": "on", **SAID})

    # then
    assert (answer.status_code, answer["Location"]) == (302, reverse("administration:bots"))
    page = manager.get(reverse("administration:bots")).content.decode()
    assert ("稼働中" in page, "停止中" in page) == (True, False)
    assert world.theirs.desk.name not in page
    with world.ours.scope():
        bot = Bot.objects.get()
        assert (bot.is_on, bot.name, bot.answer_from, bot.suggest_from) == (True, "案内", 80, 40)
        assert (bot.yen_a_month, bot.yen_a_talk, bot.yen_by_people) == (30_000, 5, 900)


def test_one_that_stopped_by_itself_meanwhile_is_not_switched_on_by_a_page_that_knows_nothing_of_it(
    world: World, manager: Client
) -> None:
    # given a form that was opened while the bot was on, and the bot that stopped since
    at = reverse("administration:bot", args=[world.ours.desk.pk])
    manager.post(at, {"is_on": "on", **SAID})
    assert 'name="seen_stop"' in manager.get(at).content.decode()
    stopped = clock.now()
    with world.ours.scope():
        Bot.objects.update(is_on=False, stopped_at=stopped)

    # when it is saved with another greeting
    answer = manager.post(at, {"is_on": "on", **SAID, "greeting": "こんにちは", "seen_stop": ""})

    # then nothing changed, and it is said why
    assert "その間に自動で停止しました" in answer.content.decode()
    with world.ours.scope():
        bot = Bot.objects.get()
        assert (bot.is_on, bot.stopped_at, bot.greeting) == (False, stopped, "")
    # and whoever opens it anew may switch it on
    shown = re.search(r'name="seen_stop" value="([^"]+)"', manager.get(at).content.decode())
    assert shown is not None
    assert manager.post(at, {"is_on": "on", **SAID, "seen_stop": shown[1]}).status_code == 302
    with world.ours.scope():
        assert Bot.objects.get().is_on


def test_from_which_confidence_on_it_is_right_is_shown_and_put_into_the_form(
    world: World, manager: Client
) -> None:
    at = reverse("administration:bot", args=[world.ours.desk.pk])
    assert "まだ何もわかりません" in manager.get(at).content.decode()
    points = curve_of([Labelled(90, right=True)] * 30 + [Labelled(60, right=False)] * 10, [90] * 40)

    with mock.patch("madoguchi.administration.bot_curve.curve_at", return_value=points):
        page = manager.get(at, {"right": "95"}).content.decode()
        nothing = manager.get(at, {"right": "x"}).content.decode()

    assert "確信度65%以上" in page
    assert "?right=95&amp;answer_from=65#id_answer_from" in page
    assert "?right=90&amp;answer_from=65" in nothing
    filled = manager.get(at, {"right": "95", "answer_from": "65"}).content.decode()
    assert re.search(r'name="answer_from" value="65"', filled)
    with world.ours.scope():
        assert not Bot.objects.exists()
    assert 'value="75"' in manager.get(at, {"answer_from": "七"}).content.decode()


def test_a_bot_without_talks_has_a_curve_by_what_people_answered_from_articles(
    world: World, manager: Client
) -> None:
    at = reverse("administration:bot", args=[world.ours.desk.pk])
    assert "離任の予行" in manager.get(at).text
    with world.ours.scope():
        # given: of thirty cases here the articles told are known; one of another company is none of ours
        cases = [make_case(world.ours.entry_point).pk for _n in range(30)]
        found = [[pk, "found", 1, 90 if n < 20 else 60, n < 20, True] for n, pk in enumerate(cases)]
        told = {"created_at": clock.now(), "finished_at": clock.now()}
        Rehearsal.objects.create(
            company=world.ours.company,
            state="done",
            cases=[*found, [cases[-1] + 10_000, "found", 1, 95, False, True]],
            **told,
        )

    # then
    page = manager.get(at, {"right": "95"}).text
    assert "?right=95&amp;answer_from=65#id_answer_from" in page
    assert re.search(r'30 %</th><td[^>]*><span class="nowrap">66 %</span>', page)
    with world.theirs.scope():
        points, rehearsed = curve_by_people(world.theirs.desk)
    assert (rehearsed, {point.known for point in points}) == (None, {0})


def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_typed_is_lost(
    world: World, manager: Client
) -> None:
    wrong = {"is_on": "on", **SAID, "suggest_from": "90"}
    answer = manager.post(reverse("administration:bot", args=[world.ours.desk.pk]), wrong)
    page = answer.content.decode()
    assert "候補を示す確信度は、回答する確信度以下にしてください。" in page
    assert 'value="案内"' in page
    with world.ours.scope():
        assert not Bot.objects.exists()


def test_no_limit_of_the_database_is_told_to_people(world: World, manager: Client) -> None:
    wrong = {"is_on": "on", **SAID, "yen_a_month": "99999999999"}
    page = manager.post(reverse("administration:bot", args=[world.ours.desk.pk]), wrong).content.decode()
    assert "2000000000 以下の数を入力してください。" in page
    assert "2147483647 以下" not in page
    with world.ours.scope():
        assert not Bot.objects.exists()


def test_the_words_are_shown_changed_and_put_back(world: World, manager: Client) -> None:
    # given
    address = reverse("administration:bot_limits", args=[world.ours.company.pk])
    assert "ふざけ" in manager.get(address).content.decode()
    ours = {kind.value: usual(kind) for kind in Kind}

    # when
    answer = manager.post(address, ours | {"anger": "ぷんぷん"}, follow=True)

    # then
    assert "保存しました（1件の一覧を変更）。" in answer.content.decode()
    with world.ours.scope():
        assert limit_words(world.ours.company.pk) == {Kind.ANGER: "ぷんぷん"}
    with world.theirs.scope():
        assert limit_words(world.theirs.company.pk) == {}

    # when
    manager.post(address, ours | {"anger": ""})

    # then
    with world.ours.scope():
        assert limit_words(world.ours.company.pk) == {}
    assert "ふざけ" in manager.get(address).content.decode()


def test_exceptions_alone_are_refused(world: World, manager: Client) -> None:
    address = reverse("administration:bot_limits", args=[world.ours.company.pk])
    words = {kind.value: usual(kind) for kind in Kind} | {"safety": "-火災保険"}
    assert "言葉を1つ以上書いてください。" in manager.post(address, words).content.decode()
    with world.ours.scope():
        assert limit_words(world.ours.company.pk) == {}
