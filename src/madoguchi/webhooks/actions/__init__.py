"""The verbs of webhooks: the only writers of this package's tables."""

from madoguchi.webhooks.actions.deliver import deliver, forget_old, replay, resume_left_over, tell
from madoguchi.webhooks.actions.endpoints import (
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    rotate_secret,
    switch,
    try_out,
)

__all__ = [
    "add_endpoint",
    "change_endpoint",
    "deliver",
    "forget_old",
    "remove_endpoint",
    "replay",
    "resume_left_over",
    "rotate_secret",
    "switch",
    "tell",
    "try_out",
]
