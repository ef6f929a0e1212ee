# SPDX-License-Identifier: BSD-3-Clause
"""One scene a file: each has `play(stage)`."""
