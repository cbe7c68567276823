"""Answers to scripts of pages, as they leave to a reader from whom a name is kept. No database."""

import json
from typing import Any

import pytest

from madoguchi.kernel.blotting import blotter
from madoguchi.project.blotting import blotted_json

BLOTS = [blotter({"name": ["髙橋 美咲"]}, unseen={"name"}, loosely=False)]


def left(value: Any) -> Any:
    return json.loads(blotted_json(json.dumps(value), BLOTS))


@pytest.mark.parametrize(
    "value",
    [
        {"results": [{"label": "鉄瓶", "n": 3, "none": None, "yes": True, "part": 0.5}]},
        [],
        "鉄瓶",
        {"url": "/cases/HM-1001/?q=髙橋 美咲"},
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
    ],
)
def test_a_kept_name_leaves_nowhere(value: Any) -> None:
    kept = json.dumps(left(value), ensure_ascii=False)

    assert ("髙橋" in kept, "美咲" in kept, "様" in kept) == (False, False, True)
