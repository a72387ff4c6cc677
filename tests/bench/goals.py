"""What holdfast wants to reach, and whether it has."""

import figures
from figures import LIMIT, OURS

USER = {"W1": 100, "W2": 180, "W3": 160, "W4": 130, "W5": 100}
OF_REFLECTOR = {"W1": 0.95, "W4": 0.95, "W5": 0.95, "W2": 0.88, "W3": 0.88}
OCTETS_PER_RECORD = {"W2": 80, "W3": 150}
INSTRUCTIONS = {"W1": 800, "W4": 1200}
PIPELINED, SINGLE = 2_000_000, 53_000  # queries per second
FULL_SIZE = {"W2": 3_000_000, "W3": 500_000}  # records; memory and load of less say nothing
W2_RECORDS_PER_SECOND, W3_SECONDS, RELOAD_SECONDS = 1.5e6, 1.5, 0.1


def goals(results, instructions):
    """(what, wanted, reached, met) for each that was measured."""
    for name, result in results.items():
        if OURS in result["udp"]:
            value, error = figures.user(result["udp"][OURS])
            noise = " (disturbed)" if any(each.disturbed for each in result["udp"][OURS]) else ""
            yield f"{name}: user ns per query", f"<= {USER[name]}", f"{value:.0f} +-{error:.0f}{noise}", value <= USER[name]
            if LIMIT in result["udp"]:
                share = figures.rate(result["udp"][OURS]) / figures.rate(result["udp"][LIMIT])
                yield (f"{name}: queries/s, of the reflector's", f">= {OF_REFLECTOR[name]}", f"{share:.2f}{noise}",
                       share >= OF_REFLECTOR[name])
        yield from latency(f"{name}: latency", result["latency"])
        yield from load(name, result)
        for mode, wanted in (("pipelined", PIPELINED), ("single", SINGLE)):
            if OURS in result[mode]:
                rate = figures.rate(result[mode][OURS])
                yield f"TCP {mode}, kq/s", f">= {wanted / 1e3:,.0f}", f"{rate / 1e3:,.0f}", rate >= wanted
        if OURS in result["reload_one"] and result["records"] >= FULL_SIZE[name]:
            took = result["reload_one"][OURS]
            yield (f"{name}: reload of one of {result['zones']:,} zones, ms", f"<= {RELOAD_SECONDS * 1e3:.0f}",
                   f"{took * 1e3:.0f}", took <= RELOAD_SECONDS)
        yield from latency_once("W2: latency in a reload", result["latency_in_reload"])
        yield from latency(f"{name}: latency in 1,000 transitions/s", result["transitions"])
    for name, wanted in INSTRUCTIONS.items():
        if name in instructions:
            yield f"{name}: instructions per answer", f"<= {wanted}", f"{instructions[name]:.0f}", instructions[name] <= wanted


def latency(what, by_server):
    """No worse than the best peer, or than what the machine did to the reflector."""
    for key in ("p50", "p99"):
        best = figures.best_peer(by_server, lambda samples: figures.quantile(samples, key), min)
        if best and OURS in by_server:
            ours = figures.quantile(by_server[OURS], key)
            yield f"{what}, {key} us", f"<= {best[1]:.0f} ({best[0]})", f"{ours:.0f}", ours <= best[1]


def latency_once(what, by_server):
    peers = {name: report for name, report in by_server.items() if name != OURS}
    if OURS not in by_server or not peers:
        return
    for key in ("p50", "p99"):
        best = min(peers, key=lambda name: peers[name][key])
        yield (f"{what}, {key} us", f"<= {peers[best][key]:.0f} ({best})", f"{by_server[OURS][key]:.0f}",
               by_server[OURS][key] <= peers[best][key])


def load(name, result):
    if OURS not in result["load"] or name not in OCTETS_PER_RECORD or result["records"] < FULL_SIZE[name]:
        return
    ours = result["load"][OURS]
    yield (f"{name}: octets per record", f"<= {OCTETS_PER_RECORD[name]}", f"{ours['octets_per_record']:.0f}",
           ours["octets_per_record"] <= OCTETS_PER_RECORD[name])
    if name == "W2":
        yield (f"{name}: records loaded per second", f">= {W2_RECORDS_PER_SECOND / 1e6:.1f} M",
               f"{ours['records_per_second'] / 1e6:.2f} M", ours["records_per_second"] >= W2_RECORDS_PER_SECOND)
    else:
        yield f"{name}: seconds to the first answer", f"<= {W3_SECONDS}", f"{ours['seconds']:.2f}", ours["seconds"] <= W3_SECONDS
