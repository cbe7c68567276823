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
from madoguchi.people.actions.tokens import make_token, note_use, revoke_token

__all__ = [
    "add_person",
    "appoint_administrator",
    "change_person",
    "deactivate",
    "dismiss_administrator",
    "give_place",
    "issue_password_link",
    "make_token",
    "note_use",
    "reactivate",
    "reset_second_step",
    "revoke_token",
    "set_password",
    "set_seats",
    "take_place",
]
