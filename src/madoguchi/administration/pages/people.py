"""People: who works here, in which role, at which desks, and their accounts."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import once, places, queries
from madoguchi.administration.forms import PersonAddForm, PersonForm, PlaceForm, SeatsForm
from madoguchi.administration.forms.people import OutsidePhoneForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.kernel.actor import Permission, Role
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people import actions, policies
from madoguchi.people.access import StaffRequest, requires
from madoguchi.people.models import CompanyMember, OperatorMember, User
from madoguchi.people.queries import people_to_look_after, person_to_look_after, standing_of
from madoguchi.voice.outside import may_set_outside_phone, outside_phone_of, set_outside_phone
from madoguchi.voice.sip_phones import give_sip_phone, sip_phone_of, take_sip_phone

LINK, SECRET = "password_link_shown_once", "sip_secret_shown_once"


@require_safe
@requires(Permission.PEOPLE)
def people(request: StaffRequest) -> HttpResponse:
    """Everybody this person looks after, found by name or address."""
    words = request.GET.get("q", "").strip()[:200]
    found = people_to_look_after(request.actor, words=words)
    page = page_of(request, queries.with_places(found, request.actor))
    return show(request, "people", section="people", page=page, words=words)


@require_http_methods(["GET", "POST"])
@requires(Permission.PEOPLE)
def person_new(request: StaffRequest) -> HttpResponse:
    """Add a person with a first role; the next page shows the link to their password, once."""
    form = PersonAddForm(request.POST or None, places=places.offered(request.actor))
    if request.POST:
        added = carried_out(form, lambda **data: _add(request, **data))
        if added:
            _show_link_once(request, added)
            say(request, text=_("%s was added.") % added.name)
            return redirect("administration:person", pk=added.pk)
    return show_form(request, "person_new", section="people", form=form)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.PEOPLE)
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """One person: particulars, roles, seats, account."""
    found = person_to_look_after(request.actor, pk)
    form = PersonForm(request.POST or None, instance=found)
    if request.POST and carried_out(
        form, lambda **data: actions.change_person(found, **data, by=request.actor)
    ):
        return _back(request, found, _("Saved."))
    return _page(request, found, form=form)


@require_POST
@requires(Permission.PEOPLE)
def outside_phone(request: StaffRequest, pk: int) -> HttpResponse:
    """Say at which telephone outside the person is rung."""
    found = person_to_look_after(request.actor, pk)
    form = OutsidePhoneForm(request.POST)
    if carried_out(form, lambda address: set_outside_phone(found, address=address, by=request.actor)):
        return _back(request, found, _("Saved."))
    return _page(request, found, outside_form=form)


@require_POST
@requires(Permission.PEOPLE)
def sip_phone(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the person a SIP telephone, or a new secret for it; the next page shows it, once."""
    found = person_to_look_after(request.actor, pk)
    phone, secret = give_sip_phone(found, by=request.actor)
    once.keep(request, SECRET, person=found.pk, name=phone.name, secret=secret)
    return _back(request, found, _("Enter the secret at the telephone now."))


@require_POST
@requires(Permission.PEOPLE)
def sip_phone_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the person's SIP telephone away."""
    found = person_to_look_after(request.actor, pk)
    take_sip_phone(found, by=request.actor)
    return _back(request, found, _("The telephone registers no more."))


@require_POST
@requires(Permission.PEOPLE)
def give_place(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the person a role somewhere, in place of the one they have there."""
    found = person_to_look_after(request.actor, pk)
    form = PlaceForm(request.POST, places=places.offered(request.actor))
    if carried_out(form, lambda place: _give(request, found, places.read(place))):
        return _back(request, found, _("The role was given. Say at which desks."))
    return _page(request, found, place_form=form)


@require_POST
@requires(Permission.PEOPLE)
def take_place(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a role from the person."""
    found = person_to_look_after(request.actor, pk)
    place = places.read(request.POST.get("place", ""))
    if place.role == Role.ADMINISTRATOR:
        actions.dismiss_administrator(found, by=request.actor)
    else:
        actions.take_place(found, operator=place.operator, company=place.company, by=request.actor)
    say(request, text=_("The role was taken away."))
    left = policies.may_see(request.actor, standing_of(found))
    return redirect("administration:person", pk=pk) if left else redirect("administration:people")


@require_POST
@requires(Permission.PEOPLE)
def seats(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """Seat the person at exactly these desks of the operator."""
    found = person_to_look_after(request.actor, pk)
    place = next((m for m in places.memberships(request.actor, found) if m.pk == member), None)
    if place is None:
        raise NotFound
    form = SeatsForm(request.POST, engagements=places.seats_offered(place), prefix=f"seats{member}")
    if carried_out(form, lambda **data: actions.set_seats(place, **data, by=request.actor)):
        return _back(request, found, _("Saved. It holds from the next page they open."))
    return _page(request, found)


@require_POST
@requires(Permission.PEOPLE)
def password_link(request: StaffRequest, pk: int) -> HttpResponse:
    """Issue a link by which the person sets a password; the next page shows it, once."""
    found = person_to_look_after(request.actor, pk)
    _show_link_once(request, found)
    return redirect("administration:person", pk=pk)


@require_POST
@requires(Permission.PEOPLE)
def deactivate(request: StaffRequest, pk: int) -> HttpResponse:
    """Lock the person out at once."""
    found = person_to_look_after(request.actor, pk)
    ended = actions.deactivate(found, by=request.actor)
    said = ngettext(
        "%(name)s may no longer sign in. %(n)d session was ended.",
        "%(name)s may no longer sign in. %(n)d sessions were ended.",
        ended,
    )
    return _back(request, found, said % {"name": found.name, "n": ended})


@require_POST
@requires(Permission.PEOPLE)
def reactivate(request: StaffRequest, pk: int) -> HttpResponse:
    """Let the person sign in again."""
    found = person_to_look_after(request.actor, pk)
    actions.reactivate(found, by=request.actor)
    return _back(request, found, _("%s may sign in again.") % found.name)


@require_POST
@requires(Permission.PEOPLE)
def reset_second_step(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch off the person's two-step sign-in."""
    found = person_to_look_after(request.actor, pk)
    actions.reset_second_step(found, by=request.actor)
    return _back(request, found, _("Two-step sign-in is off. They can set it up anew after signing in."))


def _add(request: StaffRequest, *, place: str, **data: Any) -> User:
    wanted = places.read(place)
    operator, company = wanted.operator, wanted.company
    return actions.add_person(**data, operator=operator, company=company, role=wanted.role, by=request.actor)


def _give(request: StaffRequest, found: User, place: places.Place) -> None:
    if place.role == Role.ADMINISTRATOR:
        actions.appoint_administrator(found, by=request.actor)
    else:
        where = {"operator": place.operator, "company": place.company}
        actions.give_place(found, role=place.role, **where, by=request.actor)


def _show_link_once(request: StaffRequest, found: User) -> None:
    link = actions.issue_password_link(found, by=request.actor)
    once.keep(request, LINK, person=found.pk, link=settings.BASE_URL + link)


def _link_to_show(request: StaffRequest, found: User) -> str:
    return str(once.take(request, LINK, person=found.pk).get("link", ""))


def _back(request: StaffRequest, found: User, said: str) -> HttpResponse:
    say(request, text=said)
    return redirect("administration:person", pk=found.pk)


def _page(
    request: StaffRequest,
    found: User,
    *,
    form: PersonForm | None = None,
    place_form: PlaceForm | None = None,
    outside_form: OutsidePhoneForm | None = None,
) -> HttpResponse:
    standing = standing_of(found)
    context = {
        "person": found,
        "form": form or PersonForm(instance=found),
        "place_form": place_form or PlaceForm(places=places.offered(request.actor)),
        "operator_places": _operator_places(request, found),
        "company_places": _company_places(request, found),
        "may_look_after": policies.may_look_after_account(request.actor, standing),
        "outside_form": (outside_form or OutsidePhoneForm(initial={"address": outside_phone_of(found)}))
        if may_set_outside_phone(request.actor, standing)
        else None,
        "sip_phone": sip_phone_of(found.pk),
        "sip_server": settings.SIP_PHONES_AT,
        "sip_secret": once.take(request, SECRET, person=found.pk),
        "is_oneself": found.pk == request.actor.id,
        "link": _link_to_show(request, found),
        "sessions": UserSession.objects.filter(user=found).count(),
        "second_step": Authenticator.objects.filter(user=found).exists(),
    }
    return show_form(request, "person", section="people", **context)


def _operator_places(request: StaffRequest, found: User) -> list[tuple[OperatorMember, SeatsForm | None]]:
    members = places.memberships(request.actor, found)
    seated = places.seated_people(members)
    return [(member, _seats_form(member, seated.get(member.pk, []))) for member in members]


def _seats_form(member: OperatorMember, seated: list[int]) -> SeatsForm | None:
    if member.role == Role.MANAGER:
        return None
    offered = places.seats_offered(member)
    initial = {"engagements": seated}
    return SeatsForm(engagements=offered, initial=initial, prefix=f"seats{member.pk}")


def _company_places(request: StaffRequest, found: User) -> list[CompanyMember]:
    rows = CompanyMember.objects.filter(user=found).select_related("company").order_by("company__name")
    if not request.actor.runs_installation:
        rows = rows.filter(company_id__in=policies.companies_managed(request.actor))
    return list(rows)
