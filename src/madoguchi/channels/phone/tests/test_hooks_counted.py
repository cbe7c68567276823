"""Telephones outside count as calls that we make, and what is told of a call once more, days later, is no call."""

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest
from django.test import override_settings
from tests.contracts.calls import Webhooks

from madoguchi.channels.phone.hooks import seeking
from madoguchi.channels.phone.hooks.left_over import KEPT_FOR, go_on_with_carried
from madoguchi.channels.phone.models import CarriedCall
from madoguchi.channels.phone.tests.test_hooks import QUEUE, begun, home, lead_to, path, place
from madoguchi.intake.models import Arrival
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone, Call, OutsideLeg, OutsidePhone
from madoguchi.voice.outgoing import may_call_more
from madoguchi.voice.phones import set_ready

pytestmark = pytest.mark.django_db


class TestRungOutside:
    def waiting(self, carrier: Webhooks, world: World) -> Element:
        """Somebody waits; one of ours takes calls and is rung."""
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.agent))
        return begun(carrier)

    def phone(self, world: World) -> AgentPhone:
        return AgentPhone.objects.get(user=world.ours.agent)

    def test_each_telephone_that_rings_counts_as_a_call_of_ours(
        self, carrier: Webhooks, world: World
    ) -> None:
        root = self.waiting(carrier, world)
        carrier.seconds += 5
        there = {"ParentCallSid": "CA1", "CallSid": "CA2"}
        carrier.post(path(place(root, "Number", "url")), there)
        carrier.seconds += 60
        with override_settings(CALLS_OUT_A_DAY=1):
            assert not may_call_more(world.ours.company.pk)
        carrier.ask(path(place(root, "Dial", "action")), DialCallStatus="completed")

        leg = OutsideLeg.objects.get()
        assert leg.answered_at is not None
        assert leg.ended_at is not None
        assert (leg.ended_at - leg.answered_at, leg.call) == (timedelta(seconds=60), Call.objects.get().uid)

    def test_beyond_the_calls_of_a_day_nobody_is_rung_and_the_caller_waits(
        self, carrier: Webhooks, world: World
    ) -> None:
        with override_settings(CALLS_OUT_A_DAY=0):
            root = self.waiting(carrier, world)

        assert not list(root.iter("Dial"))
        assert (self.phone(world).state, OutsideLeg.objects.count()) == ("ready", 0)

    def test_the_day_is_counted_only_where_somebody_is_free(
        self, carrier: Webhooks, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted: list[int] = []

        def count(company: int) -> bool:
            counted.append(company)
            return may_call_more(company)

        monkeypatch.setattr(seeking, "may_call_more", count)
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.supervisor))  # who has no telephone outside
        root = begun(carrier)
        for _time in range(3):
            carrier.seconds += 5
            root = carrier.ask(path(place(root, "Redirect")))
        assert (counted, root.find("Dial")) == ([], None)

        set_ready(ready=True, by=actor_of(world.ours.agent))
        root = carrier.ask(path(place(root, "Redirect")))
        assert (counted, root.find("Dial") is not None) == ([world.ours.company.pk], True)

    def test_who_is_at_a_host_that_is_allowed_no_more_is_not_rung(
        self, carrier: Webhooks, world: World
    ) -> None:
        OutsidePhone.objects.update(address="sips:hanako@pbx.example")
        root = self.waiting(carrier, world)
        assert not list(root.iter("Dial"))

        carrier.seconds += 5
        with override_settings(CALL_SIP_HOSTS=frozenset({"pbx.example"})):
            root = carrier.ask(path(root.findtext("Redirect") or ""))
        assert place(root, "Sip") == "sips:hanako@pbx.example"


class TestOnceMore:
    def test_what_is_sent_in_again_days_later_begins_no_call(self, carrier: Webhooks) -> None:
        root = begun(carrier)
        carrier.post(home(carrier), {"CallStatus": "completed"})
        carrier.seconds += 30 * KEPT_FOR.total_seconds()
        go_on_with_carried()
        there = (1, 1, Arrival.objects.count())
        row = CarriedCall.objects.get()
        assert (row.document, row.call, row.standing, row.recordings) == ("", {}, {}, [])

        again = [carrier.ask(home(carrier)), carrier.ask(path(root.findtext(".//Redirect") or home(carrier)))]
        carrier.post(home(carrier), {"CallStatus": "completed"})

        assert [(one.tag, len(one)) for one in again] == [("Response", 0)] * 2
        assert (CarriedCall.objects.count(), Call.objects.count(), Arrival.objects.count()) == there


def test_a_number_takes_so_many_calls_at_once_as_its_flow_says(carrier: Webhooks) -> None:
    lead_to(carrier.point, QUEUE | {"lines": 1})
    first = begun(carrier)
    assert carrier.ask(home(carrier), CallSid="CA2").find("Reject") is not None
    assert carrier.ask(home(carrier), CallSid="CA1").find("Reject") is None  # the first one, told again

    carrier.ask(path(place(first, "Redirect")), CallStatus="completed")
    assert carrier.ask(home(carrier), CallSid="CA3").find("Reject") is None
    assert sorted(Call.objects.values_list("outcome", flat=True)) == ["", "rejected", "short"]
