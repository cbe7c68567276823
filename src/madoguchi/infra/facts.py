"""Facts: frozen statements of what happened, the vocabulary of the event log."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

_by_kind: dict[str, type["Fact"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The base of every event class. `kind` is its name in the log, for ever.

    `case` and `desk` say which case and desk it concerns, so that screens can be told; all other fields must
    be plain JSON values and are kept as they are. `among_colleagues` says that it tells how people of a desk share
    their work, which is not for the eyes of a company that must not direct them (37号告示).
    """

    kind: ClassVar[str] = ""
    among_colleagues: ClassVar[bool] = False
    company: int
    case: int | None = None
    desk: int | None = None

    def data(self) -> dict[str, Any]:
        """The fields of the fact beyond the common ones."""
        common = {"company", "case", "desk"}
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in common}


FactClass = TypeVar("FactClass", bound=Fact)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(cls: type[FactClass]) -> type[FactClass]:
    """Make a class a frozen fact and known by its kind; two facts of one kind are refused."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    if not made.kind or made.kind in _by_kind:
        raise ValueError(f"{cls.__name__} needs a kind of its own")
    _by_kind[made.kind] = made
    return made


def known() -> dict[str, type[Fact]]:
    """Every fact class by kind."""
    return dict(_by_kind)


def is_among_colleagues(kind: str) -> bool:
    """Whether only people who work at the desk may be told of this kind of event."""
    known_as = _by_kind.get(kind)
    return known_as is not None and known_as.among_colleagues


def rebuild(kind: str, *, company: int, case: int | None, desk: int | None, data: dict[str, Any]) -> Fact:
    """The fact as it was recorded; fields that its class no longer has are left out."""
    cls = _by_kind[kind]
    names = {f.name for f in dataclasses.fields(cls)}
    return cls(company=company, case=case, desk=desk, **{k: v for k, v in data.items() if k in names})
