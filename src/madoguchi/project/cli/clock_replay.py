"""`madoguchi clock replay`: what the clocks of a case show, from two files alone."""

import json
from datetime import datetime
from typing import Any

import click

from madoguchi.project.cli.files_told import told
from madoguchi.promises.clocks import read_clocks
from madoguchi.promises.located import MOST_CHARACTERS, Node, Wrong, as_text, read_json, read_lines
from madoguchi.promises.reading_events import read_events, read_moment
from madoguchi.promises.reading_policy import read_policies
from madoguchi.promises.said import document
from madoguchi.promises.story import Event, tell
from madoguchi.promises.wording import NOT_THERE_YET


@click.command()
@click.argument("policy", type=click.Path())
@click.argument("events", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--at", "at", default="", help="As of this time; without it, of the last event.")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Of what is said when a file is not right.")
def replay(policy: str, events: str, *, as_json: bool, at: str, language: str | None) -> None:
    """Run the policy in POLICY (JSON) over what happened to one case, in EVENTS (JSON Lines; `-` is standard
    input), and show each clock: when it is due, what ran, what stood still, what was broken. Formats: docs/clocks.md.

    Exit codes: 0 shown, 1 a file cannot be read, 2 what stands in it is not right (file, line and field are named).
    """
    with told(policy, language=language):
        policies = read_policies(read_json(as_text(_bytes(policy))))
    with told(events, language=language):
        happened = read_events(read_lines(as_text(_bytes(events))))
        story = tell(happened)
    with told("--at", language=language):
        moment = _until(at, happened)
    shown = document(read_clocks(story, policies, at=moment), at=moment, zone=policies[0].calendar.zone)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else _table(shown))


def _bytes(file: str) -> bytes:
    with click.open_file(file, "rb") as opened:
        return bytes(opened.read(MOST_CHARACTERS + 1))


def _until(written: str, happened: list[Event]) -> datetime:
    last = max(event.at for event in happened)
    if not written:
        return last
    moment = read_moment(Node(written, 0))
    if moment < min(event.at for event in happened):
        raise Wrong(NOT_THERE_YET)
    return moment


def _table(shown: dict[str, Any]) -> str:
    lines = [f"as of {shown['as_of']}"]
    for clock in shown["clocks"]:
        due = clock["due_at"] or "–"
        broken = f"  broken {clock['breached_at']}" if clock["breached"] else ""
        name = f"{clock['metric']} {clock['cycle']}"
        lines.append(
            f"{name:<20} {clock['state']:<8} due {due:<26} "
            f"{clock['counted_seconds']}/{clock['target_seconds']} s{broken}"
        )
    return "\n".join(lines)
