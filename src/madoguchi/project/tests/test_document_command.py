"""`madoguchi document preview`: a process of its own, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf

from madoguchi.project import conf

DOCS = Path(conf.__file__).parents[3] / "docs"


def run(*arguments: str, stdin: bytes = b"", language: str = "en_US.UTF-8") -> tuple[int, Any, str]:
    done = subprocess.run(
        [sys.executable, "-m", "madoguchi.project.cli", "document", "preview", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "LC_ALL": language, "MADOGUCHI_DATA": "/nowhere"},
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr.decode()


def example() -> bytes:
    """The example that the documents show."""
    text = (DOCS / "documents.md").read_text()
    return text.partition("```json\n")[2].partition("```")[0].encode()


def test_the_example_of_the_documents_becomes_a_paper(tmp_path: Path) -> None:
    pdf = tmp_path / "invoice.pdf"

    code, said, error = run("適格請求書", "-", "--pdf", str(pdf), stdin=example())

    assert (code, error) == (0, "")
    assert said["totals"] == {"net": 11_033, "tax": 1_024, "total": 12_057}
    assert said["missing"] == []
    assert "㈱髙﨑商店" in pypdf.PdfReader(pdf).pages[0].extract_text()


def test_what_lacks_something_is_reckoned_and_told_and_no_paper(tmp_path: Path) -> None:
    lines = [
        {"name": f"品{n}", "quantity": 1, "unit_price": price, "tax_rate": 10, "tax_included": False}
        for n, price in enumerate((1_111, 2_223, 3_339, 4_447, 5_551))
    ]
    pdf = tmp_path / "invoice.pdf"

    code, said, error = run("invoice", "-", "--pdf", str(pdf), stdin=json.dumps({"lines": lines}).encode())

    assert code == 1
    assert (said["totals"]["tax"], said["by_rate"][0]["tax"]) == (1_667, 1_667)
    assert "issuer.registration_number" in error
    assert not pdf.exists()
    # and without a paper to write, the figures were all that was asked for
    code, said, error = run("invoice", "-", stdin=json.dumps({"lines": lines}).encode())
    assert (code, said["totals"]["total"]) == (0, 18_338)
    assert "issuer.registration_number" in error


def test_errors_are_told_in_the_language_of_the_shell_without_a_traceback(tmp_path: Path) -> None:
    wrong = b'{"lines": [{"name": "a", "quantity": "x", "unit_price": 1, "tax_rate": 10}]}'

    assert run("invoice", "-", stdin=wrong) == (
        1,
        None,
        "Error: “lines[1].quantity” is no number: x.\n",
    )
    assert run("invoice", "-", stdin=wrong, language="ja_JP.UTF-8") == (
        1,
        None,
        "Error: 「lines[1].quantity」は数ではありません: x\n",
    )
    missing = str(tmp_path / "nowhere.json")
    assert run("invoice", missing) == (1, None, f"Error: The file {missing} cannot be read.\n")
    assert run("見積書", "-", stdin=b"{}")[0] == 1
    assert run("invoice")[0] == 2


def test_where_the_paper_cannot_be_written_it_is_told(tmp_path: Path) -> None:
    pdf = str(tmp_path / "no" / "folder.pdf")
    code, said, error = run("invoice", "-", "--pdf", pdf, stdin=example())
    assert (code, error) == (1, f"Error: The file {pdf} cannot be written.\n")
    assert said["totals"]["total"] == 12_057
