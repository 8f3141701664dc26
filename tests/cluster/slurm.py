"""A real SLURM on this machine: munge, a controller and four nodes on loopback, started and stopped by the tests.

Jobs of SLURM find its configuration only at the usual path, so it is written there. If that file exists and is not
ours, it is not changed, and the tests cannot use SLURM.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

Found = TypeVar("Found")

CONFIGURATION = Path("/etc/slurm/slurm.conf")
OURS = "# Written by Downhill's tests, which also remove it."
CLUSTER = "downhill-tests"
NODES = ("n1", "n2", "n3", "n4")
MARK = "DOWNHILL_TESTS_SLURM"  # in the environment of its daemons
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")

TEMPLATE = """\
{ours}
ClusterName={cluster}
SlurmctldHost=localhost
SlurmUser=root
SlurmctldPort=16817
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=100
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/log/jobcomp.txt
ReturnToService=2
SlurmdTimeout=300
KillWait=3
MinJobAge=3600
SlurmdParameters=config_overrides
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
NodeName=n[1-4] NodeHostname=localhost Port=[17001-17004] CPUs=8 RealMemory=8000
PartitionName=main Nodes=n[1-4] Default=YES LLN=YES MaxTime=60 State=UP
"""


def why_not() -> str:
    """The reason why SLURM cannot be started on this machine; empty if it can."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        return f"{missing[0]} is not installed (Debian: apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "only root can start SLURM's daemons"
    if CONFIGURATION.exists() and not CONFIGURATION.read_text(encoding="utf-8").startswith(OURS):
        return f"this machine has a SLURM of its own ({CONFIGURATION})"
    return ""


@contextmanager
def running() -> Iterator["Slurm"]:
    """Start SLURM, and stop it and all its jobs when the block ends. Only one can run at a time."""
    end_leftovers()
    folder = Path(tempfile.mkdtemp(prefix="downhill-slurm-"))
    folder.chmod(0o755)
    for name in ("munge", "state", "spool", "log", "run"):
        (folder / name).mkdir(mode=0o755)
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(TEMPLATE.format(ours=OURS, cluster=CLUSTER, folder=folder), encoding="utf-8")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(CONFIGURATION.unlink)
        slurm = Slurm(folder, stack)
        slurm.start()
        stack.callback(slurm.cancel_all)
        yield slurm


class Slurm:
    """A running SLURM and the operations that tests perform on it."""

    def __init__(self, folder: Path, stack: ExitStack):
        self.folder = folder
        self._stack = stack

    def start(self) -> None:
        munge = self.folder / "munge"
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o600)
        self._daemon(
            "munged",
            *("munged", "--foreground", "--force", f"--key-file={munge}/key", f"--socket={munge}/socket"),
            *(f"--pid-file={munge}/pid", f"--seed-file={munge}/seed", f"--log-file={munge}/log"),
        )
        wait_for(lambda: (munge / "socket").exists(), "munge to listen", seconds=20)
        self._daemon("slurmctld", "slurmctld", "-D")
        for node in NODES:
            self._daemon(f"slurmd-{node}", "slurmd", "-D", "-N", node)
        wait_for(lambda: self.states() == dict.fromkeys(NODES, "idle"), "four idle nodes", seconds=60)

    def _daemon(self, name: str, *command: str) -> None:
        """Start a daemon that is stopped by its process id and waited for."""
        log = (self.folder / "log" / f"{name}.out").open("wb")
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | {MARK: name}
        )
        self._stack.callback(log.close)
        self._stack.callback(stop, process)

    def states(self) -> dict[str, str]:
        """The state of each node."""
        printed = ask("sinfo", "--noheader", "--Node", "--format=%N %T", ok=False)
        return dict(re.findall(r"^(\S+) (\S+?)\*?$", printed, flags=re.MULTILINE))

    def jobs(self) -> list[str]:
        """Ids of all jobs that are pending, running or completing."""
        states = "PENDING,RUNNING,COMPLETING"
        return ask("squeue", "--noheader", f"--states={states}", "--format=%i").split()

    def node_of(self, job: str) -> str:
        """The node on which a job is running."""
        return ask("squeue", "--noheader", f"--jobs={job}", "--format=%N").strip()

    def cancel_all(self) -> None:
        """Cancel all jobs and wait until there are none."""
        ask("scancel", f"--user={os.getuid()}", ok=False)
        wait_for(lambda: not self.jobs(), "all jobs to end", seconds=60)
        self.kill()

    def kill(self, job: str | None = None) -> None:
        """Kill the processes of a job, or of all jobs, by their ids, as a machine failure would."""
        for process in psutil.process_iter():
            try:
                environment = process.environ()
                ours = environment.get("SLURM_CLUSTER_NAME") == CLUSTER
                if ours and job in (None, environment.get("SLURM_JOB_ID")):
                    process.kill()
            except psutil.Error:  # the process has ended in the meantime
                continue

    def endings(self) -> dict[str, dict[str, str]]:
        """The `JobState`, `NodeList`, … of all ended jobs by id, in the order in which they ended."""
        log = self.folder / "log" / "jobcomp.txt"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        endings = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]
        return {ending["JobId"]: ending for ending in endings}


def end_leftovers() -> None:
    """Kill daemons left over from tests that were killed, because they occupy the ports."""
    for process in psutil.process_iter():
        try:
            if MARK in process.environ():
                process.kill()
        except psutil.Error:  # the process has ended in the meantime
            continue


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ask(*command: str, ok: bool = True) -> str:
    """Run a SLURM command and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if ok and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def wait_for(condition: Callable[[], Found], what: str, seconds: float) -> Found:
    """Wait until a condition is true and return its value; raises an error that names it if it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(f"timed out after {seconds:.0f} s waiting for {what}")
