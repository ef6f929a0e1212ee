# SPDX-License-Identifier: BSD-3-Clause
"""A mail site in two network namespaces: real servers on one side, clients on the other."""
