"""What came from elsewhere becomes cases and customers: once, with its own dates, and nobody is told."""

from madoguchi.imports.actions.noting import digests_of, note_run
from madoguchi.imports.actions.taking import take
from madoguchi.imports.actions.target import IMPORT, Target, keep_others_out, let_others_in, target_of

__all__ = [
    "IMPORT",
    "Target",
    "digests_of",
    "keep_others_out",
    "let_others_in",
    "note_run",
    "take",
    "target_of",
]
