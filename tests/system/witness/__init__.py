# SPDX-License-Identifier: BSD-3-Clause
"""What really was on the wire: tshark reassembles and dissects, and two plain readers, written
without a look at the inspector's, turn the octets of a finished conversation into a dialogue."""
