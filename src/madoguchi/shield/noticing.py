"""What is noticed by itself: words, the same demand again and again, somebody held for long. It only suggests."""

from datetime import timedelta

import structlog
from django.db import transaction

from madoguchi.cases.models import Case, Message
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.shield.events import HarassmentSuggested
from madoguchi.shield.models import Sort, Suggestion
from madoguchi.shield.queries import home_of, terms_of
from madoguchi.shield.repeats import Said, times_demanded
from madoguchi.shield.words import USUAL, read, suspicious
from madoguchi.voice.models import Call

# What is read later than this was written long ago: a mailbox that was emptied, an import.
_OLD = timedelta(days=2)
LOOKED_BACK, MOST_LOOKED_AT = timedelta(days=30), 200
_READER = system("shield")
logger = structlog.get_logger()


@transaction.atomic
def look_at_message(message: int) -> list[Suggestion]:
    """Read what a customer wrote: words, repeats, and in a chat how long it has gone on. Of machines and of old mail
    nothing is suggested; read again, nothing more.
    """
    said = Message.objects.select_related("case__continued_in", "contact").filter(pk=message).first()
    if (
        said is None
        or said.author != Message.Author.CUSTOMER
        or said.automatic
        or said.at < clock.now() - _OLD
    ):
        return []
    terms = terms_of(said.company_id)
    text = f"{said.subject}\n{said.new_text or said.text}"
    found = [(sort, words, len(words)) for sort, words in suspicious(text, lexicon_of(terms.words)).items()]
    times = times_demanded(_talk_with(said))
    if times >= terms.repeats:
        found.append((Sort.REPEAT, [], times))
    minutes = _chatted_for(said)
    if minutes >= terms.hold_minutes:
        found.append((Sort.HOLD, [], minutes))
    made = [_suggest(said, sort, words, amount) for sort, words, amount in found]
    return [one for one in made if one is not None]


@transaction.atomic
def look_at_call(call: int) -> Suggestion | None:
    """Suggest that somebody was held for long, or is, where a call became a case; harmless to repeat."""
    one = Call.objects.filter(pk=call).exclude(answered_at=None).first()
    said = (
        Message.objects.select_related("case__continued_in").filter(pk=one.message_id).first()
        if one
        else None
    )
    if one is None or said is None or one.agent_id is None:
        return None
    until = one.ended_at or clock.now()
    minutes = int((until - one.answered_at).total_seconds()) // 60 if one.answered_at else 0
    if one.ended_at is not None:
        # Waiting in a queue holds nobody of ours.
        minutes = (one.talk_seconds + one.hold_seconds) // 60
    if minutes < terms_of(one.company_id).hold_minutes:
        return None
    return _suggest(said, Sort.HOLD, [], minutes)


def look_at_calls_going_on() -> int:
    """Look at the calls of all companies that somebody is on for long already; returns of how many something is new.

    What is wrong with one keeps no other from being looked at: it is logged, and tried again at the next look.
    """
    since = clock.now() - timedelta(minutes=10)
    with scope.everywhere(reason="somebody at any company may be held on a call"):
        rows = Call.objects.filter(state=Call.State.ANSWERED, answered_at__lte=since).exclude(message_id=None)
        going_on = list(rows.order_by("answered_at").values_list("pk", "company_id")[:1000])
    return sum(_is_new(pk, company) for pk, company in going_on)


def lexicon_of(words: str) -> "dict[str, list[str]]":
    """The words of a company, or the usual ones."""
    return {sort: list(of) for sort, of in read(words or USUAL, sorts=Sort.values).items()}


def _is_new(call: int, company: int) -> bool:
    try:
        with scope.acting_for([company]):
            return look_at_call(call) is not None
    except Exception:  # whatever it is about this one must not keep the others from being looked at
        logger.exception("call_not_looked_at", call=call, company=company)
        return False


def _suggest(said: Message, sort: str, words: list[str], amount: int) -> Suggestion | None:
    made, new = Suggestion.objects.get_or_create(
        contact_id=said.contact_id,
        sort=sort,
        defaults={
            "company_id": said.company_id,
            "case_id": said.case_id,
            "message": said,
            "found": words[:10],
            "amount": amount,
            "found_at": clock.now(),
        },
    )
    if not new:
        return None
    case: Case = home_of(said.case)
    record(HarassmentSuggested(**case.where, suggestion=made.pk, sort=sort, amount=amount), by=_READER)
    return made


def _talk_with(said: Message) -> list[Said]:
    """What the customer and our people said of late, up to this message. One query."""
    theirs = Message.objects.filter(case__customer=said.case.customer_id, automatic="")
    rows = theirs.filter(at__gt=said.at - LOOKED_BACK, at__lte=said.at).exclude(author=Message.Author.SYSTEM)
    last = rows.order_by("-at", "-id")[:MOST_LOOKED_AT]
    return [
        Said(m.new_text or m.text, m.at, not m.inbound)
        for m in reversed(last)
        if m.pk <= said.pk or not m.inbound
    ]


def _chatted_for(said: Message) -> int:
    """How many minutes somebody of ours has been in this chat with them; 0 where it is none, or only a bot was. By LINE
    nobody is held: between two words lie hours in which nobody waits for the other.
    """
    if said.channel != Channel.CHAT:
        return 0
    ours = Message.objects.filter(contact=said.contact_id, author=Message.Author.STAFF).order_by("at")
    first = ours.values_list("at", flat=True).first()
    return int((said.at - first).total_seconds()) // 60 if first else 0
