"""Answers drawn for an audit: who judges them, what is refused, and what is found in all and by version."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from tests.house.at_once import at_once

from madoguchi.bot.actions import judge_answer, set_bot
from madoguchi.bot.audits import Audit, OfVersion, audit_of, sample_of, weeks
from madoguchi.bot.figures import curve_at
from madoguchi.bot.models import Bot, Turn, Verdict
from madoguchi.bot.sampling import SIZE, Share
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

# A Wednesday; the week before began on the 23rd.
NOW = datetime(2026, 12, 2, 10, 0, tzinfo=clock.TOKYO)
LAST_WEEK = datetime(2026, 11, 25, 10, 0, tzinfo=clock.TOKYO)
WRONG, RIGHT, UNCLEAR = Verdict.Found.WRONG, Verdict.Found.RIGHT, Verdict.Found.UNCLEAR


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(NOW):
        yield


@dataclass(frozen=True)
class Told:
    """A desk whose bot answers in one case, from an article."""

    side: Side
    case: Case
    article: Article

    def answers(self, times: int = 1, *, at: datetime = LAST_WEEK, outcome: str = "answer") -> list[Turn]:
        """So many answers of the bot, each to a message of its own, from the newest version."""
        version = ArticleVersion.objects.filter(article=self.article).latest("number")
        first = Message.objects.filter(case=self.case, author="customer").earliest("id")
        made = []
        for n in range(times):
            first.pk, first.external_id = None, f"{at.isoformat()}-{outcome}-{version.number}-{n}"
            first._state.adding = True
            first.save()
            asked = Message.objects.get(pk=first.pk)
            where = {"company": self.case.company, "case": self.case, "desk": self.side.desk}
            made.append(
                Turn.objects.create(
                    **where, asked=asked, outcome=outcome, version=version, confidence=90, at=at
                )
            )
        return made


@pytest.fixture
def told(world: World) -> Told:
    side = world.ours
    case = make_case(side.entry_point)
    with side.scope():
        by = actor_of(side.company_manager)
        article = approved(side.company, by=by, title="返品の期限", body="8日以内です。")
        return Told(side, Case.objects.select_related("company", "desk").get(pk=case.pk), article)


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def facts() -> list[dict]:
    return [row.data for row in Event.objects.filter(kind="bot.audited").order_by("id")]


@pytest.mark.django_db
class TestWhatIsDrawn:
    def test_answers_of_weeks_that_are_over_and_nothing_else(self, told: Told, django_assert_num_queries):
        with told.side.scope():
            # given
            [one] = told.answers()
            told.answers(outcome="suggest")
            told.answers(at=NOW)

            # then
            assert weeks()[0].isoformat() == "2026-11-23"
            with django_assert_num_queries(2):
                assert [turn.pk for turn in sample_of(told.side.desk, weeks()[0])] == [one.pk]
            assert sample_of(told.side.desk, weeks()[1]) == []

    def test_of_many_so_many_and_always_the_same(self, told: Told):
        with told.side.scope():
            made = told.answers(SIZE + 5)
            once = [turn.pk for turn in sample_of(told.side.desk, weeks()[0])]
            assert len(once) == SIZE
            assert once == [turn.pk for turn in sample_of(told.side.desk, weeks()[0])]

            # and what was not drawn is not judged
            left = next(turn for turn in made if turn.pk not in once)
            with pytest.raises(NotFound):
                judge_answer(left, found=RIGHT, words="", seen="", by=actor_of(told.side.supervisor))
            assert Verdict.objects.count() == 0


@pytest.mark.django_db
class TestJudging:
    def test_it_is_kept_told_and_can_be_judged_anew(self, told: Told, lead: Actor):
        with told.side.scope():
            [turn] = told.answers()

            # when
            judge_answer(turn, found=WRONG, words="  送料を尋ねています。 ", seen="", by=lead)

            # then
            kept = Verdict.objects.get()
            assert (kept.found, kept.words, kept.user_id, kept.at) == (
                WRONG,
                "送料を尋ねています。",
                lead.id,
                NOW,
            )

            # when: the same once more, then otherwise
            judge_answer(turn, found=WRONG, words="送料を尋ねています。", seen=WRONG, by=lead)
            judge_answer(turn, found=RIGHT, words="", seen=WRONG, by=lead)

            # then
            kept = Verdict.objects.get()
            assert (kept.found, kept.words) == (RIGHT, "")
            assert facts() == [{"message": 0, "found": WRONG}, {"message": 0, "found": RIGHT}]

    @pytest.mark.parametrize(
        ("said", "seen", "error"),
        [
            ({"found": "perhaps", "words": "?"}, "", Refused),
            ({"found": WRONG, "words": " 　"}, "", Refused),
            ({"found": UNCLEAR, "words": ""}, "", Refused),
            ({"found": RIGHT, "words": "あ" * 401}, "", Refused),
            ({"found": RIGHT, "words": ""}, WRONG, Conflict),
        ],
    )
    def test_what_is_refused_changes_nothing(self, told: Told, lead: Actor, said, seen, error):
        with told.side.scope():
            [turn] = told.answers()
            with pytest.raises(error):
                judge_answer(turn, **said, seen=seen, by=lead)
            assert (Verdict.objects.count(), facts()) == (0, [])

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("agent", False),
            ("supervisor", True),
            ("manager", True),
            ("company_staff", False),
            ("company_manager", True),
        ],
    )
    def test_who_leads_or_approves_judges(self, told: Told, who, may):
        with told.side.scope():
            [turn] = told.answers()
            by = actor_of(getattr(told.side, who))
            if may:
                judge_answer(turn, found=RIGHT, words="", seen="", by=by)
            else:
                with pytest.raises(NotAllowed):
                    judge_answer(turn, found=RIGHT, words="", seen="", by=by)
            assert Verdict.objects.count() == may

    def test_a_program_and_another_company_do_not(self, told: Told, world: World):
        with told.side.scope():
            [turn] = told.answers()
            for by in (system("test"), actor_of(world.theirs.supervisor)):
                with pytest.raises(NotAllowed):
                    judge_answer(turn, found=RIGHT, words="", seen="", by=by)
            assert Verdict.objects.count() == 0

    def test_nothing_is_judged_of_the_week_that_goes_on(self, told: Told, lead: Actor):
        with told.side.scope():
            [turn] = told.answers(at=NOW)
            with pytest.raises(NotFound):
                judge_answer(turn, found=RIGHT, words="", seen="", by=lead)


@pytest.mark.django_db
class TestWhatIsFound:
    def test_in_all_and_by_version(self, told: Told, lead: Actor, django_assert_num_queries):
        with told.side.scope():
            # given: three of the first version, of which one is wrong and one cannot be told; one right of the second
            first = told.answers(3)
            rewrite(told.article, "10日以内です。", by=actor_of(told.side.company_manager))
            second = told.answers(1, at=LAST_WEEK - timedelta(days=7))
            told.answers(2)  # nobody has judged these
            for turn, found in zip([*first, *second], (WRONG, RIGHT, UNCLEAR, RIGHT), strict=True):
                judge_answer(turn, found=found, words="理由", seen="", by=lead)

            # then
            pk = told.article.pk
            with django_assert_num_queries(1):
                found = audit_of(told.side.desk)
            assert found == Audit(
                Share(1, 3),
                unclear=1,
                versions=[
                    OfVersion(pk, "返品の期限", 1, Share(1, 2)),
                    OfVersion(pk, "返品の期限", 2, Share(0, 1)),
                ],
            )

            # and weeks long past are not told of
            with clock.held_at(NOW + timedelta(weeks=12)):
                assert audit_of(told.side.desk) == Audit(Share(0, 0), unclear=0, versions=[])

    def test_nothing_of_another_company(self, told: Told, lead: Actor, world: World):
        with told.side.scope():
            [turn] = told.answers()
            judge_answer(turn, found=RIGHT, words="", seen="", by=lead)
        with world.theirs.scope():
            assert Verdict.objects.count() == 0
            assert audit_of(told.side.desk).share == Share(0, 0)


class TestStopping:
    def judged(self, turns: list[Turn], found: str, by: Actor) -> None:
        for turn in turns:
            judge_answer(turn, found=found, words="古い", seen="", by=by)

    def test_of_whose_answers_surely_too_many_are_wrong_it_stops_until_it_is_switched_on(
        self, told: Told, lead: Actor, world: World
    ):
        boss, desk = actor_of(world.ours.company_manager), told.side.desk
        said = {"name": "", "greeting": "", "hours": "always", "answer_from": 75, "suggest_from": 35}
        with told.side.scope():
            # given: of 19 three are wrong, which are too few to judge by
            with clock.held_at(LAST_WEEK - timedelta(days=1)):
                set_bot(desk, is_on=True, **said, by=boss)
            turns = told.answers(SIZE)
            self.judged(turns[:16], RIGHT, lead)
            self.judged(turns[16:19], WRONG, lead)
            assert Bot.objects.get().is_on

            # when
            self.judged(turns[19:], UNCLEAR, lead)
            assert Bot.objects.get().is_on
            judge_answer(turns[19], found=RIGHT, words="", seen=UNCLEAR, by=lead)

            # then
            bot = Bot.objects.get()
            assert (bot.is_on, bot.stopped_at) == (False, NOW)
            [fact] = Event.objects.filter(kind="bot.stopped")
            assert (fact.data, fact.desk_id) == ({"wrong": 3, "judged": 20}, desk.pk)

            # when it is switched on again, what was found before counts no more
            set_bot(desk, is_on=True, **said, by=boss)
            judge_answer(turns[0], found=WRONG, words="これも", seen=RIGHT, by=lead)
            bot.refresh_from_db()
            assert (bot.is_on, bot.stopped_at) == (True, None)

    def test_what_was_judged_counts_before_what_customers_said(self, told: Told, lead: Actor):
        with told.side.scope():
            turns = told.answers(2)
            Turn.objects.update(helped=True)
            assert curve_at(told.side.desk)[0].right == 2
            self.judged(turns[:1], WRONG, lead)
            point = curve_at(told.side.desk)[0]
        assert (point.known, point.right) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_judge_at_once_the_second_is_told(told: Told, lead: Actor):
    # given
    with told.side.scope():
        [turn] = told.answers()

    def judging(found: str) -> Callable[[], Verdict]:
        def judge() -> Verdict:
            with clock.held_at(NOW), told.side.scope():
                return judge_answer(turn, found=found, words="理由", seen="", by=lead)

        return judge

    # when
    came = at_once(judging(WRONG), judging(RIGHT))

    # then
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "Verdict"]
    with told.side.scope():
        [kept] = [one for one in came if isinstance(one, Verdict)]
        assert Verdict.objects.get().found == kept.found
        assert len(facts()) == 1
