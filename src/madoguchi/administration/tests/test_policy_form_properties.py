"""A policy, however it is written, that is opened in its form and saved untouched means what it meant before."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.administration.forms.levels import policy_fits_the_form
from madoguchi.administration.policy_forms import Writing, writing_of
from madoguchi.administration.tests.test_policies import filled_in
from madoguchi.people.factories import World
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.queries import read_text

WORDS = st.sampled_from(["大口", "a,b", "x、y", "", " 返品 ", "email", "fax", "987654", "ja"])
SOME = WORDS | st.lists(WORDS, max_size=3)
PRIORITY = st.sampled_from(["low", "高", "至急", 2])
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "Priority": PRIORITY | st.lists(PRIORITY, max_size=3),
        "channel": SOME,
        "matter": SOME,
        "language": SOME,
        "severity": SOME | st.sampled_from(["serious", "critical"]),
        "account_rank": SOME | st.sampled_from(["A", ["A", "B"]]),
        "customer": SOME,
        "_remark": WORDS,
        "tag": SOME,
        "tags": SOME,
    },
)
LENGTH = st.sampled_from([1, 90, "PT26H30M", "2d", "PT90S", 60.5])
HOLDS = st.lists(st.sampled_from(["customer", "on_hold", "new", "unassigned"]), max_size=4)
WAY = {"time": st.sampled_from(["business", "24x7"]), "pause_on": HOLDS, "_why": WORDS}
EACH = st.fixed_dictionaries({"normal": LENGTH}, optional={"low": LENGTH, "緊急": LENGTH, **WAY})
ALL = st.fixed_dictionaries({"hours": st.sampled_from([1, 0.5, 90_000])}, optional=WAY)
TARGETS = st.dictionaries(
    st.sampled_from(["first_response", "next-reply", "update", "resolution"]), LENGTH | EACH | ALL, min_size=1
)
HOURS = {"name": "窓口", "week": {"mon": "09:00-18:00"}}
POLICY = st.fixed_dictionaries(
    {"targets": TARGETS, "calendar": st.sampled_from(["平日", "always", "24/7", HOURS])},
    optional={
        "name": st.sampled_from(["標準", " 大口 "]),
        "warn": st.sampled_from([1, 62.5, 80, 99]),
        "time": st.sampled_from(["business", "calendar"]),
        "_remark": WORDS,
    },
)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """One policy, with or without conditions under either of their names, by a calendar or by none."""
    found: dict[str, Any] = draw(POLICY)
    called = draw(st.sampled_from(["when", "conditions", ""]))
    if called:
        found[called] = draw(CONDITIONS)
    if draw(st.booleans()) and "time" not in found and "business" not in json.dumps(found["targets"]):
        del found["calendar"]
    return found


# It promises something only where its own condition says that it is not meant.
IDLE: dict[str, Any] = {
    "targets": {"first_response": {"normal": 1}},
    "calendar": "平日",
    "when": {"Priority": "low"},
}
TEXT = {"calendars": {"平日": {"week": {"fri": "10:00-12:00"}}}}


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(policy=policies())
@example(policy=IDLE)
def test_saved_untouched_it_means_the_same(world: World, policy: dict[str, Any]) -> None:
    text = json.dumps({**TEXT, "policies": [policy]})
    [meant] = read_text(text)
    if not policy_fits_the_form(meant):
        return

    saved = saved_with(world, text, {})

    assert saved.form.is_valid(), saved.form.errors
    [kept] = read_text(saved.text())
    # Round the clock has several names.
    assert replace(kept, calendar_name="") == replace(meant, calendar_name="")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "touched", [{"calendar": "always"}, {"first_reply_normal_1": "2"}, {"resolution_time": "calendar"}]
)
def test_times_that_never_count_are_refused_once_somebody_touches_them(
    world: World, touched: dict[str, str]
) -> None:
    saved = saved_with(world, json.dumps({**TEXT, "policies": [IDLE]}), touched)

    assert not saved.form.is_valid()


@pytest.mark.django_db
def test_a_new_policy_promises_something(world: World) -> None:
    levels = ServiceLevels(desk=world.ours.desk, text=json.dumps({**TEXT, "policies": [IDLE]}), version=3)
    with world.ours.scope():
        opened = writing_of(world.ours.desk, levels, data=None, place=None)
        emptied = {"name": "標準"} | {
            name: "" for name in filled_in(opened.form) if name[-2:] in ("_0", "_1")
        }
        begun = writing_of(world.ours.desk, levels, data=sent_of(opened.form, emptied), place=None)

    assert begun.form.errors == {
        "__all__": [
            "時間を少なくとも一つご記入ください。どれかの優先度について、何にどれだけかけてよいかです。"
        ]
    }


def saved_with(world: World, text: str, touched: dict[str, str]) -> Writing:
    """The one policy of this text as it comes back from its form, where these fields were touched."""
    levels = ServiceLevels(desk=world.ours.desk, text=text, version=3)
    with world.ours.scope():
        opened = writing_of(world.ours.desk, levels, data=None, place=1)
        return writing_of(world.ours.desk, levels, data=sent_of(opened.form, touched), place=1)


def sent_of(form: Any, touched: dict[str, str]) -> QueryDict:
    """What a browser sends of it."""
    sent = QueryDict(mutable=True)
    for name, value in (filled_in(form) | touched).items():
        sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return sent
