"""What is worth knowing about customers: written down for a time, with a word of warning, taken away and put back."""

from datetime import timedelta

import pytest
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.customers.actions import end_note, join_customers, part_customers, write_note
from madoguchi.customers.actions.note import MOST_NOTES
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import CustomerNote, Join
from madoguchi.customers.needless import Doubt, Why, doubts_about
from madoguchi.customers.notes import ended_notes_of, note_of, notes_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("バカにされたとお怒り。クレーマー", ["バカ", "クレーマー"]),
        ("うつ病とのこと、宗教の勧誘と思われた", ["うつ病", "宗教"]),
        ("ｸﾚｰﾏｰ気質", ["クレーマー"]),
        ("届いたばかり。バカンスの前に欲しい", []),
        ("モンスターハンターの箱が割れた。通信障害の日にご注文", []),
        ("午前中の電話を希望。耳が遠いのでゆっくり", []),
    ],
)
def test_words_that_are_needless_or_belittle_are_found(text: str, words: list[str]) -> None:
    assert [doubt.word for doubt in doubts_about(text)] == words


def test_a_word_that_is_said_twice_is_named_once() -> None:
    assert doubts_about("離婚。離婚したい") == [Doubt("離婚", Why.SENSITIVE)]


@pytest.mark.django_db
def test_what_holds_is_shown_until_its_day_what_to_mind_first(world: World, agent: Actor) -> None:
    case = make_case(world.ours.entry_point)
    today = clock.today()
    with world.ours.scope():
        customer = case.customer
        wish = write_note(customer, kind="wish", text=" 置き配を\nご希望 ", case=case.pk, by=agent)
        mind = write_note(customer, kind="caution", text="玄関に犬がいます", until=today, by=agent)
        other = write_note(customer, kind="taste", text="深煎りがお好き", by=agent)

        assert (wish.text, wish.until, wish.case_id) == (
            "置き配を ご希望",
            today + timedelta(days=365),
            case.pk,
        )
        assert notes_of(customer.pk) == [mind, wish, other]
        told = Event.objects.filter(kind="customer.noted").order_by("id").values_list("data", flat=True)
        assert [(one["noted"], one["sort"], one["doubtful"]) for one in told] == [
            (wish.pk, "wish", False),
            (mind.pk, "caution", False),
            (other.pk, "taste", False),
        ]
        assert "置き配" not in str(list(told))
        with clock.held_at(clock.now() + timedelta(days=1)):
            assert notes_of(customer.pk) == [wish, other]
        with clock.held_at(clock.now() + timedelta(days=366)):
            assert (notes_of(customer.pk), ended_notes_of(customer.pk)) == ([], [])


@pytest.mark.django_db
def test_the_same_again_moves_its_day_alone(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        first = write_note(customer, kind="wish", text="電話は夕方", by=agent)
        again = write_note(customer, kind="wish", text="電話は夕方", by=agent)
        until = clock.today() + timedelta(days=30)
        moved = write_note(customer, kind="wish", text="電話は夕方", until=until, by=agent)

        assert (first.pk, again.pk) == (moved.pk, moved.pk)
        assert [one.until for one in CustomerNote.objects.all()] == [until]
        assert Event.objects.filter(kind="customer.noted").count() == 2


@pytest.mark.django_db
def test_who_extends_a_note_stands_beside_it(world: World, agent: Actor) -> None:
    customer, lead = make_customer(world.ours.company), actor_of(world.ours.supervisor)
    with world.ours.scope():
        write_note(customer, kind="wish", text="電話は夕方", by=agent)
        later = clock.now() + timedelta(days=1)
        with clock.held_at(later):
            write_note(customer, kind="wish", text="電話は夕方", by=lead)
        [note] = CustomerNote.objects.all()
        assert (note.user_id, note.at) == (lead.id, later)


@pytest.mark.django_db
def test_doubtful_words_are_kept_only_by_who_is_sure(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    text = "持病のためお届けは平日のみ。クレーマー"
    with world.ours.scope():
        with pytest.raises(Refused) as error:
            write_note(customer, kind="situation", text=text, by=agent)
        assert (error.value.field, CustomerNote.objects.count()) == ("text", 0)
        assert str(error.value) == (
            "「クレーマー」はお客様をおとしめる言葉です。実際の言動を書いてください。 "
            "「持病」は要配慮個人情報などに当たるおそれがあります。"
            "ご本人の同意があり、必要な場合だけ書いてください。"
        )
        write_note(customer, kind="situation", text=text, sure=True, by=agent)
        [told] = Event.objects.filter(kind="customer.noted").values_list("data", flat=True)
        assert told["doubtful"] is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "secret"}, "kind"),
        ({"text": " \n "}, "text"),
        ({"text": "あ" * 301}, "text"),
        ({"until": clock.today() - timedelta(days=1)}, "until"),
        ({"until": clock.today() + timedelta(days=3 * 366 + 1)}, "until"),
    ],
)
def test_what_makes_no_sense_is_refused(
    world: World, agent: Actor, said: dict[str, object], field: str
) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        with pytest.raises(Refused) as error:
            write_note(customer, by=agent, **{"kind": "wish", "text": "電話は夕方"} | said)  # type: ignore[arg-type]
        assert (error.value.field, CustomerNote.objects.exists()) == (field, False)


@pytest.mark.django_db
def test_taken_away_it_can_be_put_back_for_thirty_days(world: World, agent: Actor) -> None:
    customer, other = make_customer(world.ours.company), make_customer(world.ours.company)
    with world.ours.scope():
        note = write_note(customer, kind="wish", text="電話は夕方", by=agent)
        for _press in range(2):
            end_note(note, by=agent)
        assert (notes_of(customer.pk), ended_notes_of(customer.pk)) == ([], [note])
        with clock.held_at(clock.now() + timedelta(days=31)):
            assert ended_notes_of(customer.pk) == []
        end_note(note, ended=False, by=agent)
        assert notes_of(customer.pk) == [note]
        told = Event.objects.filter(kind="customer.note_ended").order_by("id").values_list("data", flat=True)
        assert [one["ended"] for one in told] == [True, False]
        with pytest.raises(NotFound):
            note_of(other, note.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "until", "others", "words"),
    [
        (
            31,
            365,
            [],
            "元に戻せるのは、取り下げから30日以内で、期限の日までです。あらためて記録してください。",
        ),
        (3, 2, [], "元に戻せるのは、取り下げから30日以内で、期限の日までです。あらためて記録してください。"),
        (1, 365, ["電話は夕方"], "同じ内容がすでに記録されています。"),
        (
            1,
            365,
            [f"用件{n}" for n in range(MOST_NOTES)],
            "記録はすでに30件あります。当てはまらなくなったものを取り下げてください。",
        ),
    ],
    ids=["too late", "after its last day", "the same is there", "too many"],
)
def test_what_cannot_hold_is_not_put_back(
    world: World, agent: Actor, days: int, until: int, others: list[str], words: str
) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        day = clock.today() + timedelta(days=until)
        note = write_note(customer, kind="wish", text="電話は夕方", until=day, by=agent)
        end_note(note, by=agent)
        for other in others:
            write_note(customer, kind="wish", text=other, by=agent)
        told = Event.objects.count()
        with clock.held_at(clock.now() + timedelta(days=days)), pytest.raises(Refused) as error:
            end_note(note, ended=False, by=agent)

        note.refresh_from_db()
        assert (str(error.value), note.ended_at is None, note.ended_by_id) == (words, False, agent.id)
        assert (Event.objects.count(), len(notes_of(customer.pk))) == (told, len(others))


@pytest.mark.django_db
def test_it_is_put_back_up_to_the_thirtieth_day(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        note = write_note(customer, kind="wish", text="電話は夕方", by=agent)
        end_note(note, by=agent)
        note.refresh_from_db()
        assert note.ended_at is not None
        with clock.held_at(note.ended_at + timedelta(days=30)):
            end_note(note, ended=False, by=agent)
        assert notes_of(customer.pk) == [note]


@pytest.mark.django_db
def test_who_may_not_see_the_memo_notes_nothing(world: World, agent: Actor) -> None:
    customer = make_customer(world.ours.company)
    with world.ours.scope():
        note = write_note(customer, kind="wish", text="電話は夕方", by=agent)
        world.ours.engagement.masked = ["memo"]
        world.ours.engagement.save()
        for who in (
            actor_of(world.ours.agent),
            actor_of(world.ours.company_staff),
            actor_of(world.theirs.agent),
        ):
            with pytest.raises(NotAllowed):
                write_note(customer, kind="wish", text="別のこと", by=who)
            with pytest.raises(NotAllowed):
                end_note(note, by=who)
        assert list(CustomerNote.objects.values_list("text", "ended_at")) == [("電話は夕方", None)]


@pytest.mark.django_db
def test_notes_and_wishes_go_along_when_records_are_joined_and_parted(world: World) -> None:
    customer, into = make_customer(world.ours.company), make_customer(world.ours.company)
    lead = actor_of(world.ours.supervisor)
    with world.ours.scope():
        note = write_note(customer, kind="wish", text="電話は夕方", by=lead)
        customer.pace = "slow"
        customer.save()
        join_customers(customer, into=into, by=lead)
        into.refresh_from_db()
        assert (notes_of(into.pk), into.pace) == ([note], "slow")
        late = write_note(customer, kind="wish", text="あとから", by=lead)
        assert late.customer_id == into.pk
        part_customers(Join.objects.get(), by=lead)
        into.refresh_from_db()
        assert (notes_of(customer.pk), notes_of(into.pk), into.pace) == ([note], [late], "")


@pytest.mark.django_db(transaction=True)
def test_two_who_note_the_same_at_once_make_one(world: World) -> None:
    customer = make_customer(world.ours.company)
    by = actor_of(world.ours.agent)

    def note() -> None:
        with world.ours.scope():
            write_note(customer, kind="wish", text="電話は夕方", by=by)

    at_once(note, note)
    with world.ours.scope():
        assert CustomerNote.objects.count() == 1
