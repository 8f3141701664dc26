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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("KeyboardInterrupt", "Interrupted before any job was started; run the same command again.\n"),
        ("ValueError('other')", "ValueError: other\n"),
    ],
)
def test_ctrl_c_while_snakemake_plans_is_reported_in_one_sentence(error: str, said: str):
    hook = "from downhill.orchestration.signals import interrupted"
    code = f"import sys\n{hook}\nsys.excepthook = interrupted\nraise {error}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode
    assert done.stderr.endswith(said)
    assert ("Traceback" in done.stderr) is (error != "KeyboardInterrupt")
