#pragma once

#include "server/transfer/peers.h"
#include "tests/server/transfer/fake_primary.h"

// What a FakePrimary sends, in presentation format.

namespace holdfast::server {

using zones::testing::Sent;
using zones::testing::soa;
using zones::testing::wire;

inline const std::string kNs = "@ NS ns\nns A 192.0.2.1\n";

inline Octets framed(const Octets& message) {
  Octets octets;
  zones::testing::put16(octets, message.size());
  zones::testing::put(octets, message);
  return octets;
}

/// These messages, with the id and the type of the question where they say nothing else.
using Sends = std::function<Octets(const SeenQuestion&)>;
inline Sends messages(std::vector<Sent> all) {
  return [all = std::move(all)](const SeenQuestion& asked) {
    Octets octets;
    for (Sent sent : all) {
      if (sent.id == Sent{}.id) sent.id = asked.id;
      if (sent.question == zones::RrType::AXFR) sent.question = asked.type;
      zones::testing::put(octets, framed(wire(sent)));
    }
    return octets;
  };
}
inline Sends records(const std::string& lines) { return messages({{.records = lines}}); }
inline Sends raw(Octets octets) {
  return [octets = std::move(octets)](const SeenQuestion&) { return octets; };
}
/// A message of one record behind the SOA, whose octets are these.
inline Sends with_record(Octets record) {
  return [record = std::move(record)](const SeenQuestion& asked) {
    Octets message = wire({.records = soa(9), .question = asked.type, .id = asked.id});
    zones::testing::put(message, record);
    message[7] = 2;
    return framed(message);
  };
}
inline Sends changed(Sends sends, std::function<void(Octets&)> change) {
  return [sends = std::move(sends), change = std::move(change)](const SeenQuestion& asked) {
    Octets octets = sends(asked);
    change(octets);
    return octets;
  };
}
inline Sends cut(Sends sends, std::size_t size) {
  return changed(std::move(sends), [size](Octets& octets) { octets.resize(size); });
}

/// The messages of a connection, without their lengths.
inline std::vector<Octets> split(const Octets& octets) {
  std::vector<Octets> all;
  for (std::size_t at = 0; at + 2 <= octets.size();) {
    const auto size = static_cast<std::size_t>(octets[at] << 8 | octets[at + 1]);
    const auto first = octets.begin() + static_cast<long>(at + 2);
    all.emplace_back(first, first + static_cast<long>(size));
    at += 2 + size;
  }
  return all;
}

inline SharedKey key_of(const std::string& name, std::uint8_t secret) {
  return TsigKey::make(*zones::Name::parse(name), TsigAlgorithm::hmac_sha256, Octets(32, secret));
}

/// How the messages of an answer are signed.
struct Signing {
  SharedKey key{};                        ///< that the question has to be signed with
  SharedKey other{};                      ///< not null: that the answer is signed with instead
  std::chrono::seconds ahead{};           ///< of the clock with which the answer is signed
  std::chrono::seconds ahead_at_check{};  ///< of that with which the question is checked
  std::size_t count = SIZE_MAX;           ///< only the first ones are
};
inline Sends signed_with(Sends sends, Signing how) {
  return [sends = std::move(sends), how](const SeenQuestion& asked) {
    const auto now = std::chrono::system_clock::now();
    TsigRequest request = check_tsig(asked.octets, KeyRing({how.key}), now + how.ahead_at_check);
    if (how.other) request.key = how.other, request.name = how.other->name();
    TsigAnswers signer(request);
    Octets octets;
    std::size_t i = 0;
    for (Octets message : split(sends(asked))) {
      if (i++ < how.count) {
        const std::size_t size = message.size();
        message.resize(size + signer.room());
        message.resize(signer.sign(message, size, now + how.ahead));
      }
      zones::testing::put(octets, framed(message));
    }
    return octets;
  };
}
/// For `says`: the one message, as it is in a datagram.
inline Sends one(Sends sends) {
  return [sends = std::move(sends)](const SeenQuestion& asked) { return split(sends(asked)).at(0); };
}

inline Peer peer_at(std::uint16_t port, const std::string& name = "ns1") {
  return {.settings = {.name = name, .addresses = {{boost::asio::ip::address_v4::loopback(), port}}}};
}

}  // namespace holdfast::server
