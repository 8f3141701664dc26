"""Output that any terminal can show."""

import os
import subprocess
import sys

import pytest

from downhill.cli.command import COMMANDS
from downhill.cli.parser import parser
from downhill.config.canonical import as_argument, from_argument

TEXT = "✔ supported ✱, ✘ − … ± ≤ ½ Größe ő “お” a\\u00a0b"
SHOWN = {
    "ascii": b'+ supported *, x - ... +/- <= 1/2 Grosse o "\\u304a" a b',
    "latin-1": '+ supported *, x - ... ± <= ½ Größe o "\\u304a" a\xa0b'.encode("latin-1"),
    "cp437": '+ supported *, x - ... ± ≤ ½ Größe o "\\u304a" a\xa0b'.encode("cp437"),
    "utf-8": TEXT.replace("\\u00a0", "\xa0").encode(),
}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(*words: str, **env: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, *words], env=os.environ | env, capture_output=True)


@pytest.mark.parametrize("encoding", SHOWN)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_characters_missing_from_an_encoding_are_replaced(encoding: str, stream: str):
    code = "import sys; from downhill.orchestration.terminal import adapt_output; adapt_output(); "
    done = run("-c", f"{code}print('{TEXT}', file=sys.{stream})", PYTHONIOENCODING=encoding)
    assert getattr(done, stream).rstrip() == SHOWN[encoding]


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "latin-1"}, ASCII])
def test_help_and_errors_can_be_shown_everywhere(env: dict[str, str]):
    code = "from downhill.__main__ import main\nfor name in {}:\n try: main([name, '--help'])\n except SystemExit: pass"
    parser()  # which imports the commands
    done = run("-c", code.format(list(COMMANDS)), **env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"resources/...)" in done.stdout
    done = run("-m", "downhill", "show", "--results", "nö✔", **env)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: n")
    assert b"\\udc" not in done.stderr


@pytest.mark.parametrize("env", [{}, ASCII])
def test_job_gets_the_same_text_in_every_locale(env: dict[str, str]):
    text = "Größe − “お” ≥ 5"
    receive = (
        "import sys; from downhill.config.canonical import from_argument as f; print(ascii(f(sys.argv[1])))"
    )
    sent = (
        "import subprocess, sys; from downhill.config.canonical import as_argument; "
        f"subprocess.run([sys.executable, '-c', '{receive}', as_argument({text!a})], check=True)"
    )
    assert run("-c", sent, **env).stdout.decode().strip() == ascii(text)
    assert from_argument(as_argument(text)) == as_argument(text) == text  # with UTF-8, as in these tests
