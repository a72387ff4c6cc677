"""From samples to figures: medians, spread, ratios."""

import math
import statistics

from measure import TICK

OURS, LIMIT = "holdfast", "reflector"


def rate(samples):
    return statistics.median(each.rate for each in samples)


def nanoseconds(samples):
    return statistics.median(each.nanoseconds for each in samples)


def user(samples):
    """(user nanoseconds per answer, their standard error): ticks are samples, so few of them say little."""
    ticks = sum(each.user_ticks for each in samples)
    both = ticks + sum(each.system_ticks for each in samples)
    answers = sum(each.answers for each in samples)
    spent = sum(each.nanoseconds * each.answers for each in samples)
    if not both:
        return 0.0, 0.0
    interrupts = both * 250 / TICK  # the kernel counts by its own tick, and tells in these
    share = ticks / both
    return share * spent / answers, math.sqrt(share * (1 - share) / interrupts) * spent / answers


def quantile(samples, key):
    """p50: the median of the rounds. Beyond, the quietest round: the rest shows the machine's stalls."""
    values = [each.report[key] for each in samples]
    return statistics.median(values) if key == "p50" else min(values)


def best_peer(by_server, figure=rate, better=max):
    """(name, figure) of the best that is neither we nor the reflector; None if there is nobody."""
    found = {name: figure(samples) for name, samples in by_server.items() if name not in (OURS, LIMIT)}
    return better(found.items(), key=lambda item: item[1]) if found else None


def per_answer(samples, key):
    return sum(each.report[key] for each in samples) / sum(each.answers for each in samples)
