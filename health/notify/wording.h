#pragma once

#include <string>

#include "health/notify/notification.h"

namespace holdfast::health {

/// "web 192.0.2.10 down (shop)", "3 down, 1 up (shop, www.example.com.)": one line of at most kMaxSubject printable ASCII
/// characters, whatever a target sent.
inline constexpr std::size_t kMaxSubject = 150;
std::string subject(const Notification& notification);

/// Everything that a person who was woken up wants to know, in lines that end in "\n": what, since when, why, what is
/// answered now, how to check it by hand, where to look. UTF-8 without other control characters. Tells the first
/// kMaxTold events, and counts the others.
///
/// @param server  the name of this one
inline constexpr std::size_t kMaxTold = 50;
std::string message(const Notification& notification, const std::string& server);

}  // namespace holdfast::health
