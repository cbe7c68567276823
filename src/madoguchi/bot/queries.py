"""What is asked of bots: how one is set, what it may say, where a talk stands, and how it does."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.bot.deciding import BACK, NO, NONE_OF_THESE, YES
from madoguchi.bot.learned import LEAST_GRAVE, LEAST_OTHERS, Learned, Measured
from madoguchi.bot.limits import Kind
from madoguchi.bot.models import Bot, LearnedLimit, LimitWords, Reason, Talk, Turn
from madoguchi.bot.reader import Faq
from madoguchi.bot.scenarios import steps_of
from madoguchi.cases.models import Case, Message, ReplyLock, Status
from madoguchi.cases.queries import gone_before
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk
from madoguchi.delivery.models import ArticleBasis
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import TALKS, Channel
from madoguchi.kernel.languages import ours_for
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, consistent, published_for
from madoguchi.knowledge.reading import as_words
from madoguchi.knowledge.trees import ROOT

# What marks a message as the bot's.
AUTOMATIC = "bot"
MOST_ENTRIES, MOST_PHRASINGS, MOST_OF_PHRASING = 2_000, 500, 300
# What the bot has not answered by then, a person does: its queue stands still, or is too long.
MOST_SILENT = timedelta(minutes=2)
# Later nobody is there any more who would be told that a person takes over.
_LONG_AGO = timedelta(hours=1)
# A page says so long at most that an answer is being sought; later nobody believes it.
THINKING = timedelta(seconds=30)
_UNANSWERED = (Reason.UNSURE, Reason.NOT_HELPED, Reason.REPEATED)
# Phrasings grow with each answer; they are read anew once an hour, for to read them costs seconds.
_AN_HOUR = 3600
# What people mark as grave, and of how many cases the first messages tell what it was.
_GRAVE, _GRAVE_MARKS = ("anger", "anxiety"), ("complaint.made", "harassment.marked")
MOST_LABELLED, _BEGINNING = 3_000, 3


def bot_of(desk: Desk) -> Bot:
    """The bot of a desk as it is set, or as it is before anybody set it: off. One query."""
    return Bot.objects.filter(desk=desk).first() or Bot(company_id=desk.company_id, desk=desk)


def answers_now(bot: Bot, desk: Desk) -> bool:
    """Whether it is on, and meant to answer at this hour. A desk without hours is always at work."""
    if not bot.is_on:
        return False
    calendar = calendar_of(desk)
    is_open = calendar is None or calendar.is_open(clock.now())
    return bot.hours == Bot.Hours.ALWAYS or (bot.hours == Bot.Hours.OPEN) == is_open


def speaks_in(cases: Collection[int]) -> set[int]:
    """Those of these cases in which a bot speaks now, or will with its first word: nobody else is given them. One query
    where no desk has a bot that is on, four and those of the desks' hours where one has.
    """
    now_on = _answering()
    if not now_on:
        return set()
    talks = Case.objects.filter(pk__in=cases, channel__in=tuple(TALKS), desk_id__in=now_on)
    people_speak = Talk.objects.filter(held_by=Talk.With.PERSON).values("case_id")
    left = talks.exclude(pk__in=people_speak).exclude(Exists(_unheard().filter(case=OuterRef("pk"))))
    return set(left.values_list("pk", flat=True))


def unheard() -> QuerySet[Message]:
    """What customers said last in talks of bots that answer now, which neither bot nor person has answered in
    `MOST_SILENT` and nobody writes an answer to, the longest ago first; of the last hour.
    """
    talks = Case.objects.filter(
        desk__in=_answering(), channel__in=tuple(TALKS), touched_at__gte=clock.now() - _LONG_AGO
    )
    talks = talks.exclude(pk__in=Talk.objects.filter(held_by=Talk.With.PERSON).values("case_id"))
    talks = talks.exclude(Exists(_people_spoke()))
    talks = talks.exclude(pk__in=ReplyLock.objects.filter(seen_at__gt=gone_before()).values("case_id"))
    recent = _unheard().filter(at__gte=clock.now() - _LONG_AGO, case__in=talks)
    return recent.select_related("case__desk").order_by("at", "id")


def _answering() -> list[int]:
    """The desks at which a bot answers now."""
    bots = {bot.desk_id: bot for bot in Bot.objects.filter(is_on=True).select_related("desk")}
    return [desk for desk, bot in bots.items() if answers_now(bot, bot.desk)]


def _people_spoke() -> QuerySet[Message]:
    """What people of ours have said in a case since its talk is the bot's."""
    since = Subquery(Talk.objects.filter(case=OuterRef("case")).values("since"))
    said = Message.objects.filter(case=OuterRef("pk"), author=Message.Author.STAFF).annotate(since=since)
    return said.filter(Q(since=None) | Q(at__gt=F("since")))


def _unheard() -> QuerySet[Message]:
    theirs = Message.objects.filter(
        author=Message.Author.CUSTOMER,
        automatic="",
        channel__in=tuple(TALKS),
        at__lte=clock.now() - MOST_SILENT,
    )
    spoke = Q(author=Message.Author.STAFF) | Q(author=Message.Author.CUSTOMER, automatic="")
    later = Message.objects.filter(spoke, case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return theirs.exclude(Exists(later)).exclude(Exists(Turn.objects.filter(asked=OuterRef("pk"))))


def name_of(bot: Bot, desk: Desk) -> str:
    """What the bot is called towards customers."""
    return bot.name or desk.public_name


def limit_words(company: int) -> dict[Kind, str]:
    """The words that a company wrote in the place of the usual ones, by kind. One query."""
    rows = LimitWords.objects.filter(company=company)
    return {Kind(kind): words for kind, words in rows.values_list("kind", "words")}


def learned_of(company: int) -> Learned | None:
    """What was learned of when a person is wanted, None where the words stand alone. One query."""
    kept = LearnedLimit.objects.filter(company=company).exclude(threshold=None).first()
    return Learned(kept.weights, kept.threshold) if kept and kept.threshold is not None else None


@dataclass(frozen=True, slots=True)
class Lately:
    """How well a person was called where one was wanted: what was measured, whether what was learned is used, when."""

    measured: Measured
    used: bool
    at: datetime
    least_grave: int = LEAST_GRAVE
    least_others: int = LEAST_OTHERS


def measured_of(companies: Collection[int]) -> dict[int, Lately]:
    """What was measured last, by company. One query."""
    rows = LearnedLimit.objects.filter(company__in=companies).defer("weights")
    return {
        one.company_id: Lately(Measured(**one.measured), one.threshold is not None, one.at) for one in rows
    }


def labelled_cases(company: int) -> list[tuple[str, bool]]:
    """What customers of a company wrote at the beginning of cases of the last year that a person answered and that are
    at rest, and whether anybody marked the case as grave: angry or anxious, a complaint, harassment. Three queries.
    """
    since = clock.now() - timedelta(days=365)
    marked = Event.objects.filter(company=company, kind__in=_GRAVE_MARKS, case_id__isnull=False)
    graves = set(marked.filter(at__gte=since).values_list("case_id", flat=True))
    rows = Case.objects.filter(company=company, opened_at__gte=since, first_replied_at__isnull=False)
    at_rest = Q(status__in=(Status.SOLVED, Status.CLOSED)) | Q(pk__in=graves) | Q(feelings__overlap=_GRAVE)
    newest = rows.filter(at_rest).order_by("-opened_at", "-pk").values_list("pk", "feelings")[:MOST_LABELLED]
    grave = {pk: pk in graves or bool(set(felt) & set(_GRAVE)) for pk, felt in newest}
    texts: dict[int, list[str]] = {pk: [] for pk in grave}
    theirs = Message.objects.filter(case__in=grave, author=Message.Author.CUSTOMER, automatic="")
    for case, new, text in theirs.order_by("pk").values_list("case", "new_text", "text"):
        if len(texts[case]) < _BEGINNING:
            texts[case].append(new or text)
    return [("\n".join(said), grave[pk]) for pk, said in texts.items() if "".join(said).strip()]


def may_be_said(desk: Desk, *, language: str) -> QuerySet[ArticleVersion]:
    """What the bot of a desk may say at this moment: approved, in force, for customers, not known to contradict
    another, in the customer's language; in any where nothing is written in theirs. Two queries at most.
    """
    rows = consistent(published_for(desk).filter(article__audience__in=FOR_CUSTOMERS))
    own = rows.filter(article__language=language)
    return own if own.exists() else rows


def key_of(desk: Desk, ids: Sequence[int]) -> str:
    """Under which name the process that reads holds these versions, with what was asked before the hour began."""
    hour = int(clock.now().timestamp()) // _AN_HOUR
    digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:24]
    return f"{desk.company_id}-{desk.pk}-{hour}-{digest}"


def faq_of(desk: Desk, versions: QuerySet[ArticleVersion]) -> Faq:
    """These versions as they are read, with how customers of this company asked before: what stood before an answer of
    a person that rests on the article, or before one of the bot that helped. Three queries.
    """
    rows = list(versions.order_by("pk")[:MOST_ENTRIES])
    version_of = {row.article_id: str(row.pk) for row in rows}
    asked = [
        [version_of[article], text]
        for article, text in _asked_before(desk.company_id)
        if article in version_of
    ]
    return Faq([[str(row.pk), row.title, as_words(row.body)] for row in rows], asked)


def _asked_before(company: int) -> list[tuple[int, str]]:
    rested = ArticleBasis.objects.filter(company=company, message__author=Message.Author.STAFF)
    bases = rested.order_by("-id").values_list("version__article_id", "message_id", "message__case_id")
    found = list(bases[:MOST_PHRASINGS])
    before = _said_before([(case, message) for _article, message, case in found])
    told = [(article, before[message]) for article, message, _case in found if message in before]
    helped = Turn.objects.filter(company=company, helped=True, version__isnull=False).order_by("-id")
    turns = helped.values_list("version__article_id", "asked__text")[:MOST_PHRASINGS]
    every = [(article, text[:MOST_OF_PHRASING]) for article, text in [*turns, *told]]
    return list(dict.fromkeys(every))[:MOST_PHRASINGS]


def _said_before(answers: Sequence[tuple[int, int]]) -> dict[int, str]:
    """What the customer said last before each answer (by message id), given as (case, message)."""
    cases = {case for case, _message in answers}
    theirs = Message.objects.filter(case__in=cases, author=Message.Author.CUSTOMER, automatic="")
    said: dict[int, list[tuple[int, str]]] = {}
    for case, pk, new, text in theirs.order_by("id").values_list("case_id", "pk", "new_text", "text"):
        said.setdefault(case, []).append((pk, new or text))
    last = {m: [words for pk, words in said.get(case, ()) if pk < m][-1:] for case, m in answers}
    return {message: words[0] for message, words in last.items() if words}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the visitor of a chat sees of the bot: who speaks, whether an answer is being sought, and which words they
    can choose beneath our message `under`.
    """

    by_bot: bool
    thinking: bool = False
    under: int = 0
    choices: tuple[str, ...] = ()


def scene_of(case: Case) -> Scene:
    """Where the talk in a chat stands. Of a case with its desk: one query where the desk has no bot that is on, four
    where one is, six where it suggests.
    """
    bot = Bot.objects.filter(desk=case.desk_id, is_on=True).first()
    talk = Talk.objects.filter(case=case).first() if bot else None
    if bot is None or (talk and talk.held_by == Talk.With.PERSON) or not answers_now(bot, case.desk):
        return Scene(by_bot=False)
    last = case.messages.filter(channel=Channel.CHAT).order_by("-pk").first()
    if last is None or last.author == Message.Author.STAFF:
        return Scene(by_bot=last is None)
    if last.author == Message.Author.CUSTOMER:
        return Scene(by_bot=True, thinking=last.at > clock.now() - THINKING)
    turn = Turn.objects.filter(said=last).select_related("version", "scenario").first()
    if turn is None:
        return Scene(by_bot=True)
    return Scene(by_bot=True, under=last.pk, choices=_choices(turn, case))


def _choices(turn: Turn, case: Case) -> tuple[str, ...]:
    if turn.helped is not None:
        return ()
    titles = tuple(titles_of(turn.offered, case).values()) if turn.outcome == Turn.Outcome.SUGGEST else ()
    if turn.outcome == Turn.Outcome.MENU:
        titles = tuple(step.label for step in steps_of(case.desk, turn.scenario, turn.node))
    led = turn.scenario_id is not None and turn.node != ROOT
    return choices_of(turn.outcome, titles, language=case.language, led=led)


def choices_of(outcome: str, titles: Sequence[str], *, language: str, led: bool = False) -> tuple[str, ...]:
    """The words that a customer can choose beneath what the bot said, given the titles of what it names; `led` there
    by a scenario, they can go back to its beginning.
    """
    english = ours_for(language) == "en"
    back = (BACK[english],) if led else ()
    match outcome:
        case Turn.Outcome.ANSWER:
            return (YES[2], NO[2], *back) if english else (YES[0], NO[0], *back)
        case Turn.Outcome.SUGGEST:
            return (*titles, NONE_OF_THESE[english])
        case Turn.Outcome.MENU | Turn.Outcome.FORM:
            return (*titles, *back)
        case _:
            return ()


def titles_of(versions: Sequence[int], case: Case) -> dict[int, str]:
    """The titles of those of these versions that may still be said, in their order. Two queries."""
    said = may_be_said(case.desk, language=case.language)
    found = dict(said.filter(pk__in=versions).values_list("pk", "title"))
    return {one: found[one] for one in versions if one in found}


def talk_of(case: Case) -> Talk | None:
    """The talk in a case that the bot takes or took part in. One query where one talks, none for anything else."""
    if case.channel not in TALKS:
        return None
    return Talk.objects.filter(case=case).first()


def unanswered(desks: Sequence[Desk], *, days: int) -> QuerySet[Turn]:
    """What customers asked at these desks that no article answered, the newest first."""
    since = clock.now() - timedelta(days=days)
    nothing = Q(outcome=Turn.Outcome.PERSON, reason__in=_UNANSWERED)
    rows = Turn.objects.filter(nothing, desk__in=desks, at__gte=since)
    return rows.select_related("asked", "case__company").order_by("-at", "-id")


def unanswered_of(company: int, since: datetime) -> QuerySet[Turn]:
    """What customers asked at any desk of a company that no article answered, the newest first."""
    nothing = Q(outcome=Turn.Outcome.PERSON, reason__in=_UNANSWERED)
    return Turn.objects.filter(nothing, company=company, at__gte=since).order_by("-at", "-id")


def bots_at(desks: Sequence[Desk]) -> list[Bot]:
    """The bots of these desks that are on or ever were, in the order of the desks. One query."""
    found = {bot.desk_id: bot for bot in Bot.objects.filter(desk__in=desks).select_related("desk__company")}
    return [found[desk.pk] for desk in desks if desk.pk in found]


def with_bots(desks: QuerySet[Desk]) -> QuerySet[Desk]:
    """These desks, each with `bot_is_on`: whether a bot answers there."""
    kept = Bot.objects.filter(desk=OuterRef("pk")).values("is_on")
    return desks.annotate(bot_is_on=Coalesce(Subquery(kept), False))
