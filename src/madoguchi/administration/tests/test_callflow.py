"""A flow as the page holds it: what is typed comes back whole, and names are followed."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.administration.callflow import KEYPAD, Draft, draft_of, posted
from madoguchi.administration.tests.typed_flows import typed
from madoguchi.voice.flow import END, LIMITS, read
from madoguchi.voice.ready import USUAL, WITH_QUEUE
from madoguchi.voice.wording import in_words

NAMES = ["a", "b", "あいさつ", "c d"]
target = st.sampled_from([*NAMES, END])
sounds = st.lists(st.sampled_from(["greeting", "menu", "own-1"]), max_size=10)


def number(name: str) -> st.SearchStrategy[int]:
    return st.integers(*LIMITS[name])


keys = st.dictionaries(st.sampled_from(KEYPAD), target)
STEPS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("say"), "sounds": sounds}, optional={"next": target}),
    st.fixed_dictionaries({"kind": st.just("hours"), "open": target, "closed": target}),
    st.fixed_dictionaries(
        {"kind": st.just("menu"), "sounds": sounds, "keys": keys},
        optional={
            "otherwise": target,
            "seconds": number("seconds"),
            "tries": number("tries"),
            "again": sounds,
        },
    ),
    st.fixed_dictionaries(
        {"kind": st.just("queue")},
        optional={
            "keys": keys,
            "music": sounds,
            "full": target,
            "otherwise": target,
            "wait_told": st.booleans(),
            **{name: number(name) for name in ("every", "longest", "most", "ring")},
        },
    ),
    st.fixed_dictionaries({"kind": st.just("call_back"), "withheld": target}, optional={"next": target}),
    st.fixed_dictionaries({"kind": st.just("message")}, optional={"longest": number("longest")}),
)
FLOWS = st.fixed_dictionaries(
    {"start": st.sampled_from(NAMES), "steps": st.fixed_dictionaries(dict.fromkeys(NAMES, STEPS))},
    optional={"short": st.integers(0, 60), "lines": st.integers(0, 500)},
)


def again(draft: Draft, **more: Any) -> Draft:
    """The draft after its page was posted."""
    data = QueryDict(mutable=True)
    for name, value in typed(draft, **more).items():
        data.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    return posted(data)


def flow(document: Any) -> Any:
    return read(document, sounds=lambda _name: True)


@settings(max_examples=80, deadline=None)
@given(FLOWS)
def test_what_the_page_sends_is_the_flow_that_it_was_given(document: dict[str, Any]) -> None:
    draft = again(draft_of(document, seen=7))
    assert flow(draft.document()) == flow(document)
    assert (draft.seen, draft.misnamed()) == (7, "")


@settings(max_examples=40, deadline=None)
@given(FLOWS)
def test_a_step_that_is_renamed_is_led_to_by_its_new_name(document: dict[str, Any]) -> None:
    draft = draft_of(document, seen=0)
    place = next(part.place for part in draft.parts if part.name == "a")
    renamed = again(draft, **{f"{place}.name": "  新しい   名前 "})
    back = next(part.place for part in renamed.parts if part.name == "新しい 名前")
    assert "a" not in {value for part in renamed.parts for value in (part.name, *map(str, part.row.values()))}
    assert flow(again(renamed, **{f"{back}.name": "a"}).document()) == flow(document)


@pytest.mark.parametrize("plain", [USUAL, WITH_QUEUE])
def test_what_is_ready_leads_to_the_same_by_words_of_the_reader(plain: dict[str, Any]) -> None:
    said, meant = flow(in_words(plain)), flow(plain)
    assert len(said.steps) == len(meant.steps)
    assert [type(one) for one in said.steps.values()] == [type(one) for one in meant.steps.values()]
    assert said.start in said.steps
    assert draft_of(in_words(plain), seen=0).parts[0].name == said.start == "あいさつ"


def test_steps_stand_in_the_order_in_which_callers_come_to_them() -> None:
    order = [part.name for part in draft_of(WITH_QUEUE, seen=0).parts]
    assert order[:6] == ["greeting", "hours", "menu", "closed", "queue", "call_back"]
    assert sorted(order) == sorted(WITH_QUEUE["steps"])


def test_a_step_is_added_with_a_name_of_its_own_and_taken_away_with_nothing_else() -> None:
    draft = draft_of(in_words(USUAL), seen=0)
    more = again(again(draft, do="add", new_kind="menu"), do="add", new_kind="menu")
    assert [part.name for part in more.parts[-2:]] == ["メニュー 2", "メニュー 3"]
    assert flow(more.document()).steps["メニュー 2"].keys == {}

    less = again(more, do=f"drop:{more.parts[-1].place}")
    assert [part.name for part in less.parts] == [part.name for part in more.parts[:-1]]
    assert [part.place for part in less.parts] == list(range(len(less.parts)))


def test_what_leads_to_a_step_that_is_gone_goes_on_saying_so() -> None:
    draft = draft_of(in_words(USUAL), seen=0)
    place = next(part.place for part in draft.parts if part.name == "伝言")
    gone = again(draft, do=f"drop:{place}")
    assert gone.document()["steps"]["営業時間外"]["next"] == "伝言"
    assert "伝言" not in gone.names


@pytest.mark.parametrize("name", ["", "end", "メニュー"])
def test_a_name_that_is_none_or_anothers_is_told_beside_its_step(name: str) -> None:
    draft = again(draft_of(in_words(USUAL), seen=0), **{"0.name": name})
    assert draft.misnamed()
    assert draft.parts[0].problem


@pytest.mark.parametrize("wrong", ["", "end", "メニュー"])
def test_a_step_whose_name_is_mended_is_led_to_as_before(wrong: str) -> None:
    draft = again(draft_of(in_words(USUAL), seen=0), **{"0.name": wrong})
    assert draft.misnamed()
    mended = again(draft, **{"0.name": "挨拶"})
    assert (mended.misnamed(), mended.start, len(flow(mended.document()).steps)) == ("", "挨拶", 8)
    assert flow(again(mended, **{"0.name": "あいさつ"}).document()) == flow(in_words(USUAL))


def test_numbers_that_are_none_stay_as_they_were_typed() -> None:
    draft = draft_of(in_words(WITH_QUEUE), seen=0)
    place = next(part.place for part in draft.parts if part.kind == "queue")
    typed_so = again(draft, **{f"{place}.ring": "二十", "short": "-1", "ahead": "9" * 30})
    assert (typed_so.parts[place].row["ring"], typed_so.short, typed_so.ahead) == ("二十", "-1", 0)


@pytest.mark.parametrize(
    ("do", "acts"), [("act:1", "w1"), ("act:12", "w"), ("back", ""), ("again", ""), ("show", "w")]
)
def test_a_trial_goes_on_one_act_at_a_time(do: str, acts: str) -> None:
    assert again(draft_of(in_words(USUAL), seen=0), acts="w", do=do).acts == acts
