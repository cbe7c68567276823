"""Which rows are a person's: the records that are one, what hangs on them, and what names their addresses."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast, Lower

from madoguchi.cases.models import Attachment, Case, Draft, Message, Note, PendingAnswer
from madoguchi.channels.line.models import Friend
from madoguchi.commerce.events import PiecesChanged
from madoguchi.commerce.models import Order, OrderLine, Parcel, Return
from madoguchi.customers.actions.refuse import refusals_of
from madoguchi.customers.models import Belonging, Customer, Identity, PostalAddress
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.infra.event_customers import telling_of
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival, Report
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.rights.arrived import unattached_of
from madoguchi.search.models import Document
from madoguchi.shield.models import Mark
from madoguchi.storefronts.models import Counterpart, Handed
from madoguchi.voice.models import Call


@dataclass(frozen=True)
class Person:
    """One person of one company, by all records that were joined, and the ids of the rows that are theirs.

    Each set is asked for once and kept, so that what is done afterwards is done to what was there. Left out are cases,
    calls and orders `without` which they are looked at (`keeping_back.py`), and what hangs on those.
    """

    customer: Customer
    without: Mapping[str, Collection[int]] = field(default_factory=dict)
    sets: dict[str, list[int]] = field(default_factory=dict)

    @property
    def company(self) -> int:
        """Whose customer this is."""
        return self.customer.company_id

    @cached_property
    def customers(self) -> list[int]:
        """The record, and those that went on in it."""
        led = Customer.objects.filter(joined_into=self.customer.pk).order_by("pk")
        return [self.customer.pk, *led.values_list("pk", flat=True)]

    @cached_property
    def identities(self) -> list[Identity]:
        """All their addresses."""
        return list(Identity.objects.filter(customer__in=self.customers).order_by("pk"))

    @cached_property
    def places(self) -> list[PostalAddress]:
        """Their postal addresses beside those of the records."""
        return list(PostalAddress.objects.filter(customer__in=self.customers).order_by("pk"))

    def written(self, kind: IdentityKind) -> list[str]:
        """Their addresses of a kind, in every form that is kept."""
        forms = [form for one in self.identities if one.kind == kind for form in (one.value, one.written)]
        return list(dict.fromkeys(filter(None, forms)))

    @cached_property
    def lower(self) -> frozenset[str]:
        """Their mail addresses in lower case."""
        return frozenset(one.lower() for one in self.written(IdentityKind.EMAIL))

    @cached_property
    def cases(self) -> list[int]:
        """Their cases."""
        found = Case.objects.filter(customer__in=self.customers)
        return _ids(found.exclude(pk__in=self.without.get("case", ())))

    @cached_property
    def messages(self) -> list[int]:
        """What was said in their cases, and what they said in others'."""
        senders = {*self.lower, *self.visitors, *(one.lower() for one in self.line_users)}
        elsewhere = Message.objects.alias(sender=Lower("sender_address")).filter(
            company=self.company, sender__in=senders
        )
        found = Message.objects.filter(Q(case__in=self.cases) | Q(pk__in=elsewhere.values("pk")))
        if self.without:
            spoken = Call.objects.filter(pk__in=self.without.get("call", ()), message_id__isnull=False)
            found = found.exclude(case__in=self.without.get("case", ()))
            found = found.exclude(pk__in=spoken.values("message_id"))
        return _ids(found)

    @cached_property
    def belongings(self) -> list[int]:
        """To which households and firms they belong, and who belongs to them where they are one."""
        either = Q(customer__in=self.customers) | Q(group__in=self.customers)
        return _ids(Belonging.objects.filter(either))

    @cached_property
    def refusals(self) -> list[int]:
        """What is kept, without them, of what their numbers and addresses refused."""
        return refusals_of([(one.kind, one.value) for one in self.identities], company=self.company)

    @cached_property
    def orders(self) -> list[int]:
        """What they ordered."""
        found = Order.objects.filter(customer__in=self.customers)
        return _ids(found.exclude(pk__in=self.without.get("order", ())))

    @cached_property
    def handed_in(self) -> list[int]:
        """What shops told of them and their orders, as long as it is kept: by its id there, or by their addresses."""
        named = Q(kind="customer", ours__in=self.customers) | Q(kind="order", ours__in=self.orders)
        theirs = Counterpart.objects.filter(named, company=self.company).values_list("theirs", flat=True)
        found = Q(about__in=list(theirs)) | Q(needs__in=[f"order {one}" for one in theirs])
        rows = Handed.objects.filter(company=self.company).alias(words=Cast("body", TextField()))
        for written in (*self.written(IdentityKind.EMAIL), *self.written(IdentityKind.PHONE)):
            found |= Q(words__icontains=written)
        return _ids(rows.filter(found))

    @cached_property
    def calls(self) -> list[int]:
        """Calls that became their messages, or came from their numbers."""
        phones = self.written(IdentityKind.PHONE)
        theirs = Q(message_id__in=self.messages) | Q(caller__in=phones)
        found = Call.objects.filter(theirs, company=self.company).exclude(pk__in=self.without.get("call", ()))
        if gone := self.without.get("case"):
            found = found.exclude(message_id__in=Message.objects.filter(case__in=gone).values("pk"))
        return _ids(found)

    @cached_property
    def arrivals(self) -> list[int]:
        """What came in of them, as it came: also what was kept out, and reports on what was sent to them."""
        told = Report.objects.filter(message_id__in=self.messages).values("arrival_id")
        became = Q(case_id__in=self.cases) | Q(message_id__in=self.messages) | Q(pk__in=told)
        found = set(_ids(Arrival.objects.filter(became, company=self.company)))
        known = [(one.kind, canonical(one.kind, one.value)) for one in self.identities]
        return sorted(found | unattached_of(known, company=self.company))

    def of(self, name: str) -> list[Any]:
        """The set of this name, as `registry.py` calls it."""
        if name == "notes" and "notes" in self.without:
            return []
        if name not in self.sets:
            self.sets[name] = self._found(name) if name in _FOUND_BY else list(getattr(self, name))
        return self.sets[name]

    def _found(self, name: str) -> list[Any]:
        model, by, among = _FOUND_BY[name]
        return _ids(model.objects.filter(**{f"{by}__in": getattr(self, among)}))

    @cached_property
    def documents(self) -> list[int]:
        """What search keeps of them: of their cases, of their record, and of what they said in others' cases."""
        said = Q(kind="message", source_id__in=self.messages)
        theirs = Q(case_id__in=self.cases) | Q(customer_id__in=self.customers) | said
        return _ids(Document.objects.filter(theirs, company=self.company))

    @property
    def _pieces_changed(self) -> list[int]:
        # By themselves: within an OR the planner reads the whole log for what is seldom told.
        changed = Event.objects.filter(company=self.company, kind=PiecesChanged.kind)
        return _ids(changed.filter(data__order__in=self.orders)) if self.orders else []

    @cached_property
    def events(self) -> list[int]:
        """What happened to them, in their cases, and to pieces that they bought."""
        theirs = Q(case_id__in=self.cases) | telling_of(self.customers)
        theirs |= Q(pk__in=self._pieces_changed)
        found = Event.objects.filter(theirs, company=self.company)
        gone = self.without.get("case")
        return _ids(found.exclude(case_id__in=gone) if gone else found)

    @cached_property
    def sent(self) -> list[str]:
        """What their messages are called on the way."""
        return list(Message.objects.filter(pk__in=self.messages).values_list("external_id", flat=True))

    @cached_property
    def mails(self) -> list[str]:
        """Their mail addresses."""
        return self.written(IdentityKind.EMAIL)

    @cached_property
    def visitors(self) -> list[str]:
        """What they are known by as visitors."""
        return self.written(IdentityKind.WEB)

    @cached_property
    def line_users(self) -> list[str]:
        """What LINE calls them."""
        return self.written(IdentityKind.LINE)


# Sets that hang on another one: of which model, by which column, in which set.
_FOUND_BY: dict[str, tuple[Any, str, str]] = {
    "attachments": (Attachment, "message", "messages"),
    "notes": (Note, "case", "cases"),
    "drafts": (Draft, "case", "cases"),
    "answers": (PendingAnswer, "case", "cases"),
    "lines": (OrderLine, "order", "orders"),
    "parcels": (Parcel, "order", "orders"),
    "returns": (Return, "order", "orders"),
    "marks": (Mark, "case", "cases"),
    "slips": (Slip, "case", "cases"),
    "questions": (Escalation, "case", "cases"),
    "line_friends": (Friend, "user", "line_users"),
}


def _ids(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def words_of(person: Person) -> Iterable[str]:
    """What tells this person from others wherever it stands: names and addresses."""
    for record in Customer.objects.filter(pk__in=person.customers):
        yield from filter(None, (record.name, *record.former_names.splitlines(), record.address))
    for one in person.identities:
        yield from (one.value, one.written)
    for place in person.places:
        yield from (place.house, place.written)
