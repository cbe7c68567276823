"""A sent form as bytes, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.webform.submission import Answer, Submission, decode, encode
from madoguchi.kernel.channel import File, Unreadable

_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_files = st.builds(File, filename=_words, content_type=_words, content=st.binary(max_size=200))


def submission(**changed) -> Submission:
    values = {
        "token": "t1",
        "name": "山田 美咲",
        "address": "misaki@customer.example",
        "subject": "交換",
        "text": "交換できますか。",
        "language": "ja",
    }
    return Submission(**{**values, **changed})


@given(
    text=_words,
    answers=st.lists(st.builds(Answer, label=_words, value=_words), max_size=3),
    files=st.lists(_files, max_size=3),
)
def test_whatever_was_sent_is_read_back(text, answers, files):
    sent = submission(text=text, answers=tuple(answers), files=tuple(files))

    assert decode(encode(sent)) == sent


def test_the_same_form_is_the_same_bytes():
    with_file = {"files": (File("a.txt", "text/plain", b"\x00\xff"),), "phone": "090"}

    assert encode(submission(**with_file)) == encode(submission(**with_file))


@pytest.mark.parametrize(
    "changed", [{"token": "t2"}, {"text": "別の話"}, {"files": (File("a", "b/c", b""),)}, {"case_token": "x"}]
)
def test_another_form_is_other_bytes(changed):
    assert encode(submission(**changed)) != encode(submission())


def test_the_bytes_can_be_read_by_a_person():
    content = json.loads(encode(submission(files=(File("a.txt", "text/plain", b"hello"),))))

    assert content["text"] == "交換できますか。"
    assert content["files"] == [{"filename": "a.txt", "content_type": "text/plain", "content": "aGVsbG8="}]


def _with(**changed) -> bytes:
    return json.dumps({**json.loads(encode(submission())), **changed}).encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no sent form"),
        (b"From: misaki@customer.example\r\n\r\nmail", "no sent form"),
        (b"\xff\xfe\x00", "no sent form"),
        (b"[" * 100_000, "no sent form"),
        (b"[]", "no sent form in version 1"),
        (_with(version=2), "no sent form in version 1"),
        (_with(text=None), "'text' is missing or of the wrong kind"),
        (_with(answers={}), "'answers' is missing or of the wrong kind"),
        (_with(answers=["x"]), "'label' is missing or of the wrong kind"),
        (_with(files=[{"filename": "a", "content_type": "b"}]), "'content' is missing or of the wrong kind"),
        (
            _with(files=[{"filename": "a", "content_type": "b", "content": "%%%"}]),
            "a file of a sent form is damaged",
        ),
        (
            _with(files=[{"filename": "a", "content_type": "b", "content": "あ"}]),
            "a file of a sent form is damaged",
        ),
    ],
)
def test_other_bytes_are_unreadable_for_a_reason(raw, reason):
    with pytest.raises(Unreadable, match=reason):
        decode(raw)
