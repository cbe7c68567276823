"""The evidence of a mark in one file: what was said, files and recordings, what happened, each with its hash.

manifest.json   each part's name, size and SHA-256; which files are gone; what of the customer the contract masks and
                hides from who fetched it, in messages and in events; what stands there as it came; the files that
                were left out as nobody can mask what stands in them
messages.json · events.json · mark.json · files/… · recordings/…
"""

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.customers.queries import show, with_contacts_shown
from madoguchi.infra import files
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import is_among_colleagues
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.blotting import Blotter
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.shield import policies
from madoguchi.shield.events import EvidenceFetched
from madoguchi.shield.models import Mark
from madoguchi.shield.queries import home_of, of_case
from madoguchi.voice.models import Recording

FORMAT, VERSION = "madoguchi-evidence", 1
MOST_BYTES = 500 << 20
_AT_ONCE, _IN_MEMORY = 1 << 20, 8 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes in the file store that belong to the evidence."""

    name: str
    sha256: str
    size: int


def fetch_evidence(one: Mark, *, by: Actor) -> IO[bytes]:
    """The evidence as a ZIP to be read from its beginning; that it was fetched is an event.

    Raises NotAllowed for who does not lead the desk, and Refused where it would be larger than 500 MB.
    """
    case = home_of(one.case)
    if not policies.may_lead(by, case):
        raise NotAllowed(Permission.CASE_APPROVE)
    said = list(Message.objects.filter(of_case(case)).order_by("at", "id"))
    stored = [*_files(said), *_recordings(case, said, by)]
    seen = by.data_scope(company=case.company_id)
    left_out = stored if seen.masked | seen.hidden else []
    kept = [] if left_out else stored
    if sum(part.size for part in kept) > MOST_BYTES:
        raise Refused(_("The files of this case are larger than 500 MB together. Fetch them one by one."))
    bundle: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  whoever fetches it closes it
    about = {"masked": sorted(seen.masked), "hidden": sorted(seen.hidden), **_not_masked(left_out, seen)}
    manifest = _write(
        bundle,
        _papers(one, case, said, seen, blotter_of(case, actor=by)),
        kept,
        company=case.company_id,
        about=about,
    )
    with transaction.atomic():
        fact = EvidenceFetched(
            **case.where, mark=one.pk, count=len(manifest["parts"]), sha256=_digest(_json(manifest))
        )
        record(fact, by=by)
    bundle.seek(0)
    return bundle


def _write(
    bundle: IO[bytes], papers: dict[str, bytes], stored: list[Stored], *, company: int, about: dict[str, Any]
) -> dict[str, Any]:
    parts, missing = [], []
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in papers.items():
            archive.writestr(name, content)
            parts.append({"name": name, "size": len(content), "sha256": _digest(content)})
        for part in stored:
            try:
                with files.opened(part.sha256, company=company) as source:
                    digest = _copied(source, archive, part.name)
            except FileNotFoundError:
                missing.append(part.name)
                continue
            parts.append({"name": part.name, "size": part.size, "sha256": digest})
        made_at = clock.now().astimezone(clock.TOKYO).isoformat(timespec="seconds")
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": made_at,
            "parts": parts,
            "missing": missing,
            **about,
        }
        archive.writestr("manifest.json", _json(manifest))
    return manifest


def _not_masked(left_out: list[Stored], seen: DataScope) -> dict[str, Any]:
    """What a contract's masking does not reach, for whoever hands the evidence on; what would show all is not there,
    by name neither.
    """
    withheld = [
        {"name": one.name.partition("-")[0].removesuffix(".wav"), "size": one.size, "sha256": one.sha256}
        for one in left_out
    ]
    words = _("Names and postal addresses that stand in the text of a message or an event")
    why = _(
        "Files and recordings cannot be masked, so they do not leave in one bundle."
        " Who may open the case opens them one by one, and that is kept."
    )
    return {
        "not_masked": [words] if seen.masked | seen.hidden else [],
        "left_out": withheld,
        "left_out_because": why if withheld else "",
    }


def _copied(source: BinaryIO, archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as into:
        while piece := source.read(_AT_ONCE):
            digest.update(piece)
            into.write(piece)
    return digest.hexdigest()


def _papers(one: Mark, case: Case, said: list[Message], seen: DataScope, blot: Blotter) -> dict[str, bytes]:
    """What is written down anew: what was said, what happened at the case, and the mark."""
    events = Event.objects.filter(case_id=case.pk).order_by("pk")
    happened = [_event(event, seen, blot) for event in events.iterator()]
    told = {name: blot(getattr(one, name)) for name in ("sort", "state", "words", "reason")}
    times = {name: _moment(getattr(one, name)) for name in ("marked_at", "decided_at", "warned_at")}
    number = case.spoken_number(case.company.prefix)
    return {
        "messages.json": _json([_message(message, seen, blot) for message in said]),
        "events.json": _json([event for event in happened if not is_among_colleagues(event["kind"])]),
        "mark.json": _json(
            {"case": number, "contact": one.contact_id, **told, **times, **_of_mark(one, blot)}
        ),
    }


def _of_mark(one: Mark, blot: Blotter) -> dict[str, Any]:
    """What the police were told, and what the customer objected to, with our answer."""
    police = [
        {
            "way": told.way,
            "told_at": _moment(told.told_at),
            **{name: blot(getattr(told, name)) for name in ("place", "officer", "number", "words")},
        }
        for told in one.police_reports.order_by("pk")
    ]
    appeals = [
        {
            "came_at": _moment(made.came_at),
            **{name: blot(getattr(made, name)) for name in ("words", "state", "answer")},
        }
        for made in one.appeals.order_by("pk")
    ]
    return {"police": police, "appeals": appeals}


def _files(said: list[Message]) -> list[Stored]:
    rows = Attachment.objects.filter(message__in=[one.pk for one in said]).order_by("pk")
    return [
        Stored(f"files/{one.pk}-{one.filename.replace('/', '_')}", one.sha256, one.size)
        for one in rows
        if one.may_be_opened
    ]


def _recordings(case: Case, said: list[Message], by: Actor) -> list[Stored]:
    """Recordings of the case's calls, for whoever may have originals."""
    if not by.may(Permission.ORIGINALS, company=case.company_id, desk=case.desk_id):
        return []
    rows = Recording.objects.filter(call__message_id__in=[one.pk for one in said]).order_by("pk")
    return [Stored(f"recordings/{one.pk}.wav", one.sha256, one.size) for one in rows]


def _message(one: Message, seen: DataScope, blot: Blotter) -> dict[str, Any]:
    names = ("author", "channel", "sender_name", "sender_address", "subject", "text", "automatic")
    said = {n: getattr(one, n) for n in names}
    said |= {n: blot(with_contacts_shown(said[n], seen)) for n in ("subject", "text")}
    if one.author == Message.Author.CUSTOMER:
        said["sender_name"] = show(one.sender_name, "name", seen)
        address = "phone" if one.channel == Channel.PHONE else "email"
        said["sender_address"] = show(one.sender_address, address, seen)
    return {"id": one.pk, "contact": one.contact_id, "at": _moment(one.at), **said}


def _event(one: Event, seen: DataScope, blot: Blotter) -> dict[str, Any]:
    who = {"kind": one.actor_kind, "name": one.actor_name}
    data = _addresses_shown(one.data, seen, blot)
    return {"id": one.pk, "kind": one.kind, "at": _moment(one.at), "by": who, "data": data}


def _addresses_shown(value: Any, seen: DataScope, blot: Blotter) -> Any:
    """What an event tells, with addresses and phone numbers as the contract shows them, however deep they lie."""
    if isinstance(value, str):
        return blot(with_contacts_shown(value, seen))
    if isinstance(value, dict):
        return {name: _addresses_shown(each, seen, blot) for name, each in value.items()}
    return [_addresses_shown(each, seen, blot) for each in value] if isinstance(value, list) else value


def _moment(at: Any) -> str | None:
    return at.astimezone(clock.TOKYO).isoformat(timespec="seconds") if at else None


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
