"""What the sample companies know: approved articles, one that waits, and help centres that are open."""

import tomllib
from collections.abc import Mapping

from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.helpcentre.actions import set_up_help_centre
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.actions import Said, Settings, add_article, approve_version, ask_for_approval
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.sample.world import TEXTS


def tell(companies: Mapping[str, Company], desks: Mapping[str, Desk], people: Mapping[str, User]) -> None:
    """Write the articles, and open the help centres that show them, by the actions that people use."""
    written = tomllib.loads((TEXTS / "articles.toml").read_text("utf-8"))
    approvers = {row["company"]: actor_of(people[row["approver"]]) for row in written["centre"]}
    for row in written["article"]:
        writer = actor_of(people[row["waits"]]) if "waits" in row else None
        _article(companies[row["company"]], row, writer=writer, approver=approvers[row["company"]])
    for row in written["centre"]:
        form = EntryPoint.objects.filter(desk=desks[row["desk"]], kind=Channel.FORM).first()
        said = {"title": row["title"], "introduction": row["introduction"], "contact": form}
        set_up_help_centre(companies[row["company"]], is_open=True, **said, by=approvers[row["company"]])


def _article(company: Company, row: Mapping[str, str], *, writer: Actor | None, approver: Actor) -> None:
    settings = Settings(audience=row.get("who", "both"), folder=row["folder"])
    by = writer or approver
    article = add_article(company, Said(row["title"], row["body"].strip()), settings, by=by)
    version = ask_for_approval(article, by=by)
    if writer is None:
        approve_version(article, version.number, by=approver)
