"""Whatever carries a call, it goes the same way and leaves the same behind: its row, its case, and what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import pytest

from madoguchi.cases.models import Attachment, Message
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.models import Promise
from madoguchi.voice.announcements import add_announcement
from madoguchi.voice.models import AgentPhone, Call, FlowVersion, OutsidePhone, Recording
from madoguchi.voice.phones import set_ready
from madoguchi.voice.ready import WITH_QUEUE
from tests.contracts.calls import NOON, Asterisk, Deed, Embedded, Way, Webhooks

pytestmark = pytest.mark.django_db
CALLER = "+819012345678"
CARD = "4111111111111111"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be left of a call: how it ended, its stretches in seconds, and what became of it."""

    outcome: str
    ended_by: str
    spans: Sequence[tuple[str, int]]
    keys: str = ""
    subject: str = ""
    promise: str = ""
    sound: int = 0
    heard: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a caller does at a number."""

    name: str
    deeds: Sequence[Deed]
    told: Told
    flow: dict[str, Any] | None = None
    caller: str = CALLER
    open: bool = True


STORIES = (
    Story(
        name="a message after hours, with a key in it",
        open=False,
        deeds=[
            ("listen", 2),
            ("listen", 3),
            ("listen", 4),
            ("speak", 3),
            ("press", "5"),
            ("speak", 2),
            ("press", "#"),
            ("listen", 2),
        ],
        told=Told(
            outcome="message",
            ended_by="us",
            spans=[("ring", 0), ("menu", 9), ("message", 5), ("menu", 2)],
            subject="電話の伝言",
            sound=5,
            heard=["greeting", "closed", "leave", "message-taken"],
        ),
    ),
    Story(
        name="a call-back chosen in the menu",
        deeds=[("listen", 2), ("press", "1"), ("listen", 4)],
        told=Told(
            outcome="call_back",
            ended_by="us",
            spans=[("ring", 0), ("menu", 6)],
            keys="1",
            subject="電話での折り返しのご希望",
            promise="お客様のご希望により、折り返し電話する",
            heard=["greeting", "menu", "call-back-taken"],
        ),
    ),
    Story(
        name="no key is pressed, twice, and the caller hangs up while a message is asked for",
        deeds=[("listen", 2), ("listen", 3), ("wait", 6), ("listen", 3), ("wait", 6), ("hang_up", None)],
        told=Told(
            outcome="abandoned",
            ended_by="caller",
            spans=[("ring", 0), ("menu", 20)],
            subject="出られなかった電話",
            heard=["greeting", "menu", "again", "leave"],
        ),
    ),
    Story(
        name="a call-back out of the queue",
        flow=WITH_QUEUE,
        deeds=[
            ("listen", 2),
            ("press", "1"),
            ("listen", 3),
            ("wait", 20),
            ("press", "2"),
            ("listen", 4),
        ],
        told=Told(
            outcome="call_back",
            ended_by="us",
            spans=[("ring", 0), ("menu", 2), ("wait", 23), ("menu", 4)],
            keys="12",
            subject="電話での折り返しのご希望",
            promise="お客様のご希望により、折り返し電話する",
            heard=["greeting", "menu-wait", "wait", "music", "position-1", "call-back-taken"],
        ),
    ),
    Story(
        name="hung up in the queue, after a card number",
        flow=WITH_QUEUE,
        deeds=[
            ("listen", 2),
            ("press", "1"),
            ("listen", 3),
            *(("press", key) for key in CARD),
            ("stay", 4),
            ("hang_up", None),
        ],
        told=Told(
            outcome="abandoned",
            ended_by="caller",
            spans=[("ring", 0), ("menu", 2), ("wait", 7)],
            keys="■■■■■■■■■■■■■1111",
            subject="出られなかった電話",
            heard=["greeting", "menu-wait", "wait", "music"],
        ),
    ),
    Story(
        name="hung up at once",
        deeds=[("stay", 2), ("hang_up", None)],
        told=Told(outcome="short", ended_by="caller", spans=[("ring", 0), ("menu", 2)], heard=["greeting"]),
    ),
    Story(
        name="no number to call back at",
        caller="",
        deeds=[("listen", 2), ("press", "1"), ("listen", 2), ("listen", 2), ("speak", 4), ("hang_up", None)],
        told=Told(
            outcome="message",
            ended_by="caller",
            spans=[("ring", 0), ("menu", 6), ("message", 4)],
            keys="1",
            subject="電話の伝言",
            sound=4,
            heard=["greeting", "menu", "withheld", "leave"],
        ),
    ),
)


@pytest.fixture(params=[Embedded, Asterisk, Webhooks], ids=["embedded gateway", "Asterisk", "webhooks"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Way:
    """Each way in which calls are carried."""
    return request.param(monkeypatch)


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk, which is at work all day."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def prepare(number: EntryPoint, story: Story) -> None:
    opens, closes = (time(0), time(23, 59)) if story.open else (time(3), time(3, 1))
    Desk.objects.filter(pk=number.desk_id).update(opens=opens, closes=closes)
    number.desk.refresh_from_db()
    if story.flow:
        where = {"company_id": number.company_id, "entry_point": number}
        FlowVersion.objects.create(**where, number=1, document=story.flow, at=clock.now())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_call_leaves_the_same_behind(way: Way, number: EntryPoint, story: Story) -> None:
    told, row, kinds = left_by(way, number, story)

    assert told == story.told
    assert row == ("ended", story.caller, number.address, 1 if story.flow else 0)
    assert kinds == expected_kinds(story.told, notified=way.records and story.flow is not None)


def left_by(
    way: Way, number: EntryPoint, story: Story
) -> tuple[Told, tuple[str, str, str, int], Sequence[str]]:
    """What is left of a call on which this happens: what is told of it, its row (state, who called whom, the version of
    the flow), and what the log has of it.
    """
    with scope.acting_for([number.company_id]):
        prepare(number, story)

    heard = way.call(number, story.caller, story.deeds)

    with scope.acting_for([number.company_id]):
        [call] = Call.objects.all()
        return told_of(call, heard), (call.state, call.caller, call.called, call.flow), kinds_of(call)


def told_of(call: Call, heard: Sequence[str]) -> Told:
    message = Message.objects.filter(pk=call.message_id).select_related("case").first()
    promise = Promise.objects.first()
    recording = Recording.objects.first()
    if recording:
        assert Attachment.objects.get().sha256 == recording.sha256
        assert len(files.read(recording.sha256, company=call.company_id)) > recording.milliseconds * 16
        assert files.lies_open(recording.sha256, company=call.company_id) is False
    return Told(
        outcome=call.outcome,
        ended_by=call.ended_by,
        spans=[(span["spent"], seconds(span)) for span in call.spans],
        keys=call.keys,
        subject=message.case.subject if message else "",
        promise=promise.words if promise else "",
        sound=round(recording.milliseconds / 1000) if recording else 0,
        heard=[one for n, one in enumerate(heard) if n == 0 or heard[n - 1] != one],
    )


def seconds(span: dict[str, Any]) -> int:
    begin, end = (clock.datetime.fromisoformat(span[name]) for name in ("begin", "end"))
    return round((end - begin).total_seconds())


def kinds_of(call: Call) -> list[str]:
    rows = Event.objects.filter(company=call.company_id, kind__startswith="call.")
    return list(rows.order_by("id").values_list("kind", flat=True))


def expected_kinds(told: Told, *, notified: bool) -> list[str]:
    """`notified` says that a caller came past the notice that talks are recorded."""
    heard = ["call.notice_played"] if notified else []
    return ["call.began", *heard, "call.ended", *(["call.remembered"] if told.subject else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What happens in a talk, by (deed, who of ours or for how long), and what is to be left of it: how it ended, its
    stretches, who had the caller last, and how each of ours is left.
    """

    name: str
    deeds: Sequence[tuple[str, Any]]
    ended_by: str
    spans: Sequence[tuple[str, int, int]]
    had_by: str = "agent"
    left: Sequence[str] = ("wrapping", "ready")


TALKS = (
    Talk(
        name="somebody answers, and the caller hangs up",
        deeds=[("answers", "agent"), ("stay", 30), ("hang_up", None)],
        ended_by="caller",
        spans=[("ring", 0, 0), ("menu", 2, 0), ("wait", 0, 0), ("talk", 30, 0)],
    ),
    Talk(
        name="somebody answers, and hangs up",
        deeds=[("answers", "agent"), ("stay", 30), ("leaves", "agent")],
        ended_by="agent",
        spans=[("ring", 0, 0), ("menu", 2, 0), ("wait", 0, 0), ("talk", 30, 0)],
    ),
    Talk(
        name="the caller is put on hold and taken back",
        deeds=[
            *(("answers", "agent"), ("stay", 30), ("holds", "agent"), ("stay", 20)),
            *(("resumes", "agent"), ("stay", 10), ("hang_up", None)),
        ],
        ended_by="caller",
        spans=[
            *(("ring", 0, 0), ("menu", 2, 0), ("wait", 0, 0), ("talk", 30, 0)),
            ("hold", 20, 0),
            ("talk", 10, 0),
        ],
    ),
    Talk(
        name="the caller is handed on, and a colleague answers",
        deeds=[
            *(("answers", "agent"), ("stay", 30), ("hands_on", "agent"), ("stay", 5)),
            *(("answers", "supervisor"), ("stay", 10), ("hang_up", None)),
        ],
        ended_by="caller",
        spans=[
            *(("ring", 0, 0), ("menu", 2, 0), ("wait", 0, 0), ("talk", 30, 0)),
            *(("transfer", 5, 1), ("talk", 10, 1)),
        ],
        had_by="supervisor",
        left=("wrapping", "wrapping"),
    ),
)


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name)
def test_a_talk_leaves_the_same_behind(way: Way, number: EntryPoint, world: World, talk: Talk) -> None:
    if way.cannot & {what for what, _given in talk.deeds}:
        pytest.skip("on calls that a carrier holds people do that by their telephone")
    people = {"agent": world.ours.agent, "supervisor": world.ours.supervisor}
    with scope.acting_for([number.company_id]), clock.held_at(NOON):
        prepare(number, Story(name="", deeds=(), told=STORIES[0].told, flow=WITH_QUEUE))
        for position, one in enumerate(people.values()):
            OutsidePhone.objects.create(user=one, address=f"+8131234567{position}")
            set_ready(ready=True, by=actor_of(one))
    said = [(what, people[given].pk if given in people else given) for what, given in talk.deeds]

    way.call(number, CALLER, [("listen", 2), ("press", "1"), *said])

    with scope.acting_for([number.company_id]):
        [call] = Call.objects.all()
        spans = [(span["spent"], seconds(span), span["turn"]) for span in call.spans]
        states = dict(AgentPhone.objects.values_list("user_id", "state"))
        subject = Message.objects.get(pk=call.message_id).case.subject
    assert (call.outcome, call.ended_by, call.agent_id) == ("talked", talk.ended_by, people[talk.had_by].pk)
    assert spans == talk.spans
    assert tuple(states[one.pk] for one in people.values()) == talk.left
    assert (subject, call.state, call.waits_since) == ("お電話", "ended", None)


def test_a_recording_of_the_company_is_played_in_place_of_the_one_of_its_name(
    way: Way, number: EntryPoint, world: World
) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for([number.company_id]):
        prepare(number, STORIES[1])
        own = add_announcement(number.company_id, name="menu", content=as_wav(b"\0\x20" * 8000), by=by)

    heard = way.call(number, CALLER, STORIES[1].deeds)

    assert own.digest in heard
    assert "menu" not in heard
    with scope.acting_for([number.company_id]):
        assert Call.objects.get().outcome == "call_back"
