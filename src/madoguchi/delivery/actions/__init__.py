"""The verbs of delivery."""

from madoguchi.delivery.actions.acknowledge import acknowledge
from madoguchi.delivery.actions.reply import (
    ANYTHING,
    Reply,
    customer_parties,
    is_laid_out,
    reply,
    take_back,
    try_again,
)
from madoguchi.delivery.actions.report import take_report
from madoguchi.delivery.actions.send import resume_left_over, send

__all__ = [
    "ANYTHING",
    "Reply",
    "acknowledge",
    "customer_parties",
    "is_laid_out",
    "reply",
    "resume_left_over",
    "send",
    "take_back",
    "take_report",
    "try_again",
]
