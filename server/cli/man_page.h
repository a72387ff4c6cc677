#pragma once

#include <string>

namespace CLI {
class App;
}

namespace holdfast::server {

/// The manual page holdfast(8), in the man macros: every command and option that was declared to `program`, as --help has
/// them.
std::string man_page(const CLI::App& program);

}  // namespace holdfast::server
