#include "zones/live/answer.h"

#include "zones/dns/octets.h"
#include "zones/live/address_octets.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kLength = 2;  // octets in front of each record's data

void append_octets(std::vector<std::uint8_t>& octets, const std::vector<std::uint8_t>& data,
                   std::size_t size) {
  octets.push_back(static_cast<std::uint8_t>(data.size() >> 8));
  octets.push_back(static_cast<std::uint8_t>(data.size()));
  octets.insert(octets.end(), data.begin(), data.end());
  octets.resize(octets.size() + size - kLength - data.size());
}

/// From one record to the next, where each may be given alone: that of the largest.
std::uint16_t size_of(const LiveRecords& records) {
  if (!records.addresses.empty()) return kLength + (records.addresses.front().is_v4() ? 4 : 16);
  std::size_t size = 0;
  for (const auto& data : records.data) size = std::max(size, kLength + data.size());
  return static_cast<std::uint16_t>(size);
}

/// Whether one of the records, all of which are of its size, is that one.
bool holds(std::span<const std::uint8_t> records, std::span<const std::uint8_t> record) noexcept {
  for (; records.size() >= record.size(); records = records.subspan(record.size())) {
    if (std::equal(record.begin(), record.end(), records.begin())) return true;
  }
  return false;
}

/// Records of all candidates, and of theirs.
std::size_t size_with_inside(const LiveRecords& records) {
  std::size_t size = records.addresses.size() + records.data.size();
  for (const LiveRecords& one : records.inside) size += size_with_inside(one);
  return size;
}

}  // namespace

LiveAnswer::Part::Part(const LiveRecords& records)
    : ttl(records.ttl),
      size(size_of(records)),
      is_failed(records.is_failed),
      is_plain(!records.until && records.error == ExtendedError::none &&
               records.dependence == Dependence::no && records.inside.empty()),
      is_same(is_plain && records.choice.manner() == Choice::Manner::all),
      choice(records.choice),
      negative_ttl(records.negative_ttl),
      error(records.error),
      dependence(records.dependence),
      until(records.until),
      networks(records.networks),
      is_long(size_with_inside(records) > kMaxPicked) {
  const std::size_t times = choice.manner() == Choice::Manner::rotated ? 2 : 1;
  octets.reserve(times * (records.addresses.size() + records.data.size()) * size);
  for (std::size_t i = 0; i < times; ++i) {
    for (const auto& address : records.addresses) zones::append_octets(octets, address);
    // Those that all are given together lie close.
    for (const auto& data : records.data) append_octets(octets, data, is_same ? kLength + data.size() : size);
  }
  for (const LiveRecords& one : records.inside) inside.emplace_back(one);
}

LiveAnswer::LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa, const Others& others)
    : a_(a), aaaa_(aaaa), has_addresses_(true) {
  for (const auto& [type, records] : others) others_.emplace_back(type, Part(records));
}

LiveAnswer::LiveAnswer(const Others& others) : LiveAnswer({}, {}, others) { has_addresses_ = false; }

const LiveAnswer::Part* LiveAnswer::find(RrType type) const noexcept {
  for (const auto& [one, part] : others_) {
    if (one == type) return &part;
  }
  return nullptr;
}

LiveAnswer::Beside LiveAnswer::give_by_network(const Part& part, const Client& client, Beside general,
                                               RRset& rrset) noexcept {
  general.is_wish = true;
  if (part.dependence == Dependence::unknown) return general;
  const ClientNetworks::Found found =
      part.networks != nullptr ? part.networks->find(client) : ClientNetworks::Found{nullptr, 0};
  if (found.answer == nullptr || client.now > found.answer->until + kNetworkGrace) {
    rrset.ttl = std::min(rrset.ttl, kMeanwhileTtl);
    general.scope = client.is_v6 ? kNetworkV6 : kNetworkV4;
    return general;
  }
  const ClientNetworks::Answer& answer = *found.answer;
  rrset.count = answer.count;
  rrset.ttl = ttl_at(part.ttl, answer.until, client.now);
  rrset.data = answer.octets.data();
  return {.scope = found.length,
          .is_wish = client.now >= answer.again,
          .error = client.now > answer.until ? ExtendedError::stale_answer : ExtendedError::none};
}

LiveAnswer::Beside LiveAnswer::at_the_moment(const Part& part, const Client& client, std::uint8_t scope,
                                             std::span<std::uint8_t> room, RRset& rrset) noexcept {
  if (!part.inside.empty()) {
    rrset.data = room.data();
    rrset.count = 0;
    std::size_t octets = 0;
    scope = gather_inside(part, client, room, rrset, octets);
  }
  rrset.ttl = ttl_at(part.ttl, part.until, client.now);
  const Beside general{.scope = scope, .error = part.error};
  if (part.dependence == Dependence::no || client.address.empty()) return general;
  return give_by_network(part, client, general, rrset);
}

std::uint8_t LiveAnswer::gather(const Part& part, const Client& client, std::span<std::uint8_t> room,
                                RRset& rrset) noexcept {
  Choice::Drawn drawn;
  const Choice::Picked picked = part.choice.pick(client, drawn);
  rrset.data = room.data();
  rrset.count = room.size() < kPickedRoom ? std::uint16_t{0} : picked.count;
  std::uint8_t* to = room.data();
  for (std::size_t i = 0; i < rrset.count; ++i, to += part.size)
    copy_octets(part.octets.data() + drawn[i] * part.size, part.size, to);
  return picked.scope;
}

std::uint8_t LiveAnswer::gather_inside(const Part& part, const Client& client, std::span<std::uint8_t> room,
                                       RRset& rrset, std::size_t& octets) noexcept {
  Choice::Drawn drawn;
  const Choice::Picked picked = part.choice.pick(client, drawn);
  std::uint8_t scope = picked.scope;
  const bool in_turns = part.is_long && part.choice.manner() == Choice::Manner::all && picked.count != 0;
  const std::size_t first = in_turns ? mixed(client.random) % picked.count : picked.first;
  for (std::size_t i = 0; i < picked.count; ++i) {
    // Behind the last comes the first.
    const std::size_t candidate = picked.is_drawn ? drawn[i] : (first + i) % part.choice.candidates();
    if (!part.inside.empty()) {
      Client further = client;
      further.random = mixed(client.random + candidate + 1);
      scope = std::max(scope, gather_inside(part.inside[candidate], further, room, rrset, octets));
      continue;
    }
    if (rrset.count == kMaxPicked || octets + part.size > room.size()) break;
    const std::uint8_t* const record = part.octets.data() + candidate * part.size;
    if (holds({room.data(), octets}, {record, part.size})) continue;  // it is in several
    copy_octets(record, part.size, room.data() + octets);
    octets += part.size;
    ++rrset.count;
  }
  return scope;
}

}  // namespace holdfast::zones
