"""Sessions as Django keeps them, and the person of one, asked for by statements that are planned once.

Every page begins with these two questions.
"""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

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


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """The only one of the settings' AUTHENTICATION_BACKENDS."""

    def get_user(self, user_id: int) -> User | None:
        person = _PERSON.first({"id": user_id})
        return person if person and self.user_can_authenticate(person) else None
