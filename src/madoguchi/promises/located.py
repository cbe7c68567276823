"""JSON that knows where each of its values stands, so that what is wrong can be shown to who wrote it. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

N_ = str
_SPACE = re.compile(r"[ \t\n\r]*")
_ATOM = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
MOST_CHARACTERS = 20_000_000
MOST_DEEP = 50
_TOO_DEEP = N_("This lies too deep within itself to be read.")


class Wrong(Exception):
    """Something written is not right. `words` is a msgid, into which `values` go; `line` and `field` say where."""

    def __init__(self, words: str, *, line: int = 0, field: str = "", **values: object) -> None:
        super().__init__(words % values if values else words)
        self.words, self.values = words, values
        self.line, self.field = line, field


@dataclass(frozen=True, slots=True)
class Node:
    """A value as it stands in a file: what it is, on which line, and the way to it (`targets.first_reply[0]`)."""

    value: Any
    line: int
    path: str = ""

    def wrong(self, words: str, **values: object) -> Wrong:
        """An error about this value."""
        return Wrong(words, line=self.line, field=self.path, **values)

    def members(self) -> Mapping[str, "Node"]:
        """What an object holds. Raises Wrong where it is none."""
        if not isinstance(self.value, dict):
            raise self.wrong(N_("This must be an object { … }, not %(found)s."), found=self.shown())
        return self.value

    def member(self, name: str) -> "Node":
        """What an object holds under a name. Raises Wrong where there is none."""
        members = self.members()
        if name not in members:
            raise self.wrong(N_("“%(name)s” is missing here."), name=name)
        return members[name]

    def items(self) -> list["Node"]:
        """What a list holds; a value that stands alone is a list of one."""
        return self.value if isinstance(self.value, list) else [self]

    def text(self) -> str:
        """Words. Raises Wrong where there are none."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong(N_("This must be a text, not %(found)s."), found=self.shown())
        return self.value.strip()

    def shown(self) -> str:
        """The value as it is written, shortened."""
        written = json.dumps(self.plain(), ensure_ascii=False)
        return written if len(written) <= 60 else written[:59] + "…"

    def plain(self) -> Any:
        """The value without the places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_json(text: str, *, first_line: int = 1) -> Node:
    """A JSON document with the place of each of its values. Raises Wrong for what is no JSON or says a key twice."""
    try:
        json.loads(text, parse_int=str)
    except json.JSONDecodeError as error:
        raise Wrong(
            N_("This is no JSON: %(reason)s (column %(column)s)."),
            line=first_line + error.lineno - 1,
            reason=error.msg,
            column=error.colno,
        ) from None
    except RecursionError:
        raise Wrong(_TOO_DEEP, line=first_line) from None
    return _Reader(text, first_line).read()


def read_lines(text: str) -> Iterator[Node]:
    """The objects of a JSON Lines file, or of a file that is one list. Raises Wrong."""
    if text.lstrip().startswith("["):
        yield from read_json(text).items()
        return
    # Only this one ends a line: others may stand within a text.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield read_json(line, first_line=number)


def as_text(raw: bytes) -> str:
    """The letters of a file. Raises Wrong for what is not UTF-8 or far too long."""
    if len(raw) > MOST_CHARACTERS:
        raise Wrong(N_("This file is too large: it may have %(most)s bytes."), most=f"{MOST_CHARACTERS:,}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Wrong(N_("This is not UTF-8. Save the file in UTF-8."), line=line) from None


def unique(nodes: Mapping[str, Node], *names: str) -> Node | None:
    """The one value that is there under one of these names. Raises Wrong for two that are."""
    found = [nodes[name] for name in names if name in nodes]
    if len(found) > 1:
        raise found[1].wrong(N_("This is said twice, by %(names)s. Leave one."), names=", ".join(names))
    return found[0] if found else None


def only(nodes: Mapping[str, Node], known: Mapping[str, object] | set[str] | tuple[str, ...]) -> None:
    """Raises Wrong for a name that nobody knows."""
    for name, node in nodes.items():
        if name not in known and not is_remark(name):
            raise node.wrong(
                N_("“%(name)s” is unknown here. Known are: %(known)s."), name=name, known=", ".join(known)
            )


def is_remark(name: str) -> bool:
    """Whether what stands under this name is a remark, of which nothing follows."""
    return name.startswith(("_", "#"))


class _Reader:
    """Goes through text that is known to be JSON."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text, self.at, self.line, self.depth = text, 0, first_line, 0

    def read(self, path: str = "") -> Node:
        self._skip()
        line, letter = self.line, self.text[self.at]
        if letter in "{[":
            return Node(self._holding(letter, path), line, path)
        if letter == '"':
            return Node(self._string(), line, path)
        atom = _ATOM.match(self.text, self.at)
        if atom is None:  # NaN and Infinity, which Python takes for JSON
            raise Wrong(N_("This is no number."), line=line, field=path)
        self.at = atom.end()
        try:
            return Node(json.loads(atom[0]), line, path)
        except ValueError:  # Python reads no number of more than some thousand digits
            raise Wrong(N_("This number is too long."), line=line, field=path) from None

    def _holding(self, letter: str, path: str) -> Any:
        if self.depth == MOST_DEEP:
            raise Wrong(_TOO_DEEP, line=self.line, field=path)
        self.depth += 1
        found = self._object(path) if letter == "{" else self._list(path)
        self.depth -= 1
        return found

    def _object(self, path: str) -> dict[str, Node]:
        found: dict[str, Node] = {}
        self.at += 1
        while self._more("}"):
            line, name = self.line, self._string()
            self._skip()
            self.at += 1
            below = f"{path}.{name}" if path else name
            if name in found:
                raise Wrong(N_("“%(name)s” stands here twice."), line=line, field=below, name=name)
            # A value that is spread over lines is found by its name.
            found[name] = replace(self.read(below), line=line)
        return found

    def _list(self, path: str) -> list[Node]:
        found: list[Node] = []
        self.at += 1
        while self._more("]"):
            found.append(self.read(f"{path}[{len(found)}]"))
        return found

    def _more(self, end: str) -> bool:
        self._skip()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip()
        if self.text[self.at] != end:
            return True
        self.at += 1
        return False

    def _string(self) -> str:
        value, self.at = scanstring(self.text, self.at + 1, True)
        return str(value)

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        end = match.end() if match else self.at
        self.line += self.text.count("\n", self.at, end)
        self.at = end
