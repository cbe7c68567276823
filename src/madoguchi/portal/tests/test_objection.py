"""A customer objects to a warning on the page of their case, and reads there what became of it."""

import pytest

from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import sign
from madoguchi.portal.tests.conftest import OPENED_AT, Visitor, all_rows, only_case, typed
from madoguchi.shield import appealing, marking
from madoguchi.shield.models import Appeal, Mark

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(visitor: Visitor, form_url: str) -> Case:
    visitor.send(form_url, typed())
    return only_case()


@pytest.fixture
def mark(case: Case, world: World) -> Mark:
    with world.ours.scope(), clock.held_at(OPENED_AT):
        return marking.mark(case, sort="abuse", words="怒鳴る", by=actor_of(world.ours.agent))


def test_whoever_was_warned_objects_and_reads_the_answer(
    visitor: Visitor, case: Case, mark: Mark, world: World
) -> None:
    page = f"/my/{sign(case.pk, case.company_id)}/"
    form = f"{page}objection/{mark.pk}/"
    # Of a mere suspicion nobody is told.
    assert visitor.open(form).status_code == 404
    assert "やり取りの仕方について" not in visitor.open(page).text
    with all_rows():
        Mark.objects.filter(pk=mark.pk).update(warned_at=OPENED_AT)
    assert form in visitor.open(page).text
    assert "怒鳴る" not in visitor.open(page).text

    empty = visitor.send(form, {"words": " ", "sending": ""})
    went = visitor.send(form, {"words": "怒鳴っていません", "sending": ""})
    again = visitor.send(form, {"words": "返事は?", "sending": ""})

    assert (empty.status_code, went.status_code, went["Location"]) == (422, 302, f"{page}#conduct")
    assert again.status_code == 422
    with all_rows():
        [made] = Appeal.objects.all()
    assert (made.words, made.entered_by_id) == ("怒鳴っていません", None)
    assert "2026年8月8日" in visitor.open(page).text
    with world.ours.scope(), clock.held_at(OPENED_AT):
        by = actor_of(world.ours.supervisor)
        appealing.decide_appeal(made, state="upheld", answer="変わりません。", by=by)
    assert "変わりません。" in visitor.open(page).text


def test_a_link_to_another_case_opens_no_objection(
    visitor: Visitor, case: Case, mark: Mark, form_url: str
) -> None:
    with all_rows():
        Mark.objects.filter(pk=mark.pk).update(warned_at=OPENED_AT)
        other = Case.objects.get(pk=case.pk)
        other.pk, other.number, other.reply_token = None, other.number + 1, "another"
        other.save()

    answer = visitor.send(
        f"/my/{sign(other.pk, other.company_id)}/objection/{mark.pk}/", {"words": "x", "sending": ""}
    )

    assert answer.status_code == 404
    with all_rows():
        assert not Appeal.objects.exists()
