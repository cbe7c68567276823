"""What is still asked of others before a case is laid to rest."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.escalations.queries import questions_open_among


def left_to_answer(cases: Sequence[Case]) -> dict[int, str]:
    """What keeps cases from being solved, in words, by the case: questions that nobody has answered or withdrawn. One
    query.
    """
    found = questions_open_among([case.pk for case in cases])
    words = _("Somebody is still asked in this case: %(questions)s. Wait for the answer, or withdraw it.")
    return {pk: words % {"questions": "、".join(str(one) for one in left)} for pk, left in found.items()}
