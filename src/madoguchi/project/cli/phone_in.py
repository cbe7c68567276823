"""`madoguchi phone serve`, `numbers` and `flow`."""

import asyncio
import json
import signal
from ipaddress import ip_address, ip_network
from pathlib import Path

import click

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.asterisk.door import Asterisk
from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.trunks import trunks_of
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.identity import written_phone
from madoguchi.project.conf import config
from madoguchi.project.memory import keep_heap_in_few_pieces
from madoguchi.voice.actions import set_flow
from madoguchi.voice.models import FlowVersion, NumberProduct
from madoguchi.voice.products import product_of, set_product
from madoguchi.voice.ready import USUAL

REASON = "who runs the installation asks for the numbers of all companies"


@click.command()
def serve() -> None:
    """Take calls until SIGTERM or Ctrl-C; calls that go on then are broken off, and called back."""
    keep_heap_in_few_pieces()
    asyncio.run(_serve())


async def _serve() -> None:
    first, last = map(int, config.rtp_ports.split("-"))
    settings = Settings(
        host=config.sip_host,
        port=config.sip_port,
        peers=tuple(ip_network(network, strict=False) for network in config.sip_peers),
        rtp_ports=(first, last),
        rtp_peers=tuple(ip_network(network, strict=False) for network in config.rtp_peers),
        telephones=tuple(ip_network(network, strict=False) for network in config.sip_phones),
        trunks=trunks_of(config.sip_trunk),
        asterisk=Asterisk(config.ari_port, config.ari_password, config.ari_endpoint)
        if config.ari_port
        else None,
        most_calls=config.sip_calls,
    )
    for trunk in settings.trunks:
        if not any(ip_address(trunk.host) in peer for peer in settings.peers):
            told = (
                f"MADOGUCHI_SIP_TRUNK: {trunk.host} has to be among MADOGUCHI_SIP_PEERS, or nobody hears it."
            )
            raise click.ClickException(told)
    gateway, stop, loop = Gateway(settings), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await gateway.open()
    except OSError as error:
        ports = f"MADOGUCHI_SIP_PORT={config.sip_port}"
        if config.ari_port:
            ports += f" or MADOGUCHI_ARI_PORT={config.ari_port}"
        told = f"{ports} cannot be listened on ({error.strerror}); choose another."
        raise click.ClickException(told) from error
    await stop.wait()
    await gateway.close()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def numbers(*, as_json: bool) -> None:
    """The numbers that can be called, with their desks."""
    with scope.everywhere(reason=REASON):
        points = EntryPoint.objects.filter(kind=Channel.PHONE, active=True).select_related("desk", "company")
        codes = dict(NumberProduct.objects.values_list("entry_point", "product__code"))
        rows = [
            {
                "number": p.address,
                "desk": p.desk.name,
                "company": p.company.name,
                "medium": p.medium,
                "product": codes.get(p.pk, ""),
            }
            for p in points.order_by("company_id", "desk__position", "id")
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        told = [written_phone(row["number"]), row["company"], row["desk"], row["product"]]
        click.echo("  ".join(filter(None, told)))


@click.command()
@click.argument("number")
@click.option(
    "--set",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file with the flow that counts from now on.",
)
def flow(number: str, *, file: Path | None) -> None:
    """Print what callers meet at NUMBER as JSON, or change it."""
    point = _point(number)
    with scope.acting_for([point.company_id]):
        if file:
            _set(point, file)
        version = FlowVersion.objects.filter(entry_point=point).order_by("-number").first()
    told = {"version": version.number if version else 0, "flow": version.document if version else USUAL}
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


@click.command()
@click.argument("number")
@click.option("--set", "named", help="The code or name of the product that it is for from now on.")
@click.option("--none", is_flag=True, help="It is for no product from now on.")
def product(number: str, *, named: str | None, none: bool) -> None:
    """Print which product NUMBER is for as JSON, or change it."""
    if named and none:
        raise click.UsageError("Say --set or --none, not both.")
    point = _point(number)
    with scope.acting_for([point.company_id]):
        if named or none:
            set_product(point, named or "", by=system("madoguchi phone"))
        found = product_of(point)
    told = {"number": point.address, "product": found.code if found else "", "name": str(found or "")}
    click.echo(json.dumps(told, ensure_ascii=False))


def _point(number: str) -> EntryPoint:
    point = entry_point_by_address(Channel.PHONE, number)
    if point is None:
        raise click.BadParameter(f"No desk has the number {number}.", param_hint="NUMBER")
    return point


def _set(point: EntryPoint, file: Path) -> None:
    try:
        document = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is no JSON: {error}") from error
    set_flow(point, document, sounds=sounds.is_there, by=system("madoguchi phone"))
