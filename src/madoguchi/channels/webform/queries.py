"""Forms, as those who show them ask for them."""

from dataclasses import dataclass
from enum import StrEnum

from madoguchi.channels.webform.models import Form


class QuestionKind(StrEnum):
    """How a configured question is answered."""

    TEXT = "text"
    TEXTAREA = "textarea"
    CHOICE = "choice"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One configured question of a form."""

    name: str
    label: str
    kind: QuestionKind
    required: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormShape:
    """What a form asks and says. An empty title leaves it to the page to name itself."""

    title: str = ""
    introduction: str = ""
    questions: tuple[Question, ...] = ()
    ask_phone: bool = True
    take_files: bool = True


def shape_of(entry_point: int) -> FormShape:
    """The form configured for an entry point; a plain one where nobody configured any."""
    form = Form.objects.filter(entry_point_id=entry_point).first()
    if form is None:
        return FormShape()
    return FormShape(
        title=form.title,
        introduction=form.introduction,
        questions=tuple(_question(place, row) for place, row in enumerate(form.fields, start=1)),
        ask_phone=form.ask_phone,
        take_files=form.take_files,
    )


def _question(place: int, row: dict[str, object]) -> Question:
    kind = str(row.get("kind", ""))
    choices = row.get("choices")
    return Question(
        name=str(row.get("name") or place),
        label=str(row.get("label") or row.get("name") or place),
        kind=QuestionKind(kind) if kind in set(QuestionKind) else QuestionKind.TEXT,
        required=bool(row.get("required")),
        choices=tuple(str(c) for c in choices) if isinstance(choices, list) else (),
    )
