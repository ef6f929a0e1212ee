# SPDX-License-Identifier: BSD-3-Clause
"""Peers leave the encoded words of RFC 2047 as they are: Python's email package decodes them."""
import email.header


def words(value):
    if isinstance(value, list):
        return [words(one) for one in value]
    if not isinstance(value, str) or "=?" not in value:
        return value
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.MessageError):
        return value
