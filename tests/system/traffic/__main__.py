# SPDX-License-Identifier: BSD-3-Clause
"""python3 -m traffic PLAN LEDGER FOLDER, run in the client's namespace; PLAN is a name below."""
import pathlib
import sys

from . import (by_curl, by_fetchmail, by_smtplib, by_swaks, courses, extensions, guests, lmtp,
               mechanisms, pickup, pop3, smtp_by_hand, story, tls_course)
from .ledger import Ledger

PLANS = {
    "everything": (by_swaks.run, by_smtplib.run, smtp_by_hand.run, pop3.run, by_fetchmail.run,
                   by_curl.run),
    "story": (story.run,),
    "pop3-course": (courses.pop3,),
    "smtp-course": (courses.smtp,),
    "tls": (tls_course.run,),
    "extensions": (extensions.run,),
    "lmtp": (lmtp.run,),
    "pickup": (pickup.run,),
    "mechanisms": (mechanisms.run,),
    "exim": (guests.exim,),
    "opensmtpd": (guests.opensmtpd,),
}


def main(plan, ledger_file, folder):
    ledger = Ledger(ledger_file)
    for step in PLANS[plan]:
        step(ledger, pathlib.Path(folder))
    ledger.write()


main(*sys.argv[1:])
