"""The verbs of knowledge: writing reply templates and articles."""

from madoguchi.knowledge.actions.articles import (
    LONGEST,
    Said,
    Settings,
    Term,
    add_article,
    approve_version,
    arrange_article,
    ask_for_approval,
    restrict_article,
    retire_article,
    return_version,
    revive_article,
    say_wrong,
    set_policy,
    set_term,
    take_version_back,
    version_again,
    write_article,
)
from madoguchi.knowledge.actions.files import add_file, forget_unsaved
from madoguchi.knowledge.actions.reading import mark_read
from madoguchi.knowledge.actions.templates import add_template, change_template, restore_version
from madoguchi.knowledge.actions.translating import (
    follow_original,
    link_translation,
    translate_article,
    unlink_translation,
)

__all__ = [
    "LONGEST",
    "Said",
    "Settings",
    "Term",
    "add_article",
    "add_file",
    "add_template",
    "approve_version",
    "arrange_article",
    "ask_for_approval",
    "change_template",
    "follow_original",
    "forget_unsaved",
    "link_translation",
    "mark_read",
    "restore_version",
    "restrict_article",
    "retire_article",
    "return_version",
    "revive_article",
    "say_wrong",
    "set_policy",
    "set_term",
    "take_version_back",
    "translate_article",
    "unlink_translation",
    "version_again",
    "write_article",
]
