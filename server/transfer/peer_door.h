#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "server/listen/privileged.h"
#include "server/listen/source.h"
#include "server/transfer/outgoing.h"
#include "server/transfer/peers.h"
#include "server/transfer/tsig.h"
#include "server/transfer/updates.h"
#include "server/versions/versions.h"

namespace holdfast::server {

/// What came of what others asked; each is counted once.
struct PeerCounters {
  std::atomic<std::uint64_t> refused_transfers{0};  ///< AXFR and IXFR of those who may not
  std::atomic<std::uint64_t> refused_notifies{0};   ///< NOTIFY of those who are no primary of the zone
  std::atomic<std::uint64_t> bad_signatures{0};     ///< TSIG that is not valid
  std::atomic<std::uint64_t> notifies{0};           ///< that were taken
  std::atomic<std::uint64_t> refused_updates{0};    ///< UPDATE of those who may change nothing
};

/// An update that its sender may ask for, and what its answer takes.
struct PendingUpdate;

/// Where other name servers come in: AXFR, IXFR, NOTIFY, UPDATE, and whatever is signed. Thread-safe.
///
///   message -> parse -> TSIG -> who is it (Peers) -> what is answered -> TSIG
class PeerDoor {
 public:
  /// A primary says that there is something new; `serial` if it says so.
  using Notified =
      std::function<void(const zones::Name& zone, const Peer& peer, std::optional<zones::Serial> serial)>;
  /// For how long a zone that we are secondary for is still good; nothing: it is not known.
  using Expiry = std::function<std::optional<std::chrono::seconds>(const zones::Name& zone)>;
  /// @param updates  null: updates are not known here
  PeerDoor(const Versions& versions, Notified notified, Updates* updates = nullptr, Expiry expiry = {})
      : versions_(versions), notified_(std::move(notified)), updates_(updates), expiry_(std::move(expiry)) {}

  /// From now on these. Nobody is anybody before.
  void configure(std::shared_ptr<const Peers> peers) {
    is_closed_ = peers->is_empty();
    peers_.publish(std::move(peers));
  }
  /// Nobody has any business here.
  bool is_closed() const noexcept { return is_closed_.load(std::memory_order_relaxed); }
  std::shared_ptr<const Peers> peers() const { return peers_.get(); }

  /// An answer that is one message, or else one of many.
  struct Answer {
    std::size_t size = 0;    ///< of the one message, octets; 0: nothing is sent, unless there is a `stream`
    bool is_stream = false;  ///< many messages; over TCP. Or an update, which takes its time
    std::shared_ptr<PendingUpdate> update{};  ///< then, where it is one, unless it is only to be announced
    std::optional<Outgoing> stream{};         ///< then, unless they are only to be announced
    std::optional<TsigAnswers> signer{};      ///< of the messages of the stream
    zones::Name zone{};                       ///< of the stream
    std::string peer{};                       ///< likewise: its name
    bool is_whole = false;                    ///< likewise: AXFR, or IXFR that had to be one
    zones::Serial serial{};                   ///< likewise: of what is sent
  };
  /// @param makes_stream  false: a stream, or an update, is only announced
  Answer answer(std::span<const std::uint8_t> message, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport, const Sender& sender, bool makes_stream = true) const;

  /// Has an update done; what answers it is told, once: on another thread, or at once. Empty: nothing.
  void work_on(std::shared_ptr<PendingUpdate> update,
               std::function<void(std::vector<std::uint8_t>)> answered) const;

  PeerCounters& counters() const noexcept { return counters_; }

 private:
  friend struct PendingUpdate;
  struct Request;
  Answer answer(const Request& request, std::span<std::uint8_t> reply, const Serving& serving,
                Transport transport, const Sender& sender) const;
  Answer transfer(const Request& request, std::span<std::uint8_t> reply, const Serving& serving,
                  Transport transport) const;
  void complain(zones::NameView zone, const Request& request) const;
  /// Null: there is none. One that expired is not to live on elsewhere.
  std::shared_ptr<const Versions::Line> version_served(zones::NameView zone, const Query& query,
                                                       const Serving& serving) const;
  /// The SOA and the EXPIRE option, for a secondary that asks for both; else nothing.
  Answer refresh(const Request& request, std::span<std::uint8_t> reply, const Serving& serving,
                 Transport transport) const;
  /// What the EXPIRE option has (RFC 7314 3): of who asks for it.
  std::optional<std::uint32_t> expire(const Request& request, const zones::Contents& now) const;
  Answer notify(const Request& request, std::span<std::uint8_t> reply, const Serving& serving) const;
  Answer update(const Request& request, std::span<std::uint8_t> reply, const Serving& serving) const;

  const Versions& versions_;
  const Notified notified_;
  Updates* const updates_;
  const Expiry expiry_;
  zones::Published<Peers> peers_{std::make_shared<const Peers>()};
  std::atomic<bool> is_closed_{true};
  mutable PeerCounters counters_;
  mutable std::mutex complaining_;  // guards:
  mutable std::chrono::steady_clock::time_point complained_{};
};

}  // namespace holdfast::server
