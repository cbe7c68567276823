"""The parts of a flow: what each may hold, what is taken where nothing is said, and where it leads."""

from typing import Any

import pytest

from madoguchi.voice.flow import (
    CallBack,
    FlowError,
    Hours,
    Menu,
    Message,
    Problem,
    Queue,
    Say,
    Step,
    leads_to,
    read,
    sounds_of,
)


def one(kind: str, **parts: Any) -> Step:
    """The step that these parts describe, in a flow of its own with one more step to lead to."""
    steps = {"a": {"kind": kind, **parts}, "b": {"kind": "say", "sounds": []}}
    return read({"start": "a", "steps": steps}, sounds=lambda _name: True).steps["a"]


@pytest.mark.parametrize(
    ("kind", "parts", "made"),
    [
        ("say", {"sounds": ["x"]}, Say(sounds=("x",), next="end")),
        ("say", {"sounds": [], "next": "b"}, Say(sounds=(), next="b")),
        ("hours", {"open": "b", "closed": "end"}, Hours(open="b", closed="end")),
        (
            "menu",
            {"sounds": ["x"], "keys": {"1": "b"}},
            Menu(sounds=("x",), keys={"1": "b"}, otherwise="end", seconds=6, tries=2, again=("again",)),
        ),
        ("menu", {"sounds": ["x"]}, Menu(sounds=("x",), keys={})),
        (
            "queue",
            {},
            Queue(
                sounds=("wait",),
                music=("music",),
                keys={},
                otherwise="end",
                full="end",
                every=30,
                longest=180,
                most=20,
                wait_told=False,
            ),
        ),
        ("call_back", {"withheld": "b"}, CallBack(sounds=("call-back-taken",), withheld="b", next="end")),
        ("message", {}, Message(sounds=("leave",), longest=120, next="end")),
    ],
)
def test_what_is_not_said_is_taken_as_usual(kind: str, parts: dict[str, Any], made: Step) -> None:
    assert one(kind, **parts) == made


MENU = {"sounds": ["x"]}


@pytest.mark.parametrize(
    ("kind", "field", "least", "most", "more"),
    [
        ("menu", "seconds", 1, 60, MENU),
        ("menu", "tries", 1, 5, MENU),
        ("queue", "every", 5, 600, {}),
        ("queue", "longest", 5, 3600, {}),
        ("queue", "most", 0, 500, {}),
        ("message", "longest", 5, 3600, {}),
    ],
)
def test_numbers_have_their_bounds(
    kind: str, field: str, least: int, most: int, more: dict[str, Any]
) -> None:
    for good in (least, most):
        assert getattr(one(kind, **more, **{field: good}), field) == good
    for bad in (least - 1, most + 1, float(least), str(least), None, True, [least]):
        with pytest.raises(FlowError) as error:
            one(kind, **more, **{field: bad})
        assert (error.value.step, error.value.problem) == ("a", Problem.NUMBER)
        assert error.value.value == f"{field} {least}-{most}"


@pytest.mark.parametrize(
    ("short", "taken"),
    [
        (0, True),
        (60, True),
        (61, False),
        (-1, False),
        ("5", False),
        (2.5, False),
        (True, False),
        (None, False),
    ],
)
def test_what_counts_as_short_has_its_bounds(short: Any, taken: bool) -> None:
    document = {"start": "a", "short": short, "steps": {"a": {"kind": "say", "sounds": []}}}

    if taken:
        assert read(document, sounds=bool).short == short
        return
    with pytest.raises(FlowError) as error:
        read(document, sounds=bool)
    assert (error.value.step, error.value.problem, error.value.value) == ("", Problem.NUMBER, "short 0-60")


@pytest.mark.parametrize("key", [*"0123456789", "*", "#"])
def test_each_key_of_a_telephone_may_lead_on(key: str) -> None:
    assert one("menu", **MENU, keys={key: "b"}).keys == {key: "b"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"": "b"}, ""),
        ({"A": "b"}, "A"),
        ({"１": "b"}, "１"),
        ({"10": "b"}, "10"),
        ({"1": None}, "{'1': None}"),
        ({"1": ["b"]}, "{'1': ['b']}"),
        (None, "None"),
        ("1", "1"),
    ],
)
def test_what_is_no_key_is_named(keys: Any, value: str) -> None:
    with pytest.raises(FlowError) as error:
        one("menu", **MENU, keys=keys)

    assert (error.value.problem, error.value.value) == (Problem.NO_KEY, value)


@pytest.mark.parametrize(
    ("sounds", "taken"),
    [
        ([], True),
        (["x"] * 10, True),
        (["x"] * 11, False),
        ("x", False),
        ([1], False),
        (None, False),
        ({"x": 1}, False),
    ],
)
def test_announcements_are_a_list_of_ten_at_most(sounds: Any, taken: bool) -> None:
    if taken:
        assert one("say", sounds=sounds) == Say(sounds=tuple(sounds))
        return
    with pytest.raises(FlowError) as error:
        one("say", sounds=sounds)
    assert (error.value.problem, error.value.value) == (Problem.NAMES, "sounds")


@pytest.mark.parametrize(
    ("kind", "parts", "missing"),
    [
        ("hours", {"open": "b"}, "closed"),
        ("hours", {}, "closed, open"),
        ("menu", {}, "again, names, otherwise, seconds, sounds, tries"),
        ("call_back", {}, "next, sounds, withheld"),
    ],
)
def test_what_is_missing_is_named(kind: str, parts: dict[str, Any], missing: str) -> None:
    with pytest.raises(FlowError) as error:
        one(kind, **parts)

    assert (error.value.problem, error.value.value) == (Problem.MISSING, missing)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("hours", {"open": "b", "closed": "c"}),
        ("hours", {"open": "c", "closed": "b"}),
        ("menu", {"sounds": [], "keys": {"1": "b", "2": "c"}}),
        ("menu", {"sounds": [], "otherwise": "c"}),
        ("queue", {"keys": {"1": "c"}}),
        ("queue", {"otherwise": "c"}),
        ("queue", {"full": "c"}),
        ("call_back", {"withheld": "c"}),
        ("call_back", {"withheld": "b", "next": "c"}),
        ("message", {"next": "c"}),
    ],
)
def test_no_way_out_of_a_step_leads_nowhere(kind: str, parts: dict[str, Any]) -> None:
    with pytest.raises(FlowError) as error:
        one(kind, **parts)

    assert (error.value.step, error.value.problem, error.value.value) == ("a", Problem.NO_SUCH_STEP, "c")


@pytest.mark.parametrize(
    ("step", "ways", "sounds"),
    [
        (Say(sounds=("x", "y"), next="b"), ["b"], ("x", "y")),
        (Hours(open="b", closed="c"), ["b", "c"], ()),
        (Menu(sounds=("x",), keys={"1": "b", "2": "c"}, otherwise="d"), ["b", "c", "d"], ("x", "again")),
        (Queue(keys={"1": "b"}, otherwise="c", full="d"), ["b", "c", "d"], ("wait", "music")),
        (CallBack(withheld="b", next="c"), ["c", "b"], ("call-back-taken",)),
        (Message(next="b"), ["b"], ("leave",)),
    ],
)
def test_all_that_a_step_needs_is_known(step: Step, ways: list[str], sounds: tuple[str, ...]) -> None:
    assert (list(leads_to(step)), sounds_of(step)) == (ways, sounds)


@pytest.mark.parametrize(("field", "kind"), [("again", "menu"), ("music", "queue"), ("sounds", "message")])
def test_every_recording_has_to_be_there(field: str, kind: str) -> None:
    parts = MENU if kind == "menu" else {}
    steps = {"a": {"kind": kind, **parts, field: ["gone"]}}

    with pytest.raises(FlowError) as error:
        read({"start": "a", "steps": steps}, sounds=lambda name: name != "gone")

    assert (error.value.problem, error.value.value) == (Problem.NO_SUCH_SOUND, "gone")


def test_a_value_is_told_in_a_hundred_letters_at_most() -> None:
    with pytest.raises(FlowError) as error:
        one("sing" * 100)

    assert error.value.value == "sing" * 25
    assert str(error.value).startswith("a: no such kind: sing")
