"""Everything kept of one person, put together in one file: a paper to read, the same for machines, and the files."""

import json
from datetime import timedelta

from django.db import transaction

from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.rights import kept
from madoguchi.rights.actions.asking import begin
from madoguchi.rights.collecting import collected
from madoguchi.rights.events import DisclosureMade
from madoguchi.rights.keeping_back import kept_back
from madoguchi.rights.models import Request
from madoguchi.rights.paper import as_pdf, disclosure
from madoguchi.rights.person import Person

LINK_DAYS = 7
# Collected, laid out, written down.
STEPS = 3


def make_now(request: Request, *, by: Actor) -> None:
    """Put a disclosure together at once, without a job, for who waits for it. Raises as `start_disclosure` does."""
    with scope.acting_for([request.company_id]):
        begin(request, by=by)
    make(request, by=by)


def make(request: Request, *, by: Actor) -> bool:
    """Put a disclosure together and keep it for some days; False where nobody wants it any more.

    It may be killed anywhere and be begun again: what was written without being named goes within the hour.
    """
    company = request.company_id
    with scope.acting_for([company]):
        person = Person(request.customer, kept_back(request.withheld))
        told, enclosed = collected(person, request.withheld)
    _behind(request, 1)
    paper = as_pdf(disclosure(told))
    _behind(request, 2)
    record_of = json.dumps(told, ensure_ascii=False, indent=1).encode()
    papers = [("開示書.pdf", paper), ("disclosure.json", record_of)]
    name, missing = kept.keep(papers, enclosed, company=company)
    path = kept.path_of(name, company=company)
    counts = {label: len(rows) for label, rows in told["records"].items()}
    result = {"rows": counts, "files": len(enclosed) - len(missing), "missing": missing}
    with scope.acting_for([company]):
        made = _name(request, name, kept.digest_of(path), path.stat().st_size, result, by=by)
    if not made:
        kept.throw_away(name, company=company)
    return made


@transaction.atomic
def _name(
    request: Request, name: str, digest: str, size: int, result: dict[str, object], *, by: Actor
) -> bool:
    held = Request.objects.select_for_update(no_key=True).get(pk=request.pk)
    if held.state != Request.State.RUNNING or held.generation != request.generation:
        return False
    before, held.archive = held.archive, name
    held.state, held.digest, held.size, held.result = Request.State.MADE, digest, size, result
    held.done, held.total, held.begun = STEPS, STEPS, 0
    held.expires_at = clock.now() + timedelta(days=LINK_DAYS)
    held.save()
    fact = DisclosureMade(
        company=held.company_id,
        request=held.pk,
        customer=held.customer_id,
        sha256=digest,
        expires=held.expires_at.isoformat(),
    )
    record(fact, by=by)
    transaction.on_commit(lambda: kept.throw_away(before, company=held.company_id))
    return True


def _behind(request: Request, done: int) -> None:
    with scope.acting_for([request.company_id]):
        Request.objects.filter(pk=request.pk).update(done=done, total=STEPS)
