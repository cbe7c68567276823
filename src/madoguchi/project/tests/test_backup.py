"""A real installation that is backed up, destroyed and put back."""

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pyrage
import pytest
from psycopg import sql
from tests.servers import migrated
from tests.servers.ground import until

from madoguchi.infra import files, postgres
from madoguchi.infra.tests.folders import data_folder
from madoguchi.project import conf
from madoguchi.project.backup import archive, making, restoring
from madoguchi.project.tests.test_backup_archive import GOOD, written
from madoguchi.project.tests.test_installation import environ, read_until, start

pytestmark = pytest.mark.long

_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
)
_ROWS = "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} t"


@dataclass
class Ground:
    """One installation and a folder beside it for its backups."""

    data: Path
    beside: Path
    environ: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "madoguchi.project.cli", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout


@dataclass
class Kept:
    """An installation with forty cases, what was in it, and a backup of that."""

    ground: Ground
    file: Path
    made: dict[str, object]
    before: tuple[dict[str, str], dict[str, bytes], str]


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """Made once: its server runs as long as these tests, and they only read it."""
    with data_folder() as folder:
        folder.chmod(0o755)
        ground = Ground(folder / "data", folder, environ(folder / "data"))
        migrated.install(ground.data)
        with postgres.running(ground.data):
            ground.done("seed", "--cases", "40")
            file = folder / "all.madoguchi"
            made = json.loads(ground.done("backup", str(file), "--json"))
            yield Kept(ground, file, made, everything(ground))
        until(lambda: not postgres.holds(ground.data), what="the server's end")


@pytest.fixture
def elsewhere() -> Iterator[Ground]:
    """Another machine, where nothing is yet."""
    with data_folder() as folder:
        folder.chmod(0o755)
        yield Ground(folder / "data", folder, environ(folder / "data"))
        until(lambda: not postgres.holds(folder / "data"), what="the server's end")


def rows_of(url: str) -> dict[str, str]:
    """One hash over all rows of each table."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        names = [name for (name,) in connection.execute(_TABLES)]
        return {
            name: connection.execute(sql.SQL(_ROWS).format(sql.Identifier(name))).fetchone()[0]
            for name in names
        }


def everything(ground: Ground) -> tuple[dict[str, str], dict[str, bytes], str]:
    """All rows, all files, and the key."""
    with postgres.running(ground.data) as url:
        rows = rows_of(url)
    files = {str(f.relative_to(ground.data)): f.read_bytes() for f in ground.data.glob("files/*/*/*")}
    return rows, files, (ground.data / "secret-key").read_text()


def kill_server(data: Path) -> None:
    """As when the machine is lost: the database is given no time for its last words, unless it has said them."""
    with suppress(FileNotFoundError, IndexError, psutil.NoSuchProcess):
        server = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0]))
        family = [server, *server.children(recursive=True)]
        server.kill()
        psutil.wait_procs(family)
    until(lambda: not postgres.holds(data), what="the server's end")


def test_what_was_lost_stands_up_elsewhere_as_it_was(kept: Kept, elsewhere: Ground) -> None:
    assert kept.made == {
        "file": str(kept.file),
        "bytes": kept.file.stat().st_size,
        "files": len(kept.before[1]),
        "encrypted": False,
        "damaged": [],
    }
    assert kept.file.stat().st_mode & 0o777 == 0o600

    restored = json.loads(elsewhere.done("restore", str(kept.file), "--json"))

    assert (restored["files"], restored["aside"], restored["key_differs"]) == (
        len(kept.before[1]),
        None,
        False,
    )
    assert kept.before[1]
    with postgres.running(elsewhere.data):
        assert everything(elsewhere) == kept.before
        assert "0 broken" in elsewhere.done("events", "verify")


def test_a_running_system_is_backed_up_encrypted_and_comes_back_after_its_loss(
    kept: Kept, elsewhere: Ground
) -> None:
    key = pyrage.x25519.Identity.generate()
    keys, file = elsewhere.beside / "keys.txt", elsewhere.beside / "all.age"
    keys.write_text(f"# made for a test\n{key}\n")
    elsewhere.done("restore", str(kept.file))

    running = start(elsewhere.environ)
    read_until(running.stdout, "  Stop")
    elsewhere.done("backup", str(file), "--to", str(key.to_public()))
    known = elsewhere.done("case", "list", "--json")
    refused = elsewhere.run("restore", str(file), "--key", str(keys), "--replace")
    assert refused.returncode == 1
    assert refused.stderr == f"Error: Madoguchi runs on {elsewhere.data}; stop it first.\n"
    running.kill()
    running.communicate()
    kill_server(elsewhere.data)
    shutil.rmtree(elsewhere.data)

    assert elsewhere.run("restore", str(file)).stderr == (
        "Error: This backup is encrypted: name the key file by --key.\n"
    )
    assert not (elsewhere.data / "postgres").exists()
    elsewhere.done("restore", str(file), "--key", str(keys))
    with postgres.running(elsewhere.data):
        assert elsewhere.done("case", "list", "--json") == known


def test_what_is_there_is_put_aside_only_when_asked(kept: Kept, elsewhere: Ground) -> None:
    migrated.install(elsewhere.data)
    refused = elsewhere.run("restore", str(kept.file))
    assert refused.returncode == 1
    assert f"There is a database in {elsewhere.data} already. --replace puts it aside" in refused.stderr
    assert not (elsewhere.data / "files").exists()

    restored = json.loads(elsewhere.done("restore", str(kept.file), "--replace", "--json"))

    aside = Path(restored["aside"])
    assert aside.parent == elsewhere.data
    assert (aside / "PG_VERSION").exists()
    assert everything(elsewhere) == kept.before


def test_a_damaged_backup_changes_nothing(kept: Kept, elsewhere: Ground) -> None:
    damaged = elsewhere.beside / "damaged.madoguchi"
    whole = bytearray(kept.file.read_bytes())
    whole[whole.index(b"PGDMP") + 1000] ^= 1
    damaged.write_bytes(whole)

    for arguments in (("--check",), ()):
        refused = elsewhere.run("restore", str(damaged), *arguments)
        assert refused.returncode == 1
        assert "It is not what was written" in refused.stderr
    assert not (elsewhere.data / "postgres").exists()
    assert not (elsewhere.data / "files").exists()


def test_a_restore_that_fails_puts_back_what_was_there(elsewhere: Ground) -> None:
    file = elsewhere.beside / "no-dump.madoguchi"
    file.write_bytes(written(GOOD))  # whole as an archive, but no dump that PostgreSQL can read
    migrated.install(elsewhere.data)
    before = everything(elsewhere)

    refused = elsewhere.run("restore", str(file), "--replace")

    assert refused.returncode == 1
    assert "pg_restore" in refused.stderr
    assert everything(elsewhere) == before
    assert not list(elsewhere.data.glob("postgres.before-*"))


def test_a_restore_that_fails_at_the_last_step_puts_back_the_key_and_the_files_too(elsewhere: Ground) -> None:
    file = elsewhere.beside / "strange.madoguchi"
    migrated.install(elsewhere.data)
    (elsewhere.data / "secret-key").write_text("the key of the backup, long enough to be taken for one")
    files.put_in(elsewhere.data / "files", b"of the backup", company=1)
    with postgres.running(elsewhere.data) as url:
        with psycopg.connect(url) as connection:  # what was done is to be done again, and cannot
            connection.execute("DELETE FROM django_migrations WHERE app = 'webhooks'")
        elsewhere.done("backup", str(file))
    until(lambda: not postgres.holds(elsewhere.data), what="the server's end")
    shutil.rmtree(elsewhere.data)
    migrated.install(elsewhere.data)
    files.put_in(elsewhere.data / "files", b"ours", company=1)
    (elsewhere.data / "secret-key").write_text("the key that was here, long enough to be taken for one")
    before = everything(elsewhere)

    refused = elsewhere.run("restore", str(file), "--replace")

    assert refused.returncode == 1
    assert "could not be brought to this version" in refused.stderr
    assert everything(elsewhere) == before
    assert not list(elsewhere.data.glob("*.before-*"))


def test_a_disk_without_links_keeps_a_backup_and_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with making.new_file(tmp_path / "new") as file:
        file.write(b"all")
    with pytest.raises(FileExistsError), making.new_file(tmp_path / "late") as file:
        file.write(b"all")
        (tmp_path / "late").write_bytes(b"of somebody else")

    assert (tmp_path / "new").read_bytes() == b"all"
    assert (tmp_path / "late").read_bytes() == b"of somebody else"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["late", "new"]


def test_nothing_is_written_over_and_nothing_is_backed_up_in_vain(kept: Kept, elsewhere: Ground) -> None:
    file = elsewhere.beside / "mine.txt"
    file.write_text("keep me")
    refused = kept.ground.run("backup", str(file))
    assert (refused.returncode, file.read_text()) == (1, "keep me")
    assert "is there already" in refused.stderr

    empty = elsewhere.run("backup", str(elsewhere.beside / "nothing.madoguchi"))
    assert empty.returncode == 1
    assert "This database holds nothing" in empty.stderr
    assert not list(elsewhere.beside.glob("nothing*"))


def test_a_database_of_ones_own_keeps_every_row_though_its_owner_is_bound_by_the_walls(
    kept: Kept, elsewhere: Ground
) -> None:
    """The owner of the tables is no superuser here: a dump that forgot the walls would hold no company's rows."""
    url, file = postgres.database_url(kept.ground.data), elsewhere.beside / "own.madoguchi"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE shop LOGIN CREATEROLE")
        connection.execute("CREATE DATABASE shop OWNER shop")
        connection.execute("CREATE DATABASE shop2 OWNER shop")
        connection.execute("GRANT madoguchi_app TO shop WITH ADMIN OPTION")
    first, second = (
        url.replace(f"{postgres.OWNER}@/{postgres.DATABASE}", f"shop@/{name}") for name in ("shop", "shop2")
    )
    elsewhere.environ["MADOGUCHI_DATABASE_URL"] = first
    elsewhere.done("restore", str(kept.file))
    assert rows_of(first) == kept.before[0]
    elsewhere.done("backup", str(file))

    elsewhere.environ["MADOGUCHI_DATABASE_URL"] = second
    elsewhere.done("restore", str(file))
    assert rows_of(second) == kept.before[0]

    refused = elsewhere.run("restore", str(file))
    assert refused.returncode == 1
    assert "The database of MADOGUCHI_DATABASE_URL is not empty" in refused.stderr


def test_another_key_in_the_settings_is_told(kept: Kept, elsewhere: Ground) -> None:
    elsewhere.environ["MADOGUCHI_SECRET_KEY"] = "x" * 60

    result = elsewhere.run("restore", str(kept.file))

    assert result.returncode == 0, result.stderr
    assert "MADOGUCHI_SECRET_KEY is another one than the backup's" in result.stderr
    assert not (elsewhere.data / "secret-key").exists()


def test_files_go_into_a_backup_whatever_becomes_of_them_meanwhile(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an encrypted file, an open one, and one each that is encrypted and that goes after it was found
    sound = files.put_sealed([b"sound"], company=7)
    letter, talk, gone = (files.put(content, company=7) for content in (b"letter", b"talk", b"gone"))
    # and one whose bytes were damaged on the disk
    damaged = files.put_sealed([b"damaged"], company=7)
    root = Path(settings.FILES_ROOT)
    place = root / "7" / damaged.sha256[:2] / f"{damaged.sha256}.sealed"
    place.write_bytes(place.read_bytes()[:-1] + b"?")
    config = replace(conf.config, files=root, secret_key=settings.SECRET_KEY)
    found = list(making._files(root))
    files.seal(talk, company=7)
    files.drop(gone, company=7)
    monkeypatch.setattr(making, "_files", lambda root: iter(found))
    monkeypatch.setattr(making.server, "dumped", lambda config: nullcontext(io.BytesIO(b"PGDMP")))
    monkeypatch.setattr(making.server, "server_version", lambda config: 18)
    target = io.BytesIO()

    # when they are backed up
    said = making._write(target, config, lambda size: None)

    # then each is in it as it is, and the damaged one as it lies there, and named
    named = f"7/{damaged.sha256[:2]}/{damaged.sha256}.sealed"
    assert said == (4, [named])
    held = {one.name: one.content for one in archive.members(io.BytesIO(target.getvalue()))}
    stored = {name: content for name, content in held.items() if name.startswith("files/")}
    plain = {sound.sha256: b"sound", letter: b"letter", talk: b"talk"}
    assert stored == {f"files/7/{name[:2]}/{name}": content for name, content in plain.items()} | {
        f"files/{named}": place.read_bytes()
    }

    # and comes back so
    elsewhere = replace(config, files=root / "elsewhere")
    pieces = (
        archive.Member(name, len(content), hashlib.sha256(content).hexdigest(), io.BytesIO(content))
        for name, content in stored.items()
    )
    restoring._restore_files(pieces, elsewhere, lambda size: None, ExitStack())
    assert (elsewhere.files / named).read_bytes() == place.read_bytes()
    assert (elsewhere.files / "7" / letter[:2] / letter).read_bytes() == b"letter"
