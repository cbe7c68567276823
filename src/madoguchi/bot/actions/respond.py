"""The bot hears what a customer wrote where one talks, and answers once: from what is in force, or by asking a person.

The articles are read between two transactions, by a process of its own; what was decided is done only if nothing has
happened meanwhile: no person has spoken, nobody writes an answer, the customer has said nothing more, and the article
is still in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import translation

from madoguchi.bot import wording
from madoguchi.bot.actions.leading import Place, place_of
from madoguchi.bot.actions.talk import fall_silent
from madoguchi.bot.deciding import (
    PERSON,
    Before,
    Decision,
    Outcome,
    at_once,
    by_other_words,
    by_reading,
    finds_nothing,
)
from madoguchi.bot.events import BotJudged, BotSpoke
from madoguchi.bot.models import Bot, Reason, Talk, Turn
from madoguchi.bot.naming import called
from madoguchi.bot.queries import (
    AUTOMATIC,
    answers_now,
    bot_of,
    choices_of,
    faq_of,
    key_of,
    learned_of,
    limit_words,
    may_be_said,
    name_of,
    titles_of,
)
from madoguchi.bot.reader import READER, Faq, Reader, Unreadable
from madoguchi.bot.rewording import reworded
from madoguchi.bot.scenarios import scenario_of, start_of, steps_of
from madoguchi.bot.tree import read
from madoguchi.cases.actions import Answering, change_status, held_case, rename, write_answer
from madoguchi.cases.models import Case, Message, Status
from madoguchi.cases.queries import together
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery import queue
from madoguchi.delivery.bases import rest_on
from madoguchi.delivery.links import article_page
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import TALKS, Channel, Party, channel_of
from madoguchi.kernel.languages import ours_for
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.trees import ROOT

BOT = system("bot")
# So many of the last words in a row are read as one question.
_ONE_QUESTION = 10
# Later words give a case no other subject.
_ONE_NAME = 20
_THEIRS = {"channel__in": tuple(TALKS), "author": Message.Author.CUSTOMER, "automatic": ""}


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be answered: the customer's newest message, `text` with those just before it as one question,
    `unanswered` with all that nobody answered, and what was before.
    """

    case: Case
    bot: Bot
    asked: Message
    text: str
    unanswered: str
    before: Before


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which versions may be said where it was asked, by id, and under which name the process that reads holds them."""

    versions: list[int]
    key: str


def respond(message: int, *, company: int, reader: Reader = READER, full: bool = False) -> None:
    """Answer a message of a customer where one talks, if a bot is on and no person has spoken. Twice is as once. Where
    too many of the company wait (`full`), a person is asked instead of reading.
    """
    with scope.acting_for([company]):
        _name_by_own_words(message)
        heard = _hear(message)
        if heard is None:
            return
        decided = _decide(heard)
    if isinstance(decided, Shelf) and full:
        decided = Decision(Outcome.PERSON, reason=Reason.UNAVAILABLE)
    if isinstance(decided, Shelf):
        decided = _read(heard, decided, reader)  # may take minutes: no transaction is open meanwhile
    with scope.acting_for([company]):
        _act(heard, decided)


def hand_over_at_once(message: int) -> bool:
    """Give a talk to a person in the transaction in which their words were taken in, where these ask for one or touch
    a limit, and no article need be read to know it; whether it was. No queue comes between: what waits there is late
    behind a flood, and lost where nobody works on it.
    """
    heard = _hear(message)
    decided = _decide(heard) if heard else None
    if heard is None or not isinstance(decided, Decision) or decided.outcome != Outcome.PERSON:
        return False
    _act(heard, decided)
    return True


def _name_by_own_words(message: int) -> None:
    """Give a case that began with a press a subject that says what it is about, unless somebody gave it another."""
    asked = Message.objects.select_related("case__desk").filter(pk=message, **_THEIRS).first()
    if asked is None:
        return
    case = asked.case
    theirs = Message.objects.filter(case=case, pk__lte=message, **_THEIRS).order_by("pk")
    said = [new or text for new, text in theirs.values_list("new_text", "text")[:_ONE_NAME]]
    scenario = scenario_of(case.desk, language=case.language)
    choices = [node.label for node in read(scenario.nodes)[1:]] if scenario else []
    before, now = called(said[:-1], choices), called(said, choices)
    if before and now != before and case.subject == before:
        rename(case, to=now, by=BOT)


def _hear(message: int) -> Heard | None:
    asked = (
        Message.objects.select_related("case__desk", "contact__entry_point")
        .filter(pk=message, **_THEIRS)
        .first()
    )
    if asked is None or channel_of(asked.sender_address) not in TALKS:
        return None
    case, bot = asked.case, bot_of(asked.case.desk)
    if not answers_now(bot, case.desk) or not _is_the_bots(case, asked):
        return None
    turns = list(Turn.objects.filter(case=case).select_related("asked", "scenario").order_by("pk"))
    talk = Talk.objects.filter(case=case).first()
    mine = [turn for turn in turns if talk is None or turn.at >= talk.since]
    last = turns[-1].asked_id if turns else 0
    theirs = Message.objects.filter(case=case, pk__gt=last, pk__lte=asked.pk, **_THEIRS).order_by("pk")
    said = list(theirs.values_list("text", flat=True))
    return Heard(case, bot, asked, "\n".join(said[-_ONE_QUESTION:]), "\n".join(said), _before(mine, case))


def _is_the_bots(case: Case, asked: Message) -> bool:
    """Whether the bot is to answer: it has not yet, no person has spoken or writes, and nothing newer was said."""
    talk = Talk.objects.filter(case=case).first()
    if Turn.objects.filter(asked=asked).exists() or (talk and talk.held_by == Talk.With.PERSON):
        return False
    people = Message.objects.filter(case=case, author=Message.Author.STAFF)
    if (people.filter(at__gt=talk.since) if talk else people).exists() or together(case.pk).writer:
        return False
    newest = Message.objects.filter(case=case, **_THEIRS).order_by("-pk").values_list("pk", flat=True).first()
    return newest == asked.pk  # else something newer was said, or it has moved to another case


def _before(turns: list[Turn], case: Case) -> Before:
    last = turns[-1] if turns else None
    shown = next((turn for turn in reversed(turns) if turn.outcome == Outcome.MENU), None)
    scenario = scenario_of(case.desk, language=case.language)
    offered = titles_of(last.offered, case) if last and last.outcome == Outcome.SUGGEST else {}
    asks = [turn for turn in turns if turn.outcome in (Outcome.ANSWER, Outcome.SUGGEST)]
    return Before(
        offered=offered,
        answered=bool(last and last.outcome == Outcome.ANSWER),
        done=bool(last and last.outcome == Outcome.DONE),
        asked=[turn.asked.text for turn in asks],
        told=[turn.version_id for turn in turns if turn.version_id],
        suggested=sum(turn.outcome == Outcome.SUGGEST for turn in turns[-2:]),
        menu=steps_of(case.desk, shown.scenario, shown.node) if shown else (),
        menu_is_last=shown is not None and shown is last,
        first=steps_of(case.desk, scenario, ROOT),
        start=start_of(scenario) if scenario else None,
    )


def _decide(heard: Heard) -> Decision | Shelf:
    """What to do, or what is to be read before that is known. What a file shows only a person sees."""
    if heard.asked.attachments.exists():
        return Decision(Outcome.PERSON, reason=Reason.FILE)
    company = heard.case.company_id
    words, learned = limit_words(company), learned_of(company)
    decided = at_once(heard.text, heard.before, words=words, learned=learned, unanswered=heard.unanswered)
    if decided is not None:
        return decided
    desk = heard.case.desk
    ids = sorted(may_be_said(desk, language=heard.case.language).values_list("pk", flat=True))
    return Shelf(ids, key_of(desk, ids)) if ids else Decision(Outcome.PERSON, reason=Reason.UNSURE)


def _read(heard: Heard, shelf: Shelf, reader: Reader) -> Decision:
    """Have the articles read, outside of any scope; they are fetched, where they are not held, in one of their own."""
    desk = heard.case.desk

    def faq() -> Faq:
        with scope.acting_for([desk.company_id]):
            return faq_of(desk, ArticleVersion.objects.filter(pk__in=shelf.versions))

    try:
        reading = reader.ask(shelf.key, heard.text, faq, of=desk.company_id)
    except Unreadable:
        return Decision(Outcome.PERSON, reason=Reason.UNAVAILABLE)
    bot, before = heard.bot, heard.before
    decided = by_reading(reading, before, answer_from=bot.answer_from, suggest_from=bot.suggest_from)
    if not (bot.rewords and finds_nothing(decided)):
        return decided
    try:
        others = [reader.ask(shelf.key, way, faq, of=desk.company_id) for way in reworded(heard.text)]
    except Unreadable:
        return decided
    return by_other_words(decided, others, before, suggest_from=bot.suggest_from)


@transaction.atomic
def _act(heard: Heard, decided: Decision) -> None:
    case = held_case(heard.case.pk)
    if not answers_now(bot_of(case.desk), case.desk) or not _is_the_bots(case, heard.asked):
        return
    now = clock.now()
    began = {"company_id": case.company_id, "desk_id": case.desk_id, "began_at": now, "since": heard.asked.at}
    Talk.objects.get_or_create(case=case, defaults=began)
    place = place_of(case, decided)
    decided, versions = _still_true(decided, case, place)
    _judge(case, decided)
    titles = place.choices or [one.title for one in versions]
    choices = _choices(case, decided, titles)
    said = _say(case, heard, _words(case, heard, decided, versions, place), choices=choices)
    turn = Turn.objects.create(
        company_id=case.company_id,
        case=case,
        desk_id=case.desk_id,
        asked=heard.asked,
        said=said,
        outcome=decided.outcome,
        reason=decided.reason,
        confidence=None if decided.confidence is None else round(decided.confidence * 100),
        version=versions[0] if decided.outcome == Outcome.ANSWER else None,
        offered=[one.pk for one in versions] if decided.outcome == Outcome.SUGGEST else [],
        scenario=place.scenario,
        node=decided.node,
        reworded=decided.reworded,
        at=now,
    )
    _settle(case, turn, versions)


def _still_true(decided: Decision, case: Case, place: Place) -> tuple[Decision, list[ArticleVersion]]:
    """What was decided as far as its articles are in force in this moment; without any a person is asked, as where a
    scenario leads nowhere any more.
    """
    if not place.leads(decided.outcome):
        return replace(decided, outcome=Outcome.PERSON, reason=Reason.UNSURE), []
    if not decided.versions:
        return decided, []
    found = {
        one.pk: one for one in may_be_said(case.desk, language=case.language).filter(pk__in=decided.versions)
    }
    versions = [found[one] for one in decided.versions if one in found]
    if versions:
        return decided, versions
    return replace(decided, outcome=Outcome.PERSON, versions=(), reason=Reason.UNSURE), []


def _judge(case: Case, decided: Decision) -> None:
    """Keep what the customer said of the last answer."""
    last = Turn.objects.filter(case=case).order_by("-pk").first()
    if decided.helped is None or last is None or last.outcome != Outcome.ANSWER:
        return
    last.helped = decided.helped
    last.save(update_fields=["helped"])
    record(BotJudged(**case.where, message=last.said_id or 0, helped=decided.helped), by=BOT)


def _words(case: Case, heard: Heard, decided: Decision, versions: list[ArticleVersion], place: Place) -> str:
    with translation.override(ours_for(case.language)):
        match decided.outcome:
            case Outcome.ANSWER:
                link = article_page(case.company_id, versions[0].article_id)
                return wording.answer(versions[0], link=link)
            case Outcome.SUGGEST:
                return wording.suggestions([one.title for one in versions])
            case Outcome.GREET:
                return wording.greeting(name=name_of(heard.bot, case.desk))
            case Outcome.DONE:
                return wording.glad()
            case Outcome.MENU:
                return wording.listed(place.words, place.choices)
            case Outcome.FORM:
                return wording.form(place.words, link=place.link)
            case _:
                calendar, now, hours = calendar_of(case.desk), clock.now(), case.desk.hours
                is_open = calendar.is_open(now) if calendar else None
                opens = calendar.opens_after(now) if calendar else None
                return wording.handing_over(decided.reason, is_open=is_open, opens=opens, hours=hours)


def _choices(case: Case, decided: Decision, titles: Sequence[str]) -> list[str]:
    """What can be said next by a touch: while the bot speaks, a person can always be asked for."""
    if decided.outcome == Outcome.PERSON:
        return []
    led = decided.scenario is not None and decided.node != ROOT
    named = choices_of(decided.outcome, titles, language=case.language, led=led)
    return [*named, PERSON[ours_for(case.language) == "en"]]


def _say(case: Case, heard: Heard, words: str, *, choices: Sequence[str]) -> Message:
    point = heard.asked.contact.entry_point
    assert point is not None
    answering = Answering(
        text=words,
        to=(Party(address=heard.asked.sender_address, name=heard.asked.sender_name),),
        external_id=queue.new_external_id(case, point),
        subject=queue.subject_of(case),
        sender=_sender(point, heard),
        automatic=AUTOMATIC,
        channel=Channel(point.kind),
    )
    message = write_answer(case, answering, by=BOT)
    queue.enqueue(message, case, point, choices=choices)
    return message


def _sender(point: EntryPoint, heard: Heard) -> Party:
    return Party(address=point.address, name=name_of(heard.bot, heard.case.desk))


def _settle(case: Case, turn: Turn, versions: list[ArticleVersion]) -> None:
    """Where the case stands after it. What is answered while nobody is at work stays for the people of tomorrow, unless
    the customer says that it helped.
    """
    assert turn.said is not None
    if turn.outcome == Outcome.PERSON:
        fall_silent(case, reason=turn.reason, by=BOT)
        return
    told = [one.pk for one in versions]
    fact = BotSpoke(
        **case.where, message=turn.said.pk, outcome=turn.outcome, versions=told, confidence=turn.confidence
    )
    record(fact, by=BOT)
    if turn.outcome == Outcome.ANSWER:
        rest_on(turn.said, versions[0])
    if turn.outcome == Outcome.DONE:
        change_status(case, to=Status.SOLVED, by=BOT, without_words=True, complete=False)
    elif turn.outcome != Outcome.GREET and _is_open(case):
        change_status(case, to=Status.WAITING_CUSTOMER, by=BOT, without_words=True, complete=False)


def _is_open(case: Case) -> bool:
    calendar = calendar_of(case.desk)
    return calendar is None or calendar.is_open(clock.now())
