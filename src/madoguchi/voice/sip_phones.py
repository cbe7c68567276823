"""SIP telephones of people of ours: who gives them out, how they register, and what is done at them on a call.

While somebody's telephone is registered, calls ring there and not in their browser. Its secret is random, so neither
guessing nor what is overheard of a digest leads to it; wrong ones are counted all the same.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.crypto import constant_time_compare

from madoguchi.infra import limits
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.actions.telling import companies_concerned, tell
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import standing_of
from madoguchi.voice.events import OutsidePhoneSet, SipPhoneSet
from madoguchi.voice.models import AgentPhone, OutsidePhone
from madoguchi.voice.outside import may_set_outside_phone
from madoguchi.voice.phones import HEARD_WITHIN, announce_free, tell_phone
from madoguchi.voice.queries import call_by_uid
from madoguchi.voice.sip_models import SipPhone, registered, usable

REALM = "madoguchi"
MOST_WRONG, MOST_WRONG_OF_HOST, COUNTED_SECONDS = 10, 200, 900
State = AgentPhone.State


@dataclass(frozen=True, slots=True)
class Claim:
    """What a telephone says to prove that it knows its secret (RFC 7616, qop=auth, MD5)."""

    name: str
    method: str
    uri: str
    nonce: str
    count: str
    own_nonce: str
    response: str

    def fits(self, ha1: str) -> bool:
        """Whether it was made of the secret behind `ha1`."""
        asked = _md5(f"{self.method}:{self.uri}")
        right = _md5(f"{ha1}:{self.nonce}:{self.count}:{self.own_nonce}:auth:{asked}")
        return constant_time_compare(right, self.response.lower())


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a telephone is reached: by which name and contact, at which address; `agent` is what it calls itself."""

    name: str
    contact: str
    host: str
    port: int
    agent: str = ""


@transaction.atomic
def give_sip_phone(person: User, *, by: Actor) -> tuple[SipPhone, str]:
    """Give somebody's SIP telephone a name and a secret, which is to be shown once; one that they have gets a new
    secret, and has to register with it. Raises NotAllowed.
    """
    _require(person, by)
    secret = secrets.token_urlsafe(24)
    phone = SipPhone.objects.select_for_update().filter(user=person).first()
    phone = phone or SipPhone(user=person, name=f"tel-{secrets.token_hex(5)}")
    phone.made_at, phone.registered_until, phone.contact = clock.now(), None, ""
    phone.ha1 = _md5(f"{phone.name}:{REALM}:{secret}")
    phone.save()
    _unheard(person.pk)
    tell(companies_concerned(person), SipPhoneSet, by=by, person=person.pk, there=True)
    return phone, secret


@transaction.atomic
def take_sip_phone(person: User, *, by: Actor) -> None:
    """Somebody has no SIP telephone any more. Raises NotAllowed."""
    _require(person, by)
    deleted, _by_table = SipPhone.objects.filter(user=person).delete()
    if deleted:
        _unheard(person.pk)
        tell(companies_concerned(person), SipPhoneSet, by=by, person=person.pk, there=False)


@transaction.atomic
def shut_out(person: int) -> bool:
    """Somebody's telephone has to prove itself anew before it rings; without an operator they have none any more, and
    True is returned where they had one until now. May be done twice.
    """
    phone = SipPhone.objects.select_for_update().filter(user=person).first()
    if phone is None:
        return False
    _reached_no_more(phone)
    if OperatorMember.objects.filter(user=person).exists():
        return False
    phone.delete()
    return True


@transaction.atomic
def let_telephones_go(person: int, *, since: datetime) -> list[type[SipPhoneSet | OutsidePhoneSet]]:
    """Whoever works for a second operator `since` then has no telephone any more that was given before, of neither
    kind: that operator's calls would ring where it never agreed to. Who manages both gives one anew. Returns of which
    kinds there were; may be done twice, and late.
    """
    if OperatorMember.objects.filter(user=person).count() <= 1:
        return []
    sip, outside = SipPhone.objects.filter(user=person), OutsidePhone.objects.filter(user=person)
    had = [
        fact
        for rows, fact in ((sip, SipPhoneSet), (outside, OutsidePhoneSet))
        if not _given_after(since, fact, person) and rows.delete()[0]
    ]
    if had:
        _unheard(person)
    return had


def _given_after(since: datetime, fact: type[SipPhoneSet | OutsidePhoneSet], person: int) -> bool:
    told = Event.objects.filter(kind=fact.kind, at__gt=since, data__person=person, data__there=True)
    return told.exists()


def sip_phone_of(person: int) -> SipPhone | None:
    """Somebody's SIP telephone, if they were given one."""
    return SipPhone.objects.filter(user=person).first()


def register(claim: Claim, reached: Reached, *, seconds: int, source: str) -> bool:
    """Write down where a telephone is reached, for so long, or (0 seconds) that it is no more; False for a wrong name
    or secret. Raises limits.TooOften where that was so too often of this name from there.

    Wrong ones of other names lock out nobody who is right, for a whole office may come from one address.
    """
    of_name = f"sip {source} {claim.name}"
    limits.require_room(of_name, most=MOST_WRONG, seconds=COUNTED_SECONDS)
    phone = usable().filter(name=claim.name).first()
    if claim.fits(phone.ha1 if phone else "") and phone is not None:
        _write(phone, reached, seconds)
        return True
    # What is guessed at a name that there is counts however much is guessed; names that there are not fill no table.
    has_room = _count_wrong(f"sip {source}", MOST_WRONG_OF_HOST)
    if phone is not None or has_room:
        _count_wrong(of_name, MOST_WRONG)
    return False


def _count_wrong(key: str, most: int) -> bool:
    """Whether it was within the limit. Nothing is raised, which would undo what is counted."""
    try:
        limits.count(key, most=most, seconds=COUNTED_SECONDS)
    except limits.TooOften:
        return False
    return True


@transaction.atomic
def _write(phone: SipPhone, reached: Reached, seconds: int) -> None:
    if not seconds:
        _reached_no_more(phone)
        return
    now = clock.now()
    SipPhone.objects.filter(pk=phone.pk).update(
        contact=reached.contact,
        host=reached.host,
        port=reached.port,
        agent=reached.agent,
        registered_until=now + timedelta(seconds=seconds),
    )
    _here(now, user_id=phone.user_id)
    announce_free()


def _reached_no_more(phone: SipPhone) -> None:
    SipPhone.objects.filter(pk=phone.pk).update(registered_until=None, contact="")
    _unheard(phone.user_id)


def keep_present() -> None:
    """Whose telephone is registered is there, as if their page were open. One statement."""
    now = clock.now()
    _here(now, user_id__in=registered(now).values("user_id"))


def telephone_for(person: int, *, call: str) -> Reached | None:
    """At which telephone somebody is to be rung for a call; None where it rings in their browser."""
    rows = AgentPhone.objects.filter(user=person, call=call, telephone=True)
    phone = SipPhone.objects.filter(user__in=rows.values("user")).exclude(contact="").first()
    return Reached(phone.name, phone.contact, phone.host, phone.port) if phone else None


@transaction.atomic
def note_picked_up(call: str, person: int) -> None:
    """Write down that somebody has answered at their telephone."""
    rung = AgentPhone.objects.filter(user=person, call=call, state=State.RINGING)
    rung.update(state=State.TALKING, since=clock.now())
    _look(call, person)


@transaction.atomic
def note_held(call: str, person: int, *, on: bool) -> None:
    """Write down that somebody has put the caller on hold at their telephone, or taken them back."""
    AgentPhone.objects.filter(user=person, call=call, state=State.TALKING).update(held=on)
    _look(call, person)


def _look(call: str, person: int) -> None:
    if held := call_by_uid(call):
        tell_phone(person, held)


def _here(now: datetime, **whose: Any) -> None:
    AgentPhone.objects.filter(**whose).update(seen_at=Greatest(F("seen_at"), now))


def _unheard(person: int) -> None:
    """Unless their page says otherwise, nothing rings at them."""
    idle = AgentPhone.objects.filter(user=person, state__in=(State.READY, State.AWAY))
    idle.update(seen_at=clock.now() - HEARD_WITHIN)


def _require(person: User, by: Actor) -> None:
    if not may_set_outside_phone(by, standing_of(person)):
        raise NotAllowed(Permission.PEOPLE)


def _md5(words: str) -> str:
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
