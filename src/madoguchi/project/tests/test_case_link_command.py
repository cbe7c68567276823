"""`madoguchi case link`, `unlink` and `duplicates`: what they do, say and refuse."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, CaseLink
from madoguchi.infra import scope
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import MadoguchiError, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
run, answer = Shell(command).run, Shell(command).answer


@pytest.fixture
def numbers(world: World) -> tuple[str, str]:
    made: list[Case] = [make_case(world.ours.entry_point, subject=words) for words in ("炊飯器", "本部")]
    one, other = (case.spoken_number(world.ours.company.prefix) for case in made)
    return one, other


def standing() -> list[str]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(CaseLink.objects.filter(removed_at=None).values_list("kind", flat=True))


def test_two_are_linked_shown_and_parted(world: World, numbers: tuple[str, str]) -> None:
    one, other = numbers
    person = ("--as", world.ours.agent.email)

    made = answer("link", one, "parent", other, *person)
    assert made == {"case": one, "kind": "parent", "other": other, "link": made["link"]}

    [shown] = answer("show", one)["links"]
    assert shown == {
        "kind": "parent",
        "case": other,
        "subject": "本部",
        "status": "new",
        "desk": world.ours.desk.name,
        "link": made["link"],
    }
    assert [tie["kind"] for tie in answer("show", other)["links"]] == ["child"]

    gone = run("unlink", other, "child", one, *person)
    assert (gone.exit_code, gone.output) == (0, f"{other}: no longer child {one}\n")
    assert (answer("show", one)["links"], standing()) == ([], [])


@pytest.mark.parametrize(
    ("who", "kind", "other", "error"),
    [
        ("agent", "parent", "itself", Refused),
        ("agent", "parent", "ZZ-1", NotFound),
        ("stranger", "parent", "other", NotFound),
        ("company_staff", "parent", "other", NotAllowed),
    ],
)
def test_what_is_refused_links_nothing(
    world: World, numbers: tuple[str, str], who: str, kind: str, other: str, error: type[MadoguchiError]
) -> None:
    one, second = numbers
    person = world.theirs.agent if who == "stranger" else getattr(world.ours, who)

    result = run("link", one, kind, {"itself": one, "other": second}.get(other, other), "--as", person.email)

    assert isinstance(result.exception, error)
    assert standing() == []


def test_what_is_not_linked_cannot_be_parted(world: World, numbers: tuple[str, str]) -> None:
    one, other = numbers
    answer("link", one, "cause", other, "--as", world.ours.agent.email)

    result = run("unlink", one, "effect", other, "--as", world.ours.agent.email)

    assert result.exit_code == 1
    assert f"{other} is no effect of {one}." in result.output
    assert standing() == ["cause"]


def test_pairs_that_may_be_one_are_listed_desk_by_desk(world: World) -> None:
    sender = Party("misaki@home.example", "髙橋 美咲")
    made = [make_case(world.ours.entry_point, sender=sender, subject="炊飯器") for _ in range(2)]
    older, younger = (case.spoken_number(world.ours.company.prefix) for case in made)

    [pair] = answer("duplicates")
    assert (pair["case"], pair["other"], pair["score"], pair["same_subject"]) == (younger, older, 100, True)
    assert pair["desk"] == world.ours.desk.name
    assert answer("duplicates", "--desk", world.ours.desk.name) == [pair]
    assert answer("duplicates", "--desk", str(world.theirs.desk.pk)) == []
    assert run("duplicates", "--desk", "どこにもない窓口").exit_code == 2
