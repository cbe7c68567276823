"""What a mail to staff says of what they are told: case numbers, how much of what, and where to read it. No word of a
customer, no subject and no name: mail lies in places that the contract does not reach.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madoguchi.following.models import KIND_OF, Letter, Notification, Way
from madoguchi.following.quiet import headers_of

MOST_CASES = 50
# That no machine answers: the standard's word, Exchange's, and that of old programs.
NOT_TO_BE_ANSWERED = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "Precedence": "bulk",
}
_KINDS = {
    "mentioned": gettext_lazy("named in a note: %(count)s"),
    "assigned": gettext_lazy("made responsible: %(count)s"),
    "approval": gettext_lazy("approval: %(count)s"),
    "task": gettext_lazy("tasks: %(count)s"),
    "due": gettext_lazy("what falls due: %(count)s"),
    "question": gettext_lazy("questions and message slips: %(count)s"),
    "signal": gettext_lazy("what may become trouble: %(count)s"),
    "followed": gettext_lazy("cases you follow: %(count)s"),
    "knowledge": gettext_lazy("articles and what customers ask: %(count)s"),
}


def mail_of(letter: Letter, told: Sequence[Notification]) -> EmailMessage:
    """The mail, in its reader's language."""
    with translation.override(letter.user.language):
        subject, text = _subject(len(told)), _text(letter.user.name, told)
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{letter.pk}@{host}>"} | NOT_TO_BE_ANSWERED
    headers |= headers_of(letter.user_id, Way(told[0].way))
    return EmailMessage(subject, text, to=[letter.user.email], headers=headers)


def _subject(count: int) -> str:
    return ngettext("Madoguchi: %(count)s notification", "Madoguchi: %(count)s notifications", count) % {
        "count": count
    }


def _text(name: str, told: Sequence[Notification]) -> str:
    cases = [list(group) for _case, group in groupby(told, key=lambda one: one.case_id)]
    rest = len(cases) - MOST_CASES
    parts = [
        _("%(name)s,") % {"name": name},
        _("This is what you have not read in Madoguchi yet."),
        *map(_of_case, cases[:MOST_CASES]),
        *([_("And %(count)s more cases.") % {"count": rest}] if rest > 0 else []),
        _("All notifications: %(link)s") % {"link": _link("desk:notifications")},
        _("What to be told by mail: %(link)s") % {"link": _link("desk:notification_wishes")},
    ]
    return "\n\n".join(parts) + "\n"


def _of_case(told: Sequence[Notification]) -> str:
    case = told[0].case
    if case is None:
        count = {"count": len(told)}
        return f"{_KINDS['knowledge'] % count}\n{_link('desk:notifications')}"
    number = case.spoken_number(case.company.prefix)
    counts = Counter(KIND_OF[Notification.Why(one.why)] for one in told)
    kinds = _(", ").join(
        str(words) % {"count": counts[kind]} for kind, words in _KINDS.items() if counts[kind]
    )
    question = next((one.question_id for one in told if one.question_id), None)
    place = _link("desk:escalation", str(question)) if question else _link("desk:case", number)
    return f"{number}  {kinds}\n{place}"


def _link(name: str, *args: str) -> str:
    return urljoin(settings.BASE_URL, reverse(name, args=args))
