"""What is written down of calls and flows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.channels.phone.actions import finish, remember_what_was_left
from madoguchi.channels.phone.broken import TALK, finish_what_broke, name_of, note_stands
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.growing import Growing
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import Begun, Over, begin_call, set_flow, tie_call
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call, FlowVersion, Recording
from madoguchi.voice.ready import USUAL

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALLER = "+819012345678"


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE)


def begun(number: EntryPoint, *, uid: str = "one", caller: str = CALLER) -> Call:
    with scope.acting_for([number.company_id]), clock.held_at(NOON):
        return begin_call(number, Begun(uid=uid, caller=caller, flow=0, at=NOON))


def over(outcome: Outcome, *, keys: str = "") -> Over:
    waited = Span(Spent.WAIT, NOON, NOON + timedelta(seconds=65))
    end = NOON + timedelta(seconds=70)
    return Over(
        outcome=outcome, ended_by=By.CALLER, answered_at=NOON, ended_at=end, spans=(waited,), keys=keys
    )


def kinds(number: EntryPoint) -> list[str]:
    with scope.acting_for([number.company_id]):
        return list(
            Event.objects.filter(kind__startswith="call.").order_by("id").values_list("kind", flat=True)
        )


def row(uid: str, number: EntryPoint) -> Call:
    with scope.acting_for([number.company_id]):
        return Call.objects.get(uid=uid)


def test_a_call_is_written_down_once_however_often_it_is_told(number: EntryPoint) -> None:
    for _time in range(2):
        begun(number)
        finish("one", over(Outcome.ABANDONED, keys="4111111111111111"), company=number.company_id)

    call = row("one", number)
    assert (call.outcome, call.wait_seconds, call.keys) == ("abandoned", 65, "■■■■■■■■■■■■1111")
    assert kinds(number) == ["call.began", "call.ended", "call.remembered"]
    with scope.acting_for([number.company_id]):
        assert CALLER not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("outcome", [Outcome.SHORT, Outcome.INFORMED, Outcome.REJECTED])
def test_these_become_no_case(number: EntryPoint, outcome: Outcome) -> None:
    begun(number)

    finish("one", over(outcome), company=number.company_id)

    assert (row("one", number).outcome, row("one", number).message_id) == (outcome, None)


def test_a_call_whose_gateway_fell_silent_broke_off_and_is_put_right_if_it_comes_back(
    number: EntryPoint,
) -> None:
    begun(number)
    with clock.held_at(NOON + timedelta(seconds=90)):
        assert finish_what_broke() == 0
    with clock.held_at(NOON + timedelta(seconds=91)):
        assert finish_what_broke() == 1
        broken = row("one", number)
        assert (broken.outcome, broken.ended_by, broken.ended_at) == ("broken", "fault", NOON)

        finish("one", over(Outcome.CALL_BACK), company=number.company_id)

    call = row("one", number)
    assert call.outcome == "call_back"
    assert call.message_id != broken.message_id is not None


def given_up(number: EntryPoint) -> int:
    with clock.held_at(NOON + timedelta(seconds=91)):
        return finish_what_broke()


def test_of_a_call_that_stands_as_nobody_can_read_is_known_that_it_went_on(number: EntryPoint) -> None:
    for uid in ("one", "two"):
        begun(number, uid=uid)
    with scope.acting_for([number.company_id]), clock.held_at(NOON):
        note_stands("one", {"phase": "hologram"}, gateway="gone", company=number.company_id)

    assert given_up(number) == 2

    assert [row(uid, number).outcome for uid in ("one", "two")] == ["broken", "broken"]
    assert row("one", number).ended_at == row("two", number).ended_at == NOON


def test_what_cannot_be_kept_of_one_call_keeps_no_other_from_ending_and_is_tried_again(
    number: EntryPoint,
) -> None:
    # given
    for uid in ("one", "two"):
        begun(number, uid=uid)
    growing = Growing(name_of("one", TALK), company=number.company_id)
    growing.write(bytes(100_000))
    growing.settle()
    shelves = [Path(settings.FILES_ROOT) / str(number.company_id) / f"{n:02x}" for n in range(256)]
    for shelf in shelves:  # where folders cannot be made
        shelf.touch()

    # when
    assert (given_up(number), given_up(number)) == (1, 0)

    # then
    assert (row("one", number).state, row("two", number).outcome) == ("ringing", "broken")
    for shelf in shelves:
        shelf.unlink()
    assert (given_up(number), row("one", number).outcome) == (1, "broken")
    with scope.acting_for([number.company_id]):
        assert Recording.objects.get().call.uid == "one"


def test_a_call_left_untied_is_tied_to_its_message(
    number: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(number)
    with monkeypatch.context() as killed:
        killed.setattr("madoguchi.channels.phone.actions.tie_call", lambda _call: False)
        finish("one", over(Outcome.ABANDONED), company=number.company_id)
    assert row("one", number).message_id is None

    with clock.held_at(NOON + timedelta(minutes=5)):
        assert remember_what_was_left() == 1
        assert remember_what_was_left() == 0

    call = row("one", number)
    assert call.message_id is not None
    with scope.acting_for([number.company_id]):
        assert tie_call(call) is False


def test_a_flow_counts_from_the_moment_it_is_set(number: EntryPoint) -> None:
    with scope.acting_for([number.company_id]):
        for expected in (1, 2):
            made = set_flow(number, USUAL, sounds=lambda _name: True, by=system("test"))
            assert made.number == expected
        assert Event.objects.filter(kind="phone_flow.changed").count() == 2


def test_a_flow_that_cannot_be_used_is_refused(world: World, number: EntryPoint) -> None:
    with scope.acting_for([number.company_id]):
        with pytest.raises(Refused) as refused:
            set_flow(number, {"start": "a", "steps": {"a": {"kind": "sing"}}}, sounds=bool, by=system("test"))
        with pytest.raises(NotAllowed):
            set_flow(number, USUAL, sounds=bool, by=actor_of(world.ours.agent))
        with pytest.raises(Refused):
            set_flow(world.ours.entry_point, USUAL, sounds=bool, by=system("test"))
        assert FlowVersion.objects.count() == 0
    assert "「a」" in str(refused.value)
