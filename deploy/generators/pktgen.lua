-- SPDX-License-Identifier: BSD-3-Clause
-- Pktgen-DPDK: plays the capture given with -s at rising shares of line rate, each some seconds.
--
--   pktgen -l 0-2 -n 4 -a 0000:3b:00.0 -- -P -m "[1:2].0" -s 0:mail.pcap \
--     -f deploy/generators/pktgen.lua
--
-- Beside it, for each step: deploy/generators/account http://SENSOR:9465/metrics --seconds 12
-- Pktgen computes the rate from an average packet size; what it says it has sent is what counts.

local port = "0"
local rates = { 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100 } -- per cent of line rate
local seconds = 10

pktgen.screen("off")
-- The capture first: enabling it puts the rate back to the whole line.
pktgen.pcap(port, "enable")
pktgen.set(port, "count", 0) -- without end

for _, rate in ipairs(rates) do
  pktgen.set(port, "rate", rate)
  pktgen.clr()
  pktgen.delay(1000)
  pktgen.start(port)
  pktgen.delay(1000 * seconds)
  pktgen.stop(port)
  pktgen.delay(1000)
  local sent = pktgen.portStats(port, "port")[tonumber(port)].opackets
  print(string.format("rate %3d %%: %d packets, %.3f Mpps", rate, sent, sent / seconds / 1e6))
end

pktgen.quit()
