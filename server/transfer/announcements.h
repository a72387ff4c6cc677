#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "server/transfer/announcement.h"
#include "server/transfer/announcer.h"
#include "server/transfer/peers.h"
#include "server/versions/versions.h"

namespace holdfast::server {

/// Which secondaries are to be told of versions, when, and what they said: the times of Announcer, without its sockets. For one
/// thread; time is passed in.
class Announcements {
 public:
  using Clock = std::chrono::steady_clock;

  /// One secondary, at one address, and one zone.
  struct Key {
    zones::Name zone{};
    std::string peer{};
    boost::asio::ip::udp::endpoint address{};

    bool operator<(const Key& other) const {
      return std::tie(zone, peer, address) < std::tie(other.zone, other.peer, other.address);
    }
  };
  enum class Question { notify, soa };
  /// Sends one, and says why it could not; empty: it could. Whatever it throws is thrown on, and the question was lost.
  using Send = std::function<std::string(const Key&, const zones::Contents& version, Question)>;

  /// Those of other secondaries than these go.
  void configure(const Peers& peers);
  void begin(const std::shared_ptr<const Versions::Line>& line, const Peers& peers, Clock::time_point now);
  /// Zones that begin anew, with any serial.
  void forget(const std::vector<zones::Name>& zones);
  /// A secondary took a version.
  void sent(const zones::Name& zone, const std::string& peer, Clock::time_point now);

  /// When act() has something to do.
  std::optional<Clock::time_point> next() const;
  /// Asks all who are due.
  void act(Clock::time_point now, const Send& send);

  bool has(const Key& key) const { return entries_.contains(key); }
  /// @return whether that was waited for
  bool heard_of_notify(const Key& key, zones::Rcode rcode, Clock::time_point now);
  void heard_of_soa(const Key& key, const SecondaryReply& reply, Clock::time_point now);
  void failed(const Key& key, std::string problem);

  std::vector<SecondaryStatus> status(Clock::time_point now) const;

 private:
  enum class Stage { notify, look, slow };
  struct Entry {
    std::shared_ptr<const Versions::Line> line{};  // to be told of
    std::optional<zones::Serial> held{};
    bool is_current = false, is_acknowledged = false;
    unsigned attempts = 0, looks = 0;
    Stage stage = Stage::notify;
    Clock::time_point next{}, begun{};
    Clock::duration lag{};
    std::chrono::system_clock::time_point since{};
    std::string problem{};
  };

  void set_time(const Key& key, Entry& entry, Clock::time_point next);

  std::map<Key, Entry> entries_;
  std::set<std::pair<Clock::time_point, Key>>
      times_;  // of those that do not hold the version; may have others
  Clock::time_point next_free_{};
};

}  // namespace holdfast::server
