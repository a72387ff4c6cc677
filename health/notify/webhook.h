#pragma once

#include <string_view>

#include "health/notify/attempt.h"

namespace holdfast::health {

inline constexpr std::size_t kMaxAnswer = 4096;         ///< octets of an answer's body that are read
inline constexpr std::size_t kMaxAnswerHeader = 16384;  ///< octets of an answer's header

/// What a status code means: 2xx delivered; 408, 429 and 5xx perhaps next time; all others, redirects too, never.
///
/// @param answer  the beginning of the body, which often says why
AttemptResult judge_status(long status, std::string_view answer, std::optional<std::chrono::seconds> asked);

/// What is posted: the template of the contact with its fields filled in, or else the document.
std::string body(const Parcel& parcel);

}  // namespace holdfast::health
