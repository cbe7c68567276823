"""Signals that raise themselves, and grave words that put a case into the immediate lane."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.actions import set_priority, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, Priority
from madoguchi.commerce.factories import make_variant
from madoguchi.escalations.tests.conftest import HOUR, NINE
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal, set_watch, settle_incident, withdraw_signal
from madoguchi.signals.grave import dismiss_grave, look_for_grave_words
from madoguchi.signals.models import Grave, Incident, Signal, Watch
from madoguchi.signals.queries import graves_at, in_vain, incident_by_id, incidents_at, signals_of, watch_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE):
        made = make_case(world.ours.entry_point, text="炊飯器の色を教えてください。")
    enrol()
    return made


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def supervisor(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def signal(
    world: World, case: Case, words: str = "電源が入らない", *, later: float = 0, **more: Any
) -> Signal:
    seen = Seen(**({"kind": "product", "words": words} | more))
    with world.ours.scope(), clock.held_at(NINE + later * HOUR):
        return raise_signal(Case.objects.get(pk=case.pk), seen, by=actor_of(world.ours.agent))


def kinds(world: World) -> list[str]:
    wanted = ("signal", "incident", "grave", "watch")
    with world.ours.scope():
        told = Event.objects.order_by("pk").values_list("kind", flat=True)
        return [kind for kind in told if kind.split(".")[0] in wanted]


def notified(world: World) -> list[tuple[str, str, int]]:
    catch_up("following.notify")
    with world.ours.scope():
        rows = Notification.objects.filter(why="signal").order_by("pk")
        return list(rows.values_list("kind", "why", "user_id"))


class TestPilingUp:
    def test_three_alike_in_a_day_raise_themselves_once(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        signal(world, case)
        signal(world, case, "電源が入らないそう", later=1)
        with world.ours.scope():
            assert Incident.objects.count() == 0

        signal(world, case, "電源入らない", later=2)
        signal(world, case, "電源がはいらない!", later=3)
        signal(world, case, "電源が入らない。", later=4)

        with world.ours.scope():
            [incident] = incidents_at(supervisor)
            alone = list(Signal.objects.filter(incident=None).values_list("words", flat=True))
        assert (incident.state, incident.kind, incident.size) == ("open", "product", 5 - len(alone))
        assert kinds(world).count("incident.raised") == 1
        assert notified(world) == [("incident.raised", "signal", world.ours.supervisor.pk)]

    @pytest.mark.parametrize(
        ("words", "later", "kind"),
        [("色が違う", 2, "product"), ("電源が入らない", 25, "product"), ("電源が入らない", 2, "site")],
    )
    def test_other_things_other_days_and_other_kinds_do_not(
        self, world: World, case: Case, words: str, later: float, kind: str
    ) -> None:
        signal(world, case)
        signal(world, case, later=1)

        signal(world, case, words, later=later, kind=kind)

        with world.ours.scope():
            assert Incident.objects.count() == 0

    def test_the_same_product_is_the_same_thing(self, world: World, case: Case) -> None:
        product = make_variant(world.ours.company).product_id
        for words in ("蓋が割れる", "色が違う", "匂いがする"):
            signal(world, case, words, product=product)

        with world.ours.scope():
            assert [one.product_id for one in Incident.objects.all()] == [product]

    def test_a_tag_in_common_is(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            set_tags(case, to=["ロット42"], by=agent)
        for words in ("蓋が割れる", "色が違う", "匂いがする"):
            signal(world, case, words)

        with world.ours.scope():
            assert Incident.objects.count() == 1

    def test_what_was_taken_back_does_not_count(self, world: World, case: Case, agent: Actor) -> None:
        first = signal(world, case)
        signal(world, case)
        with world.ours.scope():
            assert (withdraw_signal(first, by=agent), withdraw_signal(first, by=agent)) == (True, False)

        signal(world, case)

        with world.ours.scope():
            assert (Incident.objects.count(), len(signals_of(case))) == (0, 2)

    def test_the_company_says_how_many(self, world: World, case: Case) -> None:
        manager = actor_of(world.ours.company_manager)
        with world.ours.scope():
            set_watch(world.ours.company, words="解約: 解約", alike=2, per_mille=10, by=manager)
        signal(world, case)
        signal(world, case)

        with world.ours.scope():
            assert Incident.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"words": " "}, "words"), ({"kind": "x"}, "kind"), ({"product": 999_999}, "product")],
    )
    def test_what_makes_no_sense_is_refused(
        self, world: World, case: Case, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            signal(world, case, **wrong)

        assert refused.value.field == field
        assert kinds(world) == []

    def test_a_product_of_another_company_is_none(self, world: World, case: Case) -> None:
        theirs = make_variant(world.theirs.company).product_id

        with pytest.raises(Refused):
            signal(world, case, product=theirs)

    def test_a_company_raises_none_and_others_find_none(self, world: World, case: Case) -> None:
        for _ in range(3):
            signal(world, case)
        company, stranger = actor_of(world.ours.company_staff), actor_of(world.theirs.supervisor)
        with world.ours.scope():
            [incident] = incidents_at(company)
            with pytest.raises(NotAllowed):
                raise_signal(case, Seen(kind="product", words="急いで"), by=company)
            with pytest.raises(NotAllowed):
                settle_incident(incident, state="taken", by=company)
        with world.theirs.scope(), pytest.raises(NotFound):
            incident_by_id(incident.pk, actor=stranger)


class TestSettling:
    @pytest.fixture
    def incident(self, world: World, case: Case) -> Incident:
        for _ in range(3):
            signal(world, case)
        with world.ours.scope():
            return Incident.objects.get()

    def test_it_is_taken_up_once(
        self, world: World, incident: Incident, supervisor: Actor, agent: Actor
    ) -> None:
        with world.ours.scope():
            with pytest.raises(NotAllowed):
                settle_incident(incident, state="taken", by=agent)
            settle_incident(incident, state="taken", by=supervisor)
            with pytest.raises(Conflict):
                settle_incident(incident, state="taken", by=supervisor)
            incident.refresh_from_db()

        assert (incident.state, incident.settled_by_id) == ("taken", supervisor.id)

    def test_it_is_none_only_with_a_reason_and_counted_as_raised_in_vain(
        self, world: World, case: Case, incident: Incident, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused):
                settle_incident(incident, state="dismissed", by=supervisor)
            settle_incident(incident, state="dismissed", reason="同じ方の重複", by=supervisor)
            span = {"begin": NINE - HOUR, "end": NINE + HOUR}
            vain = in_vain(supervisor, **span)
        assert (vain.incidents, vain.dismissed) == (1, 1)

        # What comes after raises itself anew, by three of its own.
        for _ in range(3):
            signal(world, case, later=0.5)
        with world.ours.scope():
            assert Incident.objects.count() == 2


class TestGraveWords:
    def came(self, world: World, text: str, *, at: Any = NINE, **more: Any) -> Case:
        with clock.held_at(at):
            made = make_case(world.ours.entry_point, text=text, **more)
            catch_up("signals.look")
        with world.ours.scope():
            return Case.objects.get(pk=made.pk)

    def test_they_put_the_case_into_the_immediate_lane(self, world: World) -> None:
        enrol()
        found = self.came(world, "炊飯器から煙が出て、子どもが火傷をしました。")

        assert (found.priority, found.tags) == (Priority.URGENT, ["重大"])
        with world.ours.scope():
            grave = Grave.objects.get()
        assert (grave.words, grave.sorts, grave.priority_before) == (["火傷", "煙が出"], ["負傷", "火災"], 2)
        assert notified(world) == [("grave.found", "signal", world.ours.supervisor.pk)]
        with world.ours.scope():
            told = Event.objects.get(kind="grave.found").data
        assert told == {"grave": grave.pk, "message": grave.message_id, "sorts": ["負傷", "火災"]}

    def test_read_again_nothing_more_happens(self, world: World) -> None:
        enrol()
        self.came(world, "弁護士に相談します。")
        with world.ours.scope(), clock.held_at(NINE):
            assert look_for_grave_words(Message.objects.get().pk) is None

        assert kinds(world) == ["grave.found"]

    def test_later_words_are_read_and_the_same_once_more_are_not_told(self, world: World, case: Case) -> None:
        with clock.held_at(NINE + HOUR):
            say_again(case, text="弁護士に相談します。")
            say_again(case, text="弁護士に相談しました。")
            say_again(case, text="警察にも行きます。")
            catch_up("signals.look")

        with world.ours.scope():
            assert [one.sorts for one in Grave.objects.order_by("pk")] == [["弁護士"], ["警察"]]

    @pytest.mark.parametrize("automatic", ["bounce", "auto-reply"])
    def test_machines_alarm_nobody(self, world: World, automatic: str) -> None:
        enrol()

        assert self.came(world, "弁護士", automatic=automatic).priority == Priority.NORMAL

    def test_nor_does_what_was_written_long_ago(self, world: World) -> None:
        enrol()
        with clock.held_at(NINE):
            made = make_case(world.ours.entry_point, text="弁護士")
        with clock.held_at(NINE + timedelta(days=3)):
            catch_up("signals.look")

        with world.ours.scope():
            assert Case.objects.get(pk=made.pk).priority == Priority.NORMAL

    def test_not_grave_with_a_reason_puts_it_back(self, world: World, agent: Actor) -> None:
        enrol()
        found = self.came(world, "弁護士事務所で使う椅子を探しています。")
        with world.ours.scope():
            grave = Grave.objects.get()
            with pytest.raises(Refused):
                dismiss_grave(grave, reason=" ", by=agent)
            assert Grave.objects.get().dismissed_at is None
            dismiss_grave(grave, reason="お仕事の話", by=agent)
            with pytest.raises(Conflict):
                dismiss_grave(grave, reason="もう一度", by=agent)
            found.refresh_from_db()
            [shown] = graves_at(agent, standing=False)
            assert list(graves_at(agent, standing=True)) == []

        assert (found.priority, found.tags, shown.reason) == (Priority.NORMAL, [], "お仕事の話")

    def test_while_other_words_stand_it_stays(self, world: World, case: Case, agent: Actor) -> None:
        with clock.held_at(NINE + HOUR):
            say_again(case, text="弁護士に相談します。")
            catch_up("signals.look")
            say_again(case, text="警察にも行きます。")
            catch_up("signals.look")
        with world.ours.scope(), clock.held_at(NINE + 2 * HOUR):
            first, second = Grave.objects.order_by("pk")
            dismiss_grave(first, reason="冗談", by=agent)
            case.refresh_from_db()
            assert (case.priority, case.tags) == (Priority.URGENT, ["重大"])
            dismiss_grave(second, reason="冗談", by=agent)
            case.refresh_from_db()

        assert (case.priority, case.tags) == (Priority.NORMAL, [])

    def test_found_anew_it_goes_back_to_what_it_was_then(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        texts = ("弁護士に相談します。", "警察にも行きます。", "火傷をしました。", "訴訟にします。")
        for hour, text in enumerate(texts):
            with clock.held_at(NINE + hour * HOUR):
                say_again(case, text=text)
                catch_up("signals.look")
            with world.ours.scope(), clock.held_at(NINE + (hour + 0.5) * HOUR):
                case.refresh_from_db()
                if hour == 0:
                    dismiss_grave(Grave.objects.get(), reason="冗談", by=agent)
                    set_priority(case, to=Priority.HIGH, by=agent)
        with world.ours.scope(), clock.held_at(NINE + 9 * HOUR):
            before = list(Grave.objects.order_by("pk").values_list("priority_before", flat=True))
            for one in Grave.objects.filter(dismissed_at=None).order_by("-pk"):
                dismiss_grave(one, reason="冗談", by=agent)
            case.refresh_from_db()

        assert before == [Priority.NORMAL, Priority.HIGH, Priority.URGENT, Priority.URGENT]
        assert (case.priority, case.tags) == (Priority.HIGH, [])

    def test_a_company_dismisses_none(self, world: World) -> None:
        enrol()
        self.came(world, "弁護士に相談します。")

        with world.ours.scope(), pytest.raises(NotAllowed):
            dismiss_grave(Grave.objects.get(), reason="x", by=actor_of(world.ours.company_staff))


class TestWatching:
    def test_a_company_watches_for_its_own_words(self, world: World) -> None:
        enrol()
        manager = actor_of(world.ours.company_manager)
        with world.ours.scope():
            set_watch(world.ours.company, words=" 解約: 解約、退会 \n\n", alike=5, per_mille=10, by=manager)
            assert (watch_of(world.ours.company.pk).words, Watch.objects.get().alike) == (
                "解約: 解約、退会",
                5,
            )
        with clock.held_at(NINE):
            for text in ("退会したい", "弁護士"):
                make_case(world.ours.entry_point, text=text)
            catch_up("signals.look")

        with world.ours.scope():
            assert [one.words for one in Grave.objects.all()] == [["退会"]]
        assert "watch.changed" in kinds(world)

    @pytest.mark.parametrize(
        ("words", "alike", "field"),
        [("解約", 3, "words"), ("解約: 退会", 1, "alike"), ("解約: 退会", 51, "alike")],
    )
    def test_what_makes_no_sense_is_refused(self, world: World, words: str, alike: int, field: str) -> None:
        by = actor_of(world.ours.company_manager)
        with world.ours.scope(), pytest.raises(Refused) as refused:
            set_watch(world.ours.company, words=words, alike=alike, per_mille=10, by=by)

        assert refused.value.field == field
        with world.ours.scope():
            assert Watch.objects.count() == 0

    def test_only_who_sets_up_the_company(self, world: World, supervisor: Actor) -> None:
        for actor in (supervisor, actor_of(world.ours.company_staff), actor_of(world.theirs.company_manager)):
            with world.ours.scope(), pytest.raises(NotAllowed):
                set_watch(world.ours.company, words="解約: 退会", alike=3, per_mille=10, by=actor)
