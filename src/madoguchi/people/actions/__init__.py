"""The verbs of staff: the only writers of this package's tables."""

from madoguchi.people.actions.account import (
    deactivate,
    issue_password_link,
    reactivate,
    reset_second_step,
    set_password,
)
from madoguchi.people.actions.people import (
    add_person,
    appoint_administrator,
    change_person,
    dismiss_administrator,
)
from madoguchi.people.actions.places import give_place, set_seats, take_place

__all__ = [
    "add_person",
    "appoint_administrator",
    "change_person",
    "deactivate",
    "dismiss_administrator",
    "give_place",
    "issue_password_link",
    "reactivate",
    "reset_second_step",
    "set_password",
    "set_seats",
    "take_place",
]
