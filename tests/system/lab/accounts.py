# SPDX-License-Identifier: BSD-3-Clause
"""Who has a mailbox at example.org, and the secrets that must never be seen again in any output."""

DOMAIN = "example.org"
HOST = "mail.example.org"

# Invented, but shaped like real ones: punctuation that XML, JSON and base64 treat specially.
PASSWORDS = {
    "alice": "Winter-Tale&1611",
    "bob": "tempest#1610<x>",
    "carol": "Cymbeline+1623/9",
    "dave": "12th-Night~1602",
    "erin": "As*You=Like_It",
    "123shi": "Xmas-Snow-2412",
}

WRONG_PASSWORD = "Wrong-Guess!4711"
