"""Who may bring in what comes from elsewhere. Pure: no query, no clock."""

from madoguchi.commerce.policies import may_keep_shop
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.models import Upload
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge.policies import may_approve_article


def may_import(actor: Actor, *, company: int, desk: int) -> bool:
    """Whoever sets the desk up."""
    return actor.may(Permission.IMPORTS, company=company, desk=desk)


def may_import_articles(actor: Actor, *, company: int) -> bool:
    """Whoever sets the whole company up and approves all that it knows."""
    approves = may_approve_article(actor, company=company, desk=None)
    return approves and actor.may(Permission.IMPORTS, company=company)


def may_keep(actor: Actor, system: str, *, company: int) -> bool:
    """Whether the actor may bring in files of this system as far as what they hold goes: tables of what a company keeps
    are its shop's, what its warehouse says of parcels among them.
    """
    return system not in KINDS or may_keep_shop(actor, company=company)


def may_name_people(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether files this actor brings in may make people of the desk responsible, and speak in their names.

    That is to direct them, which a company does under its operating model alone (37号告示).
    """
    return actor.runs_installation or actor.may(Permission.CASE_ASSIGN, company=company, desk=desk)


def may_look_after(actor: Actor, upload: Upload) -> bool:
    """Whoever may import there and uploaded the files, or reads what comes of them: they hold customers' data. Of
    articles whoever may bring them in.
    """
    if upload.desk_id is None:
        return may_import_articles(actor, company=upload.company_id)
    where = {"company": upload.company_id, "desk": upload.desk_id}
    knows = upload.owner_id == actor.id or actor.may(Permission.CASE_READ, **where)
    return knows and may_import(actor, **where) and may_keep(actor, upload.system, company=upload.company_id)
