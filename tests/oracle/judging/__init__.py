# SPDX-License-Identifier: BSD-3-Clause
"""What the product, tshark and a reassembler too simple to be wrong say about TCP flows."""
