"""Who may bring in what comes from elsewhere. Pure: no query, no clock."""

from madoguchi.imports.models import Upload
from madoguchi.kernel.actor import Actor, Permission


def may_import(actor: Actor, *, company: int, desk: int) -> bool:
    """Whoever sets the desk up."""
    return actor.may(Permission.IMPORTS, company=company, desk=desk)


def may_name_people(actor: Actor, *, company: int, desk: int) -> bool:
    """Whether files this actor brings in may make people of the desk responsible, and speak in their names.

    That is to direct them, which a company does under its operating model alone (37号告示).
    """
    return actor.runs_installation or actor.may(Permission.CASE_ASSIGN, company=company, desk=desk)


def may_look_after(actor: Actor, upload: Upload) -> bool:
    """Whoever may import there and uploaded the files, or reads what comes of them: they hold customers' data."""
    where = {"company": upload.company_id, "desk": upload.desk_id}
    knows = upload.owner_id == actor.id or actor.may(Permission.CASE_READ, **where)
    return knows and may_import(actor, **where)
