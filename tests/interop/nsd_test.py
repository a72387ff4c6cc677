"""The same questions to us and to NSD, over the same zones: every difference is one that a rule explains."""

import os
from collections import Counter, defaultdict
from dataclasses import replace

import dns.rcode
import dns.rdata
import dns.rdatatype

import made_questions
import made_zones
from dns_client import Answer, ask_all, read
from nsd_rules import RULES, Names

SEED = int(os.environ.get("SEED", 20260101))
SHOWN = 20


def text(answer: Answer) -> str:
    """An answer as people read it, one RRset on a line."""
    flags = " aa" * answer.authoritative + " tc" * answer.truncated
    lines = [f"{dns.rcode.to_text(answer.rcode)}{flags} edns={answer.edns}"]
    for title in ("answer", "authority", "additional"):
        rrsets = defaultdict(list)
        for record in sorted(getattr(answer, title)):
            data = dns.rdata.from_wire(1, record.rdtype, record.data, 0, len(record.data))
            rrsets[f"  {title:10} {record.owner} {record.ttl} {dns.rdatatype.to_text(record.rdtype)}"].append(str(data))
        for head, data in rrsets.items():
            lines.append(f"{head} x{len(data)} {' | '.join(data)}"[:200])
    return "\n".join(lines)


def changes(rule, question, ours: Answer, theirs: Answer, names: Names) -> bool:
    """Applies a rule. Whether it explained something."""
    before = (replace(ours), replace(theirs))
    rule(question, ours, theirs, names)
    return (ours, theirs) != before


def test_answers_are_those_of_nsd(serve, nsd, free_port):
    zones = made_zones.make(SEED)
    questions = made_questions.make(SEED, zones)
    names = Names(made_questions.names(zones))
    config = '[server]\nlisten = ["127.0.0.1:0"]\n'
    config += "".join(f'[[zone]]\nname = "{apex}"\nfile = "{apex}zone"\n' for apex in zones)
    holdfast = serve(config, {f"{apex}zone": zone for apex, zone in zones.items()})
    port = free_port("127.0.0.1")
    nsd(zones, port)
    replies = zip(questions, ask_all(holdfast.port, questions), ask_all(port, questions))

    explained = Counter()
    equal, unexplained = 0, []
    for question, our_octets, their_octets in replies:
        ours, theirs = read(our_octets, question), read(their_octets, question)
        assert not ours.repeats, f"{question}: a record twice in one section\n{text(ours)}"
        before = (replace(ours), replace(theirs))
        used = [rule.__name__ for rule in RULES if ours != theirs and changes(rule, question, ours, theirs, names)]
        if ours != theirs:
            unexplained.append(f"{question}\n-- ours: {text(before[0])}\n-- NSD: {text(before[1])}\n-- rules: {used}")
        equal += not used and ours == theirs
        explained.update(used if ours == theirs else [])

    asked = Counter("TCP" if question.tcp else "UDP" for question in questions)
    print(f"\n{len(questions)} questions ({asked['UDP']} UDP, {asked['TCP']} TCP) over {len(zones)} zones: "
          f"{equal} answers are equal, {len(questions) - equal - len(unexplained)} differ as explained, "
          f"{len(unexplained)} differ without an explanation")
    for rule in RULES:
        print(f"{explained[rule.__name__]:7} {rule.__name__}: {rule.__doc__}")
    print("\n\n".join(unexplained[:SHOWN]))
    assert len(questions) >= 5000
    assert not unexplained, f"{len(unexplained)} differences without an explanation; the first are above"
