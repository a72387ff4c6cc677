#include "zones/live/answer.h"

#include "zones/dns/octets.h"
#include "zones/live/address_octets.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kA = 4;
constexpr std::size_t kAaaa = 16;
constexpr std::size_t kLength = 2;  // octets in front of each record's data

}  // namespace

LiveAnswer::Part::Part(const LiveRecords& records, std::uint8_t record_size)
    : ttl(records.ttl),
      size(record_size),
      is_failed(records.is_failed),
      is_plain(!records.until && records.error == ExtendedError::none &&
               records.dependence == Dependence::no),
      is_same(is_plain && records.choice.manner() == Choice::Manner::all),
      choice(records.choice),
      negative_ttl(records.negative_ttl),
      error(records.error),
      dependence(records.dependence),
      until(records.until),
      networks(records.networks) {
  const std::size_t times = choice.manner() == Choice::Manner::rotated ? 2 : 1;
  octets.reserve(times * records.addresses.size() * size);
  for (std::size_t i = 0; i < times; ++i) {
    for (const auto& address : records.addresses) append_octets(octets, address);
  }
}

LiveAnswer::LiveAnswer(const LiveRecords& a, const LiveRecords& aaaa)
    : a_(a, kLength + kA), aaaa_(aaaa, kLength + kAaaa) {}

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
                                             RRset& rrset) noexcept {
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

}  // namespace holdfast::zones
