"""`madoguchi bot`: how well the words are found at which a person takes over."""

import json
from collections import Counter
from pathlib import Path

import click

from madoguchi.bot.limits import Kind, found_in
from madoguchi.project.cli.files_told import told
from madoguchi.promises.located import N_, as_text, read_lines


@click.group()
def bot() -> None:
    """What answers in chats from approved articles."""


@bot.command()
@click.argument("labelled", type=click.Path(path_type=Path))
@click.option("--missed", is_flag=True, help="Name the sentences that were missed, and those wrongly found.")
def limits(*, labelled: Path, missed: bool) -> None:
    """Measure on sentences of your own how many that touch a limit are found, and how many others are taken for one.

    LABELLED has a line for each: {"text", "kind"}, the kind empty where there is no limit; "part" tells parts apart.
    Prints a JSON object for each part. Exit codes: 0 done, 1 the file cannot be read, 2 what stands in it is not right.
    """
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[dict[str, str]] = []
    with told(str(labelled)):
        for node in read_lines(as_text(labelled.read_bytes())):
            text, wanted = node.member("text").text(), str(node.member("kind").value)
            part = str(node.member("part").value) if "part" in node.members() else "all"
            if wanted and wanted not in Kind.values:
                raise node.member("kind").wrong(N_("“%(name)s” is no kind of limit."), name=wanted)
            found = found_in(text)
            counts[part, ("limits" if wanted else "others")] += 1
            counts[part, ("found" if wanted else "false_alarms")] += found is not None
            if bool(wanted) != (found is not None):
                wrong.append({"text": text, "kind": wanted, "found": found.word if found else ""})
    for part in sorted({part for part, _what in counts}):
        told_of = {what: counts[part, what] for what in ("limits", "found", "others", "false_alarms")}
        recall = round(told_of["found"] / told_of["limits"], 3) if told_of["limits"] else None
        click.echo(json.dumps({"part": part, **told_of, "recall": recall}))
    for one in wrong if missed else ():
        click.echo(json.dumps(one, ensure_ascii=False))
