"""What can happen to a demand of a customer: by ids, and never a word of theirs."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class RightAsked(Fact):
    """Somebody demands the data kept of them (disclosure), or that it goes (erasure): `what`."""

    kind: ClassVar[str] = "right.asked"
    request: int
    customer: int
    what: str


@fact
class RightChecked(Fact):
    """It was checked who asks, in the way of `proof`."""

    kind: ClassVar[str] = "right.checked"
    request: int
    customer: int
    proof: str


@fact
class RightRefused(Fact):
    """A demand was refused; the request keeps the reason."""

    kind: ClassVar[str] = "right.refused"
    request: int
    customer: int


@fact
class RightStarted(Fact):
    """What is demanded begins to be done."""

    kind: ClassVar[str] = "right.started"
    request: int
    customer: int
    what: str


@fact
class DisclosureMade(Fact):
    """Everything kept of a customer was put together in a file of this SHA-256, which goes at `expires` (ISO 8601)."""

    kind: ClassVar[str] = "disclosure.made"
    request: int
    customer: int
    sha256: str
    expires: str


@fact
class DisclosureFetched(Fact):
    """Who holds the link fetched the file."""

    kind: ClassVar[str] = "disclosure.fetched"
    request: int
    customer: int


@fact
class DisclosureHandedOver(Fact):
    """The customer has what they asked for."""

    kind: ClassVar[str] = "disclosure.handed_over"
    request: int
    customer: int


@fact
class CustomerErased(Fact):
    """What was kept of a customer is gone, but for what law demands; `sha256` is that of what the certificate says."""

    kind: ClassVar[str] = "customer.erased"
    request: int
    customer: int
    sha256: str


@fact
class DisclosureWithheld(Fact):
    """Of what would be disclosed so many parts are kept back (33条2項); the request keeps which, and why."""

    kind: ClassVar[str] = "disclosure.withheld"
    request: int
    customer: int
    parts: int


@fact
class DisclosureReleased(Fact):
    """A second person looked over what would be disclosed, and let it go; or, `alone`, the first, who said why."""

    kind: ClassVar[str] = "disclosure.released"
    request: int
    customer: int
    alone: bool = False


@fact
class CustomerCorrected(Fact):
    """These fields of a customer's record were put right, as they demanded; the request keeps both values."""

    kind: ClassVar[str] = "customer.corrected"
    request: int
    customer: int
    fields: list[str]


@fact
class RightDone(Fact):
    """What was demanded (`what`: stop or correction) was done, or a stop was taken back (`state` lifted)."""

    kind: ClassVar[str] = "right.done"
    request: int
    customer: int
    what: str
    state: str


@fact
class RetentionWritten(Fact):
    """It was written that something (`what`) goes so many months after a customer's last contact; it is off yet."""

    kind: ClassVar[str] = "retention.written"
    rule: int
    what: str
    months: int


@fact
class RetentionSwitched(Fact):
    """A second person let a rule of retention work, or somebody switched it off."""

    kind: ClassVar[str] = "retention.switched"
    rule: int
    what: str
    on: bool


@fact
class RetentionRan(Fact):
    """A rule of retention was carried out on so many cases, or on so many records of customers."""

    kind: ClassVar[str] = "retention.ran"
    rule: int
    run: int
    what: str
    cases: int
    customers: int = 0
