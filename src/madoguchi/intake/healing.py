"""What two processes could not see of one another: an answer, and the mail that it answers, handled in one instant.

Neither transaction sees the other's, so each opens a case of its own. Afterwards both can be seen: the answer awaits
an id under which a message stands in another case. That is looked for every minute and mended; nobody need wait for
anybody while mail comes in.
"""

import structlog

from madoguchi.cases.actions import join
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.actor import system

INTAKE = system("intake")
# What is awaited and has come, but in another case than the one it is awaited in, where one of the two may go on in the
# other: of the newest, by index (so CASE, see `threading`), and not more than a run can do. Where somebody notes,
# writes, merges or splits, both stay (`join`): such pairs stay for ever, and must not take the turns of others. Nor
# must those that stay for a reason not known here: each run begins with others.
# (A subquery with LIMIT is asked for each pair; PostgreSQL would make EXISTS one look through all notes.)
_PARTED = """
    WITH parted AS MATERIALIZED (
        SELECT DISTINCT there.company_id, there.id AS there, here.id AS here,
            here.status = 'new' AND here.assignee_id IS NULL AND here.first_replied_at IS NULL
                AND there.continued_in_id IS NULL AS here_may,
            there.status = 'new' AND there.assignee_id IS NULL AND there.first_replied_at IS NULL
                AND here.continued_in_id IS NULL AS there_may
        FROM (SELECT company_id, value, case_id FROM intake_awaited ORDER BY id DESC LIMIT %(most)s) AS awaited
        CROSS JOIN LATERAL (
            SELECT case_id FROM cases_message
            WHERE company_id = awaited.company_id AND external_id = awaited.value
                AND author = 'customer' AND automatic = '' LIMIT 20
        ) AS come
        JOIN cases_case AS named ON named.id = awaited.case_id
        JOIN cases_case AS here ON here.id = CASE
            WHEN named.continued_in_id IS NULL THEN named.id ELSE named.continued_in_id END
        JOIN cases_case AS there ON there.id = come.case_id
        WHERE there.id <> here.id AND there.company_id = here.company_id AND there.desk_id = here.desk_id
            AND there.customer_id = here.customer_id
            AND (here.status = 'new' AND here.assignee_id IS NULL AND here.first_replied_at IS NULL
                OR there.status = 'new' AND there.assignee_id IS NULL AND there.first_replied_at IS NULL)
    )
    SELECT company_id, there, here FROM parted
    WHERE here_may AND coalesce((SELECT false FROM cases_note WHERE case_id = here LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_draft WHERE case_id = here LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_merge WHERE into_id = here AND undone_at IS NULL LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_split WHERE case_id = here AND undone_at IS NULL LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_split WHERE into_id = here AND undone_at IS NULL LIMIT 1), true)
        OR there_may AND coalesce((SELECT false FROM cases_note WHERE case_id = there LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_draft WHERE case_id = there LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_merge WHERE into_id = there AND undone_at IS NULL LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_split WHERE case_id = there AND undone_at IS NULL LIMIT 1), true)
            AND coalesce((SELECT false FROM cases_split WHERE into_id = there AND undone_at IS NULL LIMIT 1), true)
    ORDER BY random() LIMIT %(pairs)s
"""
# Many times what comes in a minute; who is not mended now is seen again.
_NEWEST = 5_000
_PAIRS = 500
logger = structlog.get_logger()


def join_parted(*, most: int = _NEWEST, pairs: int = _PAIRS) -> int:
    """Let cases go on in one that only two processes at one instant made two; returns how many were joined.

    Only those of one customer. As in `threading`, the younger goes on in the older as long as nobody has worked on it,
    else the other way round; where people work on both, both stay. May run twice at once.
    """
    with scope.everywhere(reason="an answer of any company may have been parted from its case"):
        parted = fetch_all(_PARTED, {"most": most, "pairs": pairs})
    return sum(_join(company, one, other) for company, one, other in parted)


def _join(company: int, one: int, other: int) -> bool:
    older, younger = sorted((one, other))
    try:
        with scope.acting_for([company]):
            return join(younger, into=older, by=INTAKE) or join(older, into=younger, by=INTAKE)
    except Exception:  # whatever it is about these two must not keep the others apart
        logger.exception("parted_not_joined", older=older, younger=younger)
        return False
