# SPDX-License-Identifier: BSD-3-Clause
"""The inspector's event log beside what the witnesses say, field by field."""
