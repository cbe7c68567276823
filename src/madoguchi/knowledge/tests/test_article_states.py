"""What may become of a version in each of its states; what may not changes nothing and says what to do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, MadoguchiError, NotFound, Refused
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import LONGEST, Said, Settings, Term
from madoguchi.knowledge.factories import make_article
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
Act = Callable[[Article, Actor], object]

ACTS: dict[str, Act] = {
    "ask": lambda article, by: actions.ask_for_approval(article, by=by),
    "take back": lambda article, by: actions.take_version_back(article, 1, by=by),
    "return": lambda article, by: actions.return_version(article, 1, comment="誤字", by=by),
    "approve": lambda article, by: actions.approve_version(article, 1, by=by),
    "set term": lambda article, by: actions.set_term(article, 1, Term(None, NOON + DAY), by=by),
}
# Which of them can be done to a version in a state, and what it is then.
LEADS = {
    ("draft", "ask"): "review",
    ("review", "take back"): "draft",
    ("review", "return"): "draft",
    ("review", "approve"): "approved",
    ("approved", "set term"): "approved",
}


@pytest.fixture
def side(world: World) -> Side:
    return world.ours


@pytest.fixture
def boss(side: Side) -> Actor:
    return actor_of(side.company_manager)


def everything(article: Article) -> tuple[object, ...]:
    """All that is kept of an article, to be compared."""
    of_it = Article.objects.filter(pk=article.pk).values_list()
    return (*of_it, *ArticleVersion.objects.filter(article=article).order_by("number").values_list())


def in_state(state: str, side: Side, boss: Actor) -> Article:
    article = make_article(side.company, by=boss, desk=side.desk)
    if state != "draft":
        actions.ask_for_approval(article, by=boss)
    if state == "approved":
        actions.approve_version(article, 1, by=boss)
    return article


def test_each_state_leads_where_it_may_and_nowhere_else(side: Side, boss: Actor) -> None:
    with side.scope(), clock.held_at(NOON):
        for state in ("draft", "review", "approved"):
            for name, act in ACTS.items():
                article = in_state(state, side, boss)
                before = everything(article)
                if (state, name) in LEADS:
                    act(article, boss)
                    assert article.versions.get().state == LEADS[state, name], (state, name)
                    continue
                with pytest.raises(Conflict):
                    act(article, boss)
                assert everything(article) == before, (state, name)


@pytest.mark.parametrize("name", ["take back", "return", "approve", "set term"])
def test_a_version_that_it_never_had_is_absent(side: Side, boss: Actor, name: str) -> None:
    act: dict[str, Act] = {
        "take back": lambda article, by: actions.take_version_back(article, 2, by=by),
        "return": lambda article, by: actions.return_version(article, 2, comment="x", by=by),
        "approve": lambda article, by: actions.approve_version(article, 2, by=by),
        "set term": lambda article, by: actions.set_term(article, 2, Term(), by=by),
    }
    with side.scope():
        article = in_state("review", side, boss)
        before = everything(article)
        with pytest.raises(NotFound):
            act[name](article, boss)
        with pytest.raises(NotFound):
            actions.version_again(article, 2, by=boss)
        assert everything(article) == before


def test_a_version_of_another_article_is_not_reached_through_this_one(side: Side, boss: Actor) -> None:
    with side.scope():
        first, second = (make_article(side.company, by=boss, body=body) for body in ("一", "二"))
        actions.write_article(second, Said("題", "三"), by=actor_of(side.agent))
        with pytest.raises(NotFound):
            actions.version_again(first, 2, by=boss)
        assert list(first.versions.values_list("number", "body")) == [(1, "一")]


class TestWords:
    """What is refused says why in the reader's language, beside which field, and nothing is kept."""

    @pytest.mark.parametrize(
        ("said", "field", "japanese", "english"),
        [
            (Said("\u3000", "本文"), "title", "題名を入力してください。", "A title is needed."),
            (Said("題", "\u3000\n"), "body", "本文を入力してください。", "Write something first."),
            (
                Said("題", "あ" * (LONGEST + 1)),
                "body",
                "50,000文字を超えています。2つの記事に分けてください。",
                "This is longer than 50,000 characters. Make two articles of it.",
            ),
        ],
        ids=["no title", "no text", "too long"],
    )
    def test_of_what_cannot_be_kept(
        self, side: Side, boss: Actor, said: Said, field: str, japanese: str, english: str
    ) -> None:
        with side.scope():
            article = make_article(side.company, by=boss)
            before = everything(article)
            for language, words in (("ja", japanese), ("en", english)):
                with override(language), pytest.raises(Refused) as refused:
                    actions.write_article(article, said, by=boss)
                assert (str(refused.value), refused.value.field) == (words, field)
            assert everything(article) == before

    @pytest.mark.parametrize(
        ("name", "japanese", "english"),
        [
            (
                "state",
                "ほかの人の操作で、この版の状態が変わっています。もう一度確認してください。",
                "Somebody was faster: this version is in another state now. Look again.",
            ),
            (
                "overtaken",
                None,
                "Somebody else has written on this article since you opened it. Your words stand below. Look at"
                " theirs, then save once more: theirs stays as the version before.",
            ),
            (
                "four eyes",
                "この委託元では、書いた人とは別の人の承認が必要です。",
                "The company wants somebody else than the writer to approve it.",
            ),
            ("comment", "どこを直してほしいかを入力してください。", "Say what is to be changed."),
            (
                "until",
                "終了が開始より前になっています。終了をもっと後の日時にしてください。",
                "It would end before it begins. Choose a later end.",
            ),
        ],
    )
    def test_of_what_cannot_be_done(
        self, side: Side, boss: Actor, name: str, japanese: str | None, english: str
    ) -> None:
        tries: dict[str, Act] = {
            "state": lambda article, by: actions.ask_for_approval(article, by=by),
            "overtaken": lambda article, by: actions.write_article(article, Said("x", "x"), seen=9, by=by),
            "four eyes": lambda article, by: actions.approve_version(article, 1, by=by),
            "comment": lambda article, by: actions.return_version(article, 1, comment=" \n", by=by),
            "until": lambda article, by: actions.approve_version(article, 1, term=Term(NOON, NOON), by=by),
        }
        with side.scope():
            article = in_state("review", side, boss)
            actions.set_policy(side.company, four_eyes=name == "four eyes", by=boss)
            before = everything(article)
            for language, words in (("ja", japanese), ("en", english)):
                with override(language), pytest.raises(MadoguchiError) as error:
                    tries[name](article, boss)
                assert words in (None, str(error.value))
            assert everything(article) == before

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (Settings(audience="everybody"), "audience"),
            (Settings(audience=""), "audience"),
            (Settings(language="fr"), "language"),
        ],
    )
    def test_of_settings_that_there_are_not(
        self, side: Side, boss: Actor, wanted: Settings, field: str
    ) -> None:
        with side.scope():
            article = make_article(side.company, by=boss)
            before = everything(article)
            with override("ja"), pytest.raises(Refused) as refused:
                actions.arrange_article(article, wanted, by=boss)
            assert (str(refused.value), refused.value.field) == ("一覧から選んでください。", field)
            with pytest.raises(Refused):
                actions.add_article(side.company, Said("題", "本文"), wanted, by=boss)
            assert (everything(article), Article.objects.count()) == (before, 1)

    def test_of_a_desk_of_another_company(self, world: World, side: Side) -> None:
        by = actor_of(world.administrator)
        with side.scope(), override("ja"):
            article = make_article(side.company, by=actor_of(side.company_manager))
            before = everything(article)
            for act in (
                lambda: actions.add_article(
                    side.company, Said("題", "本文"), Settings(desk=world.theirs.desk), by=by
                ),
                lambda: actions.arrange_article(
                    article, Settings(desk=world.theirs.desk), by=actor_of(side.company_manager)
                ),
            ):
                with pytest.raises(Refused, match="この窓口は別の委託元のものです。") as refused:
                    act()
                assert refused.value.field == "desk"
            assert (everything(article), Article.objects.count()) == (before, 1)
