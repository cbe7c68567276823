"""A sent form as the product's channel contract sees it. Forms only come in; answers leave by mail."""

import hashlib
from collections.abc import Sequence

from madoguchi.channels.webform.submission import Answer, Submission, decode
from madoguchi.kernel.channel import Channel, Clue, Inbound, Party, Trust
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean, one_line


class WebformChannel:
    """Reads sent forms."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """The form as an arrival; raises `Unreadable` for bytes that are no sent form."""
        submission = decode(raw)
        text = readable(submission)
        return Inbound(
            channel=Channel.FORM,
            external_id=external_id(submission.token),
            sender=Party(
                address=one_line(submission.address, most=254),
                name=blot_secrets(one_line(submission.name, most=200)),
            ),
            subject=blot_secrets(one_line(submission.subject)),
            text=text,
            new_text=text,
            fingerprint=hashlib.sha256(raw).digest(),
            language=submission.language,
            phone=blot_secrets(one_line(submission.phone, most=50)),
            files=submission.files,
            clues=(_clue(submission),),
            trust=Trust(own_page=bool(submission.case_token)),
        )


def external_id(token: str) -> str:
    """The id of everything sent under one token, in the shape of a Message-ID."""
    return f"form.{token}@madoguchi.invalid"


def readable(submission: Submission) -> str:
    """What was written, then each question with its answer; card numbers and keys to own pages are blotted out.

    Name, address and phone number stay out of it: who may see those is decided elsewhere.
    """
    parts = [submission.text, *(_paragraph(answer) for answer in submission.answers if answer.value.strip())]
    return blot_secrets("\n\n".join(clean(part).strip() for part in parts if part.strip()))


def _paragraph(answer: Answer) -> str:
    separator = "\n" if "\n" in answer.value.strip() else " "
    return f"【{answer.label}】{separator}{answer.value.strip()}"


def _clue(submission: Submission) -> Clue:
    """An answer finds its case by the token; a form sent again with changes, by the id of the first."""
    if submission.case_token:
        return Clue("token", submission.case_token)
    return Clue("message_id", external_id(submission.token))
