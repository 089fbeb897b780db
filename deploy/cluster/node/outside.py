"""Raising and ending the node, seen from the host: control groups, namespaces, the cable between them."""

import contextlib
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from deploy.cluster.node.keys import make_keys
from deploy.cluster.node.places import CABLE, HOST_ADDRESS, NODE_ADDRESS, NodePlaces
from deploy.cluster.node.programs import NodePrograms

_GROUP: Final = "meterpark-cluster"
_ROOT: Final = Path(__file__).resolve().parents[3]
_CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
_PATIENCE_SECONDS: Final = 30
# Be where $1..$N say until "--", one folder of a control group each; then be the program.
_ENTER: Final = (
    'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'
)
# Whoever else works on this machine comes first.
_NICENESS: Final = "5"


class NodeFailed(Exception):
    """The node cannot be raised; the text says why, or where it says so."""


def unfit_machine() -> str:
    """Return why this machine cannot carry a node, in a line; nothing if it can."""
    if os.geteuid() != 0:
        return "only root can raise a node; or set KUBECONFIG to a cluster of yours"
    missing = [name for name in ("ip", "mount", "nsenter", "unshare") if not shutil.which(name)]
    if missing:
        return f"missing programs: {', '.join(missing)} (packages iproute2 and util-linux)"
    if not (_CONTROL_GROUPS / "memory").is_dir():
        return (
            "this machine has control groups of version 2 alone, and a node is written for version 1: "
            "set KUBECONFIG to a cluster of yours (kind, GKE)"
        )
    return ""


def node_is_up(places: NodePlaces) -> bool:
    """Whether the node's first process is there."""
    return _process_of(places) is not None


def raise_node(places: NodePlaces, programs: NodePrograms) -> None:
    """Start the node; it is laid out when this returns, and its programs are starting.

    Raises:
        NodeFailed: this machine cannot carry one, or it did not come up.
    """
    if unfit := unfit_machine():
        raise NodeFailed(unfit)
    end_node(places)
    places.life.mkdir(parents=True, mode=0o700)
    places.logs.mkdir()
    make_keys(places, now=dt.datetime.now(dt.UTC))
    groups = _make_control_groups(places)
    log = places.logs / "node.log"
    with log.open("ab") as sink:
        keeper = subprocess.Popen(
            [
                *("sh", "-c", _ENTER, "sh", *map(str, groups), "--"),
                *("nice", "-n", _NICENESS),
                *("unshare", "--fork", "--kill-child", "--propagation", "private"),
                *("--pid", "--mount-proc", "--net", "--uts", "--ipc", "--cgroup"),
                *(sys.executable, "-m", "deploy.cluster.node.inside"),
                *("--root", str(places.root), "--kubernetes", str(programs.kubernetes)),
                *("--distribution", str(programs.distribution)),
                *("--network-policies", str(programs.network_policies)),
            ],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    places.pid.write_text(str(keeper.pid))
    try:
        _wait_until_laid_out(places, keeper, log)
        _lay_cable(places, _first_process(keeper.pid))
    except BaseException:
        end_node(places)
        raise


def end_node(places: NodePlaces) -> None:
    """End the node and all in it; what is left are its images. Safe to repeat."""
    keeper = _process_of(places)
    if keeper is not None:
        os.kill(keeper, signal.SIGKILL)
        _wait_until_gone(keeper)
    # The cable goes with the node's network; a node that died half-laid may have left it.
    subprocess.run(["ip", "link", "delete", CABLE], capture_output=True, check=False)
    _remove_control_groups(places)
    shutil.rmtree(places.life, ignore_errors=True)


def erase_images(places: NodePlaces) -> None:
    shutil.rmtree(places.root, ignore_errors=True)


def _process_of(places: NodePlaces) -> int | None:
    try:
        pid = int(places.pid.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    # Another process may have the number by now.
    return pid if b"unshare" in command and str(places.root).encode() in command else None


def _first_process(keeper: int) -> int:
    """Return the pid, as the host counts, of the process that is 1 in the node."""
    children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
    if not children:
        raise NodeFailed("the node's first process has ended")
    return int(children[0])


def _wait_until_laid_out(places: NodePlaces, keeper: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not places.ready.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise NodeFailed(f"the node did not come up: {' '.join(last) or 'no answer'}")
        time.sleep(0.05)


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while Path(f"/proc/{pid}").exists():
        # It is our child if this process raised it.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > deadline:
            raise NodeFailed(f"the node does not end (process {pid})")
        time.sleep(0.05)


def _lay_cable(places: NodePlaces, pid: int) -> None:
    at_host, in_node = ("ip",), ("nsenter", "--target", str(pid), "--net", "ip")
    for words in (
        (*at_host, "link", "add", CABLE, "type", "veth", "peer", "name", "eth0", "netns", str(pid)),
        (*at_host, "address", "add", f"{HOST_ADDRESS}/30", "dev", CABLE),
        (*at_host, "link", "set", CABLE, "up"),
        (*in_node, "address", "add", f"{NODE_ADDRESS}/30", "dev", "eth0"),
        (*in_node, "link", "set", "eth0", "up"),
        # Addresses of services are nowhere; without a route nothing would be sent to where they are rewritten.
        (*in_node, "route", "add", "default", "via", HOST_ADDRESS),
    ):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NodeFailed(f"{' '.join(words)}: {done.stderr.strip()}")
    places.cabled.touch()


def _make_control_groups(places: NodePlaces) -> list[Path]:
    """Make a group of the node's own below this process's, in each hierarchy, and return their folders."""
    folders = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        hierarchy = controllers.removeprefix("name=") or "unified"
        above = _CONTROL_GROUPS / hierarchy / path.lstrip("/")
        if not above.is_dir():
            continue
        folder = above / _GROUP
        folder.mkdir(exist_ok=True)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (folder / setting).exists():
                (folder / setting).write_text((above / setting).read_text())
        folders.append(folder)
    places.control_groups.write_text("".join(f"{folder}\n" for folder in folders))
    return folders


def _remove_control_groups(places: NodePlaces) -> None:
    if not places.control_groups.exists():
        return
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for line in reversed(places.control_groups.read_text().splitlines()):
        top = Path(line)
        while top.is_dir() and time.monotonic() < deadline:
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    Path(folder).rmdir()
                except OSError:
                    # A process in it is still ending.
                    time.sleep(0.05)
