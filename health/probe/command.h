#pragma once

#include <string>

#include "health/target.h"

namespace holdfast::health {

/// A command line (curl, nc, openssl, dig, ping, or the program itself) that repeats the check by hand; of a combination one
/// for each part. Every word that needs it is quoted for the shell; of headers that are secrets it has only the names.
std::string command(const Target& target);

}  // namespace holdfast::health
