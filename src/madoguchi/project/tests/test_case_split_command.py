"""`madoguchi case split` and `unsplit`: what they do, say and refuse."""

from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, Split
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.project.tests.test_case_merge_command import MISAKI, answer, everything, number, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, subject="炊飯器", sender=MISAKI)


@pytest.fixture
def second(case: Case) -> Message:
    return say_again(case, text="鍋の蓋も届きません。")


def test_messages_go_into_a_new_case_and_back(world: World, case: Case, second: Message) -> None:
    one, who = number(case, world), world.ours.agent.email
    before = everything()

    said = answer("split", one, "--message", str(second.pk), "--subject", "鍋の蓋", "--as", who)

    with world.ours.scope():
        done = Split.objects.select_related("into__company").get()
    new = number(done.into, world)
    told: dict[str, Any] = {"case": one, "into": new, "subject": "鍋の蓋", "split": done.pk}
    assert said == told | {"messages": [second.pk], "undone": False}
    assert everything()[:2] == [(case.pk, "open", None, 1), (done.into_id, "open", None, 1)]

    assert answer("unsplit", new, "--as", who) == said | {"undone": True}
    assert everything() == [before[0], (done.into_id, "closed", case.pk, 0), *before[1:]]


def test_in_words(world: World, case: Case, second: Message) -> None:
    one, who = number(case, world), world.ours.agent.email
    chosen = ("split", one, "--message", str(second.pk), "--as", who)

    looked, done = run(*chosen, "--check"), run(*chosen)

    new = f"{world.ours.company.prefix}-{case.number + 1}"
    assert looked.output == f"Would go into a new case: 1 messages of {one}\n"
    assert done.output == f"Went into {new}: 1 messages of {one}\n"
    assert run("unsplit", new, "--as", who).output == f"Back in {one}: 1 messages of {new}\n"


def test_looking_first_changes_nothing(world: World, case: Case, second: Message) -> None:
    one, who = number(case, world), world.ours.agent.email
    before = everything()

    said = answer("split", one, "--message", str(second.pk), "--as", who, "--check")

    assert everything() == before
    assert said == {
        "case": one,
        "into": None,
        "subject": second.subject,
        "split": None,
        "messages": [second.pk],
        "files": 0,
        "on_its_way": 0,
        "afterwards": {"case": "open", "into": "open"},
    }


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_the_whole_case_is_refused(world: World, case: Case, second: Message, check: tuple[str, ...]) -> None:
    with world.ours.scope():
        ids = [str(m.pk) for m in Message.objects.all()]
    before = everything()

    result = run(
        *("split", number(case, world), "--message", ids[0], "--message", ids[1]),
        *("--as", world.ours.agent.email, *check),
    )

    assert isinstance(result.exception, Refused)
    assert "1つ以上残してください" in str(result.exception)
    assert everything() == before


@pytest.mark.parametrize(
    ("side", "who", "error"), [("ours", "company_staff", NotAllowed), ("theirs", "agent", NotFound)]
)
def test_with_their_rights_and_no_more(
    world: World, case: Case, second: Message, side: str, who: str, error: type[Exception]
) -> None:
    before = everything()
    person = getattr(getattr(world, side), who)

    result = run("split", number(case, world), "--message", str(second.pk), "--as", person.email)

    assert isinstance(result.exception, error)
    assert everything() == before


def test_what_was_never_split_off_is_refused(world: World, case: Case) -> None:
    result = run("unsplit", number(case, world), "--as", world.ours.agent.email)

    assert isinstance(result.exception, Refused)
    assert "元に戻すものはありません" in str(result.exception)


def test_which_messages_must_be_said(world: World, case: Case) -> None:
    assert run("split", number(case, world), "--as", world.ours.agent.email).exit_code == 2
