# SPDX-License-Identifier: BSD-3-Clause
"""A generator, what stands behind it, and what became of each frame in between."""
