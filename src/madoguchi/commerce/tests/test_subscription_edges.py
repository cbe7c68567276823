"""Subscriptions at their edges: days of notice, ends of months, pauses, second presses, roles, and other companies."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import date, datetime
from typing import Any

import pytest

from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_campaign, make_subscription, make_variant, order_of
from madoguchi.commerce.models import (
    CampaignUse,
    Order,
    OrderLine,
    Subscription,
    SubscriptionOrder,
    SubscriptionTerms,
    Variant,
)
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.recurring import make_due
from madoguchi.commerce.subscriptions import (
    begin_subscription,
    cancel,
    keep_on,
    last_order_after_notice,
    pause,
    quote_again,
    reasons_counted,
    resume,
    skip,
    subscription_by_id,
    subscriptions_of,
    subscriptions_seen,
    terms_now,
    write_subscription_terms,
)
from madoguchi.commerce.tests.test_subscriptions import (
    FIRST,
    SHELL,
    agreed,
    begun,
    noon,
    on,
    ordered,
    state_of,
    tea,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

__all__ = ["ordered", "tea"]
pytestmark = pytest.mark.django_db
LAST_OF_FEBRUARY = date(2027, 2, 28)
ROLES = ["agent", "supervisor", "manager", "company_staff", "company_manager"]


def told() -> list[str]:
    rows = Event.objects.filter(kind="subscription.moved").order_by("id")
    return list(rows.values_list("data__what", flat=True))


def facts(one: Subscription) -> dict[str, Any]:
    return Subscription.objects.filter(pk=one.pk).values().get()


@pytest.mark.parametrize(
    ("until", "day", "made", "next_on"),
    [
        # On the day until which it pauses orders are made again: that day itself, where the rhythm has it.
        (FIRST, FIRST, 1, LAST_OF_FEBRUARY),
        (LAST_OF_FEBRUARY, LAST_OF_FEBRUARY, 1, date(2027, 3, 31)),
        (LAST_OF_FEBRUARY, date(2027, 2, 27), 0, FIRST),
        (date(2027, 2, 27), date(2027, 2, 27), 0, LAST_OF_FEBRUARY),
        (date(2027, 3, 1), date(2027, 3, 1), 0, date(2027, 3, 31)),
        # A pause that is over before the next order changes nothing of it.
        (date(2027, 1, 25), date(2027, 1, 25), 0, FIRST),
        # No worker ran for some days: one order comes for the day that went by, and the next is ahead.
        (LAST_OF_FEBRUARY, date(2027, 3, 2), 1, date(2027, 3, 31)),
        (LAST_OF_FEBRUARY, date(2027, 5, 4), 1, date(2027, 5, 31)),
    ],
)
def test_a_pause_ends_on_its_day(
    world: World, ordered: Order, until: date, day: date, made: int, next_on: date
) -> None:
    one = begun(ordered)
    pause(one, until=until, by=SHELL)

    assert (on(day), on(day)) == (made, 0)
    assert (state_of(one)[1], one.state == "active") == (next_on, day >= until)
    assert SubscriptionOrder.objects.count() == made


def test_a_pause_does_not_call_off_an_order_whose_notice_is_over(world: World, ordered: Order) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 27))), pytest.raises(Refused, match="2027-01-26") as refused:
        pause(one, until=None, by=SHELL)

    assert (refused.value.field, state_of(one), told()) == ("until", ("active", FIRST, None), [])
    with clock.held_at(noon(date(2027, 1, 26))):
        pause(one, until=None, by=SHELL)
    assert (state_of(one)[0], told()) == ("paused", ["paused"])


@pytest.mark.parametrize(
    ("hour", "made"),
    [
        # 23:59 of 30 January and 00:00 of 31 January, in Japan.
        ("2027-01-30T14:59:59+00:00", 0),
        ("2027-01-30T15:00:00+00:00", 1),
    ],
)
def test_a_day_begins_at_midnight_in_japan(world: World, ordered: Order, hour: str, made: int) -> None:
    begun(ordered)
    with clock.held_at(datetime.fromisoformat(hour)):
        assert make_due() == made


def test_an_order_comes_on_a_holiday_as_on_any_other_day(world: World, ordered: Order) -> None:
    """1 January is a holiday and 3 January 2027 a Sunday: days are agreed by the calendar, and are read out so."""
    one = begun(ordered, first_on=date(2027, 12, 1))
    Subscription.objects.update(next_on=date(2028, 1, 1))

    assert (on(date(2027, 12, 31)), on(date(2028, 1, 1))) == (0, 1)
    assert state_of(one)[1] == date(2028, 2, 1)


@pytest.mark.parametrize(
    ("notice", "day", "may"),
    [(0, FIRST, True), (1, FIRST, False), (1, date(2027, 1, 30), True), (11, date(2027, 1, 20), True)],
)
def test_notice_counts_to_the_day_itself(
    world: World, ordered: Order, notice: int, day: date, may: bool
) -> None:
    write_subscription_terms(world.ours.company, words="条件", notice_days=notice, least_orders=1, by=SHELL)
    one = begun(ordered)
    with clock.held_at(noon(day)):
        assert (last_order_after_notice(one) is None) is may
        if may:
            skip(one, FIRST, by=SHELL)
        else:
            with pytest.raises(Refused):
                skip(one, FIRST, by=SHELL)

    assert SubscriptionOrder.objects.count() == (1 if may else 0)


def test_terms_of_later_change_nothing_of_what_was_agreed(world: World, ordered: Order) -> None:
    one = begun(ordered)
    later = write_subscription_terms(
        world.ours.company, words="次の条件", notice_days=0, least_orders=24, by=SHELL
    )
    with clock.held_at(noon(date(2027, 1, 26))):
        assert cancel(one, reason="enough", by=SHELL) is None

    assert (later.number, terms_now(ordered), one.terms.number) == (2, later, 1)
    assert state_of(one)[0] == "ended"


@pytest.mark.parametrize(
    ("least", "had", "last"),
    [
        (1, 0, None),
        (2, 0, FIRST),
        (3, 0, LAST_OF_FEBRUARY),
        (24, 0, date(2028, 11, 30)),
        (3, 1, LAST_OF_FEBRUARY),
        (3, 2, None),
    ],
)
def test_what_was_agreed_at_least_counts_the_first_order_too(
    world: World, ordered: Order, least: int, had: int, last: date | None
) -> None:
    write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=least, by=SHELL)
    one = begun(ordered)
    days = [FIRST, LAST_OF_FEBRUARY][:had]
    assert [on(day) for day in days] == [1] * had
    one.refresh_from_db()
    # Early enough before the next one.
    with clock.held_at(noon([date(2027, 1, 20), date(2027, 2, 1), date(2027, 3, 1)][had])):
        assert cancel(one, reason="enough", by=SHELL) == last


def test_what_was_left_out_does_not_count_as_taken(world: World, ordered: Order) -> None:
    write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=2, by=SHELL)
    one = begun(ordered)
    skip(one, FIRST, by=SHELL)

    assert cancel(one, reason="life", by=SHELL) == LAST_OF_FEBRUARY
    assert (on(FIRST), on(LAST_OF_FEBRUARY), on(date(2027, 3, 31))) == (0, 1, 0)
    assert state_of(one)[0] == "ended"


def test_a_second_press_cancels_nothing_more_and_the_last_order_can_be_called_off(
    world: World, ordered: Order
) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 27))):
        assert cancel(one, reason="price", by=SHELL) == FIRST
        before = facts(one)
        with pytest.raises(Conflict):
            cancel(one, reason="health", by=SHELL)
        assert (facts(one), Event.objects.filter(kind="subscription.cancelled").count()) == (before, 1)
        assert cancel(one, reason="health", at_once=True, by=SHELL) is None

    assert (state_of(one), one.reason, on(FIRST)) == (("ended", FIRST, None), "health", 0)


def test_one_whose_last_order_is_left_out_has_ended(world: World, ordered: Order) -> None:
    write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=2, by=SHELL)
    one = begun(ordered)
    assert cancel(one, reason="price", by=SHELL) == FIRST
    skip(one, FIRST, by=SHELL)

    assert state_of(one) == ("ended", LAST_OF_FEBRUARY, FIRST)
    assert on(LAST_OF_FEBRUARY) == 0


def test_one_that_is_held_beyond_its_last_day_does_not_go_on(
    world: World, ordered: Order, tea: Variant
) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 27))):
        cancel(one, reason="price", by=SHELL)
    Variant.objects.filter(pk=tea.pk).update(unit_price=1_200)
    assert (on(FIRST), state_of(one)[0]) == (0, "held")
    before = facts(one)
    with clock.held_at(noon(date(2027, 2, 1))), pytest.raises(Refused, match="2027-01-31"):
        resume(one, total=2_400, said="新しい代金", by=SHELL)
    assert (facts(one), on(FIRST), state_of(one)[0]) == (before, 0, "held")

    assert (on(date(2027, 2, 1)), state_of(one)) == (0, ("ended", FIRST, FIRST))
    assert Order.objects.count() == 1


def test_what_pauses_is_cancelled_at_once_unless_more_was_agreed(world: World, ordered: Order) -> None:
    free = begun(ordered)
    write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=2, by=SHELL)
    bound = begun(ordered)
    for one in (free, bound):
        pause(one, until=date(2027, 6, 1), by=SHELL)
    with clock.held_at(noon(date(2027, 3, 30))):
        assert cancel(free, reason="life", by=SHELL) is None
        assert cancel(bound, reason="life", by=SHELL) == date(2027, 3, 31)

    assert (state_of(free), state_of(bound)) == (
        ("ended", FIRST, None),
        ("active", date(2027, 3, 31), date(2027, 3, 31)),
    )
    assert bound.resume_on is None
    assert (on(date(2027, 3, 31)), state_of(bound)[0]) == (1, "ended")


def test_one_that_has_ended_is_taken_up_with_the_next_day_ahead(world: World, ordered: Order) -> None:
    one = begun(ordered)
    cancel(one, reason="enough", by=SHELL)
    with clock.held_at(noon(date(2027, 3, 31))):
        keep_on(one, by=SHELL)

    assert state_of(one) == ("active", date(2027, 4, 30), None)
    assert (one.reason, one.cancelled_at, told()) == ("", None, ["kept"])
    assert reasons_counted(actor_of(world.ours.agent), since=date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("active", {"resume", "keep"}),
        ("paused", {"skip", "pause", "keep"}),
        ("held", {"skip", "pause", "keep"}),
        ("ended", {"skip", "pause", "resume", "cancel", "keep"}),
    ],
)
def test_what_does_not_fit_how_it_stands_changes_nothing(
    world: World, ordered: Order, state: str, refused: set[str]
) -> None:
    one = begun(ordered)
    Subscription.objects.update(state=state)
    before = facts(one)
    acts: dict[str, Callable[[], object]] = {
        "skip": lambda: skip(one, FIRST, by=SHELL),
        "pause": lambda: pause(one, until=None, by=SHELL),
        "resume": lambda: resume(one, by=SHELL),
        "cancel": lambda: cancel(one, reason="price", by=SHELL),
        "keep": lambda: keep_on(one, by=SHELL),
    }
    for name in sorted(refused):
        with pytest.raises(Conflict):
            acts[name]()

    assert (facts(one), told()) == (before, [])


@pytest.mark.parametrize("until", [date(2027, 1, 19), date(2027, 1, 20), date(2028, 1, 22)])
def test_a_pause_has_a_day_ahead_within_a_year(world: World, ordered: Order, until: date) -> None:
    one = begun(ordered)
    with pytest.raises(Refused) as refused:
        pause(one, until=until, by=SHELL)

    assert (refused.value.field, state_of(one)[0]) == ("until", "active")
    pause(one, until=date(2028, 1, 21), by=SHELL)
    assert one.resume_on == date(2028, 1, 21)


@pytest.mark.parametrize("reason", ["", "because", "PRICE"])
def test_a_reason_is_one_of_those_that_are_counted(world: World, ordered: Order, reason: str) -> None:
    one = begun(ordered)
    with pytest.raises(Refused) as refused:
        cancel(one, reason=reason, by=SHELL)

    assert (refused.value.field, facts(one)["cancelled_at"]) == ("reason", None)


@pytest.mark.parametrize(("role", "may"), list(zip(ROLES, [True, True, True, False, False], strict=True)))
def test_who_takes_orders_begins_and_cancels_and_nobody_else(
    world: World, ordered: Order, role: str, may: bool
) -> None:
    there = begun(ordered)
    who = actor_of(getattr(world.ours, role))
    acts: list[Callable[[], object]] = [
        lambda: begin_subscription(ordered, agreed(ordered), by=who),
        lambda: skip(there, FIRST, by=who),
        lambda: pause(there, until=None, by=who),
        lambda: resume(there, by=who),
        lambda: cancel(there, reason="unsaid", by=who),
        lambda: keep_on(there, by=who),
    ]
    allowed = 0
    for act in acts:
        with suppress(NotAllowed):
            act()
            allowed += 1

    assert (allowed, Subscription.objects.count()) == ((6, 2) if may else (0, 1))
    assert told() == (["skipped", "paused", "resumed", "kept"] if may else [])


@pytest.mark.parametrize(("role", "may"), list(zip(ROLES, [False] * 4 + [True], strict=True)))
def test_the_company_alone_writes_its_terms(world: World, role: str, may: bool) -> None:
    who = actor_of(getattr(world.ours, role))
    with world.ours.scope():
        with nullcontext() if may else pytest.raises(NotAllowed):
            write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=1, by=who)
        assert SubscriptionTerms.objects.count() == may


def test_people_of_another_company_see_and_change_nothing(world: World, ordered: Order) -> None:
    one = begun(ordered)
    ours, stranger = actor_of(world.ours.agent), actor_of(world.theirs.manager)
    with pytest.raises(NotFound):
        subscription_by_id(one.pk, actor=stranger)
    with pytest.raises(NotAllowed):
        cancel(one, reason="price", by=stranger)

    company = world.ours.company.pk
    assert subscriptions_of(one.customer_id, actor=stranger, company=company) == []
    assert (list(subscriptions_seen(stranger)), list(subscriptions_seen(ours))) == ([], [one])
    assert subscription_by_id(one.pk, actor=ours) == one
    with world.theirs.scope():
        assert list(Subscription.objects.all()) == []


def test_campaigns_are_for_orders_that_somebody_places(world: World, ordered: Order) -> None:
    """Each one is made at what was said, whatever is advertised on its day."""
    make_campaign(world.ours.company)
    one = begun(ordered)

    assert (quote_again(in_order(ordered)[0], ordered).totals.total, one.total) == (2_160, 2_160)
    assert on(FIRST) == 1
    made = Order.objects.order_by("number").last()
    assert made is not None
    assert (made.total, CampaignUse.objects.filter(order=made).exists()) == (2_160, False)


def test_a_cancelled_order_of_it_leaves_the_others(world: World, ordered: Order) -> None:
    one = begun(ordered)
    on(FIRST)
    made = Order.objects.select_related("desk").order_by("-number")[0]
    move_order(made, "cancelled", by=SHELL)

    assert (on(FIRST), state_of(one)) == (0, ("active", LAST_OF_FEBRUARY, None))
    assert SubscriptionOrder.objects.get().order_id == made.pk


def test_what_keeps_one_from_being_ordered_does_not_keep_others(
    world: World, ordered: Order, tea: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle = make_variant(world.ours.company, code="NB-1", price=13_200)
    other = order_of(ordered.customer_id, world.ours.desk.pk, (kettle, 1))
    broken, gone, right = begun(ordered), make_subscription(other), begun(ordered)
    Subscription.objects.filter(pk=broken.pk).update(payment="shells")
    Subscription.objects.filter(pk=gone.pk).update(next_on=FIRST)
    Variant.objects.filter(pk=kettle.pk).update(active=False)

    assert on(FIRST) == 1
    states = {one.pk: (one.state, one.trouble) for one in Subscription.objects.all()}
    assert (states[right.pk], states[gone.pk]) == (("active", ""), ("held", "gone"))
    assert states[broken.pk][0] == "held"
    assert list(SubscriptionOrder.objects.values_list("subscription", flat=True)) == [right.pk]


def test_a_line_of_shipping_or_of_another_order_begins_nothing(world: World, ordered: Order) -> None:
    other = order_of(ordered.customer_id, world.ours.desk.pk)
    OrderLine.objects.filter(order=ordered).update(shipping=True)
    for line in (in_order(ordered)[0].pk, in_order(other)[0].pk):
        with pytest.raises(Refused) as refused:
            begun(ordered, line=line)
        assert refused.value.field == "line"

    assert not Subscription.objects.exists()


def test_without_terms_nothing_begins(world: World, ordered: Order) -> None:
    SubscriptionTerms.objects.all().delete()
    with pytest.raises(Refused) as refused:
        begun(ordered)

    assert (refused.value.field, Subscription.objects.count()) == ("terms", 0)


@pytest.mark.parametrize(
    ("day", "first_on", "right"),
    [
        (date(2027, 1, 20), date(2027, 1, 21), True),
        (date(2027, 1, 20), date(2028, 1, 21), True),
        (date(2027, 1, 20), date(2028, 1, 22), False),
        (date(2027, 1, 20), date(2027, 1, 19), False),
        (date(2028, 2, 28), date(2028, 2, 29), True),
    ],
)
def test_the_first_day_is_from_tomorrow_on(
    world: World, ordered: Order, day: date, first_on: date, right: bool
) -> None:
    with clock.held_at(noon(day)):
        if right:
            assert begun(ordered, first_on=first_on).next_on == first_on
        else:
            with pytest.raises(Refused) as refused:
                begun(ordered, first_on=first_on)
            assert refused.value.field == "first_on"

    assert Subscription.objects.count() == right


def test_why_they_were_cancelled_is_counted_from_a_day_on_the_most_first(
    world: World, ordered: Order
) -> None:
    for day, reason in ((20, "price"), (21, "enough"), (21, "price"), (22, "price")):
        one = begun(ordered)
        with clock.held_at(noon(date(2027, 1, day))):
            cancel(one, reason=reason, by=SHELL)
    reader, stranger = actor_of(world.ours.company_staff), actor_of(world.theirs.agent)

    assert reasons_counted(reader, since=date(2027, 1, 21)) == [("価格が高い", 2), ("余っている", 1)]
    assert reasons_counted(reader, since=date(2027, 1, 23)) == []
    assert reasons_counted(stranger, since=date(2027, 1, 1)) == []


def test_a_worker_is_told_apart_from_people(world: World, ordered: Order) -> None:
    begun(ordered)
    on(FIRST)
    made = Order.objects.order_by("-number")[0]

    assert (made.user_id, made.case_id) == (None, None)
    fact = Event.objects.get(kind="subscription.ordered")
    assert (fact.actor_kind, fact.data["due"], fact.data["order"]) == (
        system("subscriptions").kind,
        "2027-01-31",
        made.pk,
    )
