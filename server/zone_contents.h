#pragma once

#include <variant>

#include "server/listen/source.h"
#include "server/live_names.h"
#include "server/versions/versions.h"
#include "zones/replicate/contents.h"

namespace holdfast::server {

/// Why the contents of a zone cannot be had.
enum class NoContents : std::uint8_t {
  unknown,     ///< no such zone is configured
  unavailable  ///< it could not be loaded or transferred, or expired
};

/// What is served of a zone now.
///
/// @param with_live  with what live names answer everybody, as secondaries get it; else as the file has it
std::variant<zones::Contents, NoContents> contents_of(const Source& source, const Versions::Line* line,
                                                      const LiveNames& live, zones::NameView zone,
                                                      bool with_live);

}  // namespace holdfast::server
