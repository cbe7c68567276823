"""The process that is forked for each of our processes: what all of them need is loaded once, and shared.

`nursery.py` asks it over a socket: with the arguments of `madoguchi` come three files, the input and the output of the
process to be, and where to write its number and, once it ended, its exit code. It goes when the socket is closed.
"""

import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from setproctitle import setproctitle

LONGEST_REQUEST = 65_536
# Those who end everything send them to all processes. Ours are to end in their order, and this one after them.
_NOT_FOR_US = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Fork until nobody can ask any more; the socket's number is the one argument."""
    heeded = {number: signal.signal(number, signal.SIG_IGN) for number in _NOT_FOR_US}
    setproctitle("madoguchi nursery")
    load()
    arguments = serve(socket.socket(fileno=int(sys.argv[1])), heeded)
    if arguments is not None:
        _begin(arguments)


def load() -> None:
    """What several of our processes need. No thread and no connection may be begun here."""
    commands = importlib.import_module("madoguchi.project.cli.commands")
    commands.set_up_django()
    importlib.import_module("madoguchi.project.asgi")
    memory = importlib.import_module("madoguchi.project.memory")
    memory.keep_heap_in_few_pieces()
    memory.load_before_forking()


def serve(asked: socket.socket, heeded: Mapping[signal.Signals, Any]) -> list[str] | None:
    """Fork for whoever asks, and tell how what was forked ends. In each forked process, which heeds signals as `heeded`
    says: what it is to do.
    """
    with asked, selectors.DefaultSelector() as waiting:
        waiting.register(asked, selectors.EVENT_READ)
        while True:
            for key, _events in waiting.select():
                if key.data:
                    waiting.unregister(key.fd)
                    _tell_end(key.fd, *key.data)
                    continue
                request, files, _flags, _address = socket.recv_fds(asked, LONGEST_REQUEST, 3)
                if not request:
                    return None
                if _is_forked(waiting, files, heeded):
                    return list(json.loads(request))


def _is_forked(
    waiting: selectors.BaseSelector, files: list[int], heeded: Mapping[signal.Signals, Any]
) -> bool:
    """Whether we are what was forked."""
    given, printed, told = files
    try:
        number = os.fork()
    except OSError:  # too many processes, or no memory: it is not told which it became, and so is known
        for file in files:
            os.close(file)
        return False
    if number:
        waiting.register(os.pidfd_open(number), selectors.EVENT_READ, (number, told))
        os.close(given)
        os.close(printed)
        return False
    for key in list(waiting.get_map().values()):
        if key.data:
            os.close(key.fd)
            os.close(key.data[1])
    # In a session of its own and heeding signals, and only then told of: whoever knows it may end all of it.
    os.setsid()
    for signal_, handler in heeded.items():
        signal.signal(signal_, handler)
    for file, place in ((given, 0), (printed, 1), (printed, 2)):
        os.dup2(file, place)
    os.write(told, b"%d\n" % os.getpid())
    for file in files:
        os.close(file)
    return True


def _tell_end(watched: int, number: int, told: int) -> None:
    _number, status = os.waitpid(number, 0)
    try:
        os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    except BrokenPipeError:  # who asked is gone
        pass
    finally:
        os.close(told)
        os.close(watched)


def _begin(arguments: list[str]) -> None:
    """Go on as if `madoguchi` had been started with these."""
    sys.argv = ["madoguchi", *arguments]
    setproctitle(" ".join(sys.argv))
    command = importlib.import_module("madoguchi.project.cli.commands").main
    command(arguments, prog_name="madoguchi")


if __name__ == "__main__":
    main()
