"""What callers meet at a number, written on its page: saved as versions, tried, put back, and heard."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration.tests.typed_flows import typed
from madoguchi.channels.phone.flows import flow_in_force
from madoguchi.channels.phone.sounds import as_wav, that_comes_along
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.actions import set_flow
from madoguchi.voice.announcements import add_announcement
from madoguchi.voice.flow import Menu, Queue
from madoguchi.voice.models import FlowVersion
from madoguchi.voice.ready import USUAL, WITH_QUEUE

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


@pytest.fixture
def manager(client: Client, world: World) -> Client:
    client.force_login(world.ours.company_manager)
    return client


def page(point: EntryPoint, name: str = "call_flow", /, **more: Any) -> str:
    return reverse(f"administration:{name}", kwargs={"pk": point.pk, **more})


def kept(world: World) -> list[tuple[int, str, int | None]]:
    with world.ours.scope():
        rows = FlowVersion.objects.order_by("number")
        return [(one.number, one.document["start"], one.user_id) for one in rows]


def test_what_is_written_is_met_from_the_next_call_on(
    manager: Client, world: World, point: EntryPoint
) -> None:
    shown = manager.get(page(point))
    draft = shown.context["draft"]
    assert "お電話ありがとうございます。" in shown.text
    assert [part.name for part in draft.parts][:3] == ["あいさつ", "営業時間", "メニュー"]
    menu = next(part.place for part in draft.parts if part.kind == "menu")
    change = {f"{menu}.keys.9": "あいさつ", f"{menu}.tries": "3", f"{menu}.name": "ご案内"}

    saved = manager.post(page(point), typed(draft, do="save", **change))

    assert (saved.status_code, saved.url) == (302, page(point))
    assert kept(world) == [(1, "あいさつ", world.ours.company_manager.pk)]
    with world.ours.scope():
        flow, version = flow_in_force(point)
        assert Event.objects.get(kind="phone_flow.changed").data["version"] == 1
    step = flow.steps["ご案内"]
    assert version == 1
    assert isinstance(step, Menu)
    assert (step.keys["9"], step.tries, flow.steps["営業時間"].open) == ("あいさつ", 3, "ご案内")  # type: ignore[union-attr]


def test_keys_say_what_they_stand_for_and_a_queue_whose_people_answer(
    manager: Client, world: World, point: EntryPoint
) -> None:
    draft = manager.post(page(point), {"do": "begin", "ready": "queue"}).context["draft"]
    menu, queue = (next(one.place for one in draft.parts if one.kind == kind) for kind in ("menu", "queue"))
    change = {f"{menu}.names.1": " ご注文 ", f"{queue}.desk": world.ours.desk.name}

    saved = manager.post(page(point), typed(draft, do="save", **change))

    assert saved.status_code == 302, saved.context["draft"].problem
    shown = manager.get(page(point))
    assert 'value="ご注文"' in shown.text
    assert f"<option selected>{world.ours.desk.name}</option>" in shown.text
    with world.ours.scope():
        steps = flow_in_force(point)[0].steps.values()
    assert [one.names for one in steps if isinstance(one, Menu)] == [{"1": "ご注文"}]
    assert [one.desk for one in steps if isinstance(one, Queue)] == [world.ours.desk.name]
    wrong = manager.post(
        page(point), typed(shown.context["draft"], do="save", **{f"{queue}.desk": "無い窓口"})
    )
    assert wrong.status_code == 422
    assert len(kept(world)) == 1


@pytest.mark.parametrize(
    ("do", "change"),
    [
        ("save", {"start": ""}),
        ("save", {"0.name": ""}),
        ("save", {"0.sounds": ["gone"]}),
        ("save", {"0.next": "nowhere"}),
        ("save", {"short": "x"}),
        ("save", {"parts": "0"}),
        ("show", {}),
        ("add", {"new_kind": "queue"}),
        ("drop:0", {}),
        ("begin", {"ready": "queue"}),
        ("act:1", {}),
    ],
)
def test_nothing_but_saving_what_holds_together_changes_what_callers_meet(
    manager: Client, world: World, point: EntryPoint, do: str, change: dict[str, Any]
) -> None:
    draft = manager.get(page(point)).context["draft"]
    answer = manager.post(page(point), typed(draft, do=do, **change))
    assert answer.status_code == (422 if do == "save" else 200)
    assert bool(answer.context["draft"].problem) is (do in ("save", "drop:0"))
    assert kept(world) == []


def test_what_is_wrong_stands_beside_its_step_and_what_was_typed_stays(
    manager: Client, point: EntryPoint
) -> None:
    draft = manager.get(page(point)).context["draft"]
    answer = manager.post(page(point), typed(draft, do="save", **{"2.seconds": "百", "1.closed": "夜"}))
    assert [bool(part.problem) for part in answer.context["draft"].parts][:3] == [False, False, True]
    assert all(words in answer.text for words in ("整数", 'value="百"', "夜（ありません）"))
    assert answer.context["standing"] is None

    answer = manager.post(page(point), typed(answer.context["draft"], do="save", **{"2.seconds": "10"}))
    assert [bool(part.problem) for part in answer.context["draft"].parts][:3] == [False, True, False]
    assert "「営業時間」の行き先の手順がありません" in answer.text


def test_who_saves_what_another_changed_meanwhile_is_told_first(
    manager: Client, world: World, point: EntryPoint
) -> None:
    draft = manager.get(page(point)).context["draft"]
    with world.ours.scope():
        set_flow(point, WITH_QUEUE, sounds=lambda _name: True, by=system("test"))

    late = manager.post(page(point), typed(draft, do="save", short="9"))
    assert (late.status_code, len(kept(world))) == (422, 1)
    assert (late.context["draft"].short, late.context["draft"].seen) == (9, 1)

    assert manager.post(page(point), typed(late.context["draft"], do="save")).status_code == 302
    assert [number for number, _start, _user in kept(world)] == [1, 2]


def test_an_earlier_version_comes_back_as_a_new_one(manager: Client, world: World, point: EntryPoint) -> None:
    with world.ours.scope():
        for document in (USUAL | {"short": 3}, WITH_QUEUE):
            set_flow(point, document, sounds=lambda _name: True, by=system("test"))
    back = page(point, "call_flow_version", number=1)
    assert back in manager.get(page(point)).text
    assert page(point, "call_flow_version", number=2) not in manager.get(page(point)).text

    assert manager.post(back).status_code == 302
    assert manager.post(page(point, "call_flow_version", number=9)).status_code == 404
    assert len(kept(world)) == 3
    with world.ours.scope():
        assert flow_in_force(point)[0].short == 3


def test_a_trial_call_goes_through_what_stands_on_the_page(manager: Client, point: EntryPoint) -> None:
    draft = manager.get(page(point)).context["draft"]
    told = manager.post(page(point), typed(draft, do="act:2")).context["standing"]
    assert [[one.name for one in turn.heard] for turn in told.turns] == [
        ["greeting", "menu"],
        ["leave", "beep"],
    ]
    assert (told.turns[1].words, told.keys, [act for act, _label in told.acts]) == (
        "2 を押す",
        (),
        ["w", "h"],
    )

    closed = typed(draft, do="again", **{"0.sounds": ["busy", "", "goodbye"]})
    del closed["at_work"]
    told = manager.post(page(point), closed).context["standing"]
    assert [one.name for one in told.turns[0].heard] == ["busy", "goodbye", "closed", "leave", "beep"]


def test_recordings_are_offered_with_their_words_and_heard_as_callers_hear_them(
    manager: Client, world: World, point: EntryPoint
) -> None:
    loud = b"\x00\x20" * 8000
    with world.ours.scope():
        for name in ("hello", "menu"):
            words = "こんにちは" if name == "hello" else ""
            told: dict[str, Any] = {"name": name, "content": as_wav(loud), "words": words}
            add_announcement(world.ours.company.pk, by=system("test"), **told)
    offered = dict(manager.get(page(point)).context["recordings"])
    own, along = offered["登録した音声"], dict(offered["標準の音声"])
    assert own == [("hello", "hello — こんにちは"), ("menu", "menu")]
    assert along["closed"] == "closed — ただいまの時間は、受付時間外です。"
    assert (along["beep"], "menu" in along) == ("beep — 発信音", False)

    for name, heard in (("hello", loud), ("menu", loud), ("closed", that_comes_along("closed"))):
        assert manager.get(page(point, "call_flow_sound", name=name)).content == as_wav(heard)
    assert manager.get(page(point, "call_flow_sound", name="nothing")).status_code == 404


def test_only_numbers_have_one(manager: Client, world: World) -> None:
    assert manager.get(page(world.ours.entry_point)).status_code == 404
