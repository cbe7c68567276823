"""Desks and entry points, as others ask for them."""

from django.db.models import QuerySet

from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import IdentityKind, canonical

_OPEN_DESKS = PreparedQuery(lambda: Desk.objects.select_related("company").filter(active=True))
_MAIL_POINTS = PreparedQuery(
    lambda: (
        EntryPoint.objects.filter(desk=Slot("desk"), kind=Channel.EMAIL, active=True)
        .select_related("desk")
        .order_by("id")
    )
)
_COMPANYS_MAIL_POINTS = PreparedQuery(
    lambda: EntryPoint.objects.filter(company=Slot("company"), kind=Channel.EMAIL)
)


def entry_point_by_address(kind: Channel, address: str) -> EntryPoint | None:
    """The entry point in use under this address, whosever it is; plus-addresses count as their base.

    Doors ask before any company is known, so it looks everywhere and gives away only this one row.
    """
    wanted = {address}
    if kind == Channel.EMAIL:
        plain = canonical(IdentityKind.EMAIL, address)
        wanted = {plain, without_detail(plain)}
    if kind == Channel.PHONE:
        wanted = {canonical(IdentityKind.PHONE, address)}
    with scope.everywhere(reason="a door knows only the address a contact came to"):
        found = EntryPoint.objects.select_related("desk", "company")
        return found.filter(kind=kind, address__in=wanted, active=True).first()


def without_detail(address: str) -> str:
    """A mail address without its plus-detail: `support+c.x@a.example` is `support@a.example`."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def desks_of(actor: Actor, *, permission: Permission = Permission.CASE_READ) -> list[Desk]:
    """The desks at which the actor holds the permission, in the order of the company's own list."""
    wide, single = actor.companies_with(permission), actor.desks_with(permission)
    return [d for d in _OPEN_DESKS.rows({}) if d.company_id in wide or d.pk in single]


def desk_of_company(desk: int, *, company: int) -> Desk | None:
    """A desk of a company that is in use; None for any other."""
    return next((d for d in _OPEN_DESKS.rows({}) if d.pk == desk and d.company_id == company), None)


def first_mail_point(desk: int) -> EntryPoint | None:
    """The desk's first mail address in use; None when it has none."""
    return _MAIL_POINTS.first({"desk": desk})


def first_number(desk: int) -> EntryPoint | None:
    """The desk's first phone number in use, which those whom it calls see; None when it has none."""
    points = EntryPoint.objects.filter(desk=desk, active=True, kind=Channel.PHONE)
    return points.select_related("desk").order_by("id").first()


def door_of(desk: int) -> EntryPoint | None:
    """Through which of a desk's entry points in use a program of ours hands things in: its form, else its first mail
    address. None when it has none.
    """
    points = EntryPoint.objects.filter(desk=desk, active=True, kind__in=[Channel.EMAIL, Channel.FORM])
    points = points.select_related("desk").order_by("id")
    return min(points, key=lambda point: point.kind != Channel.FORM, default=None)


def own_addresses(company: int) -> list[str]:
    """Every mail address of a company's entry points, by which its own mail is recognised."""
    return [point.address for point in _COMPANYS_MAIL_POINTS.rows({"company": company})]


def desk_to_set_up(actor: Actor, desk: int) -> Desk:
    """A desk, open or closed, that the actor may set up; raises NotFound for any other."""
    found = Desk.objects.select_related("company").filter(pk=desk).first()
    if found is None or not actor.may(Permission.DESKS, company=found.company_id, desk=found.pk):
        raise NotFound
    return found


def companies_with(actor: Actor, permission: Permission) -> QuerySet[Company]:
    """The companies for whose every desk the actor holds the permission."""
    return Company.objects.filter(pk__in=actor.companies_with(permission))


def company_with(actor: Actor, pk: int, permission: Permission) -> Company:
    """One of these; raises NotFound for any other."""
    found = companies_with(actor, permission).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def entry_point_to_set_up(
    actor: Actor, point: int, *, permission: Permission = Permission.DESKS
) -> EntryPoint:
    """An entry point that the actor may set up; raises NotFound for any other."""
    found = EntryPoint.objects.select_related("desk", "company").filter(pk=point).first()
    if found is None or not actor.may(permission, company=found.company_id, desk=found.desk_id):
        raise NotFound
    return found


def engagement_to_set_up(actor: Actor, engagement: int) -> Engagement:
    """An engagement of a company whose desks the actor sets up; raises NotFound for any other."""
    found = Engagement.objects.select_related("company", "desk", "operator").filter(pk=engagement).first()
    if found is None or not actor.may(Permission.DESKS, company=found.company_id):
        raise NotFound
    return found


def has_people_of_others(desk: Desk) -> bool:
    """Whether somebody else than the company employs and directs people who answer at the desk. One query."""
    directed = (OperatingModel.IN_HOUSE, OperatingModel.TEMP_STAFF)
    engaged = Engagement.objects.filter(desk=desk).exclude(ends_on__lt=clock.today())
    return engaged.exclude(model__in=directed).exists()
