"""A carrier that holds calls, for whoever tests what it is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.contracts.calls import ACCOUNT, NOON, TOKEN, Webhooks

from madoguchi.channels.phone.models import CarrierAccount
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.models import OutsidePhone

CALLER = "+819012345678"
AGENT = "+81312345678"


@pytest.fixture
def carrier(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    """A carrier for a number of our desk; we work in our company's scope."""
    way = Webhooks(monkeypatch)
    way.point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    way.caller = CALLER
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=way.seconds))
    with world.ours.scope():
        CarrierAccount.objects.create(
            company=world.ours.company,
            entry_point=way.point,
            account=ACCOUNT,
            token=TOKEN,
            api="https://carrier.example",
        )
        OutsidePhone.objects.create(user=world.ours.agent, address=AGENT)
        yield way
