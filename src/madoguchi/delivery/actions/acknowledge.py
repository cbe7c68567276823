"""The acknowledgement of a first contact: number, hours, and where to look."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Answering, write_answer
from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import reply_time
from madoguchi.delivery import queue
from madoguchi.delivery.actions.reply import is_laid_out, sender_parties
from madoguchi.delivery.also import is_grave
from madoguchi.delivery.events import AcknowledgementHeld
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import (
    bears_our_name,
    is_a_machines,
    is_turn_of_loop,
    told_of_the_same,
    too_many_acknowledgements,
)
from madoguchi.delivery.wording import (
    acknowledgement,
    own_text,
    said_time,
    seen_to_at_once,
    spoken_in,
    unlinked,
    usual_reply_time,
)
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import TALKS, Channel
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.languages import ours_for
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.promises.models import Promise

DELIVERY = system("delivery")


@transaction.atomic
def acknowledge(case_id: int, *, cause: int) -> Outgoing | None:
    """Tell the customer that their first message arrived, in the language they wrote in.

    None for a call, and where one talks, for they see it themselves; when the desk does not acknowledge, when there is
    nobody to tell (none reads what goes to noreply@) or no address to tell it from, when the event `cause` has
    been answered before, when they were told of the same matter minutes ago or it went on in another case, when
    whoever wrote bears our own address and was not us, when it is the next turn of two machines that answer each
    other, or when so many went out lately that a forged sender, or a machine that answers them, is likelier than
    a customer: the last two stand in the case's history.
    """
    related = ("company", "desk", "entry_point", "customer")
    case = Case.objects.select_related(*related).get(pk=case_id)
    to = sender_parties(case)
    if (
        case.channel in {Channel.PHONE, *TALKS}
        or not case.desk.acknowledge
        or not to
        or is_a_machines(to)
        or Outgoing.objects.filter(cause=cause).exists()
    ):
        return None
    if case.continued_in_id or bears_our_name(case) or told_of_the_same(case):
        return None
    try:
        point = queue.sending_point(case)
    except Refused:
        return None
    if is_turn_of_loop(case):
        return None
    if limit := too_many_acknowledgements(case, to, point=point):
        record(AcknowledgementHeld(**case.where, limit=limit), by=DELIVERY)
        return None
    grave = is_grave(case)
    usual = None if grave else reply_time(case.desk_id, at=case.opened_at)
    with translation.override(ours_for(case.language)):
        answering = Answering(
            text=text_for_staff(case, usual=usual, grave=grave),
            to=to,
            external_id=queue.new_external_id(case, point),
            subject=queue.subject_of(case),
            sender=queue.sender(point),
            automatic="acknowledgement",
            laid_out=is_laid_out(case),
        )
        name = to[0].name or case.customer.name
        text = text_for(case, name=name, link=_own_page(case), usual=usual, grave=grave)
    message = write_answer(case, answering, by=DELIVERY)
    _promise(case, usual, message)
    return queue.enqueue(message, case, point, cause=cause, text=text, link_generation=case.link_generation)


def _own_page(case: Case) -> str:
    return case_page(case.pk, case.company_id, case.link_generation)


def _promise(case: Case, usual: int | None, message: Message) -> None:
    """Enter the estimate that the customer is told into the ledger: the first answer keeps it."""
    said, words = said_time(usual), usual_reply_time(usual, language=spoken_in(case.desk, case.language))
    due_at = case.opened_at + timedelta(seconds=said or 0)
    if words and words in message.text and due_at > clock.now():
        told = Told(kind=Promise.Kind.REPLY, words=words, due_at=due_at)
        make_promise(case, told, message=message.pk, found=True, by=DELIVERY)


def text_for_staff(case: Case, *, usual: int | None, grave: bool = False) -> str:
    """The acknowledgement as the case shows it.

    The address of the customer's own page is the customer's key: whoever holds it writes as the customer. And
    the name may be kept from some of those who read the case. Neither stands in it.
    """
    own_page = _("(the address of the customer's own page)")
    return text_for(case, name="", link=own_page, usual=usual, grave=grave)


def text_for(case: Case, *, name: str, link: str, usual: int | None, grave: bool = False) -> str:
    """The desk's own text with `{{case}}`, `{{customer}}`, `{{hours}}`, `{{reply_time}}` (the `usual` one, in seconds)
    and `{{link}}` filled in, or ours. Where the case is grave it speaks of no usual time: that somebody responsible
    sees to it at once.
    """
    spoken = spoken_in(case.desk, case.language)
    values = {
        "case": case.spoken_number(case.company.prefix),
        "customer": unlinked(name),
        "desk": case.desk.public_name,
        "greeting": case.desk.greeting,
        "hours": case.desk.hours,
        "reply_time": usual_reply_time(usual, language=spoken),
        "at_once": seen_to_at_once(language=spoken) if grave else "",
        "subject": unlinked(case.subject),
        "signature": case.desk.signature,
        "link": link,
    }
    return acknowledgement(own_text(case.desk, case.language), values, language=case.language)
