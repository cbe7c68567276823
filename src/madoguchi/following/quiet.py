"""Turning mails about notifications off by the link that each of them bears (RFC 8058), and on again by another.

The address is the proof: who holds it has the mail. So it may turn these mails off and on, and nothing else, and
for so many days alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from madoguchi.following.models import KIND_OF, Notification, Way, Wishes
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotFound
from madoguchi.people.actions.telling import tell
from madoguchi.people.events import PersonChanged
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

_SALT = "madoguchi.following.quiet"
LASTS = timedelta(days=90)
KINDS = tuple(dict.fromkeys(KIND_OF.values()))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Whose mails of which way an address turns off, or with `kinds` on again for these."""

    person: int
    way: Way
    kinds: tuple[str, ...] = ()
    expired: bool = False

    @property
    def path(self) -> str:
        """The address, within the installation."""
        token = signing.dumps([self.person, self.way.value, *self.kinds], salt=_SALT)
        return reverse("desk:quiet", args=[token])


def quiet_by(token: str) -> Quiet:
    """What an address was made for, and whether that was too long ago. Raises NotFound for one not made here."""
    try:
        person, way, *kinds = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise NotFound("quiet") from error
    return Quiet(person, Way(way), tuple(kinds), expired=_is_expired(token))


def _is_expired(token: str) -> bool:
    try:
        signing.loads(token, salt=_SALT, max_age=LASTS)
    except signing.SignatureExpired:
        return True
    return False


def reader_of(quiet: Quiet) -> User:
    """Whose mails these are. Raises NotFound for who is locked out: they get none."""
    found = User.objects.filter(pk=quiet.person, is_active=True).first()
    if found is None:
        raise NotFound(quiet.person)
    return found


def headers_of(person: int, way: Way) -> dict[str, str]:
    """What lets mail programs show a button that turns such mails off. One click is for HTTPS alone."""
    address = urljoin(settings.BASE_URL, Quiet(person, way).path)
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"List-Unsubscribe": f"<{address}>"} | (one_click if urlsplit(address).scheme == "https" else {})


@transaction.atomic
def turn(quiet: Quiet) -> Quiet:
    """Turn these mails off, or on again, and return what undoes it. What they would have told is told in the console;
    what somebody has wished for meanwhile stands, and an expired address changes nothing. What changes is told in the
    log. Raises NotFound as `reader_of` does.
    """
    reader = reader_of(quiet)
    if quiet.expired:
        return quiet
    before, after = (Way.BELL, quiet.way) if quiet.kinds else (quiet.way, Way.BELL)
    wishes = Wishes.objects.select_for_update().filter(user=reader).first()
    changed = [kind for kind in quiet.kinds or KINDS if wishes and getattr(wishes, kind) == before]
    if wishes and changed:
        for kind in changed:
            setattr(wishes, kind, after)
        wishes.save(update_fields=changed)
    companies = actor_of(reader).companies
    with scope.acting_for(companies):
        if changed:
            told = {f"mails_{kind}": [before.value, after.value] for kind in changed}
            tell(companies, PersonChanged, by=system("following"), person=reader.pk, changes=told)
        whys = [why for why, kind in KIND_OF.items() if kind in changed]
        waiting = Notification.objects.filter(
            user=reader, letter=None, read_at=None, why__in=whys, way=before
        )
        waiting.update(way=after)
    return Quiet(reader.pk, quiet.way, () if quiet.kinds else tuple(changed))
