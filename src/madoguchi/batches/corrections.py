"""Writing to everybody who was told what turned out wrong: one letter to each case, with the old words marked and the
new ones beneath, let out like any other answer and taken back like one.
"""

from collections.abc import Collection

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases import policies
from madoguchi.cases.actions import held_case
from madoguchi.cases.filling import filled
from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import answerable
from madoguchi.customers.consenting import may_approach
from madoguchi.customers.models import Purpose, Way
from madoguchi.delivery.actions import ANYTHING, Reply, discard, submit, take_back
from madoguchi.delivery.bases import told_wrong
from madoguchi.delivery.links import words_with_links
from madoguchi.delivery.models import ArticleBasis, Outgoing
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import fill, shown_version
from madoguchi.knowledge.reading import as_words

MOST_CHARACTERS = 5_000
RowState = BatchRow.State


def to_correct(
    article: Article, *, actor: Actor, cases: Collection[int] | None = None, but: int = 0
) -> QuerySet[ArticleBasis]:
    """The cases whose customers are still to hear that something was wrong, each once, by the answer that told them
    last; the longest ago first. Left out are those that got an answer resting on the new words since, and those to
    which a correction is on its way.

    `cases` (by id) are looked at alone if given, `but` is a row of a batch that counts for none. None where the article
    is not in force, or where its words in force are those that were wrong. One query beside those that look which
    version it is; what messages say is not fetched with them.
    """
    now = shown_version(article)
    corrected = _last_correction(article)
    if now is None or now.number < corrected:
        return ArticleBasis.objects.none()
    told = told_wrong(article, actor=actor).filter(message__case__in=answerable(actor))
    if cases is not None:
        told = told.filter(message__case__in=list(cases))
    later = ArticleBasis.objects.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")),
        version__article=article,
        version__number__lt=corrected,
        message__case=OuterRef("message__case"),
    )
    left = told.filter(~Exists(later), ~Exists(_heard(article, corrected)))
    left = left.filter(~Exists(_under_way(article, corrected, but=but)))
    fetched = left.select_related(
        "message__case__company", "message__case__desk", "message__case__customer", "version"
    )
    unread = (f"message__{name}" for name in ("text", "new_text", "html", "pieces"))
    return fetched.defer(*unread).order_by("at", "id")


def usual_words() -> str:
    """The letter as it is proposed, in the language that is active."""
    return _(
        "Dear {{customer}},\n\nWhat we told you the other day about “{{subject}}” was wrong. We are sorry, and put it"
        " right as follows.\n\nWrong:\n{{old}}\n\nRight:\n{{new}}\n\n{{desk}}"
    )


def letter(words: str, told: ArticleBasis, new: ArticleVersion, *, actor: Actor) -> str:
    """The letter to one case: what is named in it filled in, the old words marked as a quotation."""
    old = "\n".join(f"> {line}".rstrip() for line in as_words(told.version.body).split("\n"))
    # The case's own words come last: what a customer wrote is never read as a name of ours.
    right = words_with_links(new.body, company=new.company_id, article=new.article_id)
    return filled(told.message.case, fill(words, {"old": old, "new": right}), actor=actor)


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
    chosen = list(to_correct(article, actor=by, cases=cases))
    if new is None or not chosen:
        raise Refused(_("Choose at least one case."), field="case")
    number = _last_correction(article)
    return {
        one.message.case_id: {"text": letter(words, one, new, actor=by), "number": number} for one in chosen
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
    if not to_correct(article, actor=by, cases=[case.pk], but=row.pk).exists():
        return {"state": RowState.SAME}
    if not may_approach(case.customer_id, Purpose.MATTER, _way_of(case)):
        raise Refused(_("This customer does not want to be written to."))
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


def _heard(article: Article, corrected: int) -> QuerySet[ArticleBasis]:
    """Answers that say the new words to the customer of a basis."""
    new = Q(version__article=article, version__number__gte=corrected)
    return ArticleBasis.objects.filter(new, message__case=OuterRef("message__case"))


def _under_way(article: Article, corrected: int, *, but: int) -> QuerySet[BatchRow]:
    """Letters to the customer of a basis that say the new words, and wait or went."""
    ours = Q(batch__verb=Batch.Verb.CORRECT, batch__value=value_of(article), before__number=corrected)
    running = Q(state=RowState.WAITING, batch__state=Batch.State.RUNNING)
    going = running | Q(state__in=[RowState.DONE, RowState.KEPT])
    return BatchRow.objects.filter(ours, going, case=OuterRef("message__case")).exclude(pk=but)


def _way_of(case: Case) -> Way:
    """By which way an answer in this case reaches its customer."""
    return Way.LINE if case.channel == Channel.LINE else Way.EMAIL


def _status(case: Case) -> Status:
    """A correction asks nothing of its reader: what was solved stays so."""
    at_rest = case.status in (Status.SOLVED, Status.CLOSED)
    return Status.SOLVED if at_rest else Status.WAITING_CUSTOMER


def _require(words: str) -> None:
    if not words.strip():
        raise Refused(_("Write something first."), field="words")
    if len(words) > MOST_CHARACTERS:
        raise Refused(_("This is too long. Write 5,000 characters at most."), field="words")
    if "{{new}}" not in words.replace(" ", ""):
        raise Refused(_("Leave {{new}} in: what is right stands there."), field="words")
