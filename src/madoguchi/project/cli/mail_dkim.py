"""`madoguchi mail dkim`: the keys by which a domain's mail is signed."""

import json

import click

from madoguchi.channels.email.actions import make_dkim_key, sign_with
from madoguchi.channels.email.models import DkimKey
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel

_COMMAND_LINE = system("command line")
_LONGEST_STRING = 250


@click.command()
@click.argument("domain")
@click.option("--new", is_flag=True, help="Make another key beside those there are, to change keys.")
@click.option("--use", "selector", help="Sign with the key of this selector from now on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a key.")
def dkim(domain: str, *, new: bool, selector: str | None, as_json: bool) -> None:
    """Show the DNS record of a domain's DKIM keys; makes a key where there is none. It signs after --use."""
    keys = [key for point in _points_in(domain) for key in _keys(point, new=new, selector=selector)]
    if selector and not any(key.selector == selector for key in keys):
        raise click.BadParameter(f"There is no key with the selector {selector}.", param_hint="--use")
    for key in keys:
        click.echo(_as_json(key) if as_json else _as_zone_line(key))


def _points_in(domain: str) -> list[EntryPoint]:
    """An address in the domain for each company that has one there."""
    with scope.everywhere(reason="an operator of the installation signs a domain's mail"):
        points = EntryPoint.objects.filter(kind=Channel.EMAIL, address__iendswith=f"@{domain}")
        found = list({point.company_id: point for point in points.order_by("pk")}.values())
    if not found:
        raise click.BadParameter(f"No entry point has an address in {domain}.", param_hint="DOMAIN")
    return found


def _keys(point: EntryPoint, *, new: bool, selector: str | None) -> list[DkimKey]:
    with scope.acting_for([point.company_id]):
        keys = DkimKey.of(point)
        if new or not keys.exists():
            make_dkim_key(point, by=_COMMAND_LINE)
        if chosen := keys.filter(selector=selector or "").first():
            sign_with(chosen, point, by=_COMMAND_LINE)
        return list(keys)


def _as_json(key: DkimKey) -> str:
    return json.dumps({"name": key.record_name, "type": "TXT", "value": key.record, "in_use": key.active})


def _as_zone_line(key: DkimKey) -> str:
    """As a zone file takes it: in strings of at most 255 characters."""
    pieces = (key.record[at : at + _LONGEST_STRING] for at in range(0, len(key.record), _LONGEST_STRING))
    strings = " ".join(f'"{piece}"' for piece in pieces)
    return f"{key.record_name}. IN TXT ( {strings} ) ; {'in use' if key.active else 'not in use yet'}"
