"""A mail is found by what is written in its files, whoever made them and whatever they are up to."""

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from django.conf import settings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search import extract, jobs, queries, reading
from madoguchi.search.actions import index, index_again, index_all, read_given_up_again
from madoguchi.search.extract import MOST_CHARACTERS, Unreadable, text_in
from madoguchi.search.factories import index_everything
from madoguchi.search.kinds import kind_of
from madoguchi.search.models import Document, FileText
from madoguchi.search.reading import NotNow, read_waiting, text_of
from madoguchi.search.tests import papers

NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
WORDS = "返品のお願い AB-1234"


@pytest.mark.parametrize(
    ("filename", "content_type", "kind"),
    [
        ("見積書.PDF", "application/octet-stream", "pdf"),
        ("見積書", "application/pdf; name=x", "pdf"),
        ("a.docx", "", "docx"),
        ("a.xlsm", "", "xlsx"),
        ("控え.csv", "application/vnd.ms-excel", "plain"),
        ("a.ods", "", "opendocument"),
        ("写真.jpg", "image/jpeg", ""),
        ("a.zip", "application/zip", ""),
        ("", "", ""),
    ],
)
def test_what_a_file_is_follows_from_its_name_or_from_what_it_is_said_to_be(
    filename: str, content_type: str, kind: str
) -> None:
    assert kind_of(filename, content_type) == kind


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (papers.pdf(WORDS), "pdf", WORDS),
        (papers.docx("返|品の|お願い", "二行目"), "docx", "返品のお願い\n二行目"),
        (papers.xlsx(), "xlsx", "請求一覧\n返品伝票\n48200\n直送"),
        (papers.pptx(), "pptx", "新商品のご案内"),
        (papers.odt(), "opendocument", "見出し\n本文の続き"),
        *((WORDS.encode(charset), "plain", WORDS) for charset in ("utf-8-sig", "cp932", "euc_jp", "utf-16")),
        (WORDS.encode("iso2022_jp"), "plain", WORDS),
        ("<p>返<b>品</b></p><script>x=1</script>".encode(), "html", "返品"),
    ],
)
def test_its_words_are_read(content: bytes, kind: str, text: str) -> None:
    assert [line for line in text_in(content, kind=kind).splitlines() if line.strip()] == text.splitlines()


def under_a_password() -> bytes:
    writer, written = pypdf.PdfWriter(io.BytesIO(papers.pdf(WORDS))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(written)
    return written.getvalue()


BOMB = '<!DOCTYPE x [<!ENTITY a "ああああああああああ"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w:t>&b;</w:t>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "pdf"),
        (b"%PDF-1.7 and nothing", "pdf"),
        (under_a_password(), "pdf"),
        (b"PK\x03\x04 no archive", "docx"),
        (papers.packed(word__document="<w:p>"), "docx"),
        (papers.packed(word__document="<a>" * 300 + "</a>" * 300), "docx"),
        (papers.packed(word__document=BOMB), "docx"),
        (papers.packed(content='<!DOCTYPE x SYSTEM "file:///etc/passwd"><p>a</p>'), "opendocument"),
    ],
)
def test_what_cannot_or_must_not_be_read_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(Unreadable):
        text_in(content, kind=kind)
    assert text_of(content, kind=kind) is None


def test_of_what_unfolds_to_more_than_it_should_the_beginning_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = papers.docx("返品" * MOST_CHARACTERS)
    assert len(text_in(long, kind="docx")) == MOST_CHARACTERS
    monkeypatch.setattr(extract, "MOST_UNFOLDED", 10_000)
    assert text_in(long, kind="docx") == ""


def test_the_process_that_reads_has_little_memory() -> None:
    greedy = "from madoguchi.search import extract; extract._bound(); bytearray(1 << 30)"
    done = subprocess.run([sys.executable, "-c", greedy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "MemoryError")


def test_what_takes_too_long_or_too_much_memory_is_not_the_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as hurried, pytest.raises(NotNow, match="TimeoutExpired"):
        hurried.setattr(reading, "SECONDS", 0)
        text_of(papers.pdf(WORDS), kind="pdf")
    with monkeypatch.context() as poor, pytest.raises(MemoryError):
        poor.setitem(extract._READERS, "pdf", lambda content, kind: iter([bytearray(1 << 62).decode()]))
        text_in(papers.pdf(WORDS), kind="pdf")


def test_a_reading_process_that_is_killed_says_nothing_about_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = tmp_path / "python"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killed))
    with pytest.raises(NotNow, match="ended with -9"):
        text_of(papers.pdf(WORDS), kind="pdf")


def with_file(world: World, content: bytes, name: str = "見積書.pdf") -> Case:
    return make_case(world.ours.entry_point, text="添付します", files=(File(name, "", content),))


def found(world: World, text: str) -> list[int]:
    with world.ours.scope():
        page = queries.search(text, actor=actor_of(world.ours.agent), desks=[world.ours.desk])
        return [hit.case for hit in page.hits]


def interrupted(content: bytes, *, kind: str) -> str:
    raise KeyboardInterrupt


def moved_away() -> Path:
    """Where the one file of the one company lies while it cannot be found where it should."""
    with scope.everywhere(reason="a test takes a file away"):
        [attachment] = Attachment.objects.all()
    content = files.read(attachment.sha256, company=attachment.company_id)
    where = files.place_in(Path(settings.FILES_ROOT), content, company=attachment.company_id)
    return where.rename(where.with_suffix(".away"))


def next_try() -> datetime:
    with scope.everywhere(reason="a test looks at what is read when"):
        return FileText.objects.get().next_try_at


def states() -> list[tuple[str, int, str]]:
    with scope.everywhere(reason="a test looks at what was read"):
        return list(FileText.objects.order_by("pk").values_list("state", "tries", "text"))


@pytest.mark.django_db
class TestInACase:
    def test_a_case_is_found_by_words_in_its_file(self, world: World) -> None:
        case = with_file(world, papers.pdf("返品のお願い 4111 1111 1111 1111"))
        index_everything()
        assert (found(world, "返品"), found(world, "見積書")) == ([], [case.pk])

        jobs.read_files(timestamp=0)

        assert found(world, "返品") == found(world, "返品 添付します 見積書") == [case.pk]
        assert found(world, "411111111111") == []
        with world.ours.scope():
            [hit] = queries.search("お願い", actor=None, desks=[world.ours.desk]).hits
        assert hit.match
        assert (hit.match.kind, hit.match.field) == ("file", "content")
        assert (
            [piece.text for piece in hit.snippet.pieces if piece.hit] == ["お願い"] if hit.snippet else False
        )
        assert str(hit.snippet).startswith("返品のお願い ")

    def test_each_is_read_once_and_found_again_when_all_is_indexed_anew(self, world: World) -> None:
        case = with_file(world, papers.docx("返品"), "a.docx")
        with_file(world, b"\x89PNG", "写真.png")
        index_everything()
        assert [len(list(read_waiting())) for _ in range(2)] == [1, 0]
        assert states() == [("read", 1, "返品")]
        index_everything()
        assert found(world, "返品") == [case.pk]

        index_again()
        list(index_all())

        assert found(world, "返品") == [case.pk]
        assert states() == [("read", 1, "返品")]

    def test_what_cannot_be_read_is_not_tried_again(self, world: World) -> None:
        with_file(world, b"%PDF broken")
        with_file(world, papers.docx("返品"), "a.docx")
        index_everything()
        assert len(list(read_waiting())) == 2
        assert states() == [("unreadable", 1, ""), ("read", 1, "返品")]

    def test_what_took_workers_with_it_waits_and_is_given_up(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        with clock.held_at(NOON):
            index_everything()
            with monkeypatch.context() as deadly, pytest.raises(KeyboardInterrupt):
                deadly.setattr(reading, "text_of", interrupted)
                list(read_waiting())
            assert (list(read_waiting()), states()) == ([], [("waiting", 1, "")])
        with scope.everywhere(reason="a test lets more workers be killed"):
            FileText.objects.update(tries=reading.MOST_TRIES)
        with clock.held_at(NOON + timedelta(minutes=2)):
            assert len(list(read_waiting())) == 1
        assert states() == [("given_up", 10, "")]

    def test_what_is_too_large_is_not_read(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        index_everything()
        monkeypatch.setattr(reading, "MOST_BYTES", 10)
        assert len(list(read_waiting())) == 1
        assert states() == [("unreadable", 1, "")]

    def test_a_file_that_was_gone_for_a_while_is_read_once_it_is_back(self, world: World) -> None:
        case = with_file(world, papers.docx("返品"), "a.docx")
        with clock.held_at(NOON):
            index_everything()
            kept = moved_away()
            assert len(list(read_waiting())) == 1
        kept.rename(kept.with_suffix(""))

        with clock.held_at(NOON + timedelta(seconds=119)):
            assert list(read_waiting()) == []
        assert states() == [("waiting", 1, "")]
        with clock.held_at(NOON + timedelta(seconds=120)):
            assert len(list(read_waiting())) == 1

        assert states() == [("read", 2, "返品")]
        assert found(world, "返品") == [case.pk]

    def test_the_pauses_double_and_end_and_the_doctor_hears_of_it(self, world: World) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        moment, pauses = NOON, []
        with clock.held_at(NOON):
            index_everything()
        kept = moved_away()
        for _ in range(reading.MOST_TRIES):
            with clock.held_at(moment):
                assert len(list(read_waiting())) == 1
            pauses.append(next_try() - moment)
            moment = next_try()
        assert pauses == [timedelta(minutes=m) for m in (2, 4, 8, 16, 32, 64, 128, 256, 512)]
        assert states() == [("given_up", 9, "")]
        kept.rename(kept.with_suffix(""))

        with clock.held_at(moment):
            assert list(read_waiting()) == []
            assert read_given_up_again() == 1
            assert len(list(read_waiting())) == 1
            assert read_given_up_again() == 0

        assert states() == [("read", 1, "返品")]

    @pytest.mark.parametrize("verdict", [Attachment.Scan.WAITING, Attachment.Scan.HARMFUL])
    def test_what_nobody_may_open_is_not_read(self, world: World, verdict: str) -> None:
        case = with_file(world, papers.docx("返品"), "a.docx")
        with scope.everywhere(reason="a test is the scanner"):
            Attachment.objects.update(scan=verdict)
        index_everything()
        assert list(read_waiting()) == []
        assert states() == [("waiting", 0, "")]

        with scope.everywhere(reason="a test is the scanner"):
            Attachment.objects.update(scan=Attachment.Scan.CLEAN)
        assert len(list(read_waiting())) == 1
        assert found(world, "返品") == [case.pk]

    def test_another_company_finds_nothing_of_it(self, world: World) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        index_everything()
        list(read_waiting())
        with world.theirs.scope():
            theirs = actor_of(world.theirs.agent)
            assert queries.search("返品", actor=theirs, desks=[world.ours.desk, world.theirs.desk]).count == 0
            assert FileText.objects.count() == Document.objects.count() == 0

    def test_indexing_begins_the_reading_once(self, world: World) -> None:
        case = with_file(world, papers.docx("返品"), "a.docx")
        with scope.everywhere(reason="a test indexes"):
            index(cases=[case.pk])
            index(cases=[case.pk])
        assert states() == [("waiting", 0, "")]
