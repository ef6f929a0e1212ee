# SPDX-License-Identifier: BSD-3-Clause
"""The panels of the dashboards: title, unit, what it shows, and the queries with their legends."""

CHOSEN = 'job=~"$job",instance=~"$instance"'


def rate(family, by, match="", window="$__rate_interval"):
    """The rate of a counter, summed over workers and sensors, one series for each of `by`."""
    inside = f"{CHOSEN},{match}" if match else CHOSEN
    group = f" by ({by}) " if by else " "
    return f"sum{group}(rate(mailglass_{family}_total{{{inside}}}[{window}]))"


def legend(labels):
    return " ".join("{{" + name.strip() + "}}" for name in labels.split(","))


def rates(title, family, by, unit, description, match="", **more):
    return {"title": title, "unit": unit, "description": description,
            "queries": [(rate(family, by, match), legend(by) or title)], **more}


def recorded(rule, by="", match=""):
    inside = f"{CHOSEN},{match}" if match else CHOSEN
    return f"max by (instance{', ' + by if by else ''}) ({rule}{{{inside}}})"


def quantiles(title, metric, description, match=""):
    inside = f"{CHOSEN},{match}" if match else CHOSEN
    return {"title": title, "unit": "s", "description": description, "queries": [
        (f"histogram_quantile(0.95, sum by (le, command) "
         f"(rate({metric}_bucket{{{inside}}}[$__rate_interval]))) >= 0", "{{command}}")]}


def stat(title, unit, description, expr, limits=()):
    return {"title": title, "unit": unit, "description": description, "kind": "stat",
            "size": (4, 4), "queries": [(expr, title)], "limits": limits}


def share(part, whole):
    """One ratio; 0 where there was nothing to have a share of."""
    return f"({part}) / (({whole}) > 0) or vector(0)"


OVERVIEW = [
    stat("Mail sessions", "cps", "SMTP, LMTP and POP3 sessions recognised a second.",
         rate("sessions", "")),
    stat("Messages", "mps", "Messages transferred a second, sent and retrieved.",
         rate("messages", "")),
    stat("Logins that fail", "percentunit", "Of all logins; the limits are those of the alert.",
         share(rate("logins", "", 'outcome="failure"'), rate("logins", "")), (0.25, 0.5)),
    stat("Passwords readable", "short", "Logins in the time shown whose secret anybody on the wire "
         "could read.", f"sum(increase(mailglass_logins_exposed_total{{{CHOSEN}}}[$__range]))",
         (1, 100)),
    stat("Recipients rejected", "percentunit", "Of all RCPT commands answered.",
         share(rate("smtp_recipients", "", 'outcome="rejected"'), rate("smtp_recipients", "")),
         (0.1, 0.3)),
    stat("Alerts firing", "short", "Alerts of deploy/prometheus/alerts.yml that fire now.",
         'count(ALERTS{alertname=~"Mailglass.*",alertstate="firing"}) or vector(0)', (1, 5)),
]

TRAFFIC = [
    rates("Mail sessions by protocol", "sessions", "protocol", "cps",
          "Sessions recognised by their content, on whatever port.", stack=True),
    rates("Messages by transfer", "messages", "transfer", "mps",
          "DATA and BDAT are sent by SMTP or LMTP, RETR and TOP fetched by POP3.", stack=True),
    rates("Octets of messages", "message_transfer_octets", "transfer", "Bps",
          "Of whole messages, dots unstuffed, by the way they went.", stack=True),
    {"title": "Message size", "unit": "decbytes",
     "description": "Median and 95th percentile of the messages of each protocol.",
     "queries": [(f"histogram_quantile({q}, sum by (le, protocol) (rate(mailglass_message_octets_"
                  f"bucket{{{CHOSEN}}}[$__rate_interval]))) >= 0", f"{{{{protocol}}}} {word}")
                 for q, word in ((0.5, "median"), (0.95, "95 %"))]},
    rates("Attachments by encoding", "attachments", "encoding", "cps",
          "Attachments of messages in clear, by their content transfer encoding.", stack=True),
    rates("SMTP commands", "smtp_commands", "verb", "cps",
          "By verb. VRFY and EXPN in number: somebody looks for names."),
]

OUTCOMES = [
    rates("SMTP transactions by outcome", "smtp_transactions", "outcome", "cps",
          "rejected: a 4xx or 5xx ended it. reset: RSET, or a new greeting. aborted: the connection "
          "ended first. incomplete: it ended out of our sight.", stack=True),
    rates("Recipients by outcome", "smtp_recipients", "outcome", "cps",
          "Each RCPT command, by the class of its reply.", stack=True),
    rates("SMTP replies by class", "smtp_replies", "class", "cps", "By first digit."),
    rates("POP3 replies by status", "pop3_replies", "status", "cps", "+OK, -ERR, or neither."),
    quantiles("SMTP reply time, 95th percentile", "mailglass_smtp_reply_seconds",
              "From a command's last octet to its reply, by command; end_of_data is the time a "
              "message waits to be accepted. Servers delay failed logins on purpose."),
    quantiles("POP3 reply time, 95th percentile", "mailglass_pop3_reply_seconds",
              "From a command's last octet to the first of its answer."),
    rates("POP3 mailboxes", "pop3_mailboxes", "state", "cps",
          "Sessions that logged in and quit: drained, if everything was retrieved and deleted."),
    rates("POP3 deletions", "pop3_deletions", "", "cps", "Messages deleted by sessions that quit."),
]

LOGINS = [
    rates("Logins by outcome", "logins", "outcome", "cps",
          "unknown: the answer was not seen, or the session went on in TLS.", stack=True),
    rates("Logins by mechanism", "logins", "mechanism", "cps", "Of both protocols.", stack=True),
    rates("Passwords readable on the wire", "logins_exposed", "protocol", "cps",
          "Logins whose secret crossed the wire in clear or in base64."),
    {"title": "Logins that fail", "unit": "percentunit",
     "description": "Of all logins of five minutes; the alert MailglassLoginsFailing fires above "
                    "one half.",
     "queries": [(recorded("instance:mailglass_logins_failed:ratio_rate5m"), "{{instance}}")]},
    {"title": "Logins in the time shown", "unit": "short", "kind": "table", "size": (24, 8),
     "description": "By mechanism, outcome, and whether the secret was readable.",
     "queries": [(f"sum by (mechanism, outcome, exposed) (increase(mailglass_logins_total{{{CHOSEN}}}"
                  "[$__range])) > 0", "")]},
]

TLS = [
    rates("SMTP: STARTTLS", "smtp_starttls", "step", "cps",
          "Sessions whose server offered it, whose client asked for it, and what came of it."),
    rates("POP3: STLS", "pop3_stls", "step", "cps", "As for STARTTLS."),
    rates("TLS versions", "tls_versions", "version", "cps",
          "What the server chose. unseen: the handshake was not there to read.", stack=True),
    rates("TLS sessions by beginning", "tls_sessions", "begun", "cps",
          "implicit: from the first octet, as on ports 465 and 995.", stack=True),
    {"title": "SMTP sessions offered STARTTLS", "unit": "percentunit",
     "description": "The share of an hour. It falling by half in a day fires "
                    "MailglassTlsOfferedLess: a server was changed, or the offer is removed on the way.",
     "queries": [(recorded("instance:mailglass_smtp_starttls_offered:ratio_rate1h"),
                  "{{instance}}")]},
    rates("TLS given up", "anomalies", "event", "cps",
          "Upgrades refused or broken, octets pipelined behind them, and logins in clear where TLS "
          "was offered.",
          'event=~"starttls_.*|login_without_offered_tls|tls_.*|smtp_pipelined_after_starttls|'
          'pop3_pipelined_after_stls"'),
]

ANOMALIES = [
    {"title": "Anomalies", "unit": "cps", "size": (24, 8),
     "description": "The ten most frequent; deploy/anomalies.md says what each means and how "
                    "others read the same octets.",
     "queries": [("topk(10, " + rate("anomalies", "event") + ")", "{{event}}")]},
    {"title": "Anomalies in the time shown", "unit": "short", "kind": "table", "size": (12, 10),
     "description": "All that were seen, by name.",
     "queries": [(f"sum by (event) (increase(mailglass_anomalies_total{{{CHOSEN}}}[$__range])) > 0",
                  "")]},
    {"title": "Alerts that fire", "unit": "short", "kind": "table", "size": (12, 10),
     "description": "Prometheus' alerts on mail and sensors; the guide says what to do.",
     "queries": [('max by (alertname, severity, instance) (ALERTS{alertname=~"Mailglass.*",'
                  'alertstate="firing"})', "")]},
]

ABUSE = [
    rates("Abuse", "alerts", "alert", "cps", "Events of type alert; deploy/alerts.md says what each "
          "means and what to do.", stack=True),
    rates("Abuse that goes on", "alerts_suppressed", "alert", "cps",
          "What was over a threshold while an alert stood for it: counted, not told again."),
    {"title": "Abuse in the time shown", "unit": "short", "kind": "table", "size": (24, 8),
     "description": "Alerts of the detectors, by name and sensor.",
     "queries": [(f"sum by (alert, instance) (increase(mailglass_alerts_total{{{CHOSEN}}}"
                  "[$__range]))", "")]},
]

PORTS = [
    rates("Frames received", "port_rx_frames", "instance, device", "pps", "As each port counts them."),
    {"title": "Octets received and sent", "unit": "bps",
     "description": "Bits of the frames of each port; only a bridge sends.",
     "queries": [("8 * " + rate("port_rx_octets", "instance, device"), "{{instance}} {{device}} in"),
                 ("8 * " + rate("port_tx_octets", "instance, device"),
                  "{{instance}} {{device}} out")]},
    {"title": "Lost by ports", "unit": "pps",
     "description": "missed: the queue was full, the worker too slow (MailglassNicMissed). no "
                    "buffer: run.memory_mib or descriptors (MailglassNoBuffers). damaged: the cable.",
     "queries": [(rate("port_rx_missed", "instance, device"), "{{instance}} {{device}} missed"),
                 (rate("port_rx_no_mbuf", "instance, device"), "{{instance}} {{device}} no buffer"),
                 (rate("port_rx_errors", "instance, device"), "{{instance}} {{device}} damaged")]},
    rates("Frames by queue", "port_queue_frames", "instance, device, queue", "pps",
          "One queue far above the others: the NIC's hash does not see the flows (tunnels, "
          "fragments, one pair of hosts)."),
    {"title": "Links up", "unit": "short", "description": "1: up. 0: MailglassLinkDown.",
     "queries": [(f"min by (instance, device) (mailglass_port_link_up{{{CHOSEN}}})",
                  "{{instance}} {{device}}")]},
    {"title": "Share of the link's speed", "unit": "percentunit",
     "description": "Received, of what the link can carry, where its speed is known.",
     "queries": [(f"sum by (instance, device) (8 * rate(mailglass_port_rx_octets_total{{{CHOSEN}}}"
                  f"[$__rate_interval])) / (1e6 * sum by (instance, device) "
                  f"(mailglass_port_link_mbps{{{CHOSEN}}}) > 0)", "{{instance}} {{device}}")]},
]

WORKERS = [
    {"title": "Workers busy", "unit": "percentunit",
     "description": "The share of each worker's time in bursts that brought frames. "
                    "MailglassWorkerBusy fires above 90 %.",
     "queries": [(recorded("instance_worker:mailglass_worker_busy:ratio_rate5m", "worker"),
                  "{{instance}} worker {{worker}}")]},
    rates("Frames by worker", "frames", "instance, worker", "pps", "As inspected."),
    rates("Bursts", "worker_bursts", "kind", "cps",
          "full: more waited than one burst takes. empty: nothing waited."),
    rates("Frames between workers", "distributed", "fate", "pps",
          "Of flows that belong to another worker than the queue's. ring_full: lost, since that "
          "worker is too slow (MailglassDistributionFull)."),
    rates("Frames bridged", "bridged", "instance, fate", "pps",
          "tx_dropped: the port on the other side did not take them; link_down: it had no link "
          "(MailglassBridgeDropping)."),
    rates("Bridged without inspection", "drops", "instance", "pps",
          "A bridge forwards first and sheds inspection when it is late (MailglassShedding).",
          'reason="shed_overload"'),
    rates("Workers stalled", "worker_stalls", "instance, worker", "cps",
          "Each is a second or longer without a round (MailglassWorkerStalled)."),
    {"title": "CPU", "unit": "short",
     "description": "Cores the service uses; a worker that polls uses one whatever it does.",
     "queries": [(f"sum by (instance) (rate(process_cpu_seconds_total{{{CHOSEN}}}"
                  "[$__rate_interval]))", "{{instance}}")]},
]

SERVICE = [
    {"title": "Time since the start", "unit": "s",
     "description": "A saw is a service that dies again and again (MailglassRestarting).",
     "queries": [(f"time() - max by (instance) (process_start_time_seconds{{{CHOSEN}}})",
                  "{{instance}}")]},
    {"title": "Memory", "unit": "decbytes",
     "description": "Resident. It grows as tables are touched for the first time, not beyond.",
     "queries": [(f"sum by (instance) (process_resident_memory_bytes{{{CHOSEN}}})",
                  "{{instance}}")]},
    rates("Reloads", "reloads", "instance, outcome", "cps",
          "failure: it goes on with the old configuration, and the journal says why."),
    {"title": "Watched by detectors", "unit": "short",
     "description": "Sources, users, ... of each detector; at most detect.suspects each.",
     "queries": [(f"sum by (alert) (mailglass_detector_watched{{{CHOSEN}}})", "{{alert}}")]},
    rates("Detectors that let go", "detector_gave_way", "alert", "cps",
          "Suspects given up within their window for others: raise detect.suspects."),
    {"title": "Detectors that forget", "unit": "cps",
     "description": "Servers whose offers of STARTTLS were forgotten (detect.starttls_servers), and "
                    "times the detectors began anew, since the clock was set back.",
     "queries": [(rate("starttls_memory_gave_way", "instance"), "{{instance}} servers"),
                 (rate("detector_restarts", "instance"), "{{instance}} begun anew")]},
]

FRAMES = [
    rates("Frames", "frames", "instance", "pps", "Taken from ports, or from a capture."),
    {"title": "Traffic", "unit": "bps", "description": "Bits of the frames taken.",
     "queries": [("8 * " + rate("octets", "instance"), "{{instance}}")]},
    rates("Drops by reason", "drops", "reason", "pps",
          "Frames that ended before the flow table, each for one reason. udp, icmp, not_tcp and "
          "link_unknown (ARP, ...) are by plan."),
    {"title": "Drops that may have been mail", "unit": "percentunit",
     "description": "Of all frames, without other transports and fragments that wait. "
                    "MailglassDrops fires above 5 %.",
     "queries": [(recorded("instance:mailglass_drops_unwanted:ratio_rate5m"), "{{instance}}")]},
    rates("Segments by kind of flow", "flow_segments", "kind", "pps",
          "opaque: mail in TLS. undecided much: handshakes only, or one direction missing.",
          stack=True),
    rates("Checksums that prove nothing", "checksums", "result", "pps",
          "offloaded: the sender left them to its NIC. unverifiable: parts are missing."),
    rates("Fragmented datagrams", "datagrams", "outcome", "cps", "By what became of them."),
    rates("Suspect fragments", "fragments_suspect", "kind", "pps",
          "Fragments as attacks have them, whatever became of them."),
]

STREAMS = [
    {"title": "Octets of mail never seen", "unit": "percentunit",
     "description": "They crossed the wire but not the sensor's: a mirror that is oversubscribed, "
                    "one-sided, or drops. MailglassOctetsMissing fires above 1 %.",
     "queries": [(recorded("instance:mailglass_stream_octets_missing:ratio_rate5m"),
                  "{{instance}}")]},
    rates("Octets of mail streams", "stream_octets", "kind", "Bps",
          "By what became of them.", stack=True),
    rates("Segments not simply the next", "stream_segments", "kind", "pps",
          "Retransmitted, out of order, and stranger ones."),
    rates("Segments that could not wait", "stream_refused", "reason", "pps",
          "Out-of-order segments for which there was no room."),
]

FLOWS = [
    rates("Flows opened", "flows_opened", "instance", "cps", "TCP flows, mail or not."),
    rates("Flows closed by reason", "flows_closed", "reason", "cps",
          "evicted much: the table is small for this traffic.", stack=True),
    rates("Segments without a flow", "flows_refused", "reason", "pps",
          "stray: the middle of a connection that nothing is known of."),
    rates("Sessions refused", "sessions_refused", "reason", "cps",
          "pool_full: mail.sessions is small. gave_way: a flow that may be a flood made room."),
]

POOLS = [
    {"title": "Pools in use", "unit": "percentunit",
     "description": "The fullest worker's share of each fixed pool. MailglassPoolNearFull fires "
                    "above 80 %.",
     "queries": [(recorded("instance_pool:mailglass_pool_used:ratio", "pool"), "{{instance}} {{pool}}")]},
    {"title": "Pools at their fullest", "unit": "percentunit",
     "description": "The most that was in use at one time since the start.",
     "queries": [(f"max by (instance, pool) (mailglass_pool_peak{{{CHOSEN}}} / "
                  f"(mailglass_pool_capacity{{{CHOSEN}}} > 0))", "{{instance}} {{pool}}")]},
    rates("Requests a pool refused", "pool_refused", "pool", "cps",
          "Each is something not inspected, or something else that gave way."),
    {"title": "Text that was cut", "unit": "cps",
     "description": "Lines, bodies, digests and TLS handshakes for which there was no room.",
     "queries": [(rate("lines_refused", "reason"), "line {{reason}}"),
                 (rate("mime_refused", "reason"), "body {{reason}}"),
                 (rate("tls_cut", "reason"), "TLS {{reason}}")]},
]

REPORTER = [
    rates("Records of workers", "events", "fate", "eps",
          "dropped_ring_full: the reporter was slower than the mail."),
    rates("EVE events by type", "eve_events", "type", "eps", "As rendered.", stack=True),
    rates("EVE lines", "eve_lines", "fate", "cps", "dropped: the disk or the reader failed."),
    {"title": "Records the reporter could not use", "unit": "cps",
     "description": "Refused, lost in a ring, or rendered early because a session had too many.",
     "queries": [(rate("reporter_refused", "reason"), "{{reason}}"),
                 (rate("reporter_lost", ""), "lost"),
                 (rate("reporter_unfinished", ""), "unfinished")]},
    {"title": "Sessions in the reporter's book", "unit": "short",
     "description": "Sessions whose events are not all written yet.",
     "queries": [(f"sum by (instance) (mailglass_reporter_sessions{{{CHOSEN}}})", "{{instance}}")]},
    {"title": "Text in the reporter's book", "unit": "decbytes",
     "description": "Octets of names, headers and replies it holds for them.",
     "queries": [(f"sum by (instance) (mailglass_reporter_kept_octets{{{CHOSEN}}})",
                  "{{instance}}")]},
]

SENSORS = [
    {"title": "Sensors up", "unit": "short", "kind": "stat", "size": (6, 4),
     "description": "That answered the last scrape.",
     "queries": [(f"sum(up{{{CHOSEN}}})", "up")]},
    {"title": "Frames", "unit": "pps", "kind": "stat", "size": (6, 4), "description": "Of all sensors.",
     "queries": [(rate("frames", ""), "frames")]},
    {"title": "Frames dropped", "unit": "percentunit", "kind": "stat", "size": (6, 4),
     "description": "Before the flow table, for any reason.", "limits": (0.3, 0.6),
     "queries": [(share(rate("drops", ""), rate("frames", "")), "drops")]},
    {"title": "Builds", "unit": "short", "kind": "table", "size": (6, 4),
     "description": "Which version runs where.",
     "queries": [(f"sum by (instance, version, compiler) (mailglass_build_info{{{CHOSEN}}})", "")]},
]

DASHBOARDS = {
    "mail": {
        "uid": "mailglass-mail", "title": "mailglass: mail",
        "description": "What the mail on the wire does: traffic, outcomes, latency, logins, TLS, "
                       "anomalies.",
        "rows": [("Overview", OVERVIEW), ("Traffic", TRAFFIC),
                 ("Outcomes and latency", OUTCOMES), ("Logins and exposure", LOGINS),
                 ("TLS posture", TLS), ("Anomalies and alerts", ANOMALIES),
                 ("Abuse", ABUSE)]},
    "sensor": {
        "uid": "mailglass-sensor", "title": "mailglass: sensor",
        "description": "Whether the sensor sees everything and keeps up: frames, drops, streams, "
                       "flows, pools, ports, workers, reporter.",
        "rows": [("Sensors", SENSORS), ("Ports", PORTS), ("Workers and bridges", WORKERS),
                 ("Traffic and drops", FRAMES), ("Streams", STREAMS),
                 ("Flows and sessions", FLOWS), ("Pools", POOLS), ("Reporter", REPORTER),
                 ("Service and detectors", SERVICE)]},
}
