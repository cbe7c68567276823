"""What the other side's answer to a mail or to LINE means, and what to do about it. Pure."""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_Words = str | Promise

# The first that fits counts. Enhanced status codes (RFC 3463) first, common words of servers after them.
_MEANINGS: tuple[tuple[str, _Words, _Words], ...] = (
    (
        r"blocked this LINE account",
        _("The customer has blocked the LINE account."),
        _("Reach the customer by mail or by phone: enter a mail address under To, and send again."),
    ),
    (
        r"\b429\b.*monthly limit",
        _("The messages that LINE allows for this month are used up."),
        _("Answer by mail if it is urgent, and tell an administrator: the plan at LINE can be raised."),
    ),
    (
        r"\b401\b.*(access token|LINE account)",
        _("LINE did not accept our sign-in."),
        _("Tell an administrator: the settings of the LINE account must be looked at."),
    ),
    (
        r"\b5\.1\.[0-46]\b|user unknown|no such user|does not exist|unknown (user|recipient)|mailbox unavailable",
        _("There seems to be no such address."),
        _("Ask the customer for the right address by another way, enter it under To, and send again."),
    ),
    (
        r"\b[45]\.2\.2\b|over ?quota|mailbox (is )?full|insufficient storage",
        _("The customer's mailbox is full."),
        _("Reach the customer by phone if it is urgent, or send again later."),
    ),
    (
        r"\b5\.3\.4\b|\b552\b|too large|message size|exceeds",
        _("The mail is too large for the other side."),
        _("Send the files in several mails, or make them smaller."),
    ),
    (
        r"\b5\.7\.\d+\b|spam|blocked|blacklist|blocklist|policy|spf|dkim|dmarc|reputation|rejected",
        _("The other side refused the mail as suspicious."),
        _("Tell an administrator: the mail server's settings (SPF, DKIM) may need a look."),
    ),
    (
        r"greylist|graylist|try again later|temporarily|\b4\.7\.\d+\b|\b45[01]\b",
        _("The other side asked us to try again later."),
        _("Nothing needs to be done: it is tried again by itself."),
    ),
    (
        r"connection|timed? ?out|network|refused|unreachable|resolve|tls|certificate",
        _("The mail server could not be reached."),
        _("If it stays like this, tell an administrator."),
    ),
    (
        r"\b535\b|authenticat|credentials",
        _("Our mail server did not accept our sign-in."),
        _("Tell an administrator: the sign-in of the mail server must be set anew."),
    ),
)
_UNKNOWN = (
    _("The other side did not take the mail."),
    _("Read its answer below. If it says nothing to you, tell an administrator."),
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened and what to do, in the reader's words; `answer` is what the other side said."""

    what: str
    todo: str
    answer: str


def advice_for(answer: str) -> Advice:
    """Make sense of the other side's answer; an unknown one is shown as it is, with whom to ask."""
    fits = ((what, todo) for pattern, what, todo in _MEANINGS if re.search(pattern, answer, re.IGNORECASE))
    what, todo = next(fits, _UNKNOWN)
    return Advice(str(what), str(todo), answer.strip())
