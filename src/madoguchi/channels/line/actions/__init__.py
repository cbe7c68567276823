"""What is done with a LINE account: setting it up, taking in what LINE hands in, and working it up."""

from madoguchi.channels.line.actions.setting import count_quotas, remove_account, set_account, try_account
from madoguchi.channels.line.actions.taking import take_in
from madoguchi.channels.line.actions.working import forget_old, resume_left_over, work_up

__all__ = [
    "count_quotas",
    "forget_old",
    "remove_account",
    "resume_left_over",
    "set_account",
    "take_in",
    "try_account",
    "work_up",
]
