"""Drafts: what is being typed, kept on the server as it is typed; the answer to a case is one, shared by the desk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions.together import claim_reply, tell_lookers
from madoguchi.cases.models import Case, Draft, DraftFile
from madoguchi.cases.queries import Together, together
from madoguchi.infra import files
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.sign_off import bare_words
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_FILES = 20
# Who looks on sees an answer grow, but no more often than this.
_SECONDS_BETWEEN_NEWS = 5


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    to: str
    cc: str
    bcc: str


@dataclass(frozen=True, slots=True)
class Thrown:
    """What was thrown away, so that `bring_back` has it again: files as (name, type, digest)."""

    kind: str
    words: dict[str, str]
    files: list[tuple[str, str, str]]


@transaction.atomic
def save_draft(
    case: Case,
    *,
    kind: str,
    text: str,
    to: str = "",
    cc: str = "",
    bcc: str = "",
    by: Actor,
) -> Draft | None:
    """Keep what is typed so far: one note a person, one answer a case (`reply`), which the desk shares, and what is
    `kept` for somebody apart from it.

    Nobody's words are lost: what is typed while somebody else holds the answer is kept for who typed it, and so is what
    stood in the answer when another hand goes on. None where nothing had to be kept: one that was emptied is gone.
    Raises NotAllowed.
    """
    case = _where_it_goes_on(case)
    _require(by, case, kind)
    words = _words(text, to, cc, bcc)
    if kind == "note":
        return _unless_emptied(_rewrite(_locked_note(case, by), words))
    if kind == "kept":
        return _apart(case, words, by)
    at = together(case.pk)
    if _is_anothers(at, by):
        return _beside(case, words, by)
    draft = _unless_emptied(_write_on(case, words, at, by))
    if draft is None:
        _tell(case, at, by)
    return draft


@transaction.atomic
def save_typed(
    case: Case, *, kind: str, words: Mapping[str, str], seen: int | None, by: Actor
) -> Draft | None:
    """Keep what a page sent while it was typed, as `save_draft` does. None also where the answer that says all of it
    has left, or was put aside to leave later, since the page saw the case (`seen`, its version): it was overtaken on
    the way. Raises NotAllowed.
    """
    case = _where_it_goes_on(case)
    _require(by, case, kind)
    if kind == "reply" and seen is not None and _has_left(case, words["text"], seen, by):
        return None
    return save_draft(case, kind=kind, by=by, **words)


@transaction.atomic
def bring_back(case: Case, *, kind: str, words: Mapping[str, str], files: Iterable[File], by: Actor) -> None:
    """Write words and files anew that had been thrown away, or taken back from sending: in their place, or beside what
    has been written there since, which stays.

    Raises NotAllowed, or Refused beyond 20 files.
    """
    case, beside = _where_it_goes_on(case), list(files)
    _require(by, case, kind)
    draft = _brought_back(case, kind, _words(**words), by, alone=not beside)
    if draft is not None:
        for file in beside:
            _put_beside(draft, file)


@transaction.atomic
def discard_draft(case: Case, *, kind: str, by: Actor) -> Thrown | None:
    """Throw away the actor's own note, or the desk's answer, and say what that was; None when there is none.

    A colleague's words are taken out of the answer and kept for them. Raises NotAllowed, and Conflict while somebody
    else writes it.
    """
    _require(by, case, kind)
    draft = _locked_answer(case) if kind != "note" else _own_note(case, by)
    if draft is None:
        return None
    thrown = _thrown(draft)
    if kind == "note":
        draft.delete()
        return thrown
    at = _require_free(case, by)
    _clear(draft, own=draft.user_id == by.id)
    _tell(case, at, by)
    return thrown


@transaction.atomic
def settle_drafts(case: Case, *, said: str, by: Actor) -> None:
    """An answer has been given: its draft is gone. Words of others that are not in it are kept for them, and what had
    been kept for anybody and has now been said is no longer kept.
    """
    draft = _locked_answer(case)
    if draft is not None:
        _clear(draft, own=draft.user_id == by.id or _is_said(draft.text, said))
    kept = Draft.objects.filter(case=case, kind="kept", files=None)
    Draft.objects.filter(pk__in=[one.pk for one in kept if _is_said(one.text, said)]).delete()


@transaction.atomic
def drop_said(case: Case, *, text: str, by: Actor) -> None:
    """These words wait elsewhere for the actor: where they stand in the composer or are kept, alone, they go."""
    own = Draft.objects.filter(case=_where_it_goes_on(case), user_id=by.id, kind__in=("reply", "kept"))
    own.filter(text=text, files=None).delete()


@transaction.atomic
def take_up_kept(case: Case, draft: int, *, by: Actor) -> None:
    """Make what was kept for the actor the answer being written; what stood there is kept for who wrote it.

    Raises NotAllowed, NotFound, or Conflict while somebody else writes.
    """
    case = _where_it_goes_on(case)
    _require(by, case, "reply")
    found = _own_kept(case, draft, by)
    claim_reply(case, by=by)
    before = _locked_answer(case)
    if before is not None:
        _clear(before, own=False, spare=found)
    found.kind, found.saved_at = "reply", clock.now()
    found.save(update_fields=["kind", "saved_at"])
    tell_lookers(case)


@transaction.atomic
def drop_kept(case: Case, draft: int, *, by: Actor) -> Thrown:
    """Throw away what was kept for the actor, and say what that was. Raises NotFound."""
    kept = _own_kept(case, draft, by)
    thrown = _thrown(kept)
    kept.delete()
    return thrown


@transaction.atomic
def add_draft_file(case: Case, file: File, *, by: Actor) -> DraftFile:
    """Put a file beside the answer. Raises NotAllowed, Refused beyond 20 files, or Conflict while somebody else
    writes.
    """
    case = _where_it_goes_on(case)
    _require(by, case, "reply")
    at = _require_free(case, by)
    draft = _hand_to(_answer(case, by)[0], by)
    kept = _put_beside(draft, file)
    _touch(draft)
    _tell(case, at, by)
    return kept


@transaction.atomic
def drop_draft_file(case: Case, file: int, *, by: Actor) -> None:
    """Take a file away from the answer. Raises NotFound, or Conflict while somebody else writes."""
    case = _where_it_goes_on(case)
    draft = _locked_answer(case)
    if draft is None or not policies.may_reply(by, case) or not draft.files.filter(pk=file).exists():
        raise NotFound(file)
    at = _require_free(case, by)
    _hand_to(draft, by)
    draft.files.filter(pk=file).delete()
    _touch(draft)
    _tell(case, at, by)


def _require(by: Actor, case: Case, kind: str) -> None:
    allowed = policies.may_note(by, case) if kind == "note" else policies.may_reply(by, case)
    if not allowed:
        raise NotAllowed(Permission.CASE_REPLY)


def _where_it_goes_on(case: Case) -> Case:
    """The case, or the one in which it goes on since it was read; it goes on in no other until this is through.

    Only one is held in the end: two are ever locked in one order.
    """
    pk = case.pk
    while True:
        with transaction.atomic():
            found = Case.objects.select_for_update(no_key=True).get(pk=pk)
            if found.continued_in_id is None or case.continued_in_id:
                return found
            transaction.set_rollback(True)
        pk = found.continued_in_id


def _words(text: str, to: str = "", cc: str = "", bcc: str = "") -> _Words:
    return _Words(blot_card_numbers(clean(text)), one_line(to), one_line(cc), one_line(bcc))


def _thrown(draft: Draft) -> Thrown:
    words = {"text": draft.text, "to": draft.to, "cc": draft.cc, "bcc": draft.bcc}
    files = draft.files.order_by("id").values_list("filename", "content_type", "sha256")
    return Thrown(draft.kind, words, list(files))


def _brought_back(case: Case, kind: str, words: _Words, by: Actor, *, alone: bool) -> Draft | None:
    if kind == "note":
        note = _locked_note(case, by)
        return _rewrite(note, _Words(_with(note.text, words.text), words.to, words.cc, words.bcc))
    if kind == "kept":
        return _apart(case, words, by)
    at, draft = together(case.pk), _locked_answer(case)
    if not _is_anothers(at, by) and _is_free(draft, words, by):
        return _write_on(case, words, at, by)
    said = draft is not None and alone and _is_in(words.text, draft.text)
    return None if said else _apart(case, words, by)


def _is_free(draft: Draft | None, words: _Words, by: Actor) -> bool:
    """Whether nothing stands in the answer that these words would take the place of."""
    if draft is None:
        return True
    if draft.user_id == by.id:
        return _is_in(draft.text, words.text)
    return not draft.text.strip() and not draft.files.exists()


def _with(now: str, back: str) -> str:
    """What is written now with what comes back, once each."""
    if _is_in(now, back):
        return back
    return now if _is_in(back, now) else f"{now.rstrip()}\n\n{back}"


def _is_anothers(at: Together, by: Actor) -> bool:
    return at.writer is not None and at.writer.id != by.id


def _require_free(case: Case, by: Actor) -> Together:
    at = together(case.pk)
    if at.writer is not None and _is_anothers(at, by):
        raise Conflict(_("%(name)s is writing an answer to this case.") % {"name": at.writer.name})
    return at


def _locked_note(case: Case, by: Actor) -> Draft:
    mine = {"company_id": case.company_id, "case": case, "user_id": by.id, "kind": "note"}
    return Draft.objects.select_for_update().get_or_create(**mine, defaults={"saved_at": clock.now()})[0]


def _own_note(case: Case, by: Actor) -> Draft | None:
    return Draft.objects.select_for_update().filter(case=case, user_id=by.id, kind="note").first()


def _answer(case: Case, by: Actor) -> tuple[Draft, bool]:
    """The answer being written, and whether it has just been begun."""
    begun = {"user_id": by.id, "saved_at": clock.now()}
    the_desks = {"company_id": case.company_id, "case": case, "kind": "reply"}
    return Draft.objects.select_for_update().get_or_create(**the_desks, defaults=begun)


def _locked_answer(case: Case) -> Draft | None:
    return Draft.objects.select_for_update().filter(case=case, kind="reply").first()


def _own_kept(case: Case, draft: int, by: Actor) -> Draft:
    own = Draft.objects.select_for_update().filter(case=case, kind="kept", user_id=by.id)
    found = own.filter(pk=draft).first()
    if found is None:
        raise NotFound(draft)
    return found


def _write_on(case: Case, words: _Words, at: Together, by: Actor) -> Draft:
    draft, begun = _answer(case, by)
    before, whose = draft.saved_at, draft.user_id
    if _Words(draft.text, draft.to, draft.cc, draft.bcc) != words:
        _hand_to(draft, by)
        _rewrite(draft, words)
    seldom = int(before.timestamp()) // _SECONDS_BETWEEN_NEWS == _now() // _SECONDS_BETWEEN_NEWS
    if begun or at.writer is None or whose != by.id or not seldom:
        _tell(case, at, by)
    return draft


def _beside(case: Case, words: _Words, by: Actor) -> Draft | None:
    """Somebody else holds the answer: what was typed nevertheless, unless it is what stands there."""
    shared = Draft.objects.filter(case=case, kind="reply").first()
    if not words.text.strip() or (shared is not None and _is_in(words.text, shared.text)):
        return None
    return _apart(case, words, by)


def _has_left(case: Case, text: str, seen: int, by: Actor) -> bool:
    if case.version <= seen or not text.strip():
        return False
    typed = blot_card_numbers(clean(text))
    answers = case.messages.filter(author="staff", automatic="", unsent_at=None).order_by("-at", "-id")
    sent, own = answers.first(), answers.filter(user_id=by.id or 0).first()
    aside = case.pending_answers.filter(user_id=by.id or 0).order_by("-id").first()
    given = [one.typed for one in (sent, own) if one is not None] + ([aside.text] if aside else [])
    return any(_is_said(typed, last) for last in given)


def _apart(case: Case, words: _Words, by: Actor) -> Draft:
    return _keep(Draft(company_id=case.company_id, case=case, user_id=by.id or 0, **_values(words)))


def _hand_to(draft: Draft, by: Actor) -> Draft:
    """Another hand goes on with the answer: as it was, it is kept for who wrote it so far."""
    if draft.user_id != by.id:
        if draft.text.strip() or draft.files.exists():
            beside = list(draft.files.order_by("pk"))
            kept = Draft(company_id=draft.company_id, case_id=draft.case_id, user_id=draft.user_id)
            kept.text, kept.to, kept.cc, kept.bcc = draft.text, draft.to, draft.cc, draft.bcc
            _copy(beside, to=_keep(kept, at=draft.saved_at))
        draft.user_id = by.id or 0
        draft.save(update_fields=["user"])
    return draft


def _clear(draft: Draft, *, own: bool, spare: Draft | None = None) -> None:
    if own or not (draft.text.strip() or draft.files.exists()):
        draft.delete()
    else:
        _keep(draft, at=draft.saved_at, spare=spare)


def _keep(draft: Draft, *, at: datetime | None = None, spare: Draft | None = None) -> Draft:
    """Keep a draft for its writer, in place of what was kept before and is all in it. One is to `spare`."""
    earlier = Draft.objects.filter(case_id=draft.case_id, user_id=draft.user_id, kind="kept", files=None)
    said = [one.pk for one in earlier if one != spare and _is_in(one.text, draft.text)]
    Draft.objects.filter(pk__in=said).delete()
    draft.kind, draft.saved_at = "kept", at or clock.now()
    draft.save()
    return draft


def _copy(beside: Iterable[DraftFile], *, to: Draft) -> None:
    for file in beside:
        file.pk, file.draft, file._state.adding = None, to, True
        file.save()


def _rewrite(draft: Draft, words: _Words) -> Draft:
    for name, value in _values(words).items():
        setattr(draft, name, value)
    _touch(draft)
    return draft


def _unless_emptied(draft: Draft) -> Draft | None:
    if draft.text.strip() or draft.to or draft.cc or draft.bcc or draft.files.exists():
        return draft
    draft.delete()
    return None


def _touch(draft: Draft) -> None:
    draft.saved_at = clock.now()
    draft.save()


def _put_beside(draft: Draft, file: File) -> DraftFile:
    if draft.files.count() >= MOST_FILES:
        raise Refused(_("A reply takes 20 files at most."), field="files")
    return DraftFile.objects.create(
        company_id=draft.company_id,
        draft=draft,
        filename=blot_card_numbers(one_line(file.filename, most=255)) or "file",
        content_type=one_line(file.content_type, most=100),
        size=len(file.content),
        sha256=files.put(file.content, company=draft.company_id),
    )


def _values(words: _Words) -> dict[str, Any]:
    return {"text": words.text, "to": words.to, "cc": words.cc, "bcc": words.bcc}


def _is_in(text: str, said: str) -> bool:
    return text.strip() in said


def _is_said(text: str, said: str) -> bool:
    """Whether an answer has said it, however it is spaced or signed."""
    words = bare_words(text)
    return _is_in(text, said) or (words != "" and words in bare_words(said))


def _tell(case: Case, at: Together, by: Actor) -> None:
    """Colleagues who have the case open see what became of its answer."""
    if any(one.id != by.id for one in at.lookers):
        tell_lookers(case)


def _now() -> int:
    return int(clock.now().timestamp())
