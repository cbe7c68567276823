"""What a reader may search: a hit gives away what stands there, so what is kept from them is not looked into."""

from dataclasses import dataclass

from madoguchi.kernel.actor import Actor, Permission

# Documents that hold a customer's field, by the name the data scope has for it.
_HOLDING = {
    "name": ("name", "sender", "recipients"),
    "kana": ("kana",),
    "email": ("email", "sender", "recipients"),
    "phone": ("phone",),
    "address": ("address",),
    "memo": ("memo",),
}
# Who may read a case reads its notes.
_NEEDED = {"note": Permission.CASE_READ}


@dataclass(frozen=True, slots=True)
class Sight:
    """What is kept from a reader, company by company; `everything` is the installation's own view."""

    everything: bool
    unseen_fields: tuple[tuple[int, tuple[str, ...]], ...] = ()
    unseen_kinds: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def condition(self, document: str) -> tuple[str, list[object]]:
        """SQL that holds for the documents under this alias that the reader may search."""
        parts, values = ["true"], []
        for column, unseen in (("field", self.unseen_fields), ("kind", self.unseen_kinds)):
            for company, names in unseen:
                parts.append(f"NOT ({document}.company_id = %s AND {document}.{column} = ANY (%s))")
                values += [company, list(names)]
        return " AND ".join(parts), values


EVERYTHING = Sight(everything=True)


def sight_of(actor: Actor) -> Sight:
    """What this actor may search, by their grants and the data scope of each company."""
    fields, kinds = [], []
    for company in sorted(actor.companies):
        data_scope = actor.data_scope(company=company)
        kept = {
            field for name in data_scope.masked | data_scope.hidden for field in _HOLDING.get(name, (name,))
        }
        if kept:
            fields.append((company, tuple(sorted(kept))))
        closed = tuple(kind for kind, needed in _NEEDED.items() if not _may(actor, needed, company))
        if closed:
            kinds.append((company, closed))
    return Sight(False, tuple(fields), tuple(kinds))


def _may(actor: Actor, permission: Permission, company: int) -> bool:
    return any(grant.company == company and grant.allows(permission) for grant in actor.grants)
