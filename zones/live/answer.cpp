#include "zones/live/answer.h"

#include <cstring>

namespace holdfast::zones {
namespace {

constexpr std::size_t kA = 4;
constexpr std::size_t kAaaa = 16;
constexpr std::size_t kLength = 2;  // octets in front of each record's data

void append(std::vector<std::uint8_t>& octets, const boost::asio::ip::address& address) {
  const auto put = [&](const auto& bytes) {
    octets.push_back(0);
    octets.push_back(static_cast<std::uint8_t>(bytes.size()));
    octets.insert(octets.end(), bytes.begin(), bytes.end());
  };
  if (address.is_v4()) {
    put(address.to_v4().to_bytes());
  } else {
    put(address.to_v6().to_bytes());
  }
}

std::vector<std::uint8_t> octets_of(const std::vector<boost::asio::ip::address>& addresses) {
  std::vector<std::uint8_t> octets;
  for (const auto& address : addresses) append(octets, address);
  return octets;
}

}  // namespace

LiveAnswer::Part::Part(const LiveRecords& records, std::uint8_t record_size)
    : choice(records.choice),
      ttl(records.ttl),
      negative_ttl(records.negative_ttl),
      until(records.until),
      error(records.error),
      size(record_size),
      is_failed(records.is_failed),
      is_same(choice.manner() == Choice::Manner::all && !records.until && error == ExtendedError::none &&
              records.dependence == Dependence::no) {
  const std::size_t times = choice.manner() == Choice::Manner::rotated ? 2 : 1;
  octets.reserve(times * records.addresses.size() * size);
  for (std::size_t i = 0; i < times; ++i) {
    for (const auto& address : records.addresses) append(octets, address);
  }
  if (records.dependence == Dependence::no) return;
  Networks known{.is_known = records.dependence == Dependence::yes, .places = {}, .answers = {}};
  PrefixTable::Layer layer;
  for (const NetworkRecords& one : records.networks) {
    layer.push_back({one.network, static_cast<PrefixTable::Value>(known.answers.size())});
    known.answers.push_back({octets_of(one.addresses), static_cast<std::uint16_t>(one.addresses.size()), one.until,
                             one.again});
  }
  if (!layer.empty()) known.places = Places(PrefixTable({layer}));
  networks = std::make_unique<const Networks>(std::move(known));
}

LiveAnswer::LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa)
    : a_(a, kLength + kA), aaaa_(aaaa, kLength + kAaaa) {}

LiveAnswer::Given LiveAnswer::give_by_network(RrType type, const Part& part, const Client& client,
                                              Given general) noexcept {
  const Networks& networks = *part.networks;
  general.is_wish = true;
  if (!networks.is_known) return general;
  Client where = client;
  where.places = &networks.places;
  const Places::Found place = place_of(where);
  const Networks::Answer* const answer = place.region ? &networks.answers[*place.region] : nullptr;
  if (answer == nullptr || client.now > answer->until + kNetworkGrace) {
    general.rrset.ttl = std::min(general.rrset.ttl, kMeanwhileTtl);
    general.scope = client.is_v6 ? kNetworkV6 : kNetworkV4;
    return general;
  }
  return {{type, answer->count, ttl_at(part.ttl, answer->until, client.now), answer->octets.data()},
          place.length,
          client.now >= answer->again};
}

LiveAnswer::Given LiveAnswer::give(RrType type, const Client& client,
                                   std::span<std::uint8_t> room) const noexcept {
  const Part& part = this->part(type);
  Choice::Drawn drawn;
  const Choice::Picked picked = part.choice.pick(client, drawn);
  const std::uint32_t ttl = ttl_at(part.ttl, part.until, client.now);
  const auto given = [&](std::size_t count, const std::uint8_t* octets) -> Given {
    const Given general{{type, static_cast<std::uint16_t>(count), ttl, octets}, picked.scope};
    if (part.networks == nullptr || client.address.empty()) return general;
    return give_by_network(type, part, client, general);
  };
  if (!picked.is_drawn) return given(picked.count, part.octets.data() + picked.first * part.size);
  if (picked.count == 1) return given(1, part.octets.data() + drawn[0] * part.size);
  if (room.size() < kPickedRoom) return given(0, nullptr);
  std::uint8_t* to = room.data();
  for (std::size_t i = 0; i < picked.count; ++i, to += part.size) {
    std::memcpy(to, part.octets.data() + drawn[i] * part.size, part.size);
  }
  return given(picked.count, room.data());
}

}  // namespace holdfast::zones
