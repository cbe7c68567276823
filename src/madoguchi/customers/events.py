"""What can happen to a customer's record."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CustomerCreated(Fact):
    """Somebody new turned to the company."""

    kind: ClassVar[str] = "customer.created"
    customer: int


@fact
class CustomerChanged(Fact):
    """These fields of the record were changed; from what to what is kept beside the log, for it is about somebody."""

    kind: ClassVar[str] = "customer.changed"
    customer: int
    fields: list[str]


@fact
class AddressUndeliverable(Fact):
    """Mail to an address of the customer comes back; `status` is like 5.1.1."""

    kind: ClassVar[str] = "customer.undeliverable"
    customer: int
    identity: int
    status: str


@fact
class AddressVerified(Fact):
    """It was made sure that an address is the customer's, in this way (`how`); empty: it is not sure any more."""

    kind: ClassVar[str] = "customer.verified"
    customer: int
    identity: int
    how: str


@fact
class AddressReachable(Fact):
    """The customer wrote from an address whose mail had come back: it is tried again."""

    kind: ClassVar[str] = "customer.reachable"
    customer: int


@fact
class CustomerUnmasked(Fact):
    """Somebody is shown a field whole until a moment that is kept from them; why is kept with the `unmasking`."""

    kind: ClassVar[str] = "customer.unmasked"
    customer: int
    unmasking: int
    field: str
    until: str


@fact
class CustomerRefused(Fact):
    """Somebody tried to have shown (`unmask`), to find a customer by (`lookup`) or to change (`change`) a field that is
    kept from them, and was refused; or wrote (`write`) what stands there where dots tell that it is right, maybe as the
    customer had said it. Of each person, customer, field and hour the first time. `field` may be unknown.
    """

    kind: ClassVar[str] = "customer.refused"
    customer: int
    field: str
    way: str


@fact
class CustomersJoined(Fact):
    """Two records were of one person: what hung on `other`, and on the records `led` to it, hangs on `customer` now."""

    kind: ClassVar[str] = "customer.joined"
    customer: int
    other: int
    join: int
    led: list[int]


@fact
class CustomersParted(Fact):
    """They were of two people after all: `other` is a record of its own again, with what was its own."""

    kind: ClassVar[str] = "customer.parted"
    customer: int
    other: int
    join: int
    led: list[int]


@fact
class ConsentSaid(Fact):
    """A customer said whether they may be turned to for a purpose on a channel: `given`, or refused or withdrawn."""

    kind: ClassVar[str] = "consent.said"
    customer: int
    consent: int
    purpose: str
    channel: str
    given: bool


@fact
class ConsentWorded(Fact):
    """The words to which customers consent were written anew."""

    kind: ClassVar[str] = "consent.worded"
    words: int
    purpose: str
    version: int


@fact
class UseStopped(Fact):
    """A customer's data is used no more but for open matters and what law demands to be kept, as they demanded."""

    kind: ClassVar[str] = "customer.use_stopped"
    customer: int


@fact
class UseResumed(Fact):
    """The stop was taken back: a customer's data is used as before."""

    kind: ClassVar[str] = "customer.use_resumed"
    customer: int


@fact
class CustomerNoted(Fact):
    """Something worth knowing was written down about a customer until a day; `doubtful` in spite of a warning."""

    kind: ClassVar[str] = "customer.noted"
    customer: int
    noted: int
    sort: str
    until: str
    doubtful: bool


@fact
class CustomerNoteEnded(Fact):
    """A note about a customer was taken away, or (`ended` is false) put back."""

    kind: ClassVar[str] = "customer.note_ended"
    customer: int
    noted: int
    ended: bool


@fact
class CustomerBelongs(Fact):
    """A customer belongs to a household or firm (`group`) from now on, or as something else than before."""

    kind: ClassVar[str] = "customer.belongs"
    customer: int
    group: int
    belonging: int


@fact
class CustomerLeft(Fact):
    """A customer belongs to a household or firm (`group`) no longer."""

    kind: ClassVar[str] = "customer.left"
    customer: int
    group: int
