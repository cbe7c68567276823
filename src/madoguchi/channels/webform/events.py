"""What can happen to a form."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class FormShaped(Fact):
    """What a form asks was changed. `questions` are their labels, in order."""

    kind: ClassVar[str] = "form.shaped"
    entry_point: int
    title: str
    questions: list[str]
