"""By which talk script callers of a number are spoken with: said by who sets up its desk, shown to whoever answers."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import published_for
from madoguchi.scripts.events import NumberScriptChanged
from madoguchi.scripts.models import NumberScript
from madoguchi.voice.policies import may_set_flow


def script_of(point: EntryPoint) -> int | None:
    """The script of a number, by the id of its article. One query."""
    found = NumberScript.objects.filter(entry_point=point).values_list("article_id", flat=True)
    return found.first()


def scripts_for(point: EntryPoint, *, reader: Actor) -> QuerySet[ArticleVersion]:
    """The scripts that may be those of a number: in force at its desk, and open to the reader. One query."""
    return published_for(point.desk, reader=reader).filter(article__kind=Article.Kind.SCRIPT)


def script_at(desk: Desk, entry_point: int | None, *, reader: Actor) -> ArticleVersion | None:
    """What is in force at a desk of the script of a number, where it is open to the reader. One query, or none."""
    if entry_point is None:
        return None
    wanted = NumberScript.objects.filter(entry_point=entry_point).values("article")
    return (
        published_for(desk, reader=reader)
        .filter(article__kind=Article.Kind.SCRIPT, article__in=wanted)
        .first()
    )


@transaction.atomic
def set_script(point: EntryPoint, article: int | None, *, by: Actor) -> None:
    """Say by which script callers of a number are spoken with; None: by none. It may stay one that is not in force now.

    Raises NotAllowed, or Refused for an entry point that is no number, and for what is no script at its desk.
    """
    if not may_set_flow(by, point):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.PHONE:
        raise Refused(_("This entry point is no phone number."))
    EntryPoint.objects.select_for_update().get(pk=point.pk)
    if article == script_of(point):
        return
    if article is None:
        NumberScript.objects.filter(entry_point=point).delete()
    else:
        if article not in {one.article_id for one in scripts_for(point, reader=by)}:
            raise Refused(_("This desk has no such talk script."), field="script")
        values = {"company_id": point.company_id, "article_id": article}
        NumberScript.objects.update_or_create(entry_point=point, defaults=values)
    where = {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
    record(NumberScriptChanged(**where, article=article), by=by)
