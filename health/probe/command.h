#pragma once

#include <string>

#include "health/target.h"

namespace holdfast::health {

/// A command line (curl, nc, openssl, dig or ping) that repeats the check by hand. Every word that needs it is quoted for the shell.
std::string command(const Target& target);

}  // namespace holdfast::health
