"""SIP telephones of people who lost a place, were locked out or were given a password."""

from datetime import timedelta

import pytest

from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.actions.account import deactivate, set_password
from madoguchi.people.actions.places import give_place, take_place
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone, OutsidePhone, SipPhone
from madoguchi.voice.sip_models import registered
from madoguchi.voice.sip_phones import Claim, Reached, _md5, give_sip_phone, keep_present, register

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.manager)


@pytest.fixture
def agent(world: World, manager: Actor) -> User:
    """Ours, whose telephone is registered."""
    agent = world.ours.agent
    with world.ours.scope():
        give_sip_phone(agent, by=manager)
    SipPhone.objects.update(registered_until=clock.now() + timedelta(hours=1), contact="sip:desk@192.0.2.7")
    AgentPhone.objects.create(user=agent, state="ready", since=clock.now(), seen_at=clock.now())
    return agent


def proved(phone: SipPhone) -> bool:
    """Whether it may register, as it knows its secret."""
    words = f"{phone.ha1}:n:00000001:o:auth:{_md5('REGISTER:sip:x')}"
    claim = Claim(phone.name, "REGISTER", "sip:x", "n", "00000001", "o", _md5(words))
    return register(
        claim, Reached(phone.name, "sip:desk@192.0.2.7", "192.0.2.7", 5060), seconds=60, source="192.0.2.7"
    )


def unheard() -> bool:
    keep_present()
    return AgentPhone.objects.get().seen_at < clock.now() - timedelta(seconds=39)


def test_who_loses_the_last_place_at_an_operator_has_no_telephone_any_more(
    world: World, manager: Actor, agent: User
) -> None:
    phone = SipPhone.objects.get()
    with world.ours.scope():
        take_place(agent, operator=world.ours.operator.pk, by=manager)
        assert not registered(clock.now()).exists()  # at once, before anybody reads the log
        assert not proved(phone)

    reactions.catch_up("voice.shut_out")

    with world.ours.scope():
        told = Event.objects.filter(kind="person.sip_phone_set").order_by("id").values_list("data", flat=True)
        assert [one["there"] for one in told] == [True, False]
    assert (SipPhone.objects.exists(), unheard()) == (False, True)


def test_who_still_has_an_operator_registers_anew(world: World, manager: Actor, agent: User) -> None:
    OperatorMember.objects.create(user=agent, operator=world.theirs.operator, role=Role.AGENT)
    with world.ours.scope():
        take_place(agent, operator=world.ours.operator.pk, by=manager)
    reactions.catch_up("voice.shut_out")
    phone = SipPhone.objects.get()
    assert (phone.registered_until, phone.contact, unheard()) == (None, "", True)
    assert proved(phone)


def test_who_comes_to_work_for_a_second_operator_is_given_a_telephone_by_who_manages_both(
    world: World, manager: Actor, agent: User
) -> None:
    OutsidePhone.objects.create(user=agent, address="+81312345678")
    with world.ours.scope():  # another place at the same operator changes nothing
        give_place(agent, operator=world.ours.operator.pk, role=Role.SUPERVISOR, by=manager)
    reactions.catch_up("voice.second_operator")
    assert (SipPhone.objects.count(), OutsidePhone.objects.count()) == (1, 1)

    with world.theirs.scope():
        give_place(
            agent, operator=world.theirs.operator.pk, role=Role.AGENT, by=actor_of(world.theirs.manager)
        )
    for _time in range(2):
        reactions.catch_up("voice.second_operator")

    assert (SipPhone.objects.exists(), OutsidePhone.objects.exists(), unheard()) == (False, False, True)
    with pytest.raises(NotAllowed):
        give_sip_phone(agent, by=manager)


def test_a_telephone_that_both_agreed_to_stays_however_late_the_log_is_read(
    world: World, manager: Actor, agent: User
) -> None:
    with world.theirs.scope():
        give_place(
            agent, operator=world.theirs.operator.pk, role=Role.AGENT, by=actor_of(world.theirs.manager)
        )
    with scope.acting_for([world.ours.company.pk, world.theirs.company.pk]):
        give_sip_phone(agent, by=actor_of(world.administrator))

    reactions.catch_up("voice.second_operator")

    assert SipPhone.objects.exists()


def test_who_is_locked_out_is_so_at_the_telephone(world: World, manager: Actor, agent: User) -> None:
    with world.ours.scope():
        deactivate(agent, by=manager)
        assert not registered(clock.now()).exists()
    reactions.catch_up("voice.shut_out")
    phone = SipPhone.objects.get()
    assert (phone.registered_until, proved(phone), unheard()) == (None, False, True)


def test_who_is_given_a_password_has_a_telephone_that_registers_anew(
    world: World, manager: Actor, agent: User
) -> None:
    with world.ours.scope():
        set_password(agent, password="shin-pasuwado-2026", by=manager)
    reactions.catch_up("voice.shut_out")
    phone = SipPhone.objects.get()
    assert (phone.registered_until, unheard(), proved(phone)) == (None, True, True)
