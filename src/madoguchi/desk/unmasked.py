"""What fields of customers are called where one is asked for."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def names_of_fields(fields: Iterable[str]) -> list[tuple[str, str]]:
    """Fields with their names."""
    names = {
        "name": _("Name"),
        "kana": _("Reading"),
        "email": _("Mail"),
        "phone": _("Phone"),
        "member": _("Member number"),
        "address": _("Address"),
        "memo": _("Memo"),
    }
    return [(field, names[field]) for field in names if field in set(fields)]
