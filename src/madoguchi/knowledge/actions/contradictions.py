"""Looking for articles that contradict each other, and saying whether they do."""

from django.db import transaction

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge import policies
from madoguchi.knowledge.contradicting import Said, contradictions
from madoguchi.knowledge.events import ContradictionSettled, ContradictionsFound
from madoguchi.knowledge.models import ArticleVersion, Contradiction
from madoguchi.knowledge.queries.articles import published
from madoguchi.knowledge.reading import as_words

# No company's articles are compared beyond so many, the newest first.
MOST_COMPARED = 2_000
# Of all with all while somebody waits for it; each that is approved is compared with the rest, too.
MOST_AT_ONCE = 500


@transaction.atomic
def compare_articles(company: int, *, version: int | None = None, by: Actor) -> int:
    """Compare what is in force of a company, and a `version` that will be, and keep where two contradict each other;
    with a version only what it says, without one the newest `MOST_AT_ONCE`. What was settled stays so. Says how many
    are new.
    """
    most = MOST_COMPARED if version else MOST_AT_ONCE
    ids = set(published(company).order_by("-pk").values_list("pk", flat=True)[:most])
    ids |= {version} if version else set()
    rows = ArticleVersion.objects.filter(pk__in=ids, company=company).select_related("article")
    desks = list(Desk.objects.filter(company=company).values_list("pk", flat=True))
    said = [Said(one.pk, one.title, as_words(one.body), _groups(one, desks)) for one in rows.order_by("pk")]
    articles = {one.pk: one.article_id for one in rows}
    pairs = contradictions(said, of=frozenset({version}) if version else None)
    found = [
        Contradiction(
            company_id=company,
            first_id=one.first,
            second_id=one.second,
            says=one.says,
            other=one.other,
            at=clock.now(),
        )
        for one in pairs
        if articles[one.first] != articles[one.second]
    ]
    before = Contradiction.objects.filter(company=company).count()
    Contradiction.objects.bulk_create(found, ignore_conflicts=True)
    new = Contradiction.objects.filter(company=company).count() - before
    if new:
        record(ContradictionsFound(company=company, found=new), by=by)
    return new


def compare_all(company: Company, *, by: Actor) -> int:
    """The same of all articles of a company, the newest `MOST_AT_ONCE`, because somebody wants it. Raises NotAllowed
    for who does not approve.
    """
    if not policies.may_approve_article(by, company=company.pk, desk=None):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    return compare_articles(company.pk, by=by)


@transaction.atomic
def settle(found: Contradiction, state: Contradiction.State, *, by: Actor) -> None:
    """Say whether two versions contradict each other, or that it is to be looked at again. Raises NotAllowed for who
    does not approve both.
    """
    for version in (found.first, found.second):
        if not policies.may_approve_article(by, company=found.company_id, desk=version.article.desk_id):
            raise NotAllowed(Permission.ARTICLES_APPROVE)
    if Contradiction.objects.filter(pk=found.pk).exclude(state=state).update(state=state):
        fact = ContradictionSettled(
            company=found.company_id, versions=[found.first_id, found.second_id], state=str(state)
        )
        record(fact, by=by)


def _groups(version: ArticleVersion, desks: list[int]) -> frozenset[str]:
    about = version.article
    at = [about.desk_id] if about.desk_id else desks
    return frozenset(f"{about.language} {desk}" for desk in at)
