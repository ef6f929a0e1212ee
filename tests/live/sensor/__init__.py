# SPDX-License-Identifier: BSD-3-Clause
"""The service as its operator sees it: a configuration, a process, signals, metrics."""
