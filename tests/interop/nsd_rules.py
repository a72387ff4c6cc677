"""Why an answer of ours may differ from NSD's. Each rule takes one difference that it explains out of two answers.

A rule is looked at only where the answers differ, and must leave alone what it does not explain.
"""

import dataclasses
from dataclasses import dataclass

import dns.name
import dns.rdata
import dns.rdatatype as rdatatype
from dns.rcode import NOERROR, NXDOMAIN

from dns_client import Answer, Record
from made_questions import Question

CHAIN = 17          # aliases in one answer of ours (kMaxChain in server/answer/response.h, and the first)
ADDRESSES = (rdatatype.A, rdatatype.AAAA)
SERVICE = (rdatatype.SVCB, rdatatype.HTTPS)
TARGET_FIELD = {rdatatype.NS: "target", rdatatype.MX: "exchange", rdatatype.SRV: "target", rdatatype.SVCB: "target",
                rdatatype.HTTPS: "target", rdatatype.KX: "exchange", rdatatype.RT: "exchange",
                rdatatype.AFSDB: "hostname"}


@dataclass
class Names:
    """What the zones hold: by apex, the types at each name; none at an empty non-terminal."""

    held: dict[dns.name.Name, dict[dns.name.Name, set[int]]]

    def zone_of(self, name: dns.name.Name) -> dns.name.Name | None:
        while name not in self.held:
            if name == dns.name.root:
                return None
            name = name.parent()
        return name

    def shared(self, name: dns.name.Name, rdtype: int) -> bool:
        """Whether `name`, or one between it and the apex, is not in its zone, but in another one."""
        name = name.canonicalize()
        own = self.zone_of(name.parent() if rdtype == rdatatype.DS and name in self.held else name)
        while own is not None and name != own:
            if name not in self.held[own] and any(name in held for held in self.held.values()):
                return True
            name = name.parent()
        return False

    def from_wildcard(self, name: dns.name.Name) -> bool:
        own = self.zone_of(name)
        if own is None or name in self.held[own]:
            return False
        while name not in self.held[own]:
            name = name.parent()
        return dns.name.Name((b"*",) + name.labels) in self.held[own]


def targets(records: set[Record], types: tuple[int, ...] = tuple(TARGET_FIELD)) -> set[dns.name.Name]:
    """The names whose addresses are worth adding to these records."""
    found = set()
    for record in records:
        if record.rdtype in types:
            data = dns.rdata.from_wire(1, record.rdtype, record.data, 0, len(record.data))
            name = getattr(data, TARGET_FIELD[record.rdtype])
            found.add(record.owner if name == dns.name.root else name.canonicalize())
    return found


def last(question: Question, answer: Answer) -> dns.name.Name:
    """Where the chain of aliases ends."""
    aliases = {record.owner: dns.name.from_wire(record.data, 0)[0].canonicalize()
               for record in answer.answer if record.rdtype == rdatatype.CNAME}
    name = question.name.canonicalize()
    while name in aliases and question.rdtype != rdatatype.CNAME:
        name = aliases.pop(name)
    return name


def become(theirs: Answer, ours: Answer) -> None:
    for section in dataclasses.fields(Answer):
        if section.compare:
            setattr(theirs, section.name, getattr(ours, section.name))


def nsd_adds_the_servers_of_the_zone(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """NSD puts the zone's NS and their addresses behind a positive answer; that is optional, and we leave it out."""
    servers = theirs.authority
    if ours.answer and ours.authoritative and ours.rcode == NOERROR and not ours.authority and \
            {(record.owner, record.rdtype) for record in servers} == {(names.zone_of(last(question, ours)), rdatatype.NS)}:
        extra = targets(servers) - targets(ours.answer)
        theirs.authority = set()
        theirs.additional = {record for record in theirs.additional if record.owner not in extra}


def we_answer_any_with_little(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """ANY is answered with one HINFO or the CNAME (RFC 8482 4.2), by NSD with all there is, also behind a CNAME."""
    if question.rdtype == rdatatype.ANY and ours.answer and (ours.answer & theirs.answer or theirs.truncated or any(
            record.data == b"\7RFC8482\0" for record in ours.answer)):
        become(theirs, ours)


def nsd_finds_names_of_other_zones(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """NSD has one tree for all zones: names that another zone has there (glue, a child) exist, and block wildcards."""
    if names.shared(last(question, ours), question.rdtype) or names.shared(question.name, question.rdtype):
        if theirs.authoritative and theirs.answer <= ours.answer:
            become(theirs, ours)


def we_follow_fewer_aliases(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """A chain of aliases ends here after 17 (a resolver asks on from there), at NSD later."""
    aliases = {record for record in ours.answer if record.rdtype == rdatatype.CNAME}
    if len(aliases) == CHAIN and (ours.answer <= theirs.answer or theirs.truncated) and not ours.authority:
        become(theirs, ours)


def nsd_lowers_service_targets(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """NSD gives the TargetName of SVCB in lower case; we keep the zone file's, as its signature wants (RFC 3597 7)."""
    for record in [record for record in ours.answer if record.rdtype in SERVICE]:
        lower = record._replace(data=record.data.lower())
        if lower in theirs.answer:
            theirs.answer = theirs.answer - {lower} | {record}


def we_add_what_service_targets_have(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """SVCB and HTTPS get the addresses and service records of their targets (RFC 9460 4.1), from this NSD not yet."""
    wanted = targets(ours.answer, SERVICE)
    ours.additional = {record for record in ours.additional if record.owner not in wanted or record in theirs.additional}


def nsd_adds_addresses_from_wildcards(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """NSD makes additional addresses from wildcards; we add only those of names that exist."""
    wanted = targets(ours.answer | ours.authority)
    theirs.additional = {record for record in theirs.additional
                         if record.owner not in wanted or not names.from_wildcard(record.owner)}


def is_referral(answer: Answer) -> bool:
    return not answer.answer and not answer.authoritative and any(
        record.rdtype == rdatatype.NS for record in answer.authority)


def lacks_glue(referral: Answer, names: Names) -> bool:
    """Whether addresses of servers at or below the cut are missing (RFC 9471 3)."""
    (cut,) = {record.owner for record in referral.authority}
    held = names.held[names.zone_of(cut.parent())]
    present = {(record.owner, record.rdtype) for record in referral.additional}
    return any((server, rdtype) not in present for server in targets(referral.authority) if server.is_subdomain(cut)
               for rdtype in held.get(server, set()) & {rdatatype.A, rdatatype.AAAA})


def we_truncate_without_glue(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """A referral that has no room for required glue has TC (RFC 9471 3), which is younger than this NSD."""
    if not question.tcp and ours.truncated and not theirs.truncated and is_referral(ours) and \
            ours.authority == theirs.authority and lacks_glue(ours, names) and lacks_glue(theirs, names):
        theirs.truncated, theirs.additional = True, ours.additional


def what_fits_differs(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """Which optional addresses, or aliases of a truncated chain, go into a full UDP answer is each server's choice."""
    if question.tcp:
        return
    if ours.truncated and theirs.truncated and theirs.answer < ours.answer:
        theirs.answer = ours.answer
    differing = ours.additional ^ theirs.additional
    wanted = targets(ours.answer | ours.authority)
    left_out = {name for name in wanted if (own := names.zone_of(name)) and names.held[own].get(name)}
    left_out -= {record.owner for record in ours.additional & theirs.additional}
    if left_out and all(record.owner in wanted and record.rdtype in ADDRESSES for record in differing):
        theirs.additional = ours.additional


def we_add_addresses_of_13_names(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """The records of one answer get the addresses of 13 targets (kMaxAdditional), from NSD of all."""
    wanted = targets(ours.answer)
    if len({record.owner for record in ours.additional} & wanted) == 13 and ours.additional < theirs.additional:
        theirs.additional = {record for record in theirs.additional if record in ours.additional or record.owner not in wanted}


def we_add_no_addresses_to_old_types(question: Question, ours: Answer, theirs: Answer, names: Names) -> None:
    """KX, RT and AFSDB get no additional records from us."""
    extra = targets(ours.answer, (rdatatype.KX, rdatatype.RT, rdatatype.AFSDB))
    theirs.additional = {record for record in theirs.additional if record.owner not in extra}


RULES = [
    nsd_adds_the_servers_of_the_zone,
    we_answer_any_with_little,
    nsd_finds_names_of_other_zones,
    we_follow_fewer_aliases,
    nsd_lowers_service_targets,
    we_add_what_service_targets_have,
    nsd_adds_addresses_from_wildcards,
    we_add_addresses_of_13_names,
    we_add_no_addresses_to_old_types,
    we_truncate_without_glue,
    what_fits_differs,
]
