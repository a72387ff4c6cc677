#pragma once

#include <cstdint>
#include <span>

#include "server/answer/resolve.h"
#include "zones/replicate/serial_table.h"

struct ssl_st;

namespace holdfast::server {

/// What is asked over TLS is answered as over TCP: only counters tell these apart.
enum class Transport : std::uint8_t { udp, tcp, tls };

/// All that answers are made from. Borrows; immutable while a query is answered.
struct Serving {
  const zones::Snapshot& zones;
  const zones::LiveTable& live;
  const Identity& identity;
  std::uint64_t random = 0;  ///< other for each batch, and not to be foreseen: what is drawn is drawn by it
  zones::LiveTime now{};     ///< by which TTLs count down
  zones::Wishes* wishes = nullptr;              ///< those of clients; null: nobody heeds them
  const zones::SerialTable* serials = nullptr;  ///< null: each zone's own
  bool shows_private = false;                   ///< to somebody who may see what is private
};

/// Who sent a query.
struct Sender {
  std::span<const std::uint8_t> address{};  ///< in the order of the network; empty: unknown
  bool is_v6 = false;
  const ssl_st* tls = nullptr;  ///< what OpenSSL knows of a connection over TLS; null: it is none
};

/// What was sent, for the counters.
struct Answered {
  std::size_t size = 0;  ///< octets written; 0: send nothing
  zones::Rcode rcode = zones::Rcode::noerror;
  zones::RrType type{};  ///< QTYPE; 0 where there was no question to read
  bool truncated = false;
  zones::ZoneNumber zone = zones::kNoZone;
  zones::LiveIndex live = zones::kNotLive;
  /// It asks for what not everybody may have, a catalog for instance, or is signed: it is answered as it would be with nobody there who knows.
  /// @see server/transfer/peer_door.h
  bool is_privileged = false;
};

/// Answers one DNS message. Pure: no socket, no clock, no lock, no allocation.
///
/// @param query  one message exactly as received
/// @param reply  room for the answer: at least 512 octets over UDP, 65,535 over TCP. Over UDP no more is used than the
///               client takes and Identity::edns_size allows.
/// @param sender  for answers that depend on who asks, where the query does not tell of another (RFC 7871)
Answered answer(std::span<const std::uint8_t> query, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport, const Sender& sender = {}) noexcept;

/// One message of a batch.
struct Exchange {
  std::span<const std::uint8_t> query;
  Sender sender = {};
  std::span<const std::uint8_t> reply = {};  ///< what to send; empty: nothing
  Answered answered = {};
};

/// The same for many messages over one transport. Replies lie one behind the other in `room`: batch.size() times what
/// one may need. Faster: queries in a row are often for one zone, and on large data what a step needs from memory is
/// fetched for several queries side by side.
void answer(std::span<Exchange> batch, std::span<std::uint8_t> room, const Serving& serving,
            Transport transport) noexcept;

}  // namespace holdfast::server
