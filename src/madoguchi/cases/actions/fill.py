"""What a desk wants to know of a case: values of its fields, and of which kind the matter is."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions.change import require_update, write
from madoguchi.cases.events import CaseFilled, MatterChosen, ProposalJudged
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.fields.models import Field
from madoguchi.fields.policies import may_fill
from madoguchi.fields.references import reference_named
from madoguchi.fields.values import REFERENCES, asked, read_value, say_value, was_taken
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import one_line


@transaction.atomic
def fill(case: Case, *, field: int, written: str, by: Actor, seen: str | None = None) -> None:
    """Write down one thing that the desk wants to know; nothing written takes it away.

    `seen` is the value that its writer saw there. Raises NotAllowed, also for data that the writer is not to see,
    Refused for what the field does not take or is not asked of this case, and Conflict where it changed meanwhile.
    """
    require_update(by, case)
    found = _asked(case, field)
    if not may_fill(found.holds, by.data_scope(company=case.company_id)):
        raise NotAllowed(Permission.CASE_UPDATE)
    before = case.filled.get(found.key)
    after = _read(found, written, by)
    if after == before:
        return
    if seen is not None and seen != say_value(found, before):
        words = _(
            "%(label)s was changed meanwhile. Look at what stands there now, and write it again if need be."
        )
        raise Conflict(words % {"label": found.label})
    rest = {key: value for key, value in case.filled.items() if key != found.key}
    filled = rest if after is None else rest | {found.key: after}
    write(case, _told(case, found, before, after), by=by, filled=filled)
    if found.meaning == Field.Meaning.TAKEN:
        record(ProposalJudged(**case.where, taken=was_taken(found, after)), by=by)


@transaction.atomic
def choose_matter(case: Case, *, to: int | None, by: Actor, seen: int | str | None = "") -> None:
    """Say of which kind the matter is, or (None) of none. Values stay, whether the new kind asks for them or not.

    Raises NotAllowed, Refused for a kind that the desk does not offer, Conflict where it is not `seen` any more.
    """
    require_update(by, case)
    wanted = asked_of(case)
    offered = {one.pk: one for one in wanted.matters}
    if case.matter_id == to:
        return
    if to is not None and to not in offered:
        raise Refused(_("Choose one of the list."), field="matter")
    if seen not in ("", case.matter_id):
        raise Conflict(_("The kind of matter was changed meanwhile. Look at it again."))
    before, after = wanted.matter, offered.get(to or 0)
    fact = MatterChosen(
        **case.where,
        before=case.matter_id,
        after=to,
        before_name=before.name if before else "",
        after_name=after.name if after else "",
    )
    write(case, fact, by=by, matter_id=to)


def _asked(case: Case, field: int) -> Field:
    found = next((one for one in asked(asked_of(case).form, case.filled) if one.pk == field), None)
    if found is None:
        raise Refused(_("This is not asked of the case any more. Load the page again."), field=str(field))
    return found


def _read(field: Field, written: str, by: Actor) -> Any:
    if field.kind in REFERENCES and one_line(written):
        return reference_named(field, one_line(written), actor=by)
    return read_value(field, written)


def _told(case: Case, field: Field, before: Any, after: Any) -> CaseFilled:
    """What is told of a change. The log outlives what a customer may have forgotten: of their data it tells no more
    than that it changed."""
    told = {"before": None, "after": None} if field.holds else {"before": before, "after": after}
    return CaseFilled(
        **case.where, field=field.pk, label=field.label, of=field.kind, holds=field.holds, **told
    )
