"""What can happen to an endpoint."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class EndpointAdded(Fact):
    """A company's events are sent to an address of its own systems from now on: its `host`, and by what the whole
    address is known again (`fingerprint`). The rest of it often holds a secret, and the log forgets nothing.
    """

    kind: ClassVar[str] = "webhook.added"
    endpoint: int
    host: str
    fingerprint: str
    kinds: list[str]


@fact
class EndpointChanged(Fact):
    """Which events an endpoint is told of, or its address (host and fingerprint), was changed."""

    kind: ClassVar[str] = "webhook.changed"
    endpoint: int
    changes: dict[str, Any]


@fact
class EndpointSwitched(Fact):
    """An endpoint was switched off (`why`), or on again (`why` is empty)."""

    kind: ClassVar[str] = "webhook.switched"
    endpoint: int
    why: str


@fact
class SecretRotated(Fact):
    """An endpoint has a new secret; the old one signs beside it for a day."""

    kind: ClassVar[str] = "webhook.secret_rotated"
    endpoint: int


@fact
class EndpointRemoved(Fact):
    """An endpoint is told of nothing any more."""

    kind: ClassVar[str] = "webhook.removed"
    endpoint: int


@fact
class DeliveryReplayed(Fact):
    """Somebody had an event sent to an endpoint once more."""

    kind: ClassVar[str] = "webhook.replayed"
    endpoint: int
    delivery: int
