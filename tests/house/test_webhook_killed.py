"""An event is told though the worker that sends it is killed with -9 in the middle: again under its id, never not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.webhooks.actions import deliver, resume_left_over
from madoguchi.webhooks.models import Delivery
from madoguchi.webhooks.tests.receiver import Receiver, receiving
from madoguchi.webhooks.tests.test_delivering import endpoint_at, something_happens
from tests.house.dying import killed
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
START = """
import sys
from django.conf import settings
from madoguchi.webhooks.actions import deliver
settings.WEBHOOKS_PRIVATE = True
sending = sys.modules[deliver.__module__]
"""
# Where it is killed: before anything leaves, and when the other side has taken it and nobody wrote that down.
MOMENTS = {"claimed": ("sending.post = die", 0), "taken": ("sending._is_still_ours = die", 1)}


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_is_sent_once_more_under_the_same_id(
    world: World,
    settings: LazySettings,
    receiver: Receiver,
    database_url: str,
    tmp_path: Path,
    moment: str,
) -> None:
    endpoint_at(world, receiver.url)
    [event] = something_happens(world)
    [delivery] = everything(Delivery)
    code, heard = MOMENTS[moment]

    # Secrets are read by the key of the installation.
    begin = f"{START}settings.SECRET_KEY = {settings.SECRET_KEY!r}\n{code}\n"
    send = f"deliver({delivery.pk}, company={delivery.company_id})\n"
    killed(begin + send, url=database_url, data=tmp_path)

    [left] = everything(Delivery)
    assert (left.state, left.tries, len(receiver.heard)) == ("sending", 1, heard)
    with clock.held_at(clock.now() + timedelta(minutes=3)):
        assert (resume_left_over(), resume_left_over()) == (1, 0)
        deliver(delivery.pk, company=delivery.company_id)
        deliver(delivery.pk, company=delivery.company_id)

    [done] = everything(Delivery)
    assert (done.state, done.tries) == ("delivered", 2)
    assert [one.headers["webhook-id"] for one in receiver.heard] == [f"evt_{event.id}"] * (heard + 1)
    assert len({one.body for one in receiver.heard}) == 1
