"""Where a case stands, in words for the customer."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Status

RECEIVED, AT_WORK, DONE = range(3)
STEPS = (
    pgettext_lazy("step", "Received"),
    pgettext_lazy("step", "In progress"),
    pgettext_lazy("step", "Solved"),
)

_REOPENS = _("If something is still open, write it below. We will take your case up again from there.")


@dataclass(frozen=True, slots=True)
class State:
    """A status as the customer reads it: in a word, what it means for them, which step it is."""

    headline: str | Promise
    explanation: str | Promise
    step: int

    @property
    def at_rest(self) -> bool:
        """Whether nothing more will happen unless the customer writes."""
        return self.step == DONE


_STATES: dict[str, State] = {
    Status.NEW: State(_("We have received it"), _("Somebody will look at it next."), RECEIVED),
    Status.OPEN: State(_("We are working on it"), _("Our answer will come by mail."), AT_WORK),
    Status.WAITING_CUSTOMER: State(
        _("We are waiting for your answer"), _("Please read our last message and answer below."), AT_WORK
    ),
    Status.WAITING_THIRD: State(
        _("We have asked somebody else"), _("We will write to you as soon as we have their answer."), AT_WORK
    ),
    Status.SOLVED: State(_("This case is solved"), _REOPENS, DONE),
    Status.CLOSED: State(_("This case is closed"), _REOPENS, DONE),
}


def state_of(status: str) -> State:
    """The words for a status."""
    return _STATES[status]
