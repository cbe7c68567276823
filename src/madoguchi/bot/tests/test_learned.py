"""What people marked as grave is learned: what it finds beyond the words, and when the words stand alone."""

from dataclasses import replace

import pytest

from madoguchi.bot.actions.learning import learn_all, learn_limits
from madoguchi.bot.deciding import Before, at_once
from madoguchi.bot.learned import LEAST_GRAVE, LEAST_OTHERS, Labelled, Measured, examine
from madoguchi.bot.models import Bot, LearnedLimit, LimitWords, Reason
from madoguchi.bot.queries import labelled_cases, learned_of, measured_of
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.complaints.events import ComplaintMade
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World

ITEMS = list("鞄傘靴皿机椅棚鏡枕箱瓶鍋釜箒網筆墨帯櫛鈴笛琴盆椀箸")
GRAVE = [Labelled(f"{item}の件、電話口で鼻で笑われて{n}日も待った", True) for n in (3, 5) for item in ITEMS]
CALM = [
    Labelled(f"{item}の{what}を教えてください", False)
    for item in ITEMS
    for what in ("送料", "色", "在庫", "寸法", "納期")
]


def no_words(_text: str) -> bool:
    return False


def test_it_finds_what_the_words_do_not_know() -> None:
    learned, measured = examine([*GRAVE, *CALM], no_words)

    assert learned is not None
    assert measured == Measured(50, 125, found_by_words=0, found=50, false_by_words=0, false=0)
    assert learned.says("注文の件で電話口で鼻で笑われた")
    assert not learned.says("靴下の在庫を教えてください")
    assert not learned.says("。。。")


def test_with_too_few_marks_the_words_stand_alone_and_are_measured() -> None:
    rows = [*GRAVE[: LEAST_GRAVE - 1], *CALM]

    learned, measured = examine(rows, lambda text: "鞄" in text)

    assert learned is None
    assert (measured.few, measured.grave, measured.found_by_words, measured.false_by_words) == (
        True,
        29,
        2,
        5,
    )
    assert examine([*GRAVE, *CALM[: LEAST_OTHERS - 1]], no_words)[0] is None


def test_what_would_take_too_much_for_grave_is_not_used() -> None:
    """Marks that nothing in the words goes with teach nothing."""
    rows = [replace(one, grave=at % 4 == 0) for at, one in enumerate(CALM)]

    learned, measured = examine(rows, no_words)

    assert (learned, measured.found, measured.false) == (None, 0, 0)


def test_a_person_is_asked_by_what_was_learned_after_the_words() -> None:
    learned, _measured = examine([*GRAVE, *CALM], no_words)
    before = Before(offered={})

    decided = at_once("電話口で鼻で笑われました", before, learned=learned)
    by_words = at_once("電話口で鼻で笑われた、ふざけるな", before, learned=learned)

    assert decided is not None
    assert by_words is not None
    assert (decided.reason, by_words.reason) == (Reason.LEARNED, Reason.ANGER)
    assert at_once("靴の送料を教えてください", before, learned=learned) is None


@pytest.mark.django_db
class TestMarks:
    def _case(self, world: World, text: str, **marks: object) -> Case:
        case = make_case(world.ours.entry_point, text=text)
        at = clock.now()
        Case.objects.filter(pk=case.pk).update(first_replied_at=at, status=Status.SOLVED, **marks)
        return case

    def test_what_people_marked_is_a_label(self, world: World) -> None:
        with world.ours.scope():
            self._case(world, "怒った話", feelings=["anger"])
            self._case(world, "急ぎの話", feelings=["haste"])
            complained = self._case(world, "苦情の話")
            make_case(world.ours.entry_point, text="まだの話")
            made = {"complaint": 1, "severity": 2, "responsible": None, "secondary_to": None}
            record(ComplaintMade(**complained.where, **made), by=system("test"))

            told = {text.split("\n")[-1]: grave for text, grave in labelled_cases(world.ours.company.pk)}

        assert told == {"怒った話": True, "急ぎの話": False, "苦情の話": True}

    def test_it_is_learned_kept_and_shown(self, world: World) -> None:
        company = world.ours.company.pk
        with world.ours.scope():
            self._case(world, "怒った話", feelings=["anger"])
            learn_limits(company)
            learn_limits(company)

            kept = LearnedLimit.objects.get()
            assert (kept.threshold, kept.weights, learned_of(company)) == (None, {}, None)
            shown = measured_of([company])[company]
            assert (shown.measured.few, shown.used, shown.measured.grave) == (True, False, 1)
            assert Event.objects.filter(kind="bot.learned").count() == 2
        with world.theirs.scope():
            assert not LearnedLimit.objects.exists()
            assert measured_of([company]) == {}

    def test_what_fails_at_one_company_does_not_keep_the_others(self, world: World) -> None:
        first, last = sorted((world.ours, world.theirs), key=lambda one: one.company.pk)
        for one in (first, last):
            with one.scope():
                Bot.objects.create(company=one.company, desk=one.desk, is_on=True)
        with first.scope():
            LimitWords.objects.create(company=first.company, kind="nonsense")

        learn_all()

        with first.scope():
            assert not LearnedLimit.objects.exists()
        with last.scope():
            assert LearnedLimit.objects.count() == 1
