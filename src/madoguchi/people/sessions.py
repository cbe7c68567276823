"""Sessions as Django keeps them, and the person of one, asked for by statements that are planned once.

Every page begins with these two questions.
"""

import hashlib

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from madoguchi.infra.event_log import CHANNEL
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.people.models import User

_SESSION = PreparedQuery(lambda: Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now")))
_PERSON = PreparedQuery(lambda: User.objects.filter(id=Slot("id")))


class SessionStore(db.SessionStore):
    """The settings' SESSION_ENGINE."""

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.first({"key": self.session_key, "now": timezone.now()})
        if found is None:
            self._session_key = None
        return found

    def delete(self, session_key: str | None = None) -> None:
        """End it, and tell every process that holds a connection open for it, once this is committed."""
        ended = session_key or self.session_key
        super().delete(session_key)
        if ended:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, digest_of(ended)])


def digest_of(session: str) -> str:
    """A session's name where others may hear it; nobody gets in with it."""
    return hashlib.sha256(session.encode()).hexdigest()


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """The only one of the settings' AUTHENTICATION_BACKENDS."""

    def get_user(self, user_id: int) -> User | None:
        person = _PERSON.first({"id": user_id})
        return person if person and self.user_can_authenticate(person) else None
