"""Searching what customers wrote for what no article says: read in slices by the process that reads for the bot,
weighed in memory, and kept in one transaction. A worker may be killed: the next one begins anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.bot.reader import READER, Reader, Unreadable
from madoguchi.companies.models import Company
from madoguchi.gaps.actions.drafting import draft_found
from madoguchi.gaps.alike import Group, Question, groups_of
from madoguchi.gaps.events import GapSearchStarted, GapSearchStopped, GapsSearched
from madoguchi.gaps.falling_short import falling_short
from madoguchi.gaps.models import Gap, Search
from madoguchi.gaps.policies import may_settle, may_stop
from madoguchi.gaps.queries import (
    BEFORE,
    MOST_BEFORE,
    MOST_NOW,
    WEEK,
    Said,
    texts_of,
    unanswered_since,
    unfounded_since,
    written_between,
)
from madoguchi.gaps.rising import Rise, rising
from madoguchi.gaps.scheduling import schedule
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.limits import count
from madoguchi.infra.stopping import is_stopping
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.queries import published
from madoguchi.knowledge.reading import as_words

# What a message is about stands at its beginning.
MOST_LETTERS, SLICE = 600, 200
MOST_KEPT, MOST_EXAMPLES = 100, 20
# Each reads thousands of messages; what is new since the last one fits into these.
MOST_AN_HOUR = 5
State = Search.State
Words = dict[int, frozenset[str]]
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Material:
    """What is read: this week's messages, those of the weeks before, what bots could not answer and people answered
    from no article, and the articles.
    """

    began: datetime
    now: list[Said]
    before: list[Said]
    unanswered: list[Said]
    articles: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[int]:
        """The ids of all that is to be read, each once."""
        return list(dict.fromkeys(one.id for one in (*self.now, *self.before, *self.unanswered)))


@transaction.atomic
def start_search(company: Company, *, by: Actor) -> Search:
    """Have what customers wrote searched now, by a job. Raises NotAllowed, Conflict while one is under way, and
    TooOften for who has begun five within the hour.
    """
    if not may_settle(by, company=company.pk):
        raise NotAllowed(Permission.ARTICLES_WRITE)
    search = _started(company, owner=by.id)
    if search is None:
        raise Conflict(_("A search is under way already."))
    count(f"gaps:{by.id}", most=MOST_AN_HOUR, seconds=3600)
    record(GapSearchStarted(company=company.pk), by=by)
    return search


def search_all() -> int:
    """Have what customers of each company wrote searched. Returns how many were started."""
    with scope.everywhere(reason="every company's customers are heard at night"):
        companies = list(Company.objects.order_by("pk"))
    started = 0
    for company in companies:
        with scope.acting_for([company.pk]), transaction.atomic():
            started += _started(company, owner=None) is not None
    return started


def _started(company: Company, *, owner: int | None) -> Search | None:
    one_at_a_time(f"gaps {company.pk}")
    if Search.objects.filter(company=company, state=State.RUNNING).exists():
        return None
    search = Search.objects.create(company=company, owner_id=owner, created_at=clock.now())
    schedule(search)
    return search


@transaction.atomic
def stop_search(search: Search, *, by: Actor) -> None:
    """Stop a search: nothing of it is kept. Raises NotAllowed for who neither began it nor leads; one that is through
    stays so.
    """
    if not may_stop(by, company=search.company_id, owner=search.owner_id):
        raise NotAllowed(Permission.ARTICLES_WRITE)
    running = Search.objects.filter(pk=search.pk, state=State.RUNNING)
    if running.update(state=State.CANCELLED, finished_at=clock.now()):
        record(GapSearchStopped(company=search.company_id), by=by)


def work(search_id: int, *, company: int, reader: Reader = READER) -> None:
    """Search; no transaction is open while words are read. Who stopped it has the last word."""
    try:
        with scope.acting_for([company]):
            material = _gathered(search_id, company)
        words = _read(search_id, company, material, reader) if material else None
        if material and words is not None:
            known = frozenset().union(*_in_slices(reader, material.articles))
            with scope.acting_for([company]):
                _keep(search_id, company, material, words, known)
                _draft(search_id, company)
    except Unreadable:
        _fail(search_id, company)
    except Exception:
        _fail(search_id, company)
        logger.exception("gap_search_failed", search=search_id)
        raise


def _gathered(search_id: int, company: int) -> Material | None:
    running = Search.objects.filter(pk=search_id, state=State.RUNNING)
    now = clock.now()
    week, start = now - WEEK, now - WEEK - BEFORE
    material = Material(
        now,
        written_between(company, week, now, most=MOST_NOW),
        written_between(company, start, week, most=MOST_BEFORE),
        [*unanswered_since(company, start), *unfounded_since(company, start)],
        [f"{one.title}\n{as_words(one.body)}" for one in published(company)],
    )
    return material if running.update(total=len(material.messages), done=0) else None


def _read(search_id: int, company: int, material: Material, reader: Reader) -> Words | None:
    """The words of each message; None where somebody stopped it, or the worker is to stop."""
    words: Words = {}
    ids = material.messages
    for some in (ids[at : at + SLICE] for at in range(0, len(ids), SLICE)):
        with scope.acting_for([company]):
            if is_stopping():
                schedule(Search.objects.get(pk=search_id))
                return None
            texts = texts_of(some, most=MOST_LETTERS)
        words.update(zip(some, reader.words(texts), strict=True))
        with scope.acting_for([company]):
            if not Search.objects.filter(pk=search_id, state=State.RUNNING).update(done=len(words)):
                return None
    return words


def _in_slices(reader: Reader, texts: Sequence[str]) -> list[frozenset[str]]:
    parts = [reader.words(texts[at : at + SLICE]) for at in range(0, len(texts), SLICE)]
    return [words for part in parts for words in part]


def _draft(search_id: int, company: int) -> None:
    """What a night has found is begun; what somebody wanted to see now is theirs to begin."""
    if Search.objects.filter(pk=search_id, state=State.DONE, owner=None).exists():
        draft_found(company)


@transaction.atomic
def _keep(search_id: int, company: int, material: Material, words: Words, known: frozenset[str]) -> None:
    found = [
        *(_of_word(one, material, words) for one in _rising(material, words, known)[:MOST_KEPT]),
        *(_of_group(one, material) for one in _alike(material, words)[:MOST_KEPT]),
        *falling_short(company, material.began - WEEK - BEFORE)[:MOST_KEPT],
    ]
    done = {"state": State.DONE, "finished_at": clock.now(), "found": len(found)}
    if not Search.objects.filter(pk=search_id, state=State.RUNNING).update(**done):
        return
    there = list(Gap.objects.select_for_update().filter(company=company).order_by("pk"))
    for gap in found:
        gap.company_id, gap.seen_at = company, material.began
        old = next((one for one in there if _is_same(one, gap)), None)
        if old is None:
            gap.save()
            continue
        old.figures, old.messages, old.seen_at = gap.figures, gap.messages, gap.seen_at
        if old.state == Gap.State.DRAFTED and gap.improves_id and _is_since(old, gap):
            old.state, old.article, old.settled_at, old.first_at = Gap.State.OPEN, None, None, gap.first_at
        old.save()
    record(GapsSearched(company=company, found=len(found)), by=system("gaps"))


def _rising(material: Material, words: Words, known: frozenset[str]) -> list[Rise]:
    return rising(_by_customer(material.now, words), _by_customer(material.before, words), known)


def _by_customer(said: Sequence[Said], words: Words) -> list[frozenset[str]]:
    theirs: dict[int, set[str]] = defaultdict(set)
    for one in said:
        theirs[one.customer] |= words[one.id]
    return [frozenset(mine) for mine in theirs.values()]


def _alike(material: Material, words: Words) -> list[Group]:
    return groups_of([Question(one.id, one.customer, words[one.id]) for one in material.unanswered])


def _of_word(rise: Rise, material: Material, words: Words) -> Gap:
    said = [one for one in material.now if rise.word in words[one.id]]
    figures = {name: value for name, value in asdict(rise).items() if name != "word"}
    newest = [one.id for one in reversed(said)][:MOST_EXAMPLES]
    return Gap(
        kind=Gap.Kind.WORD, words=[rise.word[:100]], figures=figures, messages=newest, first_at=said[0].at
    )


def _of_group(group: Group, material: Material) -> Gap:
    at = {one.id: one.at for one in material.unanswered}
    ids = [one.id for one in group.questions]
    return Gap(
        kind=Gap.Kind.QUESTIONS,
        words=[word[:100] for word in group.words],
        figures={"questions": len(ids), "customers": group.customers},
        messages=ids[::-1][:MOST_EXAMPLES],
        first_at=min(at[one] for one in ids),
    )


def _is_same(old: Gap, new: Gap) -> bool:
    """A word is the same word; a group is the same where half of its questions are, or it is named alike."""
    if old.kind != new.kind or old.improves_id != new.improves_id:
        return False
    if new.improves_id:
        return True
    if old.words == new.words:
        return True
    shared = len(set(old.messages) & set(new.messages))
    return new.kind == Gap.Kind.QUESTIONS and shared * 2 >= min(len(old.messages), len(new.messages)) > 0


def _is_since(old: Gap, new: Gap) -> bool:
    """Whether what was improved falls short all the same: only what is in force counts."""
    return old.settled_at is not None and old.settled_at < new.first_at


def _fail(search_id: int, company: int) -> None:
    with scope.acting_for([company]):
        running = Search.objects.filter(pk=search_id, state=State.RUNNING)
        running.update(state=State.FAILED, finished_at=clock.now())
