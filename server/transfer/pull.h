#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/transfer/primary_link.h"
#include "zones/replicate/incoming.h"
#include "zones/replicate/soa_reply.h"

namespace holdfast::server {

struct PullLimits {
  zones::TransferLimits received{};
  LinkLimits link{};
  std::chrono::milliseconds first_reply{1000},
      second_reply{2000};               ///< to the same question over UDP, asked twice
  std::chrono::milliseconds soa{5000};  ///< for the reply to a question for the SOA over TCP
};

/// Asks primaries. Belongs to the thread of the io_context, and its coroutines throw only for want of memory.
class Pull {
 public:
  Pull(boost::asio::io_context& io, PullLimits limits) : io_(io), limits_(limits) {}

  /// For the SOA of a zone: over UDP, and over TCP where that comes to nothing; or only over TLS. Never `mismatch` or
  /// `truncated`.
  boost::asio::awaitable<zones::SoaReply> ask_soa(PrimaryAddress primary, zones::Name zone, bool edns);

  struct Transfer {
    std::string problem{};  ///< a sentence about the primary; empty: it succeeded
    bool axfr_may_help = false, no_edns_may_help = false;
    std::optional<zones::Received> received{};
    std::optional<std::chrono::seconds> expire{};
    std::size_t messages = 0, octets = 0, records = 0;
  };
  /// Somebody else may end a transfer.
  struct Stop {
    PrimaryLink* link = nullptr;
    void operator()() const {
      if (link != nullptr) link->close("was not needed any more");
    }
  };
  boost::asio::awaitable<Transfer> transfer(PrimaryAddress primary, zones::TransferQuestion question,
                                            bool edns, std::shared_ptr<Stop> stop);

 private:
  boost::asio::awaitable<zones::SoaReply> ask_soa_by_udp(const PrimaryAddress& primary,
                                                         const zones::Name& zone, bool edns);
  boost::asio::awaitable<zones::SoaReply> ask_soa_by_link(const PrimaryAddress& primary,
                                                          const zones::Name& zone, bool edns);
  boost::asio::awaitable<void> receive(PrimaryLink& link, const PrimaryAddress& primary,
                                       const zones::TransferQuestion& question, bool edns,
                                       Transfer& transfer);

  boost::asio::io_context& io_;
  TlsClient tls_;
  const PullLimits limits_;
};

/// For a question to somebody who could be impersonated.
std::uint16_t random_id();

}  // namespace holdfast::server
