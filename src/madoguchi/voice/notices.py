"""What says at a number that talks are recorded: chosen by who sets up its desk, heard before any recording."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.voice.announcements import sounds_there
from madoguchi.voice.events import NumberNoticeChanged
from madoguchi.voice.models import NumberNotice
from madoguchi.voice.policies import may_set_flow
from madoguchi.voice.queries import notice_of


@transaction.atomic
def set_notice(point: EntryPoint, sound: str, *, sounds: Callable[[str], bool], by: Actor) -> None:
    """Say by which recording callers of a number hear that talks are recorded; nothing: none is recorded. Calls that go
    on keep to what was said before. `sounds` says which recordings come with the product.

    Raises NotAllowed, or Refused for an entry point that is no number, and for a recording that is not there.
    """
    if not may_set_flow(by, point):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.PHONE:
        raise Refused(_("This entry point is no phone number."))
    if sound and not sounds_there(point.company_id, sounds)(sound):
        raise Refused(_("There is no recording “%(value)s”.") % {"value": sound[:40]}, field="notice")
    EntryPoint.objects.select_for_update().get(pk=point.pk)
    before = notice_of(point)
    if sound == before:
        return
    values = {"company_id": point.company_id, "sound": sound}
    NumberNotice.objects.update_or_create(entry_point=point, defaults=values)
    where = {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
    record(NumberNoticeChanged(**where, before=before, after=sound), by=by)
