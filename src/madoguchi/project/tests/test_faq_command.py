"""`madoguchi faq rank`: a process of its own, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FAQ = (
    {"id": "返品", "question": "返品はできますか。", "answer": "お届けから8日以内なら承ります。"},
    {"id": 2, "question": "送料はいくらですか。", "answer": "全国一律660円です。"},
    {"id": "3", "question": "領収書がほしい。", "answer": "購入履歴から発行できます。"},
)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    file = tmp_path / "faq.jsonl"
    file.write_text(lines(*FAQ))
    return file


def rank(*arguments: object, asked: str) -> tuple[int, list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "madoguchi.project.cli", "faq", "rank", *map(str, arguments)],
        input=asked.encode("utf-8", "surrogatepass"),
        capture_output=True,
        env={**os.environ, "LC_ALL": "en_US.UTF-8", "MADOGUCHI_DATA": "/nowhere"},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_a_line_comes_out_for_each_question_with_ids_as_they_were_written(faq: Path) -> None:
    asked = lines({"id": 7, "text": "送料はいくらですか"}, {"id": "b", "text": ""})

    code, said, error = rank("--faq", faq, asked=asked + "\n")

    assert (code, error) == (0, "")
    assert [(one["id"], one["decision"]) for one in said] == [(7, "answer"), ("b", "human")]
    assert said[0]["ranked"][0]["id"] == 2
    assert sorted(map(str, (one["id"] for one in said[0]["ranked"]))) == ["2", "3", "返品"]
    assert 0.75 <= said[0]["confidence"] <= 1
    assert (said[1]["ranked"], said[1]["confidence"]) == ([], 0)


def test_phrasings_are_other_ways_to_ask(faq: Path, tmp_path: Path) -> None:
    told = tmp_path / "phrasings.jsonl"
    told.write_text(lines({"id": "3", "text": "例の黒い箱の番人がまた怒った"}))

    _code, said, _error = rank(
        "--faq", faq, "--phrasings", told, asked=lines({"id": "a", "text": "黒い箱の番人が怒った"})
    )

    assert said[0]["ranked"][0]["id"] == "3"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lines(*FAQ) + "{", "line 4: This is no JSON"),
        (lines(FAQ[0], {"id": "1", "question": "?"}), "line 2: “answer” is missing here."),
        (lines(FAQ[0], FAQ[0]), "line 2: “返品” stands here twice."),
        (lines({"id": True, "question": "a", "answer": "b"}), "line 1: id: This must be a text, not true."),
        (
            lines({"id": "1", "question": " ", "answer": "b"}),
            'line 1: question: This must be a text, not " ".',
        ),
    ],
)
def test_a_file_that_is_not_right_is_named_with_its_line(faq: Path, content: str, words: str) -> None:
    faq.write_text(content)

    code, said, error = rank("--faq", faq, asked=lines({"id": 1, "text": "返品"}))

    assert (code, said) == (2, [])
    assert f"{faq}: {words}" in error
    assert "Traceback" not in error


def test_a_question_that_is_not_right_ends_it_after_those_before(faq: Path) -> None:
    code, said, error = rank("--faq", faq, asked=lines({"id": 1, "text": "返品"}, {"id": 2}))

    assert (code, [one["id"] for one in said]) == (2, [1])
    assert error == "-: line 2: “text” is missing here.\n"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said, error = rank("--faq", tmp_path / "none.jsonl", asked="")

    assert (code, said) == (1, [])
    assert "none.jsonl" in error


def test_half_a_letter_harms_nothing(faq: Path) -> None:
    code, said, error = rank("--faq", faq, asked='{"id": "a\\ud800", "text": "送料\\ud800は"}\n')

    assert (code, error) == (0, "")
    assert [(one["id"], one["ranked"][0]["id"]) for one in said] == [("a\ud800", 2)]


def test_an_id_and_a_line_within_a_text_are_as_they_were_written(faq: Path) -> None:
    odd = " か\u3099 "
    faq.write_text(lines({"id": odd, "question": "送料は\u2028いくら", "answer": "660円"}))

    _code, said, error = rank("--faq", faq, asked=lines({"id": odd, "text": "送料\u2028"}))

    assert error == ""
    assert (said[0]["id"], said[0]["ranked"][0]["id"]) == (odd, odd)
