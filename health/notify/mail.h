#pragma once

#include <string>

#include "health/notify/settings.h"

namespace holdfast::health {

/// "smtp://mail.example.net:587": where the contact's server is spoken to, as libcurl wants it.
std::string mail_url(const ContactSettings& contact);

}  // namespace holdfast::health
