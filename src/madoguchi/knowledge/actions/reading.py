"""Saying that one has read what changed in articles."""

from collections.abc import Sequence

from django.db import transaction

from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.events import ArticlesRead
from madoguchi.knowledge.models import ArticleReading, ArticleVersion


@transaction.atomic
def mark_read(versions: Sequence[ArticleVersion], *, by: Actor) -> int:
    """Say that the actor has read these versions; returns how many. Raises NotAllowed for who is no person. Whoever
    asks takes them from `queries.unread_by` or what the actor may read.
    """
    if by.id is None:
        raise NotAllowed(Permission.ARTICLES_READ)
    now = clock.now()
    rows = [
        ArticleReading(
            company_id=one.company_id, article_id=one.article_id, user_id=by.id, number=one.number, at=now
        )
        for one in versions
    ]
    ArticleReading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["article", "user"], update_fields=["number", "at"]
    )
    for company in sorted({one.company_id for one in versions}):
        count = sum(one.company_id == company for one in versions)
        record(ArticlesRead(company=company, articles=count), by=by)
    return len(rows)
