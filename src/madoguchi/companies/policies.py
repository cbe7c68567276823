"""Who may set up companies, desks and engagements. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission, Role

_COMPANY = frozenset({Role.COMPANY_STAFF, Role.COMPANY_MANAGER})


def may_add_company(actor: Actor) -> bool:
    """Companies and operators belong to the installation: its administrators add them."""
    return actor.runs_installation


def may_change_company(actor: Actor, *, company: int) -> bool:
    """The name and colour of a company are set by administrators."""
    return actor.may(Permission.ORGANISATIONS, company=company)


def may_engage(actor: Actor, *, company: int) -> bool:
    """Only administrators engage operators and set the operating model.

    The model decides whether a company's people may direct the operator's, so they do not choose it.
    """
    return actor.may(Permission.ORGANISATIONS, company=company)


def may_set_data_scope(actor: Actor, *, company: int) -> bool:
    """What an operator sees of customers is for the company to say, whose customers they are."""
    return actor.may(Permission.DESKS, company=company)


def may_see_company_hour(actor: Actor, *, company: int, operator: int) -> bool:
    """What an hour of the company costs is between it and the managers of the operator it engages."""
    reads = (g for g in actor.grants if g.company == company and g.allows(Permission.CASE_READ))
    return any(
        g.role in _COMPANY or (g.role == Role.MANAGER and operator in (g.operator, None)) for g in reads
    )


def may_set_up_desk(actor: Actor, *, company: int, desk: int | None = None) -> bool:
    """Desks and their entry points are set up by the company's manager and by administrators."""
    return actor.may(Permission.DESKS, company=company, desk=desk)
