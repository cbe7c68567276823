"""The shape of a form, as it is shown."""

from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind, shape_of
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.channel import Channel


def test_a_form_nobody_configured_asks_the_plain_things(world):
    point = make_entry_point(world.ours.desk, kind=Channel.FORM)

    with world.ours.scope():
        assert shape_of(point.pk) == FormShape()


def test_a_configured_form_asks_its_questions_in_order(world):
    point = make_entry_point(world.ours.desk, kind=Channel.FORM)
    rows = [
        {"name": "order", "label": "注文番号", "kind": "text", "required": True},
        {"name": "what", "label": "症状", "kind": "choice", "required": False, "choices": ["音", "色"]},
    ]
    with world.ours.scope():
        Form.objects.create(
            company_id=point.company_id, entry_point=point, title="修理", fields=rows, ask_phone=False
        )

        shape = shape_of(point.pk)

    assert shape == FormShape(
        title="修理",
        ask_phone=False,
        questions=(
            Question(name="order", label="注文番号", kind=QuestionKind.TEXT, required=True, choices=()),
            Question(
                name="what", label="症状", kind=QuestionKind.CHOICE, required=False, choices=("音", "色")
            ),
        ),
    )


def test_half_a_question_is_still_a_question(world):
    point = make_entry_point(world.ours.desk, kind=Channel.FORM)
    rows = [{}, {"label": "何か", "kind": "hologram", "choices": "no list"}]
    with world.ours.scope():
        Form.objects.create(company_id=point.company_id, entry_point=point, title="", fields=rows)

        shape = shape_of(point.pk)

    assert shape.questions == (
        Question(name="1", label="1", kind=QuestionKind.TEXT, required=False, choices=()),
        Question(name="2", label="何か", kind=QuestionKind.TEXT, required=False, choices=()),
    )


def test_another_companys_form_is_not_there(world):
    point = make_entry_point(world.theirs.desk, kind=Channel.FORM)
    with world.theirs.scope():
        Form.objects.create(company_id=point.company_id, entry_point=point, title="他社の様式")

    with world.ours.scope():
        assert shape_of(point.pk) == FormShape()
