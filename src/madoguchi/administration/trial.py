"""What came of trying a server out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether it worked, in our words, and the server's own answer."""

    worked: bool
    said: str
    answer: str

    @classmethod
    def good(cls, said: str, answer: str) -> "Trial":
        """It worked."""
        return cls(True, said, answer)

    @classmethod
    def bad(cls, said: str, answer: str) -> "Trial":
        """It did not, and the server said this."""
        return cls(False, said, answer)
