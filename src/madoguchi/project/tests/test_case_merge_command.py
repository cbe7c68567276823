"""`madoguchi case merge` and `unmerge`: what they do, say and refuse."""

from typing import Any

import pytest

from madoguchi.cases.actions import add_note, claim_reply
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Merge, Message
from madoguchi.infra import scope
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import MadoguchiError, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
run, answer = Shell(command).run, Shell(command).answer


@pytest.fixture
def older(world: World) -> Case:
    return make_case(world.ours.entry_point, subject="炊飯器", sender=MISAKI)


@pytest.fixture
def younger(world: World, older: Case) -> Case:
    made = make_case(world.ours.entry_point, subject="炊飯器 2", sender=MISAKI)
    say_again(made)
    return made


def number(case: Case, world: World) -> str:
    return case.spoken_number(world.ours.company.prefix)


def everything() -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        cases = [(c.pk, c.status, c.continued_in_id, c.message_count) for c in Case.objects.order_by("pk")]
        return cases + [(m.pk, m.case_id) for m in Message.objects.order_by("pk")]


class TestMerge:
    def test_it_goes_on_in_the_other_and_says_by_which_merge(
        self, world: World, older: Case, younger: Case
    ) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            add_note(younger, text="部品待ち", by=agent)
        one, other, who = number(younger, world), number(older, world), world.ours.agent.email

        said = answer("merge", one, "--into", other, "--as", who)

        with world.ours.scope():
            merged = Merge.objects.get()
        told = {"case": one, "into": other, "merge": merged.pk, "messages": 2, "notes": 1, "undone": False}
        assert said == told
        assert (merged.case_id, merged.into_id, merged.user_id) == (younger.pk, older.pk, agent.id)
        assert everything()[:2] == [(older.pk, "new", None, 3), (younger.pk, "closed", older.pk, 0)]

    def test_in_words(self, world: World, older: Case, younger: Case) -> None:
        one, other, who = number(younger, world), number(older, world), world.ours.agent.email

        result = run("merge", one, "--into", other, "--as", who)

        assert result.output == f"Goes on in {other}: {one}, 2 messages, 0 notes\n"

    def test_looking_first_changes_nothing(self, world: World, older: Case, younger: Case) -> None:
        before = everything()
        one, other, who = number(younger, world), number(older, world), world.ours.agent.email

        said = answer("merge", one, "--into", other, "--as", who, "--check")

        assert everything() == before
        assert said == {
            "case": one,
            "into": other,
            "merge": None,
            "messages": 2,
            "notes": 0,
            "files": 0,
            "on_its_way": 0,
            "afterwards": {"status": "new", "priority": 2, "tags": []},
            "warnings": [],
        }

    @pytest.mark.parametrize("check", [(), ("--check",)])
    def test_what_may_not_be_is_refused_with_what_to_do_first(
        self, world: World, older: Case, younger: Case, check: tuple[str, ...]
    ) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            claim_reply(younger, by=agent)
        before = everything()

        result = run(
            *("merge", number(younger, world), "--into", number(older, world)),
            *("--as", world.ours.supervisor.email, *check),
        )

        assert isinstance(result.exception, Refused)
        assert "送信するか破棄してから統合してください。" in str(result.exception)
        assert everything() == before

    @pytest.mark.parametrize(
        ("side", "who", "error"),
        [("ours", "company_manager", NotAllowed), ("theirs", "agent", NotFound)],
    )
    def test_with_their_rights_and_no_more(
        self,
        world: World,
        older: Case,
        younger: Case,
        side: str,
        who: str,
        error: type[MadoguchiError],
    ) -> None:
        before = everything()
        person = getattr(getattr(world, side), who)

        result = run("merge", number(younger, world), "--into", number(older, world), "--as", person.email)

        assert isinstance(result.exception, error)
        assert everything() == before

    def test_a_number_that_is_none_is_named(self, world: World, younger: Case) -> None:
        result = run("merge", number(younger, world), "--into", "ZZ-9", "--as", world.ours.agent.email)

        assert str(result.exception) == (
            f"There is no case ZZ-9 that {world.ours.agent.name} may see. "
            "`madoguchi case list` has the numbers."
        )

    def test_who_and_into_which_must_be_said(self, world: World, younger: Case) -> None:
        one = number(younger, world)
        assert run("merge", one, "--into", one).exit_code == 2
        assert run("merge", one, "--as", world.ours.agent.email).exit_code == 2
        assert run("merge", one, "--into", one, "--as", "nobody@x.example").exit_code == 2


class TestUnmerge:
    def test_both_are_as_they_were(self, world: World, older: Case, younger: Case) -> None:
        one, other, who = number(younger, world), number(older, world), world.ours.agent.email
        before = everything()
        merged = answer("merge", one, "--into", other, "--as", who)

        said = answer("unmerge", one, "--as", who)

        assert said == merged | {"undone": True}
        assert everything() == before

    def test_in_words(self, world: World, older: Case, younger: Case) -> None:
        one, other, who = number(younger, world), number(older, world), world.ours.agent.email
        run("merge", one, "--into", other, "--as", who)

        result = run("unmerge", one, "--as", who)

        assert result.output == f"{one}: a case of its own again, out of {other}\n"

    def test_what_was_never_merged_is_refused(self, world: World, older: Case, younger: Case) -> None:
        before = everything()

        result = run("unmerge", number(younger, world), "--as", world.ours.agent.email)

        assert isinstance(result.exception, Refused)
        assert str(result.exception) == "この用件は、別の用件に統合されていません。元に戻すものはありません。"
        assert everything() == before

    def test_who_may_not_change_cases_may_not_undo(self, world: World, older: Case, younger: Case) -> None:
        one, other = number(younger, world), number(older, world)
        run("merge", one, "--into", other, "--as", world.ours.agent.email)
        before = everything()

        result = run("unmerge", one, "--as", world.ours.company_staff.email)

        assert isinstance(result.exception, NotAllowed)
        assert everything() == before
