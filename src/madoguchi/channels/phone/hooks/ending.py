"""What a carrier's call leaves behind: its row and case as those of any call, and the caller's words, fetched from the
carrier and kept sealed.
"""

import base64
import io
import wave
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from django.db import transaction

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.actions import finish, over_of
from madoguchi.channels.phone.flows import flow_that_was
from madoguchi.channels.phone.kept import call_of
from madoguchi.channels.phone.models import CarriedCall, CarrierAccount
from madoguchi.infra import files, scope, web
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel import clock
from madoguchi.voice import logic

logger = structlog.get_logger()
# A recording that is not to be had so long after the call is not waited for any longer.
PATIENCE = timedelta(minutes=15)
MOST_BYTES, SECONDS = 60_000_000, 30.0


def write_down(pk: int, *, company: int) -> bool:
    """Write down how a call went that is over, if it is not; whether it is. May be done twice, and by several.

    Where the caller left a message, a job fetches it first.
    """
    with scope.acting_for([company]):
        row = CarriedCall.objects.select_related("entry_point").get(pk=pk)
        if row.over_at is None or row.done:
            return row.done
        if logic.spoken(_call(row)) >= logic.LEAST_MESSAGE:
            from madoguchi.channels.phone import jobs  # a job calls `fetch_and_write_down`

            jobs.schedule_words(pk, company=company)
            return False
    _write(pk, company=company, words=b"")
    return True


def fetch_and_write_down(pk: int, *, company: int) -> bool:
    """Fetch what the caller said and write down how the call went; whether it is. While the carrier has nothing yet it
    is done again later; after a quarter of an hour the call is written down without.
    """
    with scope.acting_for([company]):
        row = CarriedCall.objects.select_related("entry_point").get(pk=pk)
        if row.over_at is None or row.done:
            return row.done
        account = _account(row)
    # The carrier may take its time: no transaction waits for it.
    pieces, late = _fetched(row, account), clock.now() >= row.over_at + PATIENCE
    if not late and (len(pieces) < row.pieces or not all(pieces)):
        return False
    words = b"".join(pieces)
    if not words:
        logger.warning("phone_message_not_to_be_had", call=row.uid)
    _write(pk, company=company, words=words)
    return True


def _write(pk: int, *, company: int, words: bytes) -> None:
    with scope.acting_for([company]):
        row = CarriedCall.objects.select_for_update(of=("self",)).select_related("entry_point").get(pk=pk)
        if row.done:  # another process was faster
            return
        call = _call(row)
        sound = files.put_sealed([sounds.as_wav(words)], company=company) if words else None
        how = over_of(call, sound=sound, spoken=sounds.length_of(words) if words else logic.spoken(call))
    finish(row.uid, how, company=company)
    with scope.acting_for([company]), transaction.atomic():
        CarriedCall.objects.filter(pk=pk).update(done=True, call={}, standing={}, recordings=[])


def _call(row: CarriedCall) -> logic.Call:
    return call_of(row.call, flow_that_was(row.entry_point, row.flow))


def _account(row: CarriedCall) -> CarrierAccount | None:
    try:
        return CarrierAccount.objects.filter(entry_point_id=row.entry_point_id).first()
    except SecretUnreadable:
        return None


def _fetched(row: CarriedCall, account: CarrierAccount | None) -> list[bytes]:
    """The pieces of the caller's words as samples, in their order; one that is not to be had is empty."""
    kept = sorted(row.recordings, key=lambda one: int(one["number"]))
    return [_piece(account, one["url"]) for one in kept] if account else []


def _piece(account: CarrierAccount, url: str) -> bytes:
    """One recording. The account's token goes to where the carrier keeps recordings, and nowhere else."""
    place, there = urlsplit(account.api), urlsplit(url)
    if (place.scheme, place.netloc) != (there.scheme, there.netloc):
        logger.warning("phone_recording_elsewhere", host=there.netloc[:100])
        return b""
    who = base64.b64encode(f"{account.account}:{account.token}".encode()).decode()
    headers = {"Authorization": f"Basic {who}", "User-Agent": "Madoguchi"}
    try:
        answer = web.get(url.removesuffix(".wav") + ".wav", headers=headers, bounds=_bounds())
    except web.NoAnswer as error:
        logger.warning("phone_recording_not_fetched", error=str(error)[:200])
        return b""
    return _samples(answer.body) if answer.status == 200 else b""


def _samples(content: bytes) -> bytes:
    """The samples of a WAV file as carriers make it (8 kHz, 16 bits, one side); empty for anything else."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            return file.readframes(file.getnframes()) if shape == (1, sounds.WIDTH, sounds.RATE) else b""
    except (wave.Error, EOFError):
        return b""


def _bounds() -> web.Bounds:
    """Redirects are not followed: the token is for the carrier alone."""
    return web.Bounds(most=MOST_BYTES, seconds=SECONDS, redirects=0, schemes=frozenset({"https"}))
