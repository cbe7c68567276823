"""Telephones outside: whose they are, which may be rung, and that each ring counts as a call of the company."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse

from madoguchi.desk.tests.conftest import signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import OutsideLeg, OutsidePhone, SipPhone
from madoguchi.voice.outgoing import may_be_dialled, may_call_more
from madoguchi.voice.outside import (
    forget_legs,
    note_answered_outside,
    note_over_outside,
    note_rung,
    outside_phones,
    set_outside_phone,
)
from madoguchi.voice.sip_phones import give_sip_phone, take_sip_phone

pytestmark = pytest.mark.django_db
NUMBER = "+81312345678"


def where(person: User) -> list[str]:
    return list(OutsidePhone.objects.filter(user=person).values_list("address", flat=True))


@pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff", "company_manager"])
def test_no_company_says_where_an_operators_people_are_rung(world: World, who: str) -> None:
    with world.ours.scope(), pytest.raises(NotAllowed):
        set_outside_phone(world.ours.agent, address=NUMBER, by=actor_of(getattr(world.ours, who)))
    assert where(world.ours.agent) == []


def test_another_operator_does_not_either_and_no_companys_own_person_has_one(world: World) -> None:
    with world.ours.scope():
        for person, by in (
            (world.ours.agent, world.theirs.manager),
            (world.ours.company_staff, world.ours.company_manager),
            (world.ours.company_staff, world.administrator),
        ):
            with pytest.raises(NotAllowed):
                set_outside_phone(person, address=NUMBER, by=actor_of(by))
    assert not OutsidePhone.objects.exists()


def test_one_of_two_employers_says_nothing_for_calls_of_the_other_would_ring_there(world: World) -> None:
    agent, manager, administrator = (
        world.ours.agent,
        actor_of(world.ours.manager),
        actor_of(world.administrator),
    )
    OperatorMember.objects.create(user=agent, operator=world.theirs.operator, role=Role.AGENT)
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            set_outside_phone(agent, address=NUMBER, by=manager)
        with pytest.raises(NotAllowed):
            give_sip_phone(agent, by=manager)
        assert (where(agent), SipPhone.objects.exists()) == ([], False)
        set_outside_phone(agent, address=NUMBER, by=administrator)
        give_sip_phone(agent, by=administrator)
        with pytest.raises(NotAllowed):
            set_outside_phone(agent, address="", by=manager)
        with pytest.raises(NotAllowed):
            take_sip_phone(agent, by=manager)
    assert (where(agent), SipPhone.objects.count()) == ([NUMBER], 1)


def test_the_employer_and_an_administrator_say_it_and_the_log_tells_only_that_it_is(world: World) -> None:
    with world.ours.scope():
        set_outside_phone(world.ours.agent, address="03-1234-5678", by=actor_of(world.ours.manager))
        assert where(world.ours.agent) == [NUMBER]
        set_outside_phone(world.ours.agent, address="0312345678", by=actor_of(world.ours.manager))
        set_outside_phone(world.ours.agent, address=" ", by=actor_of(world.administrator))
        facts = [one.data for one in Event.objects.filter(kind="person.outside_phone_set").order_by("id")]
    assert where(world.ours.agent) == []
    assert [fact["there"] for fact in facts] == [True, False]
    assert "12345678" not in str(facts)


@pytest.mark.parametrize(
    "address",
    ["+1 900 555 0100", "sip:x@pbx.example", "sips:x@pbx.example", "sip:a b@c", "sip:a@c?Route=x", "010"],
)
def test_what_may_not_be_called_is_refused(world: World, address: str) -> None:
    with world.ours.scope(), pytest.raises(Refused) as refused:
        set_outside_phone(world.ours.agent, address=address, by=actor_of(world.ours.manager))
    assert (refused.value.field, where(world.ours.agent)) == ("address", [])


@override_settings(CALL_SIP_HOSTS=frozenset({"pbx.example"}))
@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("sip:hanako@pbx.example", True),
        ("sips:hanako@PBX.example:5061;transport=tls", True),
        ("sip:201@pbx.example", True),
        ("sip:hanako.201@pbx.example", True),
        ("sip:0312345678@pbx.example", True),
        ("sip:+81-3-1234-5678@pbx.example", True),
        # A number is held to what may be called, however it is written: the host may dial it.
        ("sip:+19005550100@pbx.example", False),
        ("sip:%2B19005550100@pbx.example", False),
        ("SIP:+1.900.555.0100@pbx.example", False),
        ("sip:010-1-900-555-0100@pbx.example", False),
        ("sip:0990123456@pbx.example", False),
        ("sip:00119005550100@pbx.example", False),
        ("sip:*019005550100@pbx.example", False),
        ("sips:0312345678;phone-context=+1900@pbx.example", True),
        # Nor is an emergency number, which is as short as an extension.
        ("sip:110@pbx.example", False),
        ("sip:1-1-9@pbx.example", False),
        ("sips:118;x=1@pbx.example", False),
        ("sip:0119@pbx.example", False),
        ("sip:184110@pbx.example", False),
        ("sip:%31%31%30@pbx.example", False),
        ("sip:1100@pbx.example", True),
        ("sip:2119@pbx.example", True),
        ("sip:hanako@evil.example", False),
        ("sip:hanako@pbx.example.evil.example", False),
        ("sip:hanako@evil.example;x=@pbx.example", False),
        ("sip:pbx.example", False),
        ("sip:hanako@evil.example:5060@pbx.example", False),
    ],
)
def test_the_administrator_names_the_hosts_of_sip_addresses(world: World, address: str, may: bool) -> None:
    assert may_be_dialled(address) is may
    if may:
        with world.ours.scope():
            set_outside_phone(world.ours.agent, address=address, by=actor_of(world.ours.manager))
            assert outside_phones([world.ours.agent.pk]) == {world.ours.agent.pk: address}
            with override_settings(CALL_SIP_HOSTS=frozenset()):  # what is allowed may have changed since
                assert outside_phones([world.ours.agent.pk]) == {}


@override_settings(CALL_SIP_HOSTS=frozenset({"pbx.example"}))
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("110", "緊急通報"),
        ("１１９", "緊急通報"),
        ("184-118", "緊急通報"),
        ("sip:119@pbx.example", "緊急通報"),
        ("010", "許可されていません"),
    ],
)
def test_why_an_emergency_number_is_not_called_is_said(world: World, address: str, words: str) -> None:
    with world.ours.scope(), pytest.raises(Refused, match=words):
        set_outside_phone(world.ours.agent, address=address, by=actor_of(world.ours.manager))
    assert where(world.ours.agent) == []


@override_settings(CALLS_OUT_A_DAY=2, MINUTES_OUT_A_DAY=10)
def test_who_is_rung_outside_counts_in_calls_and_minutes_of_the_day(world: World) -> None:
    company, now = world.ours.company.pk, clock.now().replace(microsecond=0)
    with world.ours.scope():
        with clock.held_at(now):
            note_rung("one", company=company)
            note_answered_outside("one", at=now)
        with clock.held_at(now + timedelta(minutes=9)):
            assert may_call_more(company)
        with clock.held_at(now + timedelta(minutes=10)):
            assert not may_call_more(company)  # still goes on
        note_over_outside("one", at=now + timedelta(minutes=3))
        with clock.held_at(now + timedelta(minutes=20)):
            assert may_call_more(company)
            note_rung("two", company=company)
            assert not may_call_more(company)  # the second of two
        with clock.held_at(now + timedelta(days=1, minutes=1)):
            assert may_call_more(company)
    with world.theirs.scope():
        assert may_call_more(world.theirs.company.pk)


def test_what_counts_no_more_is_forgotten(world: World) -> None:
    with world.ours.scope():
        for call in ("one", "two"):
            note_rung(call, company=world.ours.company.pk)
        note_over_outside("one", at=clock.now())
        forget_legs(before=clock.now() + timedelta(seconds=1))
        assert [leg.call for leg in OutsideLeg.objects.all()] == ["two"]


def test_the_page_of_a_person_shows_it_to_their_employer_alone(world: World) -> None:
    agent = world.ours.agent
    save, page = (reverse(f"administration:{name}", args=[agent.pk]) for name in ("outside_phone", "person"))
    employer = signed_in(world.ours.manager)
    assert employer.post(save, {"address": "+19005550100"}).status_code == 422
    assert employer.post(save, {"address": "03-1234-5678"}).status_code == 302
    assert NUMBER in employer.get(page).content.decode()
    for stranger in (world.ours.company_manager, world.theirs.manager):
        assert signed_in(stranger).post(save, {"address": ""}).status_code == 404
    assert where(agent) == [NUMBER]
