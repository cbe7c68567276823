"""Says Japanese words: run by a Python that has pyopenjtalk-plus, with the words coming in, and a WAV file going out.

It stands by itself: that Python has nothing of ours.
"""

import sys
import wave

LOUDEST = 0.6


def main() -> None:
    """Once."""
    import numpy as np
    import pyopenjtalk  # type: ignore[import-not-found]

    sound, rate = pyopenjtalk.tts(sys.stdin.buffer.read().decode())
    loud = sound / max(1.0, float(np.abs(sound).max())) * LOUDEST
    with wave.open(sys.stdout.buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((loud * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
