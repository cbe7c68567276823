"""The words of a case that a text says by name, as in `{{customer}}`."""

from madoguchi.cases.models import Case
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.queries import fill


def filled(case: Case, text: str, *, actor: Actor) -> str:
    """A text with the case's own words in it, as the actor may see them; what has no value stays as it is written."""
    return fill(text, {name: value for name, value in values_for(case, actor=actor).items() if value})


def values_for(case: Case, *, actor: Actor) -> dict[str, str]:
    """What each variable is in a case, empty where there is nothing or the actor may not see it."""
    return {
        "customer": show(case.customer.name, "name", actor.data_scope(company=case.company_id)),
        "case": case.spoken_number(case.company.prefix),
        "agent": actor.name,
        "desk": case.shown_desk.public_name,
        "greeting": case.shown_desk.greeting,
        "subject": case.subject,
        "channel": case.channel,
        "language": case.language,
    }
