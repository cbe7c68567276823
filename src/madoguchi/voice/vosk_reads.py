"""Writes down what is said: run by a Python that has vosk, with a model's folder named, a WAV file coming in, and a
line of JSON for each piece of speech going out: `{"begin": seconds, "end": seconds, "side": 0 or 1, "text": "…"}`.

It stands by itself: that Python has nothing of ours.
"""

import array
import io
import json
import sys
import wave

FRAMES = 4000


def main() -> None:
    """Once."""
    from vosk import KaldiRecognizer, Model, SetLogLevel  # type: ignore[import-not-found]

    SetLogLevel(-1)
    model = Model(sys.argv[1])
    with wave.open(io.BytesIO(sys.stdin.buffer.read())) as file:
        sides, rate = file.getnchannels(), file.getframerate()
        sound = array.array("h", file.readframes(file.getnframes()))
    for side in range(sides):
        recogniser = KaldiRecognizer(model, rate)
        recogniser.SetWords(True)
        one = sound[side::sides]
        for begin in range(0, len(one), FRAMES):
            if recogniser.AcceptWaveform(one[begin : begin + FRAMES].tobytes()):
                _tell(recogniser.Result(), side)
        _tell(recogniser.FinalResult(), side)


def _tell(told: str, side: int) -> None:
    said = json.loads(told)
    words = said.get("result") or []
    if words:
        piece = {"begin": words[0]["start"], "end": words[-1]["end"], "side": side, "text": said["text"]}
        sys.stdout.write(json.dumps(piece, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
