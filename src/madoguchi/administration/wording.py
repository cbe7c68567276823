"""What each kind of event is called where people read the log."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.kernel.actor import Permission
from madoguchi.rules.naming import spoken

EVENTS: dict[str, Promise] = {
    "administrator.appointed": _("A person became an administrator"),
    "administrator.dismissed": _("A person is no longer an administrator"),
    "answer.approval_asked": _("Approval of an answer was asked for"),
    "answer.approved": _("An answer was approved"),
    "answer.discarded": _("An answer that waited was thrown away"),
    "answer.held": _("An answer that waited was held"),
    "answer.returned": _("An answer was returned with a comment"),
    "answer.scheduled": _("An answer was scheduled"),
    "answer.taken_back": _("An answer that waited was taken back"),
    "arrival.kept_out": _("An arrival was kept out as spam"),
    "arrival.quarantined": _("An arrival went to quarantine"),
    "arrival.retried": _("An arrival in quarantine was tried again"),
    "arrival.taken_in": _("An arrival was taken in as no spam"),
    "audit.downloaded": _("Events of the log were taken along as a file"),
    "batch.cancelled": _("A change of many cases was stopped"),
    "batch.started": _("A change of many cases was begun"),
    "batch.undo_begun": _("A change of many cases was being undone"),
    "case.assigned": _("A case was given to somebody"),
    "case.changed": _("A case was changed"),
    "case.continued": _("A case went on in another one"),
    "case.taken_over": _("An answer being written was taken over"),
    "case.followed": _("Somebody follows a case"),
    "case.unfollowed": _("Somebody follows a case no more"),
    "case.filled": _("What a desk wants to know of a case was filled in"),
    "case.matter": _("The kind of matter of a case was chosen"),
    "case.handed_off": _("Words were left for whoever has the case next"),
    "case.linked": _("A case was linked to another one"),
    "case.link_ended": _("The link to a customer's own page was ended"),
    "case.opened": _("A case was opened"),
    "case.split": _("Messages of a case went into a new one"),
    "case.split_off": _("A case was split off from another one"),
    "case.status": _("The status of a case changed"),
    "case.told_apart": _("Two cases were said to be no duplicates, or that was taken back"),
    "case.took_in": _("Another case went on in this one"),
    "case.unlinked": _("A link between two cases was taken away"),
    "case.unmerged": _("A merge of two cases was undone"),
    "case.unsplit": _("A split of a case was undone"),
    "import.ran": _("Data of another system was imported"),
    "looks.downloaded": _("Who looked at whose data was taken along as a file"),
    "message.source_read": _("A message was read as it came in or left"),
    "company.added": _("The company was added"),
    "company.changed": _("The company was changed"),
    "company.exported": _("All data of the company was exported"),
    "company.imported": _("The company came from another installation"),
    "customer.changed": _("A customer was changed"),
    "customer.created": _("A customer was added"),
    "customer.reachable": _("A customer wrote from an address that had been undeliverable"),
    "customer.undeliverable": _("Mail to a customer's address comes back"),
    "desk.added": _("A desk was added"),
    "desk.changed": _("A desk was changed"),
    "desk.closed": _("A desk was closed"),
    "desk.reopened": _("A desk was opened again"),
    "engagement.changed": _("The terms of an engagement were changed"),
    "engagement.data_scope": _("What an operator sees of customers was changed"),
    "engagement.made": _("An operator was engaged"),
    "entry_point.added": _("An entry point was added"),
    "entry_point.changed": _("An entry point was changed"),
    "field.added": _("A field was added to a desk"),
    "field.changed": _("A field of a desk was changed"),
    "file.held": _("A harmful file was held back"),
    "form.shaped": _("What a form asks was changed"),
    "mail.dkim_in_use": _("Mail of a domain is signed by a new key"),
    "mail.dkim_made": _("A key to sign mail was made"),
    "mail.dkim_removed": _("A key to sign mail was forgotten"),
    "mail.images_shown": _("Pictures of a mail from elsewhere were shown"),
    "mail.mailbox_removed": _("A mailbox was removed"),
    "mail.mailbox_set": _("A mailbox was set up"),
    "mail.oauth_consented": _("Consent to a mail account was given (OAuth 2)"),
    "mail.oauth_removed": _("OAuth 2 of a mail account was removed"),
    "mail.oauth_set": _("OAuth 2 of a mail account was set up"),
    "mail.smtp_removed": _("A mail server was removed"),
    "mail.smtp_set": _("A mail server was set up"),
    "macro.added": _("A macro was written"),
    "macro.changed": _("A macro was changed"),
    "macro.deleted": _("A macro was put away"),
    "macro.ran": _("A macro was run"),
    "macro.restored": _("A macro was taken back"),
    "macro.undone": _("A macro was undone"),
    "matter.added": _("A kind of matter was added to a desk"),
    "matter.changed": _("A kind of matter was changed"),
    "message.acknowledgement_held": _("An acknowledgement was held back"),
    "message.bounced": _("A message came back"),
    "message.delayed": _("A message was put off by the mail server"),
    "message.failed": _("A message could not be delivered"),
    "message.queued": _("A message waits to leave"),
    "message.received": _("A customer wrote"),
    "message.reported": _("A mail server told what became of a message"),
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
    "person.token_made": _("A token for a program was made"),
    "person.token_revoked": _("A token for a program was revoked"),
    "document.issued": _("A paper about an order was given"),
    "order.moved": _("An order was shipped, delivered or cancelled"),
    "order.paid": _("The money for an order came"),
    "order.unpaid": _("The money for an order did not come after all"),
    "order.placed": _("A customer ordered something"),
    "plan.added": _("A plan was written"),
    "products.imported": _("Products came from a table"),
    "shop.changed": _("What the company's papers say of it was changed"),
    "shop.policy_written": _("Goods are taken back on other terms"),
    "plan.applied": _("A plan was applied to a case"),
    "plan.changed": _("A plan was changed"),
    "rule.added": _("A rule was written"),
    "rule.changed": _("A rule was changed"),
    "rule.deleted": _("A rule was put away"),
    "rule.paused": _("A rule was paused"),
    "rule.restored": _("A rule was taken back"),
    "rule.started": _("A rule was taken into use"),
    "rule.left": _("A rule stopped, for who wrote it no longer leads the desk"),
    "rule.stopped": _("A rule stopped itself"),
    "sender.forgotten": _("A sender was taken off the list"),
    "sender.ruled": _("A sender was put on the list"),
    "clock.warned": _("A time that was promised was running out"),
    "clock.breached": _("A time that was promised ran out"),
    "service_levels.changed": _("What a desk keeps towards its customers was written"),
    "service_levels.switched": _("What a desk keeps towards its customers was taken into or out of use"),
    "task.added": _("A task was set in a case"),
    "task.changed": _("A task was changed"),
    "task.done": _("A task was done"),
    "task.due": _("A task fell due"),
    "task.given": _("A task was given to somebody else"),
    "task.removed": _("Tasks were taken off a case"),
    "task.reopened": _("A task is to be done again"),
    "task.restored": _("Tasks were put back on a case"),
    "template.added": _("A reply template was added"),
    "template.changed": _("A reply template was changed"),
    "view.added": _("A view was saved"),
    "view.changed": _("A saved view was changed"),
    "view.deleted": _("A saved view was deleted"),
    "view.restored": _("A deleted view was taken back"),
    "webhook.added": _("A company's events are sent to an address"),
    "webhook.changed": _("An endpoint of webhooks was changed"),
    "webhook.removed": _("An endpoint of webhooks was removed"),
    "webhook.replayed": _("An event was sent to an endpoint once more"),
    "webhook.secret_rotated": _("An endpoint of webhooks has a new secret"),
    "webhook.switched": _("An endpoint of webhooks was switched off or on"),
}

# What acts without a person, by the name under which it stands in the log.
MACHINES: dict[str, Promise] = {
    "command line": _("Command line"),
    "delivery": _("Sending of mail"),
    "file check": _("Check of files"),
    "intake": _("Taking in of mail and forms"),
    "madoguchi seed": _("Making of sample data"),
    "madoguchi user": _("Command line"),
}


def machine_name(name: str) -> str:
    """What a part of the product that acts by itself is called; its own name where nobody gave it another."""
    return str(MACHINES.get(name, spoken(name)))


def machines_called(words: str) -> list[str]:
    """The names in the log of what is called so, or holds it."""
    return [name for name, said in MACHINES.items() if words in str(said)]


def event_name(kind: str) -> str:
    """The name of a kind of event; the kind itself where nobody named it."""
    return str(EVENTS.get(kind, kind))


# What programs can be given; other permissions stand under their own name.
_PERMISSIONS: dict[str, Promise] = {
    Permission.CASE_READ: _("Read cases"),
    Permission.CASE_OPEN: _("Open cases"),
    Permission.CASE_UPDATE: _("Change status, priority and tags"),
    Permission.CASE_NOTE: _("Write internal notes"),
    Permission.CASE_REPLY: _("Answer customers"),
    Permission.CUSTOMER_READ: _("Read customers"),
    Permission.CUSTOMER_EDIT: _("Enter and change customers"),
}


def permission_name(permission: str) -> str:
    """What a permission allows, in words, with the name that programs know it by."""
    words = _PERMISSIONS.get(permission)
    return f"{words} ({permission})" if words else str(permission)
