"""Writing rules, and applying them to cases."""

from madoguchi.rules.actions.applying import apply_due, apply_events
from madoguchi.rules.actions.forgetting import forget_runs
from madoguchi.rules.actions.promised import do_promised
from madoguchi.rules.actions.writing import (
    add_rule,
    change_rule,
    delete_rule,
    move_rule,
    pause_rule,
    restore_rule,
    restore_version,
    start_rule,
)

__all__ = [
    "add_rule",
    "apply_due",
    "apply_events",
    "change_rule",
    "delete_rule",
    "do_promised",
    "forget_runs",
    "move_rule",
    "pause_rule",
    "restore_rule",
    "restore_version",
    "start_rule",
]
