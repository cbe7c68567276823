"""Papers that were given, as they are shown and looked for: by day, amount and the other side (電子帳簿保存法)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.issuing import LETTERS, OF_ORDERS, kinds_for
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.commerce.queries import PaperSearch, papers_matching, papers_of
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

_MOST_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in words, and to whom it was given as far as the reader sees that; `open` is whether they may open it."""

    document: IssuedDocument
    name: str
    total: str
    partner: str
    open: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked for, as it was typed, what was found, what is wrong with what was typed, and where more is."""

    typed: Mapping[str, str]
    found: Sequence[Paper] = ()
    problem: str = ""
    more: str = ""


def names_of_kinds() -> dict[Kind, str]:
    """What can be given for an order, in the reader's language."""
    names = {Kind.INVOICE: _("Invoice"), Kind.RECEIPT: _("Receipt"), Kind.DELIVERY_NOTE: _("Delivery note")}
    names |= {Kind.RETURN_SLIP: _("Return slip"), Kind.WRITTEN_TERMS: _("Written terms")}
    return {kind: names[kind] for kind in LETTERS}


def kinds_offered(order: Order, given: Sequence[Paper]) -> list[tuple[Kind, str]]:
    """What can be given for an order now, each with what its button says."""
    names, there = names_of_kinds(), {one.document.kind for one in given}
    first, more = _("Give: %(name)s"), _("Give once more: %(name)s …")
    return [
        (kind, (more if kind.value in there else first) % {"name": names[kind]}) for kind in kinds_for(order)
    ]


def given_before(order: Order, kind: Kind, *, actor: Actor) -> Paper | None:
    """The first paper of this kind that was given for an order, if any. One query."""
    papers = papers_given(order, actor=actor)
    return next((one for one in papers if one.document.kind == kind.value), None)


def kind_in(written: str) -> Kind:
    """The kind of paper that a button names. Raises Refused."""
    if written not in [kind.value for kind in OF_ORDERS]:
        raise Refused(_("Choose one of the list."), field="kind")
    return Kind(written)


def papers_given(order: Order, *, actor: Actor) -> list[Paper]:
    """The papers that were given for an order, the first first. One query."""
    return [paper(one, actor=actor) for one in papers_of(order)]


def looked_for(form: Mapping[str, str], *, actor: Actor) -> Looked:
    """The papers that are looked for, the newest day first. One query."""
    typed = {
        name: form.get(name, "").strip()[:100] for name in ("since", "until", "least", "most", "partner")
    }
    try:
        search = PaperSearch(
            since=_day(typed["since"]),
            until=_day(typed["until"]),
            least=_yen(typed["least"]),
            most=_yen(typed["most"]),
            partner=typed["partner"],
            before=_place(form.get("before", "")),
        )
    except Refused as error:
        return Looked(typed, problem=str(error))
    rows, more = papers_matching(search, actor=actor)
    found = [paper(one, actor=actor) for one in rows]
    return Looked(typed, found, more=_after(rows[-1], typed) if more else "")


def paper(document: IssuedDocument, *, actor: Actor) -> Paper:
    """A paper as this reader may see it."""
    data_scope = actor.data_scope(company=document.company_id)
    name = names_of_kinds()[Kind(document.kind)]
    partner = show(document.partner, "name", data_scope)
    return Paper(document, name, yen(document.total), partner, may_open(document, actor=actor))


def may_open(document: IssuedDocument, *, actor: Actor) -> bool:
    """Whether nothing that stands on a paper is kept from the reader: it shows who and where whole."""
    data_scope = actor.data_scope(company=document.company_id)
    return not {"name", "address"} & (data_scope.masked | data_scope.hidden)


def _after(last: IssuedDocument, typed: Mapping[str, str]) -> str:
    """The query that goes on after a paper."""
    said = {name: value for name, value in typed.items() if value}
    return urlencode({**said, "before": f"{last.day}.{last.pk}"})


def _place(written: str) -> tuple[date, int] | None:
    """The day and the id after which to go on; what makes no sense is as if it were not there."""
    day, _dot, pk = written.partition(".")
    try:
        return (
            (date.fromisoformat(day), int(pk)) if pk.isascii() and pk.isdecimal() and len(pk) <= 18 else None
        )
    except ValueError:
        return None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Refused(_("Write a day like 2026-11-29.")) from None


def _yen(written: str) -> int | None:
    if not written:
        return None
    if not written.isascii() or not written.isdecimal() or len(written) > _MOST_DIGITS:
        raise Refused(_("Write an amount in whole yen."))
    return int(written)
