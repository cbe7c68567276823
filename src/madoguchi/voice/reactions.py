"""Who is shut out is so at their SIP telephone, too; who works for two operators is given a telephone by both; and
calls go on to a desk that is called otherwise.
"""

from madoguchi.companies.events import DeskChanged
from madoguchi.infra.event_log import Recorded, record
from madoguchi.infra.reactions import reacts_to
from madoguchi.kernel.actor import system
from madoguchi.people.events import PasswordSet, PersonDeactivated, PlaceGiven, PlaceTaken
from madoguchi.voice.events import SipPhoneSet
from madoguchi.voice.renamed import follow_name
from madoguchi.voice.sip_phones import let_telephones_go, shut_out


@reacts_to(PlaceTaken, PersonDeactivated, PasswordSet, name="voice.shut_out")
def shut_out_of_telephone(event: Recorded) -> None:
    """Their telephone is registered no more; once no operator employs them, it is theirs no more either."""
    fact = event.fact()
    assert isinstance(fact, PlaceTaken | PersonDeactivated | PasswordSet)
    if shut_out(fact.person):
        record(SipPhoneSet(company=event.company, person=fact.person, there=False), by=system("voice"))


@reacts_to(PlaceGiven, name="voice.second_operator")
def take_telephones_of_who_works_for_two(event: Recorded) -> None:
    """A telephone that one operator gave is none for the calls of another that employs them since."""
    fact = event.fact()
    assert isinstance(fact, PlaceGiven)
    first = fact.operator is not None and fact.before is None
    for had in let_telephones_go(fact.person, since=event.at) if first else ():
        record(had(company=event.company, person=fact.person, there=False), by=system("voice"))


@reacts_to(DeskChanged, name="voice.renamed")
def lead_to_the_renamed_desk(event: Recorded) -> None:
    """What callers meet names desks: where it named this one, it names it by its new name."""
    fact = event.fact()
    assert isinstance(fact, DeskChanged)
    if "name" in fact.changes:
        before, now = fact.changes["name"]
        follow_name(event.company, before, now, by=system("voice"))
