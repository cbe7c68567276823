"""Recordings that a company uploads for its callers.

One with the name of a recording that comes with the product is heard in its place.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BinaryField, Count, Max, QuerySet, Sum
from django.db.models.functions import Length, Substr
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import written_phone
from madoguchi.kernel.text import one_line
from madoguchi.voice.events import AnnouncementChanged, AnnouncementRemoved
from madoguchi.voice.models import Announcement, FlowVersion
from madoguchi.voice.policies import may_set_announcements
from madoguchi.voice.telephone import RATE, WIDTH, NoRecording
from madoguchi.voice.wording import wrong_with_recording

MOST_BYTES = 20_000_000
MOST_OF_COMPANY = 200
# So many versions of one recording are kept, the newest, and so many bytes of all of a company.
MOST_VERSIONS, MOST_KEPT = 20, 200_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording as a list shows it: its newest version, how many there were, and at which numbers it is played."""

    newest: Announcement
    versions: int
    used_at: tuple[str, ...]


@transaction.atomic
def add_announcement(company: int, *, name: str, content: bytes, by: Actor, words: str = "") -> Announcement:
    """Keep a recording under a name; it is heard from the next call on, in place of the version before. The oldest of
    more versions than are kept goes. `words` is what it says.

    Raises NotAllowed, or Refused for what is no name and for a file that cannot be used.
    """
    _require(company, by)
    if not _NAME.fullmatch(name):
        raise Refused(_("Use small letters, digits and hyphens, 40 at most."), field="name")
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is too large. 20 MB at most."), field="file")
    from madoguchi.voice.samples import as_telephone  # loads numpy, which no other page needs

    try:
        sound = as_telephone(content)
    except NoRecording as error:
        raise Refused(wrong_with_recording(error), field="file") from error
    one_at_a_time(f"announcements {company}")
    others = Announcement.objects.filter(company=company).exclude(name=name).values("name").distinct()
    if others.count() >= MOST_OF_COMPANY:
        raise Refused(_("A company can have 200 recordings. Delete one first."), field="name")
    return _add(company, name, sound, by, words=one_line(words))


@transaction.atomic
def use_announcement_again(company: int, *, name: str, number: int, by: Actor) -> Announcement:
    """Let an earlier version be heard again, as a new one. Raises NotAllowed, or NotFound."""
    _require(company, by)
    one_at_a_time(f"announcements {company}")
    before = Announcement.objects.filter(company=company, name=name, number=number).first()
    if before is None:
        raise NotFound(name)
    return _add(company, name, sound_of(company, before.digest) or b"", by, words=before.words)


@transaction.atomic
def remove_announcement(company: int, *, name: str, comes_along: Callable[[str], bool], by: Actor) -> None:
    """Delete a recording with all its versions. `comes_along` says whether one of this name comes with the product,
    which is heard again then.

    Raises NotAllowed, NotFound, or Refused while callers hear it at a number and nothing would be in its place.
    """
    _require(company, by)
    one_at_a_time(f"announcements {company}")
    numbers = used_at(company).get(name, ())
    if numbers and not comes_along(name):
        told = _("It is played at %s. Take it out of what callers meet there first.")
        raise Refused(told % ", ".join(numbers))
    deleted, _rows = Announcement.objects.filter(company=company, name=name).delete()
    if not deleted:
        raise NotFound(name)
    record(AnnouncementRemoved(company=company, name=name), by=by)


def announcements_of(company: int) -> list[Shown]:
    """The recordings of a company by name. Three queries."""
    counts = dict(
        Announcement.objects.filter(company=company).values_list("name").annotate(n=Count("pk")).order_by()
    )
    used = used_at(company)
    return [Shown(one, counts[one.name], used.get(one.name, ())) for one in newest_of(company)]


def newest_of(company: int) -> list[Announcement]:
    """The version of each recording that callers hear, without its sound."""
    rows = Announcement.objects.filter(company=company).defer("sound")
    return list(rows.order_by("name", "-number").distinct("name"))


def versions_of(company: int, name: str) -> list[Announcement]:
    """All versions of a recording without their sound, the newest first."""
    rows = Announcement.objects.filter(company=company, name=name).select_related("user").defer("sound")
    return list(rows.order_by("-number"))


def sound_of(company: int, digest: str, *, span: tuple[int, int] | None = None) -> bytes | None:
    """The samples of a recording by their hash, or of them those bytes from one to before another."""
    rows = _with_sound(company, digest)
    if span is None:
        found = rows.values_list("sound", flat=True).first()
    else:
        wanted = Substr("sound", span[0] + 1, span[1] - span[0], output_field=BinaryField())
        found = rows.values_list(wanted, flat=True).first()
    return bytes(found) if found is not None else None


def bytes_of_sound(company: int, digest: str) -> int:
    """How many bytes the samples of a recording have; 0 where there is none."""
    return _with_sound(company, digest).values_list(Length("sound"), flat=True).first() or 0


def _with_sound(company: int, digest: str) -> QuerySet[Announcement]:
    return Announcement.objects.filter(company=company, digest=digest).exclude(sound=b"")


def sounds_there(company: int, comes_along: Callable[[str], bool]) -> Callable[[str], bool]:
    """What says whether callers of a company can hear a recording of some name."""
    names = set(Announcement.objects.filter(company=company).values_list("name", flat=True).distinct())
    return lambda name: name in names or comes_along(name)


def used_at(company: int) -> Mapping[str, tuple[str, ...]]:
    """At which numbers of a company each recording is played, by what callers meet there now."""
    flows = FlowVersion.objects.filter(company=company, entry_point__active=True)
    newest = (
        flows.order_by("entry_point_id", "-number").distinct("entry_point_id").select_related("entry_point")
    )
    found: dict[str, tuple[str, ...]] = {}
    for flow in newest:
        for name in sorted(set(_named(flow.document["steps"].values()))):
            found[name] = (*found.get(name, ()), written_phone(flow.entry_point.address))
    return found


def _named(steps: Iterable[Mapping[str, object]]) -> Iterable[str]:
    for step in steps:
        for field in ("sounds", "music", "again"):
            names = step.get(field)
            yield from (str(name) for name in (names if isinstance(names, list) else ()))


def _add(company: int, name: str, sound: bytes, by: Actor, *, words: str) -> Announcement:
    rows, digest = Announcement.objects.filter(company=company, name=name), hashlib.sha256(sound).hexdigest()
    rows.filter(digest=digest).update(sound=b"")  # it lies with the newest that has it
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    rows.filter(pk__in=rows.order_by("-number").values("pk")[MOST_VERSIONS - 1 :]).delete()
    lies = Announcement.objects.filter(company=company).aggregate(all=Sum(Length("sound"), default=0))["all"]
    if lies + len(sound) > MOST_KEPT:
        raise Refused(
            _("The company keeps 200 MB of recordings, and no more. Delete one first."), field="file"
        )
    made = Announcement.objects.create(
        company_id=company,
        name=name,
        number=number,
        words=words,
        sound=sound,
        digest=digest,
        milliseconds=len(sound) * 1000 // WIDTH // RATE,
        user_id=by.id,
        at=clock.now(),
    )
    record(AnnouncementChanged(company=company, name=name, version=made.number), by=by)
    return made


def _require(company: int, by: Actor) -> None:
    if not may_set_announcements(by, company=company):
        raise NotAllowed(Permission.DESKS)
