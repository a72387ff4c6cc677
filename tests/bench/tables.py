"""The results as markdown."""

import figures
from figures import LIMIT, OURS
from goals import goals


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def spread(values, form="{:.0f}"):
    middle = sorted(values)[len(values) // 2] if len(values) % 2 else sum(sorted(values)[len(values) // 2 - 1:len(values) // 2 + 1]) / 2
    if len(values) == 1:
        return form.format(middle)
    return f"{form.format(middle)} [{form.format(min(values))}-{form.format(max(values))}]"


def rcodes(samples):
    names = {"0": "", "2": "SERVFAIL", "3": "NXDOMAIN", "5": "REFUSED"}
    answers = sum(each.answers for each in samples)
    counts = {}
    for each in samples:
        for code, count in each.report["rcodes"].items():
            counts[code] = counts.get(code, 0) + count
    return ", ".join(f"{100 * count / answers:.0f} % {names.get(code, code)}" for code, count in sorted(counts.items()) if code != "0")


def load_table(by_server):
    limit = by_server.get(LIMIT)
    best = figures.best_peer(by_server)
    rows = []
    for name, samples in by_server.items():
        rate, cpu, (user, error) = figures.rate(samples), figures.nanoseconds(samples), figures.user(samples)
        rows.append((
            name + (" *" if any(each.disturbed for each in samples) else ""),
            spread([each.rate / 1e3 for each in samples]),
            f"{rate / figures.rate(limit):.2f}" if limit else "",
            f"{rate / best[1]:.2f}" if best else "",
            spread([each.nanoseconds for each in samples]),
            f"{cpu - figures.nanoseconds(limit):.0f}" if limit else "",
            f"{user:.0f} +-{error:.0f}",
            "/".join(f"{figures.per_answer(samples, key):.2f}" for key in ("answer", "authority", "additional")),
            f"{figures.per_answer(samples, 'octets'):.0f}",
            sum(each.report["lost"] for each in samples), rcodes(samples)))
    return table(("server", "kq/s", "of the reflector", "of the best peer", "CPU ns/q", "over the reflector", "user ns/q", "an/ns/ar",
                  "octets", "lost", "not NOERROR"), rows)


def latency_table(by_server):
    return table(("server", "p50 us", "p99 us", "p99.9 us", "lost", "CPU ns/q", "answers a reply"),
                 [(name + (" *" if any(each.disturbed for each in samples) else ""),
                   spread([each.report["p50"] for each in samples]), *(f"{figures.quantile(samples, key):.0f}" for key in ("p99", "p999")),
                   sum(each.report["lost"] for each in samples), spread([each.nanoseconds for each in samples]),
                   f"{figures.per_answer(samples, 'answer'):.2f}") for name, samples in by_server.items()])


def reload_table(by_server):
    return table(("server", "p50 us", "p99 us", "p99.9 us", "longest us", "lost", "done within the run"),
                 [(name, *(f"{report[key]:.0f}" for key in ("p50", "p99", "p999", "max")), report["lost"],
                   "yes" if report["within_the_run"] else "no") for name, report in by_server.items()])


def memory_table(result):
    return table(("server", "seconds to the first answer", "records/s", "MiB", "octets per record"),
                 [(name, f"{load['seconds']:.2f}", f"{load['records_per_second'] / 1e6:.2f} M", f"{load['octets'] / 2**20:.0f}",
                   f"{load['octets_per_record']:.0f}") for name, load in result["load"].items() if name != LIMIT])


def summary(results):
    """A row per workload, a column per server."""
    rows, names = [], []
    for name, result in results.items():
        for mode, what in (("udp", f"{name}: {result['title']}"), ("pipelined", f"TCP, persistent and pipelined ({name})"),
                           ("single", f"TCP, a connection per query ({name})")):
            if result[mode]:
                rows.append((what, result[mode]))
                names += [each for each in result[mode] if each not in names]
    return table(("kq/s", *names), [(what, *(f"{figures.rate(by_server[name]) / 1e3:,.0f}" if name in by_server else "-" for name in names))
                                    for what, by_server in rows])


def workload(name, result):
    parts = [f"## {name}: {result['title']}\n", memory_table(result)]
    for key, title in (("udp", "UDP, saturation"), ("pipelined", "TCP, persistent and pipelined"), ("single", "TCP, a connection per query")):
        if result[key]:
            parts += [f"{title}:\n", load_table(result[key])]
    if result["latency"]:
        parts += ["Latency at 50,000 queries/s:\n", latency_table(result["latency"])]
    if result["latency_in_reload"]:
        parts += ["Latency at 50,000 queries/s while the zone is read again on the same core:\n",
                  reload_table(result["latency_in_reload"])]
    if result["transitions"]:
        parts += ["Latency at 50,000 queries/s with 1,000 transitions a second:\n", latency_table(result["transitions"])]
    if result["idle"]:
        parts += ["CPU without a query, ms per second: " + ", ".join(f"{each} {used:.2f}" for each, used in result["idle"].items()) + "\n"]
    if result["reload_one"]:
        parts += [f"Reload of one changed zone among {result['zones']:,}, ms: "
                  + ", ".join(f"{each} {took * 1e3:.0f}" for each, took in result["reload_one"].items()) + "\n"]
    if result.get("scrape"):
        scrape = result["scrape"]
        parts += [f"A scrape of /metrics with {result['zones']:,} zones: {scrape['seconds'] * 1e3:.0f} ms, of which "
                  f"{scrape['cpu_seconds'] * 1e3:.0f} ms CPU, {scrape['octets'] / 1e6:.2f} MB\n"]
    if result.get("listener"):
        listener = result["listener"]
        parts += [f"One more address to listen at: {listener['octets'] / 1024:.0f} KiB, {listener['threads']:.1f} threads\n"]
    return "\n".join(parts)


def instructions_table(instructions):
    return "## Instructions per answer (callgrind, holdfast's answer())\n\n" + table(
        list(instructions), [[f"{count:.0f}" for count in instructions.values()]])


def heading(machine, plan):
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (f"{machine['cpu']}, {machine['cores']} cores, virtual machine: {machine['virtual']}, {machine['memory_gib']} GiB, "
            f"Linux {machine['kernel']}; {machine['date']}\n\n{versions}; {plan.workers} worker(s), {plan.rounds} interleaved rounds of "
            f"{plan.seconds:g} s: medians and [min-max]; p99 from the quietest round. User time is from the kernel's tick, with its "
            f"standard error. * disturbed by something else on the machine, and so were its repetitions.\n")


def everything(machine, plan, results, instructions):
    parts = [heading(machine, plan)] + ([summary(results)] if results else [])
    parts += [workload(name, result) for name, result in results.items()]
    if instructions:
        parts.append(instructions_table(instructions))
    reached = list(goals(results, instructions))
    if reached:
        parts += ["## Targets\n", table(("target", "wanted", "reached", ""),
                                        [(what, wanted, value, "met" if met else "MISSED") for what, wanted, value, met in reached])]
    return "\n".join(parts)
