"""People at work, made for tests."""

from madoguchi.kernel import clock
from madoguchi.people.models import OperatorMember, User
from madoguchi.routing.models import Skill, State, Worker


def at_work(*people: User, state: State = State.AVAILABLE, languages: tuple[str, ...] = ()) -> None:
    """These people are here (or what is said), and were heard of just now."""
    now = clock.now()
    for person in people:
        values = {"state": state, "since": now, "seen_at": now, "languages": list(languages)}
        Worker.objects.update_or_create(user=person, defaults=values)


def knows(person: User, name: str, level: int = 1) -> Skill:
    """Somebody knows something, at their first employer."""
    member = OperatorMember.objects.filter(user=person).earliest("pk")
    return Skill.objects.create(member=member, name=name, level=level)
