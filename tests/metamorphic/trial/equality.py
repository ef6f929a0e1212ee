# SPDX-License-Identifier: BSD-3-Clause
"""A rewritten capture gives the same events; one that says something else does not."""
from capture.frame import NotApplicable
from trial.events import differences, flows
from trial.inspection import Broken
from trial.verdict import failed, passed, skipped


def judge(case, trial, keep):
    seed = case.seed(trial.name)
    words = f"{trial.base} + {trial.words}" if trial.base else trial.words
    try:
        base = case.based(trial.base)
        capture = case.rewritten(words, seed)
    except NotApplicable as reason:
        return skipped(case, trial.name, str(reason))
    if capture == base.capture:
        return skipped(case, trial.name, "nothing here to change")
    how = f"rewrite {case.path} OUTPUT {words} --seed {seed}"
    try:
        got = case.inspect(capture)
    except Broken as fault:
        keep(capture, case, trial.name)
        return failed(case, trial.name, [str(fault), how])
    faults = differences(flows(base.inspection.events, trial.also), flows(got.events, trial.also))
    if not faults:
        return passed(case, trial.name)
    keep(capture, case, trial.name)
    return failed(case, trial.name, [*faults, how])


CANARY = "swap-case"


def judge_canary(case):
    """Were other words not noticed, nothing that passes here would mean anything."""
    name = f"{CANARY} is noticed"
    if not any(event["event_type"] in ("smtp", "pop3") for event in case.inspection.events):
        return skipped(case, name, "no mail in it")
    try:
        got = case.inspect(case.rewritten(CANARY, 0))
    except Broken as fault:
        return failed(case, name, [str(fault)])
    if differences(flows(case.inspection.events), flows(got.events)):
        return passed(case, name)
    return failed(case, name, ["the events are the same"])
