"""The mails that bring slips: by the road of the installation's own mail. A mail holds no word of a customer: what it
is about is read behind its link, by who has it and until that expires.
"""

from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.companies.queries import first_mail_point
from madoguchi.delivery.letters import Road, another_job, send_once
from madoguchi.escalations import jobs
from madoguchi.escalations.events import SlipFailed, SlipSent
from madoguchi.escalations.links import slip_link
from madoguchi.escalations.models import Slip, SlipLetter
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.look.moments import full

_LOCK_SPACE = 7433
_SENDER = system("escalations")
_RELATED = ("slip__company", "slip__case__desk", "slip__case__continued_in__desk")


def send_letter(pk: UUID, *, company: int) -> None:
    """Send one mail with a slip (`delivery/letters.send_once`), unless it was done, withdrawn or sent again since."""
    within = partial(scope.acting_for, [company])
    send_once(pk, Road(SlipLetter, _LOCK_SPACE, within, mail_of, jobs.schedule, _ended))


def resume_left_over() -> int:
    """Give each letter that is overdue by a minute a job again, for its own may be lost with its worker; says how many
    got one.
    """
    with scope.everywhere(reason="slips of any company may have been left by a killed worker"):
        waiting = SlipLetter.objects.filter(state__in=[SlipLetter.State.QUEUED, SlipLetter.State.SENDING])
        left = list(waiting.filter(due_at__lt=clock.now() - timedelta(minutes=1)).order_by("due_at")[:200])
        for letter in left:
            letter.due_at = clock.now()
        return sum(another_job(partial(jobs.schedule, letter)) for letter in left)


def mail_of(letter: SlipLetter) -> EmailMessage | None:
    """What a mail says now; None where nothing is left to say."""
    slip = Slip.objects.select_related(*(name.removeprefix("slip__") for name in _RELATED)).get(
        pk=letter.slip_id
    )
    if not slip.is_open or slip.generation != letter.generation:
        return None
    with translation.override(slip.language):
        subject, text = _subject(slip, reminds=letter.reminds), _text(slip)
    headers = {"Message-ID": f"<{letter.pk}@{_host()}>", "Auto-Submitted": "auto-generated"}
    headers["X-Auto-Response-Suppress"] = "All"
    point = first_mail_point(slip.home.desk_id)
    answers = [point.address] if point else []
    return EmailMessage(subject, text, to=[slip.to_address], reply_to=answers, headers=headers)


def _subject(slip: Slip, *, reminds: bool) -> str:
    values = {"desk": slip.home.desk.public_name, "when": full(slip.due_at)}
    if slip.escalation_id:
        words = _("A question from %(desk)s, to be answered by %(when)s")
    else:
        words = _("A message for you from %(desk)s, to be seen to by %(when)s")
    return (_("Reminder: %(subject)s") % {"subject": words % values}) if reminds else words % values


def _text(slip: Slip) -> str:
    link = slip_link(slip, generation=slip.generation)
    parts = [
        _("%(name)s-sama,"),
        _("%(desk)s of %(company)s has a question for you.")
        if slip.escalation_id
        else _("%(desk)s of %(company)s took a message for you."),
        _("Read it and answer here, without signing in, by %(when)s:\n%(link)s"),
        _("The link is for you alone. It opens until %(expires)s."),
        _("If this is not for you, please tell us by answering this mail."),
    ]
    values = {"desk": slip.home.desk.public_name, "company": slip.company.name, "link": link}
    values |= {"name": slip.to_name, "when": full(slip.due_at), "expires": full(slip.expires_at)}
    return "\n\n".join(part % values for part in parts) + "\n"


def _host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def _ended(letter: SlipLetter) -> None:
    """Keep what a server said that refused it, and tell."""
    slip = Slip.objects.select_related("case__continued_in").get(pk=letter.slip_id)
    about = {**slip.home.where, "slip": slip.pk}
    if letter.state == SlipLetter.State.SENT:
        record(SlipSent(**about, reminds=letter.reminds), by=_SENDER)
    elif letter.state == SlipLetter.State.FAILED:
        # Sent again meanwhile, what a server said of the mail before is no news of the slip.
        same = Slip.objects.filter(pk=slip.pk, generation=letter.generation)
        if same.update(undelivered=letter.response):
            record(SlipFailed(**about, maker=slip.made_by_id), by=_SENDER)
