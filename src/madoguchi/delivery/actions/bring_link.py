"""A link by which a visitor of a chat goes on elsewhere, sent to the address that they typed."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Answering, held_case, write_answer
from madoguchi.cases.models import Case
from madoguchi.companies.queries import first_mail_point
from madoguchi.delivery import queue
from madoguchi.delivery.actions.reply import is_laid_out
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import require_typed_address
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.languages import ours_for

DELIVERY = system("delivery")
# What marks such a letter.
CHAT_LINK = "chat_link"


@transaction.atomic
def bring_link(case_id: int, *, to: Party, link: str) -> Outgoing:
    """Send a link to a talk to an address that somebody typed in it; an answer to the mail goes on in the same case.

    The case shows the letter without the link, which is the customer's key. Raises Refused where the desk has no mail
    address, for one of our own or a machine's, and where several letters went there already.
    """
    case = held_case(case_id)
    point = first_mail_point(case.desk_id)
    if point is None:
        raise Refused(_("This desk sends no mail. Your talk stays here, in this browser."), field="address")
    require_typed_address(case, to)
    with translation.override(ours_for(case.language)):
        shown, text = (_letter(case, link=one) for one in (_("(the address of the talk)"), link))
        subject = queue.subject_about(case, _("The link to your talk in the chat"))
    answering = Answering(
        text=shown,
        to=(to,),
        external_id=queue.new_external_id(case, point),
        subject=subject,
        sender=queue.sender(point),
        automatic=CHAT_LINK,
        laid_out=is_laid_out(case),
        channel=Channel.EMAIL,
    )
    message = write_answer(case, answering, by=DELIVERY)
    return queue.enqueue(message, case, point, text=text)


def _letter(case: Case, *, link: str) -> str:
    number = case.spoken_number(case.company.prefix)
    lines = [
        _("Here is the link to your talk with us in the chat (case number %(number)s):") % {"number": number},
        link,
        _("There you read what was said and go on, on any device. You can also just answer this mail."),
        _(
            "If it was not you who entered this address in our chat, throw this mail away without opening the link."
        ),
        case.shown_desk.signature or case.shown_desk.public_name,
    ]
    return "\n\n".join(lines) + "\n"
