#pragma once

#include <string>

namespace holdfast::health {

// Programs are run with all the rights of holdfast, so nobody else may have a say in what they are.

/// Why no program may be taken from a directory: it is not there, or others than root and the user that runs holdfast own
/// it or may write to it, or to one of those above it (where they may be only those who add: /tmp). Empty: it may.
std::string directory_fault(const std::string& path);
/// The same of a program, which must be a file that may be run.
std::string program_fault(const std::string& path);

}  // namespace holdfast::health
