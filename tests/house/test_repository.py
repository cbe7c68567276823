"""The repository stands alone: locked with hashes, no addresses, no secrets, every word said in Japanese."""

import re
import subprocess
from collections.abc import Iterable

import pytest
import wording

from tests.house.sources import ROOT

_ADDRESS = re.compile(r"(--(extra-)?index-url|--find-links|pypi\.org|files\.pythonhosted)", re.IGNORECASE)
_SECRET = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36})")
_HOME = re.compile(r"(?<![\w.$])/(?:home|root|work|Users)/[a-z]")
_HALF_MERGED = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)
_THIS_FILE = "tests/house/test_repository.py"


def tracked() -> list[str]:
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [f for f in run.stdout.splitlines() if (ROOT / f).is_file()]


def texts() -> dict[str, str]:
    found = {}
    for name in tracked():
        try:
            found[name] = (ROOT / name).read_text()
        except UnicodeDecodeError:
            continue
    found.pop(_THIS_FILE, None)
    return found


def matching(pattern: re.Pattern[str], found: dict[str, str]) -> list[str]:
    return sorted(name for name, text in found.items() if pattern.search(text))


def unpinned(requirements: Iterable[str]) -> list[str]:
    """Lines of a compiled requirements file that name a package without version and hash."""
    joined = "\n".join(requirements).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if re.match(r"[a-z]", line)]
    return [line.split()[0] for line in lines if "==" not in line or "--hash=sha256:" not in line]


def test_no_package_index_no_secret_and_no_path_of_one_machine_is_in_the_repository() -> None:
    found = texts()
    assert matching(_ADDRESS, found) == []
    assert matching(_SECRET, found) == []
    assert matching(_HOME, found) == []


def test_nothing_was_left_half_merged() -> None:
    assert matching(_HALF_MERGED, texts()) == []


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_package_is_pinned_with_its_hash(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    assert sum("==" in line for line in lines) > 20
    assert unpinned(lines) == []


@pytest.mark.parametrize("app", wording.apps(), ids=lambda app: app.name)
def test_every_word_is_said_in_japanese(app: wording.Path) -> None:
    assert wording.lacking(app) == []


@pytest.mark.parametrize("app", wording.apps(), ids=lambda app: app.name)
def test_the_catalogues_hold_what_is_said_and_bringing_them_up_changes_nothing(app: wording.Path) -> None:
    text = wording.catalogue_file(app).read_text()
    assert wording.brought_up(text, wording.extracted(app)) == text


def test_a_catalogue_keeps_its_order_and_takes_up_and_drops_single_words() -> None:
    said = wording.Catalog(locale="ja")
    for word in ("Zebra", "Apple", "Mango"):
        said.add(word)
    head = '# Japanese.\nmsgid ""\nmsgstr ""'
    zebra, apple = 'msgid "Zebra"\nmsgstr "縞馬"', 'msgid "Apple"\nmsgstr "林檎"'
    gone, outside = 'msgid "Gone"\nmsgstr "無"', '# Said by allauth.\nmsgid "Name"\nmsgstr "名前"'
    before = "\n\n".join([head, zebra, gone, apple, outside, zebra]) + "\n"

    after = wording.brought_up(before, said)

    assert after == "\n\n".join([head, 'msgid "Mango"\nmsgstr ""', zebra, apple, outside]) + "\n"
    assert wording.brought_up(after, said) == after


def test_every_app_with_words_has_a_catalogue() -> None:
    have = set(wording.apps())
    folders = {p.parent for p in wording.SOURCE.rglob("apps.py")}
    assert [f.name for f in folders - have if any(True for m in wording.extracted(f) if m.id)] == []


def test_planted_violations_are_found() -> None:
    planted = {
        "a.txt": "--extra-index-url x",
        "b.txt": "-----BEGIN RSA PRIVATE KEY-----",
        "c.txt": "see /home/taro/x",
        "d.txt": "fine, 1 <<<<<<< 2",
        "e.md": "ours\n>>>>>>> theirs\n",
    }
    assert matching(_ADDRESS, planted) == ["a.txt"]
    assert matching(_SECRET, planted) == ["b.txt"]
    assert matching(_HOME, planted) == ["c.txt"]
    assert matching(_HALF_MERGED, planted) == ["e.md"]
    assert unpinned(["django==5.2 \\", "    --hash=sha256:aa", "six==1.16", "attrs>=1"]) == [
        "six==1.16",
        "attrs>=1",
    ]
