"""What each kind of event is called where people read the log."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Promise] = {
    "administrator.appointed": _("A person became an administrator"),
    "administrator.dismissed": _("A person is no longer an administrator"),
    "arrival.quarantined": _("An arrival went to quarantine"),
    "arrival.retried": _("An arrival in quarantine was tried again"),
    "case.assigned": _("A case was given to somebody"),
    "case.changed": _("A case was changed"),
    "case.continued": _("A case went on in another one"),
    "case.link_ended": _("The link to a customer's own page was ended"),
    "case.opened": _("A case was opened"),
    "case.status": _("The status of a case changed"),
    "case.took_in": _("Another case went on in this one"),
    "company.added": _("The company was added"),
    "company.changed": _("The company was changed"),
    "customer.changed": _("A customer was changed"),
    "customer.created": _("A customer was added"),
    "desk.added": _("A desk was added"),
    "desk.changed": _("A desk was changed"),
    "desk.closed": _("A desk was closed"),
    "desk.reopened": _("A desk was opened again"),
    "engagement.changed": _("The terms of an engagement were changed"),
    "engagement.data_scope": _("What an operator sees of customers was changed"),
    "engagement.made": _("An operator was engaged"),
    "entry_point.added": _("An entry point was added"),
    "entry_point.changed": _("An entry point was changed"),
    "form.shaped": _("What a form asks was changed"),
    "mail.mailbox_removed": _("A mailbox was removed"),
    "mail.mailbox_set": _("A mailbox was set up"),
    "mail.smtp_removed": _("A mail server was removed"),
    "mail.smtp_set": _("A mail server was set up"),
    "message.acknowledgement_held": _("An acknowledgement was held back"),
    "message.delayed": _("A message was put off by the mail server"),
    "message.failed": _("A message could not be delivered"),
    "message.queued": _("A message waits to leave"),
    "message.received": _("A customer wrote"),
    "message.sent": _("A message was sent"),
    "message.taken_back": _("A message was taken back before it left"),
    "message.written": _("An answer was written"),
    "note.added": _("An internal note was added"),
    "operator.added": _("An operator was added"),
    "operator.changed": _("An operator was renamed"),
    "person.added": _("A person was added"),
    "person.changed": _("A person's particulars were changed"),
    "person.deactivated": _("A person was locked out"),
    "person.password_link": _("A password link was issued"),
    "person.password_set": _("A person was given a password"),
    "person.place_given": _("A role was given"),
    "person.place_taken": _("A role was taken away"),
    "person.reactivated": _("A person was let in again"),
    "person.seats": _("A person's desks were changed"),
    "person.second_step_reset": _("A person's two-step sign-in was switched off"),
    "template.added": _("A reply template was added"),
    "template.changed": _("A reply template was changed"),
}


def event_name(kind: str) -> str:
    """The name of a kind of event; the kind itself where nobody named it."""
    return str(EVENTS.get(kind, kind))
