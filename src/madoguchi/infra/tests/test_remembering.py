"""What was read once for a page is not read again for it, and no longer, nor in another scope."""

import pytest

from madoguchi.infra import scope
from madoguchi.infra.remembering import remembered, remembering
from madoguchi.people.factories import World


class Shelf:
    """Holds even numbers, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def read(self, keys: list[int]) -> dict[int, str]:
        self.asked.append(keys)
        return {key: f"number {key}" for key in keys if key % 2 == 0}


def test_only_what_is_not_known_yet_is_asked_for() -> None:
    shelf = Shelf()
    with remembering():
        assert remembered("a", [2, 4, 2], shelf.read) == {2: "number 2", 4: "number 4"}
        assert list(remembered("a", [6, 4], shelf.read)) == [6, 4]
        assert remembered("a", [2, 4, 6], shelf.read) == {2: "number 2", 4: "number 4", 6: "number 6"}
        assert remembered("a", [], shelf.read) == {}
        assert remembered("b", [2], shelf.read) == {2: "number 2"}
    assert shelf.asked == [[2, 4], [6], [2]]


def test_what_was_not_found_is_asked_for_again() -> None:
    shelf = Shelf()
    with remembering():
        assert remembered("a", [1, 2], shelf.read) == {2: "number 2"}
        assert remembered("a", [1, 2], shelf.read) == {2: "number 2"}
    assert shelf.asked == [[1, 2], [1]]


def test_without_a_page_and_for_the_next_one_all_is_read_anew() -> None:
    shelf = Shelf()
    for _time in range(2):
        with remembering():
            assert remembered("a", [2], shelf.read) == {2: "number 2"}
        assert remembered("a", [2], shelf.read) == {2: "number 2"}
    assert shelf.asked == [[2]] * 4


@pytest.mark.django_db
def test_what_was_read_in_one_scope_is_not_known_in_another(world: World) -> None:
    shelf = Shelf()
    with remembering():
        for companies in ([world.ours.company.pk], [world.theirs.company.pk], [world.ours.company.pk]):
            with scope.acting_for(companies):
                assert remembered("a", [2], shelf.read) == {2: "number 2"}
    assert shelf.asked == [[2], [2]]
