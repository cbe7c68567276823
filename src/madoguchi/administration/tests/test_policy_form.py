"""What a policy's form says of times that are for nothing, and of a name that is another's. No database."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.administration.forms.levels import PolicyForm

CALENDARS = [("平日", "平日")]
BEGUN = {"version": 1, "calendar": "平日", "warn": 80} | {
    f"first_reply_{priority}": timedelta(hours=hours)
    for priority, hours in (("low", 8), ("normal", 4), ("high", 2), ("urgent", 1))
}


def form(**typed: Any) -> PolicyForm:
    """What a browser sends of a new policy, with what somebody typed."""
    blank = PolicyForm(None, calendars=CALENDARS, matters=[], begun=BEGUN)
    data: dict[str, Any] = {"version": "1", "name": "至急", "calendar": "平日", "warn": "80"}
    for field in blank:
        if field.name.endswith(("_low", "_normal", "_high", "_urgent")):
            parts = field.field.widget.decompress(field.value())
            data |= {f"{field.html_name}_{n}": "" if one is None else one for n, one in enumerate(parts)}
        elif field.name.endswith(("_time", "_holds")):
            data[field.html_name] = field.value()
    return PolicyForm(data | typed, calendars=CALENDARS, matters=[], begun=BEGUN, taken=["標準", "大口"])


def times(filled: PolicyForm) -> dict[str, Any]:
    assert filled.is_valid(), filled.errors
    written: dict[str, Any] = filled.written(calendar="平日", before={})["targets"]
    return written


def test_of_the_times_with_which_it_begins_only_those_of_its_priorities_are_kept() -> None:
    some, every = times(form(priority=["urgent", "high"])), times(form())

    assert set(some["first_reply"]) & {"low", "normal"} == set()
    assert {"high", "urgent"} <= set(some["first_reply"])
    assert {"low", "normal", "high", "urgent"} <= set(every["first_reply"])


def test_a_time_that_was_typed_for_a_priority_that_it_is_not_for_is_told_there() -> None:
    with override("ja"):
        typed = form(priority=["urgent"], first_reply_low_0="9")
        valid = typed.is_valid()

    assert not valid
    assert dict(typed.errors) == {
        "first_reply_low": [
            "この応対目標はこの優先度を対象にしていません。時間を空にするか、上でこの優先度を選んでください。"
        ]
    }


def test_a_time_for_one_of_its_priorities_is_taken() -> None:
    assert form(priority=["low"], first_reply_low_0="9").is_valid()


@pytest.mark.parametrize(("name", "free"), [("標準", False), ("大口", False), ("標準2", True)])
def test_a_name_is_one_policys_alone(name: str, free: bool) -> None:
    with override("ja"):
        named = form(name=name)
        valid = named.is_valid()

    assert valid is free
    told = [] if free else ["この窓口には同じ名前の応対目標があります。別の名前にしてください。"]
    assert named.errors.get("name", []) == told
