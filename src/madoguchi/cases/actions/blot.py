"""What was stored before card numbers were blotted out of it."""

from collections.abc import Iterator

from madoguchi.cases.models import Case, Message, Note
from madoguchi.infra.healing import Healed, heal
from madoguchi.kernel.text import blot_card_numbers


def blot_again() -> Iterator[Healed]:
    """Blot card numbers out of messages, notes and what a case shows of them. Tells how far it is; may be done twice.

    Blotting keeps the length of a text, so that the pieces of a message stay where they are. The cases whose rows are
    told are to be indexed anew.
    """
    yield from heal(Message, ("sender_name", "subject", "text", "new_text", "html"), mend=_blot)
    yield from heal(Note, ("text",), mend=_blot)
    yield from heal(Case, ("subject", "preview"), mend=_blot)


def _blot(_field: str, text: str) -> str:
    return blot_card_numbers(text)
