"""`madoguchi backup`."""

import json
from pathlib import Path

import click

from madoguchi.project import bundled
from madoguchi.project.backup import making, sealing
from madoguchi.project.backup.saying import counting, in_words
from madoguchi.project.conf import config


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "recipient", help="Encrypt for this public key (age1…, as age-keygen prints it).")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def backup(*, file: Path, recipient: str | None, as_json: bool) -> None:
    """Write the database, the files and the secret key into one new FILE, while everything runs.

    Without --to whoever holds the file can read all of it.
    """
    with in_words(), bundled.database(config), counting("Written", hidden=as_json) as count:
        to = sealing.recipient(recipient) if recipient else None
        made = making.make(file, config=config, to=to, progress=count)
    for name in made.damaged:
        click.echo(f"{name} is damaged in the file store; it is in the backup as it lies there.", err=True)
    if as_json:
        said = {"file": str(made.path), "bytes": made.size, "files": made.files, "encrypted": made.sealed}
        said["damaged"] = made.damaged
        click.echo(json.dumps(said))
        return
    click.echo(f"{made.path}: the database and {made.files:,} files, {made.size / 1e6:,.1f} MB.")
    if not made.sealed:
        click.echo("It is not encrypted: keep it where nobody else can read it, or use --to.", err=True)
