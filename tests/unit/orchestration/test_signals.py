import os
import signal
import subprocess
import sys
import threading

import pytest

from downhill.orchestration.signals import end_when_asked


@pytest.mark.parametrize("held", [False, True])
def test_sigterm_while_the_lock_of_its_handler_is_held(held: bool, monkeypatch: pytest.MonkeyPatch):
    lock, ended = threading.Lock(), threading.Event()

    def end(number: int, frame: object) -> None:
        with lock:
            ended.set()

    before = signal.signal(signal.SIGTERM, end)
    try:
        end_when_asked()
        if held:
            with lock:
                os.kill(os.getpid(), signal.SIGTERM)
                assert not ended.wait(0.05)
        else:
            os.kill(os.getpid(), signal.SIGTERM)
        assert ended.wait(10)
    finally:
        signal.signal(signal.SIGTERM, before)


PRESS = """
ctrl_c.watch()
signal.signal(signal.SIGINT, lambda *_: None)
os.kill(os.getpid(), signal.SIGINT)
"""
SENTENCE = "Interrupted. Run the same command again to continue.\n"


@pytest.mark.parametrize(
    ("before", "error", "said"),
    [
        ("", "KeyboardInterrupt", SENTENCE),
        (PRESS, "asyncio.CancelledError", SENTENCE),
        ("", "asyncio.CancelledError", "asyncio.exceptions.CancelledError\n"),
        (PRESS, "ValueError('other')", "ValueError: other\n"),
    ],
)
def test_ctrl_c_outside_jobs_is_reported_in_one_sentence(before: str, error: str, said: str):
    imports = (
        "import asyncio, os, signal, sys\nfrom downhill.orchestration.signals import ctrl_c, interrupted"
    )
    code = f"{imports}\n{before}\nsys.excepthook = interrupted\nraise {error}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode
    assert done.stderr.endswith(said)
    assert ("Traceback" in done.stderr) is (said != SENTENCE)


def test_ctrl_c_is_known_at_once_and_other_signals_are_not_taken_for_it():
    code = """
import os, signal, sys, threading
from downhill.orchestration.signals import ctrl_c

asked = lambda: [ctrl_c.pressed() for _ in range(2)]
signal.signal(signal.SIGTERM, lambda *_: None)
answers = asked()
ctrl_c.watch()
signal.signal(signal.SIGINT, signal.default_int_handler)
os.kill(os.getpid(), signal.SIGTERM)
answers += asked()
try:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    print(*answers, ctrl_c.pressed(patience=30))
except KeyboardInterrupt:
    print(*answers, *asked())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [*["False"] * 4, "True", "True"]
