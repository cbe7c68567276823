"""The formats in docs/clocks.md: its examples give what stands there, and nothing that is typed breaks the program."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import madoguchi
from madoguchi.promises.clocks import read_clocks
from madoguchi.promises.located import Wrong, as_text, read_json, read_lines
from madoguchi.promises.reading_events import read_events
from madoguchi.promises.reading_policy import read_policies
from madoguchi.promises.said import document
from madoguchi.promises.story import Kind, tell

DOCUMENT = (Path(madoguchi.__file__).parents[2] / "docs" / "clocks.md").read_text()
EXAMPLES = dict(re.findall(r"(?ms)^```json (\w+)\n(.*?)^```$", DOCUMENT))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_the_example_gives_the_result_that_stands_there() -> None:
    policies = read_policies(read_json(EXAMPLES["policy"]))
    happened = read_events(read_lines(EXAMPLES["events"]))
    until = happened[-1].at

    shown = document(read_clocks(tell(happened), policies, at=until), at=until)

    assert [clock["metric"] for clock in shown["clocks"]] == ["first_reply", "resolution", "next_reply"]
    shown["clocks"] = [clock for clock in shown["clocks"] if clock["metric"] == "resolution"]
    assert shown == json.loads(EXAMPLES["result"])


def test_every_key_of_a_result_and_every_kind_of_event_is_explained() -> None:
    result = json.loads(EXAMPLES["result"])
    keys = {*result, *result["clocks"][0]} - {"clocks"}

    assert [key for key in keys if f"`{key}`" not in DOCUMENT and key not in EXAMPLES["result"]] == []
    assert [kind for kind in Kind if f"`{kind}`" not in DOCUMENT] == []


def wrong_line(read: Callable[[], object]) -> int | None:
    """The line that is said to be wrong; None where all is understood. Any other error fails the test."""
    try:
        read()
    except Wrong as error:
        return error.line
    return None


@given(JSON, JSON)
def test_whatever_is_written_is_understood_or_said_to_be_wrong(policy: object, event: object) -> None:
    assert wrong_line(lambda: read_policies(read_json(json.dumps(policy)))) in (None, 1)
    assert wrong_line(lambda: read_events([read_json(json.dumps(event))])) in (None, 1)


@given(st.data())
def test_an_example_in_which_one_value_is_exchanged(data: st.DataObject) -> None:
    whole = json.loads(EXAMPLES["policy"])
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(JSON)

    assert wrong_line(lambda: read_policies(read_json(json.dumps(whole)))) in (None, 1)


@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    line = wrong_line(lambda: list(read_lines(as_text(raw))))

    assert line is None or line >= 1
