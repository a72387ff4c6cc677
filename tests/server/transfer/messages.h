#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "server/transfer/tsig.h"

namespace holdfast::server {

using Message = std::vector<std::uint8_t>;

inline const std::chrono::system_clock::time_point kNow{std::chrono::seconds(1772323200)};

inline Message from_hex(std::string_view hex) {
  Message octets;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    octets.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return octets;
}

/// A message with one question and nothing else.
inline Message question(std::string_view name, zones::RrType type, std::uint16_t flags = 0,
                        std::uint16_t id = 0x1234) {
  Message message{static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
  for (const unsigned value : {unsigned{flags}, 1U, 0U, 0U, 0U}) {
    message.push_back(static_cast<std::uint8_t>(value >> 8));
    message.push_back(static_cast<std::uint8_t>(value));
  }
  const auto owner = *zones::Name::parse(name);
  message.insert(message.end(), owner.view().data(), owner.view().data() + owner.view().size());
  for (const unsigned value : {static_cast<unsigned>(type), 1U}) {
    message.push_back(static_cast<std::uint8_t>(value >> 8));
    message.push_back(static_cast<std::uint8_t>(value));
  }
  return message;
}

inline SharedKey key_named(std::string_view name, TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256,
                           std::uint8_t first = 1, std::size_t accepted_mac = 0) {
  std::vector<std::uint8_t> secret(32);
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::uint8_t>(first + i);
  return TsigKey::make(*zones::Name::parse(name), algorithm, secret, accepted_mac);
}

/// The message with what `signer` puts behind it; empty: it could not.
template <class Signer>
Message sign(Signer& signer, const Message& message, std::chrono::system_clock::time_point now = kNow) {
  Message octets = message;
  octets.resize(message.size() + 1000);
  octets.resize(signer.sign(octets, message.size(), now));
  return octets;
}

}  // namespace holdfast::server
