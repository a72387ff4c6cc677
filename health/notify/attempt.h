#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "health/notify/notification.h"
#include "health/notify/settings.h"
#include "health/probe/curl_loop.h"

namespace holdfast::health {

/// How one attempt to deliver a notification ended.
struct AttemptResult {
  bool is_delivered = false;
  bool again = false;                           ///< not delivered, but it may be next time
  std::string why{};                            ///< one line; delivered: empty, or what is odd about it
  std::optional<std::chrono::seconds> asked{};  ///< by the server, before the next one
};
using AttemptDone = std::function<void(AttemptResult)>;

/// An attempt that is on its way; it ends without a word when this is destroyed, also in `done`.
class DeliveryAttempt {
 public:
  /// A mail takes a second at most, and less after cancel().
  virtual ~DeliveryAttempt() = default;
  /// It will be destroyed soon. So many are ended in the time of one.
  virtual void cancel() noexcept {}
};

/// What is sent, by whom.
struct Parcel {
  const Notification& notification;
  const ContactSettings& contact;
  const std::string& server;
};

/// On its way, and `done` will be called once, later; or it failed at once, and `done` will not.
using Started = std::variant<std::unique_ptr<DeliveryAttempt>, AttemptResult>;

/// One file each; by the contact's type. Takes what it needs of the parcel with it.
Started start_webhook(CurlLoop& loop, const Parcel& parcel, AttemptDone done);
/// On a thread of its own; `done` is called on that of `io`.
Started start_mail(boost::asio::io_context& io, const Parcel& parcel, AttemptDone done);

}  // namespace holdfast::health
