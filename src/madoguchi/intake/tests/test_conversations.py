"""Every small conversation ends in the cases it should, each mail taken for what it is."""

from string import ascii_lowercase

import pytest
from django.conf import LazySettings

from madoguchi.cases.models import Case, Message
from madoguchi.delivery.actions import Reply, reply, send
from madoguchi.intake.models import Arrival, Report
from madoguchi.intake.tests.conversations import ALL, FIRST, Conversation
from madoguchi.intake.tests.test_any_order import case_of
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
_WIDE = {n: n + 0xFEE0 for n in range(0x21, 0x7F)}


@pytest.fixture
def known(world: World, settings: LazySettings) -> dict[str, str]:
    """Her mail has come and we have answered; what is known of it."""
    settings.UNDO_SECONDS, settings.MAIL_TRANSPORT = 0, "outbox"
    case = case_of(arrive(world.ours, FIRST.encode()))
    with world.ours.scope():
        answer = reply(case, Reply(text="お調べします。"), by=actor_of(world.ours.agent))
    send(answer.pk, company=answer.company_id)
    local, _, domain = world.ours.entry_point.address.partition("@")
    number = case.spoken_number(world.ours.company.prefix)
    return {
        "case": str(case.pk),
        "token": case.reply_token,
        "id": answer.external_id,
        "number": number,
        "wide": number.translate(_WIDE),
        "prefix": world.ours.company.prefix,
        "address": world.ours.entry_point.address,
        "local": local,
        "LOCAL": local.upper(),
        "domain": domain,
    }


def written(letter: str, number: int, known: dict[str, str]) -> bytes:
    text = letter.format_map(known)
    return (
        text
        if "Message-ID: <" in text.partition("\n\n")[0]
        else f"Message-ID: <m{number}@home.example>\n{text}"
    ).encode()


def ends_in(arrivals: list[Arrival], known: dict[str, str]) -> str:
    """The case of each by a letter, in the order in which the cases came to be."""
    cases = [case_of(a).pk if a.message_id else int(a.case_id or 0) for a in arrivals]
    order = list(dict.fromkeys([int(known["case"]), *cases]))
    return "".join(ascii_lowercase[order.index(case)] for case in cases)


def taken_for(arrival: Arrival) -> str:
    if arrival.state == "repeated":
        return "repeated"
    if arrival.message_id is None:
        return Report.objects.get(arrival=arrival).what
    return Message.objects.get(pk=arrival.message_id).automatic


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_each_ends_where_it_belongs(world: World, known: dict[str, str], one: Conversation) -> None:
    letters = [written(letter, n, known) for n, letter in enumerate(one.letters, 1)]

    arrivals = [arrive(world.ours, raw) for raw in letters]

    with world.ours.scope():
        assert (ends_in(arrivals, known), [taken_for(a) for a in arrivals]) == (
            one.ends_in,
            list(one.taken_for),
        )
        assert Case.objects.get(pk=known["case"]).customer.identities.count() == 1


def test_no_conversation_is_there_twice() -> None:
    names = [one.name for one in ALL]

    assert len(names) == len(set(names))
