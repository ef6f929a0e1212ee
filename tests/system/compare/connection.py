# SPDX-License-Identifier: BSD-3-Clause
"""What every event says about its connection, the flow event, log-ins and the TLS hello."""
import datetime

# tcpdump and the log both have microseconds; the readers of this file go through a float.
SLACK = 0.00001


def common(report, stream, events, application):
    for number, event in enumerate(events):
        field = f"{event['event_type']}[{number}]"
        report.same(f"{field}.proto", event.get("proto"), "TCP")
        report.same(f"{field}.ip_v", event.get("ip_v"), 6 if ":" in stream.client.address else 4)
        report.same(f"{field}.app_proto", event.get("app_proto"), application)
        report.same(f"{field}.community_id", event.get("community_id"), stream.community_id)
        ether = event.get("ether", {})
        report.same(f"{field}.ether.src_mac", ether.get("src_mac"), stream.client.mac)
        report.same(f"{field}.ether.dest_mac", ether.get("dest_mac"), stream.server.mac)
        when = _seconds(event.get("timestamp", ""))
        report.holds(f"{field}.timestamp",
                     when and stream.begun - SLACK <= when <= stream.ended + SLACK,
                     f"{event.get('timestamp')} is outside the connection's time")
    report.holds("flow_id", len({event.get("flow_id") for event in events}) <= 1,
                 "differs between events of one connection")


def _seconds(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
    except ValueError:
        return None


def flow(report, stream, events):
    report.same("flow events", len(events), 1)
    for event in events[:1]:
        told = event.get("flow", {})
        for field, true in (("pkts_toserver", stream.client.packets),
                            ("pkts_toclient", stream.server.packets),
                            ("bytes_toserver", stream.client.octets),
                            ("bytes_toclient", stream.server.octets)):
            report.same(f"flow.{field}", told.get(field), true)
        for defect in ("gap", "midstream", "oneside"):
            report.holds(f"flow.{defect}", not told.get(defect), "the recording is whole")


def logins(report, events, true, policy):
    report.same("login events", len(events), len(true))
    for number, (event, attempt) in enumerate(zip(events, true)):
        told, field = event.get("login", {}), f"login[{number}]"
        for name in ("mechanism", "user", "success"):
            report.same(f"{field}.{name}", told.get(name), attempt[name])
        secret = attempt["secret"]
        report.same(f"{field}.exposed", bool(told.get("exposed")), secret is not None)
        if policy != "reveal":
            report.same(f"{field}.secret", told.get("secret"), None)
        elif secret is not None:
            report.same(f"{field}.secret", told.get("secret"), secret)
        if policy != "hash":
            report.same(f"{field}.secret_hash", told.get("secret_hash"), None)
        elif secret is not None:
            report.holds(f"{field}.secret_hash", told.get("secret_hash"), "absent under `hash`")


def tls(report, events, hello, protocol):
    report.same("tls events", len(events), 1)
    for event in events[:1]:
        told = event.get("tls", {})
        ja3 = told.get("ja3", {})
        for field, logged in (("sni", told.get("sni")), ("alpns", told.get("client_alpns")),
                              ("version", told.get("version")), ("ja4", told.get("ja4")),
                              ("ja3", ja3.get("hash")), ("ja3_string", ja3.get("string"))):
            report.same(f"tls.{field}", logged, hello.get(field))
        report.same("tls.from_proto", told.get("from_proto"), protocol)
        # Since TLS 1.3 the certificate is encrypted; before, everyone may read it.
        seen = told.get("fingerprint")
        report.same("tls.fingerprint", seen and seen.replace(":", ""), hello.get("fingerprint"))
        report.holds("tls.subject", ("mail.example.org" in told.get("subject", "")) == bool(seen),
                     f"{told.get('subject')!r} with {hello.get('version')}")
