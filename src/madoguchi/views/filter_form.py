"""A filter as a form of lines in boxes, both ways. Each part has a path (`r.0.2`), which names its fields."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from madoguchi.fields.conditions import Kind
from madoguchi.fields.values import number_in
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused
from madoguchi.views.filters import EVENT, FLAGS, TIMES, All, Condition, Node, Not, own_field, read_filter
from madoguchi.views.moments import DAYS, ago_in

ROOT = "r"
MOST_PARTS, MOST_DEEP, _MOST_DIGITS = 40, 8, 18
NUMBERS = ("priority", "desk", "assignee")
REFERRING = ("cases", "products", "orders")
SHAPES = {"subject": "text", "tags": "words", "language": "words", "customer": "cases"}
SHAPES |= dict.fromkeys(FLAGS, "flag")
SHAPES |= dict.fromkeys((*TIMES, EVENT), "time")
SHAPES |= dict.fromkeys(("status", "priority", "assignee", "desk", "channel", "feelings"), "choices")
# What may be asked of each shape; the first is asked unless something else is. `not_…` turns one round.
OPERATORS = {
    "choices": ("in", "not_in"),
    "words": ("in", "not_in"),
    "cases": ("in", "not_in"),
    "text": ("contains", "not_contains"),
    "flag": ("yes", "no"),
    "time": ("since", "before", "known", "unknown", "not_since", "not_before"),
}
# How each kind of a desk's own field is written, and what may be asked of it.
OWN_SHAPES: dict[str, str] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.DATE: "day",
    Kind.CHOICE: "choices",
    Kind.TREE: "choices",
    Kind.CUSTOMER: "cases",
    Kind.PRODUCT: "products",
    Kind.ORDER: "orders",
}
_FILLED = ("known", "unknown")
_NOT_SO_MUCH = ("not_least", "not_most", "not_over", "not_under")
OWN_OPERATORS = {
    "text": ("contains", "not_contains", "in", "not_in", *_FILLED),
    "number": ("least", "most", "over", "under", "in", "not_in", *_FILLED, *_NOT_SO_MUCH),
    "day": ("since", "before", "on", "not_on", *_FILLED, "not_since", "not_before"),
    "choices": ("in", "not_in", *_FILLED),
    **dict.fromkeys(REFERRING, ("in", "not_in", *_FILLED)),
}
JOINS = ("all", "any", "not_any", "not_all")
DATE = "date"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose in a form."""

    value: str
    label: str
    chosen: bool = False


@dataclass(slots=True)
class Line:
    """One condition as somebody wrote it. `when` and `amount` say a moment: `h` and `4`, `date` and a date, or a day.
    Of customers, products and orders it is the `ids` that are meant, and `values` are words that name none: a browser
    sends words alone.

    What a page shows beside that, `filter_options` puts on: the operators, what can be chosen, what is wrong.
    """

    field: str = "status"
    op: str = ""
    values: list[str] = dataclasses.field(default_factory=list)
    ids: list[int] = dataclasses.field(default_factory=list)
    text: str = ""
    kind: str = ""
    when: str = DAYS[0]
    amount: str = ""
    path: str = ""
    problem: str = ""
    fresh: bool = False
    operators: list[Choice] = dataclasses.field(default_factory=list)
    choices: list[Choice] = dataclasses.field(default_factory=list)
    whens: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    is_box = False

    @property
    def shape(self) -> str:
        """What its value looks like."""
        own = own_field(self.field)
        return OWN_SHAPES[own[0]] if own else SHAPES[self.field]

    @property
    def may_ask(self) -> tuple[str, ...]:
        """What may be asked of its field; the first is asked unless something else is."""
        return (OWN_OPERATORS if own_field(self.field) else OPERATORS)[self.shape]

    @property
    def asks_value(self) -> bool:
        """Whether anything is to be written beside the operator."""
        return self.op not in _FILLED

    @property
    def asks_when(self) -> bool:
        """Whether a moment belongs to it."""
        return self.shape in ("time", "day") and self.asks_value


@dataclass(slots=True)
class Box:
    """Parts that are joined: a case meets all of them, any, none, or not all."""

    join: str = "all"
    parts: list["Line | Box"] = dataclasses.field(default_factory=list)
    path: str = ROOT
    fresh: bool = False
    is_box = True

    def __post_init__(self) -> None:
        number(self, self.path)

    @property
    def is_root(self) -> bool:
        """Whether this is the whole."""
        return self.path == ROOT


def read_form(data: QueryDict) -> Box:
    """The boxes and lines that were posted; what makes no sense is left out."""
    return _box(data, ROOT) if f"{ROOT}.join" in data else Box(parts=[Line(op="in")])


def form_of(node: Node) -> Box:
    """A filter as boxes and lines."""
    part = _part_of(node, negated=False)
    box = part if isinstance(part, Box) else Box(parts=[part])
    number(box)
    return box


def edit(box: Box, what: str, path: str) -> None:
    """Add a line (`add`) or a box (`box`) to the box at a path, or `drop` what stands there."""
    at = find(box, path)
    if isinstance(at, Box) and what in ("add", "box"):
        line = Line(op="in", fresh=True)
        at.parts.append(line if what == "add" else Box(join="any", parts=[line]))
    elif at is not None and what == "drop" and path != ROOT:
        above = find(box, path.rpartition(".")[0])
        if isinstance(above, Box):
            above.parts = [part for part in above.parts if part is not at]
            above.fresh = True
    number(box)


def find(box: Box, path: str) -> "Line | Box | None":
    """What stands at a path; None where nothing does."""
    at: Line | Box = box
    for step in path.split(".")[1:]:
        if not isinstance(at, Box) or not is_number(step) or int(step) >= len(at.parts):
            return None
        at = at.parts[int(step)]
    return at


def number(box: Box, path: str = ROOT) -> None:
    """Give every part its path."""
    box.path = path
    for at, part in enumerate(box.parts):
        if isinstance(part, Box):
            number(part, f"{path}.{at}")
        else:
            part.path = f"{path}.{at}"


def lines_in(box: Box) -> Iterator[Line]:
    """Every line of a box and of the boxes in it."""
    for part in box.parts:
        if isinstance(part, Box):
            yield from lines_in(part)
        else:
            yield part


def written(part: "Line | Box") -> dict[str, Any]:
    """A part as JSON, for `read_filter`, which says what is wrong with it."""
    if isinstance(part, Line):
        return _condition(part)
    join = {part.join.removeprefix("not_"): [written(one) for one in part.parts]}
    return {"not": join} if part.join.startswith("not_") else join


def check(box: Box) -> Node | None:
    """The filter that the form means; None when something is wrong, which the line then says. Raises Refused for
    what is wrong with the whole."""
    for line in lines_in(box):
        try:
            read_filter({"version": 1, "all": [written(line)]})
        except Refused as refused:
            line.problem = line.problem or str(refused)
    if any(line.problem for line in lines_in(box)):
        return None
    return read_filter({"version": 1} | written(box))


def _box(data: QueryDict, path: str) -> Box:
    join, count = data.get(f"{path}.join", ""), data.get(f"{path}.count", "")
    most = min(int(count), MOST_PARTS) if is_number(count) else 0
    box = Box(join=join if join in JOINS else JOINS[0], path=path)
    for at in (f"{path}.{n}" for n in range(most)):
        if f"{at}.join" in data and at.count(".") < MOST_DEEP:
            box.parts.append(_box(data, at))
        elif data.get(f"{at}.field") in SHAPES or own_field(data.get(f"{at}.field")):
            box.parts.append(_line(data, at))
    number(box, path)
    return box


def _line(data: QueryDict, path: str) -> Line:
    name = str(data[f"{path}.field"])
    # What was asked of another field says nothing about this one.
    same = data.get(f"{path}.was", name) == name
    asked, may_ask = data.get(f"{path}.op", "") if same else "", Line(field=name).may_ask
    return Line(
        field=name,
        op=asked if asked in may_ask else may_ask[0],
        values=[str(value) for value in data.getlist(f"{path}.value")],
        text=data.get(f"{path}.text", "").strip(),
        kind=data.get(f"{path}.kind", ""),
        when=data.get(f"{path}.when", "") or DAYS[0],
        amount=data.get(f"{path}.amount", "").strip(),
        path=path,
    )


def _condition(line: Line) -> dict[str, Any]:
    asked: dict[str, Any] = {"field": line.field}
    if line.field == EVENT:
        asked["kind"] = line.kind
    if not line.asks_value:
        return asked | {"test": "known", "value": line.op == "known"}
    if line.shape == "flag":
        return asked | {"test": "is", "value": line.op == "yes"}
    asked |= {"test": line.op.removeprefix("not_"), "value": _value(line)}
    return {"not": asked} if line.op.startswith("not_") else asked


def _value(line: Line) -> Any:
    if line.asks_when:
        return (
            line.amount if line.when == DATE else line.when if line.when in DAYS else line.amount + line.when
        )
    if line.shape == "number":
        numbers = [_number(word) for word in line.text.replace("、", " ").split()]
        return numbers if line.op.endswith("in") else next(iter(numbers), "")
    if own_field(line.field) and line.shape == "text" and line.op.endswith("in"):
        return [one.strip() for one in line.text.splitlines() if one.strip()]
    if line.shape == "text":
        return line.text
    if line.shape == "words":
        words = line.text.replace("、", ",").replace("，", ",").split(",")
        return [word.strip() for word in words if word.strip()]
    if line.shape in REFERRING:
        return [*line.ids, *line.values]
    return [int(v) if line.field in NUMBERS and is_number(v) else v for v in line.values]


def _number(word: str) -> int | float | str:
    number = number_in(word)
    return word if number is None else number


def _part_of(node: Node, *, negated: bool) -> Line | Box:
    if isinstance(node, Not):
        return _part_of(node.part, negated=not negated)
    if isinstance(node, Condition):
        return _line_of(node, negated=negated)
    join = "all" if isinstance(node, All) else "any"
    parts = [_part_of(part, negated=False) for part in node.parts]
    return Box(join=f"not_{join}" if negated else join, parts=parts)


def _line_of(asked: Condition, *, negated: bool) -> Line:
    line = Line(field=asked.field, kind=asked.kind)
    if asked.test in ("known", "is"):
        words = ("known", "unknown") if asked.test == "known" else ("yes", "no")
        line.op = words[bool(asked.value) == negated]
        return line
    line.op = f"not_{asked.test}" if negated else asked.test
    if line.asks_when:
        line.when, line.amount = _when(asked.value, line.shape)
    elif line.shape in ("text", "number"):
        line.text = _written_out(asked.value)
    elif line.shape == "words":
        line.text = "、".join(asked.value)
    elif line.shape in REFERRING:
        line.ids = list(asked.value)
    else:
        line.values = [str(one) for one in asked.value]
    return line


def _written_out(value: Any) -> str:
    """Words and numbers as they stand in a box; several words one a line, several numbers beside each other."""
    if isinstance(value, tuple):
        return ("\n" if isinstance(value[0], str) else "、").join(map(_written_out, value))
    return value if isinstance(value, str) else f"{Decimal(repr(value)):f}"


def _when(said: str, shape: str) -> tuple[str, str]:
    ago = ago_in(said)
    if ago:
        return ago[1], str(ago[0])
    if said in DAYS:
        return said, ""
    read = datetime.fromisoformat(said)
    local = read.astimezone(TOKYO) if read.tzinfo else read
    if shape == "day":
        return DATE, local.date().isoformat()
    return DATE, local.replace(tzinfo=None).isoformat(timespec="minutes")


def is_number(written: str) -> bool:
    """Whether it is one that the database can hold; Python itself refuses to read thousands of digits."""
    return written.isdecimal() and len(written) <= _MOST_DIGITS
