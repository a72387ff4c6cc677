#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "health/verdict/override.h"
#include "server/past.h"
#include "zones/alias/freshness.h"
#include "zones/live/selection.h"

namespace holdfast::server {

/// What somebody wants explained.
struct ExplainWish {
  std::string name{};                                ///< of a live name, with or without its final dot
  std::optional<zones::RrType> type{};               ///< null: those that it has
  std::optional<boost::asio::ip::address> client{};  ///< who would ask
  std::string if_down{};  ///< members that are down for the sake of argument, as find_subject() takes them
  std::optional<Past::Time> at{};  ///< a moment that is over; null: now
};

/// Why one family of a live name answers as it does, or did at a moment that is over: then with the members, settings and
/// places of today, and the verdicts and overrides of then. A value.
struct Explanation {
  struct Member {
    boost::asio::ip::address address{};  ///< unspecified: it is a name or a pool
    std::string name{};                  ///< of these; else empty
    bool is_pool = false;                ///< a pool
    std::size_t inside = 0;              ///< members that it stands for
    std::string of{};          ///< the name whose address it is, that answers in place of it; else empty
    std::string pool{};        ///< or the live name, where its own records are the members
    std::size_t depth = 0;     ///< pools and names that it is in
    bool is_fallback = false;  ///< of a pool that it falls back to
    std::string monitor{};     ///< empty: nobody checks it
    std::uint16_t tier = 1;
    std::uint16_t weight = 100;
    std::string location{};
    zones::MemberState state = zones::MemberState::unknown;
    std::optional<health::Override> decided{};  ///< goes before the verdict
    std::optional<Past::Known> then{};          ///< with `at`, of one that is checked
    bool is_supposed = false;                   ///< down only for the sake of argument
    double whole = 1;                           ///< how much of its weight it has: less while that ramps up
    bool is_candidate = false;                  ///< some client gets it
    double share = 0;                           ///< of the clients that get it, 0 to 1
    bool is_given = false;                      ///< to the client that was named
  };

  std::string zone{}, name{}, type{};
  zones::Family family = zones::Family::v4;
  std::string pool{};                         ///< empty: the zone's own records, or what `aliases` have
  zones::Policy policy = zones::Policy::all;  ///< of the part that answers
  zones::Selection selection{};
  zones::Choice::Manner manner = zones::Choice::Manner::all;
  bool is_first_round = false;  ///< not every target has been probed yet: all count as alive
  /// The target of an ANAME, and what is known of it.
  struct Alias {
    std::string target{};
    zones::Served served{};
  };
  std::vector<Alias> aliases{};
  std::string alias_rule{};  ///< what these come to: "fresh, alive"; empty: there are none
  std::uint32_t ttl = 0;     ///< as served at the moment
  std::string doubt{};  ///< why it is that short: "192.0.2.10 may go down soon"; empty: nobody is in doubt
  std::vector<Member> members{};       ///< all, of the other family too, in the order of people
  std::vector<std::uint32_t> parts{};  ///< of weights that grow, as choice() takes them
  std::optional<boost::asio::ip::address> client{};
  std::string region{};    ///< that the client is in; empty: that is not known
  std::uint8_t scope = 0;  ///< bits of the client's address that count
  std::optional<Past::Time>
      since{};  ///< of what is served; null where it is supposed, or longer than the log reaches back
  bool is_served = true;  ///< false: it would be, if

  std::optional<Past::Time> at{};  ///< the moment that this is about; null: now
  std::optional<Past::Time>
      until{};              ///< with `at`: when something else was answered; null: that is not in the log
  std::size_t reloads = 0;  ///< since `at`
  std::optional<Past::Time> last_reload{};
  std::optional<std::pair<Past::Time, Past::Time>> silence{};  ///< see Past
};

}  // namespace holdfast::server
