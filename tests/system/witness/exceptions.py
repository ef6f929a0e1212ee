# SPDX-License-Identifier: BSD-3-Clause
"""Where tshark's dissectors (4.0) and a reader of the RFCs part, each with its reason.

The readers beside this file must see the same verbs and codes as tshark's dissectors. What is named
here, and nothing else, is forgiven; forgiven means that tshark may have missed commands, never that
it may have seen one which the reader has not.
"""

SMTP_UNKNOWN = ("FOO",)


def smtp_verbs(mine, theirs, codes):
    """None, or the way in which the two lists differ without an excuse."""
    # four-letter verbs: packet-smtp.c takes four octets for the verb, so STARTTLS is STAR `TLS`.
    theirs = ["STARTTLS" if verb == "STAR" else verb for verb in theirs]
    # unknown verbs: a line whose verb is not in its list is text of a message to it.
    mine = [verb for verb in mine if verb not in SMTP_UNKNOWN]
    # chunking: it does not know BDAT; the chunk and all commands in the same segment are text too.
    if "BDAT" in mine:
        return None if _within(theirs, mine) else f"{theirs} is not part of {mine}"
    # refused DATA: it takes what follows for a message although the answer was not 354.
    if "DATA" in mine and "354" not in codes:
        mine = mine[:mine.index("DATA") + 1]
    # QUIT behind the dot: a command in the segment that ends a message goes unseen.
    if mine[-1:] == ["QUIT"] and theirs == mine[:-1]:
        return None
    return None if mine == theirs else f"{theirs} instead of {mine}"


def smtp_codes(mine, theirs):
    return None if mine == theirs else f"{theirs} instead of {mine}"


def pop3(mine, theirs, pipelined):
    """For commands and for status indicators alike."""
    # SASL: packet-pop.c takes each line of an exchange behind AUTH for a command of its own, and
    # the lone `+` of a challenge for no status indicator.
    mine = [word for word in mine if word != "+"]
    if "AUTH" in mine:
        theirs = [word for word in theirs if word in mine]
    # pipelining: it reads the first line of a segment; the others, and their answers, go unseen.
    if pipelined:
        return None if _within(theirs, mine) else f"{theirs} is not part of {mine}"
    return None if mine == theirs else f"{theirs} instead of {mine}"


def _within(some, every):
    """Whether `some` is `every` with elements left out."""
    rest = iter(every)
    return all(any(one == other for other in rest) for one in some)
