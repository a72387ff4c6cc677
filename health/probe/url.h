#pragma once

#include <string>

#include "health/target.h"

namespace holdfast::health {

/// "192.0.2.1:80", "[2001:db8::1]:443", and without a port (ping) "2001:db8::1".
std::string address_and_port(const Target& target);

/// "https://www.example.com:8443", without the port where it is the protocol's own. The host is the monitor's, or the
/// address: what is sent as Host and SNI, and the name that the certificate must have.
std::string origin(const Target& target);

}  // namespace holdfast::health
