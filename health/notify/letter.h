#pragma once

#include <string>
#include <string_view>

#include "health/notify/attempt.h"

namespace holdfast::health {

/// The notification as a mail (RFC 5322), lines ending in CRLF and at most 76 characters long but for addresses: nothing
/// that a target sent becomes a header. Its Message-ID is made of the notification's id and the contact.
std::string letter(const Parcel& parcel);

/// Text in lines that end in "\n" as quoted-printable (RFC 2045 6.7), in lines that end in CRLF.
std::string quoted_printable(std::string_view text);

}  // namespace holdfast::health
