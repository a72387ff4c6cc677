#include "zones/replicate/update.h"

#include <algorithm>
#include <map>

#include "zones/load/rdata_writer.h"
#include "zones/replicate/message.h"
#include "zones/replicate/received_data.h"

namespace holdfast::zones {
namespace {

constexpr RrType kKey{25};  // RFC 2535 3
constexpr RrType kWks{11};  // RFC 1035 3.4.2

/// Octets of address and protocol, which tell one WKS record from another (RFC 2136 3.4.2.2).
constexpr std::size_t kWksOwn = 5;

/// Records of these types may stand beside a CNAME (RFC 4035 2.5).
bool may_be_beside_cname(RrType type) {
  return type == RrType::CNAME || type == RrType::RRSIG || type == RrType::NSEC || type == kKey;
}

/// The data of a record that a row names: null where it is none of its type.
std::optional<Rdata> data_of_row(const MessageRecord& row, std::span<const std::uint8_t> message,
                                 std::span<std::uint8_t> room) {
  const Rdata data = row.record.data;
  // That of class IN was looked at already.
  if (row.section != Section::authority || row.rr_class != RrClass::NONE || !is_data_type(row.record.type))
    return data;
  const auto at = static_cast<std::size_t>(data.data() - message.data());
  return received_data(row.record.type, message.first(at + data.size()), at, room);
}

/// The records of one owner and type while an update is worked on. What it has is borrowed.
struct Set {
  std::uint32_t ttl = 0;
  std::vector<Rdata> data{};  // in canonical order

  bool operator==(const Set& other) const {
    return ttl == other.ttl && std::equal(data.begin(), data.end(), other.data.begin(), other.data.end(),
                                          [](Rdata a, Rdata b) { return compare_data(a, b) == 0; });
  }
};

bool precedes(Rdata a, Rdata b) noexcept { return compare_data(a, b) < 0; }

using Types = std::map<RrType, Set>;  // without empty ones

Types types_of(const Zone& zone, NameView owner) {
  Types types;
  const Node node = zone.find(owner);
  for (std::size_t i = 0; node && i < node.rrset_count(); ++i) {
    const RRset rrset = zone.rrset_at(node, i);
    Set& set = types[rrset.type];
    set.ttl = rrset.ttl;
    for (const Rdata data : rrset) set.data.push_back(data);
  }
  return types;
}

/// RFC 2136 3.4.1.3
Rcode prescan(const UpdateRow& row, NameView apex) {
  if (!row.owner.view().is_at_or_below(apex)) return Rcode::notzone;
  const bool is_data = is_data_type(row.type);
  bool is_right = false;
  if (row.rr_class == RrClass::IN) {
    is_right = is_data;
  } else if (row.rr_class == RrClass::ANY) {
    is_right = row.ttl == 0 && row.data.empty() && (is_data || row.type == RrType::ANY);
  } else if (row.rr_class == RrClass::NONE) {
    is_right = row.ttl == 0 && is_data;
  }
  return is_right ? Rcode::noerror : Rcode::formerr;
}

/// The owners that an update touches, as they become row by row (RFC 2136 3.4.2).
class Work {
 public:
  Work(const Zone& zone, Serial serial) : zone_(zone), serial_(serial) {}

  void take(const UpdateRow& row) {
    Types& types = types_at(row.owner);
    if (row.rr_class == RrClass::IN) {
      add(row, types);
    } else if (row.rr_class == RrClass::ANY) {
      remove_sets(row, types);
    } else {
      remove_record(row, types);
    }
  }

  Updated changes() const {
    Updated updated;
    for (const auto& [owner, after] : touched_) {
      const Types before = types_of(zone_, owner);
      for (const auto& [type, set] : before) {
        if (type == RrType::SOA) continue;
        const auto still = after.find(type);
        add_missing(owner, type, set, still == after.end() ? Set{} : still->second, updated.removed);
      }
      for (const auto& [type, set] : after) {
        if (type == RrType::SOA) continue;
        const auto was = before.find(type);
        add_missing(owner, type, set, was == before.end() ? Set{} : was->second, updated.added);
      }
    }
    if (soa_ != nullptr) updated.soa = *soa_;
    return updated;
  }

 private:
  bool is_apex(const UpdateRow& row) const { return row.owner.view() == zone_.apex(); }

  Types& types_at(const Name& owner) {
    const auto found = touched_.find(owner);
    return found != touched_.end() ? found->second
                                   : touched_.emplace(owner, types_of(zone_, owner)).first->second;
  }

  void add(const UpdateRow& row, Types& types) {
    if (row.type == RrType::SOA) return take_soa(row);
    const bool is_shut = std::any_of(types.begin(), types.end(), [&](const auto& one) {
      return row.type == RrType::CNAME ? !may_be_beside_cname(one.first)
                                       : one.first == RrType::CNAME && !may_be_beside_cname(row.type);
    });
    if (is_shut) return;
    Set& set = types[row.type];
    set.ttl = row.ttl;  // of all of them (RFC 2181 5.2)
    if (row.type == RrType::CNAME || row.type == RrType::DNAME) set.data.clear();  // of which there is one
    if (row.type == kWks) {
      const Rdata now = row.data;
      std::erase_if(set.data, [now](Rdata data) {
        return std::ranges::equal(data.first(std::min(data.size(), kWksOwn)),
                                  now.first(std::min(now.size(), kWksOwn)));
      });
    }
    const auto place = std::lower_bound(set.data.begin(), set.data.end(), Rdata(row.data), precedes);
    if (place == set.data.end() || precedes(row.data, *place)) set.data.insert(place, row.data);
  }

  void take_soa(const UpdateRow& row) {
    if (!is_apex(row) || !serial_of(row.data).is_after(serial_)) return;
    soa_ = &row;
    serial_ = serial_of(row.data);
  }

  void remove_sets(const UpdateRow& row, Types& types) {
    const auto is_kept = [&](RrType type) {
      return is_apex(row) && (type == RrType::SOA || type == RrType::NS);
    };
    std::erase_if(types, [&](const auto& one) {
      return (row.type == RrType::ANY || row.type == one.first) && !is_kept(one.first);
    });
  }

  void remove_record(const UpdateRow& row, Types& types) {
    const auto found = types.find(row.type);
    if (found == types.end() || row.type == RrType::SOA) return;
    std::vector<Rdata>& data = found->second.data;
    const auto place = std::lower_bound(data.begin(), data.end(), Rdata(row.data), precedes);
    if (place == data.end() || precedes(row.data, *place)) return;
    if (is_apex(row) && row.type == RrType::NS && data.size() == 1) return;  // 3.4.2.4
    data.erase(place);
    if (data.empty()) types.erase(found);
  }

  /// What of `set` is not in `other`: all of it, where they have another TTL.
  static void add_missing(const Name& owner, RrType type, const Set& set, const Set& other, RecordRun& run) {
    for (const Rdata data : set.data) {
      if (set.ttl != other.ttl || !std::binary_search(other.data.begin(), other.data.end(), data, precedes))
        run.add({owner, type, set.ttl, data});
    }
  }

  const Zone& zone_;
  Serial serial_;  // of the last SOA
  const UpdateRow* soa_ = nullptr;
  std::map<Name, Types> touched_;
};

}  // namespace

std::variant<Update, Rcode> read_update(std::span<const std::uint8_t> message) {
  MessageReader reader;
  if (!reader.open(message) || reader.header().is_response || !reader.question() ||
      reader.header().opcode != static_cast<std::uint8_t>(Opcode::update))
    return Rcode::formerr;
  const MessageQuestion& zone = *reader.question();
  if (zone.type != RrType::SOA || zone.rr_class != RrClass::IN) return Rcode::formerr;
  const auto& counts = reader.header().counts;
  if (std::size_t{counts[1]} + counts[2] > kMaxUpdateRows) return Rcode::refused;
  Update update{zone.name};
  std::vector<std::uint8_t> room(kMaxRdata);
  while (const MessageRecord* row = reader.next()) {
    if (row->section == Section::additional) continue;
    const auto data = data_of_row(*row, message, room);
    if (!data) return Rcode::formerr;
    const RecordView& record = row->record;
    auto& rows = row->section == Section::answer ? update.prerequisites : update.rows;
    rows.push_back(
        {Name(record.owner), record.type, row->rr_class, record.ttl, {data->begin(), data->end()}});
  }
  if (!reader.problem().empty()) return Rcode::formerr;
  return update;
}

Rcode check_prerequisites(const Update& update, const Zone& zone) {
  std::map<std::pair<Name, RrType>, std::vector<Rdata>> wanted;
  for (const UpdateRow& row : update.prerequisites) {
    if (row.ttl != 0) return Rcode::formerr;
    if (!row.owner.view().is_at_or_below(zone.apex())) return Rcode::notzone;
    if (row.rr_class == RrClass::IN) {
      if (!is_data_type(row.type)) return Rcode::formerr;
      wanted[{row.owner, row.type}].push_back(row.data);
      continue;
    }
    if ((row.rr_class != RrClass::ANY && row.rr_class != RrClass::NONE) || !row.data.empty())
      return Rcode::formerr;
    const bool is_any = row.type == RrType::ANY;
    const Node node = zone.find(row.owner);
    // A node without RRsets is an empty non-terminal, and not in use (2.4.4).
    const bool is_there = node && (is_any ? node.rrset_count() != 0 : !zone.rrset(node, row.type).empty());
    if (is_there == (row.rr_class == RrClass::ANY)) continue;
    if (is_there) return is_any ? Rcode::yxdomain : Rcode::yxrrset;
    return is_any ? Rcode::nxdomain : Rcode::nxrrset;
  }
  for (auto& [key, data] : wanted) {
    std::sort(data.begin(), data.end(), precedes);
    const auto is_same = [](Rdata a, Rdata b) { return compare_data(a, b) == 0; };
    data.erase(std::unique(data.begin(), data.end(), is_same), data.end());
    const Node node = zone.find(key.first);
    const RRset rrset = node ? zone.rrset(node, key.second) : RRset{};
    if (rrset.count != data.size() || !std::equal(data.begin(), data.end(), rrset.begin(), is_same))
      return Rcode::nxrrset;
  }
  return Rcode::noerror;
}

std::variant<Updated, Rcode> apply_update(const Update& update, const Zone& zone, Serial serial) {
  for (const UpdateRow& row : update.rows) {
    if (const Rcode rcode = prescan(row, zone.apex()); rcode != Rcode::noerror) return rcode;
  }
  Work work(zone, serial);
  for (const UpdateRow& row : update.rows) work.take(row);
  return work.changes();
}

std::shared_ptr<const Delta> delta_of(const Updated& updated, const Zone& zone, Serial serial) {
  const RRset before = zone.rrset(zone.apex_node(), RrType::SOA);
  const Rdata old = *before.begin();
  const Rdata next = updated.soa ? Rdata(updated.soa->data) : old;
  auto delta = std::make_shared<Delta>();
  delta->removed.add({zone.apex(), RrType::SOA, before.ttl, old});
  delta->added.add(
      {zone.apex(), RrType::SOA, updated.soa ? updated.soa->ttl : before.ttl, with_serial(next, serial)});
  for (const RecordView record : updated.removed) delta->removed.add(record);
  for (const RecordView record : updated.added) delta->added.add(record);
  return delta;
}

}  // namespace holdfast::zones
