"""The one door: everything that arrives is stored as it came, then handled once.

Storing and handling are two transactions, so that what is wrong with a message can never lose it. Many arrivals may
be handled in one transaction, each in a savepoint of its own.
"""

from madoguchi.intake.actions.emptying import empty, lighten
from madoguchi.intake.actions.handling import handle, handle_many
from madoguchi.intake.actions.left_over import handle_left_over
from madoguchi.intake.actions.past import take_past
from madoguchi.intake.actions.reviewing import retry, sender_of, take_in
from madoguchi.intake.actions.settling import INTAKE
from madoguchi.intake.actions.storing import receive

__all__ = [
    "INTAKE",
    "empty",
    "handle",
    "handle_left_over",
    "handle_many",
    "lighten",
    "receive",
    "retry",
    "sender_of",
    "take_in",
    "take_past",
]
