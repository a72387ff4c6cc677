#include "zones/alias/question.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::uint16_t kEdnsSize = 1232;

void put(Octets& to, std::uint16_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value & 0xff));
}

void put_option(Octets& to, std::uint16_t code, const Octets& data) {
  put(to, code);
  put(to, static_cast<std::uint16_t>(data.size()));
  to.insert(to.end(), data.begin(), data.end());
}

/// RFC 7871 6: as many octets as the prefix needs, zero behind it.
Octets subnet_data(const ClientSubnet& subnet) {
  Octets address;
  if (subnet.address.is_v4()) {
    const auto octets = subnet.address.to_v4().to_bytes();
    address.assign(octets.begin(), octets.end());
  } else {
    const auto octets = subnet.address.to_v6().to_bytes();
    address.assign(octets.begin(), octets.end());
  }
  const std::size_t bits = std::min<std::size_t>(subnet.prefix, address.size() * 8);
  address.resize((bits + 7) / 8);
  if (bits % 8 != 0) address.back() = static_cast<std::uint8_t>(address.back() & (0xff00 >> bits % 8));
  Octets data;
  put(data, subnet.address.is_v4() ? 1 : 2);
  data.push_back(static_cast<std::uint8_t>(bits));
  data.push_back(0);
  data.insert(data.end(), address.begin(), address.end());
  return data;
}

}  // namespace

Query write_query(const Question& question, const Cookie& cookie, const QueryRandom& random) {
  Query query{static_cast<std::uint16_t>(random[0]), question, cookie.client, {}, {}};
  const NameView name = question.name;
  query.asked.assign(name.data(), name.data() + name.size());
  for (std::size_t i = 0; i < query.asked.size(); ++i) {
    std::uint8_t& octet = query.asked[i];
    const bool is_letter = octet >= 'a' && octet <= 'z';  // a length octet is below 64
    if (is_letter && (random[1 + i / 64] >> i % 64 & 1) != 0) octet = static_cast<std::uint8_t>(octet - 32);
  }
  put(query.asked, static_cast<std::uint16_t>(question.type));
  put(query.asked, static_cast<std::uint16_t>(RrClass::IN));

  Octets& message = query.message;
  put(message, query.id);
  for (const int word : {0x0100, 1, 0, 0, 1}) put(message, static_cast<std::uint16_t>(word));  // RD
  message.insert(message.end(), query.asked.begin(), query.asked.end());

  Octets options;
  Octets both(cookie.client.begin(), cookie.client.end());
  both.insert(both.end(), cookie.server.begin(), cookie.server.end());
  put_option(options, kCookieOption, both);
  if (question.subnet) put_option(options, kSubnetOption, subnet_data(*question.subnet));
  message.push_back(0);
  put(message, static_cast<std::uint16_t>(RrType::OPT));
  put(message, kEdnsSize);
  put(message, 0);
  put(message, 0);
  put(message, static_cast<std::uint16_t>(options.size()));
  message.insert(message.end(), options.begin(), options.end());
  return query;
}

}  // namespace holdfast::zones
