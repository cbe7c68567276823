"""Customers who were joined are two again, with what came for each since."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases.actions.join_customers import let_checks_follow
from madoguchi.cases.models import Case, Merge, Message
from madoguchi.commerce.models import Order, SubscriptionOrder
from madoguchi.customers.actions import part_customers as part_records
from madoguchi.customers.actions.join import hanging_on_a_customer
from madoguchi.customers.models import Join
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, canonical

_CASES, _ORDERS, _SUBSCRIPTIONS = (
    "cases.Case.customer",
    "commerce.Order.customer",
    "commerce.Subscription.customer",
)
# When a row came that names its case: each table has one of these.
_CAME: Final = ("at", "placed_at", "begun_at", "made_at")
_KINDS: Final = (IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.LINE, IdentityKind.WEB)
Known = tuple[str, str]


@transaction.atomic
def part_customers(join: Join, *, callers: Mapping[int, str] | None = None, by: Actor) -> None:
    """Make two records of them again. Cases that began since and in which nobody but the one who goes has written or
    called go along, and so does what was ordered, reserved or noted since in a case that goes; what belongs to no case
    stays. What had been checked of the one who goes counts again in their cases. `callers` are the numbers behind
    messages of calls (`calls_since`), which hold none themselves.

    Raises NotAllowed, or Refused while cases of both are one.
    """
    if join.undone_at is None:
        _require_no_mixed_case(join)
    came = _came_since(join, callers or {})
    parting = join.undone_at is None
    part_records(join, more={_CASES: came, **_in_cases(join, came)}, by=by)
    if parting:
        went = Case.objects.filter(pk__in=[*came, *join.moved[_CASES]], customer=join.customer_id)
        gone = list(went.values_list("pk", flat=True))
        let_checks_follow(gone, before=join.into_id, after=join.customer_id, by=by)


def calls_since(join: Join) -> list[int]:
    """The messages of calls in cases that began after the join. One query."""
    said = _said_since(join).filter(channel=Channel.PHONE)
    return list(said.order_by("pk").values_list("pk", flat=True))


def _require_no_mixed_case(join: Join) -> None:
    went = set(join.moved[_CASES])
    merges = Merge.objects.filter(case__customer=join.into_id, at__gte=join.at, undone_at=None)
    for merge in merges.select_related("case__company", "into"):
        if (merge.case_id in went) != (merge.into_id in went):
            number = merge.case.spoken_number(merge.case.company.prefix)
            words = _("%(number)s went on in a case of the other person. Undo that merge first.")
            raise Refused(words % {"number": number})


def _said_since(join: Join) -> Any:
    began = Case.objects.filter(customer=join.into_id, opened_at__gte=join.at)
    return Message.objects.filter(case__in=began, author=Message.Author.CUSTOMER)


def _came_since(join: Join, callers: Mapping[int, str]) -> list[int]:
    """Cases that began after the join and in which only addresses wrote or called that go back."""
    theirs = {(kind, value) for kind, value in join.moved["addresses"]}
    of_both: dict[int, bool] = {}
    for pk, case, address in _said_since(join).values_list("pk", "case_id", "sender_address"):
        is_theirs = bool(theirs & _known_as(address or callers.get(pk, "")))
        of_both[case] = of_both.get(case, True) and is_theirs
    return sorted(case for case, all_theirs in of_both.items() if all_theirs)


def _known_as(address: str) -> set[Known]:
    """As what an address may stand in a record: by its look alone nobody tells a number from what LINE calls a user."""
    return {(str(kind), canonical(kind, address)[:254]) for kind in _KINDS} if address else set()


def _in_cases(join: Join, came: Sequence[int]) -> dict[str, list[int]]:
    """What came since in the cases that go, by table; and orders that follow from what goes: those of a subscription,
    and what was sent once more.
    """
    go = {*came, *join.moved[_CASES]}
    more: dict[str, list[int]] = {}
    for name, model, field in hanging_on_a_customer():
        fields = {one.name for one in model._meta.get_fields()}
        case, at = (
            next((one for one in names if one in fields), "") for names in (("case_id", "case"), _CAME)
        )
        if name != _CASES and case and at:
            rows = model.objects.filter(**{field: join.into_id, f"{case}__in": go})
            rows = rows.filter(Q(**{f"{at}__gte": join.at}) | Q(**{f"{case}__in": came}))
            more[name] = list(rows.order_by("pk").values_list("pk", flat=True))
    more[_ORDERS] = sorted({*more.get(_ORDERS, ()), *_following(join, more)})
    return more


def _following(join: Join, more: Mapping[str, list[int]]) -> set[int]:
    orders = {*join.moved.get(_ORDERS, ()), *more.get(_ORDERS, ())}
    subscriptions = {*join.moved.get(_SUBSCRIPTIONS, ()), *more.get(_SUBSCRIPTIONS, ())}
    made = SubscriptionOrder.objects.filter(subscription__in=subscriptions, order__isnull=False).values(
        "order"
    )
    found = Order.objects.filter(Q(resend_of__in=orders) | Q(pk__in=made), customer=join.into_id)
    return set(found.filter(placed_at__gte=join.at).values_list("pk", flat=True))
