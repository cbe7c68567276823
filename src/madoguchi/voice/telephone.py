"""How sound is on the telephone, and what may be wrong with a recording: for those who read no samples themselves."""

from enum import StrEnum

RATE, WIDTH = 8000, 2
MOST_SECONDS, LEAST_SECONDS = 120.0, 0.2


class Wrong(StrEnum):
    """What is wrong with a file."""

    NOT_WAV = "not wav"
    KIND = "kind"
    LONG = "long"
    SHORT = "short"


class NoRecording(ValueError):
    """A file cannot be used as a recording."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
