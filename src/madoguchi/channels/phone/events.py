"""What can happen to the accounts of carriers. Their tokens are never told."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CarrierSet(Fact):
    """By which account of a carrier calls to a number come was set; `secret` says that its token was entered anew."""

    kind: ClassVar[str] = "carrier.account_set"
    entry_point: int
    account: str
    secret: bool


@fact
class CarrierRemoved(Fact):
    """The account of a carrier was taken away from a number, with its token."""

    kind: ClassVar[str] = "carrier.account_removed"
    entry_point: int
