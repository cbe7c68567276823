"""However much a record holds, only few are held at a time; however long a file is, only a part of it."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.imports.attached import OnDisk
from madoguchi.imports.json_files import things_in
from madoguchi.imports.records import By, Mail, Person, Record, Said, Ticket, said_in, size_of
from madoguchi.imports.running import AT_ONCE, MOST_BYTES, MOST_SAID, in_portions
from madoguchi.imports.sources import Meter

AT = datetime(2024, 5, 1, tzinfo=UTC)


def ticket(id_: int, *, said: int = 1, letters: int = 10, file: int = 0) -> Ticket:
    """A ticket in which so much was said, in so many letters, the first with a file of so many bytes."""
    files = (OnDisk(Path("x"), "x", "x/x", file),) if file else ()
    words = tuple(Said(str(n), By.CUSTOMER, AT, "x" * letters, files=() if n else files) for n in range(said))
    return Ticket(str(id_), "x", Person("1"), words)


def test_so_many_at_once_and_no_more() -> None:
    records: list[Record] = [ticket(n) for n in range(AT_ONCE * 2 + 1)]

    portions = list(in_portions(records))

    assert [len(portion) for portion in portions] == [AT_ONCE, AT_ONCE, 1]
    assert [one for portion in portions for one in portion] == records


def test_fewer_where_they_hold_much() -> None:
    def lengths(*records: Record) -> list[int]:
        return [len(portion) for portion in in_portions(records)]

    large = MOST_BYTES // 2
    assert lengths(*(Mail(str(n), b"x" * large, None) for n in range(5))) == [2, 2, 1]
    assert lengths(*(ticket(n, letters=large) for n in range(5))) == [2, 2, 1]
    assert lengths(*(ticket(n, file=large) for n in range(5))) == [2, 2, 1]
    assert lengths(*(ticket(n, said=MOST_SAID // 2) for n in range(5))) == [2, 2, 1]
    assert lengths(ticket(1, letters=3 * MOST_BYTES), ticket(2)) == [1, 1]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, MOST_SAID * 2), st.integers(0, MOST_BYTES // 400)), max_size=12))
def test_none_is_lost_and_only_the_last_of_a_portion_makes_it_too_large(
    shapes: list[tuple[int, int]],
) -> None:
    records: list[Record] = [
        ticket(n, said=said, letters=1, file=size) for n, (said, size) in enumerate(shapes)
    ]

    portions = list(in_portions(records))

    assert [one for portion in portions for one in portion] == records
    for portion in portions:
        *before, _last = portion
        assert sum(map(said_in, before)) < MOST_SAID
        assert sum(map(size_of, before)) < MOST_BYTES
        assert len(portion) <= AT_ONCE


def test_a_list_is_read_a_part_at_a_time_also_after_a_large_object(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    large = json.dumps({"id": 0, "x": "あ" * 1_000_000}, ensure_ascii=False)
    small = json.dumps({"id": 1, "x": "い" * 500}, ensure_ascii=False)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"tickets": [{large}' + f",\n{small}" * 5_000 + "]}")

    def ids() -> Iterator[int]:
        for thing in things_in(path, ("tickets",), Meter()):
            assert thing.found is not None
            yield thing.found["id"]

    assert next(found := ids()) == 0
    tracemalloc.start()
    assert list(found) == [1] * 5_000
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < path.stat().st_size
