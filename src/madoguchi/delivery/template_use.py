"""From which templates answers are written: said before one leaves, noted when it has left, summed up for owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Avg, Count

from madoguchi.cases.filling import values_for
from madoguchi.cases.models import Case, Message
from madoguchi.delivery.checks import own_words
from madoguchi.delivery.models import TemplateUse
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.likeness import letters_of, likeness_of_letters
from madoguchi.knowledge.queries import fill, templates_for_desk

DAYS = 90
# No desk is asked about more of them with every answer.
MOST_TEMPLATES = 300


@dataclass(frozen=True, slots=True)
class Usage:
    """How many answers of the last 90 days were written from a template, and which share of it they changed."""

    answers: int = 0
    edited: float = 0.0

    @property
    def percent(self) -> int:
        """The edit rate in whole percent."""
        return round(self.edited * 100)


def bare_template(case: Case, text: str, *, by: Actor) -> str:
    """The name of the template that an answer is, with nothing of the writer's own; empty where there is none. One
    query.
    """
    said = letters_of(own_words(text))
    values = {name: value for name, value in values_for(case, actor=by).items() if value}
    filled_in = [letters_of(value) for value in values.values()]
    for template in templates_for_desk(case.desk)[:MOST_TEMPLATES]:
        if likeness_of_letters(fill(template.body, values), said, values=filled_in).is_bare:
            return template.name
    return ""


@transaction.atomic
def note_use(message: int, *, at: datetime) -> None:
    """Note from which templates a message that has left was written, once; a machine's is written from none."""
    said = (
        Message.objects.select_related("case__desk").filter(pk=message, author=Message.Author.STAFF).first()
    )
    if said is None:
        return
    own = letters_of(own_words(said.typed))
    alike = [
        (t, likeness_of_letters(t.body, own)) for t in templates_for_desk(said.case.desk)[:MOST_TEMPLATES]
    ]
    used = [(template, like) for template, like in alike if like.is_used]
    TemplateUse.objects.bulk_create(
        (
            TemplateUse(
                company_id=said.company_id,
                message=said,
                template=template,
                version=template.version,
                kept=like.kept,
                at=at,
            )
            for template, like in used
        ),
        ignore_conflicts=True,
    )


def usage_of(templates: Sequence[int]) -> dict[int, Usage]:
    """How templates were used in the last 90 days. One query."""
    since = clock.now() - timedelta(days=DAYS)
    rows = TemplateUse.objects.filter(template__in=list(templates), at__gte=since).values("template")
    summed = rows.annotate(answers=Count("id"), kept=Avg("kept")).order_by()
    return {row["template"]: Usage(row["answers"], 1 - row["kept"]) for row in summed}
