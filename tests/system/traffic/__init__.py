# SPDX-License-Identifier: BSD-3-Clause
"""What the clients do, and the ledger in which they note it."""
