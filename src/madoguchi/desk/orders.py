"""Taking an order beside a case, and what the customer bought, as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import visible
from madoguchi.commerce import policies
from madoguchi.commerce.actions import WAYS, Wanted, delivery_of, place_order
from madoguchi.commerce.campaigning import offered_at, quote_at
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Campaign, CampaignUse, Order, OrderLine, Piece, ReturnPolicy, Variant
from madoguchi.commerce.payment_links import link_of
from madoguchi.commerce.pieces import pieces_of
from madoguchi.commerce.queries import (
    in_order,
    orders_of,
    orders_of_others,
    policy_of,
    products_matching,
    variants_by_id,
)
from madoguchi.commerce.quoting import Quote
from madoguchi.commerce.referrals import referral_named
from madoguchi.commerce.solicitations import (
    Heard,
    knows_adverts,
    outside_of,
    require_willing,
    solicitation_of,
)
from madoguchi.commerce.standing import standing_in_words
from madoguchi.commerce.stock import missing_of
from madoguchi.customers.models import Customer
from madoguchi.customers.places import places_shown
from madoguchi.customers.queries import sees_customers, show, view_of
from madoguchi.desk.drafting import put_into_answer
from madoguchi.desk.lately import warranty_in_words
from madoguchi.desk.merging import number_of
from madoguchi.desk.soliciting import Telling, heard_of, refuse_offers, telling_of, ticked_in
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import spoken_phone
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.text import alike, whole_number
from madoguchi.signals.models import Signal
from madoguchi.tasks.written_terms import remind_of_terms

_MOST_TYPED, _MOST_DIGITS, _MOST_TOLD, _MOST_SAID, _MOST_READ = 60, 9, 200, 2_000, 20
_SAID = ("recipient", "postcode", "address", "phone", "payment", "note", "coupon", "medium", "referral")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was typed: a word to look for, what was chosen and how many, where it goes, and which of the
    chosen we offered. So many `more` are to be put down of what is to be `add`ed.
    """

    q: str = ""
    pieces: tuple[tuple[int, str], ...] = ()
    said: dict[str, str] = field(default_factory=dict)
    once: UUID = field(default_factory=uuid4)
    add: int | None = None
    more: int = 1
    do: str = ""
    total: int | None = None
    missing: int | None = None
    duties: tuple[str, ...] = ()
    offered: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of the order that is being taken, or a product that could become one; `missing` pieces of it are not in
    stock.
    """

    variant: Variant
    price: str
    count: str = ""
    amount: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """An order that is being taken. With a `quote` it is read back, else still put together; `asks_offered` which of it
    we offered, where nobody knows what was advertised.
    """

    typed: Typed
    chosen: Sequence[Chosen]
    found: Sequence[Chosen] = ()
    quote: Quote | None = None
    policy: ReturnPolicy | None = None
    offers: Sequence[Campaign] = ()
    telling: Telling | None = None
    asks_offered: bool = False
    problem: str = ""
    wrong: str = ""
    status: int = 200

    @property
    def total(self) -> str:
        """What it comes to."""
        return yen(self.quote.totals.total) if self.quote else ""

    @property
    def tax(self) -> str:
        """The tax in it."""
        return yen(self.quote.totals.tax) if self.quote else ""

    @property
    def fee(self) -> str:
        """What sending it costs; empty where the company has said nothing of that."""
        quote = self.quote
        said = quote and quote.rule and (quote.rule.fee is not None or quote.rule.regions)
        return yen(quote.fee) if quote and said else ""

    @property
    def saved(self) -> str:
        """What its campaign saves; empty without one."""
        return yen(self.quote.saved) if self.quote and self.quote.campaign else ""

    @property
    def payment(self) -> str:
        """How it is paid, in words."""
        return str(dict(Order.Payment.choices).get(self.typed.said.get("payment", ""), ""))

    @property
    def focus(self) -> str:
        """The field in which one goes on typing."""
        return self.wrong or "q"


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """One line of an order in words; `warranty` says until when, `holds` whether it still does; `pieces` are lot and
    serial numbers of pieces of it that the customer has told of.
    """

    line: OrderLine
    price: str
    amount: str
    list_price: str
    warranty: str
    holds: bool
    pieces: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bought:
    """An order as it is shown; whom and where it goes to as this reader may see them."""

    order: Order
    lines: list[BoughtLine]
    net: str
    tax: str
    total: str
    recipient: str = ""
    address: str = ""
    phone: str = ""
    note: str = ""
    campaign: CampaignUse | None = None
    saved: str = ""
    moves: Sequence[tuple[str, str]] = ()
    may_give: bool = False
    may_pay: bool = False
    may_unpay: bool = False
    link: str = ""
    sold: Sequence[Piece] = ()

    @property
    def state(self) -> str:
        """How far it has come by its parcels. One query where these are not at hand."""
        return standing_in_words(self.order.state, [one.state for one in self.order.parcels.all()])


def first_typed(customer: Customer, *, actor: Actor) -> Typed:
    """The form as it opens: to the customer, as far as this reader sees who and where that is. One query."""
    person = view_of(customer, actor=actor)
    unseen = person.masked | person.hidden
    phone = person.phones[0] if person.phones and "phone" not in unseen else ""
    known = {"recipient": ("name", person.name), "address": ("address", person.address)}
    said = {name: "" if what in unseen else value for name, (what, value) in known.items()}
    return Typed(said={**said, "phone": phone, "payment": Order.Payment.ON_DELIVERY.value})


def places_to_send(customer: Customer, *, actor: Actor) -> list[str]:
    """Where goods may go beside the address of the record, for who sees addresses whole. Two queries."""
    person = view_of(customer, actor=actor)
    if "address" in person.masked | person.hidden:
        return []
    return [words for _one, words in places_shown(customer, actor=actor)]


def typed_in(form: QueryDict) -> Typed:
    """What was typed. What makes no sense is as if it were not there."""
    pieces = zip(form.getlist("piece"), form.getlist("count"), strict=False)
    chosen = [(int(piece), alike(count).strip()[:6]) for piece, count in pieces if _is_id(piece)]
    # Of a product that the customer named it is "12:3", three of them.
    add, _colon, more = form.get("add", "").partition(":")
    return Typed(
        q=form.get("q", "").strip()[:100],
        pieces=tuple(chosen[:_MOST_TYPED]),
        said={name: form.get(name, "")[:_MOST_SAID] for name in _SAID},
        once=_uuid(form.get("once", "")),
        add=int(add) if _is_id(add) else None,
        more=whole_number(more, most_digits=3) or 1,
        do=form.get("do", ""),
        total=_whole(form.get("total", "")),
        missing=_whole(form.get("missing", "")),
        duties=ticked_in(form),
        offered=frozenset(int(one) for one in form.getlist("offered")[:_MOST_TYPED] if _is_id(one)),
    )


def sells_here(case: Case, *, actor: Actor) -> bool:
    """Whether the reader takes orders at the case's desk, and the case did not go on elsewhere."""
    sells = policies.may_take_orders(actor, company=case.company_id, desk=case.desk_id)
    return sells and case.continued_in_id is None


def require_order_taker(case: Case, actor: Actor) -> None:
    """Raises NotAllowed for who takes no orders at the case's desk, or where the case went on elsewhere."""
    if not sells_here(case, actor=actor):
        raise NotAllowed(Permission.ORDER_TAKE)


def step(case: Case, typed: Typed, *, actor: Actor) -> Taking:
    """One press of Enter: a product is looked for and, where it is the only one, put down; with nothing to look for,
    the order is read back. Raises Refused.
    """
    if typed.add is not None:
        return shown(case, _with(typed, typed.add, more=typed.more), actor=actor)
    if typed.q and typed.do == "read":
        words = _("“%(words)s” is still written under Product. Press Enter there, or take it away.")
        raise Refused(words % {"words": typed.q}, field="q")
    if typed.q:
        found = products_matching(typed.q, company=case.company_id)
        if not found:
            raise Refused(_("No product is called “%(words)s”.") % {"words": typed.q}, field="q")
        exact = [one for one in found if alike(one.code) == alike(typed.q)]
        certain = exact or found
        one = certain[0] if len(certain) == 1 else None
        if one is None:
            return shown(case, typed, actor=actor, found=found)
        return shown(case, _with(typed, one.pk), actor=actor)
    if typed.do not in ("next", "read"):
        return shown(case, typed, actor=actor)
    return read_back(case, typed, actor=actor)


def read_back(case: Case, typed: Typed, *, actor: Actor, error: Refused | None = None) -> Taking:
    """What is read to the customer, and what is wrong with what was ticked. Raises Refused for what makes no sense, and
    where the customer is not to be solicited.
    """
    heard = heard_of(case, actor=actor, offered=typed.offered)
    said = delivery_of(_wanted(typed))
    coupon, medium = (typed.said.get(name, "") for name in ("coupon", "medium"))
    kept = {"phone": spoken_phone(said["phone"]), "coupon": coupon, "medium": medium}
    kept["referral"] = referral_named(typed.said.get("referral", ""), customer=case.customer)
    typed = replace(typed, said=said | kept)
    now = quote_at(
        _counted(typed),
        customer=case.customer,
        desk=case.desk,
        entry_point=_point(case, heard),
        coupon=coupon,
        address=said["address"],
        postcode=said["postcode"],
        by=actor,
    )
    require_willing(case.customer, outside_of(now.found, company=case.company_id, heard=heard))
    policy = policy_of(case.company_id)
    return shown(case, typed, actor=actor, heard=heard, now=now, policy=policy, error=error)


def declined(case: Case, typed: Typed, *, by: Actor) -> Typed:
    """Write down that the customer does not want what was not advertised, and take that off the order. Raises as
    `write_consent`.
    """
    found = variants_by_id([piece for piece, _count in typed.pieces], company=case.company_id)
    counted = [(found[piece], count) for piece, count in _counted(typed) if piece in found]
    names = outside_of(
        counted, company=case.company_id, heard=heard_of(case, actor=by, offered=typed.offered)
    )
    if names:
        refuse_offers(case.customer, _("、").join(names), by=by)
    left = tuple(one for one in typed.pieces if str(found.get(one[0], "")) not in names)
    return replace(typed, pieces=left, duties=(), do="")


def offered(written: str, *, company: int) -> list[dict[str, str]]:
    """Products that fit what was typed so far, in words. One query."""
    return [
        {
            "id": str(one.pk),
            "name": str(one),
            "code": one.code,
            "price": yen(one.unit_price),
            "stock": _in_stock(one),
        }
        for one in products_matching(written, company=company)
    ]


def _in_stock(variant: Variant) -> str:
    there = getattr(variant, "in_stock", None)
    return _("stock unknown") if there is None else _("%(n)s in stock") % {"n": there}


def take(case: Case, typed: Typed, *, by: Actor) -> Order:
    """Take the order that was read back. Raises as `place_order` does, and Refused where it was not read back."""
    if typed.total is None:
        raise Refused(_("Read the order back first."), field="q")
    heard = heard_of(case, actor=by, duties=typed.duties, offered=typed.offered)
    wanted, point = replace(_wanted(typed), heard=heard), _point(case, heard)
    with transaction.atomic():
        made = place_order(case.customer, wanted, desk=case.desk, entry_point=point, case=case.pk, by=by)
        if heard and (found := solicitation_of(made.pk)):
            remind_of_terms(case, found)
    return made


def shown(
    case: Case,
    typed: Typed,
    *,
    actor: Actor,
    heard: Heard | None = None,
    found: Sequence[Variant] = (),
    now: Quote | None = None,
    policy: ReturnPolicy | None = None,
    error: Refused | Conflict | None = None,
) -> Taking:
    """The order as far as it has come, what is owed for it on the phone, and what is wrong with it. Two queries, and up
    to six more on the phone.
    """
    heard = heard or heard_of(case, actor=actor, offered=typed.offered)
    # What is read back is what will be ordered, and not what was typed and taken away.
    pieces = [(piece, str(count)) for piece, count in _counted(typed)] if now else typed.pieces
    on_sale = variants_by_id([piece for piece, _count in pieces], company=case.company_id)
    chosen = [_chosen(on_sale[piece], count) for piece, count in pieces if piece in on_sale]
    conflict = isinstance(error, Conflict)
    counted = [(on_sale[piece], int(n)) for piece, n in pieces if piece in on_sale and n.isdecimal()]
    names = outside_of(counted, company=case.company_id, heard=heard)
    return Taking(
        typed=typed,
        chosen=chosen,
        found=[Chosen(variant, yen(variant.unit_price)) for variant in found],
        quote=now,
        policy=policy,
        offers=() if now else offered_at(case.desk, entry_point=_point(case, heard)),
        telling=telling_of(names, case.customer, actor=actor, ticked=typed.duties),
        asks_offered=bool(chosen) and not now and not knows_adverts(case.company_id, heard),
        problem=str(error or ""),
        wrong=getattr(error, "field", ""),
        status=409 if conflict else 422 if error else 200,
    )


def purchases_of(case: Case, *, actor: Actor) -> list[Bought]:
    """The last orders of the case's customer. Four queries."""
    found = orders_of(case.customer_id, actor=actor, company=case.company_id)
    told = pieces_told(found, actor=actor)
    return [bought(order, told) for order in found]


def named_of_others(case: Case, *, actor: Actor) -> list[tuple[str, int | None]]:
    """Orders that the customer names in the case and that are somebody else's, as they are named there, each with its
    id for who may see it. Two queries at most.
    """
    said = case.messages.filter(author=Message.Author.CUSTOMER, automatic="").order_by("-id")
    rows = said.values_list("subject", "new_text", "text")[:_MOST_READ]
    texts = [part for subject, new, text in rows for part in (subject, new or text)]
    found = orders_of_others(texts, customer=case.customer_id, company=case.company_id)
    sees = sees_customers(actor, company=case.company_id)
    return [(written, order.pk if sees else None) for written, order in found.items()]


def pieces_told(orders: Sequence[Order], *, actor: Actor) -> dict[int, list[str]]:
    """Lot and serial numbers of what these customers bought, by variant, as far as they have told of them in cases that
    the reader may read. One query, none for no orders.
    """
    customers = {order.customer_id for order in orders}
    told: dict[int, list[str]] = {}
    if not customers:
        return told
    rows = Signal.objects.filter(case__in=visible(actor).filter(customer__in=customers), withdrawn_at=None)
    rows = rows.filter(product__isnull=False).exclude(lot="", serial="").order_by("-raised_at", "-pk")
    for variant, lot, serial in rows.values_list("product__variants__pk", "lot", "serial")[:_MOST_TOLD]:
        words = piece_in_words(lot, serial)
        if words not in told.setdefault(variant, []):
            told[variant].append(words)
    return told


def piece_in_words(lot: str, serial: str) -> str:
    """Which piece of a product, as far as that is known."""
    known = ((_("lot %(lot)s"), {"lot": lot}), (_("serial no. %(serial)s"), {"serial": serial}))
    return " · ".join(words % said for words, said in known if any(said.values()))


def bought(order: Order, told: Mapping[int, list[str]] | None = None) -> Bought:
    """An order in words, without whom it goes to; with what was `told` of pieces of it."""
    lines = [_line(line, order, (told or {}).get(line.variant_id or 0, [])) for line in in_order(order)]
    return Bought(order, lines, yen(order.net), yen(order.tax), yen(order.total))


def whole_order(order: Order, *, actor: Actor, receipt_given: bool = False) -> Bought:
    """An order with whom and where it goes to, as the reader may see them, and what can become of it."""
    data_scope = actor.data_scope(company=order.company_id)
    moves: list[tuple[str, str]] = []
    sells = policies.may_take_orders(actor, company=order.company_id, desk=order.desk_id)
    if sells:
        moves = [(state, _way(state)) for state in WAYS[order.state]]
    use = CampaignUse.objects.filter(order=order).first()
    where = " ".join(part for part in (order.postcode and f"〒{order.postcode}", order.address) if part)
    return replace(
        bought(order, pieces_told([order], actor=actor)),
        recipient=show(order.recipient, "name", data_scope),
        address=show(where, "address", data_scope),
        phone=show(spoken_phone(order.phone), "phone", data_scope),
        note=show(order.note, "memo", data_scope),
        campaign=use,
        saved=yen(use.saved) if use else "",
        moves=moves,
        may_give=sells and order.state != Order.State.CANCELLED,
        may_pay=sells and order.state != Order.State.CANCELLED and order.paid_at is None,
        may_unpay=sells and order.paid_at is not None and not receipt_given,
        link=link_of(order) if sells else "",
        sold=[one for of_line in pieces_of([order]).values() for one in of_line],
    )


def number_of_case(order: Order, *, actor: Actor) -> str:
    """The number of the case in which an order was taken, where the reader may see that. One query."""
    found = visible(actor).filter(pk=order.case_id or 0).select_related("company").first()
    return number_of(found) if found else ""


def send_link(order: Order, *, by: Actor) -> Case:
    """Put where an order is paid into the answer being written in its case, once; the case. Raises NotFound where the
    reader has none of it, NotAllowed, and Refused where nothing is to be paid by a link.
    """
    case = visible(by).filter(pk=order.case_id or 0).select_related("company", "customer", "desk").first()
    link = link_of(order)
    if case is None:
        raise NotFound(order.pk)
    require_order_taker(case, by)
    if not link:
        raise Refused(_("This order is not to be paid by a link."))
    with translation.override(ours_for(case.language)):
        words = _("Please pay for your order %(number)s (%(total)s) here:")
    told = words % {"number": order, "total": yen(order.total)}
    put_into_answer(case, f"{told}\n{link}", by=by)
    return case


def _way(state: str) -> str:
    """What a button says that moves an order there."""
    return {
        Order.State.SHIPPED.value: _("It was shipped"),
        Order.State.DELIVERED.value: _("It was delivered"),
        Order.State.CANCELLED.value: _("Cancel the order …"),
    }[state]


def _line(line: OrderLine, order: Order, pieces: Sequence[str]) -> BoughtLine:
    words, holds = warranty_in_words(line, order)
    return BoughtLine(
        line,
        yen(line.unit_price),
        yen(line.quantity * line.unit_price),
        "" if line.list_price is None else yen(line.list_price),
        words,
        holds,
        pieces,
    )


def _with(typed: Typed, variant: int, *, more: int = 1) -> Typed:
    """So many more of a variant: a line of its own, or pieces more where it stands there."""
    pieces = dict(typed.pieces)
    before = pieces.get(variant, "0")
    pieces[variant] = str(int(before) + more) if before.isdecimal() else str(more)
    return replace(typed, q="", add=None, pieces=tuple(pieces.items()))


def _counted(typed: Typed) -> tuple[tuple[int, int], ...]:
    """How many of what; what is set to nothing is left out, and what is no number is refused by the action."""
    counted = [(piece, int(count) if count.isdecimal() else -1) for piece, count in typed.pieces]
    return tuple((piece, count) for piece, count in counted if count != 0)


def _wanted(typed: Typed) -> Wanted:
    said: dict[str, Any] = {**typed.said}
    return Wanted(pieces=_counted(typed), once=typed.once, total=typed.total, missing=typed.missing, **said)


def _chosen(variant: Variant, count: str) -> Chosen:
    amount = yen(variant.unit_price * int(count)) if count.isdecimal() else ""
    missing = missing_of(variant, int(count)) if count.isdecimal() else 0
    return Chosen(variant, yen(variant.unit_price), count, amount, missing)


def _point(case: Case, heard: Heard | None) -> int | None:
    """By which number or address the customer came: by that of the call, where there is one."""
    return heard.entry_point if heard and heard.entry_point else case.entry_point_id


def _is_id(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) <= 18


def _whole(written: str) -> int | None:
    return whole_number(written, most_digits=_MOST_DIGITS + 1)


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return uuid4()
