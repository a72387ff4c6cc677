#include "zones/live/answer.h"

#include <cstring>

#include "zones/live/address_octets.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kA = 4;
constexpr std::size_t kAaaa = 16;
constexpr std::size_t kLength = 2;  // octets in front of each record's data

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
              records.dependence == Dependence::no),
      dependence(records.dependence),
      networks(records.networks) {
  const std::size_t times = choice.manner() == Choice::Manner::rotated ? 2 : 1;
  octets.reserve(times * records.addresses.size() * size);
  for (std::size_t i = 0; i < times; ++i) {
    for (const auto& address : records.addresses) append_octets(octets, address);
  }
}

LiveAnswer::LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa)
    : a_(a, kLength + kA), aaaa_(aaaa, kLength + kAaaa) {}

LiveAnswer::Given LiveAnswer::give_by_network(RrType type, const Part& part, const Client& client,
                                              Given general) noexcept {
  general.is_wish = true;
  if (part.dependence == Dependence::unknown) return general;
  const ClientNetworks::Found found =
      part.networks != nullptr ? part.networks->find(client) : ClientNetworks::Found{nullptr, 0};
  if (found.answer == nullptr || client.now > found.answer->until + kNetworkGrace) {
    general.rrset.ttl = std::min(general.rrset.ttl, kMeanwhileTtl);
    general.scope = client.is_v6 ? kNetworkV6 : kNetworkV4;
    return general;
  }
  const ClientNetworks::Answer& answer = *found.answer;
  return {.rrset = {type, answer.count, ttl_at(part.ttl, answer.until, client.now), answer.octets.data()},
          .scope = found.length,
          .is_wish = client.now >= answer.again,
          .error = client.now > answer.until ? ExtendedError::stale_answer : ExtendedError::none};
}

LiveAnswer::Given LiveAnswer::give(RrType type, const Client& client,
                                   std::span<std::uint8_t> room) const noexcept {
  const Part& part = this->part(type);
  Choice::Drawn drawn;
  const Choice::Picked picked = part.choice.pick(client, drawn);
  const std::uint32_t ttl = ttl_at(part.ttl, part.until, client.now);
  const auto given = [&](std::size_t count, const std::uint8_t* octets) -> Given {
    const Given general{.rrset = {type, static_cast<std::uint16_t>(count), ttl, octets},
                        .scope = picked.scope,
                        .is_wish = false,
                        .error = part.error};
    if (part.dependence == Dependence::no || client.address.empty()) return general;
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
