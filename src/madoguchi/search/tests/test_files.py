"""A mail is found by what is written in its files, whoever made them and whatever they are up to."""

import io
import subprocess
import sys

import pypdf
import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.infra import scope
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search import extract, jobs, queries, reading
from madoguchi.search.actions import index, index_again, index_all
from madoguchi.search.extract import MOST_CHARACTERS, Unreadable, text_in
from madoguchi.search.factories import index_everything
from madoguchi.search.kinds import kind_of
from madoguchi.search.models import Document, FileText
from madoguchi.search.reading import read_waiting, text_of
from madoguchi.search.tests import papers

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


def test_a_file_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0)
    assert text_of(papers.pdf(WORDS), kind="pdf") is None


def with_file(world: World, content: bytes, name: str = "見積書.pdf") -> Case:
    return make_case(world.ours.entry_point, text="添付します", files=(File(name, "", content),))


def found(world: World, text: str) -> list[int]:
    with world.ours.scope():
        page = queries.search(text, actor=actor_of(world.ours.agent), desks=[world.ours.desk])
        return [hit.case for hit in page.hits]


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

    def test_what_took_workers_with_it_is_given_up(self, world: World) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        index_everything()
        with scope.everywhere(reason="a test lets workers be killed"):
            FileText.objects.update(tries=reading.MOST_TRIES)
        assert len(list(read_waiting())) == 1
        assert states() == [("unreadable", 4, "")]

    def test_what_is_too_large_or_gone_is_not_read(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_file(world, papers.docx("返品"), "a.docx")
        with_file(world, papers.docx("交換"), "b.docx")
        index_everything()
        with scope.everywhere(reason="a test takes a file away"):
            Attachment.objects.filter(filename="b.docx").update(sha256="0" * 64)
        monkeypatch.setattr(reading, "MOST_BYTES", 10)
        assert next(read_waiting())
        monkeypatch.undo()
        assert len(list(read_waiting())) == 1
        assert [state for state, _tries, _text in states()] == ["unreadable", "unreadable"]

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
