"""Words that are spoken for callers, by a program beside us: what it needs is large, and few need it."""

import subprocess
from pathlib import Path

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import clean

logger = structlog.get_logger()
MOST_WORDS = 500
SECONDS = 60
_SCRIPT = Path(__file__).parent / "speaking.py"


def can_speak() -> bool:
    """Whether this installation has a voice."""
    return bool(settings.SPEECH)


def spoken(words: str) -> bytes:
    """The words as a WAV file. Raises Refused for none, for too many, and where nothing comes of it."""
    said = clean(words).strip()
    if not said:
        raise Refused(_("Write what callers are to hear."), field="words")
    if len(said) > MOST_WORDS:
        raise Refused(_("500 characters at most are spoken at once."), field="words")
    command = [settings.SPEECH, "-I", str(_SCRIPT)]
    try:
        done = subprocess.run(command, input=said.encode(), capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or b""
        logger.error(
            "phone_speech_failed", error=repr(error)[:200], told=told.decode(errors="replace")[-300:]
        )
        raise Refused(
            _(
                "This could not be spoken. Upload a recording, or have an administrator look at MADOGUCHI_SPEECH."
            ),
            field="words",
        ) from error
    return done.stdout
