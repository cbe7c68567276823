"""Who works for the company of a call, at the desks of who has it, and whether they can be reached just now."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.queries import desks_of
from madoguchi.customers.queries import show, view_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import written_phone
from madoguchi.people.queries import people_by_id, staff_by_desk
from madoguchi.routing.queries import here_among, not_absent
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import HEARD_WITHIN
from madoguchi.voice.queries import call_by_uid, case_of, phone_of

_State = AgentPhone.State
_ON_CALLS = (_State.RINGING, _State.TALKING, _State.WRAPPING)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody, how their name is read, their desks, and in words whether they can be reached; `ready` for a call at
    once.
    """

    name: str
    kana: str
    desks: tuple[str, ...]
    words: str
    ready: bool


def directory_of(call: Call, *, actor: Actor) -> list[Colleague]:
    """The people of a call's company at the desks of who looks, those first who are ready, by how
    their names are read. Seven queries. Whether
    somebody is on a break or off work is nobody's business here: they are not here.
    """
    names = {one.pk: one.name for one in desks_of(actor) if one.company_id == call.company_id}
    at: dict[int, list[str]] = defaultdict(list)
    for desk, people in staff_by_desk(names).items():
        for person in people - {actor.id}:
            at[person].append(names[desk])
    heard = clock.now() - HEARD_WITHIN
    phones = {one.user_id: one for one in AgentPhone.objects.filter(user_id__in=list(at))}
    here, users, taking = here_among(list(at)), people_by_id(at), set(not_absent(list(at)))
    made = []
    for person, desks in at.items():
        phone = phones.get(person)
        ready = (
            phone is not None and phone.state == _State.READY and phone.seen_at > heard and person in taking
        )
        words = _words(phone, ready=ready, here=person in here)
        made.append(Colleague(users[person].name, users[person].kana, tuple(sorted(desks)), words, ready))
    return sorted(made, key=lambda one: (not one.ready, one.kana or one.name, one.name))


def _words(phone: AgentPhone | None, *, ready: bool, here: bool) -> str:
    if phone and (ready or phone.state in _ON_CALLS):
        return str(phone.get_state_display())
    return _("Here, takes no calls") if here else _("Not here")


def slip_begun(case: Case, *, actor: Actor) -> dict[str, str]:
    """What a message slip begins with that is written on a call of this case: who called, and where to call back, as
    far as who writes may see that.
    """
    call = call_by_uid(phone_of(actor.id).call) if actor.id else None
    told = case_of(call) if call else None
    if call is None or told is None or told.pk != case.pk:
        return {}
    data = actor.data_scope(company=case.company_id)
    back = show(written_phone(call.caller), "phone", data) if call.caller else ""
    return {"caller": view_of(case.customer, actor=actor).name, "call_back": back}
