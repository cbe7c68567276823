"""Telephones outside: where an operator has its people rung by carriers, and how much of that a company has a day.

The number is somebody's own. Their employer sets it and sees it; a company is told that there is one.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.people.actions.telling import companies_concerned, tell
from madoguchi.people.models import User
from madoguchi.people.policies import Standing, operators_managed
from madoguchi.people.queries import standing_of
from madoguchi.voice.events import OutsidePhoneSet
from madoguchi.voice.outgoing import is_emergency, may_be_dialled
from madoguchi.voice.outside_models import OutsideLeg, OutsidePhone

_SIP = re.compile(r"sips?:[A-Za-z0-9._+-]{1,60}@[A-Za-z0-9.-]{1,60}(:\d{1,5})?(;transport=(udp|tcp|tls))?")


def may_set_outside_phone(actor: Actor, person: Standing) -> bool:
    """Only who manages all operators that employ the person (calls of each ring there), and administrators. Pure."""
    if not person.operators:
        return False
    return actor.runs_installation or person.operators <= operators_managed(actor)


@transaction.atomic
def set_outside_phone(person: User, *, address: str, by: Actor) -> None:
    """Say at which number or SIP address somebody is rung outside; at none where it is empty.

    Raises NotAllowed, or Refused for what must not be called from here.
    """
    if not may_set_outside_phone(by, standing_of(person)):
        raise NotAllowed(Permission.PEOPLE)
    wanted = _readable(address.strip())
    if wanted == outside_phone_of(person):
        return
    if wanted:
        OutsidePhone.objects.update_or_create(user=person, defaults={"address": wanted})
    else:
        OutsidePhone.objects.filter(user=person).delete()
    tell(companies_concerned(person), OutsidePhoneSet, by=by, person=person.pk, there=bool(wanted))


def outside_phone_of(person: User) -> str:
    """Where somebody is rung outside, for who may set it; empty where nowhere."""
    return OutsidePhone.objects.filter(user=person).values_list("address", flat=True).first() or ""


def outside_phones(people: Iterable[int] | QuerySet[Any, Any]) -> Mapping[int, str]:
    """Where each of these is rung outside, as far as it may be called from here now. One query."""
    among = people if isinstance(people, QuerySet) else list(people)
    rows = OutsidePhone.objects.filter(user__in=among).values_list("user", "address")
    return {person: address for person, address in rows if may_be_dialled(address)}


def note_rung(call: str, *, company: int) -> None:
    """A carrier is given somebody's telephone to ring."""
    OutsideLeg.objects.create(company_id=company, call=call, rung_at=clock.now())


def note_answered_outside(call: str, *, at: datetime) -> None:
    """Somebody who was rung outside has answered."""
    newest = OutsideLeg.objects.filter(call=call, ended_at=None).order_by("-rung_at", "-pk").first()
    if newest is not None and newest.answered_at is None:
        OutsideLeg.objects.filter(pk=newest.pk).update(answered_at=at)


def note_over_outside(call: str, *, at: datetime) -> None:
    """Nobody is on a call from outside any more. May be done twice."""
    OutsideLeg.objects.filter(call=call, ended_at=None).update(ended_at=at)


def forget_legs(*, before: datetime) -> None:
    """Drop what is over and counts no more."""
    OutsideLeg.objects.filter(rung_at__lt=before, ended_at__isnull=False).delete()


def _readable(address: str) -> str:
    if not address:
        return ""
    sip = _SIP.fullmatch(address)
    wanted = address if sip else canonical(IdentityKind.PHONE, address)
    if is_emergency(address):
        told = _(
            "Emergency numbers are not called from here, for the line would tell where it is and not where the caller"
            " is. Dial them from a telephone on the spot."
        )
        raise Refused(told, field="address")
    if not may_be_dialled(wanted):
        told = (
            _(
                "Calls to this SIP address are not allowed here: %s. An administrator says to which hosts they are."
            )
            if sip
            else _("Calls to this number are not allowed here: %s")
        )
        raise Refused(told % address[:100], field="address")
    return wanted
