"""Only the actions of a package write its tables; pages and command lines stay thin."""

import ast
from collections.abc import Iterable

import pytest

from tests.house.sources import Source, length, product

WRITES = {
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
    "save",
}
# The sample world is written by COPY, for its size.
EXEMPT = {"sample"}
# Pages and other fronts, which only parse, call and render.
MOST_LINES_OF_A_PAGE = 15


def foreign_writes(sources: Iterable[Source]) -> list[str]:
    """Writes through the manager of another package's model."""
    found = []
    for source in sources:
        if source.app in EXEMPT:
            continue
        foreign = _foreign_models(source)
        for node in ast.walk(source.tree):
            if _is_write(node) and _root(node.func) in foreign:  # type: ignore[attr-defined]
                found.append(f"{source.path}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def _foreign_models(source: Source) -> set[str]:
    imports = (n for n in ast.walk(source.tree) if isinstance(n, ast.ImportFrom) and n.module)
    own = "/".join(source.path.split("/")[: 2 if source.app == "channels" else 1])
    return {
        alias.asname or alias.name
        for n in imports
        if n.module.endswith(".models") and n.module.startswith("madoguchi.")
        if n.module.removeprefix("madoguchi.").removesuffix(".models").replace(".", "/") != own
        for alias in n.names
    }


def _is_write(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def fat_pages(sources: Iterable[Source]) -> list[str]:
    """Page handlers of more than 15 lines."""
    found = []
    for source in sources:
        for function in source.functions():
            marks = [_root(d) for d in function.decorator_list]
            if {"requires", "public"} & set(marks) and length(function) > MOST_LINES_OF_A_PAGE:
                found.append(f"{source.path}:{function.lineno} {function.name}")
    return found


def test_nobody_writes_the_tables_of_another_package() -> None:
    assert foreign_writes(product()) == []


def test_pages_parse_call_and_render() -> None:
    assert fat_pages(product()) == []


@pytest.mark.parametrize("verb", sorted(WRITES))
def test_a_planted_write_is_found(verb: str) -> None:
    text = "from madoguchi.cases.models import Case\nCase.objects.filter(pk=1)." + verb + "(status='x')\n"
    assert foreign_writes([Source("desk/pages.py", text)]) == ["desk/pages.py:2"]
    assert foreign_writes([Source("cases/actions.py", text)]) == []


def test_a_planted_fat_page_is_found() -> None:
    text = "@requires(Permission.CASE_READ)\ndef page(request):\n" + "    x = 1\n" * 15
    assert fat_pages([Source("desk/pages.py", text)]) == ["desk/pages.py:2 page"]
