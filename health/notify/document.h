#pragma once

#include <string>

#include "health/notify/notification.h"

namespace holdfast::health {

/// A notification as JSON, what a webhook without a template is sent. Times are RFC 3339, what is not there is null, text
/// is UTF-8 and otherwise what a target sent:
///
///   {"id", "kind", "contact", "server", "time", "subject", "text", "left_out",
///    "events": [{"id", "time", "kind", "text", "is_bad", "monitor", "address", "used_by": [], "before", "after",
///                "outcome", "detail", "command", "answers": [], "agent", "location"}]}
std::string document(const Notification& notification, const std::string& server);

}  // namespace holdfast::health
