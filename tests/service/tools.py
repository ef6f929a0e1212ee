# SPDX-License-Identifier: BSD-3-Clause
"""What asks a service at work: doctor, Prometheus's reader, DPDK's tools."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

from instance import (CAPTURE, INTERFACE, PATIENCE, PROGRAM, ROOT, SOURCE, Frames, Skipped,
                      free_hugepages_mib, hugetlbfs, service, wait_for)


def metrics_name_ports_and_doctor_reads_them():
    with service() as one:
        one.start().said("READY=1")
        wait_for("frames", lambda: one.metric("mailglass_frames_total") > 1000)
        label = 'port="0",device="net_pcap0"'
        assert one.metric(f"mailglass_port_rx_frames_total{{{label}}}") > 1000
        assert one.metric(f"mailglass_port_link_up{{{label}}}") == 1
        assert one.metric('mailglass_worker_stalls_total{worker="0"}') == 0
        start = one.metric("process_start_time_seconds")
        assert abs(start - time.time()) < 600, start
        saved = one.folder / "metrics"
        saved.write_text(one.metrics() + 'mailglass_port_rx_no_mbuf_total{port="7",device="x"} 5\n')
        ran = [subprocess.run([PROGRAM, "doctor", *options], capture_output=True, text=True)
               for options in (("--config", str(one.config)), ("--metrics", str(saved)),
                               ("--metrics", "http://127.0.0.1:1/metrics"),
                               ("--metrics", str(one.config)), ("--metrics", "127.0.0.1:1"))]
        assert ran[0].returncode in (0, 1), ran[0].stderr
        assert ran[1].returncode == 1, ran[1]
        assert "no_mbuf: port 7 (x) lost 5 frames" in ran[1].stdout, ran[1]
        assert ran[2].returncode == 2 and "Connection refused" in ran[2].stderr, ran[2]
        assert ran[3].returncode == 2 and "no metrics of mailglass" in ran[3].stderr, ran[3]
        assert ran[4].returncode == 2 and "asked as http://127.0.0.1:1\n" in ran[4].stderr, ran[4]
        one.end()


def every_metric_that_doctor_asks_for_is_there():
    text = "".join(file.read_text() for file in (SOURCE / "src/app").glob("finding*"))
    asked = set(re.findall(r'"(mailglass_[a-z_0-9]+)"', text))
    assert len(asked) > 20, asked
    device = f"net_pcap{{}},rx_pcap={CAPTURE},infinite_rx=1"
    with service(f"{device.format(0)}|{device.format(1)}",
                 run='workers = 2\npipeline = "bridge"') as one:
        one.start().said("READY=1")
        wait_for("events", lambda: "mailglass_eve_events_total" in one.metrics())
        names = set(re.findall(r"^(mailglass_\w+)[{ ]", one.metrics(), re.M))
        assert asked <= names, f"not exported: {asked - names}"
        one.end()


def telemetry_answers():
    with service() as one:
        one.start().said("READY=1")
        found = list((one.folder / "runtime").rglob("dpdk_telemetry.v2"))
        assert len(found) == 1, found
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as talk:
            talk.settimeout(PATIENCE)
            talk.connect(str(found[0]))
            json.loads(talk.recv(16384))

            def ask(command):
                talk.send(command.encode())
                return json.loads(talk.recv(1 << 20))[command]
            # Of some bursts: the first frames count before their flows do, and the pools after.
            wait_for("frames", lambda: ask("/mailglass/workers")["worker_0"]["frames"] > 1000)
            assert ask("/mailglass/flows")["opened"] > 0
            assert "smtp" in ask("/mailglass/sessions")["begun"]
            assert ask("/mailglass/pools")["sessions"]["pool_capacity"] == 1024
            assert ask("/mailglass/ports")["port_0"]["device"] == "net_pcap0"
            answer = ask("/mailglass/reload")
            assert answer["done"] == 1 and "patterns reloaded" in answer["said"], answer
        one.end()


def debians_telemetry_tool_reads_it():
    tool = shutil.which("dpdk-telemetry.py")
    if not tool:
        raise Skipped("there is no dpdk-telemetry.py")
    with service() as one:
        one.start().said("READY=1")
        ran = subprocess.run([tool, "-f", "mailglass"], input="/mailglass/pools\nquit\n", text=True,
                             capture_output=True, timeout=PATIENCE,
                             env=dict(os.environ, RUNTIME_DIRECTORY=str(one.folder / "runtime")))
        assert '"sessions": {"pool_refused"' in ran.stdout, ran
        one.end()


def dumpcap_attaches():
    tool = shutil.which("dpdk-dumpcap")
    if not (ROOT and tool and free_hugepages_mib() >= 128):
        raise Skipped("needs root, dpdk-dumpcap and 128 MiB of free hugepages")
    before = free_hugepages_mib()
    # Few frames: in DPDK 22.11 what detaches may pull the memory from under a busy worker.
    with hugetlbfs(), service(f"net_tap0,iface={INTERFACE}",
                              run="hugepages = true\nmemory_mib = 128\n"
                                  "secondaries = true") as one:
        one.start().said("READY=1")
        frames = Frames(INTERFACE)
        # As the service's user: the two send each other messages by sockets that each makes.
        saved = one.folder / "saved"
        saved.mkdir()
        saved.chmod(0o777)
        with frames:
            ran = subprocess.run(
                ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", tool,
                 "--file-prefix=mailglass", "-i", "0", "-c", "20", "-w", str(saved / "a.pcapng")],
                text=True, capture_output=True, timeout=PATIENCE,
                env=dict(os.environ, RUNTIME_DIRECTORY=str(one.folder / "runtime")))
        size = (saved / "a.pcapng").stat().st_size
        assert ran.returncode == 0 and size > 20 * 100, f"{size} octets, {ran}\n{one.text()}"
        one.end()
    wait_for("the hugepages", lambda: free_hugepages_mib() >= before)
