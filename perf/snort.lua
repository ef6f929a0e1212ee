-- SPDX-License-Identifier: BSD-3-Clause
-- As little as perf/compare needs of Snort 3: streams, SMTP and POP3 with the header, sender and
-- recipients of each message kept; no rules, no alerts, no other protocol.
stream = {}
stream_tcp = {}
smtp = { log_mailfrom = true, log_rcptto = true, log_email_hdrs = true, log_filename = true }
pop = {}
wizard = {}
binder = {
  { when = { proto = 'tcp', ports = '25 587' }, use = { type = 'smtp' } },
  { when = { proto = 'tcp', ports = '110' }, use = { type = 'pop' } },
}
