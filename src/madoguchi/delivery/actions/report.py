"""What follows from a report about a message of ours."""

import re

from django.db import transaction

from madoguchi.cases.actions import answer_bounced
from madoguchi.cases.models import Message
from madoguchi.customers.actions import mark_undeliverable
from madoguchi.delivery.events import MessageBounced
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.event_log import record
from madoguchi.intake.models import Report
from madoguchi.kernel.actor import system
from madoguchi.kernel.identity import IdentityKind, canonical

DELIVERY = system("delivery")
# What is told later says more: nothing goes from read back to delivered.
_ORDER = ("", Report.What.DELAYED, Report.What.DELIVERED, Report.What.READ)
_LEFT = (Outgoing.State.SENDING, Outgoing.State.SENT)
# About the mail, or how we send, and not about the address: too large, its form, refused by policy.
_NOT_THE_ADDRESS = re.compile(r"[45]\.(?:3\.4|[67]\.\d+)")


@transaction.atomic
def take_report(report_id: int) -> None:
    """Let a message know what was reported of it. Running it twice changes nothing.

    One that came back opens its case again, unless a machine wrote it, and marks the address it came back from, if
    the message went there and whoever says so has had it: else anybody could mark anybody's. What came back by the
    address alone is unconfirmed, until somebody who has had it says the same.
    """
    report = Report.objects.get(pk=report_id)
    rows = Outgoing.objects.select_for_update(of=("self",)).select_related("message__case")
    outgoing = rows.filter(message_id=report.message_id).first()
    if outgoing is None:
        return
    if outgoing.state == Outgoing.State.BOUNCED and outgoing.unconfirmed:
        _confirm(outgoing, report)
    elif outgoing.state not in _LEFT:
        return
    elif report.what == Report.What.BOUNCED:
        _bounce(outgoing, report)
    elif _ORDER.index(report.what) > _ORDER.index(outgoing.receipt):
        outgoing.receipt, outgoing.receipt_at = report.what, report.at
        outgoing.save(update_fields=["receipt", "receipt_at"])


def _confirm(outgoing: Outgoing, report: Report) -> None:
    """The case has been opened already: what is new is that it is sure, and what the server says."""
    if report.what == Report.What.BOUNCED and report.knows_our_id:
        _write_down(outgoing, report)
        _hold_against_the_address(outgoing, report)


def _write_down(outgoing: Outgoing, report: Report) -> None:
    told = f"{report.words} ({report.recipient})" if report.recipient else report.words
    outgoing.state, outgoing.response, outgoing.finished_at = Outgoing.State.BOUNCED, told, report.at
    if report.status and report.status not in told:
        outgoing.response = f"{report.status} {told}"
    outgoing.unconfirmed = not report.knows_our_id
    outgoing.save(update_fields=["state", "response", "finished_at", "unconfirmed"])


def _hold_against_the_address(outgoing: Outgoing, report: Report) -> None:
    if _speaks_against_the_address(report, outgoing.message):
        mark_undeliverable(
            company=outgoing.company_id,
            address=report.recipient,
            status=report.status,
            why=outgoing.response,
            by=DELIVERY,
        )


def _bounce(outgoing: Outgoing, report: Report) -> None:
    message, case = outgoing.message, outgoing.message.case
    _write_down(outgoing, report)
    answer_bounced(case, reopen=not message.automatic, by=DELIVERY)
    _hold_against_the_address(outgoing, report)
    record(MessageBounced(**case.where, message=message.pk, status=report.status), by=DELIVERY)


def _speaks_against_the_address(report: Report, message: Message) -> bool:
    went_to = {
        canonical(IdentityKind.EMAIL, party["address"]) for party in (*message.to, *message.cc, *message.bcc)
    }
    named = canonical(IdentityKind.EMAIL, report.recipient)
    return report.knows_our_id and named in went_to and not _NOT_THE_ADDRESS.fullmatch(report.status)
