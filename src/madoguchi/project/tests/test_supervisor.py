"""The supervisor with real processes: what dies comes back, what must stop stops, and nobody outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from madoguchi.project import supervisor
from madoguchi.project.supervisor import Service, Supervisor, SupervisorError
from madoguchi.project.tests.processes import Heard, alive, ends

ROOT = Path(supervisor.__file__).parents[2]
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}

SAYS_AND_WAITS = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"
IGNORES_TERM = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SAYS_AND_WAITS}"


def python(name: str, code: str, *arguments: str) -> Service:
    return Service(name, [sys.executable, "-c", code, *arguments])


def supervised(play: Callable[[Supervisor, Heard], Awaitable[None]]) -> Heard:
    """Plays a scene with a supervisor, and stops it."""
    heard = Heard()

    async def scene() -> None:
        one = Supervisor(say=heard, first_pause=0.01)
        one.stop_on_signals()
        try:
            await play(one, heard)
        finally:
            await one.stop()

    asyncio.run(scene())
    return heard


def test_what_a_process_prints_is_told_with_its_name() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        code = (
            "import sys; print('窓口'); print('no', file=sys.stderr); sys.stdout.buffer.write(b'\\xff!\\n')"
        )
        assert await one.once("seed", python("seed", code).command) == (0, [])

    assert sorted(supervised(play).lines) == sorted([("seed", "窓口"), ("seed", "no"), ("seed", "\ufffd!")])


def test_a_quiet_command_gives_its_lines_back() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        command = python("user", "print('a'); print('b'); raise SystemExit(3)").command
        assert await one.once("user", command, quiet=True) == (3, ["a", "b"])

    assert supervised(play).lines == []


def test_processes_see_the_environment_they_were_given_and_one_command_may_see_another() -> None:
    command = python("web", "import os; print(os.environ.get('SHARED', 'nothing'))").command
    heard = Heard()

    async def play() -> None:
        given = {**ENVIRON, "SHARED": "theirs"}
        one = Supervisor(say=heard, environment=given)
        await one.once("web", command)
        await one.once("migrate", command, environment=ENVIRON)
        await one.stop()

    asyncio.run(play())
    assert heard.lines == [("web", "theirs"), ("migrate", "nothing")]


def test_a_line_without_end_stops_nobody() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        code = f"print('x' * {supervisor.LONGEST_LINE + 100}); print('after')"
        await one.once("web", python("web", code).command)

    assert supervised(play).lines[-1] == ("web", "after")


def test_a_process_that_is_killed_is_started_again() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("web", SAYS_AND_WAITS))
        first = int((await heard.until("web", "pid")).split()[1])

        os.kill(first, signal.SIGKILL)

        assert await heard.until("up", "web") == "web ended (killed by SIGKILL); starting it again in 0.01 s."
        second = int((await heard.until("web", "pid")).split()[1])
        assert second != first

    supervised(play)


def test_a_process_that_cannot_be_started_is_tried_again_until_it_can(tmp_path: Path) -> None:
    program = tmp_path / "web"

    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(Service("web", [str(program)]))
        for pause in ("0.01", "0.02"):
            said = await heard.until("up", "web")
            assert (
                said
                == f"web could not be started (No such file or directory); starting it again in {pause} s."
            )

        ready = tmp_path / "ready"
        ready.write_text(f"#!{sys.executable}\n{SAYS_AND_WAITS}\n")
        ready.chmod(0o700)
        ready.rename(program)

        await heard.until("web", "pid")

    supervised(play)


def test_what_could_not_be_started_leaves_nothing_open(tmp_path: Path) -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(Service("web", [str(tmp_path / "missing")]))
        await heard.until("up", "web could")
        await heard.until("up", "web could")
        before = psutil.Process().num_fds()
        await heard.until("up", "web could")
        await heard.until("up", "web could")
        assert psutil.Process().num_fds() == before

    supervised(play)


def test_a_process_is_read_to_its_end_when_nobody_hears_what_it_says() -> None:
    def closed(name: str, line: str) -> None:
        raise BrokenPipeError

    async def scene() -> tuple[int, list[str]]:
        one = Supervisor(say=closed)
        code = "for _ in range(20_000): print('a line that fills the pipe')"
        try:
            return await asyncio.wait_for(one.once("web", python("web", code).command), 60)
        finally:
            await one.stop()

    assert asyncio.run(scene()) == (0, [])


def test_one_that_keeps_watch_and_fails_ends_everything_loudly() -> None:
    pids: list[int] = []

    async def fail() -> None:
        raise RuntimeError("no more")

    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("web", SAYS_AND_WAITS))
        pids.append(int((await heard.until("web", "pid")).split()[1]))
        one.watch("the database", fail())
        await one.wait()

    with pytest.raises(SupervisorError) as caught:
        supervised(play)

    assert str(caught.value) == "Nobody kept the database running any more (RuntimeError('no more'))."
    assert ends(pids[0])


def test_a_process_that_keeps_ending_is_started_later_each_time() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("worker", "raise SystemExit(7)"))
        for pause in ("0.01", "0.02", "0.04", "0.08"):
            said = await heard.until("up", "worker")
            assert said == f"worker ended (exit code 7); starting it again in {pause} s."

    supervised(play)


def test_what_a_dead_process_left_behind_is_gone_before_it_comes_back() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        code = (
            "import subprocess, sys;"
            f"left = subprocess.Popen([sys.executable, '-c', {IGNORES_TERM!r}], stdout=subprocess.PIPE);"
            "print('left', int(left.stdout.readline().split()[1]), flush=True); raise SystemExit(1)"
        )
        one.keep(python("web", code))
        left = int((await heard.until("web", "left")).split()[1])
        await heard.until("up", "web ended")
        assert ends(left)

    supervised(play)


def test_stopping_ends_all_and_starts_nobody_again() -> None:
    pids: list[int] = []

    async def play(one: Supervisor, heard: Heard) -> None:
        for name in ("web", "worker"):
            one.keep(python(name, SAYS_AND_WAITS))
            pids.append(int((await heard.until(name, "pid")).split()[1]))

    heard = supervised(play)

    assert [alive(pid) for pid in pids] == [False, False]
    assert [line for name, line in heard.lines if name == "up"] == []


def test_a_process_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    pids: list[int] = []

    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("web", IGNORES_TERM))
        pids.append(int((await heard.until("web", "pid")).split()[1]))

    supervised(play)

    assert not alive(pids[0])


def test_the_first_interrupt_asks_and_the_second_kills() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("web", IGNORES_TERM))
        pid = int((await heard.until("web", "pid")).split()[1])

        os.kill(os.getpid(), signal.SIGINT)
        await one.wait()
        assert await heard.until("up", "Stopping") == "Stopping. Once more to kill."
        assert alive(pid)

        os.kill(os.getpid(), signal.SIGINT)
        await one.stop()
        assert not alive(pid)

    supervised(play)


def test_a_hang_up_that_is_to_be_ignored_is() -> None:
    """As `nohup` has it: who started us goes, and we go on."""

    async def play(one: Supervisor, heard: Heard) -> None:
        one.keep(python("web", SAYS_AND_WAITS))
        pid = int((await heard.until("web", "pid")).split()[1])

        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGINT)
        await one.wait()

        assert await heard.until("up", "Stopping") == "Stopping. Once more to kill."
        assert ends(pid)

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        heard = supervised(play)
    finally:
        signal.signal(signal.SIGHUP, before)
    # The second signal would have killed.
    assert [words for name, words in heard.lines if "Stopping" in words] == ["Stopping. Once more to kill."]


def test_a_command_under_way_is_stopped_too() -> None:
    async def play(one: Supervisor, heard: Heard) -> None:
        running = asyncio.create_task(one.once("seed", python("seed", SAYS_AND_WAITS).command))
        await heard.until("seed", "pid")

        os.kill(os.getpid(), signal.SIGTERM)

        assert (await running)[0] == -signal.SIGTERM

    supervised(play)


def test_a_command_of_ours_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        # A command that would run for ever, in place of a real one.
        "import sys, types, click, signal, os\n"
        "module = types.ModuleType('madoguchi.project.cli.web')\n"
        "module.__spec__ = types.SimpleNamespace(name=module.__name__)\n"
        "def wait(): print('pid', os.getpid(), flush=True); signal.pause()\n"
        "module.web = click.Command('web', callback=wait)\n"
        "sys.modules[module.__name__] = module\n"
    )
    code = (
        "import asyncio\n"
        "from madoguchi.project.supervisor import Supervisor, ours\n"
        "async def run():\n"
        "    one = Supervisor(say=lambda name, line: print(line, flush=True))\n"
        "    one.keep(ours('web', 'web'))\n"
        "    await one.wait()\n"
        "asyncio.run(run())\n"
    )
    environ = {**ENVIRON, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environ)
    assert parent.stdout is not None
    child = int(parent.stdout.readline().split()[1])

    parent.kill()
    parent.wait()

    assert ends(child)
