"""Processes forked from one that has loaded the product: they live and end as those that loaded for themselves."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from madoguchi.project import nursery, supervisor
from madoguchi.project.nursery import Nursery
from madoguchi.project.supervisor import Supervisor, ours
from madoguchi.project.tests.processes import Heard, alive, ends

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux alone")

SOURCE = Path(nursery.__file__).parents[2]

# In place of the product, which takes seconds to load: its last argument is a program that is run.
STAND_IN = """
import sys, types
def stand_in(name, **holds):
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(holds)
def main(arguments=None, prog_name=None):
    exec((arguments or sys.argv)[-1], {})
stand_in("madoguchi.project.cli.commands", main=main, set_up_django=lambda: None)
stand_in("madoguchi.project.asgi")
stand_in("madoguchi.project.memory", keep_heap_in_few_pieces=lambda: None, load_before_forking=lambda: None)
"""
TELLS = "import os, signal; print(os.getpid(), os.getppid(), flush=True); signal.pause()"

Scene = Callable[[Supervisor, Nursery, Heard], Awaitable[None]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "sitecustomize.py").write_text(STAND_IN)
    return {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{SOURCE}"}


@pytest.fixture
def play(environment: dict[str, str]) -> Callable[[Scene], Heard]:
    """Plays a scene with a supervisor and its nursery, and stops both."""

    def played(scene: Scene) -> Heard:
        heard = Heard()

        async def whole() -> None:
            async with Nursery(environment) as own:
                one = Supervisor(say=heard, first_pause=0.01, environment=environment, nursery=own)
                try:
                    await scene(one, own, heard)
                finally:
                    await one.stop()

        asyncio.run(whole())
        return heard

    return played


def pid_of(own: Nursery) -> int:
    assert own._process is not None
    return own._process.pid


async def started(heard: Heard, name: str = "web") -> tuple[int, int]:
    """The number of a process that tells it, and its parent's."""
    number, parent = (await heard.until(name, "")).split()
    return int(number), int(parent)


def test_commands_of_ours_are_forked_and_end_with_their_exit_code(play) -> None:
    told: list[object] = []

    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        says = "import os, sys; print('窓口', os.getppid()); print(sys.argv[1:3], file=sys.stderr); raise SystemExit(3)"
        told.append(await one.once("user", ours("user", "user", says).command, quiet=True))
        told.append(pid_of(own))
        told.append(
            await one.once("other", [sys.executable, "-c", "import os; print(os.getppid())"], quiet=True)
        )

    play(scene)

    code, lines = told[0]  # type: ignore[misc]
    assert (code, sorted(lines)) == (3, ["['--supervised', 'user']", f"窓口 {told[1]}"])
    assert told[2] == (0, [str(os.getpid())])


def test_one_asked_for_another_environment_is_no_fork(play, environment) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        says = "import os; print(os.environ['ROLE'], os.getppid())"
        told = await one.once(
            "web", ours("web", says).command, environment={**environment, "ROLE": "owner"}, quiet=True
        )
        assert told == (0, [f"owner {os.getpid()}"])

    play(scene)


def test_it_hears_signals_as_any_process_and_has_a_session_and_a_name_of_its_own(play) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        says = (
            "import os, setproctitle; from signal import *\n"
            "print([getsignal(number) == SIG_IGN for number in (SIGINT, SIGTERM, SIGHUP)])\n"
            "print(os.getsid(0) == os.getpid(), setproctitle.getproctitle()[:26])"
        )
        told = await one.once("web", ours("web", "web", says).command, quiet=True)
        ignored = [
            signal.getsignal(n) == signal.SIG_IGN for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        ]
        assert told == (0, [str(ignored), "True madoguchi --supervised web"])

    play(scene)


def test_one_that_is_killed_is_forked_again(play) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        one.keep(ours("web", "web", TELLS))
        first, parent = await started(heard)
        assert parent == pid_of(own)

        os.kill(first, signal.SIGKILL)

        assert await heard.until("up", "web") == "web ended (killed by SIGKILL); starting it again in 0.01 s."
        second, parent = await started(heard)
        assert (second != first, parent) == (True, pid_of(own))

    play(scene)


def test_signals_meant_for_everybody_leave_the_nursery_to_the_end(play) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        one.keep(ours("web", "web", TELLS))
        first, _parent = await started(heard)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.killpg(pid_of(own), number)
        os.kill(first, signal.SIGTERM)
        assert await heard.until("up", "web") == "web ended (killed by SIGTERM); starting it again in 0.01 s."
        assert (await started(heard))[1] == pid_of(own)

    play(scene)


def test_when_it_is_gone_what_it_forked_goes_on_and_the_next_is_started_in_the_usual_way(play) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        one.keep(ours("web", "web", TELLS))
        first, _parent = await started(heard)
        one.keep(ours("worker", "worker", TELLS))
        other, _parent = await started(heard, "worker")

        os.kill(pid_of(own), signal.SIGKILL)
        os.kill(first, signal.SIGTERM)

        assert await heard.until("up", "web") == "web ended (exit code 255); starting it again in 0.01 s."
        assert (await started(heard))[1] == os.getpid()
        assert psutil.pid_exists(other)
        assert [line for name, line in heard.lines if name == "up" and line.startswith("worker")] == []

    play(scene)


def test_what_is_forked_only_after_the_time_to_end_is_over_is_killed(
    play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    (tmp_path / "sitecustomize.py").write_text(
        STAND_IN
        + f"\nimport os\nif 'forking' in ' '.join(sys.orig_argv): open({str(tmp_path / 'gate')!r}).read()\n"
    )
    os.mkfifo(tmp_path / "gate")
    ignores = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    forked: list[int] = []
    start = supervisor._start

    async def told(*given: Any, **more: Any) -> Any:
        made = await start(*given, **more)
        forked.append(made.process.pid)
        return made

    monkeypatch.setattr(supervisor, "_start", told)

    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        one.keep(ours("web", "web", ignores))
        stopping = asyncio.create_task(one.stop())
        killed = asyncio.Event()
        monkeypatch.setattr(one, "kill", lambda kill=one.kill: (kill(), killed.set()))
        await killed.wait()
        assert forked == []
        await asyncio.to_thread((tmp_path / "gate").write_text, "")
        await asyncio.wait([stopping], timeout=20)
        [pid] = forked
        assert (stopping.done(), alive(pid), one._running) == (True, False, {})

    play(scene)


def test_one_that_cannot_load_is_done_without(play, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        STAND_IN + "\nif 'forking' in ' '.join(sys.orig_argv): sys.modules['madoguchi.project.asgi'] = None\n"
    )

    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        one.keep(ours("web", "web", TELLS))
        assert (await started(heard))[1] == os.getpid()

    play(scene)


def test_one_that_says_nothing_is_waited_for_no_longer(
    play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nursery, "LOADED_SECONDS", 0.2)
    (tmp_path / "sitecustomize.py").write_text(
        STAND_IN + "\nimport signal\nif 'forking' in ' '.join(sys.orig_argv): signal.pause()\n"
    )

    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        silent = pid_of(own)
        one.keep(ours("web", "web", TELLS))
        assert (await started(heard))[1] == os.getpid()
        assert ends(silent)

    play(scene)


def test_nothing_stays_open(play) -> None:
    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        async def once() -> None:
            assert (await one.once("user", ours("user", "pass").command))[0] == 0

        await once()
        other = psutil.Process(pid_of(own))
        before = psutil.Process().num_fds(), other.num_fds()
        for _time in range(5):
            await once()
        # Both close what was the last one's a moment after its end was told; what stays of five would be more.
        assert psutil.Process().num_fds() <= before[0] + 2
        assert other.num_fds() <= before[1] + 2

    play(scene)


def test_at_the_end_nobody_is_left(play) -> None:
    pids: list[int] = []

    async def scene(one: Supervisor, own: Nursery, heard: Heard) -> None:
        for name in ("web", "worker"):
            one.keep(ours(name, name, TELLS))
            pids.append((await started(heard, name))[0])
        pids.append(pid_of(own))

    heard = play(scene)

    assert [psutil.pid_exists(pid) for pid in pids] == [False] * 3
    assert [line for name, line in heard.lines if name == "up"] == []


def test_all_end_when_their_supervisor_is_killed(environment: dict[str, str]) -> None:
    reads_its_input = "import os; print(os.getpid(), os.getppid(), flush=True); os.read(0, 1)"
    code = (
        "import asyncio, os\n"
        "from madoguchi.project.nursery import Nursery\n"
        "from madoguchi.project.supervisor import Supervisor, ours\n"
        "async def run():\n"
        "    async with Nursery(os.environ) as own:\n"
        "        one = Supervisor(say=lambda name, line: print(line, flush=True), nursery=own)\n"
        f"        one.keep(ours('web', 'web', {reads_its_input!r}))\n"
        "        await one.wait()\n"
        "asyncio.run(run())\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]

    parent.kill()
    parent.wait()

    assert [ends(pid) for pid in pids] == [True, True]
