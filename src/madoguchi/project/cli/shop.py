"""`madoguchi shop`: how a company sells, and what."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from madoguchi.commerce.actions import set_up_shop, write_policy, write_shipping_rule
from madoguchi.commerce.campaigns import campaigns_of
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.issuing import digest_of
from madoguchi.commerce.models import IssuedDocument
from madoguchi.commerce.products import keep_products
from madoguchi.commerce.queries import papers_given, papers_told, products_matching
from madoguchi.companies.models import Company
from madoguchi.imports.parcel_table import take_parcels
from madoguchi.imports.product_table import read_products
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.project.cli.asking import company_of
from madoguchi.storefronts.actions.taking import hand_in
from madoguchi.storefronts.bulk import Unreadable, items_in
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.queries import storefronts_of

_WHY = "the shell of the installation belongs to who runs it"
_SHELL = system("command line")
_COMPANY = click.option("--company", required=True, help="The short name of the company.")


@click.group()
def shop() -> None:
    """How a company sells, and what."""


@shop.command(name="set")
@_COMPANY
@click.option("--name", help="Its name on papers.")
@click.option("--registration-number", help="T and 13 digits.")
@click.option("--address")
@click.option("--phone")
@click.option("--representative", help="Who represents the company, for written terms.")
@click.option("--bank", help="Where invoices are paid.")
@click.option("--rounding", type=click.Choice([one.value for one in Rounding]), help="Of the tax.")
@click.option(
    "--refund-limit", type=click.IntRange(0), help="Refunds of an order above it need a second person."
)
def set_(*, company: str, refund_limit: int | None, **said: str | None) -> None:
    """Say what the company's papers tell of it. What is not said stays."""
    found = _company(company)
    with scope.acting_for([found.pk]):
        limit = ... if refund_limit is None else refund_limit
        words = {name: value for name, value in said.items() if value is not None}
        set_up_shop(found, by=_SHELL, refund_limit=limit, **words)


@shop.command()
@_COMPANY
@click.option("--days", required=True, type=click.IntRange(0, 3650), help="How long goods are taken back.")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def policy(*, company: str, days: int, file: click.File) -> None:
    """Take goods back on the terms of a file (`-`: standard input) from now on; orders of before keep theirs."""
    found = _company(company)
    with scope.acting_for([found.pk]):
        made = write_policy(found, words=file.read(), days=days, by=_SHELL)  # type: ignore[attr-defined]
    click.echo(json.dumps({"number": made.number}))


@shop.command()
@_COMPANY
@click.option("--fee", type=int, help="Yen, with tax. Without it nothing is said of what it costs.")
@click.option("--free-from", type=int, help="From this amount on it costs nothing.")
@click.option("--region", "regions", multiple=True, help="A prefecture with a fee of its own: 沖縄県=1500.")
@click.option("--days", type=int, help="How many days goods are on their way.")
@click.option("--region-days", multiple=True, help="A prefecture with days of its own: 沖縄県=4.")
def shipping(
    *,
    company: str,
    fee: int | None,
    free_from: int | None,
    regions: tuple[str, ...],
    days: int | None,
    region_days: tuple[str, ...],
) -> None:
    """Let sending goods cost this, and take so long, from now on; orders of before keep what they cost."""
    found = _company(company)
    prices, elsewhere = _by_prefecture(regions), _by_prefecture(region_days)
    said = {"fee": fee, "free_from": free_from, "regions": prices, "days": days, "region_days": elsewhere}
    with scope.acting_for([found.pk]):
        made = write_shipping_rule(found, **said, by=_SHELL)  # type: ignore[arg-type]
    click.echo(json.dumps({"number": made.number}))


def _by_prefecture(written: tuple[str, ...]) -> dict[str, int]:
    said = {name: value for name, _sign, value in (one.partition("=") for one in written)}
    if not all(value.isascii() and value.isdecimal() for value in said.values()):
        raise click.UsageError("Write --region like 沖縄県=1500.")
    return {name: int(value) for name, value in said.items()}


@shop.command(name="import")
@_COMPANY
@click.option("--dry-run", is_flag=True, help="Say what would come and what cannot; change nothing.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(*, company: str, dry_run: bool, file: Path) -> None:
    """Have products as a table (CSV) says them. Rows that make no sense are told; the others come."""
    found, table = _company(company), read_products(file)
    told = {
        "letters": table.letters,
        "attributes": table.attributes,
        "rows": len(table.products),
        "wrong": [{"place": one.place, "why": one.why} for one in table.wrong],
    }
    if not dry_run:
        with scope.acting_for([found.pk]):
            kept = keep_products(found, table.products, by=_SHELL)
        told |= {"added": kept.added, "changed": kept.changed}
    click.echo(json.dumps(told, ensure_ascii=False))
    if table.wrong:
        raise click.exceptions.Exit(1)


@shop.command()
@_COMPANY
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def parcels(*, company: str, file: Path) -> None:
    """Have slips of parcels and how far each came as a table (CSV) tells. Rows that make no sense are told; the others
    are kept, and the same table again changes nothing.
    """
    found = _company(company)
    with scope.acting_for([found.pk]):
        told = take_parcels(file, company=found.pk, by=_SHELL)
    click.echo(json.dumps(asdict(told), ensure_ascii=False))
    if told.wrong:
        raise click.exceptions.Exit(1)


@shop.command()
@_COMPANY
@click.option("--shop", "name", required=True, help="What the connected shop is called here.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bulk(*, company: str, name: str, file: Path) -> None:
    """Have what a bulk export of Shopify (JSON Lines) holds: orders, customers and products of before the shop was
    connected. It may be killed and run again; what could not be taken in is told, kept, and listed in the settings.

    Exit codes: 0 all was taken in, 1 something was not.
    """
    found = _company(company)
    with scope.acting_for([found.pk]):
        there = storefronts_of(found.pk).filter(name=name, kind=Storefront.Kind.SHOPIFY).first()
    if there is None:
        raise click.UsageError(f"No connected Shopify shop is called {name}.")
    counts: Counter[str] = Counter()
    wrong: list[dict[str, Any]] = []
    for item in items_in(file):
        if isinstance(item, Unreadable):
            wrong.append({"line": item.line, "why": item.why})
            continue
        [row] = hand_in(there, [item], past=True)
        counts[row.state] += 1
        if row.state == Handed.State.WRONG:
            wrong.append({"topic": row.topic, "id": row.about, "why": row.why})
        if counts.total() % 1_000 == 0:
            click.echo(f"{counts.total():,} …", err=True)
    click.echo(json.dumps({**counts, "wrong": wrong}, ensure_ascii=False))
    if wrong:
        raise click.exceptions.Exit(1)


@shop.command()
@_COMPANY
@click.option("--running", is_flag=True, help="Only those of today that are in use.")
def campaigns(*, company: str, running: bool) -> None:
    """List campaigns, the newest first, one JSON object a line: to how many orders each may be given (`quota`), to how
    many it is (`used`), how many are `left`, and the same of its `budget` in yen (`spent`, `yen_left`). null: no limit.
    """
    found = _company(company)
    with scope.acting_for([found.pk]):
        for one in campaigns_of(found.pk):
            if running and not one.runs_on(clock.today()):
                continue
            same = (
                "name",
                "kind",
                "amount",
                "quota",
                "used",
                "left",
                "budget",
                "spent",
                "yen_left",
                "active",
            )
            said = {"id": one.pk, **{name: getattr(one, name) for name in same}, "coupon": one.code}
            said |= {"begins": one.begins.isoformat(), "ends": one.ends.isoformat() if one.ends else None}
            click.echo(json.dumps(said, ensure_ascii=False))


@shop.command()
@_COMPANY
@click.argument("words", nargs=-1, required=True)
def products(*, company: str, words: tuple[str, ...]) -> None:
    """List products by code, reading or a part of the name, one JSON object a line."""
    found = _company(company)
    with scope.acting_for([found.pk]):
        for one in products_matching(" ".join(words), company=found.pk):
            stock = getattr(one, "in_stock", None)
            said = {"code": one.code, "name": str(one), "price": one.unit_price, "stock": stock}
            click.echo(json.dumps(said, ensure_ascii=False))


@shop.command()
@_COMPANY
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files into this folder."
)
def papers(*, company: str, out: Path | None) -> None:
    """List all papers that were given, one JSON object a line, and compare each file with the sealed log: `same`,
    `changed`, `missing` for one that the log tells of and that is not there, or `untold` for one that was given before
    the log told its SHA-256. That the log itself is whole says `madoguchi events verify`.

    Exit codes: 0 nothing was changed and nothing is missing, 1 something was or is.
    """
    found, wrong = _company(company), False
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    with scope.acting_for([found.pk]):
        told = papers_told(found.pk)
        for paper in papers_given(found.pk):
            now, (_number, then) = digest_of(paper.pdf), told.pop(paper.pk, ("", ""))
            state = "untold" if not then else "same" if then == now else "changed"
            wrong = wrong or state == "changed"
            click.echo(json.dumps(_said_of(paper) | {"sha256": now, "file": state}, ensure_ascii=False))
            if out is not None:
                (out / f"{paper.number}.pdf").write_bytes(paper.pdf)
        for number, then in told.values():
            click.echo(json.dumps({"number": number, "sha256": then, "file": "missing"}, ensure_ascii=False))
    if wrong or told:
        raise click.exceptions.Exit(1)


def _said_of(paper: IssuedDocument) -> dict[str, Any]:
    return {
        "number": paper.number,
        "kind": paper.kind,
        "order": str(paper.order),
        "partner": paper.partner,
        "day": paper.day.isoformat(),
        "total": paper.total,
        "again": paper.reissue_of_id is not None,
        "at": paper.at.isoformat(),
    }


def _company(slug: str) -> Company:
    with scope.everywhere(reason=_WHY):
        return Company.objects.get(pk=company_of(slug))
