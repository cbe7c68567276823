"""What the queue did with a case, in the words of its conversation."""

from collections.abc import Mapping

from django.utils.translation import gettext as _


def by_the_queue(after: int | None, people: Mapping[int, str]) -> str:
    """It gave the case to somebody, or took it back from who went away before they began."""
    if after is None:
        return _("The case went back into the queue")
    return _("The queue gave the case to %(person)s") % {"person": people.get(after, _("somebody"))}
