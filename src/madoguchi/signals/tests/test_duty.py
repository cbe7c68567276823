"""The ten days of 消安法35条: grave words of injury or fire set the task of reporting, once; what was none takes it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message
from madoguchi.escalations.tests.conftest import HOUR, NINE
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.accidents import find_grave
from madoguchi.signals.actions import set_watch
from madoguchi.signals.duty import last_moment, may_have_to_be_reported
from madoguchi.signals.grave import dismiss_grave, look_for_grave_words
from madoguchi.signals.lexicon import USUAL, read_lexicon
from madoguchi.signals.models import Grave
from madoguchi.tasks.actions import MOST_TASKS, Wanted, add_task, remove_tasks, tick
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import open_tasks_of

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("sorts", "so"),
    [(["負傷"], True), (["弁護士", "火災"], True), (["水漏れ", "警察"], False), ([], False)],
)
def test_these_are_what_may_have_to_be_reported(sorts: list[str], so: bool) -> None:
    assert may_have_to_be_reported(sorts) is so


@pytest.mark.parametrize(
    ("known", "last"),
    [
        ("2026-04-01T00:00+09:00", "2026-04-10T23:59+09:00"),
        ("2026-04-01T23:59+09:00", "2026-04-10T23:59+09:00"),
        ("2026-03-31T15:00+00:00", "2026-04-10T23:59+09:00"),  # the first of April in Japan
        ("2028-02-25T12:00+09:00", "2028-03-05T23:59+09:00"),  # over the 29th of February
        ("2026-12-28T12:00+09:00", "2027-01-06T23:59+09:00"),  # days off count
    ],
)
def test_the_day_on_which_it_was_known_is_the_first_of_ten(known: str, last: str) -> None:
    assert last_moment(datetime.fromisoformat(known)) == datetime.fromisoformat(last)


@given(st.integers(0, 200 * 366 * 24 * 60))
def test_there_are_always_nine_days_and_never_more_than_ten(minutes: int) -> None:
    known = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert 9 * DAY - timedelta(minutes=1) <= last_moment(known) - known < 10 * DAY


GRAVEST = [
    "昨夜、御社のストーブの使用中に父が亡くなりました。",
    "家族が死亡する事故がありました。",
    "給湯器から一酸化炭素が漏れたようです。",
    "CO中毒で運ばれました",
    "全治2か月と診断されました。",
    "右手に後遺症が残りました。",
    "片目を失明しました。",
    "意識を失って倒れました。",
    "指を切断しました。",
    "充電中に火が出ました。",
    "カーテンが燃えてしまいました。",
    "The charger caught fire.",
]


@pytest.mark.parametrize("text", GRAVEST)
@pytest.mark.parametrize("own", ["", "弁護士: 弁護士"])
def test_the_gravest_accidents_start_the_clock_whatever_words_a_company_keeps(text: str, own: str) -> None:
    assert may_have_to_be_reported(find_grave(text, read_lexicon(own or USUAL)).sorts)


@pytest.mark.parametrize(
    "text",
    [
        "契約していた祖母が亡くなったため、解約したいです。",
        "亡くなった父の名義を変更できますか。",
        "通信が切断されました。",
        "燃えるゴミの日はいつですか。",
        "意識調査のアンケートに答えました。",
        "どこも燃えてはいません。",
    ],
)
def test_what_is_no_accident_starts_none(text: str) -> None:
    sorts = find_grave(text, read_lexicon(USUAL)).sorts
    assert (sorts, may_have_to_be_reported(sorts)) == (("解約",) if "解約" in text else (), False)


def came(world: World, *texts: str, case: Case | None = None, later: timedelta = timedelta()) -> Case:
    """A customer writes these words, one after the other, and each is read; to a case, or in a new one."""
    with clock.held_at(NINE + later):
        for text in texts:
            if case is None:
                case = make_case(world.ours.entry_point, text=text)
            else:
                say_again(case, text=text)
            with world.ours.scope():
                look_for_grave_words(Message.objects.order_by("-pk")[0].pk)
    assert case is not None
    with world.ours.scope():
        return Case.objects.get(pk=case.pk)


def kinds(case: Case) -> list[str]:
    told = Event.objects.filter(case_id=case.pk, kind__startswith="task").order_by("pk")
    return list(told.values_list("kind", flat=True))


@pytest.mark.django_db
def test_an_injury_sets_the_task_once_with_the_day_of_the_first_message(world: World) -> None:
    case = came(world, "鉄瓶の取っ手が外れて火傷をしました。")
    came(world, "救急車で入院しました。", "煙が出て火事になりそうです。", case=case, later=3 * DAY)

    with world.ours.scope():
        graves = list(Grave.objects.order_by("pk"))
        [task] = open_tasks_of(case)
        assert [one.task_id for one in graves] == [task.pk, None, None]
        assert (task.due_at, task.owner_id) == (last_moment(NINE), None)
        assert "消安法35条" in task.title
        assert kinds(case) == ["task.added"]
        told = Event.objects.get(kind="task.added")
        assert (told.actor_name, told.data["task"]) == ("grave words", task.pk)


@pytest.mark.django_db
def test_what_hurts_nobody_and_is_denied_sets_none(world: World) -> None:
    case = came(world, "弁護士に相談します。警察にも行きます。", "けがはありません。火災は起きていません。")

    with world.ours.scope():
        assert [one.task_id for one in Grave.objects.all()] == [None]
        assert (open_tasks_of(case), kinds(case)) == ([], [])


@pytest.mark.django_db
def test_a_company_whose_words_know_neither_is_bound_all_the_same(world: World) -> None:
    with world.ours.scope():
        set_watch(
            world.ours.company,
            words="事故: 火傷、火事",
            alike=3,
            per_mille=10,
            by=actor_of(world.ours.company_manager),
        )

    case = came(world, "火事になりました。")

    with world.ours.scope():
        assert [one.sorts for one in Grave.objects.all()] == [["事故", "火災"]]
        [task] = open_tasks_of(case)
        assert task.due_at == last_moment(NINE)


@pytest.mark.django_db
def test_once_it_was_none_the_task_goes_and_later_words_set_another(world: World) -> None:
    case, agent = came(world, "火傷をしました。"), actor_of(world.ours.agent)
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        grave = Grave.objects.get()

        # when who may not, or without a reason, it stands
        for who, reason, error in (
            (world.ours.company_staff, "x", NotAllowed),
            (world.ours.agent, "", Refused),
        ):
            with pytest.raises(error):
                dismiss_grave(grave, reason=reason, by=actor_of(who))
            assert [task.pk for task in open_tasks_of(case)] == [grave.task_id]

        dismiss_grave(grave, reason="前の職場でのお話", by=agent)
        assert (open_tasks_of(case), kinds(case)) == ([], ["task.added", "task.removed"])

    came(world, "今度は発火しました。", case=case, later=2 * DAY)

    with world.ours.scope():
        [task] = open_tasks_of(case)
        assert (task.pk == grave.task_id, task.due_at) == (False, last_moment(NINE + 2 * DAY))


@pytest.mark.django_db
def test_while_another_injury_stands_the_task_does(world: World) -> None:
    case, agent = (
        came(world, "火傷をしました。", "警察に言います。", "発火しました。"),
        actor_of(world.ours.agent),
    )
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        burn, police, fire = Grave.objects.order_by("pk")
        task = burn.task_id
        dismiss_grave(burn, reason="冗談", by=agent)
        dismiss_grave(police, reason="冗談", by=agent)

        assert [one.pk for one in open_tasks_of(case)] == [task]
        assert list(Grave.objects.order_by("pk").values_list("task_id", flat=True)) == [None, None, task]

        dismiss_grave(Grave.objects.get(pk=fire.pk), reason="冗談", by=agent)
        assert open_tasks_of(case) == []


@pytest.mark.django_db
def test_what_was_reported_or_taken_away_stays_so(world: World) -> None:
    done, gone, agent = (
        came(world, "火傷をしました。"),
        came(world, "発煙しました。"),
        actor_of(world.ours.agent),
    )
    with world.ours.scope():
        reported, dropped = (Grave.objects.get(case=one) for one in (done, gone))
        assert reported.task is not None
        assert dropped.task_id is not None
        tick(reported.task, done=True, by=agent)
        remove_tasks(gone, [dropped.task_id], by=agent)

    for case in (done, gone):
        came(world, "入院しました。", case=case, later=DAY)
    with world.ours.scope():
        dismiss_grave(Grave.objects.filter(case=done).latest("pk"), reason="別の件", by=agent)
        dismiss_grave(Grave.objects.get(pk=reported.pk), reason="別の件", by=agent)

        assert kinds(done) == ["task.added", "task.done"]
        assert kinds(gone) == ["task.added", "task.removed"]
        assert Task.objects.filter(removed_at=None).values_list("pk", "done_by").get() == (
            reported.task_id,
            world.ours.agent.pk,
        )


@pytest.mark.django_db
def test_a_case_full_of_tasks_is_urgent_all_the_same(world: World) -> None:
    case, agent = came(world, "こんにちは。"), actor_of(world.ours.agent)
    with world.ours.scope():
        add_task(case, Wanted(title="確かめる"), by=agent)
        one = Task.objects.get()
        Task.objects.bulk_create(
            Task(company_id=one.company_id, case=case, title="次", place=n, made_at=NINE)
            for n in range(2, MOST_TASKS + 1)
        )

    found = came(world, "火傷をしました。", case=case)

    with world.ours.scope():
        assert (found.tags, Grave.objects.get().task_id) == (["重大"], None)
        assert Task.objects.count() == MOST_TASKS
