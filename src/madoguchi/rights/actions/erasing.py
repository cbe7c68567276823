"""An erasure from its beginning by two people, or by a typed word, to its certificate."""

import hashlib
import json
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.rights import kept
from madoguchi.rights.actions.asking import begin
from madoguchi.rights.collecting import plain
from madoguchi.rights.erasing import Gone, erase, in_the_way, is_named, words_in_the_way
from madoguchi.rights.events import CustomerErased
from madoguchi.rights.models import Request
from madoguchi.rights.registry import HELD
from madoguchi.rights.scheduling import schedule

FORMAT = "madoguchi-erasure-certificate"
# Rows, files, a second look at what came meanwhile, the certificate.
STEPS = 4
State = Request.State


@transaction.atomic
def start_erasure(request: Request, *, typed: str = "", by: Actor) -> None:
    """Have everything of the customer go, by a job. There is no way back.

    Somebody else than who checked the identity begins it; or whoever does types the number of the record. Raises
    NotAllowed, Conflict, and Refused for one person without the number, and while something is under way.
    """
    if request.kind != Request.Kind.ERASURE:
        raise Refused(_("This is not what was demanded."))
    if by.id in (None, request.checked_by_id) and typed.strip() != str(request.customer_id):
        raise Refused(_("Type the number of the record, or let a colleague do it."), field="typed")
    if found := in_the_way(request.customer):
        raise Refused(words_in_the_way(found), field="typed")
    begin(request, State.CHECKED, State.FAILED, by=by)
    schedule(request)


def carry_out(request: Request, *, by: Actor) -> None:
    """Erase the customer of a request that was begun, and write the certificate. It may be killed anywhere and be run
    again: rows go in one transaction together with the list of files that are to go after it.
    """
    for step in (1, 3):
        _let_rows_go(request, step)
        _let_files_go(request)
    _certify(request, by=by)


def _let_rows_go(request: Request, step: int) -> None:
    with scope.acting_for([request.company_id]):
        held = Request.objects.select_for_update(no_key=True).select_related("customer").get(pk=request.pk)
        went = erase(held)
        held.refresh_from_db()
        held.result = _added(held.result, went)
        held.done, held.total = step, STEPS
        held.save(update_fields=["result", "done", "total"])


def _added(result: dict[str, Any], went: Gone) -> dict[str, Any]:
    """What went altogether: a second run finds what came meanwhile, and counts emptied rows no second time."""
    before = result.get("gone", {})
    gone = {label: before.get(label, 0) + went.gone[label] for label in {*before, *went.gone}}
    emptied, stays = result.get("emptied", {}), result.get("kept", {})
    return {
        "gone": {label: n for label, n in sorted(gone.items()) if n},
        "emptied": {k: max(n, emptied.get(k, 0)) for k, n in sorted(went.emptied.items()) if n},
        "kept": {
            label: max(went.kept[label], stays.get(label, 0)) for label in sorted({*stays, *+went.kept})
        },
        "files": result.get("files", 0),
        "files_left": sorted({*result.get("files_left", ()), *went.files}),
        "archives_left": sorted({*result.get("archives_left", ()), *went.archives}),
    }


def _let_files_go(request: Request) -> None:
    """Files of the store that nobody else's row names, and archives that were made of the person."""
    company = request.company_id
    with scope.acting_for([company]):
        result = Request.objects.get(pk=request.pk).result
    gone = 0
    for name in result["files_left"]:
        with scope.acting_for([company]):
            gone += files.drop_unless(partial(is_named, name, company=company), name, company=company)
    for name in result["archives_left"]:
        kept.throw_away(name, company=company)
    result |= {"files": result["files"] + gone, "files_left": [], "archives_left": []}
    with scope.acting_for([company]):
        Request.objects.filter(pk=request.pk).update(result=result)


def _certify(request: Request, *, by: Actor) -> None:
    with scope.acting_for([request.company_id]):
        held = (
            Request.objects.select_for_update(no_key=True, of=["self"])
            .select_related("company", "checked_by")
            .get(pk=request.pk)
        )
        if held.state != State.RUNNING:
            return
        held.ended_at = clock.now()
        held.result = certificate_of(held, by=by)
        held.digest = digest_of(held.result)
        held.state, held.done, held.begun = State.DONE, STEPS, 0
        held.save(update_fields=["ended_at", "result", "digest", "state", "done", "begun"])
        told = {"company": held.company_id, "request": held.pk, "customer": held.customer_id}
        record(CustomerErased(**told, sha256=held.digest), by=by)


def certificate_of(request: Request, *, by: Actor) -> dict[str, Any]:
    """What a certificate says: what went, counted; what stays, by which law; by whom and when. No word of theirs."""
    result = request.result
    return {
        "format": FORMAT,
        "version": 1,
        "company": request.company.name,
        "customer": request.customer_id,
        "request": request.pk,
        "received_at": plain(request.received_at),
        "ended_at": plain(request.ended_at),
        "checked_by": request.checked_by.name if request.checked_by else "",
        "by": by.name,
        "gone": result["gone"],
        "emptied": result["emptied"],
        "kept": [{"table": k, "rows": n, "law": HELD[k].law} for k, n in result["kept"].items()],
        "files": result["files"],
    }


def digest_of(certificate: dict[str, Any]) -> str:
    """The SHA-256 of what a certificate says, as the sealed log has it: of canonical JSON."""
    said = json.dumps(certificate, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
