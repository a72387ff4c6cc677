#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/notify/notification.h"

namespace holdfast::health {

/// What became of a notification: a fixed list, the same in log, API and metrics.
enum class DeliveryState : std::uint8_t {
  pending,    ///< the first attempt is not over
  retrying,   ///< an attempt failed, there will be another
  delivered,  ///< the server took it
  failed,     ///< refused for good, or given up
  dropped,    ///< the contact is gone, or the program ended
};
inline constexpr std::string_view kDeliveryStates[] = {"pending", "retrying", "delivered", "failed",
                                                       "dropped"};
constexpr std::string_view text(DeliveryState state) {
  return kDeliveryStates[static_cast<std::size_t>(state)];
}

/// One notification on its way to one contact. A value.
struct Delivery {
  std::string id{};
  std::string contact{};
  Notification::Kind kind = Notification::Kind::news;
  std::string subject{};
  std::vector<std::string> events{};                ///< ids, of kMaxEventIds at most
  std::chrono::system_clock::time_point time{};     ///< of the notification
  std::chrono::system_clock::time_point changed{};  ///< the end of the last attempt
  DeliveryState state = DeliveryState::pending;
  unsigned attempts = 0;
  std::string why{};  ///< what the last attempt said

  static constexpr std::size_t kMaxEventIds = 100;
};

/// Of one contact.
struct ContactStatus {
  std::string contact{};
  std::string type{};
  std::size_t waiting = 0;      ///< events that it is still to be told
  bool is_sending = false;      ///< a notification is on its way, or waits for another attempt
  std::uint64_t delivered = 0;  ///< notifications, and so on
  std::uint64_t retried = 0;    ///< attempts that failed and were followed by another
  std::uint64_t failed = 0;
  std::uint64_t elsewhere = 0;  ///< notifications that another server sends
  std::uint64_t left_out = 0;   ///< events that there was no room for
  std::optional<std::chrono::system_clock::time_point> last_success{};
};

/// All there is to say of notifications, as of one moment.
struct NotifyStatus {
  std::vector<ContactStatus> contacts;  ///< by name
  std::deque<Delivery> deliveries;      ///< the last ones, by beginning
};

}  // namespace holdfast::health
