# SPDX-License-Identifier: BSD-3-Clause
"""The service as the only path between clients and servers."""
from lab.namespaces import CutWire
from lab.site import Site
from scenes import client
from sensor.service import total

ENDS = ["net_af_packet0,iface=left", "net_af_packet1,iface=right"]
LOADS = [("one client", 1, 5, 2000), ("eight clients", 8, 4, 30000),
         ("large messages", 4, 2, 1000000)]
USER = "alice"


def play(stage, _system):
    for name, more in (("bridge", ""), ("bridge of 2 workers", "workers = 2")):
        _one(stage, name, more)


def _one(stage, bridge, more):
    with Site(wire=CutWire) as site:
        run = f'pipeline = "bridge"\n{more}'
        with stage.service(bridge, site.wire.middle, ENDS, run) as service:
            site.start()  # its own probes pass through the bridge
            sent = 0
            for name, clients, messages, octets in LOADS:
                wanted = client.deliver(site, USER, clients, messages, octets, name)
                got = client.fetch(site, USER, len(wanted))
                stage.equal(f"{bridge}, {name}: {len(wanted)} messages byte for byte, there and back",
                            sorted(wanted), sorted(got))
                sent += len(wanted)
            metrics = service.settle()
            _accounts(stage, bridge, metrics)
    _events(stage, bridge, service, metrics, sent)


def _accounts(stage, bridge, metrics):
    """Every frame that a port received was forwarded, or named."""
    received = [total(metrics, "port_rx_frames_total", port=port) for port in (0, 1)]
    sent = [total(metrics, "port_tx_frames_total", port=port) for port in (0, 1)]
    forwarded = total(metrics, "bridged_total", fate="forwarded")
    refused = (total(metrics, "bridged_total", fate="tx_dropped") +
               total(metrics, "bridged_total", fate="link_down")
               + total(metrics, "bridged_total", fate="too_long"))
    stage.equal(f"{bridge}: frames received are frames forwarded and frames the peer did not take",
                sum(received), forwarded + refused)
    stage.equal(f"{bridge}: the drivers sent what was forwarded", forwarded, sum(sent))
    shed = total(metrics, "drops_total", reason="shed_overload")
    print(f"      received {received}, forwarded {forwarded}, not taken {refused}, "
          f"forwarded uninspected {shed}")


def _events(stage, bridge, service, metrics, sent):
    shed = total(metrics, "drops_total", reason="shed_overload")
    accepted = [event for event in service.events("smtp")
                if event["smtp"].get("outcome") == "accepted" and event["dest_port"] == 25]
    retrieved = [event for event in service.events("pop3")
                 if event["pop3"]["request"]["command"] == "RETR"]
    if shed:
        stage.skip(f"{bridge}: an event for each message",
                   f"inspection shed {shed} frames on this machine, as it may")
        return
    stage.equal(f"{bridge}: an event for each message sent", sent, len(accepted))
    stage.equal(f"{bridge}: an event for each message fetched", sent, len(retrieved))
