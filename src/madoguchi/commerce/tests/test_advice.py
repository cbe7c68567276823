"""What is advised about an order that has not come: everything in its order, at its boundaries, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.models import Decision, Parcel
from madoguchi.commerce.whereabouts import LOST, SOON, advice_on

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
states = st.sampled_from([None, *Parcel.State.values])


@pytest.mark.parametrize(
    ("state", "still", "choices", "why"),
    [
        (None, 0 * DAY, "wait ask_warehouse resend", "まだ倉庫から発送されていません。"),
        (None, SOON, "wait ask_warehouse resend", "まだ倉庫から発送されていません。"),
        (None, SOON + SECOND, "ask_warehouse wait resend", "まだ倉庫から発送されていません。"),
        ("preparing", SOON, "wait ask_warehouse resend", "まだ倉庫から発送されていません。"),
        ("preparing", 30 * DAY, "ask_warehouse wait resend", "まだ倉庫から発送されていません。"),
        ("handed_over", SOON, "wait ask_carrier", "3 日以内に動きがあります。"),
        ("handed_over", SOON + SECOND, "ask_carrier wait resend refund", "3 日を超えて動きがありません。"),
        ("in_transit", 0 * DAY, "wait ask_carrier", "3 日以内に動きがあります。"),
        ("in_transit", LOST, "ask_carrier wait resend refund", "3 日を超えて動きがありません。"),
        ("in_transit", LOST + SECOND, "resend refund ask_carrier", "1 週間以上動きがなく"),
        ("absent", 0 * DAY, "wait ask_carrier resend", "ご不在でした。"),
        ("absent", 30 * DAY, "wait ask_carrier resend", "ご不在でした。"),
        ("delivered", 0 * DAY, "ask_carrier resend refund wait", "配送会社の記録では配達済みです。"),
        ("delivered", 30 * DAY, "ask_carrier resend refund wait", "配送会社の記録では配達済みです。"),
        ("returned", 0 * DAY, "resend refund ask_warehouse", "荷物が返送されています。"),
        ("returned", 30 * DAY, "resend refund ask_warehouse", "荷物が返送されています。"),
    ],
)
def test_what_can_be_done_in_its_order_and_why(
    state: str | None, still: timedelta, choices: str, why: str
) -> None:
    with override("ja"):
        found = advice_on(state, NOW - still, NOW)

    assert found.choices == tuple(choices.split())
    assert found.why.startswith(why)


def test_what_is_marked_as_sent_without_a_parcel_is_asked_for() -> None:
    with override("ja"):
        found = advice_on(None, NOW - DAY, NOW, marked_sent=True)

    assert found.choices == ("ask_warehouse", "ask_carrier", "wait", "resend", "refund")
    assert found.why.startswith("発送済みですが、荷物の記録がありません。")


@AT_ANY_SPEED
@given(states, st.timedeltas(-DAY, 400 * DAY))
def test_each_choice_is_one_that_can_be_decided_and_stands_once(state: str | None, still: timedelta) -> None:
    found = advice_on(state, NOW - still, NOW)

    assert len(found.choices) >= 2
    assert len(set(found.choices)) == len(found.choices)
    assert set(found.choices) <= set(Decision.Choice.values)


@AT_ANY_SPEED
@given(states, st.timedeltas(timedelta(), 400 * DAY))
def test_nobody_asks_a_carrier_that_has_not_got_it_nor_a_warehouse_that_has_not(
    state: str | None, still: timedelta
) -> None:
    here = state in (None, Parcel.State.PREPARING, Parcel.State.RETURNED)

    choices = advice_on(state, NOW - still, NOW).choices

    assert ("ask_warehouse" in choices, "ask_carrier" in choices) == (here, not here)


@AT_ANY_SPEED
@given(st.timedeltas(timedelta(), 400 * DAY), st.timedeltas(timedelta(), 400 * DAY))
def test_the_longer_it_stands_still_the_less_is_waited(one: timedelta, other: timedelta) -> None:
    shorter, longer = sorted((one, other))
    patience = [
        choices.index("wait") if "wait" in choices else len(choices)
        for choices in (advice_on("in_transit", NOW - still, NOW).choices for still in (shorter, longer))
    ]

    assert patience == sorted(patience)
