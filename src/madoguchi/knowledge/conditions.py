"""Parts of a template that stand only under a condition: `{{if NAME}}…{{else}}…{{end}}`, `{{if NAME = VALUE}}…`.

Conditions are settled in the template as it was written, before anything is filled in: no value is ever read as one.
"""

import re
from collections.abc import Callable, Mapping

from madoguchi.kernel.folding import fold

_BLOCK = re.compile(
    r"\{\{\s*if\s+(?P<name>[a-z_]+)\s*(?:(?P<test>!?=)\s*(?P<value>[^{}]*?)\s*)?\}\}(?P<then>(?:(?!\{\{\s*if\b).)*?)"
    r"(?:\{\{\s*else\s*\}\}(?P<other>(?:(?!\{\{\s*if\b).)*?))?\{\{\s*end\s*\}\}",
    re.DOTALL,
)
_LEFT = re.compile(r"\{\{\s*(?:if\b[^{}]*|else|end)\s*\}\}")
_MOST_DEEP = 5


def settled(text: str, values: Mapping[str, str]) -> str:
    """The text with every condition settled, the innermost first. What is not closed stays as it is written."""
    return _each(text, lambda found: found["then"] if _holds(found, values) else found["other"] or "")


def every_branch(text: str) -> str:
    """The text with all that may stand in it, whatever the conditions."""
    return _each(text, lambda found: f"{found['then']}\n{found['other'] or ''}")


def unconditional(text: str) -> str:
    """The text without what stands under conditions."""
    return _each(text, lambda _found: "\n")


def names_in(text: str) -> list[str]:
    """The variables that conditions ask for."""
    found: list[str] = []

    def note(block: re.Match[str]) -> str:
        found.append(block["name"])
        return block["then"] + (block["other"] or "")

    _each(text, note)
    return list(dict.fromkeys(found))


def left_open(text: str) -> list[str]:
    """Conditions that are not closed, closed twice, or nested too deep, as they are written."""
    return list(dict.fromkeys(_LEFT.findall(every_branch(text))))


def _each(text: str, choose: Callable[[re.Match[str]], str]) -> str:
    for _depth in range(_MOST_DEEP):
        settled_once = _BLOCK.sub(lambda found: _own_lines(found, choose(found)), text)
        if settled_once == text:
            break
        text = settled_once
    return text


def _own_lines(found: re.Match[str], chosen: str) -> str:
    """A condition on lines of its own leaves no empty ones behind."""
    return chosen.removeprefix("\n") if chosen.startswith("\n") else chosen


def _holds(found: re.Match[str], values: Mapping[str, str]) -> bool:
    value = values.get(found["name"], "")
    if not found["test"]:
        return bool(value)
    same = fold(value) == fold(found["value"])
    return same if found["test"] == "=" else not same
