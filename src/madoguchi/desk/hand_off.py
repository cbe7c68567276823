"""Asking for words to whoever has the case next, filled in beforehand as far as the case tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions import HandOffWords
from madoguchi.cases.models import Case, HandOff, Status
from madoguchi.desk.promising import in_words
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.errors import Refused
from madoguchi.people.queries import staff_of_desk
from madoguchi.tasks.queries import open_tasks_of

LINES = ("reason", "summary", "next_step", "promises")
_BY_ID = PreparedQuery(
    lambda: HandOff.objects.filter(id__among=Slot("ids")).select_related("user", "to_user", "to_desk")
)


@dataclass(frozen=True, slots=True)
class Asking:
    """The form: for which change (`name`=`value`, sent to `url`), with these words; a transfer asks for more. `tasks`
    are not done yet, `absent` asks about who is not here; where no words are wanted, they are all that is asked about.
    """

    url: str
    back: str
    name: str
    value: str
    title: str
    words: HandOffWords
    transfer: bool
    tasks: Sequence[str] = ()
    absent: Sequence[tuple[str, str]] = ()
    wants_words: bool = True


def asking(
    case: Case,
    *,
    occasion: HandOff.Occasion,
    form: Mapping[str, str],
    field: str,
    to: str = "",
    tasks: Sequence[str] = (),
) -> Asking:
    """What is asked before a change that `field` of the form says; `to` is who or which desk gets the case, `tasks` is
    what is not done when it is solved.
    """
    number = case.spoken_number(case.company.prefix)
    url = reverse("desk:assign" if field == "to" else f"desk:{field}", args=[number])
    transfer = occasion != HandOff.Occasion.CLOSING
    title = _("Hand over to %(whom)s") % {"whom": to or _("whoever takes it")}
    return Asking(
        url=url,
        back=reverse("desk:case", args=[number]),
        name=field,
        value=form.get(field, ""),
        title=title if transfer else _("Before it is solved"),
        words=beforehand(case),
        transfer=transfer,
        tasks=tasks,
    )


def still_to_do(form: Mapping[str, str], case: Case) -> list[str]:
    """What is not done in a case that is to be solved, and nobody has yet been shown. One query."""
    return [] if "hand_off" in form else [task.title for task in open_tasks_of(case)]


def name_at_desk(case: Case, person: int | None) -> str:
    """What somebody who works at the case's desk is called; empty for nobody. Raises Refused for a stranger."""
    if person is None:
        return ""
    found = staff_of_desk(case.desk_id, company=case.company_id).filter(pk=person).first()
    if found is None:
        raise Refused(_("This person does not work at this desk."), field="assignee")
    return found.name


def words_in(form: Mapping[str, str]) -> HandOffWords | None:
    """The words of a form that was asked for and filled in; None without any."""
    if "hand_off" not in form or "without" in form:
        return None
    return HandOffWords(*(form.get(line, "") for line in LINES))


def still_to_ask(form: Mapping[str, str], case: Case, occasion: HandOff.Occasion) -> bool:
    """Whether the desk wants words and nobody has yet been asked for them."""
    return "hand_off" not in form and policies.asks_for_words(case, occasion)


def beforehand(case: Case) -> HandOffWords:
    """What can be known without asking: what was handed on last, else what the case is about and whose turn it is."""
    last = last_of(case)
    return HandOffWords(
        summary=last.summary if last else case.subject,
        next_step=_NEXT.get(Status(case.status), _to_answer)(),
        promises=in_words(case) or (last.promises if last else ""),
    )


def last_of(case: Case) -> HandOff | None:
    """What was handed on last with this case. One query where there is any."""
    return _BY_ID.first({"ids": [case.hand_off_id]}) if case.hand_off_id else None


def of_events(ids: list[int]) -> dict[int, HandOff]:
    """Those that the conversation tells of. One query where there are any."""
    return {row.pk: row for row in _BY_ID.rows({"ids": ids})} if ids else {}


def _to_answer() -> str:
    return _("Answer the customer.")


def _to_wait() -> str:
    return _("Wait for the customer's answer.")


def _to_ask_third() -> str:
    return _("Wait for the third party's answer, then tell the customer.")


def _nothing() -> str:
    return ""


_NEXT = {
    Status.WAITING_CUSTOMER: _to_wait,
    Status.WAITING_THIRD: _to_ask_third,
    Status.SOLVED: _nothing,
    Status.CLOSED: _nothing,
}
