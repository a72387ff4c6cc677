#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "health/notify/delivery.h"
#include "health/notify/routes.h"
#include "health/notify/settings.h"
#include "health/target.h"

namespace holdfast::health {

/// Tells people what happened: events -> contacts -> digests -> webhooks and mails, on a thread of its own. Thread-safe.
///
/// A contact has at most one notification on its way; while that is tried again, what happens is collected for the next,
/// Digest::kMaxEvents events at most, of which the oldest are left out. So nothing grows, and nobody who calls waits.
class Notifier {
 public:
  static constexpr std::size_t kMaxDeliveries = 100;  ///< that status() tells of
  /// For what waits for its window, or for an attempt, when the program ends. The rest is dropped, and logged.
  static constexpr std::chrono::seconds kLastWords{5};

  /// @param server  the name of this one, for those who are told
  /// @param is_sender  asked on the notifier's thread before something is sent; false: another server that sees the same
  ///                   sends it. Must not block, and outlives the notifier. Null: always true.
  explicit Notifier(std::string server, std::function<bool()> is_sender = {});
  /// Takes kLastWords at most, and a second more where a mail server hangs.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// From now on these contacts and no others. One that stays keeps what it is still to be told, and an attempt on its way.
  void configure(const NotifySettings& settings, const std::vector<ContactSettings>& contacts, Routes routes);
  /// From now on people are reminded of these targets at most.
  void watch(const std::vector<Target>& targets);

  /// Does not block.
  void happened(const Event& event);

  /// Sends a test, whatever the hour, with one attempt, and waits for its end. Null: there is no such contact.
  std::optional<Delivery> test(const std::string& contact);

  NotifyStatus status() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace holdfast::health
