"""Answers to scripts of pages, as they leave to a reader from whom a name is kept. No database."""

import json
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.blotting import blotter
from madoguchi.project.blotting import blotted_json

KNOWN = {
    "name": ["髙橋 美咲"],
    "email": ["misaki@home.example"],
    "phone": ["090-1234-5678"],
    "member": ["101"],
}
ALL = [blotter(KNOWN, unseen=set(KNOWN), loosely=False)]
VALUES = st.sampled_from(["髙橋 美咲", "高橋美咲", "misaki@home.example", "090-1234-5678", "0901234-5678"])
BLOTS = [blotter({"name": ["髙橋 美咲"]}, unseen={"name"}, loosely=False)]


def left(value: Any) -> Any:
    return json.loads(blotted_json(json.dumps(value), BLOTS))


@pytest.mark.parametrize(
    "value",
    [
        {"results": [{"label": "鉄瓶", "n": 3, "none": None, "yes": True, "part": 0.5}]},
        [],
        "鉄瓶",
        {"url": "/cases/HM-1001/?desk=3&q=%E9%89%84%E7%93%B6#m-7", "remove_url": "/files/drop/31/"},
    ],
)
def test_what_names_nobody_leaves_as_it_is(value: Any) -> None:
    assert left(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "髙橋 美咲様",
        ["髙橋 美咲様"],
        {"label": "髙橋 美咲様"},
        {"results": [{"detail": {"lines": ["1", "髙橋 美咲様"]}}]},
        {"髙橋 美咲様": 1},
    ],
)
def test_a_kept_name_leaves_nowhere(value: Any) -> None:
    kept = json.dumps(left(value), ensure_ascii=False)

    assert ("髙橋" in kept, "美咲" in kept, "様" in kept) == (False, False, True)


def told_by(value: str, *, by: str, encoded: bool) -> Any:
    said = quote(value) if encoded else value
    roads = {
        "path": f"/people/{said}様/",
        "query": f"/cases/?desk=101&q={said}&x",
        "fragment": f"/cases/101/#{said}",
    }
    return {"url": roads[by]} if by in roads else {f"of {value}": 1} if by == "key" else value


@given(
    VALUES, st.sampled_from(["path", "query", "fragment", "key", "text"]), st.booleans(), st.integers(0, 3)
)
def test_neither_names_nor_addresses_hold_what_is_kept(
    value: str, by: str, encoded: bool, depth: int
) -> None:
    answer = told_by(value, by=by, encoded=encoded)
    for _ in range(depth):
        answer = {"results": [answer, 1]}

    left = unquote_plus(json.dumps(json.loads(blotted_json(json.dumps(answer), ALL)), ensure_ascii=False))

    assert not any(part in left for part in ("橋", "美咲", "misaki", "1234"))


@given(st.sampled_from(["/cases/HM-101/", "/orders/101/", "/articles/101-faq/", "/drafts/files/101/"]))
def test_ids_that_look_like_a_members_number_still_lead_there(url: str) -> None:
    """What scripts go by is ours: it is neither blotted where a number of somebody is the same."""
    answer = {"url": url, "remove_url": url, "id": 101}

    assert json.loads(blotted_json(json.dumps(answer), ALL)) == answer
