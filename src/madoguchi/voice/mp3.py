"""An MP3 file as a WAV file: run as a process of its own, with the one coming in and the other going out.

What reads MP3 (dr_mp3 of miniaudio, MIT) is written in C, and files may hold anything: the process gets little
memory and little time, can let no file grow and dump no memory, and has an empty environment, so that no setting of
ours is in it. It is no sandbox: it runs as the same user as we do, so it could read what that user may read and
connect to where that user may connect. Whoever uploads such files sets up desks (permission `desks`).
"""

import io
import resource
import subprocess
import sys
import wave

from madoguchi.voice.telephone import MOST_SECONDS, WIDTH, NoRecording, Wrong

_MEMORY, _SECONDS = 512_000_000, 10
_LONG = 3


def is_mp3(content: bytes) -> bool:
    """Whether a file says that it is MP3: by the tags that go before the sound, or by the head of its first frame."""
    frame = len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2
    return content[:3] == b"ID3" or frame


def wav_of(content: bytes) -> bytes:
    """The sound of an MP3 file, its sides taken together. Raises NoRecording."""
    command = [sys.executable, "-I", "-m", __spec__.name]
    try:
        done = subprocess.run(
            command, input=content, env={}, capture_output=True, timeout=3 * _SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoRecording(Wrong.NOT_WAV) from error
    if done.returncode == _LONG:
        raise NoRecording(Wrong.LONG)
    if done.returncode or not done.stdout:
        raise NoRecording(Wrong.NOT_WAV)
    return done.stdout


def _main() -> int:
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    import miniaudio  # type: ignore[import-untyped]

    content = sys.stdin.buffer.read()
    info = miniaudio.mp3_get_info(content)
    if info.duration > MOST_SECONDS:
        return _LONG
    sound = miniaudio.mp3_read_s16(content)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(sound.nchannels)
        file.setsampwidth(WIDTH)
        file.setframerate(sound.sample_rate)
        file.writeframes(sound.samples.tobytes())
    sys.stdout.buffer.write(made.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(_main())
