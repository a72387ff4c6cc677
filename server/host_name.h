#pragma once

#include <string>

namespace holdfast::server {

/// What the system calls this machine.
std::string host_name();

}  // namespace holdfast::server
