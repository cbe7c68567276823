"""What can happen to shops elsewhere. No event holds words of a customer, and none a secret."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class StorefrontConnected(Fact):
    """A shop elsewhere was connected: what it tells comes in from now on."""

    kind: ClassVar[str] = "storefront.connected"
    storefront: int
    sort: str


@fact
class StorefrontChanged(Fact):
    """A connected shop was changed, given another secret, or switched off or on: `{field: [before, after]}`."""

    kind: ClassVar[str] = "storefront.changed"
    storefront: int
    changes: dict[str, list[Any]]


@fact
class HandedInWrong(Fact):
    """A shop handed in what could not be taken in; it is kept, and waits for somebody to look."""

    kind: ClassVar[str] = "storefront.told_wrong"
    storefront: int
    handed: int
    topic: str


@fact
class HandedInSettled(Fact):
    """Somebody tried once more what could not be taken in, or laid it aside: `after` is how it stands."""

    kind: ClassVar[str] = "storefront.settled"
    storefront: int
    handed: int
    after: str
