"""Severe trouble at an account: whoever answers for its sales and development is told at once, all at the same time.

Who works at the case's desk gets the bell; everybody else a message slip, by mail and without an account.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Severity
from madoguchi.customers.account import Alerted, accounts_of, alerted_of
from madoguchi.customers.actions import set_account
from madoguchi.customers.mail_addresses import mail_address_of
from madoguchi.customers.models import Customer
from madoguchi.escalations import destinations
from madoguchi.escalations.events import AccountAlerted
from madoguchi.escalations.slips import Written, hold_case, make_slip
from madoguchi.escalations.words import line_of
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Refused
from madoguchi.people.queries import staff_of_desk

# By when whoever is told has to look after it.
AT_ONCE: Final = timedelta(hours=1)
_ALERTS = system("accounts")
logger = structlog.get_logger()


@transaction.atomic
def keep_account(case: Case, account: Customer, *, rank: str, alerted: Sequence[Alerted], by: Actor) -> None:
    """Keep the rank of an account, and who is told at once of its severe cases. An address that is new may be one of
    the desk's people, or one to which slips of the company may go.

    Raises NotAllowed, and Refused for what is no name or address, for an address that is not allowed, and as
    `set_account`.
    """
    known = {one.address for one in alerted_of(account)} | _staff(case).keys()
    read = [_read(one) for one in alerted]
    for one in read:
        if one.address not in known:
            destinations.allowed(case, one.address, by=by)
    set_account(account, rank=rank, alerted=list({one.address: one for one in read}.values()), by=by)


@transaction.atomic
def alert(case: Case, *, severity: int, cause: int) -> None:
    """Tell everybody who answers for the accounts of a severe case. Of one `cause` (an event) each account is told of
    once, however often this is called.
    """
    hold_case(case)
    staff = _staff(case)
    told = Event.objects.filter(case_id=case.pk, kind=AccountAlerted.kind, data__cause=cause)
    done = set(told.values_list("data__account", flat=True))
    for account in accounts_of(case.customer_id):
        alerted = alerted_of(account)
        if not alerted or account.pk in done:
            continue
        people = [staff[one.address] for one in alerted if one.address in staff]
        outside = [one for one in alerted if one.address not in staff]
        sent = sum(_sent(case, account, one, severity) for one in outside)
        fact = AccountAlerted(
            **case.where,
            account=account.pk,
            cause=cause,
            severity=severity,
            people=people,
            slips=sent,
            missed=len(outside) - sent,
        )
        record(fact, by=_ALERTS)


def _read(one: Alerted) -> Alerted:
    name = line_of(one.name, field="alerted", missing=_("Write whom it is for."))
    return Alerted(one.part, name, mail_address_of(one.address, field="alerted"))


def _staff(case: Case) -> dict[str, int]:
    rows = staff_of_desk(case.desk_id, company=case.company_id).values_list("email", "pk")
    return {email.casefold(): pk for email, pk in rows}


def _sent(case: Case, account: Customer, to: Alerted, severity: int) -> bool:
    """Whether a slip has left. What must not leave the desk does not, and the subject may hold it."""
    with translation.override("ja"):
        said = _("Severe trouble at %(account)s: %(severity)s. Case %(number)s.") % {
            "account": account.name,
            "severity": Severity(severity).label,
            "number": case.spoken_number(case.company.prefix),
        }
    for words in (f"{said}\n{case.subject}", said):
        written = Written(
            to_name=to.name,
            to_address=to.address,
            caller=account.name[:100],
            words=words,
            due_at=clock.now() + AT_ONCE,
        )
        try:
            make_slip(case, written, by=_ALERTS)
        except Refused as refusal:
            logger.warning("account_not_told", case=case.pk, account=account.pk, why=refusal.field)
            continue
        return True
    return False
