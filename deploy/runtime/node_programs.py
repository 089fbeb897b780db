"""What a node of Kubernetes runs on (containers, their network, the cluster's store), from the distribution's packages.

Only `make test-cluster` needs it, and only where it raises a node of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.runtime.cache import Component
from deploy.runtime.distribution import VERSION, unpacked
from deploy.runtime.progress import InstallFailed, Progress

_LIBRARIES: Final = (
    *("libbsd0", "libedit2", "libgmp10", "libip4tc2", "libip6tc2", "libipset13", "libjansson4"),
    *(
        "libmd0",
        "libmnl0",
        "libnetfilter-conntrack3",
        "libnfnetlink0",
        "libnftables1",
        "libnftnl11",
    ),
    *("libseccomp2", "libxtables12"),
)
_PACKAGES: Final = (
    *("containerd", "containernetworking-plugins", "etcd-server", "ipset", "iptables", "nftables"),
    *("runc", *_LIBRARIES),
)
# As the package's own scripts link them when it is installed.
_ALTERNATIVES: Final = ("iptables", "iptables-save", "iptables-restore")

NODE_PROGRAMS: Final = Component(
    name="node-programs",
    version=VERSION,
    recipe=" ".join([*_PACKAGES, *_ALTERNATIVES]).encode(),
)


def node_programs(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder that holds the programs below `usr`; they need `library_path`.

    Raises:
        InstallFailed: no Debian or Ubuntu, or the packages are not to be had.
    """
    return unpacked(
        NODE_PROGRAMS,
        _PACKAGES,
        cache,
        progress,
        environment,
        expect="60 MB of packages",
        finish=_link_alternatives,
    )


def library_path(folder: Path) -> str:
    """Return where programs of `folder` find their libraries (`LD_LIBRARY_PATH`)."""
    return ":".join(
        map(str, sorted([*folder.glob("usr/lib/*-linux-gnu"), *folder.glob("lib/*-linux-gnu")]))
    )


def _link_alternatives(folder: Path) -> None:
    programs = folder / "usr" / "sbin"
    for name in _ALTERNATIVES:
        for version in ("", "6"):
            link = programs / name.replace("ip", f"ip{version}", 1)
            link.symlink_to("xtables-nft-multi")
    if not (programs / "xtables-nft-multi").is_file():
        raise InstallFailed("the distribution's iptables has no xtables-nft-multi")
