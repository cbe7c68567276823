"""What may become trouble, as it is shown: grave words, signals, incidents and complaints; and what of it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_update
from madoguchi.commerce.models import Product
from madoguchi.commerce.queries import product_called, products_offered
from madoguchi.complaints.actions import Written
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.policies import may_work
from madoguchi.complaints.queries import complaints_of
from madoguchi.desk.escalating import moment_in, number_in
from madoguchi.desk.merging import number_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.look.moments import ahead, full, span
from madoguchi.signals.actions import Seen
from madoguchi.signals.models import Grave, Kind, Signal
from madoguchi.signals.policies import may_signal
from madoguchi.signals.queries import signals_of, standing_of
from madoguchi.signals.recall import DAYS, Figures


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    """A complaint, its case, by when it is to be answered, and how loud that is."""

    one: Complaint
    number: str
    due: str
    exact: str
    late: str

    @property
    def tone(self) -> str:
        """How loud its state is."""
        if self.one.state != Complaint.State.OPEN:
            return "good"
        return "bad" if self.late or self.one.severity >= Complaint.Severity.SERIOUS else "warn"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What of a case may become trouble, and what the reader may do about it."""

    graves: Sequence[Grave]
    complaints: Sequence[ComplaintLine]
    signals: Sequence[Signal]
    kinds: Sequence[tuple[str, str]]
    products: Sequence[Product]
    signals_may: bool
    works: bool
    reader: int | None


def trouble_of(case: Case, *, actor: Actor, signalling: bool = False) -> Trouble:
    """What may become trouble in a case. Three queries, and one where a signal is being raised."""
    now = clock.now()
    return Trouble(
        graves=standing_of(case),
        complaints=[complaint_line(one, now=now) for one in complaints_of(case)],
        signals=signals_of(case),
        kinds=[(value, str(words)) for value, words in Kind.choices],
        products=products_offered(case.company_id) if signalling else (),
        signals_may=may_signal(actor, case),
        works=may_work(actor, case) and may_update(actor, case),
        reader=actor.id,
    )


def complaint_line(one: Complaint, *, now: datetime) -> ComplaintLine:
    """A complaint in words."""
    late = one.state == Complaint.State.OPEN and one.due_at <= now
    over = _("Overdue by %(span)s") % {"span": span(now - one.due_at)} if late else ""
    return ComplaintLine(one, number_of(one.home), ahead(one.due_at, now=now), full(one.due_at), over)


def seen_in(form: Mapping[str, str], *, company: int) -> Seen:
    """What somebody typed of a signal. Raises Refused for a product that is none, or may be several."""
    named = form.get("product", "").strip()[:100]
    product = product_called(named, company=company) if named else None
    if named and product is None:
        raise Refused(_("Write the product by its code, or more of its name."), field="product")
    return Seen(
        kind=form.get("kind", ""),
        words=form.get("words", ""),
        product=product.pk if product else None,
        lot=form.get("lot", ""),
        serial=form.get("serial", ""),
    )


def why_suspected(figures: Mapping[str, Any]) -> str:
    """Why a product may have to be called back, in words and numbers; empty where it is not suspected."""
    if not figures:
        return ""
    found = Figures(**figures)
    told: dict[str, object] = {"days": DAYS, "n": found.reports, "before": found.before, "sold": found.sold}
    words = (
        _("%(n)s reports in %(days)s days, %(before)s in as many before; %(sold)s pieces sold in a year")
        % told
    )
    if found.sold:
        words += _(", %(share)s of a thousand") % {"share": found.per_mille}
    if found.lot:
        words += _("; lot %(lot)s: %(n)s reports") % {"lot": found.lot, "n": found.of_lot}
    if found.lot_sold:
        share = {"sold": found.lot_sold, "share": found.lot_per_mille}
        words += _(" of %(sold)s pieces known to be sold (%(share)s of a thousand)") % share
    return words


# What is written of a complaint.
WORDS = ("facts", "demand", "manner", "corrective", "answer")


def complaint_in(form: Mapping[str, str]) -> Written:
    """What somebody typed of a complaint. Raises Refused."""
    texts = {name: form.get(name, "") for name in WORDS}
    return Written(
        **texts,
        severity=number_in(form, "severity"),
        due_at=moment_in(form),
        responsible=number_in(form, "responsible"),
        secondary_to=number_in(form, "secondary_to"),
    )


def typed_of(one: Complaint) -> Mapping[str, object]:
    """A complaint as its form shows it."""
    names = (*WORDS, "severity", "version")
    due = one.due_at.astimezone(clock.TOKYO).strftime("%Y-%m-%dT%H:%M")
    kept = {name: getattr(one, name) for name in names}
    return kept | {"due": due, "responsible": one.responsible_id, "secondary_to": one.secondary_to_id}
