"""What a company knows comes in: an archive, Markdown or tables, uploaded for the whole company."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import count

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.imports import kept, policies
from madoguchi.imports.actions.uploading import keep_upload, require_files
from madoguchi.imports.models import Upload
from madoguchi.imports.outcomes import Came, Outcome, unreadable
from madoguchi.imports.records import Bad, Knowledge
from madoguchi.imports.sources import Meter
from madoguchi.infra import scope
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.actions.archive import Fate, bring_in, foresee
from madoguchi.knowledge.archive import KeptArticle, NoArchive
from madoguchi.knowledge.loose import As, NotRead, articles_of
from madoguchi.knowledge.queries import wants_four_eyes
from madoguchi.people.queries import actor_of

SYSTEM = "articles"
LOOK_EVERY = 100
_OUTCOMES = {
    "new": Outcome.CREATED,
    "more": Outcome.UPDATED,
    "same": Outcome.SKIPPED,
    "refused": Outcome.FAILED,
}


@transaction.atomic
def upload_articles(
    files: Sequence[kept.Incoming], *, company: Company, approved: bool = False, by: Actor
) -> Upload:
    """Keep files of articles and have them looked at, by a job. What is no archive comes in as drafts, or `approved`.

    Raises NotAllowed, and Refused for no file, too many, and what somebody else than the writer has to approve.
    """
    if by.id is None or not policies.may_import_articles(by, company=company.pk):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
    require_files(files)
    if approved and wants_four_eyes(company.pk):
        words = _("Here somebody else than the writer approves: bring them in as drafts.")
        raise Refused(words, field="approved")
    return keep_upload(Upload(company=company, system=SYSTEM), files, asked={"approved": approved}, by=by)


def open_articles(found: Upload) -> Callable[[Meter], Iterator[Knowledge | Bad]]:
    """How the articles of uploaded files are read; how many is their size. Raises Refused where there is none, and
    Interrupted where it was stopped meanwhile, or this process is to end.
    """
    how = As(bool(found.asked.get("approved")), _began(found))
    try:
        articles = articles_of(kept.paths_of(found), how, goes_on=partial(_goes_on, found, count()))
    except NoArchive as error:
        raise Refused(str(error)) from error
    found.size = len(articles)
    with scope.acting_for([found.company_id]):
        # What is foreseen holds as long as this does: `start` looks.
        found.found = {**found.found, "four_eyes": wants_four_eyes(found.company_id)}
    return partial(_records, articles)


def settle(found: Upload, records: Sequence[Knowledge | Bad]) -> list[Came]:
    """Look at these articles, or bring them in, with the rights that the owner has now. Raises NotAllowed."""
    act = foresee if found.state == Upload.State.LOOKING else bring_in
    articles = [one.kept for one in records if isinstance(one, Knowledge)]
    with scope.acting_for([found.company_id]):
        by = actor_of(found.owner)
        if not policies.may_import_articles(by, company=found.company_id):
            raise NotAllowed(Permission.ARTICLES_APPROVE)
        fates = iter(act(found.company, articles, by=by))
    return [unreadable(one) if isinstance(one, Bad) else _came(one, next(fates)) for one in records]


def _goes_on(found: Upload, files: Iterator[int]) -> bool:
    """Whether to read one more file. Every so many of them it is looked whether anybody has stopped it."""
    if is_stopping():
        return False
    if next(files) % LOOK_EVERY:
        return True
    with scope.acting_for([found.company_id]):
        return Upload.objects.filter(pk=found.pk, state=found.state).exists()


def _came(record: Knowledge, fate: Fate) -> Came:
    reasons = (f"{fate.title}: {fate.reason}",) if fate.reason else ()
    return Came.of(record, _OUTCOMES[fate.state], *reasons)


def _records(articles: Sequence[KeptArticle | NotRead], meter: Meter) -> Iterator[Knowledge | Bad]:
    for one in articles:
        meter.done += 1
        if isinstance(one, NotRead):
            yield Bad(one.place, one.reason)
        else:
            yield Knowledge(one)


def _began(found: Upload) -> datetime:
    """When what is approved is in force from: the same for all, whenever a worker comes to it."""
    return found.started_at or found.created_at
