"""What is still asked of others before a case is laid to rest."""

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.escalations.queries import questions_open_in


def left_to_answer(case: Case) -> str:
    """What keeps a case from being solved, in words: questions that nobody has answered or withdrawn. One query."""
    left = questions_open_in(case)
    if not left:
        return ""
    names = "、".join(str(one) for one in left)
    return _("Somebody is still asked in this case: %(questions)s. Wait for the answer, or withdraw it.") % {
        "questions": names
    }
