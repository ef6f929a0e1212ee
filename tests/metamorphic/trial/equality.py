# SPDX-License-Identifier: BSD-3-Clause
"""A rewritten capture gives the same events; one that says something else does not."""
from capture.frame import NotApplicable
from trial.events import differences, flows
from trial.inspection import Broken
from trial.verdict import failed, passed, skipped


def judge(case, trial, keep):
    seed = case.seed(trial.name)
    try:
        capture = case.rewritten(trial.words, seed)
    except NotApplicable as reason:
        return skipped(case, trial.name, str(reason))
    if capture == case.capture:
        return skipped(case, trial.name, "nothing here to change")
    how = f"rewrite {case.path} OUTPUT {trial.words} --seed {seed}"
    try:
        got = case.inspect(capture)
    except Broken as fault:
        keep(capture, case, trial.name)
        return failed(case, trial.name, [str(fault), how])
    faults = differences(flows(case.inspection.events, trial.also), flows(got.events, trial.also))
    if not faults:
        return passed(case, trial.name)
    if trial.needs and _not_decoded(case, capture, got, trial.needs):
        return skipped(case, trial.name, f"not decoded yet: drop {trial.needs}")
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


def _not_decoded(case, capture, got, reason):
    """Whether every frame that the rewriting made was dropped under this name. Were it only some,
    the decoder would know such frames, and be wrong about these."""
    old = set(map(id, case.capture.frames))
    made = sum(id(frame) not in old for frame in capture.frames)
    return got.drops(reason) - case.inspection.drops(reason) >= made
