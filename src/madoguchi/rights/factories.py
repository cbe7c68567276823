"""Demands of customers, made for tests."""

from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.rights.actions import Asked, ask, check
from madoguchi.rights.models import Request


def asked_for(customer: int, kind: str, *, by: Actor, checked: bool = True) -> Request:
    """A demand of the customer (by id) themselves, who proved who they are by a document."""
    with scope.everywhere(reason="a factory makes what a test asks for, whosever it is"):
        asked = Asked(kind=kind, asker="person", words="私の記録をください。")
        made = ask(Customer.objects.get(pk=customer), asked, by=by)
        if checked:
            check(made, proof="document", note="運転免許証", by=by)
        return made
