"""Writing to everybody who was told what turned out wrong: one letter to each case, with the old words marked and the
new ones beneath, let out like any other answer and taken back like one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases import policies
from madoguchi.cases.actions import held_case
from madoguchi.cases.filling import filled
from madoguchi.cases.models import Case, Status
from madoguchi.delivery.actions import ANYTHING, Reply, discard, submit, take_back
from madoguchi.delivery.bases import told_wrong
from madoguchi.delivery.models import ArticleBasis, Outgoing
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import fill, shown_version
from madoguchi.knowledge.reading import as_words

MOST_LETTERS = 5_000
RowState = BatchRow.State


@dataclass(frozen=True, slots=True)
class ToCorrect:
    """A case whose customer was told the old words, and by which answer and version last."""

    case: Case
    basis: ArticleBasis


def to_correct(article: Article, *, actor: Actor, but: int = 0) -> list[ToCorrect]:
    """The cases whose customers are still to hear that something was wrong, each once, the longest ago first. Left out
    are those that got an answer resting on the new words since, and those to which a correction is on its way.

    `but` is a row of a batch that counts for none. None where the article is not in force, or where its words in force
    are those that were wrong. Four queries.
    """
    now = shown_version(article)
    corrected = _last_correction(article)
    if now is None or now.number < corrected:
        return []
    last: dict[int, ArticleBasis] = {}
    for basis in told_wrong(article, actor=actor).select_related(
        "message__case__company", "message__case__desk", "message__case__customer", "version__article"
    ):
        last.setdefault(basis.message.case_id, basis)
    done = _written_to(article, corrected, last, but=but)
    left = [ToCorrect(basis.message.case, basis) for case, basis in last.items() if case not in done]
    return [one for one in reversed(left) if policies.may_reply(actor, one.case)]


def usual_words() -> str:
    """The letter as it is proposed, in the language that is active."""
    return _(
        "Dear {{customer}},\n\nWhat we told you the other day about “{{subject}}” was wrong. We are sorry, and put it"
        " right as follows.\n\nWrong:\n{{old}}\n\nRight:\n{{new}}\n\n{{desk}}"
    )


def letter(words: str, one: ToCorrect, new: ArticleVersion, *, actor: Actor) -> str:
    """The letter to one case: what is named in it filled in, the old words marked as a quotation."""
    old = "\n".join(f"> {line}".rstrip() for line in as_words(one.basis.version.body).split("\n"))
    # The case's own words come last: what a customer wrote is never read as a name of ours.
    return filled(one.case, fill(words, {"old": old, "new": as_words(new.body)}), actor=actor)


def rows_to_write(
    article: Article, words: str, cases: Collection[int], *, by: Actor
) -> dict[int, dict[str, object]]:
    """The chosen cases (by id) that are still to be written to, each with what its row keeps: the letter, and which
    version corrected what was told. Raises NotAllowed for who answers nobody,
    Refused for none of them, and for words that leave out what is right.
    """
    if not by.may_anywhere(Permission.CASE_REPLY):
        raise NotAllowed(Permission.CASE_REPLY)
    _require(words)
    new = shown_version(article)
    chosen = [one for one in to_correct(article, actor=by) if one.case.pk in cases]
    if new is None or not chosen:
        raise Refused(_("Choose at least one case."), field="case")
    number = _last_correction(article)
    return {one.case.pk: {"text": letter(words, one, new, actor=by), "number": number} for one in chosen}


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
    if case.pk not in {one.case.pk for one in to_correct(article, actor=by, but=row.pk)}:
        return {"state": RowState.SAME}
    told = row.before or {}
    left = submit(case, Reply(text=str(told["text"]), status=_status(case), confirmed=ANYTHING), by=by)
    key = "outgoing" if isinstance(left, Outgoing) else "pending"
    return {"state": RowState.DONE, "before": {**told, key: left.pk}}


def take_back_row(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Take a correction back that has not left; returns what the row keeps. Raises Conflict for one that has."""
    told = row.before or {}
    if "outgoing" in told:
        take_back(int(told["outgoing"]), by=by)
    elif "pending" in told:
        discard(int(told["pending"]), by=by)
    else:
        raise Conflict(_("This cannot be undone now."))
    return {"state": RowState.UNDONE}


def _last_correction(article: Article) -> int:
    approved = article.versions.filter(state=ArticleVersion.State.APPROVED, corrects=True)
    return approved.aggregate(last=Max("number"))["last"] or 0


def _written_to(article: Article, corrected: int, cases: Iterable[int], *, but: int) -> set[int]:
    """Cases whose customers have heard the new words, or to which a letter that says them is under way."""
    new = Q(version__article=article, version__number__gte=corrected)
    heard = ArticleBasis.objects.filter(new, message__case__in=list(cases)).values_list(
        "message__case", flat=True
    )
    batches = Batch.objects.filter(verb=Batch.Verb.CORRECT, value=value_of(article))
    rows = BatchRow.objects.filter(batch__in=batches, case__in=list(cases), before__number=corrected)
    rows = rows.exclude(pk=but)
    running = Q(state=RowState.WAITING, batch__state=Batch.State.RUNNING)
    going = rows.filter(running | Q(state__in=[RowState.DONE, RowState.KEPT])).values_list("case", flat=True)
    return {*heard, *going}


def _status(case: Case) -> Status:
    """A correction asks nothing of its reader: what was solved stays so."""
    at_rest = case.status in (Status.SOLVED, Status.CLOSED)
    return Status.SOLVED if at_rest else Status.WAITING_CUSTOMER


def _require(words: str) -> None:
    if not words.strip():
        raise Refused(_("Write something first."), field="words")
    if len(words) > MOST_LETTERS:
        raise Refused(_("This is too long. Write 5,000 characters at most."), field="words")
    if "{{new}}" not in words.replace(" ", ""):
        raise Refused(_("Leave {{new}} in: what is right stands there."), field="words")
