"""How a case goes: who writes when, who answers, what is noted, and how far it has come by now.

The whole conversation is laid out first; what lies after `now` has not happened yet, and the status follows
from what has. Old cases are therefore settled and recent ones in work, without anybody saying so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from madoguchi.sample.arrivals import DAY, Arrivals, Hours, arrivals, moment
from madoguchi.sample.attachments import first_files, further_files, sent_files
from madoguchi.sample.content import SampleCase, SampleChange, SampleFile, SampleMessage, SampleNote
from madoguchi.sample.corpus import CUSTOMER, DELIVERED, SHIP, WAIT, Beat, Spam, Topic, phrases, topics_of
from madoguchi.sample.customers import SampleCustomer, customer_of_case, make_customer
from madoguchi.sample.facts import Facts, day_with_weekday, facts_of, name_agent, promise_days, quoted_moment
from madoguchi.sample.grammar import Chance, Pool, pick, say, stream
from madoguchi.sample.letters import (
    answer,
    first_letter,
    further_letter,
    lead_of,
    manner_of,
    quoting,
    thanks_letter,
)
from madoguchi.sample.world import Company, Desk, Person, sample_world

_CASES = 3
_SILENCE = 5 * DAY
_CLOSED_AFTER = 7 * DAY


Numbers = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Staffed:
    """A desk with what is asked of it for every case, looked up once."""

    desk: Desk
    company: Company
    hours: Hours
    agents: tuple[Person, ...]
    leads: tuple[Person, ...]


@dataclass(slots=True)
class _Talk:
    """One conversation while it is being laid out. `at` is where its clock stands (wall seconds)."""

    chance: Chance
    now: int
    staffed: _Staffed
    topic: Topic
    customer: SampleCustomer
    facts: Facts
    manner: str
    opened: int
    at: int
    number: str
    subject: str
    agent: Person
    form: bool
    quotable: str = ""
    ship: int = 0
    due: int = 0
    assigned: int = 0
    first_reply: int = 0
    waiting: int = 0
    status: str = "new"
    last: str = CUSTOMER
    last_text: str = ""
    solved: int = 0
    messages: list[SampleMessage] = field(default_factory=list)
    notes: list[SampleNote] = field(default_factory=list)
    changes: list[SampleChange] = field(default_factory=list)


class Storyteller:
    """Tells case `index` of the world that ends at `now`. The same index always makes the same case.

    Where only customers from `first_customer` on exist, the cases of earlier ones are that one's.
    """

    def __init__(self, *, now: datetime, seed: int = 1, first_customer: int = 0) -> None:
        self.flow: Arrivals = arrivals(now)
        self.seed, self.first_customer = seed, first_customer
        self.since = moment(self.flow.starts[0])
        self.desks = {desk.key: _staffed(desk) for desk in sample_world().desks}
        self.topics = {company.key: topics_of(company.key) for company in sample_world().companies}

    def customer(self, index: int) -> SampleCustomer:
        """Customer `index`."""
        return make_customer(index, seed=self.seed, since=self.since)

    def case(self, index: int, numbers: Numbers) -> SampleCase:
        """Case `index`, under the next number of its company."""
        chance = stream(self.seed, _CASES, index)
        customer = self.customer(max(customer_of_case(index), self.first_customer))
        number = numbers(customer.company)
        talk = self._begin(chance, customer, self.flow.at(index), number)
        if customer.spam >= 0:
            _tell_spam(talk, phrases().spam[customer.spam])
        else:
            _tell(talk)
        return _finished(talk, index, number)

    def _begin(self, chance: Chance, customer: SampleCustomer, opened: int, number: int) -> _Talk:
        topics = self.topics[customer.company]
        topic = topics.english if customer.language == "en" else topics.draw(chance)
        staffed = self.desks[topic.desk]
        facts = facts_of(chance, topic, customer, staffed.company, staffed.desk, opened)
        firm = bool(customer.organisation)
        agent = pick(chance, staffed.agents if chance() < 0.9 else staffed.leads)
        name_agent(facts, agent)
        return _Talk(
            chance=chance,
            now=self.flow.now,
            staffed=staffed,
            topic=topic,
            customer=customer,
            facts=facts,
            manner=manner_of(chance, topic, firm=firm, language=customer.language),
            opened=opened,
            at=opened,
            number=f"{staffed.company.prefix}-{number}",
            subject="",
            agent=agent,
            form=chance() < 0.28,
        )


def _staffed(desk: Desk) -> _Staffed:
    world = sample_world()
    return _Staffed(
        desk=desk,
        company=world.company(desk.company),
        hours=Hours.of(desk.opens, desk.closes),
        agents=world.staff_of(desk.key, "agent"),
        leads=world.staff_of(desk.key, "supervisor"),
    )


# ------------------------------------------------------------------ the course of a case


def _tell(talk: _Talk) -> None:
    beats = _arc(talk)
    _open(talk, shows=beats[0].speaks_of_photo)
    silent = talk.chance() < 0.07
    wait = _first_wait(talk)
    talk.assigned = talk.staffed.hours.after(talk.opened, int(wait * (0.2 + talk.chance() * 0.7)))
    if talk.assigned <= talk.now:
        _assign(talk)
    _nudge(talk, wait)
    for place, beat in enumerate(beats):
        if beat.who in (CUSTOMER, DELIVERED) and silent:
            _fall_silent(talk)
            return
        if not _turn(talk, beat, wait if place == 0 else 0):
            return
    _end(talk)


def _arc(talk: _Talk) -> tuple[Beat, ...]:
    """One of the ways this can go; the short ones are the common ones."""
    one, other = pick(talk.chance, talk.topic.arcs), pick(talk.chance, talk.topic.arcs)
    return min(one, other, key=len) if talk.chance() < 0.4 else one


def _turn(talk: _Talk, beat: Beat, wait: int) -> bool:
    """One beat; False when it lies in the future, and the case stands as it stood before."""
    if beat.who in (CUSTOMER, DELIVERED):
        return _customer_writes(talk, beat)
    at = _time_of_answer(talk, beat, wait)
    if at > talk.now:
        return False
    _note(talk, at)
    talk.at = at
    _promise(talk, beat)
    _we_write(talk, beat)
    return True


def _first_wait(talk: _Talk) -> int:
    """Working seconds until the first answer: three hours as a rule, at times more than a day."""
    wait = 900 + int(54_000 * talk.chance() ** 2.4)
    return wait // 2 if talk.topic.priority == 4 or talk.manner == "angry" else wait


def _time_of_answer(talk: _Talk, beat: Beat, wait: int) -> int:
    hours, chance = talk.staffed.hours, talk.chance
    if talk.due:
        target = talk.at + int((talk.due - talk.at) * (0.35 + chance() * 0.55))
        talk.due = 0
        return hours.after(max(target, talk.at + 600), 60 + int(chance() * 2_700))
    if beat.who == SHIP and talk.ship * DAY > talk.at:
        return talk.ship * DAY + 50_400 + int(chance() * 9_000)
    return hours.after(talk.at, wait or 600 + int(14_400 * chance() ** 2))


def _promise(talk: _Talk, beat: Beat) -> None:
    """Set the days that this answer names, so that they lie ahead of it."""
    today = talk.at // DAY
    if beat.who == WAIT:
        day = talk.staffed.hours.next_workday(today)
        talk.due = day * DAY + 61_200
        talk.facts["reply_by"] = f"{day_with_weekday(day)}の17時"
    elif beat.who == SHIP:
        promise_days(talk.facts, today)
    elif beat.names_dates and talk.ship <= today:
        days = (3 if beat.before_customer else 1) + int(talk.chance() * 1.6)
        talk.ship = talk.staffed.hours.next_workday(today + days - 1)
        promise_days(talk.facts, talk.ship)


def _end(talk: _Talk) -> None:
    """After the last answer: a further question, thanks, or nothing; then the case is solved."""
    if talk.last == CUSTOMER:
        if talk.chance() < 0.6 and not _answer_with(talk, _welcome(talk), 3_600, closing=""):
            return
        _solve(talk, talk.staffed.hours.after(talk.at, 600))
        return
    fate = talk.chance()
    if fate < 0.12 and talk.manner not in ("en", "brief", "angry"):
        if not _ask_further(talk):
            return
        fate = talk.chance()
    if 0.12 <= fate < 0.44:
        if _customer_sends(talk, thanks_letter(talk.chance, talk.manner, talk.facts), _hours_later(talk)):
            _solve(talk, talk.staffed.hours.after(talk.at, 300 + int(talk.chance() * 5_400)))
        return
    soon = talk.topic.priority < 4 and talk.chance() < 0.6
    _solve(talk, talk.at if soon else talk.staffed.hours.after(talk.at + DAY, int(talk.chance() * 2 * DAY)))


def _ask_further(talk: _Talk) -> bool:
    asked, answered = pick(talk.chance, phrases().further[talk.staffed.company.trade])
    text = further_letter(talk.chance, asked, talk.manner, talk.facts, follows=True)
    return _customer_sends(talk, text, _hours_later(talk)) and _answer_with(
        talk, answered, 7_200, closing="closing"
    )


def _welcome(talk: _Talk) -> Pool:
    return phrases().agent["welcome_en" if talk.manner == "en" else "welcome"]


def _fall_silent(talk: _Talk) -> None:
    """The customer does not come back; after some days we settle the case ourselves."""
    at = talk.staffed.hours.after(talk.at + _SILENCE, int(talk.chance() * 3_600))
    if at <= talk.now:
        _add_note(talk, talk.agent, say(talk.chance, phrases().notes["silent"]), at)
        _solve(talk, at)


def _solve(talk: _Talk, at: int) -> None:
    if at > talk.now:
        return
    talk.solved, talk.waiting = at, 0
    _change_status(talk, "solved", at, talk.agent.key)
    if at + _CLOSED_AFTER <= talk.now:
        _change_status(talk, "closed", at + _CLOSED_AFTER, "")


def _tell_spam(talk: _Talk, spam: Spam) -> None:
    talk.form, talk.manner = False, "spam"
    talk.subject = say(talk.chance, spam.subject)
    _add_inbound(talk, say(talk.chance, spam.body).format_map(talk.facts), talk.opened)
    _acknowledge(talk)
    at = talk.staffed.hours.after(talk.opened, 600 + int(talk.chance() * 7_200))
    if at <= talk.now:
        talk.assigned = at
        _assign(talk)
        _solve(talk, at + 30)


# ------------------------------------------------------------------ what the customer writes


def _open(talk: _Talk, *, shows: bool) -> None:
    letter = first_letter(talk.chance, talk.topic, talk.manner, talk.facts, form=talk.form)
    talk.subject, talk.quotable = letter.subject, letter.quotable
    files = first_files(talk.chance, talk.topic, talk.facts, letter.text, shows=shows)
    _add_inbound(talk, letter.text, talk.opened, files=files)
    _acknowledge(talk)


def _customer_writes(talk: _Talk, beat: Beat) -> bool:
    text = further_letter(talk.chance, beat.texts, talk.manner, talk.facts, follows=True)
    at = _hours_later(talk)
    if beat.who == DELIVERED:
        at = max(at, talk.ship * DAY + 43_200 + int(talk.chance() * 32_400))
    return _customer_sends(talk, text, at)


def _customer_sends(talk: _Talk, text: str, at: int) -> bool:
    if at > talk.now:
        return False
    if talk.status not in ("new", "open"):
        _change_status(talk, "open", at, "")
    new = ""
    if talk.last_text and not talk.form and talk.manner != "brief" and talk.chance() < 0.4:
        desk = talk.staffed.desk
        head = f"{quoted_moment(talk.at)} {desk.public_name} <{desk.address}>"
        text, new = quoting(head, talk.last_text, text), text
    talk.at = at
    _add_inbound(
        talk, text, at, new=new, files=further_files(talk.chance, talk.topic, talk.facts, new or text)
    )
    return True


def _add_inbound(
    talk: _Talk, text: str, at: int, *, new: str = "", files: tuple[SampleFile, ...] = ()
) -> None:
    first = not talk.messages
    talk.messages.append(
        SampleMessage(
            author="customer",
            person="",
            at=moment(at),
            subject=talk.subject if first else f"Re: {talk.subject} [{talk.number}]",
            text=text,
            new_text=new,
            files=files,
        )
    )
    talk.last = CUSTOMER
    talk.waiting = talk.waiting or at


def _hours_later(talk: _Talk) -> int:
    """When the customer finds time to write back: mostly the same day, hardly ever at night."""
    at = talk.at + 1_200 + int(talk.chance() ** 2.4 * 1.7 * DAY)
    early = 7 * 3_600 - at % DAY
    return at + early + int(talk.chance() * 5_400) if early > 0 else at


def _nudge(talk: _Talk, wait: int) -> None:
    """Who waits for more than a day may ask again before we have answered."""
    due = talk.staffed.hours.after(talk.opened, wait)
    if due - talk.opened < 26 * 3_600 or talk.manner == "en" or talk.chance() > 0.3:
        return
    at = talk.opened + int((due - talk.opened) * (0.7 + talk.chance() * 0.25))
    text = further_letter(talk.chance, phrases().customer["nudge"], talk.manner, talk.facts, follows=False)
    if at % DAY > 7 * 3_600 and at <= talk.now:
        _add_inbound(talk, text, at)


# ------------------------------------------------------------------ what we write


def _we_write(talk: _Talk, beat: Beat) -> None:
    first = not talk.first_reply
    chance, late = talk.chance, first and talk.at - talk.opened > 28 * 3_600
    lead = lead_of(chance, talk.topic, talk.manner, talk.quotable, late=late) if first else ""
    text = answer(
        chance,
        beat.texts,
        talk.manner,
        talk.facts,
        greeting="greeting" if first else "greeting_again" if talk.last == CUSTOMER else "greeting_follow",
        lead=lead,
        closing=_closing(beat),
        sign=talk.staffed.desk.signature,
    )
    others_act = beat.who == WAIT or beat.before_ship
    _add_outbound(talk, text, "waiting_third" if others_act else "waiting_customer")


def _closing(beat: Beat) -> str:
    if beat.who == WAIT:
        return "closing_wait"
    return "closing_ask" if beat.before_customer else "closing"


def _answer_with(talk: _Talk, texts: Pool, wait: int, *, closing: str) -> bool:
    at = talk.staffed.hours.after(talk.at, 300 + int(talk.chance() * wait))
    if at > talk.now:
        return False
    talk.at = at
    text = answer(
        talk.chance,
        texts,
        talk.manner,
        talk.facts,
        greeting="greeting_again",
        lead="",
        closing=closing,
        sign=talk.staffed.desk.signature,
    )
    _add_outbound(talk, text, "waiting_customer")
    return True


def _add_outbound(talk: _Talk, text: str, status: str) -> None:
    talk.messages.append(
        SampleMessage(
            author="staff",
            person=talk.agent.key,
            at=moment(talk.at),
            subject=f"Re: {talk.subject} [{talk.number}]",
            text=text,
            state="sent",
            files=sent_files(talk.topic, talk.facts, text),
        )
    )
    talk.first_reply = talk.first_reply or talk.at
    talk.waiting, talk.last, talk.last_text = 0, "A", text
    _change_status(talk, status, talk.at, talk.agent.key)


def _acknowledge(talk: _Talk) -> None:
    ack, english = phrases().ack, talk.manner == "en"
    at = talk.opened + 2 + int(talk.chance() * 14)
    if at > talk.now:
        return
    desk = talk.staffed.desk
    text = ack["body_en" if english else "body"].format(
        name=talk.customer.name,
        number=talk.number,
        title=talk.subject or "（件名なし）",
        hours=desk.hours,
        sign=desk.signature,
    )
    talk.messages.append(
        SampleMessage(
            author="system",
            person="",
            at=moment(at),
            subject=f"Re: {talk.subject} [{talk.number}]",
            text=text,
            automatic="acknowledgement",
            state="sent",
        )
    )


# ------------------------------------------------------------------ what only we see


def _assign(talk: _Talk) -> None:
    at = moment(talk.assigned)
    talk.changes.append(SampleChange(at, talk.agent.key, "assignee", "", talk.agent.key))
    _change_status(talk, "open", talk.assigned, talk.agent.key)


def _change_status(talk: _Talk, to: str, at: int, by: str) -> None:
    """Several changes of one moment are one: an answer that solves the case sets the status once."""
    when, before = moment(at), talk.status
    if before == to:
        return
    last = talk.changes[-1] if talk.changes else None
    if last and last.at == when and last.field == "status" and last.person == by:
        before = talk.changes.pop().before
    if before != to:
        talk.changes.append(SampleChange(when, by, "status", before, to))
    talk.status = to


def _note(talk: _Talk, before: int) -> None:
    """A note between the last word and our next, at times; oftener where tempers are up."""
    chance = talk.chance
    if chance() > (0.6 if talk.manner == "angry" else 0.3 if not talk.notes else 0.1):
        return
    at = talk.staffed.hours.after(max(talk.at, talk.assigned), 240)
    if at >= before:
        return
    if talk.manner == "angry" and not talk.notes:
        texts = phrases().notes["angry"]
    else:
        texts = talk.topic.note if chance() < 0.8 else phrases().notes["generic"]
    _add_note(talk, talk.agent, say(chance, texts), at)


def _add_note(talk: _Talk, author: Person, text: str, at: int) -> None:
    mentions: tuple[str, ...] = ()
    if "{mention}" in text:
        colleague = pick(talk.chance, talk.staffed.leads)
        if colleague is author or talk.chance() < 0.45:
            colleague = pick(talk.chance, talk.staffed.agents)
        if colleague is author:
            text = text.replace("{mention} ", "").replace("{mention}", "")
        elif talk.chance() < 0.4:
            author, colleague = colleague, author
        if "{mention}" in text:
            mentions = (colleague.key,)
            talk.facts["mention"] = f"@{colleague.family}"
    text = text.format_map(talk.facts).strip()
    if any(note.text == text for note in talk.notes):
        return
    talk.notes.append(SampleNote(author.key, moment(at), text, mentions))


# ------------------------------------------------------------------ the finished case


def _finished(talk: _Talk, index: int, number: int) -> SampleCase:
    spam = talk.manner == "spam"
    touched = max(message.at for message in talk.messages if not message.automatic)
    return SampleCase(
        index=index,
        number=number,
        company=talk.staffed.company.key,
        desk=talk.staffed.desk.key,
        topic="spam" if spam else talk.topic.key,
        channel="form" if talk.form else "email",
        customer=talk.customer,
        sender_name=_sender_name(talk),
        subject=talk.subject,
        status=talk.status,
        priority=1 if spam else _priority(talk),
        assignee=talk.agent.key if talk.assigned and talk.assigned <= talk.now else "",
        tags=("迷惑メール",) if spam else _tags(talk),
        language="en" if talk.manner == "en" else "ja",
        opened_at=moment(talk.opened),
        touched_at=touched,
        waiting_since=moment(talk.waiting) if talk.waiting else None,
        first_replied_at=moment(talk.first_reply) if talk.first_reply else None,
        solved_at=moment(talk.solved) if talk.solved else None,
        messages=tuple(talk.messages),
        notes=tuple(talk.notes),
        changes=tuple(talk.changes),
    )


def _sender_name(talk: _Talk) -> str:
    """The name in From: most set their own, some a bare family name, some nothing."""
    if talk.form or talk.customer.organisation:
        return talk.customer.full
    how = talk.chance()
    return talk.customer.full if how < 0.8 else talk.customer.family if how < 0.9 else ""


def _priority(talk: _Talk) -> int:
    if talk.manner in ("angry", "hurry"):
        return max(talk.topic.priority, 3)
    return talk.topic.priority


def _tags(talk: _Talk) -> tuple[str, ...]:
    extra = {"angry": "怒りの兆し", "hurry": "お急ぎ", "firm": "法人"}.get(talk.manner, "")
    tags = talk.topic.tags
    return (*tags, extra) if extra and extra not in tags else tags
