"""What a file is as a recording: by its first bytes and never by its name. Pure."""

# So many bytes tell.
WAV_HEAD = 16


def is_wav(content: bytes) -> bool:
    """Whether this is a WAV file."""
    return content[:4] == b"RIFF" and content[8:16] == b"WAVEfmt "
