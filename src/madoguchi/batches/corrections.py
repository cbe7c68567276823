"""Writing to everybody who was told what turned out wrong: one letter to each case, with the old words marked and the
new ones beneath, let out like any other answer and taken back like one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases import policies
from madoguchi.cases.actions import TO_MANY, add_note, held_case
from madoguchi.cases.filling import filled
from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import answerable
from madoguchi.customers.consenting import may_approach
from madoguchi.customers.models import Purpose, Way
from madoguchi.delivery.actions import ANYTHING, Reply, customer_parties, discard, submit, take_back
from madoguchi.delivery.links import words_with_links
from madoguchi.delivery.models import ArticleBasis, How, Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import articles_in_sight, fill, shown_version
from madoguchi.knowledge.reading import as_words
from madoguchi.tasks.actions import Wanted, add_task, remove_tasks
from madoguchi.tasks.models import Task

MOST_CHARACTERS = 5_000
MOST_OF_TITLE = 200
RowState = BatchRow.State
_LOST = (Outgoing.State.FAILED, Outgoing.State.BOUNCED)


def to_correct(
    article: Article, *, actor: Actor, cases: Collection[int] | None = None, but: int = 0
) -> QuerySet[ArticleBasis]:
    """The cases whose customers are still to hear that something was wrong, each once, by the answer that told them
    last; the longest ago first. Left out are those that got an answer resting on the new words since, and those to
    which a correction is on its way. Who was told a version that was right is none of them.

    `cases` (by id) are looked at alone if given, `but` is a row of a batch that counts for none. What messages say is
    not fetched with them. One query.
    """
    left = _due(but=but).filter(version__article=article, message__case__in=answerable(actor))
    if cases is not None:
        left = left.filter(message__case__in=list(cases))
    fetched = left.select_related(
        "message__case__company", "message__case__desk", "message__case__customer", "version"
    )
    unread = (f"message__{name}" for name in ("text", "new_text", "html", "pieces"))
    return fetched.defer(*unread).order_by("at", "id")


@dataclass(frozen=True, slots=True)
class Owed:
    """How many cases are still to hear of an article: those that the reader may write to, and others'."""

    article: Article
    mine: int
    others: int


def owed(actor: Actor) -> list[Owed]:
    """The articles in the actor's sight of which corrections are still to be written, the most first. A number of other
    desks' cases says nothing of anybody in them. Two queries.
    """
    articles = articles_in_sight(actor)
    mine = Count("message__case", distinct=True, filter=Q(message__case__in=answerable(actor)))
    rows = _due().filter(version__article__in=articles).values("version__article")
    found = rows.annotate(every=Count("message__case", distinct=True), mine=mine)
    counts = {pk: (every, mine) for pk, every, mine in found.values_list("version__article", "every", "mine")}
    known = articles.in_bulk(list(counts))
    every = [Owed(known[pk], mine, total - mine) for pk, (total, mine) in counts.items()]
    return sorted(every, key=lambda one: (-one.mine, -one.others, one.article.pk))


def count_owed(actor: Actor) -> int:
    """How many cases the actor is to write corrections to, over all articles. One query."""
    if not actor.may_anywhere(Permission.CASE_REPLY):
        return 0
    mine = _due().filter(message__case__in=answerable(actor))
    return mine.values("version__article", "message__case").distinct().count()


def _due(*, but: int = 0) -> QuerySet[ArticleBasis]:
    """The answers by which somebody was told last what turned out wrong, and has not heard since."""
    wrong = ArticleVersion.objects.filter(article=OuterRef("version__article"), wrong_at__isnull=False)
    told = ArticleBasis.objects.filter(version__wrong_at__isnull=False).annotate(
        last_wrong=Subquery(wrong.order_by("-number").values("number")[:1])
    )
    same = {"version__article": OuterRef("version__article"), "message__case": OuterRef("message__case")}
    later = ArticleBasis.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")),
        version__wrong_at__isnull=False,
        **same,
    )
    heard = ArticleBasis.objects.filter(version__number__gt=OuterRef("last_wrong"), **same)
    return told.filter(~Exists(later), ~Exists(heard), ~Exists(_under_way(but)))


def usual_words(new: ArticleVersion | None) -> str:
    """The letter as it is proposed, in the language that is active; without new words where none are in force."""
    if new is None:
        return _(
            "Dear {{customer}},\n\nWhat we told you the other day about “{{subject}}” was wrong. We are sorry."
            " Please do not rely on it; we will tell you what is right.\n\nWrong:\n{{old}}\n\n{{desk}}"
        )
    return _(
        "Dear {{customer}},\n\nWhat we told you the other day about “{{subject}}” was wrong. We are sorry, and put it"
        " right as follows.\n\nWrong:\n{{old}}\n\nRight:\n{{new}}\n\n{{desk}}"
    )


def letter(words: str, told: ArticleBasis, new: ArticleVersion | None, *, actor: Actor) -> str:
    """The letter to one case: what is named in it filled in, the old words marked as a quotation."""
    old = "\n".join(f"> {line}".rstrip() for line in as_words(told.version.body).split("\n"))
    # The case's own words come last: what a customer wrote is never read as a name of ours.
    values = {"old": old}
    if new is not None:
        values["new"] = words_with_links(new.body, company=new.company_id, article=new.article_id)
    return filled(told.message.case, fill(words, values), actor=actor)


def rows_to_write(
    article: Article, words: str, cases: Collection[int], *, by: Actor
) -> dict[int, dict[str, object]]:
    """The chosen cases (by id) that are still to be written to, each with what its row keeps: the letter, and up to
    which version it puts right. Raises NotAllowed for who answers nobody, Refused for none of them, and for words that
    leave out what is right, or name it where nothing is.
    """
    if not by.may_anywhere(Permission.CASE_REPLY):
        raise NotAllowed(Permission.CASE_REPLY)
    new = shown_version(article)
    _require(words, new)
    chosen = list(to_correct(article, actor=by, cases=cases))
    if not chosen:
        raise Refused(_("Choose at least one case."), field="case")
    number = 1 + max(article.versions.exclude(wrong_at=None).values_list("number", flat=True))
    return {
        one.message.case_id: {"text": letter(words, one, new, actor=by), "number": number} for one in chosen
    }


def how_far(rows: Iterable[BatchRow]) -> dict[int, str]:
    """Of rows by which something told was put right: which letters nobody has read in the chat yet, which reached
    nobody, and who is still to be called, in words by row. Two queries at most.
    """
    done = [row for row in rows if row.state == RowState.DONE and row.before]
    letters, calls = (
        {int(before[name]): row.pk for row in done if name in (before := row.before or {})}
        for name in ("outgoing", "task")
    )
    return _letters_left(letters) | _calls_left(calls)


def _calls_left(calls: Mapping[int, int]) -> dict[int, str]:
    if not calls:
        return {}
    left = Task.objects.filter(pk__in=calls, done_at=None).values_list("pk", "removed_at")
    gone, waits = _("The task was taken out."), _("To be told by phone: the task is still open.")
    return {calls[pk]: gone if removed else waits for pk, removed in left}


def _letters_left(letters: Mapping[int, int]) -> dict[int, str]:
    if not letters:
        return {}
    waits = Q(
        channel=Channel.CHAT,
        state__in=[Outgoing.State.QUEUED, Outgoing.State.SENDING],
        due_at__lte=clock.now(),
    )
    found = Outgoing.objects.filter(waits | Q(state__in=_LOST), pk__in=letters).values_list("pk", "state")
    return {
        letters[pk]: _("It reached nobody.") if state in _LOST else _("Nobody has read it in the chat yet.")
        for pk, state in found
    }


def value_of(article: Article) -> str:
    """What a batch keeps of what it corrects."""
    return str(article.pk)


def article_of(batch: Batch) -> int:
    """The article that a batch corrects."""
    return int(batch.value)


def correct_row(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Write to the case of a row, unless its customer has heard meanwhile; returns what the row keeps. Raises what
    answering raises.
    """
    case, article = held_case(row.case_id), Article.objects.filter(pk=article_of(row.batch)).first()
    if article is None or not policies.may_reply(by, case):
        raise NotFound(row.case_id)
    basis = to_correct(article, actor=by, cases=[case.pk], but=row.pk).first()
    if basis is None:
        return {"state": RowState.SAME}
    told = row.before or {}
    if basis.how == How.SAID and not customer_parties(case):
        return {"state": RowState.DONE, "before": {**told, "task": _to_be_called(case, article, told, by=by)}}
    if not may_approach(case.customer_id, Purpose.MATTER, _way_of(case)):
        raise Refused(_("This customer does not want to be written to."))
    left = submit(case, Reply(text=str(told["text"]), status=_status(case), confirmed=ANYTHING), by=by)
    key = "outgoing" if isinstance(left, Outgoing) else "pending"
    return {"state": RowState.DONE, "before": {**told, key: left.pk}}


def _to_be_called(case: Case, article: Article, told: Mapping[str, object], *, by: Actor) -> int:
    """Who was told by voice and has no address is called: a task, with what is to be said as a note."""
    add_note(case, text=str(told["text"]), by=by, confirmed=frozenset({TO_MANY}))
    title = _("Call and put right what was told: %(title)s") % {"title": article.title}
    return add_task(case, Wanted(title=title[:MOST_OF_TITLE], owner=case.assignee_id), by=by).pk


def take_back_row(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Take a correction back that has not left; returns what the row keeps. Raises Conflict for one that has."""
    told = row.before or {}
    if "outgoing" in told:
        take_back(int(told["outgoing"]), by=by)
    elif "pending" in told:
        discard(int(told["pending"]), by=by)
    elif "task" in told:
        if not remove_tasks(held_case(row.case_id), [int(told["task"])], by=by):
            raise Conflict(_("This cannot be undone now."))
    else:
        raise Conflict(_("This cannot be undone now."))
    return {"state": RowState.UNDONE}


def _under_way(but: int) -> QuerySet[BatchRow]:
    """Letters to the customer of a basis that put right all that is known to be wrong, and wait or went; not those that
    reached nobody.
    """
    article = Cast(OuterRef("version__article"), CharField())
    ours = Q(batch__verb=Batch.Verb.CORRECT, batch__value=article, case=OuterRef("message__case"))
    running = Q(state=RowState.WAITING, batch__state=Batch.State.RUNNING)
    going = running | Q(state__in=[RowState.DONE, RowState.KEPT])
    lost = Outgoing.objects.filter(pk=OuterRef("letter"), state__in=_LOST)
    letter, call = (Cast(KT(f"before__{name}"), BigIntegerField()) for name in ("outgoing", "task"))
    dropped = Task.objects.filter(pk=OuterRef("call"), removed_at__isnull=False)
    rows = BatchRow.objects.filter(ours, going).exclude(pk=but).annotate(letter=letter, call=call)
    rows = rows.exclude(Exists(lost)).exclude(Exists(dropped))
    upto = Cast(KT("before__number"), IntegerField())
    return rows.annotate(upto=upto).filter(upto__gt=OuterRef("last_wrong"))


def _way_of(case: Case) -> Way:
    """By which way an answer in this case reaches its customer."""
    return Way.LINE if case.channel == Channel.LINE else Way.EMAIL


def _status(case: Case) -> Status:
    """A correction asks nothing of its reader: what was solved stays so."""
    at_rest = case.status in (Status.SOLVED, Status.CLOSED)
    return Status.SOLVED if at_rest else Status.WAITING_CUSTOMER


def _require(words: str, new: ArticleVersion | None) -> None:
    if not words.strip():
        raise Refused(_("Write something first."), field="words")
    if len(words) > MOST_CHARACTERS:
        raise Refused(_("This is too long. Write 5,000 characters at most."), field="words")
    names_new = "{{new}}" in words.replace(" ", "")
    if new is None and names_new:
        raise Refused(_("Take {{new}} out: no words of the article are in force."), field="words")
    if new is not None and not names_new:
        raise Refused(_("Leave {{new}} in: what is right stands there."), field="words")
