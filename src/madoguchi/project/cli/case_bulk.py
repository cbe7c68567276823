"""`madoguchi case bulk`: one act on many cases, looked at first, with what became of each."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

import click

from madoguchi.batches import actions
from madoguchi.batches.acts import macros_for_many, wanted
from madoguchi.batches.models import Batch
from madoguchi.batches.queries import (
    absent_for,
    batch_of,
    preview,
    progress_of,
    rows_of,
    with_tasks_left,
)
from madoguchi.cases.lists import CaseLine
from madoguchi.companies.queries import desks_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.project.cli.asking import (
    actor_named,
    agreed_by,
    case_seen_by,
    filter_written,
    read_what_is_new,
)
from madoguchi.project.cli.view import view_named
from madoguchi.search.queries import every_case
from madoguchi.views.filters import read_filter
from madoguchi.views.queries import desks_in, every_case_wanted

_VERBS = [verb.value for verb in Batch.Verb if verb not in (Batch.Verb.MERGE, Batch.Verb.CORRECT)]


@click.command()
@click.argument("verb", type=click.Choice(_VERBS))
@click.argument("value")
@click.argument("numbers", nargs=-1)
@click.option("--as", "email", required=True, help="The mail address of who changes them.")
@click.option(
    "--filter", "filter_", default="", help="All cases that a filter (JSON) wants, beside those named."
)
@click.option("--view", "view_", default="", help="All cases of a saved view (its name or id), too.")
@click.option("--query", default="", help="All cases that a search finds, too: `madoguchi search` says how.")
@click.option(
    "--fill", "fill_", multiple=True, help="An own field to fill in first, where it is empty: LABEL=WORDS."
)
@click.option("--yes", is_flag=True, help="Do it; without this one sees what would become of the cases.")
@click.option("--confirm", is_flag=True, help="Give cases to somebody who is not here, too.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def bulk(
    *,
    verb: str,
    value: str,
    numbers: tuple[str, ...],
    email: str,
    filter_: str,
    view_: str,
    query: str,
    fill_: tuple[str, ...],
    yes: bool,
    confirm: bool,
    as_json: bool,
) -> None:
    """Do one act to the cases NUMBERS: VERB is what, VALUE to what: a status, a priority from 1 to 4, a tag, the
    mail address of a person (or `nobody`), a desk's name, the name or id of a macro, for `fill` LABEL=WORDS.

    It is undone as a whole by `madoguchi case bulk-undo`, or on the page of the batch.
    """
    actor = actor_named(email)
    if query:
        read_what_is_new()
    with scope.acting_for(actor.companies):
        found = chain(_filtered(actor, filter_), _in_view(actor, view_), _searched(actor, query))
        chosen = _chosen(actor, numbers, found)
        said = _value(verb, value, actor)
        fills = dict(_label_and_words(one) for one in [*fill_, *([value] if verb == Batch.Verb.FILL else [])])
        told = _foreseen(verb, said, fills, chosen, actor)
        agreed = list(told.get("not_here", {})) if confirm else []
        with agreed_by("--confirm"):
            begin = partial(actions.start, chosen, verb=verb, value=said, fills=fills, confirmed=agreed)
            batch = begin(by=actor) if yes else None
    if batch:
        told |= _done(batch, actor)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _words(told))


@click.command("bulk-undo")
@click.argument("batch", type=int)
@click.option("--as", "email", required=True, help="The mail address of who set it going.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def bulk_undo(batch: int, *, email: str, as_json: bool) -> None:
    """Put every case of BATCH back as it was, but for those to which something has happened since."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        found = batch_of(batch, actor=actor)
        actions.undo(found, by=actor)
    told = _done(found, actor)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _words(told))


def _chosen(actor: Actor, numbers: Sequence[str], found: Iterable[int]) -> list[int]:
    """One more than a batch takes is enough to be refused."""
    named = [case_seen_by(actor, number).pk for number in numbers]
    return list(dict.fromkeys([*named, *islice(found, actions.MOST_CASES + 1)]))


def _filtered(actor: Actor, written: str) -> Iterator[int]:
    if written:
        desks = [desk.pk for desk in desks_of(actor)]
        yield from _ids(every_case_wanted(filter_written(written), desks=desks, actor=actor))


def _in_view(actor: Actor, name: str) -> Iterator[int]:
    if name:
        found = view_named(name, actor)
        desks = desks_in(found, desks_of(actor))
        yield from _ids(every_case_wanted(read_filter(found.filter), desks=desks, actor=actor))


def _searched(actor: Actor, query: str) -> Iterator[int]:
    if query:
        yield from every_case(query, actor=actor, desks=desks_of(actor))


def _ids(lines: Iterable[CaseLine]) -> Iterator[int]:
    return (line.id for line in lines)


def _value(verb: str, written: str, actor: Actor) -> str:
    """A person and a desk are named as people name them; the batch keeps their ids."""
    if verb == Batch.Verb.ASSIGN:
        return "" if written == "nobody" else str(actor_named(written).id)
    if verb == Batch.Verb.MACRO:
        named = [one.pk for one in macros_for_many(actor) if written in (one.name, str(one.pk))]
        if len(named) != 1:
            raise NotFound(f"{len(named)} macros for many cases are called {written}.")
        return str(named[0])
    if verb == Batch.Verb.DESK:
        found = [desk.pk for desk in desks_of(actor) if written in (desk.name, str(desk.pk))]
        if len(found) != 1:
            raise NotFound(f"{len(found)} desks in sight are called {written}.")
        return str(found[0])
    return written


def _label_and_words(written: str) -> tuple[str, str]:
    label, sign, words = written.partition("=")
    if not sign:
        raise click.BadParameter(f"Write LABEL=WORDS, not {written}.")
    return label, words


def _foreseen(
    verb: str, value: str, fills: dict[str, str], chosen: list[int], actor: Actor
) -> dict[str, Any]:
    act = wanted(verb, value, fills=fills, by=actor)
    groups = preview(act, chosen, by=actor)
    fates = [
        {"state": one.state, "reason": one.reason, "count": one.count, "examples": one.examples}
        for one in groups
    ]
    left = with_tasks_left(act, chosen, by=actor)
    absent = dict(absent_for(act, chosen, by=actor))
    told = {"batch": None, "foreseen": fates} | ({"with_tasks_left": left} if left else {})
    return told | ({"not_here": absent} if absent else {})


def _done(batch: Batch, actor: Actor) -> dict[str, Any]:
    """Does it in this process, as a worker would, which may take it up at the same time; tells how far it is."""

    def told() -> None:
        now = progress_of(batch)
        click.echo(f"{now.done:,} of {now.total:,}", err=True)

    actions.work(batch.pk, company=batch.company_id, told=told)
    with scope.acting_for([batch.company_id]):
        batch.refresh_from_db()
        rows = [
            {
                "case": row.case.spoken_number(row.case.company.prefix),
                "state": row.state,
                "reason": row.reason,
            }
            for row in rows_of(batch, actor=actor)
        ]
    return {"batch": batch.pk, "state": batch.state, "rows": rows}


def _words(told: dict[str, Any]) -> str:
    if told["batch"] is None:
        lines = [
            f"{one['count']:>6,}  {one['state']:<8}  {', '.join(one['examples'])}  {one['reason']}".rstrip()
            for one in told["foreseen"]
        ]
        left = told.get("with_tasks_left", 0)
        warned = [f"{left:>6,}  of them have tasks that are not done"] if left else []
        warned += told.get("not_here", {}).values()
        return "\n".join([*lines, *warned, "Nothing was changed: with --yes it is."])
    lines = [f"{row['case']:>10}  {row['state']:<8}  {row['reason']}".rstrip() for row in told["rows"]]
    return "\n".join([*lines, f"Batch {told['batch']} is {told['state']}."])
