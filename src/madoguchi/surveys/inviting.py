"""Mails that ask customers how they were helped, some hours after their case was solved: once each time, not often."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Answering, write_answer
from madoguchi.cases.models import Case
from madoguchi.customers.consenting import may_approach, refused_since
from madoguchi.customers.models import Purpose, Way
from madoguchi.delivery import queue
from madoguchi.delivery.actions.reply import is_laid_out, sender_parties
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import bears_our_name, is_a_machines, is_turn_of_loop
from madoguchi.delivery.wording import unlinked
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import TALKS, Channel, Party, channel_of
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.languages import ours_for
from madoguchi.surveys.events import SurveyInvited
from madoguchi.surveys.models import Survey
from madoguchi.surveys.queries import is_at_odds, questions_for

# Who could not be asked in time is asked within a day; what lies longer ago is not remembered well.
LATEST: Final = timedelta(hours=24)
# Nobody is asked more often, however many cases they have.
REST: Final = timedelta(days=30)
_CHANNELS: Final = (Channel.EMAIL, Channel.FORM)
_CLOCK = system("surveys")


def asks_by_mail(desk: int | None) -> Survey | None:
    """What a desk asks, if it asks by mail. One query."""
    return Survey.objects.filter(desk=desk, active=True, invite_after__isnull=False).first()


def due_after(survey: Survey, solved_at: datetime) -> datetime:
    """When whoever's case was solved then is asked by mail. Pure."""
    return solved_at + timedelta(hours=survey.invite_after or 0)


@transaction.atomic
def invite(case_id: int) -> Outgoing | None:
    """Ask the customer of a solved case by mail, in the language they wrote in.

    None where nothing is asked (any more), where they were asked within 30 days, refused surveys or mails, complained,
    or their manner is in question, where nobody reads what would be sent, and where there is no address to send it
    from.
    """
    held = Case.objects.select_for_update(no_key=True, of=("self",))
    case = held.select_related("company", "desk", "entry_point", "customer").get(pk=case_id)
    one_at_a_time(f"survey of customer {case.customer_id}")
    to = sender_parties(case)
    if not (_is_due(case) and questions_for(case) and _is_reached(case, to) and _may_be_asked(case)):
        return None
    try:
        point = queue.sending_point(case)
    except Refused:
        return None
    event = record(SurveyInvited(**case.where), by=_CLOCK)
    with translation.override(ours_for(case.language)):
        answering = Answering(
            text=_text(case, name="", link=_("(the address of the customer's own page)")),
            to=to,
            external_id=queue.new_external_id(case, point),
            subject=_("How did we help you? [%(number)s]")
            % {"number": case.spoken_number(case.company.prefix)},
            sender=queue.sender(point),
            automatic="survey",
            channel=Channel.EMAIL,
            laid_out=is_laid_out(case),
        )
        page = case_page(case.pk, case.company_id, case.link_generation)
        text = _text(case, name=unlinked(to[0].name or case.customer.name), link=page)
    message = write_answer(case, answering, by=_CLOCK)
    return queue.enqueue(message, case, point, cause=event, text=text, link_generation=case.link_generation)


def _is_due(case: Case) -> bool:
    """Whether its desk asks by mail, it is time and not long over, and nobody was asked since it was solved."""
    survey = asks_by_mail(case.desk_id)
    if survey is None or case.solved_at is None or case.channel not in _CHANNELS:
        return False
    due_at = due_after(survey, case.solved_at)
    if not due_at <= clock.now() < due_at + LATEST:
        return False
    asked = Event.objects.filter(company=case.company_id, case_id=case.pk, kind=SurveyInvited.kind)
    return not asked.filter(at__gte=case.solved_at).exists()


def _is_reached(case: Case, to: tuple[Party, ...]) -> bool:
    """Whether a person reads there what is sent: no machine, no talk that is over, nobody who bears our own name."""
    if not to or is_a_machines(to) or channel_of(to[0].address) in TALKS:
        return False
    return not (bears_our_name(case) or is_turn_of_loop(case))


def _may_be_asked(case: Case) -> bool:
    """To ask after a matter of their own needs no consent to surveys, but whoever has refused these is left alone."""
    customer = case.customer_id
    if is_at_odds(case) or not may_approach(customer, Purpose.MATTER, Way.EMAIL):
        return False
    if refused_since(customer, Purpose.SURVEY, Way.EMAIL, since=clock.EARLIEST):
        return False
    return not _was_asked_lately(customer, company=case.company_id)


def _was_asked_lately(customer: int, *, company: int) -> bool:
    theirs = Case.objects.filter(customer=customer).order_by("-opened_at").values_list("pk", flat=True)[:200]
    lately = Event.objects.filter(
        company=company, case_id__in=list(theirs), kind=SurveyInvited.kind, at__gte=clock.now() - REST
    )
    return lately.exists()


def _text(case: Case, *, name: str, link: str) -> str:
    values = {
        "name": name,
        "case": case.spoken_number(case.company.prefix),
        "desk": case.shown_desk.public_name,
        "signature": case.shown_desk.signature,
        "link": link,
    }
    return render_to_string("surveys/invitation.txt", values).strip() + "\n"
