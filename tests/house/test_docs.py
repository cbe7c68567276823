"""What the documents name exists, and what has a name for ever is documented."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
import screenshots

from madoguchi.kernel.actor import Permission
from madoguchi.project import conf
from madoguchi.project.cli.commands import COMMANDS, main, registered
from tests.house.sources import PACKAGE, ROOT, Source, product

_IN_CODE_MARKS = re.compile(r"`([^`\n]+)`")
_A_FILE = re.compile(r"[\w.@-]+(?:/[\w.@-]+)*\.(?:py|js|css|html|txt|md|toml|sh|po)")
_A_FOLDER = re.compile(r"(?:src|docs|tests|tools|bench|requirements)(?:/[\w.@-]+)+/?")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = ("http://", "https://", "mailto:", "#")
_PICTURES = {f"docs/images/{picture.name}.png" for picture in screenshots.PICTURES}
MOST_LINES_OF_AN_APPS_README = 40
# CONTRIBUTING says what these hold.
SAME_IN_EVERY_APP = {
    "__init__",
    "apps",
    "models",
    "events",
    "actions",
    "queries",
    "policies",
    "reactions",
    "jobs",
}
SAME_IN_EVERY_APP |= {"pages", "forms", "urls", "factories"}
# What an installation makes for itself, and files of other programs.
NOT_OURS = {"mail.eml", "server.log"}


def documents() -> dict[str, str]:
    """Every document by its path from the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *PACKAGE.rglob("README.md")]
    found += [ROOT / "bench" / "README.md"]
    return {str(path.relative_to(ROOT)): path.read_text() for path in sorted(found)}


def paths_in(text: str) -> Iterator[str]:
    """Words in code marks that look like a file, or like a folder of the repository."""
    for marked in _IN_CODE_MARKS.findall(text):
        for word in marked.split():
            if _A_FILE.fullmatch(word) or _A_FOLDER.fullmatch(word):
                yield word


def missing_paths(found: Mapping[str, str]) -> list[str]:
    """Paths that documents name and that are nowhere: from the root, the package, or beside or below the document."""
    return [
        f"{name}: {path}"
        for name, text in found.items()
        for path in paths_in(text)
        if path not in NOT_OURS and not _is_somewhere(path, (ROOT / name).parent)
    ]


def _is_somewhere(path: str, beside: Path) -> bool:
    below = beside.is_relative_to(PACKAGE) and any(beside.glob(f"**/{path}"))
    return below or any((place / path).exists() for place in (ROOT, PACKAGE, beside))


def missing_modules(found: Mapping[str, str]) -> list[str]:
    """Modules in the table of an app's README that the app does not have."""
    return [
        f"{name}: {module}"
        for name, text in found.items()
        for row in re.findall(r"(?s)\| module \|.*?\n((?:\|.*\n)+)", text)
        for first in re.findall(r"(?m)^\|([^|]*)\|", row)
        for module in _IN_CODE_MARKS.findall(first)
        if not any((ROOT / name).parent.joinpath(module + ending).exists() for ending in ("", ".py"))
    ]


def unlisted_modules(found: Mapping[str, str]) -> list[str]:
    """Modules that stand nowhere in an app's README, though it has a table of them: a newcomer would not find them."""
    return [
        f"{name}: {path.stem}"
        for name, text in found.items()
        if "| module |" in text
        for path in sorted((ROOT / name).parent.glob("*.py"))
        if path.stem not in SAME_IN_EVERY_APP and not re.search(rf"\b{path.stem}\b", text)
    ]


def misnumbered(decisions: Iterable[tuple[str, str]]) -> list[str]:
    """Decisions, as name and text, whose number is taken, leaves a gap, or differs from the one in the title."""
    return [
        name
        for place, (name, text) in enumerate(sorted(decisions), start=1)
        if not (name.startswith(f"{place:04}-") and text.startswith(f"# {place:04} "))
    ]


def is_in_the_shape_of_an_app(name: str, path: str) -> bool:
    """CONTRIBUTING names files that any app may have."""
    return name == "CONTRIBUTING.md" and any(PACKAGE.glob(f"**/{path}"))


def broken_links(found: Mapping[str, str]) -> list[str]:
    """Links between documents that lead nowhere. A picture must be one that the tool takes."""
    wrong = []
    for name, text in found.items():
        for link in _LINK.findall(text):
            target = link.partition("#")[0]
            if not link.startswith(_ELSEWHERE) and not _leads_somewhere((ROOT / name).parent / target):
                wrong.append(f"{name}: {link}")
    return wrong


def _leads_somewhere(path: Path) -> bool:
    path = path.resolve()
    if path.suffix == ".png":
        taken = path.parent.is_dir()
        return str(path.relative_to(ROOT)) in _PICTURES and (path.exists() or not taken)
    return path.exists()


def undocumented(names: Iterable[str], found: Iterable[str]) -> list[str]:
    """Names that stand in no document in code marks."""
    known = {marked for text in found for marked in _IN_CODE_MARKS.findall(text)}
    return sorted(set(names) - known)


def kinds(sources: Iterable[Source]) -> list[str]:
    """The kinds of all facts."""
    return [
        node.value.value
        for source in sources
        if source.path.endswith("events.py")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Constant)
        and "kind" in ast.unparse(node).partition("=")[0]
    ]


def jobs(sources: Iterable[Source]) -> list[str]:
    """The names of all jobs and of all readers of the log."""
    return [
        keyword.value.value
        for source in sources
        for function in source.functions()
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("app.task", "reacts_to")
        for keyword in decorator.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]


def commands() -> list[str]:
    """Every command as it is typed."""
    context = click.Context(main)
    found = ((name, main.get_command(context, name)) for name in COMMANDS if registered(name))
    return [f"madoguchi {typed}" for name, command in found for typed in _typed(name, command)]


def _typed(name: str, command: click.Command | None) -> Iterator[str]:
    assert command is not None, f"no command {name}"
    group = isinstance(command, click.Group)
    if not group or command.invoke_without_command:
        yield name
    if group:
        context = click.Context(command)
        for inner in command.list_commands(context):
            yield from _typed(f"{name} {inner}", command.get_command(context, inner))


def too_long(found: Mapping[str, str]) -> list[str]:
    """READMEs of apps that nobody would read."""
    return [
        name
        for name, text in found.items()
        if name.startswith("src/") and text.count("\n") > MOST_LINES_OF_AN_APPS_README
    ]


def apps_without_readme() -> list[str]:
    folders = {path.parent for path in PACKAGE.rglob("apps.py")} | {PACKAGE / "kernel", PACKAGE / "sample"}
    return sorted(str(f.relative_to(PACKAGE)) for f in folders if not (f / "README.md").exists())


def test_every_path_that_a_document_names_exists() -> None:
    missing = [
        line for line in missing_paths(documents()) if not is_in_the_shape_of_an_app(*line.split(": "))
    ]
    assert missing == []


def test_every_module_in_the_table_of_an_app_exists() -> None:
    assert missing_modules(documents()) == []
    assert unlisted_modules(documents()) == []


def test_decisions_are_numbered_one_after_the_other() -> None:
    found = [(path.name, path.read_text()) for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert misnumbered(found) == []


def test_links_lead_somewhere() -> None:
    assert broken_links(documents()) == []


def test_the_life_of_a_message_goes_through_the_house() -> None:
    walked = set(paths_in((ROOT / "docs" / "life-of-a-message.md").read_text()))
    through = {path.partition("/")[0] for path in walked}
    assert len(walked) > 60
    assert {
        "channels",
        "intake",
        "customers",
        "cases",
        "infra",
        "project",
        "desk",
        "delivery",
        "portal",
    } <= through


def test_every_name_is_documented() -> None:
    reference = [(ROOT / "docs" / "reference.md").read_text()]
    assert undocumented(kinds(product()), reference) == []
    assert undocumented(jobs(product()), reference) == []
    assert undocumented((permission.value for permission in Permission), reference) == []
    assert undocumented(commands(), reference) == []
    settings = [(ROOT / "docs" / "running" / "settings.md").read_text()]
    assert undocumented((name for name, _row in conf.settings()), settings) == []


def test_what_is_looked_for_is_there_at_all() -> None:
    assert {"case.opened", "person.added"} <= set(kinds(product()))
    assert {"intake.left_over", "delivery.deliver", "delivery.acknowledge"} <= set(jobs(product()))
    assert {"madoguchi up", "madoguchi events", "madoguchi events verify"} <= set(commands())
    assert "madoguchi case" not in commands()


def test_every_app_says_what_it_is_for_in_a_few_lines() -> None:
    assert apps_without_readme() == []
    assert too_long(documents()) == []


def test_planted_violations_are_found() -> None:
    planted = {
        "docs/a.md": "see `cases/models.py`, `cases/gone.py` and `src/madoguchi/nowhere/` [x](b.md) [y](../README.md)",
        "src/madoguchi/cases/README.md": "`models.py` `vanished.py` and `not a path.py x`\n" * 41,
        "README.md": "![p](docs/images/console.png) ![q](docs/images/holiday.png) [w](https://example.jp)",
    }
    assert missing_paths(planted)[:3] == [
        "docs/a.md: cases/gone.py",
        "docs/a.md: src/madoguchi/nowhere/",
        "src/madoguchi/cases/README.md: vanished.py",
    ]
    assert [link for link in broken_links(planted) if "console" not in link] == [
        "docs/a.md: b.md",
        "README.md: docs/images/holiday.png",
    ]
    assert too_long(planted) == ["src/madoguchi/cases/README.md"]
    table = "| module | holds |\n|---|---|\n| `models`, `vanished` | nouns, `words` |\n| `actions/arrive` | verbs |\n"
    assert missing_modules({"src/madoguchi/cases/README.md": table}) == [
        "src/madoguchi/cases/README.md: vanished"
    ]
    listed = unlisted_modules(
        {"src/madoguchi/kernel/README.md": "| module |\n| `actor` `channel` | `clock` |"}
    )
    assert "src/madoguchi/kernel/README.md: identity" in listed
    assert not any("actor" in line or "__init__" in line for line in listed)
    assert is_in_the_shape_of_an_app("CONTRIBUTING.md", "policies.py")
    assert not is_in_the_shape_of_an_app("docs/a.md", "policies.py")


def test_a_planted_number_is_found() -> None:
    right, twice, other = (
        ("0001-a.md", "# 0001 A\n"),
        ("0001-b.md", "# 0001 B\n"),
        ("0003-c.md", "# 0002 C\n"),
    )
    assert misnumbered([right]) == []
    assert misnumbered([other, right, twice]) == ["0001-b.md", "0003-c.md"]
    assert misnumbered([("0001-d.md", "# 0002 D\n")]) == ["0001-d.md"]


def test_planted_names_are_found() -> None:
    events = Source("cases/events.py", 'class A(Fact):\n    kind: ClassVar[str] = "case.planted"\n')
    work = Source("cases/jobs.py", '@app.task(name="cases.planted")\ndef f():\n    pass\n')
    assert kinds([events]) == ["case.planted"]
    assert jobs([work]) == ["cases.planted"]
    assert undocumented(["case.planted", "case.opened"], ["| `case.opened` |"]) == ["case.planted"]
    assert undocumented(["case.opened"], ["case.opened without marks"]) == ["case.opened"]
