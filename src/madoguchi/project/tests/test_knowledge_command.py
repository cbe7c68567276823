"""`madoguchi knowledge`: articles out, and archives, Markdown and tables in, shown first."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.knowledge.factories import png
from madoguchi.knowledge.models import Article, ArticleFile, ArticleVersion
from madoguchi.people.factories import World
from madoguchi.project.cli.knowledge import knowledge

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> Result:
    return CliRunner().invoke(knowledge, [str(one) for one in arguments])


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def kept(world: World) -> list[tuple[str, str, str]]:
    with world.ours.scope():
        return list(ArticleVersion.objects.order_by("title").values_list("title", "state", "article__folder"))


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A folder of Markdown with a picture, and what is none of ours beside it."""
    guide = tmp_path / "guide"
    (guide / "返品").mkdir(parents=True)
    (guide / "返品" / "期限.md").write_text("# 返品の期限\n\n![箱](../箱.png)\n")
    (guide / "箱.png").write_bytes(png())
    (guide / "送料.md").write_text("---\n対象: お客様\n---\n# 送料\n\n500円です。\n")
    (guide / ".git").mkdir()
    (guide / ".git" / "x.md").write_text("x")
    (guide / "film.mp4").write_bytes(b"\0" * 100)
    return guide


def test_a_folder_of_markdown_is_shown_and_then_comes_in_as_drafts(world: World, guide: Path) -> None:
    prefix = world.ours.company.prefix

    for asked in ([], ["--dry-run"]):
        shown = run("import", prefix, guide, *asked)
        assert (shown.exit_code, kept(world)) == (0, [])
        assert [(one["title"], one["state"]) for one in told(shown)] == [
            ("返品の期限", "new"),
            ("送料", "new"),
        ]
        assert json.loads(shown.stderr) == {"done": False, "new": 2}

    assert run("import", prefix, guide, "--yes").exit_code == 0
    assert kept(world) == [("返品の期限", "draft", "返品"), ("送料", "draft", "")]
    with world.ours.scope():
        assert ArticleFile.objects.get().filename == "箱.png"
        assert Article.objects.get(title="送料").audience == "customer"
    assert [one["state"] for one in told(run("import", prefix, guide, "--yes"))] == ["same", "same"]


def test_a_table_comes_in_approved_and_its_wrong_line_is_told(world: World, tmp_path: Path) -> None:
    table = tmp_path / "faq.csv"
    table.write_text("質問,回答,カテゴリ\n送料は？,500円です。,配送\n返品は？,,返品\n")

    done = run("import", world.ours.company.prefix, table, "--approved", "--yes")

    assert (done.exit_code, kept(world)) == (3, [("送料は？", "approved", "配送")])
    [_new, refused] = told(done)
    assert (refused["state"], "3" in refused["title"], bool(refused["reason"])) == ("refused", True, True)


def test_an_archive_goes_out_as_a_folder_and_comes_in_elsewhere(
    world: World, guide: Path, tmp_path: Path
) -> None:
    ours, theirs = world.ours.company.prefix, world.theirs.company.prefix
    run("import", ours, guide, "--yes", "--approved")

    assert json.loads(run("export", ours, tmp_path / "out").stdout)["articles"] == 2
    assert run("import", theirs, tmp_path / "out", "--yes").exit_code == 0

    with world.theirs.scope():
        assert ArticleVersion.objects.filter(state="approved").count() == 2


def test_what_is_none_and_two_wishes_at_once_change_nothing(
    world: World, guide: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("靴")
    prefix = world.ours.company.prefix

    assert run("import", prefix, tmp_path / "a.txt", "--yes").exit_code == 1
    assert run("import", prefix, guide, "--yes", "--dry-run").exit_code == 2
    assert run("import", prefix).exit_code == 2
    assert kept(world) == []


def test_a_link_leads_nowhere_out_of_the_folder(world: World, guide: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# 秘密")
    (guide / "秘密.md").symlink_to(tmp_path / "secret.md")

    titles = [one["title"] for one in told(run("import", world.ours.company.prefix, guide))]
    assert titles == ["返品の期限", "送料"]
