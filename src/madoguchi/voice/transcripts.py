"""What was said on calls, written down by a program beside us: an experiment, for who has set one up.

The program gets a recording as a WAV file (8 kHz, 16 bits; of two sides the caller is the first), and prints a line of
JSON for each piece of speech: when it begins and ends, in seconds, on which side (0 is the caller), and the text. What
is made of it is a file beside the recording, and goes with it.
"""

import json
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.cases.actions.arrive import attach
from madoguchi.cases.models import Attachment
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.text import blot_spoken_card_numbers, clean
from madoguchi.voice.events import CallTranscribed
from madoguchi.voice.models import Recording
from madoguchi.voice.phones import PHONE
from madoguchi.voice.queries import case_of

logger = structlog.get_logger()
ADAPTER = "{vosk}"
_VOSK = Path(__file__).parent / "vosk_reads.py"
# A recording that lasts two hours may take as long.
SECONDS = 2 * 60 * 60
MOST_PIECES, LONGEST_TEXT, AT_ONCE = 5_000, 2_000, 20
NEWER_THAN = timedelta(days=2)
# What ends in the middle, as its process is killed, is begun so often at most; other work of the queue waits so long.
MOST_TRIES = 3
IN_A_ROW = timedelta(minutes=30)


class NotRecognised(Exception):
    """The program could not be run, or told something that is no transcript."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What somebody said without a pause, from `begin` on, in seconds; `side` 0 is the caller."""

    begin: float
    side: int
    text: str


def can_transcribe() -> bool:
    """Whether this installation has a recogniser."""
    return bool(settings.RECOGNISER)


def recognised(sound: bytes) -> list[Piece]:
    """What is said in a WAV file, in order. Raises NotRecognised."""
    command = [word.replace(ADAPTER, str(_VOSK)) for word in shlex.split(settings.RECOGNISER)]
    try:
        done = subprocess.run(command, input=sound, capture_output=True, timeout=SECONDS, check=True)
        return _pieces(done.stdout.decode().splitlines())
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        told = getattr(error, "stderr", None) or b""
        raise NotRecognised(f"{error!r:.200} {told.decode(errors='replace')[-300:]}") from error


def _pieces(lines: Iterable[str]) -> list[Piece]:
    found = [json.loads(line) for line in lines if line.strip()]
    pieces = [
        Piece(max(0.0, float(one["begin"])), int(one["side"]), _text(str(one["text"])))
        for one in found[:MOST_PIECES]
    ]
    return without_cards(sorted((one for one in pieces if one.text), key=lambda one: one.begin))


def _text(said: str) -> str:
    return clean(said).replace("\n", " ").strip()[:LONGEST_TEXT]


def without_cards(pieces: Sequence[Piece]) -> list[Piece]:
    """These pieces, in order, with card numbers blotted, also where somebody pauses within one. Pure."""
    kept: dict[int, Iterator[str]] = {}
    for side in {one.side for one in pieces}:
        whole = "\n".join(one.text for one in pieces if one.side == side)
        kept[side] = iter(blot_spoken_card_numbers(whole).split("\n"))
    return [replace(one, text=next(kept[one.side])) for one in pieces]


def transcribe_recordings() -> int:
    """Write down what is said in recordings that are tied to a case, the oldest first; how many that were. What fails
    is not tried again: the sound is there. May be done at any time, and ended in the middle; what was ended so comes
    after all others, `MOST_TRIES` times at most.
    """
    if not can_transcribe():
        return 0
    with scope.everywhere(reason="recordings of any company may wait to be written down"):
        until = clock.now() + IN_A_ROW
        rows = _untold().filter(at__gt=clock.now() - NEWER_THAN)
        rows = rows.filter(Exists(_sound_of(OuterRef("call__message_id"), OuterRef("sha256")))).order_by(
            "transcript_tries", "pk"
        )
        waiting = list(rows.values_list("company_id", "pk")[:AT_ONCE])
    done = 0
    for company, pk in waiting:
        if is_stopping() or clock.now() > until:
            break
        done += _transcribe(pk, company)
    return done


def _untold() -> QuerySet[Recording]:
    return Recording.objects.filter(transcribed_at=None, transcript_tries__lt=MOST_TRIES)


def _transcribe(pk: int, company: int) -> bool:
    """Nothing is held in the database while the program hears a recording, which may take hours."""
    with scope.acting_for([company]):
        begun = _untold().filter(pk=pk).update(transcript_tries=F("transcript_tries") + 1)
        one = Recording.objects.select_related("call").get(pk=pk) if begun else None
    if one is None:
        return False
    pieces: list[Piece] = []
    try:
        pieces = recognised(files.read(one.sha256, company=company))
    except FileNotFoundError:
        logger.warning("phone_recording_not_there", recording=pk)
    except NotRecognised as error:
        logger.error("phone_recording_not_recognised", recording=pk, error=str(error)[:500])
    close_old_connections()  # the server may have ended ours meanwhile
    with scope.acting_for([company]):
        return _keep(one, pieces)


@transaction.atomic
def _keep(one: Recording, pieces: list[Piece]) -> bool:
    """The words beside the recording, where it still is: it may have been deleted meanwhile."""
    held = Recording.objects.select_for_update(of=("self",)).filter(pk=one.pk, transcribed_at=None).first()
    if held is None:
        return False
    held.transcribed_at = clock.now()
    sound = _sound_of(one.call.message_id, held.sha256).order_by("-pk").first()
    case = case_of(one.call)
    if pieces and sound and case:
        with translation.override(ours_for(case.language)):
            words = written(pieces, sides=one.call.talk_seconds > 0).encode()
        kept = files.put_sealed([words], company=held.company_id)
        name = sound.filename.rpartition(".")[0] + ".txt"
        attach(
            sound.message,
            (File(name, "text/plain; charset=utf-8", b"", kept=kept.sha256, kept_size=kept.size),),
        )
        held.transcript = kept.sha256
        record(CallTranscribed(**case.where, call=held.call_id, recording=held.pk), by=PHONE)
    held.save(update_fields=["transcribed_at", "transcript"])
    return bool(held.transcript)


def _sound_of(message: int | OuterRef | None, sha256: str | OuterRef) -> QuerySet[Attachment]:
    """The recording in the message that became of its call, not where else somebody has put or sent it."""
    return Attachment.objects.filter(message=message, sha256=sha256)


def written(pieces: Iterable[Piece], *, sides: bool) -> str:
    """A transcript as people read it: when, who, and what. Pure."""
    names = (
        pgettext("talk", "Customer"),
        pgettext("talk", "Operator") if sides else pgettext("talk", "Customer"),
    )
    head = _("Written down by a program (experimental). Listen for numbers and names: it mishears them.")
    lines = [
        f"{int(one.begin) // 60}:{int(one.begin) % 60:02d} {names[bool(one.side)]}: {one.text}"
        for one in pieces
    ]
    return "\n".join([head, "", *lines, ""])
