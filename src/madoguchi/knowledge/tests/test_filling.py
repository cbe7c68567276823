"""Filling a template in: in one pass, whatever the template and the values are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Role
from madoguchi.knowledge.policies import may_write_template
from madoguchi.knowledge.queries import VARIABLES, fill, unknown_variables

names = st.sampled_from([*VARIABLES, "order", "x_y"])
values = st.dictionaries(st.sampled_from(VARIABLES), st.text(max_size=20))
pieces = st.lists(
    st.one_of(st.text(alphabet="あa {}|\n", max_size=8), names.map(lambda n: "{{" + n + "}}")), max_size=8
)


@given(pieces.map("".join))
def test_without_values_nothing_changes(text: str) -> None:
    assert fill(text, {}) == text


@given(st.text(alphabet="あいう abc、\n"), values)
def test_without_variables_nothing_changes(text: str, given_: dict[str, str]) -> None:
    assert fill(text, given_) == text


@given(st.lists(names, max_size=6), values)
def test_each_variable_becomes_its_value_once(wanted: list[str], given_: dict[str, str]) -> None:
    text = "|".join("{{" + name + "}}" for name in wanted)
    expected = "|".join(given_.get(name, "{{" + name + "}}") for name in wanted)
    assert fill(text, given_) == expected


@given(names)
def test_a_value_that_looks_like_a_variable_stays_a_value(name: str) -> None:
    assert fill(
        "{{customer}}", {"customer": "{{" + name + "}}", name: "!"} | {"customer": "{{" + name + "}}"}
    ) == ("{{" + name + "}}")


@given(st.lists(names, max_size=8))
def test_what_nothing_fills_is_named_once_in_its_order(wanted: list[str]) -> None:
    text = " ".join("{{" + name + "}}" for name in wanted)
    unknown = [name for name in dict.fromkeys(wanted) if name not in VARIABLES]
    assert unknown_variables(text) == ["{{" + name + "}}" for name in unknown]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{customer}}様", "美咲様"),
        ("{{ customer }}様", "美咲様"),
        ("{{  customer}}様", "美咲様"),
        ("{{Customer}}様", "{{Customer}}様"),
        ("{{customer.email}}", "{{customer.email}}"),
        ("{customer}", "{customer}"),
        ("{{{customer}}}", "{美咲}"),
        ("{{customer}", "{{customer}"),
        ("{{顧客}}", "{{顧客}}"),
        ("{% customer %}", "{% customer %}"),
    ],
)
def test_only_plain_names_in_double_braces_are_variables(text: str, filled: str) -> None:
    assert fill(text, {"customer": "美咲"}) == filled


@pytest.mark.parametrize(
    ("role", "desk", "here", "common"),
    [
        (Role.AGENT, 10, False, False),
        (Role.SUPERVISOR, 10, True, False),
        (Role.MANAGER, 10, True, False),
        (Role.COMPANY_STAFF, None, False, False),
        (Role.COMPANY_MANAGER, None, True, True),
        (Role.ADMINISTRATOR, None, True, True),
    ],
)
def test_who_writes_templates(role: Role, desk: int | None, here: bool, common: bool) -> None:
    grant = Grant(company=1, role=role, desk=desk, model=OperatingModel.VENDOR_CENTRE)
    actor = Actor(kind=ActorKind.PERSON, name="青木", id=1, grants=(grant,))

    assert may_write_template(actor, company=1, desk=10) is here
    assert may_write_template(actor, company=1, desk=None) is common
    assert may_write_template(actor, company=1, desk=11) is common
    assert may_write_template(actor, company=2, desk=10) is False
