# SPDX-License-Identifier: BSD-3-Clause
"""TRex, ASTF: clients and servers of its own, each with another address, hold the dialogues of two
captures of one connection each. For a bridge between TRex's two ports, and for a tap of that wire.

  ./t-rex-64 --astf -c 4 -f trex-mail.py -m 1000 -d 60     m: connections a second are 10 times that

The captures are copied beside this file: tests/cases/smtp-course/input.pcap as smtp.pcap,
tests/cases/pop3-course/input.pcap as pop3.pcap."""
from trex.astf.api import ASTFCapInfo, ASTFIPGen, ASTFIPGenDist, ASTFIPGenGlobal, ASTFProfile


class Mail:
    def get_profile(self, **_):
        addresses = ASTFIPGen(
            glob=ASTFIPGenGlobal(ip_offset="1.0.0.0"),
            dist_client=ASTFIPGenDist(ip_range=["16.0.0.1", "16.0.15.254"], distribution="seq"),
            dist_server=ASTFIPGenDist(ip_range=["48.0.0.1", "48.0.0.254"], distribution="seq"))
        return ASTFProfile(default_ip_gen=addresses, cap_list=[
            ASTFCapInfo(file="smtp.pcap", cps=6), ASTFCapInfo(file="pop3.pcap", cps=4)])


def register():
    return Mail()
