"""Who acts, and what they may do where. One value is passed to every action, query and policy."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class ActorKind(StrEnum):
    """What kind of being acts."""

    PERSON = "person"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Role(StrEnum):
    """What somebody is for a company, or for the whole installation (administrator)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    COMPANY_STAFF = "company_staff"
    COMPANY_MANAGER = "company_manager"
    ADMINISTRATOR = "administrator"


class OperatingModel(StrEnum):
    """Who employs the people of a desk and whose site they sit at."""

    IN_HOUSE = "in_house"
    TEMP_STAFF = "temp_staff"
    IN_HOUSE_OUTSOURCED = "in_house_outsourced"
    VENDOR_CENTRE = "vendor_centre"


class Permission(StrEnum):
    """One thing that can be allowed. Pages and routes declare the one they need."""

    CASE_READ = "case.read"
    CASE_OPEN = "case.open"
    CASE_REPLY = "case.reply"
    CASE_NOTE = "case.note"
    CASE_UPDATE = "case.update"
    CASE_ASSIGN = "case.assign"
    CASE_TAKE_OVER = "case.take_over"
    CASE_APPROVE = "case.approve"
    CALL_WATCH = "call.watch"
    MEDIA_READ = "media.read"
    CUSTOMER_READ = "customer.read"
    CUSTOMER_EDIT = "customer.edit"
    UNMASK = "customer.unmask"
    ORDER_TAKE = "order.take"
    SHOP = "shop"
    ORIGINALS = "originals"
    QUARANTINE = "quarantine"
    SPAM = "spam"
    OUTBOX = "outbox"
    TEMPLATES = "templates"
    ARTICLES_READ = "articles.read"
    ARTICLES_WRITE = "articles.write"
    ARTICLES_APPROVE = "articles.approve"
    VIEWS = "views"
    MACROS = "macros"
    RULES = "rules"
    LEVELS_READ = "levels.read"
    DESKS = "desks"
    PEOPLE = "people"
    MAIL_SERVERS = "mail_servers"
    WEBHOOKS = "webhooks"
    IMPORTS = "imports"
    ORGANISATIONS = "organisations"
    RIGHTS = "rights"
    AUDIT = "audit"
    ACCESS = "access"
    EXPORT = "export"
    SELF = "self"


_READ = frozenset(
    {Permission.CASE_READ, Permission.CUSTOMER_READ, Permission.LEVELS_READ, Permission.ARTICLES_READ}
)
_ANSWER = _READ | {
    Permission.CASE_OPEN,
    Permission.CASE_REPLY,
    Permission.CASE_NOTE,
    Permission.CASE_UPDATE,
    Permission.CUSTOMER_EDIT,
    Permission.ORDER_TAKE,
    Permission.MACROS,
    Permission.ARTICLES_WRITE,
}
_LEAD = _ANSWER | {
    Permission.CASE_ASSIGN,
    Permission.CASE_TAKE_OVER,
    Permission.CASE_APPROVE,
    Permission.CALL_WATCH,
    Permission.MEDIA_READ,
    Permission.UNMASK,
    Permission.ACCESS,
    Permission.EXPORT,
    Permission.ORIGINALS,
    Permission.QUARANTINE,
    Permission.SPAM,
    Permission.OUTBOX,
    Permission.TEMPLATES,
    Permission.VIEWS,
    Permission.RULES,
}
_CONFIGURE = frozenset(
    {
        Permission.DESKS,
        Permission.TEMPLATES,
        Permission.MAIL_SERVERS,
        Permission.WEBHOOKS,
        Permission.IMPORTS,
        Permission.SHOP,
        Permission.RIGHTS,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset(_ANSWER),
    Role.SUPERVISOR: frozenset(_LEAD),
    Role.MANAGER: frozenset(_LEAD | {Permission.PEOPLE, Permission.AUDIT}),
    # The company sees everything its desks see, but directs nobody at another employer (37号告示): no note,
    # no assignment, no reply, until the operating model makes its staff the direct superiors.
    Role.COMPANY_STAFF: _READ | {Permission.MEDIA_READ, Permission.ORIGINALS, Permission.ARTICLES_WRITE},
    Role.COMPANY_MANAGER: frozenset(
        _READ
        | _CONFIGURE
        | {Permission.CASE_OPEN, Permission.MEDIA_READ, Permission.ORIGINALS, Permission.SPAM}
        | {Permission.VIEWS}
        | {Permission.PEOPLE, Permission.AUDIT, Permission.ACCESS, Permission.EXPORT}
        | {Permission.ARTICLES_WRITE, Permission.ARTICLES_APPROVE}
    ),
    Role.ADMINISTRATOR: frozenset(
        _CONFIGURE | {Permission.PEOPLE, Permission.ORGANISATIONS, Permission.LEVELS_READ}
    ),
}

_COMMAND = frozenset({Permission.CASE_NOTE, Permission.CASE_ASSIGN})
# Where a company answers itself, the heads of its desks speak for it.
_IN_HOUSE_HEADS = frozenset({Role.SUPERVISOR, Role.MANAGER})
_COMPANY_ROLES = frozenset({Role.COMPANY_STAFF, Role.COMPANY_MANAGER})


@dataclass(frozen=True, slots=True)
class DataScope:
    """Which customer fields an engagement shows, masks or hides; a field not named is shown."""

    masked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


EVERYTHING_SHOWN = DataScope()


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may do for one company, at one desk or (desk None) at all of them."""

    company: int
    role: Role
    desk: int | None = None
    operator: int | None = None
    model: OperatingModel | None = None
    data_scope: DataScope = EVERYTHING_SHOWN
    only: frozenset[Permission] | None = None

    def allows(self, permission: Permission) -> bool:
        """Whether this grant carries the permission, and whoever acts by a token was given it (`only`).

        Company staff may direct people only where the law makes them the superiors (temp-staff model). Knowledge is
        approved by the company's own people, who head its desks where it answers itself.
        """
        if self.only is not None and permission not in self.only:
            return False
        if permission in PERMISSIONS[self.role]:
            return True
        if permission == Permission.ARTICLES_APPROVE:
            return self.role in _IN_HOUSE_HEADS and self.model == OperatingModel.IN_HOUSE
        directs = self.role in _COMPANY_ROLES and self.model == OperatingModel.TEMP_STAFF
        return directs and permission in _COMMAND

    @property
    def of_the_company(self) -> bool:
        """Whether it is of the company's own people: its staff, and those who answer where it answers itself."""
        return self.role in _COMPANY_ROLES or self.model == OperatingModel.IN_HOUSE

    def covers(self, *, company: int, desk: int | None) -> bool:
        """Whether the grant reaches this desk of this company."""
        return self.company == company and (self.desk is None or self.desk == desk)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in person with grants, a customer by signed link, or the system itself.

    `administrator` stands beside the grants: the first of them sets up an installation without companies.
    """

    kind: ActorKind
    name: str
    id: int | None = None
    grants: tuple[Grant, ...] = field(default=())
    administrator: bool = False

    @property
    def companies(self) -> frozenset[int]:
        """The companies whose data may come into this actor's sight."""
        return frozenset(grant.company for grant in self.grants)

    def may(self, permission: Permission, *, company: int, desk: int | None = None) -> bool:
        """Whether the actor may do this there; the system may do everything, a customer nothing of it."""
        if self.kind == ActorKind.SYSTEM:
            return True
        return any(g.covers(company=company, desk=desk) and g.allows(permission) for g in self.grants)

    def may_anywhere(self, permission: Permission) -> bool:
        """Whether any grant at all carries the permission; decides what a menu offers."""
        if self.runs_installation and permission in PERMISSIONS[Role.ADMINISTRATOR]:
            return True
        return permission == Permission.SELF or any(g.allows(permission) for g in self.grants)

    @property
    def runs_installation(self) -> bool:
        """Whether this is an administrator, or the product itself (the command line of the machine)."""
        return self.administrator or self.kind == ActorKind.SYSTEM

    def companies_with(self, permission: Permission) -> frozenset[int]:
        """Companies for whose every desk the permission is held."""
        return frozenset(g.company for g in self.grants if g.desk is None and g.allows(permission))

    def desks_with(self, permission: Permission) -> frozenset[int]:
        """Single desks for which the permission is held."""
        return frozenset(g.desk for g in self.grants if g.desk is not None and g.allows(permission))

    def data_scope(self, *, company: int) -> DataScope:
        """The narrowest reading of all grants for this company: hidden and masked by each of them only.

        Somebody who sees a field in one capacity sees it; a field is masked when every capacity masks or
        hides it. Nobody without a grant sees anything.
        """
        scopes = [
            g.data_scope
            for g in self.grants
            if g.company == company and Permission.CUSTOMER_READ in PERMISSIONS[g.role]
        ]
        return narrowest_common(scopes)

    def narrowed(
        self, only: frozenset[Permission], *, company: int | None = None, desks: Iterable[int] = ()
    ) -> "Actor":
        """The same person with no more than these permissions, for this company alone if one is named, and at no
        other desks of it if some are.

        What is masked stays so, and nobody administers the installation in this way.
        """
        kept = [replace(g, only=only) for g in self.grants if company in (None, g.company)]
        wanted = sorted(desks)
        if wanted:
            kept = [replace(g, desk=desk) for g in kept for desk in wanted if g.desk in (None, desk)]
        return replace(self, grants=tuple(kept), administrator=False)


def narrowest_common(scopes: Iterable[DataScope]) -> DataScope:
    """What remains masked and hidden when somebody holds several data scopes at once."""
    scopes = list(scopes)
    if not scopes:
        return EVERYTHING_SHOWN
    hidden = frozenset.intersection(*(s.hidden for s in scopes))
    unseen = frozenset.intersection(*(s.hidden | s.masked for s in scopes))
    return DataScope(masked=unseen - hidden, hidden=hidden)


def system(name: str) -> Actor:
    """The product itself acting, under the name of the part that acts (intake, delivery, …)."""
    return Actor(kind=ActorKind.SYSTEM, name=name)
