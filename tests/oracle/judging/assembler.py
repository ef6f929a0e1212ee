# SPDX-License-Identifier: BSD-3-Clause
"""Puts the octets of one flow in order and is too simple to be wrong: every octet that was captured
goes to its place, of two at one place the first one stays. No window, no time, no limit.

A stream begins behind its SYN; where there is none, at the first number that either end names. What
the receiver acknowledged and nobody captured is missing. What lies behind a hole that a receiver
never acknowledged, did not reach its user. Of who was not captured at all, nothing is missing."""
from judging.tshark import ACK, FIN, SYN
from judging.words import SIDES, Hearing


def _near(number, place):
    """The 64-bit place that a 32-bit number means, of all that it may, the nearest to this one."""
    return place + (number - place + 2**31) % 2**32 - 2**31


class _Side:
    def __init__(self, segments, sender):
        self.octets, self.answered, self.fin_at = {}, False, 2**64
        base = self._base(segments, sender)
        self.silent = not any(one.source == sender for one in segments)
        near = self.end = self.acknowledged = 0
        for one in segments:
            if one.source == sender:
                near = self._add(one, base, near)
            else:
                self.answered = True
                if one.flags & ACK:
                    self.acknowledged = max(self.acknowledged, _near(one.ack - base, near))

    @staticmethod
    def _base(segments, sender):
        for one in segments:
            if one.source == sender and one.flags & SYN:
                return one.seq + 1
        for one in segments:
            if one.source == sender:
                return one.seq
            if one.flags & ACK:
                return one.ack
        return 0

    def _add(self, one, base, near):
        begin = _near(one.seq + bool(one.flags & SYN) - base, near)
        for place, octet in enumerate(one.payload, begin):
            self.octets.setdefault(place, octet)
        if one.length:
            self.end = max(self.end, begin + one.length)
        if one.flags & FIN:
            self.fin_at = begin + one.length
        return max(near, begin)

    def words(self):
        hearing, taken = Hearing(), min(self.acknowledged, self.fin_at)
        expected = min([0, *self.octets])
        for place in sorted(self.octets):
            if place > expected:
                if self.answered and taken < place:
                    break
                hearing.gap(place - expected)
            hearing.octets.append(self.octets[place])
            expected = place + 1
        else:
            taken = max(taken, self.end)  # the snap length may have cut the last segment
        if taken > expected and not self.silent:
            hearing.gap(taken - expected)
        return hearing.words()


def assemble(segments, client):
    server = next((end for one in segments for end in (one.source, one.destination)
                   if end != client), None)
    return dict(zip(SIDES, (_Side(segments, client).words(), _Side(segments, server).words())))
