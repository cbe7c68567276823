"""docs/kpi.md says of every definition what the code does, and nothing else."""

from pathlib import Path

import pytest

from madoguchi.insight.catalogue import DEFINITIONS
from madoguchi.insight.definitions import Anything, Unit, told
from madoguchi.insight.queries import is_written_down
from madoguchi.routing.erlang import ErlangA, ErlangC

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "kpi.md"


def rows(heading: str) -> list[list[str]]:
    """The table under a heading of the guide, without its head."""
    section = GUIDE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [_cells(line) for line in lines[2:]]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\0", "|") for cell in line.replace("\\|", "\0").strip("|").split("|")]


def as_told(one: Anything) -> list[str]:
    """A definition as a row of the guide."""
    kept = "yes" if is_written_down(one) else "not yet"
    words = [f"`{one.name}`", one.version, one.title, one.formula, one.denominator]
    return [*words, one.unit.value, one.source, one.goal or "–", kept]


def test_every_definition_stands_in_the_guide_as_it_is_in_their_order() -> None:
    assert rows("Definitions") == [as_told(one) for one in DEFINITIONS]


def test_a_change_of_a_formula_would_be_seen() -> None:
    told_of = {cells[0] + cells[1]: cells for cells in rows("Definitions")}

    assert told_of["`service_level`G"][3] == "(ans − ans after T) ÷ ans, T = 20 s"
    assert told_of["`wape`1"][3] == "Σ |came − foreseen| ÷ Σ came, by half hours"


@pytest.mark.parametrize("symbol", ["off", "blk", "ans", "aband", "sab", "cb", "fo", "wait", "T", "hops"])
def test_symbols_are_told(symbol: str) -> None:
    assert symbol in [cells[0] for cells in rows("Symbols")]


def test_what_a_queue_does_by_itself_is_what_the_code_says() -> None:
    rate, handle = 100 / 1800, 180.0
    for seats, *told_of in rows("Held against what a queue does by itself"):
        c = ErlangC(rate=rate, handle=handle, agents=int(seats))
        a = ErlangA(rate=rate, handle=handle, patience=120, agents=int(seats))
        shares = [told(one, Unit.SHARE) for one in (c.waits(), c.service_level(20))]
        wait = told(c.wait(), Unit.SECONDS)
        shares_a = [told(one, Unit.SHARE) for one in (c.occupancy(), a.abandonment(), a.service_level(20))]
        assert told_of == [*shares, wait, *shares_a]
