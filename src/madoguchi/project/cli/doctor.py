"""`madoguchi doctor`."""

import json
import os
from dataclasses import asdict

import click

from madoguchi.project import conf
from madoguchi.project.doctor import Finding, examine, settings_in_force

_SIGNS = {"right": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts: the findings and the settings in force.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Say what is wrong here and what to do.

    Exits with 0 when all is right, with 1 when something is wrong.
    """
    findings, in_force = _examined()
    if as_json:
        report = {"findings": [asdict(finding) for finding in findings], "settings": in_force}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print(findings, in_force)
    ctx.exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


def _examined() -> tuple[list[Finding], dict[str, str]]:
    try:
        config = conf.read(os.environ)
    except conf.SettingsError as error:
        remedy = "docs/running/settings.md lists them all."
        return [Finding("Settings", "wrong", problem, remedy) for problem in error.problems], {}
    return list(examine(config)), settings_in_force(config)


def _print(findings: list[Finding], in_force: dict[str, str]) -> None:
    for finding in findings:
        sign, colour = _SIGNS[finding.state]
        click.echo(f"{click.style(sign, fg=colour)} {finding.subject:<12} {finding.text}")
        if finding.remedy:
            click.echo(f"  {'':<12} → {finding.remedy}")
    if in_force:
        click.echo("\nSettings in force (* not the default):")
    for name, value in in_force.items():
        click.echo(f"{'*' if name in os.environ else ' '} {name}={value}")
