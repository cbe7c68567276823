"""What programs change, by the same actions as people at the desk."""

import hashlib
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.api.opening import require_mail_address
from madoguchi.api.own_fields import fill_fields
from madoguchi.api.problems import Changed
from madoguchi.api.schemas import CaseIn, CustomerIn, NewCustomerIn, ReplyIn
from madoguchi.cases.actions import (
    HandOffWords,
    change_status,
    give_to_customer,
    set_priority,
    set_severity,
    set_tags,
)
from madoguchi.cases.actions.sure import sure_of_addresses
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Company
from madoguchi.customers.actions import add_customer, change_customer, set_addresses
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import CustomerView, customer_by_id, sees_customers, view_of
from madoguchi.delivery.actions import ANYTHING, Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused


def mark_of(case: Case) -> str:
    """What the ETag of a case begins with: its version."""
    return f"{case.version}-"


def mark_of_customer(seen: CustomerView) -> str:
    """What the ETag of a customer begins with: a hash over all that the reader sees of them."""
    whole = repr((seen.id, seen.name, seen.kana, seen.emails, seen.phones, seen.address, seen.memo))
    whole += repr((seen.members, seen.former_names))
    return f"{hashlib.sha256(whole.encode()).hexdigest()[:16]}-"


def change_case(case: Case, *, wanted: CaseIn, if_match: str, by: Actor) -> None:
    """Set what is wanted, all of it or nothing: the request is one transaction.

    Raises Changed when the case is no longer as `if_match` says (empty: however it is), NotAllowed, Refused, also
    where nothing is wanted.
    """
    settable = {"status", "priority", "severity", "tags", "customer", "own_fields"}
    require_something(wanted.model_dump(include=settable, exclude_none=True))
    require_match(case, if_match)
    if wanted.customer is not None:
        _give_to(case, wanted.customer, by=by)
    if wanted.own_fields is not None:
        fill_fields(case, wanted.own_fields, by=by)
    if wanted.status is not None:
        change_status(case, to=wanted.status, by=by, words=_closing_words(wanted))
    if wanted.priority is not None:
        set_priority(case, to=wanted.priority, by=by)
    if wanted.severity is not None:
        set_severity(case, to=wanted.severity, by=by)
    if wanted.tags is not None:
        set_tags(case, to=wanted.tags, by=by)
    case.refresh_from_db()


def require_match(case: Case, if_match: str) -> None:
    """Keep the case as it is until the request ends, and raise Changed unless one of the marks is its own."""
    now = Case.objects.select_for_update().values_list("version", flat=True).get(pk=case.pk)
    require_mark(f"{now}-", if_match)


def answer_case(case: Case, wanted: ReplyIn, *, if_match: str, by: Actor) -> dict[str, Any]:
    """Answer the customer as a person at the desk does: the same policy, checks, approval and lock; says what became
    of it. Raises Changed, and as `submit` does.
    """
    if if_match:
        require_match(case, if_match)
    done = submit(case, _reply(wanted), at=wanted.at, word=wanted.word, by=by)
    if isinstance(done, Outgoing):
        return _told(done.state, message=done.message_id, leaves_at=done.due_at)
    return _told(done.state, pending=done.pk, leaves_at=None if done.state == "awaiting" else done.due_at)


def enter_customer(wanted: NewCustomerIn, *, by: Actor) -> Customer:
    """Enter a customer of a company that is in sight. Raises NotFound for another one, and as `add_customer` does."""
    company = Company.objects.filter(slug=wanted.company, pk__in=by.companies).first()
    if company is None or not sees_customers(by, company=company.pk):
        raise NotFound(wanted.company)
    for email in wanted.emails:
        require_mail_address(email, field="emails")
    fields = wanted.model_dump(exclude={"company"})
    fields["former_names"] = "\n".join(wanted.former_names)
    return add_customer(company.pk, by=by, **fields)


def set_customer(customer: Customer, wanted: CustomerIn, *, if_match: str, by: Actor) -> None:
    """Set what is wanted of a customer. Raises Changed, NotAllowed, Refused, also where nothing is, and Unsure where
    less was checked of who they are than the company wants.
    """
    fields = wanted.model_dump(exclude={"because"}, exclude_none=True)
    require_something(fields)
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    require_mark(mark_of_customer(view_of(held, actor=by)), if_match)
    for email in wanted.emails or ():
        require_mail_address(email, field="emails")
    sure = sure_of_addresses(held, fields, because=wanted.because or "", by=by)
    addresses = {name: fields.pop(name) for name in ("emails", "phones", "members") if name in fields}
    if wanted.former_names is not None:
        fields["former_names"] = "\n".join(wanted.former_names)
    with sure:
        if fields:
            change_customer(held, by=by, **fields)
        if addresses:
            set_addresses(held, by=by, **addresses)


def require_something(wanted: dict[str, Any]) -> None:
    """Raises Refused where nothing is to be changed."""
    if not wanted:
        raise Refused(
            _("Nothing is to be changed: name at least one field and what it shall be."), field="body"
        )


def require_mark(mark: str, if_match: str) -> None:
    """Raises Changed unless one of the marks is the thing's own; none at all is any."""
    marks = [one.strip() for one in if_match.split(",") if one.strip()]
    if marks and "*" not in marks and not any(one.startswith(f'"{mark}') for one in marks):
        raise Changed(mark)


def _reply(wanted: ReplyIn) -> Reply:
    for field in ("to", "cc", "bcc"):
        for party in getattr(wanted, field):
            require_mail_address(party.email, field=field)
    return Reply(
        text=wanted.text,
        to=tuple(party.as_party() for party in wanted.to),
        cc=tuple(party.as_party() for party in wanted.cc),
        bcc=tuple(party.as_party() for party in wanted.bcc),
        files=tuple(file.as_file() for file in wanted.files),
        status=wanted.status,
        confirmed=frozenset(wanted.confirmed) - ANYTHING,
    )


def _told(
    state: str, *, message: int | None = None, pending: int | None = None, leaves_at: datetime | None
) -> dict[str, Any]:
    at = leaves_at.isoformat() if leaves_at else None
    return {"state": state, "message": message, "pending": pending, "leaves_at": at}


def _give_to(case: Case, customer: int, *, by: Actor) -> None:
    try:
        to = customer_by_id(customer, actor=by)
    except NotFound:
        raise Refused(_("There is no such customer in sight."), field="customer") from None
    give_to_customer(case, to=to, by=by)


def _closing_words(wanted: CaseIn) -> HandOffWords | None:
    """What a solved case was about. Where the desk asks for it, the action refuses to do without."""
    closing = wanted.status == Status.SOLVED and wanted.summary
    return HandOffWords(summary=wanted.summary) if closing else None
