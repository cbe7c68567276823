"""The verbs of a customer's record: the only writers of this package's tables."""

from madoguchi.customers.actions.account import set_account
from madoguchi.customers.actions.belong import belong, belong_to_new, leave, set_sort
from madoguchi.customers.actions.consent import Said, write_consent, write_words
from madoguchi.customers.actions.join import join_customers, part_customers
from madoguchi.customers.actions.memo import memo_stamp, write_memo
from madoguchi.customers.actions.note import MOST_LETTERS, doubts_in_words, end_note, write_note
from madoguchi.customers.actions.place import forget_place, know_place, set_places
from madoguchi.customers.actions.record import (
    EDITABLE,
    MOST_ADDRESSES,
    Known,
    add_customer,
    add_first_address,
    change_customer,
    correct_customer,
    create_unknown,
    find_or_create,
    mark_undeliverable,
    set_addresses,
    take_over_customer,
)
from madoguchi.customers.actions.use import resume_use_of, stop_use_of
from madoguchi.customers.actions.verify import verify_identity

__all__ = [
    "EDITABLE",
    "MOST_ADDRESSES",
    "MOST_LETTERS",
    "Known",
    "Said",
    "add_customer",
    "add_first_address",
    "belong",
    "belong_to_new",
    "change_customer",
    "correct_customer",
    "create_unknown",
    "doubts_in_words",
    "end_note",
    "find_or_create",
    "forget_place",
    "join_customers",
    "know_place",
    "leave",
    "mark_undeliverable",
    "memo_stamp",
    "part_customers",
    "resume_use_of",
    "set_account",
    "set_addresses",
    "set_places",
    "set_sort",
    "stop_use_of",
    "take_over_customer",
    "verify_identity",
    "write_consent",
    "write_memo",
    "write_note",
    "write_words",
]
