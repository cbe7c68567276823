"""Uploading files, saying how they are to be read, and having what is in them brought in, stopped or thrown away."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.companies.queries import first_mail_point
from madoguchi.imports import asking, kept, policies, running
from madoguchi.imports.actions.noting import digests_of, note
from madoguchi.imports.actions.target import Target, target_of
from madoguchi.imports.events import ImportRan, ImportStarted, ImportUploaded
from madoguchi.imports.findings import begun_anew
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.models import Upload
from madoguchi.imports.scheduling import schedule
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import one_line
from madoguchi.knowledge.queries import wants_four_eyes
from madoguchi.people.queries import actor_of

State = Upload.State
# Uploaded files, their first rows and the report are thrown away so many days after the last thing was done with them.
KEPT_DAYS = 14
_MOST_FILES = 20
_ENDED_EARLY = (State.STOPPED, State.FAILED)


@transaction.atomic
def upload(
    files: Sequence[kept.Incoming],
    *,
    desk: Desk,
    system: str,
    source: str = "",
    said: Mapping[str, Any],
    by: Actor,
) -> Upload:
    """Keep files and have them looked at, by a job. `source` tells several installations of one system apart.

    Raises NotAllowed, and Refused for no file, too many, a desk that has no mail address, and what makes no sense.
    """
    if by.id is None or not policies.may_import(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.IMPORTS)
    if system not in running.SOURCES:
        raise Refused(_("Choose one of the list."), field="system")
    require_files(files)
    if not policies.may_keep(by, system, company=desk.company_id):
        raise NotAllowed(Permission.SHOP)
    if system not in KINDS and first_mail_point(desk.pk) is None:
        raise Refused(_no_address(desk), field="desk")
    upload = Upload(company_id=desk.company_id, desk=desk, system=system, source=one_line(source, most=39))
    return keep_upload(upload, files, asked=asking.checked(said, system=system), by=by)


def require_files(files: Sequence[kept.Incoming]) -> None:
    """Raises Refused for no file, too many, and more than fits."""
    if not 0 < len(files) <= _MOST_FILES:
        raise Refused(_("Choose a file, and at most 20."), field="files")
    if sum(file.size or 0 for file in files) > settings.MAX_IMPORT_BYTES:
        words = _(
            "At most %(most)s MB can be uploaded at once. Whoever runs the installation brings in more."
        )
        raise Refused(words % {"most": settings.MAX_IMPORT_BYTES // 1_000_000}, field="files")


def keep_upload(
    upload: Upload, files: Sequence[kept.Incoming], *, asked: Mapping[str, Any], by: Actor
) -> Upload:
    """Keep the files of an upload that may be made, and have them looked at. To be called in a transaction."""
    upload.folder, paths = kept.keep(files, company=upload.company_id)
    digests = {path: next(iter(digests_of([path]).values())) for path in paths}
    upload.files = [{"name": p.name, "sha256": d, "length": p.stat().st_size} for p, d in digests.items()]
    upload.asked, upload.owner_id, upload.created_at = dict(asked), by.id or 0, clock.now()
    upload.save(force_insert=True)
    fact = ImportUploaded(
        company=upload.company_id,
        desk=upload.desk_id,
        upload=upload.pk,
        system=upload.system,
        source=upload.source,
        files=names_of(upload),
    )
    record(fact, by=by)
    schedule(upload)
    return upload


@transaction.atomic
def look_again(found: Upload, *, said: Mapping[str, Any], by: Actor) -> None:
    """Have the files looked at once more, read as is said now.

    Raises NotAllowed, Refused for what makes no sense, and Conflict where they began to come in or are gone.
    """
    _require(by, found)
    # Of articles nothing is asked but what was said at first.
    asked = asking.checked(said, system=found.system) if found.desk_id else found.asked
    wanted = [State.LOOKED, State.STOPPED, State.FAILED]
    anew: dict[str, Any] = {"asked": asked, "state": State.LOOKING, "found": {}, "ended_at": None}
    _begin(found, Upload.objects.filter(state__in=wanted, started_at=None), **anew)


@transaction.atomic
def start(found: Upload, *, by: Actor) -> None:
    """Bring in what was looked at, by a job; or go on with it after it was stopped. Articles are looked at once more
    where the company has other wishes since as to who approves them.

    Raises NotAllowed, and Conflict where it was not looked at to the end, runs already or is gone.
    """
    _require(by, found)
    if found.desk_id is None and found.started_at is None and _approved_otherwise(found):
        return look_again(found, said={}, by=by)
    anew: dict[str, Any] = {"state": State.RUNNING, "ended_at": None}
    if found.started_at is None:
        anew |= {"started_at": clock.now(), "found": begun_anew(found.found)}
        _begin(found, Upload.objects.filter(state=State.LOOKED, started_at=None), **anew)
    else:
        rows = Upload.objects.filter(state__in=_ENDED_EARLY, started_at__isnull=False)
        _change(found, rows, begun=0, trouble="", **anew)
    record(ImportStarted(company=found.company_id, desk=found.desk_id, upload=found.pk), by=by)
    return None


@transaction.atomic
def stop(found: Upload, *, by: Actor) -> None:
    """Stop after the records at hand; what came in stays, and it can go on. Raises NotAllowed; what ended stays so."""
    _require(by, found)
    found = Upload.objects.select_for_update(of=["self"]).select_related("desk").get(pk=found.pk)
    if not found.under_way:
        return
    came_in = found.state == State.RUNNING
    found.state, found.ended_at, found.trouble = State.STOPPED, clock.now(), ""
    found.save(update_fields=["state", "ended_at", "trouble"])
    if came_in:
        note_end(found, finished=False)


@transaction.atomic
def throw_away(found: Upload, *, by: Actor) -> None:
    """Delete the files, their first rows and the report; the counts stay. Raises NotAllowed, Conflict while it runs."""
    _require(by, found)
    ended = Upload.objects.exclude(state__in=[State.LOOKING, State.RUNNING])
    if not ended.filter(pk=found.pk).exists():
        raise Conflict(_("It is not the time for that now: look at the page once more."))
    forget_files(found)


def forget_files(found: Upload) -> None:
    """Delete what was uploaded, after the transaction, and what the report quotes of it."""
    counts = {name: found.found[name] for name in ("counts", "words", "shape") if name in found.found}
    found.lines.all().delete()
    Upload.objects.filter(pk=found.pk).update(found=counts, thrown_away_at=clock.now())
    company, folder = found.company_id, found.folder
    transaction.on_commit(lambda: kept.throw_away(company, folder))


def target_for(found: Upload) -> Target:
    """Where an upload goes. Raises Refused where the desk has no mail address any more."""
    assert found.desk is not None, "articles go through no desk"
    point = first_mail_point(found.desk.pk)
    if point is None:
        raise Refused(_no_address(found.desk))
    return target_of(
        point,
        source=f"{found.system}:{found.source}" if found.source else found.system,
        importer=found.owner_id,
        also_ours=found.asked.get("own", ()),
        solved_before=asking.solved_before(found.asked),
        directs=policies.may_name_people(actor_of(found.owner), company=found.company_id, desk=found.desk.pk),
    )


def note_end(found: Upload, *, finished: bool) -> None:
    """Write down how bringing it in ended."""
    fact = ImportRan(
        company=found.company_id,
        desk=found.desk_id,
        system=found.system,
        source=found.source,
        files=names_of(found),
        counts=found.found.get("counts", {}),
        finished=finished,
    )
    note(fact, importer=found.owner_id)


def names_of(found: Upload) -> dict[str, str]:
    """Its files by name, each name once, with their SHA-256."""
    names = [file["name"] for file in found.files]
    return {
        name if names.count(name) == 1 else f"{n + 1}/{name}": found.files[n]["sha256"]
        for n, name in enumerate(names)
    }


def _approved_otherwise(found: Upload) -> bool:
    return bool(found.found.get("four_eyes")) != wants_four_eyes(found.company_id)


def _begin(upload: Upload, rows: Any, **anew: Any) -> None:
    upload.lines.all().delete()
    _change(upload, rows, read=0, passed=0, begun=0, trouble="", **anew)


def _change(upload: Upload, rows: Any, **anew: Any) -> None:
    """Change an upload that is in one of these states, and have it worked on. Raises Conflict."""
    if not rows.filter(pk=upload.pk, thrown_away_at=None).update(**anew):
        raise Conflict(_("It is not the time for that now: look at the page once more."))
    upload.refresh_from_db()
    schedule(upload)


def _require(by: Actor, found: Upload) -> None:
    if not policies.may_look_after(by, found):
        raise NotAllowed(Permission.IMPORTS)


def _no_address(desk: Desk) -> str:
    words = _("“%(desk)s” has no mail address to answer from. Give it one under “Entry points”.")
    return words % {"desk": desk.name}
