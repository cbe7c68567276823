"""`madoguchi kpi`: figures of desks, with how they are reckoned and what they rest on."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from madoguchi.companies.models import Company, Desk, OperatorCompany
from madoguchi.infra import scope
from madoguchi.insight.catalogue import DEFINITIONS, definition
from madoguchi.insight.definitions import Anything, told
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Figure, Wanted, figures, is_written_down, versions_of
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.project.cli.asking import company_of

USUAL_DAYS = 30
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_NO_RECORDS = "Nothing that this needs is written down in this version of Madoguchi."


@click.command()
@click.argument("name", required=False)
@click.option("--from", "begin", type=click.DateTime(_FORMATS), help="From this day or moment on, in Japan.")
@click.option(
    "--to", "end", type=click.DateTime(_FORMATS), help="Up to the end of this day, or to this moment."
)
@click.option("--company", "slug", help="Of this company alone (its short name); otherwise of each.")
@click.option("--desk", help="Of this desk (its name or id).")
@click.option("--kind", type=click.Choice(Desk.Kind.values), help="Of all desks of this kind.")
@click.option("--operator", help="Of what this operator's people did (its name or id).")
@click.option("--channel", type=click.Choice([channel.value for channel in Channel]))
@click.option("--version", "version", default="", help="Of this version of the definition alone.")
@click.option("--target", type=click.FloatRange(min=0), help="Within so many seconds, where it has a target.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--explain", is_flag=True, help="Also what it rests on: each record, and the ids of its events."
)
def kpi(
    name: str | None,
    *,
    begin: datetime | None,
    end: datetime | None,
    slug: str | None,
    desk: str | None,
    kind: str | None,
    operator: str | None,
    channel: str | None,
    version: str,
    target: float | None,
    as_json: bool,
    explain: bool,
) -> None:
    """Figures of desks, recomputed from the log. Without NAME: all that are defined.

    docs/kpi.md has every definition. Exit codes: 0 done, 1 there is no such figure, company, desk or operator.
    """
    if name is None:
        for one in DEFINITIONS:
            click.echo(_listed(one, as_json=as_json))
        return
    chosen = [definition(name, version)] if version else versions_of(name)
    if not chosen:
        raise NotFound(f"There is no figure {name}. `madoguchi kpi` lists all.")
    if target is not None:
        chosen = [one.at_target(target) for one in chosen]
    span = _span(begin, end)
    for company, desks, by in _places(slug, desk, operator, kind):
        with scope.acting_for([company.pk]):
            wanted = Wanted(company=company.pk, span=span, desks=desks, operator=by, channel=channel or "")
            found = figures(wanted, chosen)
        for figure in found:
            _tell(figure, company, span, as_json=as_json, explain=explain)


def _places(
    slug: str | None, desk: str | None, operator: str | None, kind: str | None
) -> Iterator[tuple[Company, frozenset[int] | None, int | None]]:
    """Each company that is asked for, with the desks and the operator of it."""
    with scope.everywhere(reason="whoever has the command line of an installation reads its log"):
        only = company_of(slug)
        companies = [company for company in Company.objects.order_by("slug") if only in (None, company.pk)]
        places = [
            one
            for one in (Desk.objects.order_by("id") if desk or kind else ())
            if (not desk or desk in (one.name, str(one.pk))) and kind in (None, one.kind)
        ]
        by = _operator(operator) if operator else None
    places = [one for one in places if only in (None, one.company_id)]
    if (desk or kind) and not places:
        raise NotFound(f"There is no desk {desk or f'of the kind {kind}'}.")
    for company in companies:
        here = frozenset(one.pk for one in places if one.company_id == company.pk)
        if here or not (desk or kind):
            yield company, here if desk or kind else None, by


def _operator(name: str) -> int:
    found = [one for one in OperatorCompany.objects.all() if name in (one.name, str(one.pk))]
    if not found:
        raise NotFound(f"There is no operator {name}.")
    return found[0].pk


def _span(begin: datetime | None, end: datetime | None) -> Span:
    now = clock.now()
    until = now if end is None else _in_japan(end)
    if end is not None and (end.hour, end.minute, end.second) == (0, 0, 0):
        until += timedelta(days=1)
    since = _in_japan(begin) if begin else until - timedelta(days=USUAL_DAYS)
    return Span(since, until, now)


def _in_japan(moment: datetime) -> datetime:
    return moment.replace(tzinfo=clock.TOKYO)


def _listed(one: Anything, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(_definition(one), ensure_ascii=False)
    missing = "" if is_written_down(one) else "  (not written down yet)"
    return f"{one.key:<26} {one.formula}{missing}"


def _definition(one: Anything) -> dict[str, Any]:
    names = ("name", "version", "title", "formula", "denominator", "source", "goal")
    return {name: getattr(one, name) for name in names} | {
        "unit": one.unit.value,
        "written_down": is_written_down(one),
    }


def _tell(figure: Figure, company: Company, span: Span, *, as_json: bool, explain: bool) -> None:
    one, reckoned = figure.definition, figure.reckoned
    parts = reckoned.parts if reckoned and explain else ()
    if as_json:
        row = _definition(one) | {"company": company.slug, "from": _iso(span.begin), "to": _iso(span.end)}
        row |= {
            "value": figure.value,
            "over": reckoned and reckoned.over,
            "under": reckoned and reckoned.under,
        }
        if explain:
            row["rests_on"] = [
                {"of": p.record.ref, "over": p.over, "under": p.under, "events": list(p.record.events)}
                for p in parts
            ]
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"{company.slug}  {one.key}  {told(figure.value, one.unit)}  {_sums(figure)}".rstrip())
    click.echo(f"    {one.formula}; of: {one.denominator}; source: {one.source}")
    for line in _explained(figure) if explain else ():
        click.echo(line)


def _sums(figure: Figure) -> str:
    if figure.reckoned is None:
        return _NO_RECORDS
    return f"({figure.reckoned.sums})"


def _explained(figure: Figure) -> Sequence[str]:
    parts = figure.reckoned.parts if figure.reckoned else ()
    return [
        f"    {part.record.ref:<16} {part.over:g} ÷ {part.under:g}  events {' '.join(map(str, part.record.events))}"
        for part in parts
    ]


def _iso(moment: datetime) -> str:
    return moment.astimezone(clock.TOKYO).isoformat()
