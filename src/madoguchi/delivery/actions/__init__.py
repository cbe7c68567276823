"""The verbs of delivery."""

from madoguchi.delivery.actions.acknowledge import acknowledge
from madoguchi.delivery.actions.approve import approve, give_back
from madoguchi.delivery.actions.bring_link import bring_link
from madoguchi.delivery.actions.chat import read, taken
from madoguchi.delivery.actions.reply import (
    ANYTHING,
    Reply,
    customer_parties,
    is_laid_out,
    reply,
    signature_of,
    take_back,
    try_again,
)
from madoguchi.delivery.actions.report import take_report
from madoguchi.delivery.actions.schedule import (
    discard,
    hold_answers,
    let_out_due,
    let_out_left_over,
    plan,
    submit,
    withdraw,
)
from madoguchi.delivery.actions.send import resume_left_over, send

__all__ = [
    "ANYTHING",
    "Reply",
    "acknowledge",
    "approve",
    "bring_link",
    "customer_parties",
    "discard",
    "give_back",
    "hold_answers",
    "is_laid_out",
    "let_out_due",
    "let_out_left_over",
    "plan",
    "read",
    "reply",
    "resume_left_over",
    "send",
    "signature_of",
    "submit",
    "take_back",
    "take_report",
    "taken",
    "try_again",
    "withdraw",
]
