#include "server/control/notify_metrics.h"

#include "server/control/family.h"

namespace holdfast::server {

std::vector<prometheus::MetricFamily> collect(const health::NotifyStatus& status) {
  Family total = counter(
      "holdfast_notifications_total",
      "Notifications by what became of them; retried: attempts that failed and were followed by another.");
  Family pending =
      gauge("holdfast_notifications_pending", "Notifications on their way, or waiting for another attempt.");
  Family waiting =
      gauge("holdfast_notification_events_waiting", "Events that the contact is still to be told.");
  Family left_out = counter("holdfast_notification_events_left_out_total",
                            "Events that there was no room for, so that the contact was only told how many.");
  Family success = gauge("holdfast_notification_last_success_timestamp_seconds",
                         "When the contact was last told something.");
  for (const health::ContactStatus& contact : status.contacts) {
    const Labels labels{{"contact", contact.contact}};
    const auto add = [&](const char* result, std::uint64_t count) {
      total.add({{"contact", contact.contact}, {"result", result}}, static_cast<double>(count));
    };
    add("delivered", contact.delivered);
    add("retried", contact.retried);
    add("failed", contact.failed);
    add("elsewhere", contact.elsewhere);
    pending.add(labels, contact.is_sending);
    waiting.add(labels, static_cast<double>(contact.waiting));
    left_out.add(labels, static_cast<double>(contact.left_out));
    if (contact.last_success) {
      success.add(labels, std::chrono::duration<double>(contact.last_success->time_since_epoch()).count());
    }
  }
  std::vector<prometheus::MetricFamily> families;
  for (Family* family : {&total, &pending, &waiting, &left_out, &success}) family->move_to(families);
  return families;
}

}  // namespace holdfast::server
