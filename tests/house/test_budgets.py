"""Small by budget: what a person can read at one sitting."""

import ast
from collections.abc import Iterable
from statistics import median, quantiles

from tests.house.sources import ROOT, Source, everything, length, product

# Loaded only where they are really needed: each costs more than the page it would slow down.
HEAVY = {
    "phonenumbers",
    "django",
    "babel",
    "dkim",
    "typst",
    "noto_cjk_sans_jp_regular",
    "noto_cjk_sans_jp_bold",
}
SPEAKING = ("actions", "queries", "policies")


def lengths(sources: Iterable[Source]) -> list[int]:
    return [length(f) for s in sources for f in s.functions()]


def too_long(sources: Iterable[Source]) -> list[str]:
    """Functions over 60 lines and classes over 200."""
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            most = {ast.ClassDef: 200, ast.FunctionDef: 60, ast.AsyncFunctionDef: 60}.get(type(node))
            if most and length(node) > most:
                found.append(f"{source.path}:{node.lineno} {node.name}")
    return found


def files_too_long(sources: Iterable[Source]) -> list[str]:
    """Files over 600 lines."""
    return [f"{source.path}: file" for source in sources if source.text.count("\n") > 600]


def inner_imports(sources: Iterable[Source]) -> tuple[list[str], int]:
    """Imports inside functions, heavy libraries apart, and the number of all imports."""
    inner, count = [], 0
    for source in sources:
        count += sum(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(source.tree))
        for function in source.functions():
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom) and _module(node) not in HEAVY:
                    inner.append(f"{source.path}:{node.lineno}")
    return inner, count


def _module(node: ast.Import | ast.ImportFrom) -> str:
    name = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
    return name.partition(".")[0]


def silent(sources: Iterable[Source]) -> list[str]:
    """Public actions, queries and policies without a docstring."""
    found = []
    for source in sources:
        speaks = any(part in SPEAKING for part in source.path.removesuffix(".py").split("/"))
        for node in source.tree.body if speaks else ():
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                found.append(f"{source.path}:{node.lineno} {node.name}")
    return found


def test_functions_and_classes_keep_to_their_budget() -> None:
    assert too_long(product()) == []
    every = lengths(product())
    assert median(every) <= 8
    assert quantiles(every, n=20)[-1] <= 35


def test_files_keep_to_their_budget_those_of_tests_too() -> None:
    assert files_too_long(everything()) == []


def test_imports_stand_at_the_top() -> None:
    inner, count = inner_imports(product())
    assert len(inner) <= count / 100, inner


def test_actions_queries_and_policies_say_what_they_are_for() -> None:
    assert silent(product()) == []


def test_there_is_as_much_test_as_code() -> None:
    code = sum(_lines(s.text) for s in product())
    tests = [s.text for s in everything() if "/tests/" in f"/{s.path}" or s.path.endswith("factories.py")]
    tests += [f.read_text() for f in (ROOT / "tests").rglob("*.py")] + [(ROOT / "conftest.py").read_text()]
    assert sum(map(_lines, tests)) >= code


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def test_planted_violations_are_found() -> None:
    long = Source("cases/actions.py", "def walk():\n" + "    x = 1\n" * 60 + "\n" * 600)
    assert files_too_long([long]) == ["cases/actions.py: file"]
    assert too_long([long]) == ["cases/actions.py:1 walk"]
    assert silent([long]) == ["cases/actions.py:1 walk"]
    hidden = Source("cases/late.py", "import os\n\ndef f():\n    import json\n    import phonenumbers\n")
    assert inner_imports([hidden]) == (["cases/late.py:4"], 3)
