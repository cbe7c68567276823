"""The verbs of companies and desks: the only writers of this package's tables."""

from madoguchi.companies.actions.companies import add_company, add_operator, change_company, change_operator
from madoguchi.companies.actions.desks import (
    add_desk,
    change_desk,
    close_desk,
    reopen_desk,
    set_acknowledgements,
    set_approval,
    set_checks,
    set_work,
)
from madoguchi.companies.actions.engagements import (
    change_company_hour,
    change_data_scope,
    change_terms,
    engage,
)
from madoguchi.companies.actions.entry_points import add_entry_point, change_entry_point

__all__ = [
    "add_company",
    "add_desk",
    "add_entry_point",
    "add_operator",
    "change_company",
    "change_company_hour",
    "change_data_scope",
    "change_desk",
    "change_entry_point",
    "change_operator",
    "change_terms",
    "close_desk",
    "engage",
    "reopen_desk",
    "set_acknowledgements",
    "set_approval",
    "set_checks",
    "set_work",
]
