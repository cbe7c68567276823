"""The page on which answers of the bot are judged: who sees what, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Turn, Verdict
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 2, 10, 0, tzinfo=clock.TOKYO)
LAST_WEEK = datetime(2026, 11, 25, 10, 0, tzinfo=clock.TOKYO)
SignedIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(NOW):
        yield


@pytest.fixture
def signed_in() -> SignedIn:
    """`signed_in(person)` is a browser in which this person is signed in."""

    def browser(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return browser


@pytest.fixture
def turn(world: World) -> Turn:
    """An answer of last week at a desk of ours."""
    side = world.ours
    case = make_case(side.entry_point)
    with side.scope():
        bot_on(side.desk)
        by = actor_of(side.company_manager)
        article = approved(side.company, by=by, title="返品の期限", body="8日以内です。")
        where = {"company": side.company, "case": case, "desk": side.desk}
        return Turn.objects.create(
            **where,
            asked=Message.objects.filter(case=case, author="customer").earliest("id"),
            outcome="answer",
            version=ArticleVersion.objects.get(article=article),
            confidence=91,
            at=LAST_WEEK,
        )


def page(browser: Client, **asked: object) -> str:
    return browser.get(reverse("desk:bot_audit"), asked).content.decode()


def judge(browser: Client, turn: Turn, **said: str):
    return browser.post(reverse("desk:bot_audit_judge", args=[turn.pk]), {"seen": "", **said})


def test_an_answer_is_judged_and_stands_in_the_figures(world: World, turn: Turn, signed_in: SignedIn) -> None:
    lead = signed_in(world.ours.supervisor)

    # given
    shown = page(lead)
    for words in ("返品の期限", "8日以内です。", "1件のうち0件を判定済み", "確信度91%"):
        assert words in shown, words
    figures = reverse("desk:bot_scores")
    assert "まだわかりません。判定した回答がありません。" in lead.get(figures).content.decode()

    # when
    answer = judge(lead, turn, found="wrong", words="送料を尋ねています。")

    # then
    place = f"{reverse('desk:bot_audit')}?desk={world.ours.desk.pk}&week=2026-11-23#answer-{turn.pk}"
    assert (answer.status_code, answer["Location"]) == (302, place)
    shown = page(lead)
    assert ("1件のうち1件を判定済み" in shown, "送料を尋ねています。" in shown) == (True, True)
    told = lead.get(figures).content.decode()
    assert told.count("判定した1件のうち1件（100%、95%信頼区間 20〜100%）") == 2


def test_what_is_refused_says_why_and_keeps_what_was_typed(
    world: World, turn: Turn, signed_in: SignedIn
) -> None:
    lead = signed_in(world.ours.supervisor)
    answer = judge(lead, turn, found="unclear", words="")
    assert answer.status_code == 422
    assert "理由を書いてください。" in answer.content.decode()

    # when somebody else was first
    judge(signed_in(world.ours.manager), turn, found="right", words="")
    answer = judge(lead, turn, found="wrong", words="期限が違います。")

    # then
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "その間に別の人がこの回答を判定しました。" in told
    assert "期限が違います。" in told
    with world.ours.scope():
        assert [(one.found, one.words) for one in Verdict.objects.all()] == [("right", "")]


def test_who_only_answers_reads_it_and_judges_nothing(world: World, turn: Turn, signed_in: SignedIn) -> None:
    agent = signed_in(world.ours.agent)
    shown = page(agent)
    assert ("8日以内です。" in shown, "判定を保存" in shown) == (True, False)
    assert judge(agent, turn, found="right", words="").status_code == 403
    with world.ours.scope():
        assert Verdict.objects.count() == 0


def test_another_company_finds_nothing(world: World, turn: Turn, signed_in: SignedIn) -> None:
    stranger = signed_in(world.theirs.supervisor)
    assert "担当する窓口でボットは動いていません" in page(stranger)
    asked = {"desk": world.ours.desk.pk}
    assert stranger.get(reverse("desk:bot_audit"), asked).status_code == 404
    assert judge(stranger, turn, found="right", words="").status_code == 404
    with world.ours.scope():
        assert Verdict.objects.count() == 0


def test_a_week_without_answers_says_so(world: World, turn: Turn, signed_in: SignedIn) -> None:
    shown = page(signed_in(world.ours.supervisor), desk=world.ours.desk.pk, week="2026-11-16")
    assert ("この週にボットの回答はありません" in shown, "8日以内です。" in shown) == (True, False)
