# SPDX-License-Identifier: BSD-3-Clause
"""Whether the inspector says the same about a capture and about its rewriting."""
