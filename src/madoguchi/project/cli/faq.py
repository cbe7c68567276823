"""`madoguchi faq`: which question of an FAQ somebody means."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

# numpy reads it when it is first loaded. For texts this short one core is as quick, and takes a third of the work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from madoguchi.kernel.text import clean
from madoguchi.knowledge.ranking import Entry, Phrasing
from madoguchi.knowledge.ranking.elsewhere import Elsewhere
from madoguchi.knowledge.ranking.held import Away, HeldFaq
from madoguchi.project.cli.files_told import told
from madoguchi.promises.located import N_, Node, as_text, read_json, read_lines


@click.group()
def faq() -> None:
    """Questions that customers ask again and again."""


@faq.command()
@click.option("--faq", "file", required=True, type=click.Path(path_type=Path), help="The FAQ (JSON Lines).")
@click.option("--phrasings", type=click.Path(path_type=Path), help="How customers asked before (JSON Lines).")
def rank(*, file: Path, phrasings: Path | None) -> None:
    """Say for each question on standard input which entries of the FAQ it means, and what to do: `answer`, `suggest`
    or `human`. An object a line, in and out: docs/faq.md.

    Exit codes: 0 done, 1 a file cannot be read, 2 what stands in it is not right (file, line and field are named).
    """
    with told(str(file)):
        entries = list(_entries(read_lines(as_text(file.read_bytes()))))
    asked_before: list[Phrasing] = []
    if phrasings is not None:
        with told(str(phrasings)):
            asked_before = [
                Phrasing(str(_id(node)), _text(node, "text"))
                for node in read_lines(as_text(phrasings.read_bytes()))
            ]
    ids = {str(key): key for key, _entry in entries}
    away = Away(Elsewhere.set_up())
    index = HeldFaq([entry for _key, entry in entries], asked_before, away=away)
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            with told("-"):
                node = read_json(as_text(line), first_line=number)
                asked = _id(node), _text(node, "text", empty=True)
            said = json.dumps(_said(index, ids, *asked), ensure_ascii=False)
            # Half a letter goes out as JSON writes it.
            click.echo(said.encode("utf-8", "backslashreplace"))


def _entries(nodes: Iterator[Node]) -> Iterator[tuple[str | int, Entry]]:
    known: set[str] = set()
    for node in nodes:
        key = _id(node)
        if str(key) in known:
            raise node.wrong(N_("“%(name)s” stands here twice."), name=key)
        known.add(str(key))
        yield key, Entry(str(key), _text(node, "question"), _text(node, "answer", empty=True))


def _said(index: HeldFaq, ids: dict[str, str | int], key: str | int, text: str) -> dict[str, Any]:
    found = index.rank(text)
    ranked = [{"id": ids[one], "score": score} for one, score in found.ranked]
    return {
        "id": key,
        "ranked": ranked,
        "confidence": found.confidence,
        "decision": found.decision.value,
    }


def _id(node: Node) -> str | int:
    """What something is called: a text or a whole number, as it is written. Raises Wrong."""
    found = node.member("id")
    whole = isinstance(found.value, int) and not isinstance(found.value, bool)
    return int(found.value) if whole or not found.text() else str(found.value)


def _text(node: Node, name: str, *, empty: bool = False) -> str:
    """Words under a name. Raises Wrong where there are none, unless they may be `empty`."""
    found = node.member(name)
    return clean(found.value if empty and isinstance(found.value, str) else found.text())
