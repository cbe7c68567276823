"""What was answered in a case lately: the same words do not go out twice unasked, and who was overtaken is told by
which answer.
"""

from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.delivery.checks import Said
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import TALKS
from madoguchi.kernel.errors import Conflict
from madoguchi.kernel.sign_off import bare_words
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

LATELY = timedelta(hours=12)
_MOST_ANSWERS = 30
_MOST_SHOWN = 60


class SaidAlready(Conflict):
    """A colleague has sent this very answer since its writer read the case."""


def said_before(case: Case, text: str, *, signature: str, by: Actor) -> Said | None:
    """The answer of the last hours that said the same, whatever its width, spaces, signature and quotations. One query.

    Where one talks, people say the same again and again: there only what a colleague has said since the customer did.
    """
    words = bare_words(blot_card_numbers(clean(text)), signature)
    if not words:
        return None
    found = next((one for one in _lately(case) if bare_words(one.typed, signature) == words), None)
    if found is None or (found.channel in TALKS and not _crosses(found, case, by)):
        return None
    return _said(found)


def overtaken(case: Case, text: str, *, signature: str, by: Actor) -> Conflict:
    """What to tell whoever answers a case that is no longer as they have read it."""
    last = case.messages.filter(automatic="").select_related("user").order_by("-at", "-id").first()
    same = said_before(case, text, signature=signature, by=by)
    if same is not None and same.user != by.id:
        return SaidAlready(
            _("%(name)s already sent this answer at %(time)s: “%(begins)s” Yours was not sent.")
            % _shown(same)
        )
    answered = [one for one in _lately(case) if last is not None and one.pk == last.pk]
    if answered and answered[0].user_id != by.id:
        return Conflict(
            _(
                "While you were writing, %(name)s sent an answer at %(time)s: “%(begins)s” Look again before you send."
            )
            % _shown(_said(answered[0]))
        )
    return Conflict(_("The case has changed while you were writing. Look again before you send."))


def _lately(case: Case) -> list[Message]:
    """What people answered in the last hours and did not take back, newest first."""
    answers = case.messages.filter(
        author=Message.Author.STAFF, automatic="", unsent_at=None, at__gt=clock.now() - LATELY
    )
    left = answers.exclude(outgoing__state=Outgoing.State.CANCELLED)
    return list(left.select_related("user").order_by("-at", "-id")[:_MOST_ANSWERS])


def _crosses(found: Message, case: Case, by: Actor) -> bool:
    since = case.messages.filter(author=Message.Author.CUSTOMER, at__gt=found.at)
    return found.user_id != by.id and not since.exists()


def _said(message: Message) -> Said:
    return Said(
        message.pk,
        message.user_id,
        message.user.name if message.user else "",
        message.at.astimezone(clock.TOKYO).strftime("%H:%M"),
        one_line(message.typed, most=_MOST_SHOWN),
    )


def _shown(said: Said) -> dict[str, str]:
    return {"name": said.name, "time": said.time, "begins": said.begins}
