"""A flow is checked as a whole, and the first thing that is wrong with it is named."""

from copy import deepcopy
from typing import Any

import pytest

from madoguchi.voice.flow import FlowError, Menu, Problem, read
from madoguchi.voice.ready import USUAL, WITH_QUEUE


def flow(**steps: Any) -> dict[str, Any]:
    return {"start": next(iter(steps)), "steps": steps}


HELLO = {"kind": "say", "sounds": ["greeting"]}


@pytest.mark.parametrize("document", [USUAL, WITH_QUEUE], ids=["usual", "with a queue"])
def test_the_flows_that_are_there_can_be_used(document: dict[str, Any]) -> None:
    made = read(document, sounds=lambda _name: True)

    assert made.start == "greeting"
    assert isinstance(made.steps["menu"], Menu)
    assert made.short == 5


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ([], ("", Problem.NO_OBJECT, "")),
        ({"start": "a", "steps": {}}, ("", Problem.NO_STEPS, "")),
        ({"start": "a", "steps": {"end": HELLO}}, ("", Problem.NO_STEPS, "")),
        (flow(a=HELLO) | {"start": "b"}, ("", Problem.NO_SUCH_STEP, "b")),
        (flow(a=HELLO) | {"colour": 1}, ("", Problem.UNKNOWN_FIELD, "colour")),
        (flow(**{f"s{n}": HELLO for n in range(51)}), ("", Problem.TOO_MANY, "51")),
        (flow(a=1), ("a", Problem.NO_OBJECT, "")),
        (flow(a={"kind": "sing"}), ("a", Problem.NO_SUCH_KIND, "sing")),
        (flow(a={"kind": "say"}), ("a", Problem.MISSING, "next, sounds")),
        (flow(a=HELLO | {"loud": True}), ("a", Problem.UNKNOWN_FIELD, "loud")),
        (flow(a=HELLO | {"sounds": "greeting"}), ("a", Problem.NAMES, "sounds")),
        (flow(a=HELLO | {"sounds": ["x"]}), ("a", Problem.NO_SUCH_SOUND, "x")),
        (flow(a=HELLO | {"next": "b"}), ("a", Problem.NO_SUCH_STEP, "b")),
        (flow(a=HELLO | {"next": None}), ("a", Problem.NO_SUCH_STEP, "None")),
        (flow(a={"kind": "message", "longest": 4}), ("a", Problem.NUMBER, "longest 5-3600")),
        (flow(a={"kind": "message", "longest": True}), ("a", Problem.NUMBER, "longest 5-3600")),
        (flow(a={"kind": "menu", "sounds": [], "keys": {"1": "b"}}), ("a", Problem.NO_SUCH_STEP, "b")),
        (flow(a={"kind": "menu", "sounds": [], "keys": {"12": "a"}}), ("a", Problem.NO_KEY, "12")),
        (flow(a={"kind": "menu", "sounds": [], "keys": ["1"]}), ("a", Problem.NO_KEY, "['1']")),
    ],
)
def test_what_is_wrong_is_named(document: Any, wrong: tuple[str, Problem, str]) -> None:
    given = deepcopy(document)

    with pytest.raises(FlowError) as error:
        read(document, sounds={"greeting", "again"}.__contains__)

    assert (error.value.step, error.value.problem, error.value.value) == wrong
    assert document == given
