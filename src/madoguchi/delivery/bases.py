"""On which versions of articles answers rest: taken up while one writes, kept once the answer has left with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import visible
from madoguchi.delivery.checks import own_words
from madoguchi.delivery.events import MessageRested
from madoguchi.delivery.links import article_page, words_with_links
from madoguchi.delivery.models import ArticleBasis, Cited, How, Outgoing
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge.likeness import FEW_LETTERS, letters_of, likeness_of_letters, sentences_of
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.policies import may_see_restricted
from madoguchi.knowledge.queries import FOR_CUSTOMERS, published_for, suggested
from madoguchi.knowledge.reading import as_words

# So far back answers without a basis are told of.
DAYS = 30
# An answer is compared with those alone that share the most words with it.
MOST_COMPARED = 20
# So long, and of so many, it is looked whether an answer says what was found wrong.
_WRONG_OF_LATE, MOST_WRONG = timedelta(days=90), 100
# So few letters stand in many answers, whatever they rest on.
LEAST_LETTERS = 20
# Of a script step after step is taken; an answer that is made of one rests on it.
_BETWEEN_STEPS = "\n\n"
_OF_MESSAGES = PreparedQuery(
    lambda: (
        ArticleBasis.objects.filter(message__among=Slot("messages"))
        .select_related("version__article")
        .order_by("id")
    )
)


@transaction.atomic
def cite(case: Case, version: int, how: str, *, by: Actor) -> str:
    """Take words from a version that is in force into the answer that is being written, and return them; of one that is
    marked there are none.

    Raises NotAllowed; NotFound for a version that is not in force at the case's desk; Refused for words of, or a link
    to, what customers may not read: that can be marked as a basis and no more.
    """
    if not policies.may_reply(by, case) or by.id is None:
        raise NotAllowed(Permission.CASE_REPLY)
    found = published_for(case.desk, reader=by).filter(pk=version).first()
    if found is None or how not in (How.TEXT, How.LINK, How.QUOTE, How.MARK):
        raise NotFound(version)
    words = _words_of(found, how)
    _keep(case, found, how, words, by)
    return words


def rest_on_words(case: Case, version: ArticleVersion, words: str, *, by: Actor) -> None:
    """Keep that these words of a script were taken into the answer that is being written, beside what was taken of it
    before.
    """
    before = Cited.objects.filter(case=case, version=version, how=How.TEXT).values_list("words", flat=True)
    taken = [*before, words]
    parts = dict.fromkeys(part for one in taken for part in one.split(_BETWEEN_STEPS) if part)
    _keep(case, version, How.TEXT, _BETWEEN_STEPS.join(parts), by)


def _keep(case: Case, version: ArticleVersion, how: str, words: str, by: Actor) -> None:
    told = {"words": words, "user_id": by.id, "at": clock.now(), "company_id": case.company_id}
    Cited.objects.update_or_create(case=case, version=version, how=how, defaults=told)


@transaction.atomic
def take_out(case: Case, cited: int, *, by: Actor) -> None:
    """Say that an answer does not rest on this after all. Raises NotAllowed; once it is gone it does nothing."""
    if not policies.may_reply(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    Cited.objects.filter(case=case, pk=cited).delete()


def cited_in(case: Case, text: str) -> list[Cited]:
    """What the answer that is being written rests on as it stands. One query."""
    rows = Cited.objects.filter(case=case).select_related("version__article").order_by("at", "id")
    said = letters_of(own_words(text)) if text else ""
    return [one for one in rows if _stands(one, text, said)]


@transaction.atomic
def note_bases(message: int, *, at: datetime) -> None:
    """Note on which versions an answer rests that has left, once: what was taken up and still stands in it, and what is
    found in it word for word. Words that were taken out again leave no trace.
    """
    said = Message.objects.select_related("case__desk").filter(pk=message).first()
    if said is None or said.author != Message.Author.STAFF:
        return
    taken = [
        one for one in cited_in(said.case, said.text) if one.how != How.MARK or one.user_id == said.user_id
    ]
    how = {one.version_id: one.how for one in reversed(taken)}
    for version in _found_in(said):
        how.setdefault(version, How.FOUND)
    known = set(ArticleBasis.objects.filter(message=said).values_list("version", flat=True))
    fresh = [
        ArticleBasis(company_id=said.company_id, message=said, version_id=version, how=way, at=at)
        for version, way in how.items()
        if version not in known
    ]
    ArticleBasis.objects.bulk_create(fresh, ignore_conflicts=True)
    Cited.objects.filter(pk__in=[one.pk for one in taken]).delete()
    if fresh:
        versions = sorted(one.version_id for one in fresh)
        record(MessageRested(**said.case.where, message=said.pk, versions=versions), by=system("delivery"))


def inner_words_in(case: Case, text: str, *, by: Actor) -> list[str]:
    """The titles of articles for operators only whose words stand in an answer: half of one, or a whole long sentence;
    scripts are there to be said. Of one that is kept from the writer it is only said that there is one. One query where
    the desk has none.
    """
    said = letters_of(text)
    inner, kinds = (Article.Audience.OPERATOR,), (Article.Kind.ARTICLE,)
    found = suggested(case.desk, text, most=MOST_COMPARED, audiences=inner, kinds=kinds)
    given = (one for one in found if _gives_away(as_words(one.body), said))
    return list(dict.fromkeys(one.title if is_open(one, by) else _("an article for others") for one in given))


def wrong_words_in(case: Case, text: str, *, by: Actor) -> list[str]:
    """The titles of articles of which a version was found wrong in the last 90 days, where an answer says a sentence of
    it that the one in force does not say, or is marked as resting on it. Of one that is kept from the writer it is only
    said that there is one. One query where there are none, two where there are.
    """
    marked = Cited.objects.filter(case=case, version=OuterRef("pk"), how=How.MARK)
    rows = ArticleVersion.objects.filter(company=case.company_id, wrong_at__gte=clock.now() - _WRONG_OF_LATE)
    wrong = list(
        rows.select_related("article").annotate(is_marked=Exists(marked)).order_by("-wrong_at")[:MOST_WRONG]
    )
    if not wrong:
        return []
    right = published_for(case.desk).filter(article__in={one.article_id for one in wrong})
    now = {one.article_id: letters_of(as_words(one.body)) for one in right}
    said = letters_of(own_words(text))
    found = (one for one in wrong if one.is_marked or _says_wrong(one, now.get(one.article_id, ""), said))
    return list(dict.fromkeys(one.title if is_open(one, by) else _("an article for others") for one in found))


def _says_wrong(version: ArticleVersion, now: str, said: str) -> bool:
    """Whether a sentence of what was wrong is said that is no sentence of what is right."""
    sentences = sentences_of(as_words(version.body))
    return any(len(one) > FEW_LETTERS and one in said and one not in now for one in sentences)


def is_open(version: ArticleVersion, actor: Actor) -> bool:
    """Whether a version is of an article that is not kept from those for whom the actor works. No query."""
    about = version.article
    return not about.restricted or may_see_restricted(
        actor, company=about.company_id, operators=about.operators
    )


def _gives_away(words: str, said: str) -> bool:
    if any(len(one) >= LEAST_LETTERS and one in said for one in sentences_of(words)):
        return True
    return len(letters_of(words)) > FEW_LETTERS and likeness_of_letters(words, said).is_used


def rest_on(message: Message, version: ArticleVersion) -> None:
    """Keep that an automatic answer gives the words of a version, as what it says and nothing else."""
    told = {"company_id": message.company_id, "how": How.TEXT, "at": message.at}
    ArticleBasis.objects.create(message=message, version=version, **told)


def bases_of(messages: Sequence[int], *, reader: Actor | None = None) -> dict[int, list[ArticleBasis]]:
    """On what answers rest, by message, as far as it is open to the `reader`. One query where there are any."""
    found: dict[int, list[ArticleBasis]] = {}
    for one in _OF_MESSAGES.rows({"messages": list(messages)}) if messages else ():
        if reader is None or is_open(one.version, reader):
            found.setdefault(one.message_id, []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """How many answers people gave in the last 30 days, and how many of them rest on no article."""

    answers: int
    unfounded: int

    @property
    def percent(self) -> int:
        """The share of answers without a basis in whole percent; 0 where there was no answer."""
        return round(100 * self.unfounded / self.answers) if self.answers else 0


def answers_without_basis(actor: Actor) -> QuerySet[Message]:
    """Answers of people that left in the last 30 days and rest on no article, in cases that the actor may read, the
    newest first.
    """
    rested = ArticleBasis.objects.filter(message=OuterRef("pk"))
    return (
        _answers(actor).exclude(Exists(rested)).select_related("case__company", "user").order_by("-at", "-id")
    )


def told_wrong(article: Article, *, actor: Actor) -> QuerySet[ArticleBasis]:
    """The answers that rest on a version of an article that was found wrong, in cases that the actor may read, the
    newest first.
    """
    rows = ArticleBasis.objects.filter(version__article=article, version__wrong_at__isnull=False)
    told = rows.filter(message__case__in=visible(actor))
    return told.select_related("message__case__company", "message__user", "version").order_by("-at", "-id")


@dataclass(frozen=True, slots=True)
class Told:
    """How many answers rest on some versions, and in how many cases."""

    answers: int
    cases: int


def told_count(article: Article, since: int, *, before: int | None = None) -> Told:
    """How many were told an article's words from a version on (and before another), in all of the company's cases, by
    it or by a translation that says the same. One query.
    """
    versions = Q(version__article=article, version__number__gte=since)
    same = Q(version__article__original=article, version__follows__gte=since)
    if before is not None:
        versions &= Q(version__number__lt=before)
        same &= Q(version__follows__lt=before)
    rows = ArticleBasis.objects.filter(versions | same)
    counted = rows.aggregate(
        answers=Count("message", distinct=True), cases=Count("message__case", distinct=True)
    )
    return Told(counted["answers"], counted["cases"])


def count_of_answers(actor: Actor) -> Counted:
    """How many there are among all answers. Two queries."""
    return Counted(_answers(actor).count(), answers_without_basis(actor).count())


def _answers(actor: Actor) -> QuerySet[Message]:
    since = clock.now() - timedelta(days=DAYS)
    left = Outgoing.objects.filter(message=OuterRef("pk"), state=Outgoing.State.SENT)
    ours = Message.objects.filter(author=Message.Author.STAFF, at__gte=since, case__in=visible(actor))
    return ours.filter(Exists(left))


def _found_in(said: Message) -> Iterable[int]:
    wrote = own_words(said.typed)
    own = letters_of(wrote)
    for version in suggested(said.case.desk, wrote, most=MOST_COMPARED, at=said.at):
        words = as_words(version.body)
        if len(letters_of(words)) >= LEAST_LETTERS and likeness_of_letters(words, own).is_used:
            yield version.pk


def _words_of(version: ArticleVersion, how: str) -> str:
    if how != How.MARK and version.article.audience not in FOR_CUSTOMERS:
        raise Refused(_("Customers may not read this article. Say in your own words what it means for them."))
    if how == How.LINK:
        return article_page(version.company_id, version.article_id)
    words = words_with_links(version.body, company=version.company_id, article=version.article_id)
    if how == How.QUOTE:
        return "\n".join(f"> {line}".rstrip() for line in words.split("\n"))
    return words if how == How.TEXT else ""


def _stands(one: Cited, text: str, said: str) -> bool:
    if one.how == How.MARK:
        return True
    if one.how == How.LINK:
        return one.words in text
    # Quoted lines are nobody's own words, so they are looked for in the whole.
    whole = letters_of(text) if one.how == How.QUOTE else said
    is_script = one.version.article.kind == Article.Kind.SCRIPT
    parts = one.words.split(_BETWEEN_STEPS) if is_script else [one.words]
    return any(likeness_of_letters(part, whole).is_used for part in parts)
