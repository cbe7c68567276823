"""`madoguchi restore`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from madoguchi.project.backup import restoring, sealing
from madoguchi.project.backup.saying import counting, in_words
from madoguchi.project.conf import config


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The key file (age-keygen) that opens an encrypted backup.",
)
@click.option("--check", is_flag=True, help="Read it to its end and say what is in it; change nothing.")
@click.option("--replace", is_flag=True, help="Put aside the bundled database that is there.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def restore(*, file: Path, key_file: Path | None, check: bool, replace: bool, as_json: bool) -> None:
    """Put back what `madoguchi backup` wrote, while nothing runs. Reads all of FILE before it begins."""
    with in_words():
        keys = sealing.identities(key_file) if key_file else []
        if check:
            _check(file, keys, as_json=as_json)
            return
        with counting("Restored", hidden=as_json) as count:
            done = restoring.restore(file, config=config, keys=keys, replace=replace, progress=count)
    _say(done, as_json=as_json)


def _check(file: Path, keys: restoring.Keys, *, as_json: bool) -> None:
    with counting("Read", hidden=as_json) as count:
        found = restoring.look_through(file, keys=keys, progress=count)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo(
            f"It is whole: the database and {found.files:,} files of {found.made_at}, by Madoguchi {found.version}."
        )


def _say(done: restoring.Restored, *, as_json: bool) -> None:
    if as_json:
        aside = str(done.aside) if done.aside else None
        click.echo(json.dumps({**asdict(done.found), "aside": aside, "key_differs": done.key_differs}))
        return
    click.echo(f"Restored: the database and {done.found.files:,} files of {done.found.made_at}.")
    if done.aside:
        click.echo(f"What was there before is in {done.aside}; remove it when nobody misses it.")
    if done.key_differs:
        click.echo(
            "MADOGUCHI_SECRET_KEY is another one than the backup's: stored passwords of mail servers cannot be read"
            " until it is what it was.",
            err=True,
        )
    click.echo("Now: madoguchi events verify, then madoguchi doctor.")
