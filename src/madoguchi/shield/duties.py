"""An operator's duties as an employer, and what the company does beside it: who does what until when. A firm where
temporary staff work (派遣先) has the duties of an employer, too.

Sources: 労働施策の総合的な推進並びに労働者の雇用の安定及び職業生活の充実等に関する法律 (in force as changed on
2026-10-01), 東京都カスタマー・ハラスメント防止条例 (2025-04-01), 37号告示; 労働者派遣法 for the firm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.companies.models import Company, OperatorCompany
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import most_of, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import one_line
from madoguchi.people.queries import running_engagements
from madoguchi.shield import policies
from madoguchi.shield.events import DutyChanged
from madoguchi.shield.models import Duty


@dataclass(frozen=True, slots=True)
class Pair:
    """An employer's duty, what the company does beside it, and what it does where temporary staff work for it; each
    with the key of its row.
    """

    key: str
    operator: Promise
    company: Promise
    client: Promise


PAIRS = (
    Pair(
        "policy",
        gettext_lazy("Set down a policy against harassment and make it known to everybody who answers"),
        gettext_lazy(
            "Publish to customers how we act on harassment, and that rightful complaints are welcome"
        ),
        gettext_lazy("Make our own policy against harassment known to temporary staff, too"),
    ),
    Pair(
        "counsel",
        gettext_lazy("Name where our people turn to, also in doubtful cases, and keep what they say private"),
        gettext_lazy("Name who at the company takes over when the operator's manager asks"),
        gettext_lazy("Let temporary staff turn to our own people as well, and answer them like our own"),
    ),
    Pair(
        "line",
        gettext_lazy("Train people: when to warn, when to call a senior, when a talk is ended"),
        gettext_lazy("Agree beforehand from where on a talk is ended, and in which words"),
        gettext_lazy("Direct so that nobody faces it alone: somebody of ours comes at once and takes over"),
    ),
    Pair(
        "care",
        gettext_lazy("See what happened at once, and look after whom it met"),
        gettext_lazy(
            "Keep the times of cases as they are, and take matters over that only the company can settle"
        ),
        gettext_lazy(
            "Take them off the contact, see what happened, and tell the agency's responsible person at once"
        ),
    ),
    Pair(
        "fairness",
        gettext_lazy("Keep apart what is demanded and how; have appeals decided by somebody else"),
        gettext_lazy(
            "Mend what customers rightly complain of, and answer appeals that are about the company"
        ),
        gettext_lazy("Ask for nobody else to be sent, and end no placement, because somebody asked for help"),
    ),
    Pair(
        "prevention",
        gettext_lazy("Review every quarter, keep people from streaks of hard contacts"),
        gettext_lazy("Remove causes: products, delivery, what is said on pages"),
        gettext_lazy("Go through what happened with the agency every quarter, and change how we direct"),
    ),
)
SIDES = ("operator", "company", "client")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one side is with one duty, and whether the reader answers for it."""

    key: str
    side: str
    words: Promise
    row: Duty
    mine: bool
    late: bool


def duties_of(company: int, operator: int, *, actor: Actor) -> Sequence[tuple[Standing, ...]]:
    """The sides of each duty, side by side: the operator, the company, and the company as the firm where the operator's
    temporary staff work. Two queries. Raises NotFound for who does not work there together.
    """
    there = SIDES if _require_together(company, operator, actor=actor) else SIDES[:2]
    rows = {row.key: row for row in Duty.objects.filter(company=company, operator=operator)}
    sides, today = policies.sides_of(actor, company=company, operator=operator), clock.today()

    def standing(pair: Pair, side: str) -> Standing:
        key = f"{side}.{pair.key}"
        row = rows.get(key) or Duty(company_id=company, operator_id=operator, key=key)
        late = row.done_on is None and row.due_on is not None and row.due_on < today
        return Standing(key, side, getattr(pair, side), row, side in sides, late)

    return [tuple(standing(pair, side) for side in there) for pair in PAIRS]


def partners_of(actor: Actor) -> list[tuple[Company, OperatorCompany]]:
    """Every company and operator that work together and for one of which the actor answers. One query."""
    rows = running_engagements().filter(company__in=actor.companies).select_related("company", "operator")
    pairs = {(one.company, one.operator): None for one in rows.order_by("company__name", "operator__name")}
    return [pair for pair in pairs if policies.sides_of(actor, company=pair[0].pk, operator=pair[1].pk)]


@transaction.atomic
def set_duty(
    company: int,
    operator: int,
    key: str,
    *,
    who: str,
    due_on: date | None,
    done: bool,
    note: str = "",
    by: Actor,
) -> None:
    """Say who sees to a duty until when, and that it is done. Raises NotFound, NotAllowed for the other side's, and
    Refused for a day without anybody who sees to it.
    """
    there = SIDES if _require_together(company, operator, actor=by) else SIDES[:2]
    side, _dot, name = key.partition(".")
    if side not in there or name not in [pair.key for pair in PAIRS]:
        raise NotFound(key)
    if side not in policies.sides_of(by, company=company, operator=operator):
        raise NotAllowed(Permission.AUDIT)
    person, most = one_line(who, most=1_000), most_of(Duty, "who")
    if len(person) > most:
        words = _("This has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused(words % {"there": len(person), "most": most}, field="who")
    if (due_on or done) and not person:
        raise Refused(_("Write who sees to it."), field="who")
    row, _made = Duty.objects.get_or_create(company_id=company, operator_id=operator, key=key)
    done_on = (row.done_on or clock.today()) if done else None
    changes = set_changed(row, who=person, due_on=due_on, done_on=done_on, note=one_line(note, most=300))
    if changes:
        record(DutyChanged(company=company, operator=operator, key=key, fields=sorted(changes)), by=by)


def _require_together(company: int, operator: int, *, actor: Actor) -> bool:
    """Whether the operator's people work there as temporary staff. Raises NotFound."""
    together = running_engagements().filter(company=company, operator=operator, company__in=actor.companies)
    models = set(together.values_list("model", flat=True))
    if not policies.sides_of(actor, company=company, operator=operator) or not models:
        raise NotFound(operator)
    return OperatingModel.TEMP_STAFF in models
