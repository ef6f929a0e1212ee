# SPDX-License-Identifier: BSD-3-Clause
"""A capture as the transformations see it: frames, their headers, the file they lie in."""
