"""`madoguchi heal` brings what an earlier version stored under the rules of this one."""

import pytest
from click.testing import CliRunner

from madoguchi.cases.actions import add_note
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Note
from madoguchi.customers.models import Customer
from madoguchi.infra import healing, scope
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli import heal as heal_command
from madoguchi.project.cli.heal import heal as command
from madoguchi.search import queries
from madoguchi.search.factories import index_everything
from madoguchi.search.models import Document

pytestmark = pytest.mark.django_db
CARD, BLOTTED = "4111 1111 1111 1111", "■■■■ ■■■■ ■■■■ 1111"


@pytest.fixture
def old(world: World) -> Case:
    """A case as it was stored before, and one beside it that is right."""
    sender = Party("misaki@home.example", "髙橋 美咲")
    old, right = (make_case(world.ours.entry_point, sender=sender, text="番号の件") for _ in range(2))
    with world.ours.scope():
        note = add_note(old, text="控え", by=actor_of(world.ours.agent))
        Message.objects.filter(case=old).update(text=f"番号は{CARD}です", new_text=f"番号は{CARD}")
        Note.objects.filter(pk=note.pk).update(text=CARD)
        Case.objects.filter(pk=old.pk).update(subject=f"件 {CARD}", preview=CARD)
        Customer.objects.filter(pk=old.customer_id).update(name="misaki@home.example", memo=CARD)
        assert right.customer_id == old.customer_id
    index_everything()
    return old


def run() -> tuple[int, str]:
    result = CliRunner().invoke(command, [])
    assert result.exception is None, result.exception
    return result.exit_code, result.stdout


def stored(case: Case) -> list[str]:
    with scope.everywhere(reason="a test looks at what is stored"):
        case.refresh_from_db()
        message, note = Message.objects.get(case=case), Note.objects.get(case=case)
        customer = Customer.objects.get(pk=case.customer_id)
    return [
        case.subject,
        case.preview,
        message.text,
        message.new_text,
        note.text,
        customer.name,
        customer.memo,
    ]


def test_what_was_stored_before_is_blotted_once(
    world: World, old: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(healing, "STEP", 1)
    told = "Customer: {0} changed\nMessage: {0} changed\nNote: {0} changed\nCase: {0} changed\n"

    assert run() == (0, told.format(1))

    assert stored(old) == [
        f"件 {BLOTTED}",
        BLOTTED,
        f"番号は{BLOTTED}です",
        f"番号は{BLOTTED}",
        BLOTTED,
        "",
        BLOTTED,
    ]
    assert run() == (0, told.format(0))


def test_it_is_found_by_it_no_more(world: World, old: Case) -> None:
    def found(text: str) -> list[int]:
        with world.ours.scope():
            page = queries.search(text, actor=actor_of(world.ours.agent), desks=[world.ours.desk])
            return [hit.case for hit in page.hits]

    assert old.pk in found("411111111111")

    run()

    assert found("411111111111") == []
    assert found("番号は■") == [old.pk]
    with scope.everywhere(reason="a test looks into the index"):
        assert not Document.objects.filter(text__contains="41111111").exists()


def test_what_cannot_be_indexed_is_left_for_the_next_run(
    world: World, old: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next run would find nothing wrong any more, and the case be found by its card number for ever."""
    before = stored(old)
    with monkeypatch.context() as stopped, pytest.raises(OSError, match="killed"):
        stopped.setattr(heal_command, "index", _interrupted)
        CliRunner().invoke(command, [], catch_exceptions=False)

    assert stored(old) == before
    run()
    assert stored(old) != before


def _interrupted(**_: object) -> None:
    raise OSError("killed")


def test_without_anything_there_it_has_nothing_to_say(world: World) -> None:
    assert run() == (0, "\n")
