"""Who is connected."""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.people.sight import Sight, sight_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person behind a connection."""

    session: str
    user: int
    sight: Sight


def viewer_of(session: str) -> Viewer | None:
    """The person signed in by this session, with what they may see now; None when nobody is, or no longer."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    return Viewer(session=session, user=user.pk, sight=sight_of(actor_of(user)))
