"""Saying what a form asks."""

import pytest

from madoguchi.channels.webform.actions import shape_form
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind, shape_of
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


def question(name: str = "q1", label: str = "ご注文番号", **given: object) -> Question:
    values = {"kind": QuestionKind.TEXT, "required": False, "choices": (), **given}
    return Question(name=name, label=label, **values)  # type: ignore[arg-type]


@pytest.fixture
def form(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.FORM)


def test_what_is_said_is_what_is_asked(world: World, form: EntryPoint) -> None:
    by = actor_of(world.ours.company_manager)
    choice = question("q2", "ご用件", kind=QuestionKind.CHOICE, required=True, choices=("返品", " ", "交換"))
    shape = FormShape(
        title=" お問い合わせ ", introduction="ご記入ください。\r\n", questions=(choice, question())
    )
    with scope.acting_for(by.companies):
        shape_form(form, shape=shape, by=by)
        kept = shape_of(form.pk)
        (event,) = Event.objects.all()
    assert (kept.title, kept.introduction) == ("お問い合わせ", "ご記入ください。")
    assert [(q.label, q.required, q.choices) for q in kept.questions] == [
        ("ご用件", True, ("返品", "交換")),
        ("ご注文番号", False, ()),
    ]
    assert (event.kind, event.data["questions"]) == ("form.shaped", ["ご用件", "ご注文番号"])


def test_a_form_is_shaped_again_in_place(world: World, form: EntryPoint) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for(by.companies):
        shape_form(form, shape=FormShape(title="前", questions=(question(),)), by=by)
        shape_form(form, shape=FormShape(title="後", ask_phone=False), by=by)
        assert Form.objects.count() == 1
        assert shape_of(form.pk) == FormShape(title="後", ask_phone=False)


@pytest.mark.parametrize(
    "questions",
    [
        (question(label=" "),),
        (question(kind=QuestionKind.CHOICE, choices=("返品",)),),
        (question(kind=QuestionKind.CHOICE, choices=("返品", "返品")),),
        (question("a"), question("a")),
        tuple(question(f"q{n}") for n in range(21)),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(
    world: World, form: EntryPoint, questions: tuple[Question, ...]
) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for(by.companies):
        with pytest.raises(Refused):
            shape_form(form, shape=FormShape(title="題", questions=questions), by=by)
        assert not Form.objects.exists()
        assert not Event.objects.exists()


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_others_shape_no_form(world: World, form: EntryPoint, who: str) -> None:
    by = actor_of(getattr(world.ours, who))
    with scope.acting_for(by.companies):
        with pytest.raises(NotAllowed):
            shape_form(form, shape=FormShape(title="題"), by=by)
        assert not Form.objects.exists()


def test_a_mail_address_is_no_form(world: World) -> None:
    by = actor_of(world.ours.company_manager)
    with scope.acting_for(by.companies), pytest.raises(Refused):
        shape_form(world.ours.entry_point, shape=FormShape(title="題"), by=by)
