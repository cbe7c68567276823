"""`madoguchi routing simulate`: a day under several ways to share work out."""

import json
import sys
from math import isinf
from typing import Any

import click

from madoguchi.project.cli.files_told import language_of_shell
from madoguchi.routing.days import (
    MOST_LETTERS,
    Wrong,
    day_by_chance,
    day_of_tables,
    days_of,
    said_of,
    spelled,
)
from madoguchi.routing.erlang import ErlangA
from madoguchi.routing.figures import CONFIDENCE, NAMES, Estimate, estimates
from madoguchi.routing.simulation import POLICIES, Day, replicated

WRONG, UNREADABLE = 2, 1
MOST_REPLICATIONS = 1_000
PERCENT = {"service_level", "abandonment", "unanswered", "occupancy", "spread"}


@click.command()
@click.argument("day", type=click.Path(), required=False)
@click.option("--people", type=click.Path(), help="Who was there (CSV), where DAY is a table as well.")
@click.option(
    "--mmn", default="", help="Instead: rate=200 agents=12 handle=180 patience=120 target=20 hours=10."
)
@click.option("--policy", "names", multiple=True, type=click.Choice(list(POLICIES)), help="Which; else all.")
@click.option("--replications", type=click.IntRange(2, MOST_REPLICATIONS), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same figures.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Of what is said when a file is not right.")
def simulate(
    day: str | None,
    *,
    people: str | None,
    mmn: str,
    names: tuple[str, ...],
    replications: int,
    seed: int,
    as_json: bool,
    language: str | None,
) -> None:
    """Replay DAY (JSON, or CSV with --people; `-` is standard input) under each policy, many times with other chances,
    and show service level, abandonment, waits, transfers and how evenly people were busy, each with its interval of
    95 %. Formats: docs/routing.md.

    Exit codes: 0 shown, 1 a file cannot be read, 2 what stands in it is not right (the place is named).
    """
    days = _read(day, people, mmn, language or language_of_shell())
    found = {}
    for name in names or POLICIES:
        each = (
            replicated(one, POLICIES[name], replications=replications, seed=seed + n)
            for n, one in enumerate(days)
        )
        found[name] = estimates([figures for several in each for figures in several])
    document = _document(found, days, replications=replications, seed=seed)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else _table(document))


def _read(day: str | None, people: str | None, mmn: str, language: str) -> list[Day]:
    if (day is None) == (not mmn):
        raise click.UsageError("Either a file or --mmn.")
    try:
        if day is None:
            return [day_by_chance(spelled(mmn))]
        if people:
            return [day_of_tables(_text(day), _text(people))]
        return days_of(_text(day))
    except Wrong as error:
        click.echo(f"{day or '--mmn'}: {said_of(error, language)}", err=True)
        sys.exit(WRONG)
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"{day}: {error}", err=True)
        sys.exit(UNREADABLE)


def _text(file: str) -> str:
    with click.open_file(file, "rb") as opened:
        raw = bytes(opened.read(4 * MOST_LETTERS + 1))
    return raw.decode("utf-8-sig")


def _document(
    found: dict[str, dict[str, Estimate]], days: list[Day], *, replications: int, seed: int
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "days": len(days),
        "replications": replications,
        "seed": seed,
        "confidence": CONFIDENCE,
        "policies": {name: {figure: _interval(of[figure]) for figure in NAMES} for name, of in found.items()},
    }
    if len(days) == 1 and days[0].rate and days[0].patience:
        said["erlang_a"] = _erlang(days[0])
    return said


def _interval(of: Estimate) -> dict[str, float | None]:
    if isinf(of.half):
        return {"mean": round(of.mean, 6), "low": None, "high": None}
    return {"mean": round(of.mean, 6), "low": round(of.low, 6), "high": round(of.high, 6)}


def _erlang(day: Day) -> dict[str, float]:
    queue = ErlangA(rate=day.rate, handle=day.handle, patience=day.patience or 0.0, agents=len(day.shifts))
    return {
        "service_level": round(queue.service_level(day.target), 6),
        "abandonment": round(queue.abandonment(), 6),
        "occupancy": round(queue.occupancy(), 6),
    }


def _table(document: dict[str, Any]) -> str:
    """A line for each figure, a column for each policy."""
    policies, exact = document["policies"], document.get("erlang_a", {})
    heads = [*policies, *(["Erlang A"] if exact else [])]
    lines = [f"{'':<15}" + "".join(f"{name:>20}" for name in heads)]
    for name in NAMES:
        cells = [_cell(name, figures[name]) for figures in policies.values()]
        cells += [f"{100 * exact[name]:.2f} %"] if name in exact else []
        lines.append(f"{name:<15}" + "".join(f"{cell:>20}" for cell in cells))
    lines.append(
        f"{document['replications']} replications of {document['days']} days, seed {document['seed']}, 95 %"
    )
    return "\n".join(lines)


def _cell(name: str, of: dict[str, float | None]) -> str:
    mean, high = of["mean"] or 0.0, of["high"]
    half = 0.0 if high is None else high - mean
    if name in PERCENT:
        return f"{100 * mean:.2f} ± {100 * half:.2f} %"
    return f"{mean:.1f} ± {half:.1f}"
