"""Facts that only tests know."""

from madoguchi.infra.facts import Fact, fact


@fact
class LampLit(Fact):
    """A lamp was lit."""

    kind = "test.lamp_lit"
    where: str
    watts: int = 40


@fact
class LampBroken(Fact):
    """A lamp broke."""

    kind = "test.lamp_broken"
