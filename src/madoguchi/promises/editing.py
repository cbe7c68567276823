"""Single policies and calendars of a desk added, changed, moved and removed: each time its service levels are written
anew.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.promises.actions import locked_levels, set_levels
from madoguchi.promises.document import Document
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.reading_calendar import ALWAYS_NAMES
from madoguchi.promises.reading_policy import CONDITIONS


@transaction.atomic
def put_text(desk: Desk, *, text: str, version: int, by: Actor) -> ServiceLevels:
    """Write all policies and calendars anew. Raises as `set_levels`, and Refused when somebody else has changed any of
    them since this version.
    """
    levels = locked_levels(desk)
    if not _is_at(levels, version):
        raise Refused(
            _(
                "Somebody else has changed this in the meantime. What you have written stays here: open the text in"
                " another window, and take over there what you need."
            )
        )
    return set_levels(desk, text=text, by=by)


@transaction.atomic
def put_policy(
    desk: Desk, policy: dict[str, Any], *, place: int | None, calendar: Any = None, version: int, by: Actor
) -> ServiceLevels:
    """Write a policy at a place (1 is the first), or after all others (None). `calendar` is one that is new, by the
    name that the policy gives it, with a number where another has that name.

    `place` is that of `version`: what else was changed since then stays. Raises NotFound for a place that there is not,
    as `set_levels`, and Refused when somebody else has changed this policy since.
    """
    found, document = _kept(desk)
    if place is not None and found and found.version != version:
        place = _where_now(found, document, place, version)
    put(document, policy, place=place, calendar=calendar)
    return set_levels(desk, text=document.text(), by=by)


def put(document: Document, policy: dict[str, Any], *, place: int | None, calendar: Any = None) -> None:
    """The same in a document alone. Raises NotFound."""
    if calendar is not None:
        policy = policy | {"calendar": document.named(calendar, wanted=policy["calendar"])}
    if place is None:
        document.policies.insert(_place_for(policy, document), policy)
    else:
        document.policies[_index(document, place)] = policy


@transaction.atomic
def move_policy(desk: Desk, place: int, *, up: bool, version: int, by: Actor) -> None:
    """Ask a policy before, or after, its neighbour; the first and the last stay where they are. Raises as
    `put_policy`.
    """
    document = _document(desk, version)
    here = _index(document, place)
    there = here + (-1 if up else 1)
    if 0 <= there < len(document.policies):
        both = document.policies
        both[here], both[there] = both[there], both[here]
        set_levels(desk, text=document.text(), by=by)


@transaction.atomic
def remove_policy(desk: Desk, place: int, *, version: int, by: Actor) -> None:
    """Leave a policy out; it stands in the version before, which may be had back. Raises as `put_policy`, and Refused
    for the only one.
    """
    document = _document(desk, version)
    here = _index(document, place)
    if len(document.policies) == 1:
        raise Refused(_("The only policy cannot be removed. Take the times out of use instead."))
    del document.policies[here]
    set_levels(desk, text=document.text(), by=by)


@transaction.atomic
def restore_policy(desk: Desk, place: int, *, version: int, by: Actor) -> None:
    """Put back the policy that stood at this place of a version, before the one that it stood before; what else was
    changed since stays. One that still stands there is left alone. Raises NotFound for a place that there was not, and
    as `set_levels`.
    """
    found, document = _kept(desk)
    then = Document.read(text_at(found, version))
    here = _index(then, place)
    policy = then.policies[here]
    if policy in document.policies:
        return
    calendar = policy.get("calendar", "")
    if calendar in then.calendars:
        document.calendars.setdefault(calendar, then.calendars[calendar])
    behind = (one for one in then.policies[here + 1 :] if one in document.policies)
    first = next(behind, None)
    document.policies.insert(here if first is None else document.policies.index(first), policy)
    set_levels(desk, text=document.text(), by=by)


@transaction.atomic
def put_calendar(
    desk: Desk, calendar: Any, *, name: str, before: str, version: int, by: Actor
) -> ServiceLevels:
    """Write a calendar under a name, in place of the one that was called `before` (a new one: empty); policies that
    count by it go on with it. Raises as `move_policy`, NotFound for a calendar that there is not, and Refused for a
    name that another has.
    """
    document = _document(desk, version)
    if before and before not in document.calendars:
        raise NotFound(before)
    if name != before and (name in document.calendars or name.casefold() in ALWAYS_NAMES):
        raise Refused(_("Another calendar has this name."), field="name")
    renamed = {name if one == before else one: found for one, found in document.calendars.items()}
    document.calendars = renamed | {name: calendar}
    for policy in document.policies:
        if before and policy.get("calendar") == before:
            policy["calendar"] = name
    return set_levels(desk, text=document.text(), by=by)


def text_at(levels: ServiceLevels | None, version: int) -> str:
    """The text that a desk kept as this version; as it is now, where there is no such version."""
    if levels is None or levels.version == version:
        return levels.text if levels else ""
    then = levels.versions.filter(number=version).first()
    return then.text if then else levels.text


def _kept(desk: Desk) -> tuple[ServiceLevels | None, Document]:
    found = locked_levels(desk)
    return found, Document.read(found.text if found else "")


def _document(desk: Desk, version: int) -> Document:
    found, document = _kept(desk)
    if not _is_at(found, version):
        raise Refused(
            _("Somebody else has changed this in the meantime. See how it stands now, and do it again.")
        )
    return document


def _is_at(levels: ServiceLevels | None, version: int) -> bool:
    return (levels.version if levels else 0) == version


def _where_now(levels: ServiceLevels, document: Document, place: int, version: int) -> int:
    then = Document.read(text_at(levels, version))
    policy = then.policies[_index(then, place)]
    if policy not in document.policies:
        raise Refused(
            _(
                "Somebody else has changed or removed this policy in the meantime. What you have written stays here:"
                " open the policy in another window, and take over what you need."
            )
        )
    return document.policies.index(policy) + 1


def _place_for(policy: Mapping[str, Any], document: Document) -> int:
    """Behind all others but those at the end that fit every case: below them it would never be asked."""
    place = len(document.policies)
    while not _fits_every_case(policy) and place and _fits_every_case(document.policies[place - 1]):
        place -= 1
    return place


def _fits_every_case(policy: Mapping[str, Any]) -> bool:
    return not any(policy.get(name) for name in CONDITIONS)


def _index(document: Document, place: int) -> int:
    if not 1 <= place <= len(document.policies):
        raise NotFound(place)
    return place - 1
