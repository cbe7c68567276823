"""Saying how we know that an address is a customer's."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.events import AddressVerified
from madoguchi.customers.models import Identity
from madoguchi.customers.policies import may_verify
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind

_ONLY_OF = {Identity.How.MAIL.value: IdentityKind.EMAIL, Identity.How.CALL.value: IdentityKind.PHONE}


@transaction.atomic
def verify_identity(identity: int, *, customer: int, company: int, how: str, by: Actor) -> Identity:
    """Say how an address of a customer was made sure, now and by this actor; an empty `how` takes that back.

    Raises NotFound for what is not theirs, NotAllowed for who edits no customers or is kept from such addresses, and
    Refused for no way at all, and for one that does not go with this kind of address.
    """
    mine = Identity.objects.select_for_update().filter(customer=customer, company=company)
    held = mine.filter(pk=identity).first()
    if held is None:
        raise NotFound(identity)
    if not may_verify(by, company=company, kind=held.kind):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    if how and how not in Identity.How.values:
        raise Refused(_("Choose how you know that it is theirs."), field="how")
    if how in _ONLY_OF and _ONLY_OF[how] != held.kind:
        raise Refused(_("A mail makes sure of a mail address, and a call of a phone number."), field="how")
    if how == Identity.How.CODE and held.kind == IdentityKind.MEMBER:
        raise Refused(_("No code is sent to a member number. Choose another way."), field="how")
    if how or held.verified_how:
        _keep(held, how, by=by)
    return held


def keep_verified(identity: Identity, how: Identity.How, *, by: Actor) -> None:
    """The same where it came about by itself: what was made sure before stays as it is."""
    if not identity.verified_how:
        _keep(identity, how.value, by=by)


def _keep(identity: Identity, how: str, *, by: Actor) -> None:
    identity.verified_how, identity.verified_at = how, clock.now() if how else None
    identity.verified_by_id = by.id if how else None
    identity.save(update_fields=["verified_how", "verified_at", "verified_by"])
    told = {"customer": identity.customer_id, "identity": identity.pk}
    record(AddressVerified(company=identity.company_id, how=how, **told), by=by)
