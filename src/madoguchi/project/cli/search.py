"""`madoguchi search`: what the box of the console finds."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.customers.queries import lines_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.project.cli.asking import actor_named, read_what_is_new
from madoguchi.search.actions import index_again, index_all, read_given_up_again
from madoguchi.search.asked import FILTERS, Told
from madoguchi.search.queries import Hit
from madoguchi.search.queries import search as find

_REMARKS = {
    Told.NOBODY: "“%s” is nobody here, so nothing was found.",
    Told.LAST_COUNTS: "“%s” and “%s” cannot both be so: only the last one counts.",
    Told.NO_TIME: "No day is left between these dates, so nothing was found.",
    Told.ALONE: "“%s” has nothing right behind its colon: looked for as words.",
    Told.UNKNOWN: f"“%s” is no filter: looked for as words. There are {', '.join(sorted(set(FILTERS.values())))}.",
    Told.NOT_TURNED: "“%s”: a filter cannot be turned round with “-”, its words were left out instead.",
}
_SHELL = "the shell of the installation belongs to who runs it"


@click.command()
@click.argument("query", nargs=-1)
@click.option("--as", "email", help="See what this person sees (their mail address); else everything.")
@click.option("--all", "whole", is_flag=True, help="Every result instead of the first page.")
@click.option("--rebuild", is_flag=True, help="Index everything anew, then search.")
@click.option("--retry-files", is_flag=True, help="Have files read again that were given up.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def search(
    *, query: tuple[str, ...], email: str | None, whole: bool, rebuild: bool, retry_files: bool, as_json: bool
) -> None:
    """Find cases by what somebody remembers of them: words, names, numbers, addresses.

    "…" is an exact phrase, -word must not be there; filters: from: to: subject: desk: before: after: status: tag:
    assignee: has:attachment channel: priority: is:unread|open|closed
    (差出人: 宛先: 件名: 窓口: まで: 以降: 状態: タグ: 担当: 添付:あり 経路:),
    and the name of a field that a desk has: 返金額:10000以上, 購入日:2026-11-01..2026-11-30, 原因:破損, 型番:なし.
    """
    if rebuild:
        _rebuild()
    if retry_files:
        click.echo(f"{read_given_up_again()} files to be read again by the worker.", err=True)
    if not query and not rebuild and not retry_files:
        raise click.UsageError("Say what to look for.")
    read_what_is_new()
    actor = actor_named(email) if email else None
    for row in _rows(" ".join(query), actor, whole=whole):
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _rows(text: str, actor: Actor | None, *, whole: bool) -> Iterator[dict[str, Any]]:
    within = scope.acting_for(actor.companies) if actor else scope.everywhere(reason=_SHELL)
    with within:
        desks = desks_of(actor) if actor else list(Desk.objects.select_related("company"))
        page = find(text, actor=actor, desks=desks)
        for one in page.unclear:
            click.echo(f"“{one}” is no filter that can be understood: looked for as words.", err=True)
        for told, *about in page.remarks:
            click.echo(_REMARKS[told] % tuple(about), err=True)
        yield from _worded(page.hits)
        yield from map(_customer, lines_of(page.customers, actor=actor))
        while whole and page.next:
            page = find(text, actor=actor, desks=desks, after=page.next)
            yield from _worded(page.hits)


def _worded(hits: list[Hit]) -> Iterator[dict[str, Any]]:
    cases = {
        c.pk: c for c in Case.objects.select_related("company").filter(pk__in=[hit.case for hit in hits])
    }
    for hit in hits:
        case, match = cases[hit.case], hit.match
        yield {
            "case": case.spoken_number(case.company.prefix),
            "kind": match.kind if match else "case",
            "field": match.field if match else "",
            "snippet": str(hit.snippet or ""),
            "at": (match.at if match else case.touched_at).isoformat(),
            "score": hit.score,
            "subject": case.subject,
        }


def _customer(line: str) -> dict[str, Any]:
    """Somebody who has no case yet."""
    nothing = {"field": "", "at": "", "score": 0.0, "subject": ""}
    return {"case": None, "kind": "customer", "snippet": line} | nothing


def _line(row: dict[str, Any]) -> str:
    return f"{row['case'] or '-':>10}  {row['at'][:10]:10}  {row['subject']}  | {row['snippet']}"


def _rebuild() -> None:
    index_again()
    with scope.everywhere(reason=_SHELL):
        last = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with click.progressbar(length=last, label="Index", file=sys.stderr) as bar:
        for done in index_all():
            bar.update(min(done, last) - bar.pos)
