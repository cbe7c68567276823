"""How sure one is, in a case, that one speaks with the customer, in words."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from madoguchi.cases import policies
from madoguchi.cases.actions.sure import as_sure_as_needed
from madoguchi.cases.identity import Act, Checked, Level, level_of
from madoguchi.cases.models import Case
from madoguchi.commerce.models import Order, Subscription
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, ActorKind
from madoguchi.reservations.models import Reservation
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.queries import call_by_uid, case_of, phone_of

_ON_CALL = (AgentPhone.State.TALKING, AgentPhone.State.WRAPPING)


@dataclass(frozen=True, slots=True)
class Sure:
    """The level with what was checked; the last word on it in the log, and what may be chosen by who may say more."""

    level: Level
    items: Sequence[str]
    said: Event | None = None
    choices: Sequence[tuple[str, str, bool]] = ()

    @property
    def tone(self) -> str:
        """How loud it is."""
        return "good" if self.level >= Level.TWO else "warn" if self.level == Level.NONE else ""


def sure_of(case: Case) -> Sure:
    """How sure one is in a case. No query."""
    return Sure(level_of(case.checked), [str(one.label) for one in Checked if one in case.checked])


def said_of(case: Case, *, actor: Actor) -> Sure:
    """The same with who said so last and when, and the choices of who may say more. One query where it was said."""
    sure = sure_of(case)
    told = Event.objects.filter(case_id=case.pk, kind="case.changed", data__field="checked")
    may = policies.may_update(actor, case)
    choices = [(one.value, str(one.label), one in case.checked) for one in Checked] if may else []
    return Sure(sure.level, sure.items, told.order_by("-id").first() if case.checked else None, choices)


def sure_for(
    theirs: Order | Subscription | Reservation | None,
    act: Act | None,
    form: Mapping[str, str],
    *,
    case: Case | None = None,
    by: Actor,
) -> AbstractContextManager[None]:
    """Do within what the customer of `theirs` asks for, with the reason that was chosen where less was checked than is
    wanted; None is an act or a thing of which nothing is. Outside a case, who is on a call does it in the call's, be
    it another customer's. Raises as `as_sure_as_needed`.
    """
    if theirs is None or act is None:
        return nullcontext()
    where = {"company": theirs.company_id, "customer": theirs.customer_id}
    case = case or _called_in(theirs.company_id, by)
    return as_sure_as_needed(act, **where, case=case, because=form.get("because", ""), by=by)


def _called_in(company: int, by: Actor) -> Case | None:
    phone = phone_of(by.id) if by.id and by.kind is ActorKind.PERSON else None
    if phone is None or phone.state not in _ON_CALL or phone.role != AgentPhone.Role.TALKS:
        return None
    call = call_by_uid(phone.call)
    return case_of(call) if call and call.company_id == company else None
