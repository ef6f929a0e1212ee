# SPDX-License-Identifier: BSD-3-Clause
"""What cannot be had is refused in one sentence, and leaves nothing behind."""
import os
import pathlib
import socket
import subprocess
import threading
import time

from instance import INTERFACE, PATIENCE, PROGRAM, ROOT, free_hugepages_mib, service


WITHOUT_HUGETLBFS = ["unshare", "-m", "sh", "-c", 'umount -a -t hugetlbfs; exec "$0" "$@"']


def kernels_pci_device():
    """One that a driver of the kernel has, which is not to be touched; None where there is none."""
    for device in pathlib.Path("/sys/bus/pci/devices").glob("*"):
        driver = device / "driver"
        if driver.exists() and driver.resolve().name not in ("vfio-pci", "uio_pci_generic",
                                                             "mlx5_core", "mlx4_core", "mana"):
            return device.name
    return None


def what_cannot_be_had_is_one_sentence_and_status_2():
    used = f"mailglass-used-{os.getpid()}"
    with service() as one, socket.socket() as taken, \
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as memif:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        memif.bind(f"\0{used}")
        memif.listen()
        lacking = free_hugepages_mib() + 64  # what the machine has room for, but not in such pages
        cases = [
            (dict(device="net_nonsense0"), "net_nonsense"),
            (dict(device="net_af_packet0,iface=no-such-if"), "no-such-if"),
            (dict(device="0000:ff:1f.7", run="hugepages = true"), "no PCI device 0000:ff:1f.7"),
            (dict(device=f"net_memif0,role=server,socket={used}"), "in use by another process"),
            (dict(run='workers = 2\ndistribution = "rss"'), "cannot distribute frames"),
            (dict(device="net_ring0|net_memif0", run='pipeline = "tap"\ncpus = "0,1"'), "run.cpus"),
            (dict(device="net_ring0", run='pipeline = "bridge"'), "in pairs"),
            (dict(run='cpus = "999"'), "999"),
            (dict(run=f"hugepages = true\nmemory_mib = {lacking}"),
             f"too few hugepages: {lacking} MiB"),
            (dict(run="memory_mib = 64", more="", device="|".join(
                f"net_ring{i}" for i in range(1, 28))), "no memory for"),
            (dict(run="memory_mib = 64", more="", device="|".join(
                f"net_ring{i}" for i in range(1, 30))), ":3: run.memory_mib = 64 is too little"),
            (dict(port=taken.getsockname()[1]), "cannot serve metrics on"),
            (dict(eve_keys="", eve_file="/no/such/folder/eve.json"), "/no/such/folder/eve.json"),
        ]
        if ROOT:
            subprocess.run(["ip", "link", "add", INTERFACE, "type", "veth"], check=True)
            cases += [(dict(run="", user="no-such-user"), "no user no-such-user"),
                      (dict(device=f"net_af_packet0,iface={INTERFACE},qpairs=999999"),
                       "net_af_packet0 cannot be opened"),
                      (dict(device=f"net_tap0,iface={INTERFACE}"), "net_tap0 cannot be opened")]
        # In a changed root that is no mount there are no mount namespaces.
        separate = ROOT and subprocess.run(["unshare", "-m", "true"], capture_output=True)
        if not separate or separate.returncode != 0 or free_hugepages_mib() < 64:
            print("     without the case of no hugetlbfs: no mount namespace, or no hugepages")
        else:
            cases.append((dict(run="hugepages = true\nmemory_mib = 64\nsecondaries = true",
                               within=WITHOUT_HUGETLBFS), "no hugetlbfs is mounted"))
        if busy := kernels_pci_device():
            cases.append((dict(device=busy, run="hugepages = true\nmemory_mib = 64"),
                          f"{busy} is driven by"))
        good = dict(device=one.device, run="", port=one.port)
        faults = []
        try:
            for changed, part in cases:
                faults += refusal(one, {**good, **changed}, part)
        finally:
            if ROOT:
                subprocess.run(["ip", "link", "del", INTERFACE], check=True)
        assert not faults, "\n".join(faults)


def a_start_that_fails_beside_a_memif_server_survives_its_clients():
    """A client that connects in just that moment ended the process with a signal."""
    with service() as one:
        path, ended = str(one.folder / "memif"), threading.Event()

        def connect():
            while not ended.is_set():
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
                    client.connect_ex(path)
                    time.sleep(0.001)
        client = threading.Thread(target=connect)
        client.start()
        try:
            faults = [fault for _ in range(8) for fault in refusal(one, dict(
                run="", port=one.port,
                device=f"net_memif0,role=server,socket={path},socket-abstract=no|net_null0,unknown=1"),
                "net_null0 cannot be opened")]
        finally:
            ended.set()
            client.join()
        assert not faults, "\n".join(faults)


def refusal(one, keys, part):
    """What is wrong with how a configuration is refused."""
    user, before = keys.pop("user", None), free_hugepages_mib()
    within = keys.pop("within", [])
    one.write_config(**keys)
    if user:
        one.config.write_text(one.config.read_text().replace("nobody", user))
    ran = subprocess.run([*within, PROGRAM, "run", "--config", str(one.config)], text=True,
                         capture_output=True, timeout=PATIENCE,
                         env=dict(os.environ, RUNTIME_DIRECTORY=str(one.folder / "runtime")))
    lines = ran.stderr.splitlines()
    left = [str(path) for path in (one.folder / "runtime").rglob("*") if not path.is_dir()]
    faults = []
    if ran.returncode != 2 or len(lines) != 1 or part not in lines[0]:
        faults.append(f"{keys}: status {ran.returncode}, {part!r} wanted, said: {ran.stderr}")
    if left:
        faults.append(f"{keys}: left behind {left}")
    if free_hugepages_mib() < before:
        faults.append(f"{keys}: hugepages left behind")
    return faults
