"""What a customer would be given twice for one loss: goods once more, and goods or money again.

Neither is refused for good, as what was sent once more may be lost too: whoever goes on says so (`again`).
"""

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import gettext as _

from madoguchi.commerce.models import Order, OrderLine, Return, ReturnPiece
from madoguchi.commerce.whereabouts import resends_of
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused

_State = Return.State
_GIVEN = (_State.ASKED, _State.INSPECTED, _State.AWAITING, _State.REFUNDED)


def require_first_resend(order: Order, pieces: Mapping[int, int]) -> None:
    """Hold that none of these lines was sent once more before, nor more of them than the money was not given back for,
    until this transaction ends. Raises Refused, with what was given, when and by whom.
    """
    one_at_a_time(f"resend {order.resend_of_id or order.pk}")
    wanted = _wanted(order, pieces)
    if there := _sent(order, wanted):
        words = _(
            "%(number)s was made for this already (%(at)s, %(who)s). Tick the box to send it once again."
        )
        raise Refused(words % _said(there), field="again")
    if back := _given(order, wanted):
        words = _(
            "By %(number)s (%(state)s) the money for this is given back. Tick the box to send it all the same."
        )
        raise Refused(words % {"number": back, "state": back.get_state_display()}, field="again")


def require_not_resent(order: Order, pieces: Mapping[int, int]) -> None:
    """Hold that none of these lines, which never came, was sent once more, until this transaction ends. Raises Refused,
    with what was sent.
    """
    one_at_a_time(f"resend {order.resend_of_id or order.pk}")
    if there := _sent(order, _wanted(order, pieces)):
        words = _(
            "%(number)s was sent once more for this (%(at)s, %(who)s). Tick the box to give the money back as well."
        )
        raise Refused(words % _said(there), field="again")


def is_given_back(order: Order) -> bool:
    """Whether the money for any of an order is or may be given back. One query."""
    return Return.objects.filter(order=order.resend_of_id or order.pk, state__in=_GIVEN).exists()


def _wanted(order: Order, pieces: Mapping[int, int]) -> Counter[tuple[str, str]]:
    wanted = Counter[tuple[str, str]]()
    for line in order.lines.all():
        wanted[line.code, line.name] += 0 if line.shipping else pieces.get(line.pk, 0)
    return +wanted


def _sent(order: Order, wanted: Counter[tuple[str, str]]) -> Order | None:
    for one in resends_of(order):
        if any((line.code, line.name) in wanted for line in one.lines.all()):
            return one
    return None


def _given(order: Order, wanted: Counter[tuple[str, str]]) -> Return | None:
    """The last return by which more is given back than would leave these with the customer. Two queries."""
    paid = order.resend_of_id or order.pk
    left = Counter[tuple[str, str]]()
    for line in OrderLine.objects.filter(order=paid, shipping=False):
        left[line.code, line.name] += line.quantity
    claims = ReturnPiece.objects.filter(back__order=paid, back__state__in=_GIVEN, line__shipping=False)
    last = None
    for piece in claims.select_related("back", "line").order_by("back"):
        goods = piece.line.code, piece.line.name
        left[goods] -= piece.quantity
        if wanted[goods] > left[goods]:
            last = piece.back
    return last


def _said(one: Order) -> dict[str, object]:
    return {
        "number": one,
        "at": f"{one.placed_at.astimezone(clock.TOKYO):%Y-%m-%d %H:%M}",
        "who": one.user.name if one.user else "–",
    }
