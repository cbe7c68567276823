"""Where an order is that has not come: order, parcel, what is advised and was decided, what the customer is told."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.identity import Act
from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_reply
from madoguchi.commerce import policies
from madoguchi.commerce.models import Decision, Order, OrderLine, Parcel, Return
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.queries import in_order, orders_of, parcels_of
from madoguchi.commerce.returning import ask_return
from madoguchi.commerce.slips import spoken_slip
from madoguchi.commerce.standing import standing_in_words
from madoguchi.commerce.twice import is_given_back, require_first_resend
from madoguchi.commerce.whereabouts import (
    Advice,
    advice_on,
    decide,
    note_answer,
    resend,
    resends_of,
    usual_wait,
)
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.drafting import put_into_answer
from madoguchi.desk.parcels import Sent, sent
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import alike, whole_number
from madoguchi.look.moments import span
from madoguchi.tasks.actions import Wanted, add_task, tick
from madoguchi.tasks.due import Unit, due_after
from madoguchi.tasks.models import Task
from madoguchi.tasks.policies import may_work

Choice = Decision.Choice
_MOST_ORDERS, _MOST_WORDS = 20, 2_000
_SENDING = (Choice.RESEND, Choice.REFUND)
_SENT = (Order.State.SHIPPED, Order.State.DELIVERED)
# What customers are told is Japanese, as papers are, whatever language staff read.
_CARRIERS = {"yamato": "ヤマト運輸", "sagawa": "佐川急便", "japan_post": "日本郵便", "other": "配送会社"}
_STATES = {
    "preparing": "発送の準備中",
    "handed_over": "配送会社へお渡し済み",
    "in_transit": "配送中",
    "absent": "ご不在のため持ち戻り",
    "delivered": "配達完了",
    "returned": "当店へ返送済み",
}
_WORDS = {
    Choice.WAIT: "恐れ入りますが、到着まで今しばらくお待ちいただけますでしょうか。",
    Choice.ASK_CARRIER: "{carrier}に状況を確認しております。{due}までに結果をご連絡いたします。",
    Choice.ASK_WAREHOUSE: "倉庫に発送の状況を確認しております。{due}までに結果をご連絡いたします。",
    Choice.RESEND: "同じ商品を改めてお送りいたします。代金はいただきません。"
    "発送しましたら、お問い合わせ番号をお知らせいたします。",
    Choice.REFUND: "お届けできなかった商品の代金を返金いたします。手続きが済みましたら、改めてご連絡いたします。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was chosen so far, by id, and what was typed."""

    order: int = 0
    parcel: int = 0
    choice: str = ""
    reason: str = ""
    words: str = ""
    due: str = ""
    said_due: str = ""
    again: bool = False
    once: UUID
    pieces: dict[int, str]
    tell: bool = True

    @property
    def acts(self) -> list[Act]:
        """For what of it the company may want to be sure who asks: goods at no cost are as good as money given back."""
        acts = {Act.REFUND: self.choice == Choice.RESEND, Act.DETAILS: self.tell}
        return [act for act, asked in acts.items() if asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far one has come in finding out: orders to choose from, then parcels, then what to do."""

    asked: Asked
    orders: Sequence[Order]
    order: Order | None = None
    parcels: Sequence[Sent] = ()
    parcel: Sent | None = None
    advice: Advice | None = None
    choices: Sequence[tuple[str, str]] = ()
    lines: Sequence[tuple[OrderLine, str]] = ()
    before: Sequence[Decision] = ()
    resent: Sequence[Order] = ()
    given_back: bool = False
    problem: str = ""
    usual: str = ""
    asking: bool = False
    sending: bool = False

    @property
    def status(self) -> int:
        """How the page answers."""
        return 422 if self.problem else 200

    @property
    def twice(self) -> bool:
        """Whether what was chosen may give the customer for a second time what they got."""
        return bool(self.resent) or (self.given_back and self.asked.choice == Choice.RESEND)

    @property
    def standing(self) -> list[tuple[Order, str]]:
        """The orders, with how far each has come by its parcels."""
        return [(one, _standing(one, one.parcels.all())) for one in self.orders]

    @property
    def state(self) -> str:
        """How far the chosen order has come by its parcels."""
        return _standing(self.order, [one.parcel for one in self.parcels]) if self.order else ""


def asked_in(form: QueryDict) -> Asked:
    """What was chosen or typed; what makes no sense is as if it were not there."""
    lines = zip(form.getlist("line"), form.getlist("count"), strict=False)
    return Asked(
        order=_id(form.get("order", "")),
        parcel=_id(form.get("parcel", "")),
        choice=form.get("choice", "") if form.get("choice") in Choice.values else "",
        reason=form.get("reason", "")[:300],
        words=form.get("words", "")[:_MOST_WORDS],
        due=form.get("due", "")[:30],
        said_due=form.get("said_due", "")[:30],
        again=form.get("again") == "1",
        once=_uuid(form.get("once", "")),
        pieces={_id(line): count[:6] for line, count in lines},
        tell=form.get("tell", "1") == "1",
    )


def place_of(case: Case, asked: Asked, *, actor: Actor, opening: bool = False) -> Place:
    """How far one has come; where the form of a choice is `opening`, with what it proposes. Up to ten queries."""
    orders = orders_of(case.customer_id, actor=actor, company=case.company_id, most=_MOST_ORDERS)
    order = next((one for one in orders if one.pk == asked.order), None)
    if order is None:
        return Place(asked=asked, orders=orders)
    parcels = [sent(one) for one in parcels_of(order)]
    chosen = [one for one in parcels if one.parcel.pk == asked.parcel]
    parcel = chosen[0] if chosen else parcels[0] if len(parcels) == 1 else None
    resent = resends_of(order)
    advice = None
    if parcel or not parcels:
        advice = _advice(order, parcel, resent)
    place = Place(
        asked=asked,
        orders=orders,
        order=order,
        parcels=parcels,
        parcel=parcel,
        advice=advice,
        choices=[(one, str(Choice(one).label)) for one in advice.choices] if advice else (),
        lines=_lines(order, parcel, asked),
        before=list(order.decisions.select_related("user", "answered_by").order_by("-at")[:5]),
        resent=resent,
        given_back=is_given_back(order),
        usual=_usual(order, parcel, asked.choice),
        asking=asked.choice in Decision.ASKING,
        sending=asked.choice in _SENDING,
    )
    return _filled(case, place) if opening and asked.choice and advice else place


@transaction.atomic
def settle(case: Case, place: Place, *, by: Actor) -> Order | None:
    """Do what was chosen: keep it, set the task, send it once more or take down that the money is to be given back,
    and put what the customer is told into the answer. Returns the order that was made, if any.

    Raises NotAllowed, and Refused for what is missing.
    """
    order, asked = place.order, place.asked
    if order is None or not asked.choice or not place.advice:
        raise Refused(_("Choose what to do."), field="choice")
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    one_at_a_time(f"whereabouts {asked.once}")
    if there := Order.objects.filter(company=case.company_id, once=asked.once).first():
        return there  # The button was pressed twice.
    if order.returns.filter(once=asked.once).exists():
        return None
    parcel = place.parcel.parcel if place.parcel else None
    made = None
    task = None
    if asked.choice in Decision.ASKING:
        task = add_task(case, _task(order, parcel, asked, by), by=by).pk
    if asked.choice == Choice.REFUND:
        ask_return(
            order,
            _pieces(asked),
            reason=Return.Reason.NOT_DELIVERED,
            note=asked.reason,
            case=case.pk,
            once=asked.once,
            again=asked.again,
            by=by,
        )
    if asked.choice == Choice.RESEND:
        if not asked.again:
            require_first_resend(order, _pieces(asked))
        made = resend(order, _pieces(asked), once=asked.once, case=case.pk, by=by)
        make_parcel(made, carrier=parcel.carrier if parcel else Parcel.Carrier.OTHER, by=by)
    decide(order, asked.choice, parcel=parcel, case=case.pk, task=task, reason=asked.reason, by=by)
    if asked.tell and asked.words.strip() and may_reply(by, case):
        put_into_answer(case, words_by(asked), over=lambda text: without_said(text, str(order)), by=by)
    return made


@transaction.atomic
def take_answer(case: Case, decision: int, form: Mapping[str, str], *, by: Actor) -> Decision:
    """Write down what somebody outside answered about an order of the case's customer; the task to ask is done by it.

    Raises NotFound, NotAllowed, and Refused and Conflict as `note_answer`.
    """
    rows = Decision.objects.select_related("order", "parcel")
    found = rows.filter(pk=decision, order__customer=case.customer_id, company=case.company_id).first()
    if found is None:
        raise NotFound(decision)
    note_answer(found, cause=form.get("cause", ""), answer=form.get("answer", ""), by=by)
    found.refresh_from_db(fields=["cause", "answer", "answered_at"])
    task = Task.objects.select_related("case", "case__continued_in").filter(pk=found.task_id or 0).first()
    if task and may_work(by, task.home):
        tick(task, done=True, by=by)
    return found


def _standing(order: Order, parcels: Iterable[Parcel]) -> str:
    return standing_in_words(order.state, [one.state for one in parcels])


def _advice(order: Order, parcel: Sent | None, resent: Sequence[Order]) -> Advice:
    moved = parcel.parcel.moved_at if parcel else order.placed_at
    state = parcel.parcel.state if parcel else None
    advice = advice_on(state, moved, clock.now(), marked_sent=order.state in _SENT)
    choices = [one for one in advice.choices if one in _WORDS]
    if not resent:
        return replace(advice, choices=tuple(choices))
    others = [one for one in choices if one not in (Choice.WAIT, Choice.RESEND)]
    why = _("It was sent once more already: find out first where %(number)s is.") % {"number": resent[0]}
    return Advice((Choice.WAIT, *others, Choice.RESEND), why)


def _usual(order: Order, parcel: Sent | None, choice: str) -> str:
    """How long whoever is asked usually takes, in words; empty where too few have answered."""
    carrier = parcel.parcel.carrier if parcel else ""
    usual = usual_wait(order.company_id, choice, carrier=carrier) if choice in Decision.ASKING else None
    if usual is None:
        return ""
    told = {"wait": span(usual[0]), "n": usual[1]}
    return _("Half of the last %(n)s answers came within %(wait)s.") % told


def _lines(order: Order, parcel: Sent | None, asked: Asked) -> list[tuple[OrderLine, str]]:
    """The goods with how many are typed in: at first what is in the parcel, or all where there is none."""
    goods = [line for line in in_order(order) if not line.shipping]
    counts = {line.pk: line.quantity for line in goods}
    if parcel:
        counts = {piece.line_id: piece.quantity for piece in parcel.parcel.pieces.all()}
    return [(line, asked.pieces.get(line.pk, str(counts.get(line.pk, 0)))) for line in goods]


def _filled(case: Case, place: Place) -> Place:
    """The form of a choice as it opens: a deadline, and words for the customer."""
    asked, order = place.asked, place.order
    assert order is not None
    due = due_after(clock.now(), 1, Unit.DAYS, desk=case.desk) or clock.now()
    due = due.astimezone(clock.TOKYO)
    words = words_for(asked.choice, order, place.parcel, due)
    written = f"{due:%Y-%m-%dT%H:%M}"
    return replace(place, asked=replace(asked, due=written, said_due=written, words=words))


def words_for(choice: str, order: Order, parcel: Sent | None, due: datetime) -> str:
    """What the customer is told, to be gone over. Pure."""
    if parcel is None and order.state in _SENT:
        now = f"ご注文 {order} は、発送済みとして記録されておりますが、配送の状況を確認できておりません。"
    elif parcel is None:
        now = f"ご注文 {order} は、現在発送の準備中です。"
    else:
        state, slip = _STATES[parcel.parcel.state], spoken_slip(parcel.parcel.slip)
        number = f"{_CARRIERS[parcel.parcel.carrier]}、お問い合わせ番号 {slip}" if slip else ""
        now = f"ご注文 {order} は、現在「{state}」です" + (f"({number})。" if number else "。")
    carrier = _CARRIERS[parcel.parcel.carrier] if parcel else "配送会社"
    return f"{now}\n" + _WORDS[Choice(choice)].format(carrier=carrier, due=_spoken(due))


def words_by(asked: Asked) -> str:
    """The words as they were gone over, with the time that was chosen where the proposed one still stands. Pure."""
    try:
        said, due = (read_moment(one).astimezone(clock.TOKYO) for one in (asked.said_due, asked.due))
    except Refused:
        return asked.words
    return (
        asked.words.replace(_spoken(said), _spoken(due)) if asked.choice in Decision.ASKING else asked.words
    )


def without_said(text: str, order: str) -> str:
    """An answer without what was put in for an earlier choice about an order, where it stands as proposed. Pure."""
    ends = "|".join(
        re.escape(words).replace(r"\{carrier\}", ".{1,20}").replace(r"\{due\}", ".{1,20}")
        for words in _WORDS.values()
    )
    said = re.compile(rf"(?:\A|(?<=\n\n))ご注文 {re.escape(order)} は、[^\n]+\n(?:{ends})(?:\n\n|\s*\Z)")
    return said.sub("", text)


def _spoken(due: datetime) -> str:
    return f"{due.month}月{due.day}日 {due:%H:%M}"


def _task(order: Order, parcel: Parcel | None, asked: Asked, by: Actor) -> Wanted:
    whom = str(_("the warehouse"))
    if asked.choice == Choice.ASK_CARRIER:
        whom = str(parcel.get_carrier_display()) if parcel else str(_("the carrier"))
    about = f"{order} {spoken_slip(parcel.slip)}".strip() if parcel else str(order)
    title = _("Ask %(whom)s about %(order)s") % {"whom": whom, "order": about}
    try:
        due = read_moment(asked.due)
    except Refused as refused:
        raise Refused(str(refused), field="due") from None
    return Wanted(title=title, owner=by.id, due_at=due)


def _pieces(asked: Asked) -> dict[int, int]:
    counted = {line: alike(count).strip() or "0" for line, count in asked.pieces.items() if line}
    if not all(count.isascii() and count.isdecimal() for count in counted.values()):
        raise Refused(_("Write how many are sent once more."), field="pieces")
    return {line: int(count) for line, count in counted.items()}


def _id(written: str) -> int:
    return whole_number(written) or 0


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return uuid4()
