"""Saying what a form asks."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.webform.events import FormShaped
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.policies import may_set_up_desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line

MOST_QUESTIONS = 20


@transaction.atomic
def shape_form(point: EntryPoint, *, shape: FormShape, by: Actor) -> Form:
    """Set the title, the introduction and the extra questions of an entry point's form.

    Raises NotAllowed, or Refused for an entry point that is no form, too many questions, a question without
    words, or a choice with fewer than two answers.
    """
    if not may_set_up_desk(by, company=point.company_id, desk=point.desk_id):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.FORM:
        raise Refused(_("This entry point is no form."))
    fields = {
        "company_id": point.company_id,
        "title": one_line(shape.title, most=200),
        "introduction": clean(shape.introduction).strip(),
        "fields": _as_rows(shape.questions),
        "ask_phone": shape.ask_phone,
        "take_files": shape.take_files,
    }
    before = Form.objects.filter(entry_point=point).values(*fields).first()
    form, _new = Form.objects.update_or_create(entry_point=point, defaults=fields)
    fact = FormShaped(
        company=point.company_id,
        desk=point.desk_id,
        entry_point=point.pk,
        title=form.title,
        questions=[row["label"] for row in form.fields],
    )
    record(fact, by=by, words=difference(before, fields))
    return form


def _as_rows(questions: Sequence[Question]) -> list[dict[str, Any]]:
    if len(questions) > MOST_QUESTIONS:
        raise Refused(_("A form takes 20 questions of its own at most."), field="questions")
    rows = [_as_row(question) for question in questions]
    if len({row["name"] for row in rows}) < len(rows):
        raise Refused(_("Two questions have the same name."), field="questions")
    return rows


def _as_row(question: Question) -> dict[str, Any]:
    label = one_line(question.label, most=200)
    choices = [choice for choice in (one_line(c, most=200) for c in question.choices) if choice]
    if not label:
        raise Refused(_("Each question needs its words."), field="questions")
    if question.kind == QuestionKind.CHOICE and len(set(choices)) < 2:
        raise Refused(_("“%s” needs at least two answers to choose from.") % label, field="questions")
    asked = choices if question.kind == QuestionKind.CHOICE else []
    return {**asdict(question), "label": label, "kind": str(question.kind), "choices": asked}
