"""Facts: frozen, known by kind, and read back whatever has become of their class."""

import dataclasses

import pytest

from madoguchi.infra import facts
from madoguchi.infra.facts import Fact, fact
from madoguchi.infra.tests.happenings import LampBroken, LampLit


def test_a_fact_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        LampLit(company=1, where="玄関").where = "台所"  # type: ignore[misc]


def test_its_data_are_the_fields_beyond_the_common_ones() -> None:
    assert LampLit(company=1, case=2, desk=3, where="玄関").data() == {"where": "玄関", "watts": 40}
    assert LampBroken(company=1).data() == {}


def test_it_is_known_by_its_kind() -> None:
    assert facts.known()["test.lamp_lit"] is LampLit


def test_it_is_rebuilt_as_it_was_recorded() -> None:
    rebuilt = facts.rebuild("test.lamp_lit", company=1, case=2, desk=3, data={"where": "玄関", "watts": 60})
    assert rebuilt == LampLit(company=1, case=2, desk=3, where="玄関", watts=60)


def test_fields_that_came_later_have_their_default_and_those_that_went_are_left_out() -> None:
    rebuilt = facts.rebuild(
        "test.lamp_lit", company=1, case=None, desk=None, data={"where": "玄関", "colour": 3}
    )
    assert rebuilt == LampLit(company=1, where="玄関", watts=40)


def test_a_kind_that_no_longer_exists_says_so() -> None:
    with pytest.raises(KeyError):
        facts.rebuild("test.candle", company=1, case=None, desk=None, data={})


@pytest.mark.parametrize("kind", ["", "test.lamp_lit"])
def test_a_kind_is_needed_and_needed_once(kind: str) -> None:
    before = facts.known()
    with pytest.raises(ValueError, match="kind of its own"):
        fact(type("Copy", (Fact,), {"kind": kind, "__annotations__": {}}))
    assert facts.known() == before
