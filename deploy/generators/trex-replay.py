#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""TRex, stateless: plays a capture without end at rising rates, each for some seconds.

  ./t-rex-64 -i -c 4                                       on the generator, in TRex's folder
  PYTHONPATH=automation/trex_control_plane/interactive \\
    trex-replay.py /tmp/mail.pcap --mpps 0.5 1 2 4         the capture lies on the generator, too

Beside it, for each step: deploy/generators/account http://SENSOR:9465/metrics --seconds 12"""
import argparse
import time

from trex.stl.api import STLClient


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", help="as the TRex server names it")
    parser.add_argument("--server", default="127.0.0.1")
    parser.add_argument("--port", default=0, type=int)
    parser.add_argument("--mpps", nargs="+", type=float, default=[0.25, 0.5, 1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    client = STLClient(server=options.server)
    client.connect()
    try:
        client.reset(ports=[options.port])
        for mpps in options.mpps:
            client.clear_stats()
            client.push_remote(options.capture, ports=[options.port], ipg_usec=1 / mpps, count=0,
                               duration=options.seconds)
            client.wait_on_traffic(ports=[options.port], timeout=options.seconds + 30)
            sent = client.get_stats()[options.port]["opackets"]
            got = sent / options.seconds / 1e6
            print(f"asked {mpps:7.3f} Mpps: {sent} packets, {got:.3f} Mpps", flush=True)
            time.sleep(2)
    finally:
        client.disconnect()


main()
