"""Files of an export come along where they lie beside it; of others a note tells where they were."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from madoguchi.cases.models import Attachment, Message, Note
from madoguchi.imports.actions.target import Target
from madoguchi.imports.attached import MOST_OF_A_FILE, Attached
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, run
from madoguchi.imports.sources import Asked
from madoguchi.imports.systems import files_of
from madoguchi.imports.tests.formats import FORMATS, HER
from madoguchi.infra import files, scope

PNG = b"\x89PNG\r\n\x1a\n"
FILE = {"id": 7, "file_name": "不具合.png", "content_url": "https://z.example/7", "size": len(PNG)}


def written(folder: Path, place: str, content: bytes = PNG) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class TestFinding:
    @pytest.mark.parametrize("place", ["7/不具合.png", "7-不具合.png", "7_不具合.png", "35/不具合.png"])
    def test_by_its_id_or_its_tickets(self, tmp_path: Path, place: str) -> None:
        path = written(tmp_path, place)

        found = Attached(tmp_path).find(FILE, name="file_name", ticket=35)

        assert found is not None
        assert (found.path, found.filename, found.content_type, found.size) == (
            path,
            "不具合.png",
            "image/png",
            8,
        )
        assert found.read().content == PNG

    def test_one_that_grows_is_read_no_further(self, tmp_path: Path) -> None:
        path = written(tmp_path, "7/不具合.png")
        found = Attached(tmp_path).find(FILE, name="file_name", ticket=35)
        assert found is not None
        path.write_bytes(PNG + b"more")
        assert found.read().content == PNG

    def test_a_message_has_no_more_than_fits_into_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for id_ in (7, 8, 9):
            written(tmp_path, f"{id_}/不具合.png", PNG if id_ < 9 else b"x")
        monkeypatch.setattr("madoguchi.imports.systems.MOST_OF_A_MESSAGE", len(PNG) + 1)
        told = {"attachments": [FILE, FILE | {"id": 8}, FILE | {"id": 9, "size": 1}]}
        around = SimpleNamespace(attached=Attached(tmp_path))

        here, named = files_of(told, around, name="file_name", place="content_url", ticket=35)

        assert ([file.path.parent.name for file in here], named) == (
            ["7", "9"],
            ["不具合.png https://z.example/7"],
        )

    def test_one_of_another_size_is_another(self, tmp_path: Path) -> None:
        written(tmp_path, "7/不具合.png", PNG + b"x")

        assert Attached(tmp_path).find(FILE, name="file_name", ticket=35) is None

    def test_by_its_tickets_id_only_where_its_size_is_told(self, tmp_path: Path) -> None:
        written(tmp_path, "35/不具合.png")

        assert Attached(tmp_path).find(FILE | {"size": None}, name="file_name", ticket=35) is None

    @pytest.mark.parametrize(
        "odd",
        [
            {"file_name": "../../secret"},
            {"id": ".."},
            {"id": "../x"},
            {"file_name": ".."},
            {"file_name": "a\0b"},
        ],
    )
    def test_nothing_leads_out_of_the_folder(self, tmp_path: Path, odd: dict[str, Any]) -> None:
        folder = tmp_path / "a" / "attachments"
        for place in ("secret", "a/secret", "不具合.png", "a/不具合.png", "x/不具合.png"):
            written(tmp_path, place)
        folder.mkdir()

        assert Attached(folder).find(FILE | odd, name="file_name", ticket="..") is None

    def test_nor_does_a_link(self, tmp_path: Path) -> None:
        secret = written(tmp_path, "secret")
        (tmp_path / "attachments").mkdir()
        (tmp_path / "attachments" / "7-不具合.png").symlink_to(secret)

        assert Attached(tmp_path / "attachments").find(FILE, name="file_name", ticket=35) is None

    def test_what_is_too_large_stays(self, tmp_path: Path) -> None:
        path = written(tmp_path, "7/不具合.png")
        with path.open("r+b") as file:
            file.truncate(MOST_OF_A_FILE + 1)

        found = FILE | {"size": MOST_OF_A_FILE + 1}
        assert Attached(tmp_path).find(found, name="file_name", ticket=35) is None


def export(folder: Path, *attachments: dict[str, Any], **more: Any) -> Path:
    """The first ticket of the story; its first comment has these files."""
    [path] = FORMATS["zendesk, exported"][1](folder)
    ticket = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    ticket["comments"][0]["attachments"] = list(attachments)
    ticket |= more
    path.write_text(json.dumps(ticket), encoding="utf-8")
    return path


def bring(path: Path, target: Target, **asked: Any) -> Report:
    report = Report(None)
    run(SOURCES["zendesk"]((path,), Asked(**asked)), target, report=report, progress=lambda _n: None)
    return report


@pytest.mark.django_db
class TestComing:
    def test_files_beside_the_export_come_with_what_was_said(self, target: Target, tmp_path: Path) -> None:
        written(tmp_path, "attachments/7/不具合.png")
        path = export(tmp_path, FILE)

        report = bring(path, target)

        assert (report.counts, report.first) == ({"case": {"created": 1}}, [])
        with scope.everywhere(reason="a test looks at everything"):
            [file] = Attachment.objects.select_related("message")
            assert (file.filename, file.message.sender_address, file.size) == ("不具合.png", HER, 8)
            assert files.read(file.sha256, company=target.company) == PNG
        assert bring(path, target).counts == {"case": {"skipped": 1}}

    def test_or_from_the_folder_that_was_named(self, target: Target, tmp_path: Path) -> None:
        written(tmp_path, "elsewhere/7-不具合.png")

        bring(export(tmp_path, FILE), target, attachments=tmp_path / "elsewhere")

        with scope.everywhere(reason="a test looks at everything"):
            assert Attachment.objects.count() == 1

    def test_where_there_is_only_an_address_a_note_keeps_it_and_the_report_tells(
        self, target: Target, tmp_path: Path
    ) -> None:
        path = export(tmp_path, FILE)

        [line] = bring(path, target).first

        assert line["reason"] == (
            "The export names a file and does not hold it: 不具合.png https://z.example/7"
        )
        with scope.everywhere(reason="a test looks at everything"):
            note = Note.objects.earliest("at")
            assert note.text.endswith("\n不具合.png https://z.example/7")
            assert note.at == Message.objects.earliest("at").at
            assert Attachment.objects.count() == 0
        again = bring(path, target)
        assert (again.counts, again.first) == ({"case": {"skipped": 1}}, [])

    def test_a_file_without_a_word_is_something_said(self, target: Target, tmp_path: Path) -> None:
        written(tmp_path, "attachments/7/不具合.png")
        path = export(tmp_path, FILE)
        ticket = json.loads(path.read_text(encoding="utf-8"))
        ticket["comments"][0] |= {"plain_body": "", "body": ""}
        path.write_text(json.dumps(ticket), encoding="utf-8")

        assert bring(path, target).counts == {"case": {"created": 1}}

        with scope.everywhere(reason="a test looks at everything"):
            first = Message.objects.earliest("at")
            assert (first.text, first.attachments.count()) == ("", 1)
