"""The node's first process: lays out its namespaces, then starts its programs and keeps them running.

`python -m deploy.cluster.node.inside` runs as pid 1 of namespaces that deploy/cluster/node/outside.py made. When it
ends, the kernel ends all that is in the node.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.cluster.node.places import NODE_NAME, NodePlaces
from deploy.cluster.node.programs import NodePrograms, commands

# The kubelet sets these for the whole machine, or refuses to start. In the node it finds files that say what it wants.
_WANTED_BY_KUBELET: Final = {
    "vm/overcommit_memory": "1",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
}
# Of the node's own network namespace.
_NETWORK: Final = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/route_localnet": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
}
# What programs write there elsewhere; here it lies in the node's own folder.
_VAR: Final = ("lib/cni", "lib/kubelet", "log/containers", "log/pods")
_PAUSE_SECONDS: Final = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--kubernetes", type=Path, required=True)
    parser.add_argument("--distribution", type=Path, required=True)
    parser.add_argument("--network-policies", type=Path, required=True)
    said = parser.parse_args()
    places = NodePlaces(root=said.root)
    programs = NodePrograms(
        kubernetes=said.kubernetes,
        distribution=said.distribution,
        network_policies=said.network_policies,
    )
    _lay_out(places)
    places.ready.touch()
    # The host lays the cable when it sees that.
    while not places.cabled.exists():
        time.sleep(0.05)
    keep_running(commands(places, programs), programs.environment(), places.logs)
    return 1


def _lay_out(places: NodePlaces) -> None:
    groups = Path("/proc/self/cgroup").read_text()
    _run("hostname", NODE_NAME)
    _run("ip", "link", "set", "lo", "up")
    # The host's hierarchies must not be seen beside the node's own: programs take the first that they find.
    if Path("/sys/fs/cgroup").is_mount():
        _run("umount", "--lazy", "/sys/fs/cgroup")
    _mount("sysfs", "/sys", kind="sysfs")
    _mount("tmpfs", "/sys/fs/cgroup", kind="tmpfs", options="mode=755")
    for line in groups.splitlines():
        _, controllers, _ = line.split(":", 2)
        if controllers:
            named = controllers.startswith("name=")
            folder = Path("/sys/fs/cgroup") / controllers.removeprefix("name=")
            folder.mkdir()
            _mount(
                "cgroup",
                str(folder),
                kind="cgroup",
                options=f"none,{controllers}" if named else controllers,
            )
    _mount("tmpfs", "/run", kind="tmpfs")
    Path("/run/lock").mkdir()
    for place in _VAR:
        inside = places.var / place
        inside.mkdir(parents=True, exist_ok=True)
        target = Path("/var") / place
        target.mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", str(inside), str(target))
    _run("mount", "--bind", str(places.root), str(places.root))
    # Volumes that a pod mounts are seen by its neighbours in it.
    for shared in ("/run", "/var/lib/kubelet", str(places.root)):
        _run("mount", "--make-rshared", shared)
    for setting, value in _NETWORK.items():
        (Path("/proc/sys") / setting).write_text(value)
    for setting, value in _WANTED_BY_KUBELET.items():
        stand_in = places.life / "settings" / setting
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text(f"{value}\n")
        _run("mount", "--bind", str(stand_in), f"/proc/sys/{setting}")


def keep_running(
    started: Mapping[str, list[str]], environment: Mapping[str, str], logs: Path
) -> None:
    """Start all, start again what ends, and bury orphans, for ever."""
    logs.mkdir(parents=True, exist_ok=True)
    running: dict[int, str] = {}
    due = dict.fromkeys(started, 0.0)
    while True:
        for name, moment in list(due.items()):
            if time.monotonic() >= moment:
                running[_start(started[name], environment, logs / f"{name}.log")] = name
                del due[name]
        try:
            pid, status = os.waitpid(-1, os.WNOHANG if due else 0)
        except ChildProcessError:
            pid, status = 0, 0
        if name := running.pop(pid, ""):
            print(f"{name} ended with {os.waitstatus_to_exitcode(status)}", flush=True)
            due[name] = time.monotonic() + _PAUSE_SECONDS
        elif pid == 0:
            time.sleep(0.1)


def _start(command: list[str], environment: Mapping[str, str], log: Path) -> int:
    with log.open("ab") as sink:
        return os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, sink.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, sink.fileno(), 2),
            ],
            setsid=True,
        )


def _mount(what: str, where: str, *, kind: str, options: str = "") -> None:
    _run("mount", "-t", kind, *(("-o", options) if options else ()), what, where)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
