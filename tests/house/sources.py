"""The product's own Python, parsed once for all house tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "madoguchi"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the product: where it is, relative to the package, and what is in it."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The file, parsed; nobody changes what comes out, for all who ask are given the same."""
        return _parsed(self.text)

    @property
    def app(self) -> str:
        """The package it belongs to."""
        return self.path.split("/")[0]

    def functions(self) -> Iterator[Function]:
        """Every function and method in it."""
        return (n for n in ast.walk(self.tree) if isinstance(n, Function))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def product() -> tuple[Source, ...]:
    """Every file of the product but migrations, tests and factories."""
    return tuple(s for s in everything() if not _is_for_tests(s.path) and "/migrations/" not in f"/{s.path}")


@cache
def everything() -> tuple[Source, ...]:
    """Every Python file under src/madoguchi."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(Source(str(f.relative_to(PACKAGE)), f.read_text()) for f in files)


def _is_for_tests(path: str) -> bool:
    return "/tests/" in f"/{path}" or path.endswith("factories.py")


def length(node: ast.AST) -> int:
    """Lines from the definition to its end, decorators apart."""
    return node.end_lineno - node.lineno + 1  # type: ignore[attr-defined]
