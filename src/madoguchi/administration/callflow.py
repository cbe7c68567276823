"""What callers meet at a number, as the page on which it is written holds it: steps with their fields."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madoguchi.kernel.text import one_line, whole_number
from madoguchi.voice.flow import END, KINDS, LIMITS, LONGEST_WORDS, MOST_SOUNDS, MOST_STEPS_OF_A_FLOW
from madoguchi.voice.trying import MOST_ACTS

SAVE, SHOW = "save", "show"
LONGEST_NAME = 40
# As they lie on a telephone.
KEYPAD = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
KIND_NAMES: Mapping[str, str | Promise] = {
    "say": gettext_lazy("Announcement"),
    "hours": gettext_lazy("Business hours"),
    "menu": pgettext_lazy("phone", "Menu"),
    "queue": gettext_lazy("Queue"),
    "call_back": gettext_lazy("Call-back"),
    "message": pgettext_lazy("phone", "Message of the caller"),
}
_LABELS: Mapping[str, str | Promise] = {
    "sounds": gettext_lazy("What is played"),
    "next": gettext_lazy("Then"),
    "open": gettext_lazy("While the desk is at work"),
    "closed": gettext_lazy("While it is not"),
    "keys": gettext_lazy("Keys"),
    "otherwise": gettext_lazy("Where no key of these is pressed"),
    "seconds": gettext_lazy("Seconds of waiting for a key"),
    "tries": gettext_lazy("How often it is asked"),
    "again": gettext_lazy("Before it is asked again"),
    "music": gettext_lazy("While they wait"),
    "desk": gettext_lazy("Somebody of this desk answers"),
    "wait_told": gettext_lazy("Tell how long it will take, where that is known, in place of the place"),
    "every": gettext_lazy("The place is told after so many seconds"),
    "longest": gettext_lazy("Seconds at most"),
    "most": gettext_lazy("So many may wait"),
    "full": gettext_lazy("Where as many wait already"),
    "ring": gettext_lazy("A phone rings for so many seconds"),
    "withheld": gettext_lazy("Where the number is withheld"),
}
_LABELS_OF: Mapping[tuple[str, str], str | Promise] = {
    ("queue", "otherwise"): gettext_lazy("Who has waited so long"),
    ("queue", "longest"): gettext_lazy("Seconds of waiting at most"),
}
# In this order they stand on the page.
_ORDER = tuple(_LABELS)


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a step: `shape` is sounds, number, check, target, desk, or keys (each with what it stands for, where
    that can be said).
    """

    shape: str
    name: str
    label: str
    value: Any
    least: int = 0
    most: int = 0


@dataclass(slots=True)
class Part:
    """A step as it is being written: its name now and before, its kind, and its fields as a document has them."""

    place: int
    name: str
    was: str
    kind: str
    row: dict[str, Any]
    problem: str = ""
    misnamed: bool = False

    @property
    def led_to_as(self) -> str:
        """By which name other steps lead to it: the former one, until the new one is one."""
        return self.was if self.misnamed else self.name

    @property
    def title(self) -> str:
        """What kind of step it is, in words."""
        return str(KIND_NAMES[self.kind])

    def controls(self) -> list[Control]:
        """Its fields in the order of the page."""
        types = _fields(self.kind)
        return [_control(self, name, types[name], self.row[name]) for name in _ORDER if name in types]


@dataclass(slots=True)
class Draft:
    """A flow as it is being written, and what is tried in it."""

    start: str
    short: Any
    lines: Any
    parts: list[Part]
    seen: int = 0
    acts: str = ""
    at_work: bool = True
    withheld: bool = False
    ahead: int = 0
    do: str = ""
    problem: str = ""

    def document(self) -> dict[str, Any]:
        """The flow as it is kept; of two steps with one name the first."""
        steps = {part.name: {"kind": part.kind, **part.row} for part in reversed(self.parts)}
        return {"start": self.start, "short": self.short, "lines": self.lines, "steps": steps}

    def misnamed(self) -> str:
        """What is wrong with the names of its steps; empty where nothing is."""
        names = [part.name for part in self.parts]
        for part in self.parts:
            part.problem = ""
            if not part.name:
                part.problem = _("Give the step a name.")
            elif part.name == END or names.count(part.name) > 1:
                part.problem = _("Another step has this name. Give it one of its own.")
            part.misnamed = bool(part.problem)
        return next((part.problem for part in self.parts if part.problem), "")

    @property
    def names(self) -> set[str]:
        """What a step may lead to, by name."""
        return {value for value, _label in self.targets()}

    def targets(self) -> list[tuple[str, str]]:
        """Where steps may lead: all of them, and the end of the call."""
        return [*((part.name, part.name) for part in self.parts if part.name), (END, _("The call ends"))]

    def tell(self, step: str, words: str) -> None:
        """Put what is wrong beside the step that it is about."""
        self.problem = words
        for part in self.parts:
            if part.name == step:
                part.problem = words


def draft_of(document: Mapping[str, Any], *, seen: int) -> Draft:
    """A flow that is kept, its steps in the order in which a caller may come to them."""
    steps: Mapping[str, Mapping[str, Any]] = document["steps"]
    order = list(_walked(str(document["start"]), steps))
    order += sorted(name for name in steps if name not in order)
    parts = [
        Part(place, name, name, str(steps[name]["kind"]), _without_kind(steps[name]))
        for place, name in enumerate(order)
    ]
    about_all = document.get("short", 5), document.get("lines", 0)
    return Draft(str(document["start"]), *about_all, parts, seen=seen)


def posted(data: QueryDict) -> Draft:
    """What was typed, after the change that its button asked for. Nothing that was typed is lost, right or wrong."""
    count = min(whole_number(data.get("parts", "")) or 0, MOST_STEPS_OF_A_FLOW + 1)
    kinds = [(place, data.get(f"{place}.kind", "")) for place in range(count)]
    parts = [_part(data, place, kind) for place, kind in kinds if kind in KINDS]
    draft = Draft(
        data.get("start", ""),
        _number(data.get("short", "")),
        _number(data.get("lines", "")),
        parts,
        seen=whole_number(data.get("seen", "")) or 0,
        acts=data.get("acts", "")[:MOST_ACTS],
        at_work="at_work" in data,
        withheld="withheld" in data,
        ahead=min(whole_number(data.get("ahead", "")) or 0, 500),
        do=data.get("do", ""),
    )
    _follow_names(draft)
    _change(draft, data)
    return draft


def _change(draft: Draft, data: QueryDict) -> None:
    what, _colon, value = draft.do.partition(":")
    match what:
        case "add" if (kind := str(data.get("new_kind", ""))) in KINDS:
            draft.parts.append(Part(len(draft.parts), _free_name(draft, kind), "", kind, _begun(kind)))
        case "drop":
            draft.parts = [part for part in draft.parts if str(part.place) != value]
        case "act" if len(value) == 1:
            draft.acts = (draft.acts + value)[:MOST_ACTS]
        case "back":
            draft.acts = draft.acts[:-1]
        case "again":
            draft.acts = ""
    for place, part in enumerate(draft.parts):
        part.place = place


def _free_name(draft: Draft, kind: str) -> str:
    taken, name = {part.name for part in draft.parts}, str(KIND_NAMES[kind])
    more = (f"{name} {number}" for number in range(2, MOST_STEPS_OF_A_FLOW + 3))
    return name if name not in taken else next(one for one in more if one not in taken)


def _begun(kind: str) -> dict[str, Any]:
    """What a new step holds: the usual, and ways on that end the call."""
    types = _fields(kind)
    usual = {f.name: f.default for f in fields(KINDS[kind]) if isinstance(f.default, str | int | tuple)}
    made: dict[str, Any] = {
        name: [] if kind_of == tuple[str, ...] else END for name, kind_of in types.items()
    } | usual
    made |= {name: {} for name in ("keys", "names") if name in types}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in made.items()}


def _follow_names(draft: Draft) -> None:
    """Lead to a step by its new name where it was renamed."""
    draft.misnamed()
    renamed = {part.was: part.name for part in draft.parts if part.was and not part.misnamed}
    draft.start = renamed.get(draft.start, draft.start)
    for part in draft.parts:
        types = _fields(part.kind)
        for name, value in part.row.items():
            if types[name] is str and name != "desk":
                part.row[name] = renamed.get(value, value)
            elif name == "keys":
                part.row[name] = {key: renamed.get(to, to) for key, to in value.items()}


def _part(data: QueryDict, place: int, kind: str) -> Part:
    row: dict[str, Any] = {}
    for name, kind_of in _fields(kind).items():
        where = f"{place}.{name}"
        if name == "keys":
            row[name] = {key: to for key in KEYPAD if (to := data.get(f"{where}.{key}", ""))}
        elif name == "names":
            said = {key: one_line(data.get(f"{where}.{key}", ""), most=LONGEST_WORDS) for key in KEYPAD}
            row[name] = {key: words for key, words in said.items() if words}
        elif kind_of is int:
            row[name] = _number(data.get(where, ""))
        elif kind_of is bool:
            row[name] = where in data
        elif kind_of is str:
            row[name] = data.get(where, "")
        else:
            row[name] = [one for one in data.getlist(where) if one][:MOST_SOUNDS]
    name = one_line(data.get(f"{place}.name", ""), most=LONGEST_NAME)
    return Part(place, name, data.get(f"{place}.was", ""), kind, row)


def _number(typed: str) -> Any:
    found = whole_number(typed.strip())
    return typed[:10] if found is None else found


def _control(part: Part, name: str, kind_of: Any, value: Any) -> Control:
    label = str(_LABELS_OF.get((part.kind, name), _LABELS[name]))
    where = f"{part.place}.{name}"
    if name == "keys":
        named = f"{part.place}.names" if "names" in part.row else ""
        told = part.row.get("names", {})
        keys = [
            (key, f"{where}.{key}", value.get(key, ""), f"{named}.{key}" if named else "", told.get(key, ""))
            for key in KEYPAD
        ]
        return Control("keys", where, label, keys)
    if name == "desk":
        return Control("desk", where, label, value)
    if kind_of is int:
        least, most = LIMITS[name]
        return Control("number", where, label, value, least, most)
    if kind_of is bool:
        return Control("check", where, label, value)
    if kind_of is str:
        return Control("target", where, label, value)
    spare = [""] if len(value) < MOST_SOUNDS else []
    return Control("sounds", where, label, [*value, *spare])


def _fields(kind: str) -> dict[str, Any]:
    known = (*_LABELS, "names")
    return {name: kind_of for name, kind_of in get_type_hints(KINDS[kind]).items() if name in known}


def _without_kind(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a step, with the usual ones where nothing is said."""
    kind = str(row["kind"])
    return _begun(kind) | {name: value for name, value in row.items() if name != "kind"}


def _walked(start: str, steps: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The steps that a caller may come to, each after the first that leads to it."""
    waiting, seen = [start], {END}
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in steps:
            continue
        seen.add(name)
        yield name
        waiting += _ways(steps[name])


def _ways(row: Mapping[str, Any]) -> Iterable[str]:
    keys = row.get("keys", {})
    yield from (keys[key] for key in KEYPAD if key in keys)
    yield from (str(row[name]) for name in _ORDER if name != "desk" and isinstance(row.get(name), str))


def offered_sounds(
    own: Mapping[str, str], along: Mapping[str, str]
) -> Sequence[tuple[str, list[tuple[str, str]]]]:
    """The recordings that a step can play, in groups, each with its words: the company's own, and those that come
    along.
    """
    groups = ((_("Recordings of your own"), own), (_("Come along"), along))
    return [
        (label, [(name, _named(name, words)) for name, words in sorted(of.items())]) for label, of in groups
    ]


def _named(name: str, words: str) -> str:
    return f"{name} — {words}" if words else name
