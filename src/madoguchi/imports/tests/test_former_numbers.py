"""What a case was called in the system that it came from is kept, shown, and leads to it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from madoguchi.cases.actions import merge
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.queries import desks_of
from madoguchi.imports.actions.target import Target
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, run
from madoguchi.imports.sources import Asked
from madoguchi.imports.tests.formats import FORMATS
from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell
from madoguchi.search.queries import search

pytestmark = pytest.mark.django_db
SHELL = Shell(command)
NUMBERS = {
    "csv": ["35", "36"],
    "zendesk, exported": ["#35", "#36"],
    "freshdesk": ["#35", "#36"],
    "zammad": ["#96035", "#96036"],
    "osticket": ["#600035", "#600036"],
}


def bring(format_: str, folder: Path, target: Target, *, change: Callable[[str], str] = str) -> None:
    system, made = FORMATS[format_]
    paths = made(folder)
    if change is not str:
        paths[0].write_text(change(paths[0].read_text(encoding="utf-8")), encoding="utf-8")
    run(SOURCES[system](paths, Asked()), target, report=Report(None), progress=lambda _n: None)


def found(world: World, text: str) -> list[str]:
    actor = actor_of(world.ours.agent)
    with scope.acting_for(actor.companies):
        hits = search(text, actor=actor, desks=desks_of(actor)).hits
        subjects = dict(Case.objects.values_list("pk", "subject"))
        return [subjects[hit.case] for hit in hits]


@pytest.mark.parametrize("format_", NUMBERS)
def test_it_is_kept_and_found(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    bring(format_, tmp_path, target)

    with world.ours.scope():
        assert (
            list(Case.objects.order_by("opened_at").values_list("former_number", flat=True))
            == NUMBERS[format_]
        )
    first, second = NUMBERS[format_]
    assert found(world, first) == found(world, first.lstrip("#")) == ["届きません"]
    assert found(world, second) == ["色"]


def test_the_very_number_comes_before_words_like_it(world: World, target: Target, tmp_path: Path) -> None:
    bring("zendesk, exported", tmp_path, target)
    bring("zendesk, exported", tmp_path, Target(target.point, "there:2", target.importer), change=_twisted)

    assert found(world, "35") == ["届きません", "35番の件"]
    assert found(world, "#235") == ["35番の件"]


def _twisted(text: str) -> str:
    first = text.splitlines()[0]
    return first.replace('"id": 35', '"id": 235').replace("届きません", "35番の件")


def test_the_page_shows_it_and_only_where_there_is_one(
    world: World, target: Target, tmp_path: Path, client: Client
) -> None:
    bring("zendesk, exported", tmp_path, target)
    own = make_case(world.ours.entry_point)
    client.force_login(world.ours.agent)
    with world.ours.scope():
        came = Case.objects.get(subject="届きません")

    pages = [
        client.get(f"/cases/{one.spoken_number(world.ours.company.prefix)}/").content.decode()
        for one in (came, own)
    ]

    assert "旧番号 #35" in pages[0]
    assert "旧番号" not in pages[1]


def test_the_shell_finds_and_tells_it(world: World, target: Target, tmp_path: Path) -> None:
    bring("zendesk, exported", tmp_path, target)
    with world.ours.scope():
        case = Case.objects.get(subject="届きません")
    number = case.spoken_number(world.ours.company.prefix)

    shown = SHELL.answer("show", "35")

    assert (shown["number"], shown["former_number"]) == (number, "#35")
    assert SHELL.run("show", "#35").stdout.startswith(f"{number}  (formerly #35)  届きません")
    assert SHELL.run("show", "37").exit_code == 1


def test_where_two_were_called_so_it_says_which(world: World, target: Target, tmp_path: Path) -> None:
    bring("zendesk, exported", tmp_path, target)
    bring("zendesk, exported", tmp_path, Target(target.point, "there:2", target.importer))

    done = SHELL.run("show", "#35")

    assert done.exit_code == 1
    assert "Several cases were called #35 elsewhere" in str(done.exception)


def test_merging_leaves_each_its_own(world: World, target: Target, tmp_path: Path) -> None:
    bring("zendesk, exported", tmp_path, target, change=lambda text: text.replace('"id": 12', '"id": 11'))
    supervisor = actor_of(world.ours.supervisor)
    with scope.acting_for(supervisor.companies):
        first, second = Case.objects.order_by("opened_at")
        merge(second, into=first, by=supervisor)

        assert list(Case.objects.order_by("opened_at").values_list("former_number", flat=True)) == [
            "#35",
            "#36",
        ]


def test_one_that_is_a_cards_is_not_kept(world: World, target: Target, tmp_path: Path) -> None:
    bring(
        "zendesk, exported",
        tmp_path,
        target,
        change=lambda text: text.replace('"id": 35', '"id": 4111111111111111'),
    )

    with world.ours.scope():
        assert "4111" not in Case.objects.get(subject="届きません").former_number
