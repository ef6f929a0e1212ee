# SPDX-License-Identifier: BSD-3-Clause
"""What the product, Suricata and tshark say of the mail in a capture, in the same words."""
