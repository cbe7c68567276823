"""Warning, and ending a talk because of its manner, with a second person's consent. The matter goes on elsewhere."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.filling import filled
from madoguchi.cases.models import Case, Message
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Problems, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.knowledge.likeness import likeness
from madoguchi.people.second import refuse_own_hands
from madoguchi.shield import policies
from madoguchi.shield.caring import look_after
from madoguchi.shield.conduct import quotation
from madoguchi.shield.events import CustomerWarned, StopAsked, StopDecided, StopLifted
from madoguchi.shield.models import Mark, Sort, Stop
from madoguchi.shield.queries import home_of, terms_of, ways_on

# Nobody has to warn first who is threatened or molested.
AT_ONCE = (Sort.THREAT, Sort.SEXUAL)
_READER = system("shield")


def words_for(one: Mark, *, what: str, actor: Actor) -> str:
    """The company's approved words (`warning` or `ending`) for a case, to be proposed in the composer; a warning quotes
    the policy that customers can read. Raises NotFound for other words, and Refused with what to do where the company
    has approved none.
    """
    if what not in ("warning", "ending"):
        raise NotFound(what)
    terms = terms_of(one.company_id)
    text = terms.warning if what == "warning" else terms.ending
    if not text or terms.approved != terms.version:
        raise Refused(
            _(
                "These words are not approved yet, so they cannot be put in. Call a senior (E), or ask the"
                " administrator for the approval."
            )
        )
    case = home_of(one.case)
    quoted = quotation(case.company, language=case.language) if what == "warning" else ""
    return "\n\n".join(filter(None, (filled(case, text, actor=actor), quoted)))


@transaction.atomic
def note_warning(message: int) -> None:
    """Note of a message of ours that it warned, where it holds the approved words; harmless to repeat."""
    said = Message.objects.select_related("case__continued_in").filter(pk=message).first()
    if said is None or said.author != Message.Author.STAFF:
        return
    terms, case = terms_of(said.company_id), home_of(said.case)
    if not terms.warning or terms.approved != terms.version or not likeness(terms.warning, said.text).is_used:
        return
    open_marks = Mark.objects.filter(case=case, warned_at=None, marked_at__lte=said.at)
    for one in open_marks.exclude(state=Mark.State.CLEARED).order_by("id"):
        if Mark.objects.filter(pk=one.pk, warned_at=None).update(warning=said, warned_at=said.at):
            record(CustomerWarned(**case.where, mark=one.pk, message=said.pk), by=_READER)


@transaction.atomic
def ask_stop(one: Mark, *, onward: str, reason: str, by: Actor) -> Stop:
    """Ask that the talk be ended and say how the matter goes on.

    Raises NotAllowed; Refused for no reason, where we have not warned, and for a way by which the customer cannot be
    reached; Conflict where it is asked already or the mark was cleared.
    """
    case = home_of(one.case)
    if not policies.may_work(by, case) or by.id is None:
        raise NotAllowed(Permission.CASE_UPDATE)
    one.refresh_from_db(fields=["state", "warned_at"])
    if one.state == Mark.State.CLEARED:
        raise Conflict(_("It was found that this is no harassment. The talk goes on."))
    if one.warned_at is None and one.sort not in AT_ONCE:
        raise Refused(
            _("Warn first: the customer must have had the chance to go on in another manner."), field="onward"
        )
    said = blot_card_numbers(one_line(reason, most=500))
    words = _("The customer cannot be reached by this way. Choose another one: the matter must go on.")
    wrong = Problems()
    wrong.unless(onward in ways_on(case), words, "onward")
    wrong.unless(bool(said), _("Write why the talk cannot go on."), "reason")
    wrong.end()
    with unique(_("This is asked already."), field="onward"):
        made = Stop.objects.create(
            company_id=case.company_id,
            mark=one,
            channel=one.contact.channel if one.contact else case.channel,
            onward=onward,
            reason=said,
            asked_by_id=by.id,
            asked_at=clock.now(),
        )
    record(StopAsked(**_about(made, case), onward=onward), by=by)
    return made


@transaction.atomic
def decide_stop(stop: Stop, *, agreed: bool, words: str = "", by: Actor) -> None:
    """Agree that a talk is ended, or not. The case stays as it is, and whom it met is looked after.

    Raises NotAllowed for who does not lead the desk, and for who has asked or was met; Refused where a refusal has no
    reason, and for who agrees with whoever gave them their access lately; Conflict where it is decided.
    """
    case = home_of(stop.mark.case)
    if not policies.may_lead(by, case) or by.id in (stop.asked_by_id, stop.mark.person_id):
        raise NotAllowed(Permission.CASE_APPROVE)
    if agreed:
        refuse_own_hands(by, stop.asked_by_id, company=case.company_id, field="words")
    said = blot_card_numbers(one_line(words, most=500))
    if not agreed and not said:
        raise Refused(_("Say why the talk is to go on, and who takes it over."), field="words")
    state = Stop.State.AGREED if agreed else Stop.State.REFUSED
    there = Stop.objects.filter(pk=stop.pk, state=Stop.State.ASKED)
    if not there.update(state=state, second=by.id, second_at=clock.now(), second_words=said):
        raise Conflict(_("Somebody was faster. Look again."))
    record(StopDecided(**_about(stop, case), state=state, onward=stop.onward), by=by)
    if agreed:
        look_after(stop.mark, by=by)


@transaction.atomic
def lift_stop(stop: Stop, *, by: Actor) -> bool:
    """Let the customer talk with us by that way again; whether that is news. Raises NotAllowed."""
    case = home_of(stop.mark.case)
    if not policies.may_lead(by, case):
        raise NotAllowed(Permission.CASE_APPROVE)
    there = Stop.objects.filter(pk=stop.pk, state=Stop.State.AGREED, lifted_at=None)
    if not there.update(lifted_at=clock.now()):
        return False
    record(StopLifted(**_about(stop, case)), by=by)
    return True


def _about(stop: Stop, case: Case) -> dict[str, Any]:
    return {**case.where, "mark": stop.mark_id, "stop": stop.pk}
